"""The files of the page. Loaded with the first, and dropped when something else is asked for."""

from binascii import hexlify

from micropython import const

from firmware.pages import begin

_PIECE = const(256)


async def send(writer, path, known):
    """Answers with a file from flash; returns None, or (status, sentence) if there is none. Only
    what has a name of small letters, digits, - and _, and one of four endings, is looked for.
    `known`: the ETag of what the browser has."""
    if path == b"/":
        path = b"/index.html"
    file, kind = None, _kind(path)
    if kind:
        try:
            plain = kind == b"text/plain"
            name = "/settings.txt" if plain else "/web" + str(path, "utf-8") + ".gz"
            file = open("firmware" + name, "rb")
        except OSError:
            pass
    if file is None:
        status, sentence = "404 Not Found", "There is no such page. The start page is /"
        if path == b"/index.html":
            status = "500 Internal Server Error"
            sentence = "The page is missing on this board: deploy it again."
        return status, sentence
    try:
        await _send(writer, file, kind, known)
    finally:
        file.close()


def _kind(path):
    """The content type of a file that may be asked for, or None."""
    if path == b"/settings.txt":
        return b"text/plain"
    name, _, ending = path[1:].partition(b".")
    for byte in name:
        if not (97 <= byte <= 122 or 48 <= byte <= 57 or byte == 45 or byte == 95):
            return None
    if ending == b"html" or ending == b"css":
        return b"text/" + ending
    if ending == b"js":
        return b"text/javascript"
    return b"image/svg+xml" if ending == b"svg" else None


async def _send(writer, file, kind, known):
    """An open file, in pieces, so that it never stands in memory whole."""
    buffer = bytearray(_PIECE)
    more = b"\r\nCache-Control: no-cache"
    if kind != b"text/plain":
        # A gzip file ends with the CRC and the length of what is in it (RFC 1952, 2.3.1).
        file.seek(-8, 2)
        file.readinto(buffer)
        tag = b'"' + hexlify(buffer[:8]) + b'"'
        more += b"\r\nContent-Encoding: gzip\r\nETag: " + tag
        file.seek(0)
        if known == tag:
            begin(writer, "304 Not Modified", kind, more)
            return await writer.drain()
    begin(writer, "200 OK", kind + b"; charset=utf-8", more)
    while True:
        count = file.readinto(buffer)
        if not count:
            break
        # The stream copies what it can't send at once, so the buffer is free after this.
        writer.write(memoryview(buffer)[:count])
        await writer.drain()

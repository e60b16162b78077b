"""What is answered on port 80: the page, its document and the recording.

Loaded with the first request, and dropped when there was none for a minute: see webserver.py.
"""

from micropython import const

_LARGEST_HEAD = const(1024)
_LONGEST_LINE = const(128)  # of the request line, all that is kept of the header
_PIECE = const(256)
_PAGE = "firmware/web/index.html.gz"

_HEAD = (
    b"\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
    b"Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; "
    b"script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\r\n"
)

_TOO_LARGE = b"too large"


async def request_line(reader, posts=False):
    """The first line of a request, cut after _LONGEST_LINE bytes, when its header is complete; of
    a POST, if there are `posts`, the whole header and what came of the body. _TOO_LARGE if the
    header is. Raises OSError if the client goes away before."""
    line = b""
    tail = b""
    size = 0
    while size < _LARGEST_HEAD:
        piece = await reader.read(_LONGEST_LINE)
        if not piece:
            raise OSError
        size += len(piece)
        post = posts and line.startswith(b"POST ")
        if post or b"\r\n" not in line and len(line) < _LONGEST_LINE:
            line += piece
        tail = tail[-3:] + piece
        if b"\r\n\r\n" in tail:
            if posts and line.startswith(b"POST "):
                return line
            return line[:_LONGEST_LINE].split(b"\r\n")[0]
    return _TOO_LARGE


async def answer(app, line, writer, reader=None):
    """Answers a request. `line`: what request_line() gave; `reader`: for the body of a POST."""
    if b"\r\n" in line:
        from firmware import forget, twcmanager_post

        forget("firmware.twcmanager_post")
        status, text = await twcmanager_post.post(app, line, reader)
        return await _send_pieces(writer, b"application/json", (text,), status)
    words = line.split(b" ")
    path = words[1].split(b"?")[0] if len(words) == 3 else b""
    if line == _TOO_LARGE:
        sentence = f"The header is larger than {_LARGEST_HEAD} bytes."
        await fail(writer, "431 Request Header Fields Too Large", sentence)
    elif not path.startswith(b"/") or not words[2].startswith(b"HTTP/1."):
        await fail(writer, "400 Bad Request", "This is no HTTP/1.1 request.")
    elif words[0] != b"GET":
        # No body is read but those that twcmanager_post.py takes: none else can take memory.
        await fail(writer, "405 Method Not Allowed", "Only GET is answered here.")
    elif path == b"/api/status":
        await _send_pieces(writer, b"application/json", _status(app))
    elif path == b"/api/frames" and app.bus.recorder:
        kind = b'text/plain\r\nContent-Disposition: attachment; filename="frames.txt"'
        await _send_pieces(writer, kind, app.bus.recorder.lines())
    elif path == b"/":
        await _send_page(writer)
    elif path.startswith(b"/api/get") and app.config["twcmanager"]["http"]:
        from firmware import twcmanager_web

        pieces = twcmanager_web.pieces(app, path)
        if pieces:
            return await _send_pieces(writer, b"application/json", pieces)
        await fail(writer, "404 Not Found", "There is no such call of TWCManager here.")
    else:
        await fail(writer, "404 Not Found", "There is no such page. The start page is /")


def _status(app):
    from firmware import document

    return document.pieces(app)


async def fail(writer, status, sentence):
    writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8".encode())
    writer.write(_HEAD)
    writer.write(sentence.encode() + b"\n")
    await writer.drain()


async def _send_pieces(writer, kind, pieces, status="200 OK"):
    writer.write(f"HTTP/1.1 {status}\r\nContent-Type: ".encode() + kind)
    writer.write(_HEAD)
    for piece in pieces:
        writer.write(piece.encode())
        await writer.drain()


async def _send_page(writer):
    """The page from flash, in pieces, so that it never stands in memory whole."""
    try:
        file = open(_PAGE, "rb")
    except OSError:
        sentence = "The page is missing on this board: deploy it again."
        return await fail(writer, "500 Internal Server Error", sentence)
    try:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8")
        writer.write(b"\r\nContent-Encoding: gzip")
        writer.write(_HEAD)
        buffer = bytearray(_PIECE)
        while True:
            count = file.readinto(buffer)
            if not count:
                break
            # The stream copies what it can't send at once, so the buffer is free after this.
            writer.write(memoryview(buffer)[:count])
            await writer.drain()
    finally:
        file.close()

"""What is answered on port 80 now and then: the page itself, the recording, the calls of
TWCManager, and what is wrong with a request.

Loaded for such a request, and dropped.
"""

from micropython import const

from firmware import forget
from firmware.pages import HEAD, LARGEST_HEAD, TOO_LARGE, fail, send_pieces

_PIECE = const(256)
_PAGE = "firmware/web/index.html.gz"


async def answer(app, line, words, path, writer, reader):
    """Answers a request. `line`: what pages.request_line() gave; `words` and `path`: as found in
    it, the path b"" if there is none; `reader`: for the body of a POST."""
    if b"\r\n" in line:
        from firmware import twcmanager_post

        forget("firmware.twcmanager_post")
        status, text = await twcmanager_post.post(app, line, reader)
        return await send_pieces(writer, b"application/json", (text,), status)
    if line == TOO_LARGE:
        sentence = f"The header is larger than {LARGEST_HEAD} bytes."
        await fail(writer, "431 Request Header Fields Too Large", sentence)
    elif not path.startswith(b"/") or not words[2].startswith(b"HTTP/1."):
        await fail(writer, "400 Bad Request", "This is no HTTP/1.1 request.")
    elif words[0] != b"GET":
        # No body is read but those that twcmanager_post.py takes: none else can take memory.
        await fail(writer, "405 Method Not Allowed", "Only GET is answered here.")
    elif path == b"/api/frames" and app.bus.recorder:
        kind = b'text/plain\r\nContent-Disposition: attachment; filename="frames.txt"'
        await send_pieces(writer, kind, app.bus.recorder.lines())
    elif path == b"/":
        await _send_page(writer)
    elif path.startswith(b"/api/get") and app.config["twcmanager"]["http"]:
        from firmware import twcmanager_web

        pieces = twcmanager_web.pieces(app, path)
        if pieces:
            return await send_pieces(writer, b"application/json", pieces)
        await fail(writer, "404 Not Found", "There is no such call of TWCManager here.")
    else:
        await fail(writer, "404 Not Found", "There is no such page. The start page is /")


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
        writer.write(HEAD)
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

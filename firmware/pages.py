"""What is answered on port 80: the document that an open page asks for again and again; what else
there is stands in pages_more.py.

Loaded with the first request, and dropped when there was none for a minute: see webserver.py.
"""

import gc

from micropython import const

from firmware import board, forget

_PIECE = const(256)
# What is loaded for one answer takes up to 4 KB.
_LITTLE_BYTES = const(8000)

# Neither scripts nor styles in the page itself, nothing from elsewhere, and in no frame.
_HEAD = (
    b"\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer"
    b"\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    b"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'\r\n\r\n"
)
NOT_KEPT = b"\r\nCache-Control: no-store"


async def answer(app, request, done, writer):
    """Answers a request.Request; `done`: None for a GET that is to be answered here, or (status,
    text, more header lines or nothing). None as `request`: none was read."""
    if not done and request.path == b"/api/status":
        forget("firmware.pages_files")
        await app.before_import("firmware.document")
        from firmware import document

        return await send_pieces(writer, b"application/json", document.pieces(app))
    if not done and not request.path.startswith(b"/api/"):
        # A browser that opens the page asks for all of its files, one after the other.
        forget("firmware.document")
        await app.before_import("firmware.pages_files")
        from firmware import pages_files

        done = await pages_files.send(writer, request.path, request.etag)
        if not done:
            return
    # What a page that is open does not ask for each second.
    forget("firmware.pages_files")
    await app.before_import("firmware.pages_more")
    gc.collect()
    if board.heap_left() < _LITTLE_BYTES:
        # The heap of an ESP32 would take what the network needs.
        forget("firmware.document")
        gc.collect()
    from firmware import pages_more

    forget("firmware.pages_more")
    await pages_more.answer(app, request, done, writer)


def begin(writer, status, kind, more=NOT_KEPT):
    """Writes the header of an answer. `more`: lines of it, as bytes that begin with CR LF."""
    writer.write(b"HTTP/1.1 " + status.encode() + b"\r\nContent-Type: " + kind + more)
    writer.write(_HEAD)


async def send_pieces(writer, kind, pieces):
    """Answers with what a generator of texts gives."""
    begin(writer, "200 OK", kind)
    data = b""
    for piece in pieces:
        # Neither a packet for each word, nor much memory in one piece.
        data += piece.encode()
        if len(data) >= _PIECE:
            writer.write(data)
            data = b""
            await writer.drain()
    writer.write(data)
    await writer.drain()

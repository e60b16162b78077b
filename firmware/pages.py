"""What is answered on port 80: the document that an open page asks for again and again; what else
there is stands in pages_more.py.

Loaded with the first request, and dropped when there was none for a minute: see webserver.py.
"""

from micropython import const

LARGEST_HEAD = const(1024)
_LONGEST_LINE = const(128)  # of the request line, all that is kept of the header
_PIECE = const(256)

HEAD = (
    b"\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
    b"Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'; "
    b"script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\r\n"
)

TOO_LARGE = b"too large"


async def request_line(reader, posts=False):
    """The first line of a request, cut after _LONGEST_LINE bytes, when its header is complete; of
    a POST, if there are `posts`, the whole header and what came of the body. TOO_LARGE if the
    header is. Raises OSError if the client goes away before."""
    line = b""
    tail = b""
    size = 0
    while size < LARGEST_HEAD:
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
    return TOO_LARGE


async def answer(app, line, writer, reader=None):
    """Answers a request. `line`: what request_line() gave; `reader`: for the body of a POST."""
    words = line.split(b" ")
    path = words[1].split(b"?")[0] if len(words) == 3 else b""
    if path == b"/api/status" and words[0] == b"GET" and words[2].startswith(b"HTTP/1."):
        from firmware import document

        return await send_pieces(writer, b"application/json", document.pieces(app))
    # What a page that is open does not ask for each second.
    from firmware import forget, pages_more

    forget("firmware.pages_more")
    await pages_more.answer(app, line, words, path, writer, reader)


async def fail(writer, status, sentence):
    writer.write(f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8".encode())
    writer.write(HEAD)
    writer.write(sentence.encode() + b"\n")
    await writer.drain()


async def send_pieces(writer, kind, pieces, status="200 OK"):
    writer.write(f"HTTP/1.1 {status}\r\nContent-Type: ".encode() + kind)
    writer.write(HEAD)
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

"""The page and its one JSON document, on port 80.

A server of our own: small, with caps on header, body, clients and time, so that no client can
take the memory or the sockets that the bus and the broker need.
"""

import asyncio

from micropython import const

_PORT = const(80)
_MOST_CLIENTS = const(4)
_LARGEST_HEAD = const(1024)
_CLIENT_MS = const(10000)
_PIECE = const(512)
_PAGE = "firmware/web/index.html.gz"

_HEAD = """HTTP/1.1 {}\r
Content-Type: {}\r
{}Connection: close\r
Cache-Control: no-store\r
X-Content-Type-Options: nosniff\r
Referrer-Policy: no-referrer\r
Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'; \
style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; \
form-action 'none'; frame-ancestors 'none'\r
\r
"""


class Web:
    """`document()`: generates what /api/status shows, as pieces of JSON text; `now_ms()`: the
    monotonic clock."""

    def __init__(self, document, now_ms):
        self._document = document
        self._now_ms = now_ms
        self._clients = {}  # task: when it began

    async def run(self):
        """Task: serves, for ever, and shows out those who take too long."""
        server = await asyncio.start_server(self._client, "0.0.0.0", _PORT, _MOST_CLIENTS)
        try:
            while True:
                await asyncio.sleep(1)
                now_ms = self._now_ms()
                for task in list(self._clients):
                    if now_ms - self._clients[task] > _CLIENT_MS:
                        task.cancel()
        finally:
            server.close()

    async def _client(self, reader, writer):
        task = asyncio.current_task()
        crowded = len(self._clients) >= _MOST_CLIENTS
        try:
            if crowded:
                await _fail(writer, "503 Service Unavailable", "Too many at once; try again.")
            else:
                self._clients[task] = self._now_ms()
                await self._answer(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # it went away, or was too slow
        finally:
            self._clients.pop(task, None)
            writer.close()
            await writer.wait_closed()

    async def _answer(self, reader, writer):
        head = b""
        while b"\r\n\r\n" not in head:
            if len(head) >= _LARGEST_HEAD:
                sentence = f"The header is larger than {_LARGEST_HEAD} bytes."
                return await _fail(writer, "431 Request Header Fields Too Large", sentence)
            piece = await reader.read(min(256, _LARGEST_HEAD - len(head)))
            if not piece:
                return
            head += piece
        words = head[: head.find(b"\r\n")].split(b" ")
        path = words[1].split(b"?")[0] if len(words) == 3 else b""
        if not path.startswith(b"/") or not words[2].startswith(b"HTTP/1."):
            await _fail(writer, "400 Bad Request", "This is no HTTP/1.1 request.")
        elif words[0] != b"GET":
            # No body is ever read, so nothing that comes with one can take memory.
            await _fail(writer, "405 Method Not Allowed", "Only GET is answered here.")
        elif path == b"/api/status":
            writer.write(_HEAD.format("200 OK", "application/json", "").encode())
            for piece in self._document():
                await writer.drain()
                writer.write(piece.encode())
            await writer.drain()
        elif path == b"/":
            await _send_page(writer)
        else:
            await _fail(writer, "404 Not Found", "There is no such page. The start page is /")


async def _fail(writer, status, sentence):
    writer.write(_HEAD.format(status, "text/plain; charset=utf-8", "").encode())
    writer.write(sentence.encode() + b"\n")
    await writer.drain()


async def _send_page(writer):
    """The page from flash, in pieces, so that it never stands in memory whole."""
    try:
        file = open(_PAGE, "rb")
    except OSError:
        sentence = "The page is missing on this board: deploy it again."
        return await _fail(writer, "500 Internal Server Error", sentence)
    try:
        packed = "Content-Encoding: gzip\r\n"
        writer.write(_HEAD.format("200 OK", "text/html; charset=utf-8", packed).encode())
        buffer = bytearray(_PIECE)
        while True:
            await writer.drain()
            count = file.readinto(buffer)
            if not count:
                break
            # A copy: the stream keeps what it could not send at once.
            writer.write(bytes(buffer[:count]))
    finally:
        file.close()

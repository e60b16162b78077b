"""The way from the firmware to its broker: it can be slow, swallow everything, or end."""

import asyncio
import contextlib
import socket
import struct
import threading

_PIECE = 1024
_LOOK_S = 0.05


class Proxy:
    """A context manager: what connects to `port` of this machine is passed on to `target`, a
    port too, whatever that is at the time.

    `delay_s`: so much later each piece. `held`: nothing passes, and nobody is told.
    """

    def __init__(self, target):
        self.target = target
        self.delay_s = 0
        self.held = False
        self.port = None
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._writers = set()
        self._begun = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def __enter__(self):
        self._thread.start()
        self._begun.wait(10)
        return self

    def __exit__(self, *_):
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def cut(self):
        """End all connections, with RST."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(5)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda loop, context: None)  # peers that vanish
        server = self._loop.run_until_complete(
            asyncio.start_server(self._client, "127.0.0.1", 0, limit=_PIECE)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._begun.set()
        self._loop.run_forever()

    async def _cut(self):
        for writer in list(self._writers):
            _reset(writer)

    async def _client(self, reader, writer):
        self.connections += 1
        self._writers.add(writer)
        onward = None
        try:
            await self._wait()
            back, onward = await asyncio.open_connection("127.0.0.1", self.target, limit=_PIECE)
            self._writers.add(onward)
            for one in (writer, onward):
                # So that who does not read is felt at the other end.
                one.transport.set_write_buffer_limits(high=_PIECE)
            await asyncio.gather(self._pump(reader, onward), self._pump(back, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for one in (writer, onward):
                if one is not None:
                    self._writers.discard(one)
                    _reset(one)

    async def _pump(self, reader, writer):
        while piece := await reader.read(_PIECE):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            await self._wait()
            writer.write(piece)
            await writer.drain()
        raise ConnectionResetError  # one end is enough

    async def _wait(self):
        while self.held:
            await asyncio.sleep(_LOOK_S)


def _reset(writer):
    with contextlib.suppress(OSError, AttributeError):
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()

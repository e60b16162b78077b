"""The server of the page and its one JSON document, on port 80.

One of our own: small, with caps on header, body, clients and time, so that no client can take the
memory or the sockets that the bus and the broker need. What it answers is in pages.py and
document.py, which are loaded with the first request and dropped when there was none for a minute:
a page that nobody looks at costs no memory.
"""

import asyncio
import sys

from micropython import const

from firmware import make_room

_PORT = const(80)
_MOST_CLIENTS = const(6)  # connected
_AT_ONCE = const(2)  # of them being answered; the others wait for their turn
_CLIENT_MS = const(10000)
_KEPT_MS = const(60000)
_IMPORT_SLOT_MS = const(150)


class Web:
    """`app`: the firmware.app.App whose parts are shown."""

    def __init__(self, app):
        self._app = app
        self._clients = {}  # task: when it began
        self._asked_ms = None  # the last request, None: a minute ago or more

    async def run(self):
        """Task: serves, for ever, and shows out those who take too long."""
        server = await asyncio.start_server(self._client, "0.0.0.0", _PORT, _MOST_CLIENTS)
        try:
            while True:
                await asyncio.sleep(1)
                now_ms = self._app.clock.ms()
                for task in list(self._clients):
                    if now_ms - self._clients[task] > _CLIENT_MS:
                        task.cancel()
                if self._asked_ms is not None and now_ms - self._asked_ms > _KEPT_MS:
                    self._asked_ms = None
                    make_room()
        finally:
            server.close()

    async def _client(self, reader, writer):
        task = asyncio.current_task()
        app = self._app
        try:
            busy = len(self._clients) >= _MOST_CLIENTS
            if not busy:
                self._clients[task] = app.clock.ms()
            while app.moving:
                await asyncio.sleep_ms(20)
            if "firmware.pages" not in sys.modules:
                # The chip has some ten sockets: no more than that wait here.
                await app.bus.slot(_IMPORT_SLOT_MS, "page")
            from firmware import pages

            self._asked_ms = app.clock.ms()
            if busy:
                sentence = "Too many; try again."
                return await pages.fail(writer, "503 Service Unavailable", sentence)
            line = await pages.request_line(reader, app.config["twcmanager"]["http"])
            while app.moving or app.visitors >= _AT_ONCE:
                await asyncio.sleep_ms(20)
            app.visitors += 1
            try:
                await pages.answer(app, line, writer, reader)
            finally:
                app.visitors -= 1
        except (OSError, asyncio.CancelledError):
            pass  # it went away, or was too slow
        finally:
            self._clients.pop(task, None)
            writer.close()
            await writer.wait_closed()

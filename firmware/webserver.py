"""The server of the page and its API, on port 80.

One of our own: small, with caps on header, body, clients and time, so that no client can take the
memory or the sockets that the bus and the broker need. request.py reads what a client wants,
pages_post.py carries out what changes something, pages.py answers. They are loaded with the first
request and dropped when there was none for a minute: a page that nobody looks at costs no memory.
"""

import asyncio
import gc

from micropython import const

from firmware import board, forget, make_room

_PORT = const(80)
_MOST_CLIENTS = const(6)  # connected
_AT_ONCE = const(2)  # of them being answered; the others wait for their turn
_FOR_TWO_BYTES = const(12000)  # with less to take, one
_CLIENT_MS = const(10000)  # for asking
_ANSWER_MS = const(5000)  # for taking the answer: two who do not would keep it from all others
_MOST_WAITING = const(6)  # for a place
_PATIENCE = const(60)  # how often they look for one, each 50 ms
_KEPT_MS = const(60000)
_LITTLE = const(256)

_NO_ROOM = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n\r\n"


class Web:
    """`app`: the firmware.app.App whose parts are shown."""

    def __init__(self, app):
        self._app = app
        self._clients = {}  # task: until when it has time
        self._waiting = 0  # clients
        self._asked_ms = None  # the last request, None: a minute ago or more

    async def run(self):
        """Task: serves, for ever, and shows out those who take too long."""
        server = await asyncio.start_server(self._client, "0.0.0.0", _PORT, _MOST_CLIENTS)
        try:
            while True:
                await asyncio.sleep(1)
                self._app.listening = not server.task.done()
                if server.task.done():
                    raise OSError("no more clients are let in")  # so it is started again
                now_ms = self._app.clock.ms()
                self._show_out(now_ms)
                if self._asked_ms is not None and now_ms - self._asked_ms > _KEPT_MS:
                    self._asked_ms = None
                    make_room()
        finally:
            self._app.listening = False
            server.close()

    def _show_out(self, now_ms):
        # Not in run(), which would keep the last task, and with it all that had its client sent.
        for task in list(self._clients):
            if now_ms > self._clients[task]:
                task.cancel()

    def _more_time(self, task, ms):
        self._clients[task] = self._app.clock.ms() + ms

    async def _client(self, reader, writer):
        if len(self._clients) >= _MOST_CLIENTS and self._waiting < _MOST_WAITING:
            # A browser that opens the page asks for all of its files at once, and once only.
            self._waiting += 1
            for _ in range(_PATIENCE):
                await asyncio.sleep_ms(50)
                if len(self._clients) < _MOST_CLIENTS:
                    break
            self._waiting -= 1
        if len(self._clients) >= _MOST_CLIENTS or self._app.large > 1:
            # There may be a hundred: nothing is kept, loaded or waited for. Nor while an update
            # comes in: that needs the memory.
            try:
                reader.s.read(_LITTLE)  # else closing could take the answer away from it
                writer.write(_NO_ROOM)
            except OSError:
                pass
            return await writer.wait_closed()
        task = asyncio.current_task()
        app = self._app
        asked = None
        try:
            self._asked_ms = app.clock.ms()
            self._clients[task] = self._asked_ms + _CLIENT_MS
            try:
                while app.moving:
                    await asyncio.sleep_ms(20)
                await app.before_import("firmware.request")
                from firmware import request

                asked = await request.take(app, reader, writer.get_extra_info("peername"))
                # What is not needed any more has to leave room for what carries out a POST.
                del request
                done = asked.wrong
                if done is None and asked.method == b"POST":
                    asked.more_time = lambda ms: self._more_time(task, ms)
                    await app.before_import("firmware.pages_post")
                    from firmware import pages_post

                    done = await pages_post.post(app, asked, reader, writer)
                    del pages_post
            except MemoryError:
                gc.collect()
                app.no_memory()
                done = "503 Service Unavailable", "There is no memory for this now: try again."
            # One after the other, where there is no memory for what two need.
            while app.moving or app.visitors >= (
                _AT_ONCE if board.heap_left() > _FOR_TWO_BYTES else 1
            ):
                await asyncio.sleep_ms(20)
            app.visitors += 1
            try:
                self._clients[task] = app.clock.ms() + _ANSWER_MS
                await app.before_import("firmware.pages")
                from firmware import pages

                await pages.answer(app, asked, done, writer)
            finally:
                app.visitors -= 1
        except (OSError, MemoryError, asyncio.CancelledError):
            pass  # it went away, or was too slow, or what it gets ends here
        finally:
            # Not before: of those who ask at the same time each would load one of its own.
            forget("firmware.pages_post")
            if asked:
                asked.body = b""  # asyncio may keep a task that has ended, until the next one
            self._clients.pop(task, None)
            await writer.wait_closed()

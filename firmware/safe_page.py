"""The bare page of safe mode, on port 80: what happened, and a button to start normally.

Plain HTML without scripts. Requests are read and checked as those of the normal page (request.py:
host, origin, lock); the button sends its password with the form. POST /api/restart does the same
for programs, with password or token. All else has to wait.
"""

import asyncio
import json

from micropython import const

from firmware import VERSION, forget, watchdog

_PORT = const(80)
_MOST_CLIENTS = const(3)
_CLIENT_MS = const(10000)
_LARGEST_BODY = const(512)
_IMPORT_SLOT_MS = const(150)
_HOUR_MIN = const(60)

# Not "no-referrer": with that a browser would call the origin of the form "null".
_HEAD = (
    b"\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
    b"\r\nReferrer-Policy: same-origin\r\nContent-Security-Policy: default-src 'none'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n"
)
_BEGIN = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width"><title>Safe mode</title><h1>Safe mode</h1>'
)
_FORM = (
    '<form method="post" action="/api/login"><p><label>Password: <input type="password" '
    'name="password" autocomplete="current-password"></label> <button>Start normally</button>'
    "</p></form>"
)
_STARTS = "Starting normally: the page is back in some seconds."
_BUSY = "This is safe mode: only GET /, POST /api/restart and POST /api/update are answered."


class Page:
    """`app`: the firmware.app.App."""

    def __init__(self, app):
        self._app = app
        self._clients = {}  # task: until when it has time

    async def run(self):
        """Task: serves, for ever."""
        server = await asyncio.start_server(self._client, "0.0.0.0", _PORT, _MOST_CLIENTS)
        try:
            while not server.task.done():
                await asyncio.sleep(1)
                for task in list(self._clients):
                    if self._app.clock.ms() > self._clients[task]:
                        task.cancel()
            raise OSError("no more clients are let in")
        finally:
            server.close()

    async def _client(self, reader, writer):
        task = asyncio.current_task()

        def more_time(ms):
            self._clients[task] = self._app.clock.ms() + ms

        try:
            if len(self._clients) < _MOST_CLIENTS and self._app.large < 2:
                more_time(_CLIENT_MS)
                await _serve(self._app, reader, writer, more_time)
        except (OSError, MemoryError, asyncio.CancelledError):
            pass  # it went away, or was too slow
        finally:
            self._clients.pop(task, None)
            await writer.wait_closed()


async def _serve(app, reader, writer, more_time):
    await app.before_import("firmware.request")
    from firmware import request

    asked = await request.take(app, reader, writer.get_extra_info("peername"))
    del request
    wrong = asked.wrong
    if not wrong and asked.method == b"POST" and asked.path == b"/api/update":
        asked.more_time = more_time
        wrong = await _update(app, asked, reader, writer)
    if not wrong and asked.length > _LARGEST_BODY:
        wrong = "413 Payload Too Large", f"A body can have {_LARGEST_BODY} bytes here."
    while not wrong and len(asked.body) < asked.length:
        piece = await reader.read(asked.length - len(asked.body))
        if not piece:
            raise OSError
        asked.body += piece
    starts = False
    if not wrong and asked.method == b"POST":
        if asked.path == b"/api/login":
            wrong = await _let_in(app, asked)
            starts = not wrong
        elif asked.path == b"/api/restart":
            starts = True
        else:
            wrong = "503 Service Unavailable", _BUSY
    elif not wrong and asked.path != b"/":
        wrong = "503 Service Unavailable", _BUSY
    if starts:
        app.restart("Normal start, as asked for in safe mode.")
    if wrong or starts:
        status, text = wrong[:2] if wrong else ("200 OK", _STARTS)
        if asked.path.startswith(b"/api/") and asked.path != b"/api/login":
            if text[:1] != "{":
                text = json.dumps({"restart" if starts else "error": text, "safe": True})
            kind = b"application/json"
        else:
            kind = b"text/plain; charset=utf-8"
        more = wrong[2] if wrong and len(wrong) > 2 else b""
        return await _send(writer, status, kind + more, (text, "\n"))
    # Looking may need the password, too; the button is there for everybody.
    seen = not await app.lock.refusal(asked, False)
    await _send(writer, "200 OK", b"text/html; charset=utf-8", _page(app, seen))


async def _update(app, asked, reader, writer):
    """(status, text, more header lines) of an update over the air: also in safe mode there has to
    be a way to a firmware that does not crash."""
    await app.bus.slot(_IMPORT_SLOT_MS, "page")
    from firmware import update

    forget("firmware.update")
    return await update.post(app, asked, reader, writer)


async def _let_in(app, asked):
    """None, or what is to be answered to who may not start the board."""
    if app.lock.off:
        return None
    await app.before_import("firmware.lock_door")
    from firmware import lock_door

    if not app.lock.closed:
        return lock_door.refuse(b"none")
    return await lock_door.try_password(app, asked.peer, _password(asked.body), True)


def _password(body):
    """What the form has sent ("password=..."), as bytes."""
    found = b""
    for field in body.split(b"&"):
        name, _, value = field.partition(b"=")
        if name == b"password":
            parts = value.replace(b"+", b" ").split(b"%")
            found = parts[0]
            for part in parts[1:]:
                try:
                    found += bytes([int(part[:2], 16)]) + part[2:]
                except ValueError:
                    return b""
    return found


async def _send(writer, status, kind, pieces):
    writer.write(b"HTTP/1.1 " + status.encode() + b"\r\nContent-Type: " + kind + _HEAD + b"\r\n")
    for piece in pieces:
        writer.write(piece.encode())
        await writer.drain()


def _page(app, seen):
    """Generates the page; `seen`: whether what it knows may be told."""
    yield _BEGIN
    minutes = max(0, _HOUR_MIN - app.clock.ms() // 60000)
    yield "<p>Cars that charged go on with the minimum current, others get 0 A. "
    yield f"The board starts normally by itself in {minutes} min, or when its power was off.</p>"
    if app.lock.closed or app.lock.off:
        yield _FORM
    else:
        yield "<p>There is no password yet: switch its power off and on to start normally.</p>"
    if not seen:
        return
    yield f"<h2>Why</h2><p>{_plain(watchdog.restarted())}</p><p>Version {VERSION}.</p>"
    yield "<h2>Wall connectors</h2><ul>"
    for slave in app.master.slaves:
        yield f"<li>{slave.id}: {slave.link(app.clock.ms())}, {slave.offer_amps or 0} A offered, "
        yield f"{slave.draw_ca / 100:.1f} A drawn</li>"
    yield "</ul><h2>Last events</h2><ul>"
    for event in list(app.journal.events):
        yield f"<li>{event[0]} s: {_plain(event[2])}</li>"
    yield "</ul><h2>Last words</h2><pre>"
    try:
        with open("last_words.txt") as file:
            yield _plain(file.read(1100))
    except (OSError, UnicodeError):
        yield "none"
    yield "</pre></html>"


def _plain(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")

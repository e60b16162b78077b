"""Carries out what clients of the page ask for with POST: finds what does it, reads the body,
makes room, and loads, runs and drops it. Loaded for each POST, and dropped.
"""

import asyncio
import json
import sys

from micropython import const

from firmware import forget

_PIECE = const(512)
_LARGEST_BODY = const(2048)
_LARGEST_CONFIG = const(4096)
_MOST_DROPPED = const(16384)

# Clients that write more than this do so one after the other: there is memory for one.
_LARGE = const(640)

# What JSON takes when it is read is worse than its length: a hundred bytes for a bracket, some
# twenty for a comma. More of both than any settings have.
_MOST_BRACKETS = const(200)
_MOST_COMMAS = const(400)

_IMPORT_SLOT_MS = const(150)
_ROOM_MS = const(5000)
_CONFIG_BYTES = const(18000)  # to check a part of a configuration

# Paths below /api/ = the module that carries them out.
_MODULES = (
    b" login=firmware.lock_asked logout=firmware.lock_asked password=firmware.lock_asked "
    b"token=firmware.lock_asked config=firmware.config_asked setup/scan=firmware.setup_asked "
    b"setup/wifi=firmware.setup_asked setup/broker=firmware.setup_asked surplus= grid= "
    b"update=firmware.update "
)
_TWCMANAGER = b" chargeNow cancelChargeNow setScheduledChargingSettings "

# What can only be looked at.
_GET = b" status frames setup history sessions inputs access getStatus getSlaveTWCs "


async def post(app, request, reader, writer):
    """Carries a request.Request out for the firmware.app.App; `reader`: for the rest of its body;
    `writer`: for the word that a client may wait for before it sends it. Returns (status, JSON
    text or a sentence what is wrong, more header lines); raises OSError if the client goes
    away."""
    module = route(app, request.path)
    most = _LARGEST_CONFIG if module == "firmware.config_asked" else _LARGEST_BODY
    wrong = None
    if module is None:
        wrong = _no_such(request.path)
    elif module == "firmware.update":
        return await _run(app, request, module, reader, writer)
    elif request.length > most:
        sentence = f"A body can have {most} bytes here."
        wrong = "413 Payload Too Large", sentence, b""
    elif request.length <= _LARGE:
        return await _carry_out(app, request, module, reader, writer)
    else:
        while app.large:
            await asyncio.sleep_ms(20)
        app.large = True
        try:
            return await _carry_out(app, request, module, reader, writer)
        finally:
            app.large = False
    # Also what is not taken is read: who is still sending would not look at the answer.
    left = 0 if request.waits else min(request.length, _MOST_DROPPED) - len(request.body)
    while left > 0:
        piece = await reader.read(_PIECE)
        left = left - len(piece) if piece else 0
    return wrong


async def _carry_out(app, request, module, reader, writer):
    """Reads the rest of the body, and has the module carry the request out."""
    if request.waits and len(request.body) < request.length:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
    while len(request.body) < request.length:
        piece = await reader.read(min(request.length - len(request.body), _PIECE))
        if not piece:
            raise OSError
        request.body += piece
    if not module:
        return _reading(app, request)
    body = request.body
    if body.count(b"[") + body.count(b"{") > _MOST_BRACKETS or body.count(b",") > _MOST_COMMAS:
        sentence = f"More than {_MOST_BRACKETS} brackets or {_MOST_COMMAS} commas."
        return "413 Payload Too Large", sentence, b""
    del body
    return await _run(app, request, module)


def route(app, path):
    """The module below firmware/ that carries a POST out, as text; "" for a reading, which needs
    none; None if there is no such call."""
    name = path[5:]
    if not path.startswith(b"/api/") or not name or name[0] == 47 or b"=" in name:
        return None
    at = _MODULES.find(b" " + name + b"=")
    if at >= 0:
        at += len(name) + 2
        return str(_MODULES[at : _MODULES.find(b" ", at)], "utf-8")
    if app.config["twcmanager"]["http"] and b" " + name + b" " in _TWCMANAGER:
        return "firmware.twcmanager_post"
    unit_id, slash, topic = str(name, "utf-8").partition("/")
    from firmware import table

    found = None
    for row in table.rows("connector" if slash else "bridge"):
        if row[0] == (topic if slash else unit_id) and row[2] == "set" and row[0] != "raw":
            found = "firmware.asked_web"
    del table
    forget("firmware.table")
    return found


def _no_such(path):
    if path.startswith(b"/api/") and b" " + path[5:] + b" " not in _GET:
        return "404 Not Found", "There is no such call: see docs/api.md.", b""
    return "405 Method Not Allowed", "Only GET is answered here.", b"\r\nAllow: GET"


def _reading(app, request):
    """Takes a reading of the surplus or the grid meter, by the rules of the topics."""
    kind = str(request.path[5:], "utf-8")
    why = app.message(kind + "/set", request.body, False)
    if why:
        return "400 Bad Request", f"{kind}: {why}", b""
    reading = app.decisions.inputs.newest(app.clock.ms())
    told = {"watts": reading and reading.watts, "source": reading and reading.kind}
    return "200 OK", json.dumps({"surplus": told}), b""


async def _run(app, request, module, *streams):
    """Loads what carries it out when nobody is answered and nothing else is carried out, and keeps
    it so. `streams`: reader and writer for one that reads the body itself."""
    if module == "firmware.config_asked":
        await app.room(_ROOM_MS, _CONFIG_BYTES)
    else:
        await app.room(_ROOM_MS)
    app.visitors += 1
    app.moving += 1
    try:
        await app.bus.slot(_IMPORT_SLOT_MS, "page")
        __import__(module)
        return await sys.modules[module].post(app, request, *streams)
    except MemoryError:
        return "503 Service Unavailable", "There is no memory for this now: try again.", b""
    except ImportError:
        sentence = "This part of the firmware is missing on the board: deploy it again."
        return "503 Service Unavailable", sentence, b""
    finally:
        app.visitors -= 1
        app.moving -= 1
        if module in sys.modules:
            forget(module)

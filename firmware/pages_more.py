"""What is answered on port 80 now and then: what was found wrong or done before, the recording,
and to a GET what stands in modules of its own. Nothing here changes anything.

Loaded for such a request, and dropped.
"""

import json
import sys

from micropython import const

from firmware import forget
from firmware.pages import NOT_KEPT, begin, send_pieces

_IMPORT_SLOT_MS = const(150)

# Path below /api/ = the module that generates the answer.
_MODULES = (
    b" config=firmware.config_page setup=firmware.setup_page history=firmware.history_page "
    b"sessions=firmware.sessions_page inputs=firmware.inputs_page journal=firmware.journal_page "
    b"access=firmware.lock_page getStatus=firmware.twcmanager_web "
    b"getSlaveTWCs=firmware.twcmanager_web "
)


async def answer(app, request, done, writer):
    """See pages.answer()."""
    path = request.path if request else b""
    if done:
        return await tell(writer, path, *done)
    name = path[5:]
    if name == b"frames" and app.bus.recorder:
        kind = b'text/plain\r\nContent-Disposition: attachment; filename="frames.txt"'
        return await send_pieces(writer, kind, app.bus.recorder.lines())
    module = _module(name)
    if module and (not name.startswith(b"get") or app.config["twcmanager"]["http"]):
        return await _send_part(app, request, str(module, "utf-8"), writer)
    await app.bus.slot(_IMPORT_SLOT_MS, "page")
    from firmware import pages_post

    forget("firmware.pages_post")
    if pages_post.route(app, path) is not None:
        sentence = "This is asked for with POST: see docs/api.md."
        more = b"\r\nAllow: POST"
        return await tell(writer, path, "405 Method Not Allowed", sentence, more)
    sentence = "There is no such call: see docs/api.md."
    await tell(writer, path, "404 Not Found", sentence)


def _module(name):
    """The module that answers, as bytes, or None."""
    at = _MODULES.find(b" " + name + b"=")
    if at < 0:
        return None
    at += len(name) + 2
    return _MODULES[at : _MODULES.find(b" ", at)]


async def tell(writer, path, status, text, more=b""):
    """Answers with a sentence; below /api/ with JSON, in which a sentence is an "error"."""
    kind = b"text/plain; charset=utf-8"
    if path.startswith(b"/api/"):
        kind = b"application/json"
        if text and text[0] != "{":
            text = json.dumps({"error": text})
    begin(writer, status, kind, NOT_KEPT + more)
    writer.write(text.encode() + b"\n" if text else b"")
    await writer.drain()


async def _send_part(app, request, name, writer):
    """What a module generates, by its function pieces(app)."""
    await app.bus.slot(_IMPORT_SLOT_MS, "page")
    try:
        __import__(name)
    except (ImportError, MemoryError) as error:
        sentence = "There is no memory for this now: try again."
        if isinstance(error, ImportError):
            sentence = "This part of the firmware is missing on the board: deploy it again."
        return await tell(writer, request.path, "503 Service Unavailable", sentence)
    module = sys.modules[name]
    forget(name)
    kind = b"application/json"
    if request.path == b"/api/access":
        pieces = module.pieces(app, request)
    elif request.path.startswith(b"/api/get"):
        pieces = module.pieces(app, request.path)
    else:
        pieces = module.pieces(app)
        if request.path == b"/api/sessions":
            kind = b"text/csv; charset=utf-8\r\nContent-Disposition: attachment; "
            kind += b'filename="sessions.csv"'
    del module
    await send_pieces(writer, kind, pieces)

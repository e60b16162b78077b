"""The HTTP calls of TWCManager that ask for something. Loaded for each, and dropped; only where
twcmanager.http is true.

Source of names, types and codes: lib/TWCManager/Control/HTTPControl.py of
github.com/ngardiner/TWCManager, v1.3.3; docs/twcmanager.md has them in a table.
"""

import json

from micropython import const

from firmware import forget

_LARGEST_BODY = const(512)
_IMPORT_SLOT_MS = const(150)
_CALLS = b" chargeNow cancelChargeNow setScheduledChargingSettings "


async def post(app, head, reader):
    """Carries a POST out. `head`: its header, and what has come of its body; `reader`: the rest.
    Returns (status line, JSON text or ""); raises OSError if the client goes away."""
    head, _, body = head.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    words = lines[0].split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return _wrong("400 Bad Request", "This is no HTTP/1.1 request.")
    origin = host = b""
    length = 0
    for line in lines[1:]:
        key, _, value = line.partition(b":")
        key, value = key.strip().lower(), value.strip()
        if key == b"host":
            host = value
        elif key == b"origin":
            origin = value
        elif key == b"transfer-encoding":
            return _wrong("411 Length Required", "Send the body with a Content-Length.")
        elif key == b"content-length":
            # No more digits than are needed.
            length = int(value) if value.isdigit() and len(value) < 8 else _LARGEST_BODY + 1
    # Browsers say where a page comes from: one from elsewhere must not start a charge.
    if origin and origin.partition(b"://")[2].lower() != host.lower():
        return _wrong("403 Forbidden", "A page from elsewhere may not ask for this.")
    if length > _LARGEST_BODY:
        return _wrong("413 Payload Too Large", f"A body can have {_LARGEST_BODY} bytes.")
    path = words[1].split(b"?")[0]
    if not path.startswith(b"/api/") or b" " + path[5:] + b" " not in _CALLS:
        return _wrong("404 Not Found", "There is no such call here: see docs/twcmanager.md.")
    while len(body) < length:
        piece = await reader.read(length - len(body))
        if not piece:
            raise OSError
        body += piece
    # What carries it out has to be loaded, which stops the chip for a moment.
    await app.bus.slot(_IMPORT_SLOT_MS, "page")
    return _carried_out(app, str(path[5:], "utf-8"), body[:length])


def _carried_out(app, name, body):
    given = {}
    if name != "cancelChargeNow":
        try:
            given = json.loads(str(body, "utf-8"))
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return _wrong("400 Bad Request", "Invalid JSON: write an object.")
    from firmware import twcmanager_asked

    try:
        why = twcmanager_asked.ask(app, name, given)
    except ValueError as error:
        return _wrong("400 Bad Request", name + ": " + str(error) + ".")
    finally:
        del twcmanager_asked
        forget("firmware.twcmanager_asked")
    if why:
        status = (
            "501 Not Implemented" if name == "setScheduledChargingSettings" else "400 Bad Request"
        )
        return _wrong(status, name + ": " + why)
    if name == "setScheduledChargingSettings":
        return "202 Accepted", ""
    done = {"status": "success"}
    if name == "chargeNow":
        done["rate"] = int(float(given["chargeNowRate"]))
        done["duration"] = int(float(given["chargeNowDuration"]))
    return "200 OK", json.dumps(done)


def _wrong(status, sentence):
    return status, json.dumps({"error": sentence})

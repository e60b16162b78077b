"""The HTTP calls of TWCManager that ask for something. Loaded for each, and dropped; only where
twcmanager.http is true.

Source of names, types and codes: lib/TWCManager/Control/HTTPControl.py of
github.com/ngardiner/TWCManager, v1.3.3; docs/twcmanager.md has them in a table.
"""

import json

from firmware import forget


async def post(app, request):
    """Carries a request.Request out for the firmware.app.App. Returns (status, JSON text or "",
    b"")."""
    name = str(request.path[5:], "utf-8")
    given = {}
    if name != "cancelChargeNow":
        try:
            given = json.loads(str(request.body, "utf-8"))
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
        return "202 Accepted", "", b""
    done = {"status": "success"}
    if name == "chargeNow":
        done["rate"] = int(float(given["chargeNowRate"]))
        done["duration"] = int(float(given["chargeNowDuration"]))
    return "200 OK", json.dumps(done), b""


def _wrong(status, sentence):
    return status, json.dumps({"error": sentence}), b""

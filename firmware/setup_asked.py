"""POST /api/setup/scan, /wifi and /broker: takes what a person wants tried, and has it tried
(setup_try.py). What has come of it GET /api/setup tells. Loaded for each, and dropped."""

import asyncio
import json

from firmware import forget

_BUSY = "Something is being tried already: wait until it is over."
_JOINED = (
    "The board is in a Wi-Fi, or on a cable: change wifi.ssid and wifi.password in the settings."
)
_OFF = "Wi-Fi is switched off (no wifi.ssid, wifi.setup_after_min 0): see config.json."


async def post(app, request):
    """Answers the request of a firmware.app.App: (status, JSON text, b"")."""
    wifi = app.wifi
    what = str(request.path[11:], "utf-8")
    if what not in ("scan", "wifi", "broker"):
        return _wrong("404 Not Found", "There is scan, wifi and broker to be tried.")
    given = {}
    if request.body:
        try:
            given = json.loads(str(request.body, "utf-8"))
        except (ValueError, UnicodeError):
            given = None
        if not isinstance(given, dict):
            return _wrong("400 Bad Request", "Invalid JSON: write an object.")
    why = what != "scan" and _problem(what, given)
    if why:
        return _wrong("400 Bad Request", why)
    why = None
    if wifi.trying:
        why = _BUSY
    elif wifi.station is None:
        why = _OFF
    elif what == "broker":
        if wifi.state != "connected":
            why = "The board is in no Wi-Fi yet: join one first."
    elif wifi.state == "connected" and (app.config["wifi"]["ssid"] or wifi.station is wifi.wired):
        why = _JOINED
    if why:
        return _wrong("409 Conflict", why)
    from firmware import setup_try

    if wifi.tried is None:
        wifi.tried = {}
    if what != "scan" or setup_try.may_scan(app):
        wifi.tried.pop("networks" if what == "scan" else what, None)
        wifi.trying = what
        asyncio.create_task(setup_try.run(app, what, given))
    del setup_try
    forget("firmware.setup_try")
    return "202 Accepted", json.dumps({"state": "trying"}), b""


def _problem(what, given):
    """What is wrong with the object that was given, as a sentence, or None."""
    if what == "wifi":
        size = _size(given, "ssid")
        if not 1 <= size <= 32:
            return "ssid: write the name of the network, 1 to 32 bytes of text."
        size = _size(given, "password")
        # IEEE 802.11i: a passphrase, or 64 hex digits for the key itself.
        if size != 0 and not 8 <= size <= 64:
            return 'password: write 8 to 64 characters, or "" for a network without.'
        return None
    if not 1 <= _size(given, "host") <= 64:
        return "host: write the broker's name or address, 1 to 64 characters."
    port = given.get("port", 1883)
    if not isinstance(port, int) or port is True or not 1 <= port <= 65535:
        return "port: write a whole number from 1 to 65535; 1883 is the usual one."
    for key in ("user", "password"):
        if not 0 <= _size(given, key) <= 64:
            return key + ": write text, at most 64 characters."
    if given.get("tls"):
        return (
            "tls: a connection with TLS is not tried here: save it, and look whether the broker "
            "is connected after the restart."
        )
    return None


def _size(given, key):
    """The length of a text in bytes, 0 without one, -1 if it is something else."""
    text = given.get(key, "")
    return len(text.encode()) if isinstance(text, str) else -1


def _wrong(status, sentence):
    return status, json.dumps({"error": sentence}), b""

"""What a device tells its page, for the tests of the page: whole documents to change as needed."""

from __future__ import annotations

import copy

RECORDING = "  12.345 > FB E0 77 77 24 33 09 04 B0 00 00 00 00 00 00\n"

# Of /api/history: six hours of a day with clouds, the first two without a reading; the car began
# three hours ago.
_SURPLUS = [None] * 40 + [
    600 + 45 * step - (1400 if step % 17 in (5, 6) else 0) for step in range(80)
]
_OFFER = [0] * 60 + [240 * (watts // 240) if watts >= 1440 else 1440 for watts in _SURPLUS[60:]]
HISTORY = {
    "step_s": 180,
    "now_s": 3960,
    "surplus": _SURPLUS,
    "offer": _OFFER,
    "draw": [max(0, watts - 50) for watts in _OFFER],
}

# What older firmware does not tell of itself, of a connector, and of the bus.
NEW = (
    *("mode", "limit_amps", "manual_amps", "boost", "boost_minutes", "timetable", "allowed"),
    "wishes",
)
NEW_OF_CONNECTOR = (
    *("power_watts", "session_kwh", "total_kwh", "volts", "phase_amps", "phases", "priority"),
    *("serial", "firmware", "vin", "plug", "reply_ms", "missed", "claim_amps", "contactors"),
    *("limit_amps", "allowed", "solar_percent", "soc"),
)
NEW_OF_BUS = (
    *("rate", "short", "gaps", "gap_cause", "late_max_ms", "second_master", "note", "asked"),
    *("answered", "recording"),
)


def connector(unit_id: str = "2433", **changes) -> dict:
    """One entry of `connectors` in the status document: a car that takes 11.8 of 12 A."""
    entry = {
        "id": unit_id,
        "name": "left",
        "state": "charging",
        "code": 1,
        "link": "ok",
        "heard_s": 0.4,
        "offer_amps": 12,
        "draw_amps": 11.8,
        "echo_amps": 12.0,
        "max_amps": 32,
        "rating_amps": 32,
        "min_amps": 6,
        "protocol": 2,
        "reason": "Charging at 12 A.",
        "power_watts": 2832,
        "session_kwh": 4.27,
        "total_kwh": 1234.56,
        "volts": [240, 0, 0],
        "phase_amps": [11.8, 0, 0],
        "phases": 1,
        "priority": 5,
        "serial": "17C0012433",
        "firmware": "4.5.3.2",
        "vin": "5YJ3TESTCAR000001",
        "plug": "charging",
        "reply_ms": 18,
        "missed": 0,
        "claim_amps": 12,
        "contactors": None,
        "limit_amps": 32,
        "allowed": True,
        "solar_percent": 87,
        "soc": 64,
    }
    return {**entry, **changes}


def status(**changes) -> dict:
    """A whole status document of a bridge that charges one car; `changes` replace its keys."""
    document = {
        "name": "garage",
        "version": "0.1.0",
        "uptime_s": 4000,
        "state": "charging",
        "reason": "Charging at 12 A: 3 000 W of surplus.",
        "surplus": {
            "watts": 3000,
            "age_s": 4,
            "source": "surplus",
            "lost": False,
            "unusable": None,
        },
        "max_age_s": 120,
        "mode": "solar",
        "limit_amps": 32,
        "manual_amps": None,
        "boost": "off",
        "boost_minutes": 0,
        "timetable": None,
        "allowed": True,
        "wishes": [],
        "wires_amps": 32,
        "offer_amps": 12,
        "draw_amps": 11.8,
        "power_watts": 2832,
        "connectors": [connector()],
        "warnings": [],
        "mqtt": {"state": "connected", "broker": "192.168.1.5:1883", "note": ""},
        "wifi": {"state": "connected", "ip": "192.168.1.77", "rssi": -61},
        "bus": {
            "frames": 12345,
            "rate": 4.0,
            "bad": 0,
            "short": 0,
            "sent": 600,
            "echoes": 0,
            "refused": 0,
            "noisy": 0,
            "gap_max_ms": 1012,
            "gaps": 0,
            "gap_cause": "",
            "late_max_ms": 4,
            "second_master": None,
            "note": None,
            "asked": 10,
            "answered": 9,
            "recording": 200,
        },
        "memory": {"free": 80000, "used": 40000},
        "events": [
            [5, "info", "Wi-Fi connected: 192.168.1.77"],
            [3880, "info", "2433 linked: protocol 2, 32 A"],
            [3940, "info", "2433: 12 A offered, 3 000 W of surplus"],
        ],
    }
    return copy.deepcopy({**document, **changes})


def older_status() -> dict:
    """The status document of firmware from before the meter, the modes, the questions and the bus
    view."""
    document = status()
    for key in NEW:
        del document[key]
    for entry in document["connectors"]:
        for key in NEW_OF_CONNECTOR:
            del entry[key]
    for key in NEW_OF_BUS:
        del document["bus"][key]
    return document

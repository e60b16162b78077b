"""What the tests of the views beside the overview share: a fake device with a configuration,
readings and a lock, and a fixture that opens a view of its page.

A pytest plugin, as page_server.py: ``pytest_plugins = ["page_server", "page_views"]``.
PYTEST_DONT_REWRITE: they import it first.
"""

from __future__ import annotations

import copy

import pytest
from page_server import Visitor

CONFIG = {
    "name": "garage",
    "wires": {"max_amps": 32},
    "units": {"2433": {"name": "left", "max_amps": 16}},
    "wifi": {"ssid": "home", "password": True},
    "mqtt": {"host": "192.168.1.5", "user": "bridge"},
    "board": {"driver_enable": None},
    "clock": {"zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
    "sources": [{"kind": "grid", "topic": "home/meter/power"}],
    "timetable": [
        {
            "days": "mo-fr",
            "from": "22:00",
            "to": "6:30",
            "mode": "fast",
            "energy_kwh": 8,
            "when": "late",
        },
        {"days": "Sat, Sunday", "from": "01:00", "to": "05:00", "amps": 10},
        {"from": "12:00", "to": "24:00", "mode": "off"},
    ],
}

INPUT = {
    "topic": "twc/garage/surplus/set",
    "text": "3000",
    "read": "3 000 W for the cars",
    "watts": 3000,
    "age_s": 4,
    "max_age_s": 120,
    "use": "surplus",
    "problem": None,
}

# A new board: no network, no password.
SETUP = {
    "open": True,
    "new": True,
    "ssid": "twc-bridge-1a2b",
    "wifi": {"state": "idle", "ssid": "", "why": "", "ip": ""},
    "networks": None,
    "scanning": False,
    "broker": {"state": "idle", "why": ""},
}

# Chromium says this of each answer that is no 2xx; what the page makes of it is tested.
_REFUSED = "Failed to load resource: the server responded with a status of"

# What the page does each second or two it does more often, so that no test has to wait for it.
_FASTER = """const later = setTimeout;
setTimeout = (work, ms, ...more) => later(work, ms >= 1000 && ms <= 2000 ? ms / 5 : ms, ...more);
"""


@pytest.fixture
def view(browser, server):
    """``view("inputs", width=360)`` opens a view; more as for Visitor. At the end of the test
    the page must have had nothing to complain about, but for what has one of the texts of the
    list ``view.expected`` in it."""
    visitor = Visitor(browser, server)
    server.answers.update(
        {
            "/api/config": copy.deepcopy(CONFIG),
            "POST /api/config": {"saved": True, "restart": False},
            "/api/access": {"lock": "set", "read": "open", "in": True, "token": False},
            "/api/inputs": {"inputs": [INPUT]},
            "/api/setup": copy.deepcopy(SETUP),
        }
    )

    def go(name, **how):
        page = visitor(wait=False, script=_FASTER, **how)
        page.goto(f"{server.url}#/{name}")
        page.locator("#view-root > section > *").first.wait_for(state="attached")
        return page

    go.expected = [_REFUSED]
    yield go
    said = visitor.close()
    assert [one for one in said if not any(part in one for part in go.expected)] == []

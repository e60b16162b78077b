"""The pictures in docs/ that README.md shows: ``python -m tools.screenshots`` (``make
screenshots``), with an installed Chromium.

The page is the real one; the device is the fake one of its tests (host_tests/page_server.py), so
that the same page gives the same pictures.
"""

import datetime
import math
import sys

from tools.stage import ROOT

sys.path.insert(0, str(ROOT / "host_tests"))

from page_server import CHROMIUM_ARGUMENTS, PageServer, find_chromium
from page_status import connector, status
from page_views import CONFIG, INPUT, SETUP

DOCS = ROOT / "docs"
NOW = datetime.datetime(2025, 6, 1, 14, 20)

# file: (what follows the address, width, height, light or dark, whole page)
PICTURES = {
    "page.png": ("", 1280, 900, "light", True),
    "page-phone.png": ("", 390, 844, "dark", False),
    "page-setup.png": ("#/setup", 390, 844, "light", False),
    "page-inputs.png": ("#/inputs", 1280, 620, "light", False),
    "page-timetable.png": ("#/timetable", 1280, 760, "light", False),
}

GRID = {
    "topic": "home/meter/power",
    "text": '{"total": -310.4}',
    "read": "310 W export",
    "watts": 310,
    "age_s": 1,
    "max_age_s": 120,
    "use": "grid meter",
    "problem": None,
}


def day():
    """Six hours of a day with clouds, as /api/history has them."""
    surplus, offer, draw = [], [], []
    for index in range(120):
        sun = 4200 * math.sin(math.pi * (index + 40) / 200)
        cloud = 1500 * max(0, math.sin(index / 3.1) * math.sin(index / 7.7))
        watts = round(sun - cloud - 700)
        amps = max(6, min(16, watts // 240)) if index > 14 else 0
        surplus.append(watts)
        offer.append(amps * 240)
        draw.append(max(0, amps * 240 - 60))
    return {"step_s": 180, "now_s": 21600, "surplus": surplus, "offer": offer, "draw": draw}


def household():
    """The status document of a bridge with two wall connectors, one of which charges."""
    waits = "Waiting: 240 W of 1 440 W surplus, starts when there is more."
    other = connector(
        "4F07",
        name="right",
        state="plugged in",
        reason=waits,
        offer_amps=0,
        draw_amps=0,
        power_watts=0,
        session_kwh=0,
        solar_percent=None,
        plug="plugged in",
        soc=81,
        phase_amps=[0, 0, 0],
        echo_amps=0,
    )
    return status(connectors=[connector(), other], uptime_s=21620, timetable=True)


def take(folder=DOCS, names=PICTURES):
    """Write the pictures ``names`` to ``folder``. Raises SystemExit with a sentence."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("Playwright is missing: pip install -r requirements-browser.txt")
    path = find_chromium()
    if path is None:
        sys.exit("Chromium is missing (Debian: apt-get install chromium).")
    with PageServer() as server, sync_playwright() as play:
        server.document = household()
        server.answers["/api/history"] = day()
        server.answers["/api/inputs"] = {"inputs": [INPUT, GRID]}
        server.answers["/api/config"] = CONFIG
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        for name in names:
            where, width, height, scheme, whole = PICTURES[name]
            setup = where == "#/setup"
            server.answers["/api/setup"] = SETUP if setup else {"open": False, "new": False}
            if setup:
                server.answers["/api/access"] = {"lock": "none", "read": "open", "in": False}
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                reduced_motion="reduce",
                timezone_id="Europe/Berlin",
                locale="en-GB",
            )
            page = context.new_page()
            page.clock.set_fixed_time(NOW)
            page.goto(server.url + where)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(700)
            page.screenshot(path=folder / name, full_page=whole, animations="disabled")
            context.close()
            server.answers["/api/access"] = {"lock": "set", "read": "open", "in": True}
            print(f"{folder / name}")
        browser.close()


if __name__ == "__main__":
    take()

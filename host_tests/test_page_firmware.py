"""The page as the firmware itself serves it: what a reading on MQTT does is seen in Chromium."""

import json

import pytest
from page_server import NO_PLAYWRIGHT

from simulator.car import Car
from simulator.connector import Connector
from simulator.line import Line

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixture: browser.
pytest_plugins = ["page_server"]

PATIENCE_MS = 30_000
KNOWN = {"units": {"2433": {"rating_ca": 3200, "protocol": 2, "relay": "free"}}}


def test_a_reading_reaches_the_page(browser, stage_board, mosquitto):
    config = {
        "wires": {"max_amps": 32},
        "surplus": {"start_hold_s": 1},
        "wifi": {"ssid": "home"},
        "mqtt": {"host": mosquitto.host, "port": mosquitto.port},
    }
    said = []
    with Line([Connector("2433", car=Car())]) as line:
        board = stage_board(config, serial=line.path)
        (board.folder / "state.json").write_text(json.dumps(KNOWN))
        board.start()
        board.wait_for_status(lambda status: status["mqtt"]["state"] == "connected")
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("requestfailed", lambda request: said.append(request.url))
        try:
            page.goto(board.url)
            card = page.locator("[data-id='2433']")
            expect(page.locator("#reason")).to_contain_text(
                "no surplus reading yet", timeout=PATIENCE_MS
            )
            for watts, amps in (("3000", "12 A offered"), ("2000", "8 A offered")):
                mosquitto.publish("twc/garage/surplus/set", watts)
                expect(card.locator(".amps")).to_contain_text(amps, timeout=PATIENCE_MS)
                expect(page.locator("#reason")).to_contain_text(
                    f"Charging at {amps.split()[0]} A", timeout=PATIENCE_MS
                )
        finally:
            page.close()
    assert said == []

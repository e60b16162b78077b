"""The page as the firmware itself serves it, seen in Chromium: what a reading on MQTT does, what
the bus view says of the line, and how the first change brings a password."""

import json
import re
from pathlib import Path

import pytest
from page_server import NO_PLAYWRIGHT

from simulator.car import Car
from simulator.connector import Connector
from simulator.line import Line

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixture: browser.
pytest_plugins = ["page_server"]

PATIENCE_MS = 60_000
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
                # A start waits for a second reading, which shows that the first one held.
                for _ in range(3):
                    mosquitto.publish("twc/garage/surplus/set", watts)
                    page.wait_for_timeout(1000)
                expect(card.locator(".amps")).to_contain_text(amps, timeout=PATIENCE_MS)
                expect(page.locator("#reason")).to_contain_text(
                    f"Charging at {amps.split()[0]} A", timeout=PATIENCE_MS
                )
            # What the page asks of the bus by name is there, too, and the recording is a file.
            page.get_by_role("link", name="Bus").click()
            for term, value in (
                ("Frames heard", r"[\d.]+ a second"),
                ("Own echoes", r"0"),
                ("Second master", "none"),
                ("Reply times", r"2433 \d+\sms"),
            ):
                row = page.locator("#bus-facts div", has_text=term)
                expect(row).to_contain_text(re.compile(f"^{term}{value}"), timeout=PATIENCE_MS)
            with page.expect_download() as download:
                page.get_by_role("link", name="Download recording").click()
            recording = Path(download.value.path()).read_text()
            assert re.search(r"(?m)^ *\d+\.\d{3} > FB E0 77 77 24 33 ", recording)
            assert re.search(r"(?m)^ *\d+\.\d{3} < FD E0 24 33 77 77 ", recording)
            # The first change wants a password to be chosen, and is made then.
            page.get_by_role("link", name="Overview").click()
            page.get_by_role("radio", name="Off").click()
            dialog = page.get_by_role("dialog", name="Choose a password")
            for label in ("Password", "The same again"):
                dialog.get_by_label(label).fill("a sunny day")
            dialog.get_by_role("button", name="Set password").click()
            expect(page.get_by_role("radio", name="Off")).to_be_checked(timeout=PATIENCE_MS)
            page.locator("#limit").evaluate(
                "el => { el.value = 20; for (const each of ['input', 'change'])"
                " el.dispatchEvent(new Event(each)); }"
            )
            board.wait_for_status(lambda status: status["limit_amps"] == 20)
            expect(page.locator("#chart-picture")).to_contain_text("every three minutes")
        finally:
            page.close()
    # The browser itself tells of the change that was refused before there was a password.
    assert [re.search(r"status of (\d+)|$", words)[1] for words in said] == ["403"]

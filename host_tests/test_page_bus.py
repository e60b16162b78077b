"""The bus view, for people who wire: the note, the counters, wall connectors, the recording."""

from pathlib import Path

import pytest
from page_server import NO_PLAYWRIGHT, NOTHING, expect_facts
from page_status import RECORDING, connector, older_status, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Their fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]

NOTE = "Nothing heard since the start: check A and B, the termination, and rotary switch F."
HEALTHY = {
    "Frames heard": "4 a second | 12 345 in all",
    "Bad frames": "0",
    "Own echoes": "0",
    "Sent into noise": "0",
    "7C 00": "0",
    "Second master": "none",
    "Reply times": "left 18 ms",
    "Longest gap": "1 012 ms | between heartbeats",
    "Gaps over 1.3 s": "0",
    "Longest stall": "4 ms | of the program",
    "Questions": "10 | 9 answered",
    "Sent": "600 | 0 held back by the limits",
}
CONNECTOR = {
    "Heard": "just now",
    "Reply time": "18 ms",
    "Heartbeats": "0 missed",
    "Unit takes": "32 A",
    "Confirms": "12 A",
    "Counts with": "12 A",
    "Protocol": "2",
    "Serial number": "17C0012433",
    "Firmware": "4.5.3.2",
    "VIN": "5YJ3TESTCAR000001",
}


def bus(**changes):
    """The `bus` of the status document, with these changes."""
    return {**status()["bus"], **changes}


def test_a_healthy_bus(view, server):
    page = view("bus")
    expect_facts(page, "#bus-facts", HEALTHY)
    expect(page.locator("#bus-note")).to_be_hidden()
    expect(page.locator("#view-root .amiss")).to_have_count(0)
    card = page.locator("#view .cards li")
    expect(card.get_by_role("heading")).to_have_text("left · 2433")
    expect(card.locator(".pill")).to_have_text("answers")
    expect_facts(page, "#view .cards dl", CONNECTOR)
    # What is there twice is told by name, and what is gone goes.
    server.document = status(
        connectors=[
            connector("1A2B", name="1A2B", link="lost", contactors="open", vin="", missed=7)
        ]
    )
    expect(card.get_by_role("heading")).to_have_text("Connector 1A2B")
    expect(card.locator(".pill")).to_have_text("lost")
    expect(card.locator(".amiss")).to_have_text("open")
    expect(card).to_contain_text("7 missed")
    expect(card).to_contain_text("unknown to the unit")


def test_what_is_amiss_stands_out_with_what_it_may_be(view, server):
    faults = bus(
        rate=2.5,
        bad=412,
        short=3,
        echoes=600,
        noisy=2,
        refused=7,
        gap_max_ms=3120,
        gaps=4,
        gap_cause="TLS",
        late_max_ms=2950,
        second_master="ABCD",
        answered=0,
        note=NOTE,
    )
    server.document = status(bus=faults, connectors=[connector(), connector("1A2B", name="1A2B")])
    page = view("bus")
    expect_facts(
        page,
        "#bus-facts",
        {
            "Frames heard": "2.5 a second | 12 345 in all",
            "Bad frames": "412 | 3.2 %",
            "Own echoes": "600 | the adapter echoes, or the driver-enable pin is wrong",
            "Sent into noise": "2 | the line did not fall quiet",
            "7C 00": "3 | a unit’s “too fast”, perhaps: it is asked less",
            "Second master": "ABCD | set its rotary switch to F",
            "Reply times": "left 18 ms, 1A2B 18 ms",
            "Longest gap": "3 120 ms | between heartbeats, cause: TLS",
            "Gaps over 1.3 s": "4",
            "Longest stall": "2 950 ms | of the program",
            "Questions": "10 | 0 answered",
            "Sent": "600 | 7 held back by the limits",
        },
    )
    amiss = page.locator("#bus-facts .amiss span:first-child")
    expect(amiss).to_have_text(["412", "600", "2", "3", "ABCD", "4"])
    note = page.locator("#bus-note")
    expect(note).to_have_text(NOTE)
    assert note.bounding_box()["y"] < page.locator("#bus-facts").bounding_box()["y"]
    server.document = status()
    expect(note).to_be_hidden()


def test_the_share_of_bad_frames(view, server):
    page = view("bus")
    row = page.locator("#bus-facts div", has_text="Bad frames")
    for frames, bad, share, amiss in (
        (12345, 1, "below 0.1 %", 0),
        (99, 1, "1 %", 1),
    ):
        server.document = status(bus=bus(frames=frames, bad=bad))
        expect(row.locator("dd span")).to_have_text([str(bad), share])
        expect(row.locator(".amiss")).to_have_count(amiss)


def test_the_recording_is_there_when_it_is_kept_and_is_downloaded(view, server):
    page = view("bus", width=360)
    link = page.get_by_role("link", name="Download recording")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "frames.txt"
    assert Path(download.value.path()).read_text() == RECORDING
    server.document = status(bus=bus(recording=1))
    expect(page.locator("#bus-kept")).to_contain_text("at most 1, as text")
    server.document = status(bus=bus(recording=0))
    expect(link).to_have_count(0)


def test_linking_again(view, server):
    page = view("bus")
    button = page.get_by_role("button", name="Link again")
    button.click()
    assert server.wait_posted(1)[:2] == ("/api/relink", "")
    expect(page.locator("#say")).to_contain_text("link again")
    server.answers["POST /api/relink"] = (400, {"error": "relink: wait a moment."})
    button.click()
    expect(page.locator("#say")).to_have_text("relink: wait a moment.")


def test_a_device_with_older_firmware(view, server):
    server.document = older_status()
    page = view("bus")
    expect_facts(
        page,
        "#bus-facts",
        {
            "Frames heard": "12 345",
            "Bad frames": "0",
            "Own echoes": "0",
            "Sent into noise": "0",
            "Longest gap": "1 012 ms | between heartbeats",
            "Sent": "600 | 0 held back by the limits",
        },
    )
    expect(page.get_by_role("link", name="Download recording")).to_have_count(0)
    expect(page.locator("#view")).not_to_contain_text(NOTHING, use_inner_text=True)
    # Nothing at all about the bus, or nonsense.
    server.document = status(bus={"frames": None, "bad": "?"}, connectors=[None])
    expect(page.get_by_text("says nothing about the bus")).to_be_visible()
    expect(page.get_by_text("No wall connector has answered yet")).to_be_visible()


def test_text_from_the_line_stays_text(view, server):
    attack = "<img src=x onerror=\"document.title='taken'\">"
    odd = connector(attack, link=attack, serial=attack, firmware=attack, vin=attack)
    server.document = status(
        bus=bus(note=attack, second_master=attack, gap_cause=attack), connectors=[odd]
    )
    page = view("bus", width=360)
    expect(page.locator("#bus-note")).to_have_text(attack)
    expect(page.locator("#view .cards dl")).to_contain_text(attack)
    expect(page.locator("#view img")).to_have_count(0)

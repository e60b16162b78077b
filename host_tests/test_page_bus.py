"""The bus view, for people who wire: the note, the counters, and the recording."""

import re
from pathlib import Path

import pytest
from page_server import NO_PLAYWRIGHT, NOTHING, expect_facts
from page_status import RECORDING, connector, older_status, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, show.
pytest_plugins = ["page_server"]

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


def bus(**changes):
    """The `bus` of the status document, with these changes."""
    return {**status()["bus"], **changes}


def opened(page):
    page.locator("#bus summary").click()
    return page


def test_a_healthy_bus(show):
    page = show()
    expect(page.locator("#bus-now")).to_have_text("4 frames a second · 0 bad")
    expect(page.locator("#bus-facts")).to_be_hidden()
    expect(page.locator("#bus-look")).to_be_hidden()
    opened(page)
    expect_facts(page, "#bus-facts", HEALTHY)
    expect(page.locator("#bus-note")).to_be_hidden()
    expect(page.locator("#bus .amiss")).to_have_count(0)
    expect(page.get_by_role("region", name="Bus")).to_be_visible()


def test_what_is_amiss_stands_out_with_what_it_may_be(show):
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
    )
    page = opened(show(bus=faults, connectors=[connector(), connector("1A2B", name="1A2B")]))
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


@pytest.mark.parametrize(
    "frames, bad, share, amiss",
    [
        (12345, 1, "below 0.1 %", 0),
        (995, 5, "0.5 %", 0),
        (99, 1, "1 %", 1),
        (0, 8, "100 %", 1),
    ],
)
def test_the_share_of_bad_frames(show, frames, bad, share, amiss):
    page = opened(show(bus=bus(frames=frames, bad=bad)))
    row = page.locator("#bus-facts div", has_text="Bad frames")
    expect(row.locator("dd span")).to_have_text([str(bad), share])
    expect(row.locator(".amiss")).to_have_count(amiss)


def test_the_note_comes_first_and_goes_again(show, server):
    page = show(bus=bus(note=NOTE), warnings=["Another."])
    # Above everything while the view is closed, first in the view when it is open.
    expect(page.locator("#warning-list li")).to_have_text([NOTE, "Another."])
    expect(page.locator("#bus-look")).to_have_text("needs a look")
    expect(page.locator("#bus-note")).to_be_hidden()
    opened(page)
    note = page.locator("#bus-note")
    expect(note).to_have_text(NOTE)
    expect(note).to_have_class("note warn")
    assert note.bounding_box()["y"] < page.locator("#bus-facts").bounding_box()["y"]
    server.document = status()
    expect(note).to_be_hidden()
    expect(note).to_have_text("")
    expect(page.locator("#bus-look")).to_be_hidden()
    expect(page.locator("#warnings")).to_be_hidden()
    expect(page.locator("#bus-facts")).to_be_visible()


def test_a_note_that_is_a_warning_too_is_not_said_twice(show):
    page = show(bus=bus(note=NOTE), warnings=["Another.", NOTE])
    expect(page.locator("#warning-list li")).to_have_text(["Another.", NOTE])


@pytest.mark.parametrize("kept, shown", [(200, True), (1, True), (0, False), (None, False)])
def test_the_recording_is_there_when_it_is_kept(show, kept, shown):
    page = opened(show(bus=bus(recording=kept)))
    expect(page.locator("#bus-facts")).to_be_visible()
    link = page.get_by_role("link", name="Download recording")
    expect(link).to_have_count(int(shown))
    if shown:
        expect(page.locator("#bus-kept")).to_contain_text(f"at most {kept}, as text")


def test_the_recording_is_downloaded(show):
    page = opened(show())
    with page.expect_download() as download:
        page.get_by_role("link", name="Download recording").click()
    assert download.value.suggested_filename == "frames.txt"
    assert Path(download.value.path()).read_text() == RECORDING
    # The page is still there and goes on.
    expect(page.locator("#live")).to_have_text("Live")


def test_the_view_is_used_with_the_keyboard(show, server):
    page = show(connectors=[])
    page.keyboard.press("Tab")
    expect(page.locator("#bus summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#bus-facts")).to_be_visible()
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Download recording")
    expect(link).to_be_focused()
    server.document = status(connectors=[], bus=bus(rate=1.2))
    expect(page.locator("#bus-facts")).to_contain_text("1.2 a second")
    expect(link).to_be_focused()


def test_a_device_with_older_firmware(show, server):
    server.document = older_status()
    page = opened(show())
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
    expect(page.locator("#bus-now")).to_have_text("")
    expect(page.get_by_role("link")).to_have_count(0)
    expect(page.locator("#bus")).not_to_contain_text(NOTHING, use_inner_text=True)


@pytest.mark.parametrize("told", [None, {}, {"note": None}, {"frames": None, "bad": "?"}], ids=str)
def test_without_anything_about_the_bus_there_is_no_view(show, told):
    page = show(bus=told, connectors=[connector(reply_ms=None)])
    expect(page.locator("#reason")).to_have_text(re.compile("^Charging"))
    expect(page.locator("#bus")).to_be_hidden()


def test_a_note_alone_is_shown(show):
    page = opened(show(bus={"note": NOTE}, connectors=[]))
    expect(page.locator("#bus-note")).to_have_text(NOTE)
    expect(page.locator("#bus")).not_to_contain_text(NOTHING, use_inner_text=True)


def test_text_from_the_line_stays_text(show):
    attack = "<img src=x onerror=\"document.title='taken'\">"
    odd = connector(
        attack, plug=attack, serial=attack, firmware=attack, vin=attack, contactors=attack
    )
    told = bus(note=attack, second_master=attack, gap_cause=attack)
    page = opened(show(bus=told, connectors=[odd]))
    page.locator("#connectors summary").click()
    expect(page.locator("#bus-note")).to_have_text(attack)
    expect(page.locator("#connectors details dl")).to_contain_text(attack)
    expect(page.locator("body img")).to_have_count(0)

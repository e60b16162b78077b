"""The timetable on the page: windows, their order, the time zone, and whether it is followed."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import status
from page_views import CONFIG

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Their fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]

SAYS = [
    "Mon to Fri, 22:00 to 06:30: Fast, 8 kWh, as late as possible, sun until then",
    "Sat and Sun, 01:00 to 05:00: 10 A",
    "Every day, 12:00 to 00:00: Off",
]


def posted(server, count=1):
    path, body, _ = server.wait_posted(count)
    assert path == "/api/config"
    return json.loads(body)


def test_windows_are_sentences_and_a_picture(view):
    page = view("timetable")
    expect(page.locator(".rule summary")).to_have_text(SAYS)
    expect(page.get_by_label("Time zone")).to_have_value("CET-1CEST,M3.5.0,M10.5.0/3")
    # Tuesday: from Monday's night to 6:30, what is off from noon on, and its own night above it.
    for day, wanted in (
        (1, [["is-off", 720, 720], ["is-fast", 0, 390], ["is-fast", 1320, 120]]),
        (6, [["is-off", 720, 720], ["is-amps", 60, 240]]),
    ):
        bars = page.locator(".day").nth(day).locator(".hours i")
        places = bars.evaluate_all(
            "all => all.map(i => [i.className, ...[i.style.left, i.style.width]"
            ".map(part => Math.round(parseFloat(part) * 14.4))])"
        )
        assert places == wanted
    # Nothing has been changed: nothing is to be saved.
    expect(page.locator(".saving")).to_be_hidden()


def test_a_window_is_changed_and_what_was_not_stays_as_it_was_written(view, server):
    page = view("timetable", width=360)
    first = page.locator(".rule").first
    first.locator("summary").click()
    expect(first).to_contain_text("Ends on the next day.")
    first.get_by_label("Friday").uncheck(force=True)
    first.get_by_label("Energy wanted").fill("7,5")
    first.get_by_label("How it gets there").select_option("spread")
    expect(first.locator("summary")).to_have_text(
        "Mon to Thu, 22:00 to 06:30: Fast, 7,5 kWh, spread evenly"
    )
    page.get_by_role("button", name="Save", exact=True).click()
    changed = {**CONFIG["timetable"][0], "days": "mo-th", "energy_kwh": 7.5, "when": "spread"}
    assert posted(server) == {"timetable": [changed, *CONFIG["timetable"][1:]]}
    expect(page.locator("#say")).to_contain_text("It counts from the next start on.")
    expect(page.locator(".saving")).to_be_hidden()


def test_windows_are_added_moved_and_removed(view, server):
    page = view("timetable")
    page.get_by_role("button", name="Add a window").click()
    new = page.locator(".rule").nth(3)
    expect(new.locator("summary")).to_be_focused()
    # How a target is reached can be said where there is one, and power to choose.
    how = new.get_by_label("How it gets there")
    expect(how).to_be_hidden()
    new.get_by_label("Energy wanted").fill("5")
    expect(how).to_be_visible()
    new.get_by_label("What happens").select_option("solar")
    expect(how).to_be_hidden()
    new.get_by_label("Energy wanted").fill("")
    new.get_by_label("What happens").select_option("amps")
    new.get_by_label("Amperes").fill("12")
    new.get_by_label("From").fill("08:00")
    new.get_by_label("To").fill("09:15")
    new.get_by_role("button", name="Move up").click()
    third = page.locator(".rule").nth(2)
    expect(third.locator("summary")).to_have_text("Every day, 08:00 to 09:15: 12 A")
    page.locator(".rule").nth(3).locator("summary").click()
    page.locator(".rule").nth(3).get_by_role("button", name="Remove").click()
    page.get_by_label("Time zone").select_option("other")
    page.get_by_label("As POSIX writes it").fill("<+0330>-3:30")
    page.get_by_role("button", name="Save", exact=True).click()
    assert posted(server) == {
        "timetable": [
            *CONFIG["timetable"][:2],
            {"from": "08:00", "to": "09:15", "amps": 12},
        ],
        "clock": {"zone": "<+0330>-3:30"},
    }


def test_the_device_says_what_is_wrong_and_it_stands_at_the_field(view, server):
    page = view("timetable")
    page.locator(".rule").nth(2).locator("summary").click()
    page.locator(".rule").nth(2).get_by_role("button", name="Remove").click()
    for window, label, sentence in (
        (1, "Amperes", "timetable, window 2: amps is 3: write a whole number from 5 to 80"),
        (0, "From", "timetable, window 1: from is missing: write a time such as 22:00"),
        (None, "Time zone", "clock.zone is ab: write one such as CET-1CEST"),
    ):
        server.answers["POST /api/config"] = (400, {"error": sentence})
        page.get_by_role("button", name="Save", exact=True).click()
        place = page if window is None else page.locator(".rule").nth(window)
        field = place.get_by_label(label)
        expect(field).to_be_focused()
        expect(field).to_have_accessible_description(re.compile(re.escape(sentence) + "$"))
        # It is not lost, and can be mended.
        expect(page.locator(".saving")).to_be_visible()


def test_whether_it_is_followed(view, server):
    server.document = status(timetable=True)
    page = view("timetable")
    follow = page.get_by_role("switch", name="Follow the timetable")
    expect(follow).to_be_checked()
    follow.click()
    assert server.wait_posted(1)[:2] == ("/api/timetable", "off")
    server.answers["POST /api/timetable"] = (400, {"error": "timetable: it does not work now"})
    server.document = status(timetable=False)
    expect(follow).not_to_be_checked()
    follow.click()
    expect(page.locator(".field", has=follow)).to_contain_text("it does not work now")
    expect(follow).not_to_be_checked()
    server.document = status(timetable=None)
    expect(follow).to_be_disabled()


def test_whoever_leaves_with_changes_is_asked(view, server):
    page = view("timetable")
    page.get_by_label("Time zone").select_option("JST-9")
    page.get_by_role("link", name="Inputs").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("not saved")
    dialog.get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Time zone")).to_have_value("JST-9")
    expect(page).to_have_url(f"{server.url}#/timetable")
    page.get_by_role("link", name="Inputs").click()
    dialog.get_by_role("button", name="Leave without saving").click()
    expect(page.locator("#view-title")).to_have_text("Inputs")
    assert server.posted == []


def test_the_zones_are_those_of_their_places():
    """As the tz database of this machine has them (which may know of a change that others don't:
    then only that place differs)."""
    source = Path(__file__).resolve().parent.parent / "firmware" / "web" / "timetable.js"
    text = source.read_text()
    zones = Path("/usr/share/zoneinfo")
    if not (zones / "Europe" / "Paris").exists():
        pytest.skip("no tz database in /usr/share/zoneinfo")
    for city, place in {
        "London": "Europe/London",
        "Paris": "Europe/Paris",
        "Helsinki": "Europe/Helsinki",
        "New York": "America/New_York",
        "Phoenix": "America/Phoenix",
        "Adelaide": "Australia/Adelaide",
        "Auckland": "Pacific/Auckland",
        "India": "Asia/Kolkata",
    }.items():
        rule = subprocess.run(
            ["tail", "-n", "1", zones / place], capture_output=True, check=True
        ).stdout.decode("utf-8", "replace")
        line = text[: text.index(city)].rpartition("['")[2]
        assert line.split("'")[0] == rule.strip(), city

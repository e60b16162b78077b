"""A connector's card: what it draws and has drawn, what its car does, and the details."""

import pytest
from page_server import NO_PLAYWRIGHT, NOTHING, expect_facts
from page_status import NEW_OF_CONNECTOR, connector, older_status, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, show.
pytest_plugins = ["page_server"]


def card_of(page, unit_id="2433"):
    return page.locator(f"[data-id='{unit_id}']")


def test_power_and_energy(show, server):
    page = show()
    numbers = {"now": "2 832 W", "this session": "4.27 kWh", "from the sun": "87 %"}
    expect_facts(page, ".sums", {**numbers, "lifetime": "1 235 kWh"})
    zero = connector(power_watts=0, session_kwh=0, solar_percent=0, total_kwh=99.94)
    server.document = status(connectors=[zero])
    numbers = {"now": "0 W", "this session": "0 kWh", "from the sun": "0 %"}
    expect_facts(page, ".sums", {**numbers, "lifetime": "99.9 kWh"})
    unknown = connector(total_kwh=None, session_kwh=12.345, solar_percent=None)
    server.document = status(connectors=[unknown])
    expect_facts(page, ".sums", {"now": "2 832 W", "this session": "12.3 kWh"})


@pytest.mark.parametrize(
    "changes, lines",
    [
        ({}, ["240 V 11.8 A"]),
        ({"phase_amps": None}, ["240 V"]),
        ({"volts": None}, ["11.8 A"]),
        (
            {"volts": [231, 229, 232], "phase_amps": [11.5, 11, 0], "phases": 2},
            ["L1 231 V 11.5 A", "L2 229 V 11 A", "L3 232 V 0 A"],
        ),
        ({"volts": None, "phase_amps": None}, []),
        ({"volts": [0, 0, 0], "phase_amps": [0, 0, 0]}, []),
    ],
    ids=["one", "volts only", "amperes only", "three", "not known", "not wired"],
)
def test_volts_and_amperes_of_the_phases(show, changes, lines):
    page = show(connectors=[connector(**changes)])
    expect(card_of(page).locator(".phases span")).to_have_text(lines)


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"plug": "unplugged"}, "No car plugged in"),
        ({"plug": "plugged in"}, "Car plugged in · battery 64 %"),
        ({"plug": "charging", "soc": None}, "Car charging on 1 phase"),
        ({"plug": "charging", "phases": 3, "soc": 0}, "Car charging on 3 phases · battery 0 %"),
        ({"plug": "charging", "phases": None, "soc": None}, "Car charging"),
        ({"plug": "state 2", "soc": None}, "Plug: state 2"),
        ({"plug": None}, "battery 64 %"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_car_does(show, changes, sentence):
    page = show(connectors=[connector(**changes)])
    expect(card_of(page).locator("[data-f=plug]")).to_have_text(sentence)


def test_what_a_lost_unit_said_of_its_car_is_not_shown_as_true(show, server):
    page = show()
    card = card_of(page)
    expect(card).to_contain_text("Car charging")
    server.document = status(connectors=[connector(link="lost", heard_s=44)])
    expect(card).to_contain_text("Link lost")
    for part in (card.locator("[data-f=plug]"), card.locator(".phases")):
        expect(part).to_be_hidden()
        expect(part).to_have_text("")
    # What it has drawn up to then, and what it is, stays true.
    expect(card.locator(".sums")).to_contain_text("4.27 kWh")
    card.locator("summary").click()
    expect(card.locator("details dl")).to_contain_text("17C0012433")


def test_the_details(show, server):
    changes = {"rating_amps": 80, "claim_amps": 12.5, "missed": 1234, "contactors": "closed"}
    changes.update({"starts_today": 3, "starts_life": 1234})
    page = show(connectors=[connector(**changes)])
    card = card_of(page)
    expect(card.locator("details dl")).to_be_hidden()
    card.locator("summary").click()
    wanted = {
        "May get": "6 to 32 A",
        "Counts with": "12.5 A",
        "Priority": "5",
        "Starts": "3 today, 1 234 in all",
        "Unit takes": "80 A",
        "Protocol": "2",
        "Contactors": "closed",
        "Reply time": "18 ms",
        "Heartbeats": "1 234 missed",
        "Serial number": "17C0012433",
        "Firmware": "4.5.3.2",
        "VIN": "5YJ3TESTCAR000001",
    }
    expect_facts(page, "#connectors details dl", wanted)
    expect(card.locator(".amiss")).to_have_count(0)
    # Zeros in place of a VIN: the unit was asked and does not know it.
    server.document = status(connectors=[connector(**changes, vin="")])
    expect_facts(page, "#connectors details dl", {**wanted, "VIN": "unknown to the unit"})
    server.document = status(connectors=[connector(**{**changes, "contactors": "open"})])
    expect(card.locator(".amiss")).to_have_text("open")


def test_details_are_opened_with_the_keyboard_and_stay_open(show, server):
    page = show(connectors=[connector(), connector("1A2B", name="right", serial="17D0001A2B")])
    first, second = card_of(page), card_of(page, "1A2B")
    expect(first.locator("summary")).to_have_text("Details of left · 2433")
    expect(second.locator("summary")).to_have_text("Details of right · 1A2B")
    first.locator("[data-f=limit]").focus()
    page.keyboard.press("Tab")
    expect(first.locator("summary")).to_be_focused()
    for _ in ("allowed", "limit", "details"):
        page.keyboard.press("Tab")
    expect(second.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(second.locator("details dl")).to_contain_text("17D0001A2B")
    expect(first.locator("details dl")).to_be_hidden()
    page.evaluate("window.row = document.querySelector('[data-id=\"1A2B\"] details dl div')")
    server.document = status(
        connectors=[connector(), connector("1A2B", name="right", serial="17D0001A2B", min_amps=8)]
    )
    expect(second.locator("details dl")).to_contain_text("8 to 32 A")
    expect(second.locator("summary")).to_be_focused()
    # The same element with another text: what a person has selected near it stays so.
    assert page.evaluate("row === document.querySelector('[data-id=\"1A2B\"] details dl div')")
    page.keyboard.press("Space")
    expect(second.locator("details dl")).to_be_hidden()


def test_a_device_with_older_firmware(show, server):
    server.document = older_status()
    page = show()
    card = card_of(page)
    for part in (".sums", "[data-f=plug]", ".phases", ".own"):
        expect(card.locator(part)).to_be_hidden()
    card.locator("summary").click()
    expect_facts(
        page,
        "#connectors details dl",
        {"May get": "6 to 32 A", "Unit takes": "32 A", "Protocol": "2"},
    )
    expect(card).not_to_contain_text(NOTHING)


@pytest.mark.parametrize("value", [None, "?", [], [None], {}], ids=str)
def test_values_that_are_not_known_leave_no_trace(show, value):
    numbers = set(NEW_OF_CONNECTOR) - {"serial", "firmware", "vin", "plug", "contactors"}
    odd = dict.fromkeys(numbers, value)
    page = show(
        connectors=[connector(**odd, serial=None, firmware=None, vin=None, plug=None)],
    )
    card = card_of(page)
    card.locator("summary").click()
    expect(card.locator("details dl")).to_contain_text("Protocol")
    expect(card).not_to_contain_text(NOTHING)
    expect(card).not_to_contain_text("?")
    for part in (".sums", ".phases"):
        expect(card.locator(part)).to_be_hidden()


def test_a_connector_of_which_nothing_is_known_has_no_details(show):
    page = show(connectors=[{"id": "2433", "link": "new", "offer_amps": 0, "draw_amps": 0}])
    expect(card_of(page)).to_contain_text("Linking")
    expect(card_of(page).locator("details")).to_be_hidden()

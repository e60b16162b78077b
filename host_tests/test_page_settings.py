"""The settings on the page: a form made from the device's table of what config.json may say."""

import json

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import connector, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Their fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]


def part(page, heading):
    """A section, opened."""
    found = page.locator(".section", has=page.get_by_role("heading", name=heading, exact=True))
    found.locator("summary").click()
    return found


def save(page, server, count=1, name="Save"):
    page.get_by_role("button", name=name, exact=True).click()
    path, body, _ = server.wait_posted(count)
    assert path == "/api/config"
    return json.loads(body)


def test_only_what_was_changed_is_saved(view, server):
    server.document = status(connectors=[connector(), connector("1A2B", name="1A2B")])
    page = view("settings")
    expect(page.locator(".saving")).to_be_hidden()
    wires = part(page, "Wires").get_by_label("Most amperes")
    expect(wires).to_have_value("32")
    wires.fill("40")
    supply = part(page, "Supply").get_by_label("Volts")
    expect(supply).to_have_value("")
    expect(supply).to_have_attribute("placeholder", "240")
    supply.fill("230,5")
    # A number, a choice, a switch, a list and nothing at all.
    left = part(page, "Wall connector left · 2433")
    left.get_by_label("Most amperes").fill("")
    left.get_by_label("Phase", exact=True).select_option("L2")
    part(page, "Wall connector 1A2B").get_by_role("switch", name="Spike cure").click()
    part(page, "Cars").get_by_label("Deny").fill("5YJ3E1EA0KF000001\n5YJYGDEE1MF000002")
    expect(page.locator(".section .pill:visible")).to_have_count(5)
    assert save(page, server) == {
        "wires": {"max_amps": 40},
        "supply": {"volts": 230.5},
        "units": {"1A2B": {"spike_cure": True}, "2433": {"max_amps": None, "phase": "L2"}},
        "vins": {"deny": ["5YJ3E1EA0KF000001", "5YJYGDEE1MF000002"]},
    }
    expect(page.locator("#say")).to_contain_text("Saved.")
    expect(page.locator(".saving")).to_be_hidden()
    # What was saved is not saved again.
    wires.fill("32")
    assert save(page, server, 2) == {"wires": {"max_amps": 32}}


def test_pins_choices_and_sources_are_as_the_file_has_them(view, server):
    page = view("settings")
    pins = part(page, "Pins of the board")
    expect(pins.get_by_label("Driver enable")).to_have_value("")  # null: there is none
    expect(pins.get_by_label("Stop pin")).to_have_value("0")  # its default
    pins.get_by_label("Driver enable").fill("5")
    pins.get_by_label("Stop pin").fill("")
    expect(part(page, "Modes").get_by_label("Mode", exact=True)).to_have_value("solar")
    sources = part(page, "Sources").get_by_label("Sources")
    assert json.loads(sources.input_value()) == [{"kind": "grid", "topic": "home/meter/power"}]
    sources.fill('[{"kind": "grid", "topic": "meter"}]')
    assert save(page, server) == {
        "sources": [{"kind": "grid", "topic": "meter"}],
        "board": {"driver_enable": 5, "stop_pin": None},
    }
    sources.fill("[{")
    assert save(page, server, 2) == {"sources": "[{"}  # the device says how it is written


def test_what_the_device_says_stands_at_the_field(view, server):
    page = view("settings", width=360)
    for heading, label, text, sentence in (
        ("Wires", "Most amperes", "400", "wires.max_amps is 400: write a number from 6 to 240."),
        ("Wall connector left · 2433", "Phases", "x", "units.2433.phases is x: write a number."),
        ("Sources", "Sources", "[]", "source 1 (grid): topic is missing."),
        ("Name", "Name", "a b", "name is a b: write up to 24 letters, digits, - and _."),
    ):
        server.answers["POST /api/config"] = (400, {"error": sentence})
        section = part(page, heading)
        field = section.get_by_label(label, exact=True)
        was = field.input_value()
        field.fill(text)
        section.locator("summary").click()  # it opens by itself where something is wrong
        page.get_by_role("button", name="Save", exact=True).click()
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".section .wrong:visible")).to_have_text(sentence)
        expect(page.locator(".saving")).to_be_visible()
        field.fill(was)
        expect(page.locator(".section .wrong:visible")).to_have_count(0)
        expect(page.locator(".saving")).to_be_hidden()


def test_secrets_are_set_and_changed_but_never_shown(view, server):
    page = view("settings")
    wifi, broker = part(page, "Wi-Fi"), part(page, "Broker")
    expect(wifi).to_contain_text("Set")
    expect(wifi.get_by_label("Password", exact=True)).to_be_hidden()
    wifi.get_by_role("button", name="Change: Password").click()
    secret = wifi.get_by_label("Password", exact=True)
    expect(secret).to_be_focused()
    expect(secret).to_have_attribute("type", "password")
    secret.fill("new one")
    wifi.get_by_role("button", name="Show").click()
    expect(secret).to_have_attribute("type", "text")
    broker.get_by_label("Password", exact=True).fill("of the broker")
    assert save(page, server) == {
        "wifi": {"password": "new one"},
        "mqtt": {"password": "of the broker"},
    }
    expect(secret).to_be_hidden()
    broker.get_by_role("button", name="Remove: Password").click()
    assert save(page, server, 2) == {"mqtt": {"password": None}}
    expect(broker.get_by_label("Password", exact=True)).to_be_visible()


def test_saving_and_restarting(view, server):
    page = view("settings")
    part(page, "Wires").get_by_label("Most amperes").fill("20")
    assert save(page, server, name="Save and restart") == {
        "wires": {"max_amps": 20},
        "restart": True,
    }
    expect(page.locator("#say")).to_contain_text("starts anew")
    server.document = status(uptime_s=2)
    expect(page.locator("#say")).to_have_text("Saved, and running again.")


def test_finding_a_setting(view):
    page = view("settings", width=360)
    find = page.get_by_role("searchbox", name="Find a setting")
    find.fill("Relay starts day")
    expect(page.locator(".section:visible")).to_have_count(1)
    expect(page.locator(".section .field:visible label")).to_have_text(["Starts a day"])
    expect(page.get_by_text("1 setting", exact=True)).to_be_visible()
    find.fill("no such thing")
    expect(page.get_by_text("No setting has these words.")).to_be_visible()
    find.fill("")
    assert page.locator(".section:visible").count() > 20
    expect(page.locator(".section[open]")).to_have_count(0)


def test_whoever_leaves_with_changes_is_asked(view, server):
    page = view("settings")
    part(page, "Wires").get_by_label("Most amperes").fill("20")
    page.go_back()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Stay").click()
    expect(page.get_by_label("Most amperes").first).to_have_value("20")
    page.get_by_role("link", name="Bus").click()
    dialog.get_by_role("button", name="Leave without saving").click()
    expect(page.locator("#view-title")).to_have_text("Bus")
    assert server.posted == []

"""The device on the page: how it is, a new start, sessions, and who may change something."""

import json
import re
from pathlib import Path

import pytest
from page_server import NO_PLAYWRIGHT, expect_facts
from page_status import status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Their fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]

SESSIONS = "ended,connector,name,vin,minutes,kwh,solar_percent\n,2433,left,,60,7.2,80\n"


def card(page, heading):
    return page.locator(".card", has=page.get_by_role("heading", name=heading, exact=True))


def test_how_it_is(view, server):
    page = view("device", width=360)
    facts = {
        "Name": "garage",
        "Running for": "66 min",
        "Memory": "80 kB free | of 120 kB",
        "Wi-Fi": "connected | 192.168.1.77",
        "Signal": "−61 dBm | good",
        "Broker": "connected | 192.168.1.5:1883",
    }
    expect_facts(page, "#view .told >> nth=0", facts)
    expect_facts(page, "#view .told >> nth=1", {"Runs": "0.1.0", "Newest known": "not told"})
    expect(card(page, "Version")).to_contain_text("make deploy")
    expect(page.locator("#view .amiss")).to_have_count(0)
    server.document = status(
        latest="0.2.0",
        memory={"free": 2000, "used": 110000},
        wifi={"state": "connected", "ip": "192.168.1.77", "rssi": -84},
        mqtt={"state": "waiting", "broker": "192.168.1.5:1883", "note": "connection refused"},
    )
    expect(page.locator("#view .amiss span:first-child")).to_have_text(
        [
            re.compile("2.kB free"),
            re.compile("−84.dBm"),
            "waiting",
            "0.2.0",
        ]
    )


def test_restart_asks_first_and_tells_when_it_runs_again(view, server):
    page = view("device")
    button = page.get_by_role("button", name="Restart")
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert server.posted == []
    server.answers["POST /api/restart"] = (400, {"error": "it has just started: wait."})
    button.click()
    dialog.get_by_role("button", name="Restart").click()
    expect(card(page, "New start").get_by_role("alert")).to_have_text("it has just started: wait.")
    expect(button).to_be_enabled()
    server.answers["POST /api/restart"] = {"restart": True}
    button.click()
    dialog.get_by_role("button", name="Restart").click()
    assert server.wait_posted(2)[:2] == ("/api/restart", "")
    server.wait_asked(server.asked + 8)
    expect(page.get_by_role("button", name="Restarting")).to_be_disabled()
    server.document = status(uptime_s=3)
    expect(page.locator("#say")).to_have_text("It runs again.")
    expect(button).to_be_enabled()


def test_sessions_are_downloaded(view, server):
    server.answers["/api/sessions"] = SESSIONS
    page = view("device")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download sessions").click()
    assert download.value.suggested_filename == "sessions.csv"
    assert Path(download.value.path()).read_text() == SESSIONS


def test_the_password_is_changed(view, server):
    page = view("device")
    page.get_by_text("Change the password").first.click()
    old, new = page.get_by_label("Password so far"), page.get_by_label("New password")
    old.fill("the wrong one")
    new.fill("short")
    change = page.get_by_role("button", name="Change the password")
    for code, sentence, place in (
        (400, "password: 8 to 64 characters.", new),
        (401, "Not let in: wrong user name or password.", old),
        (429, "Too many wrong tries: wait 2 s.", old),
    ):
        server.answers["POST /api/password"] = (code, {"error": sentence})
        change.click()
        expect(place).to_have_accessible_description(re.compile(re.escape(sentence)))
        expect(place).to_be_focused()
        # No dialog asks for the password that has just been typed.
        expect(page.get_by_role("dialog")).to_have_count(0)
    server.answers["POST /api/password"] = {"in": True}
    old.fill("the right one")
    change.click()
    path, body, fields = server.wait_posted(4)
    assert (path, fields["x-twc"]) == ("/api/password", "1")
    assert json.loads(body) == {"password": "short", "old": "the right one"}
    expect(page.locator("#say")).to_have_text("The password is changed.")
    expect(card(page, "Access").get_by_role("heading")).to_be_focused()


def test_a_token_is_shown_once_and_removed(view, server):
    there = [False]
    server.answers["/api/access"] = lambda *_: {
        "lock": "set",
        "read": "open",
        "in": True,
        "token": there[0],
    }

    def token(body, _):
        there[0] = not json.loads(body).get("remove")
        return {"token": "a0b1c2" if there[0] else None}

    server.answers["POST /api/token"] = token
    page = view("device")
    page.get_by_text("Access token for scripts").click()
    page.get_by_role("button", name="Make one").click()
    shown = page.locator(".token")
    expect(shown).to_have_text("a0b1c2")
    expect(card(page, "Access")).to_contain_text("it is not shown again")
    page.get_by_role("button", name="Remove it").click()
    expect(page.locator("#say")).to_have_text("The token is removed.")
    expect(shown).to_have_count(0)
    page.get_by_text("Access token for scripts").click()
    expect(page.get_by_role("button", name="Make one")).to_be_visible()


def test_logging_out(view, server):
    inside = [True]
    server.answers["/api/access"] = lambda *_: {
        "lock": "set",
        "read": "open",
        "in": inside[0],
        "token": True,
    }
    server.answers["POST /api/logout"] = lambda *_: inside.clear() or inside.append(False) or {}
    page = view("device")
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("#say")).to_have_text("Logged out.")
    expect(page.get_by_role("button", name="Log out")).to_have_count(0)


def test_a_device_without_a_password_or_without_a_lock(view, server):
    server.answers["/api/access"] = {"lock": "none", "read": "open", "in": False, "token": False}
    page = view("device", width=360)
    access = card(page, "Access")
    expect(access.locator(".note")).to_contain_text("No password yet")
    access.get_by_label("Password", exact=True).fill("sunshine1")
    server.answers["/api/access"] = {"lock": "off", "read": "open", "in": True, "token": False}
    access.get_by_role("button", name="Set the password").click()
    assert json.loads(server.wait_posted(1)[1]) == {"password": "sunshine1"}
    expect(access.locator(".note")).to_contain_text("may change everything")
    expect(access.get_by_role("button")).to_have_count(0)

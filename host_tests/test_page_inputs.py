"""The inputs on the page: what came, what it was read as, and how old it is."""

import re

import pytest
from page_server import NO_PLAYWRIGHT, expect_facts
from page_status import status
from page_views import INPUT

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Their fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]


def bar(page):
    return page.locator(".age").evaluate(
        "el => [parseFloat(el.firstChild.style.width), el.firstChild.className]"
    )


def test_a_reading(view, server):
    page = view("inputs")
    card = page.locator(".input")
    expect(card.get_by_role("heading", name="Surplus")).to_be_visible()
    expect(card.locator(".large")).to_have_text("3\u00a0000\u00a0W for the cars")
    expect_facts(page, ".told", {"Topic": "twc/garage/surplus/set", "Last text": "“3000”"})
    expect(
        card.get_by_role("img", name=re.compile("4\\ss old of at most 2\\smin"))
    ).to_be_visible()
    assert bar(page) == [pytest.approx(100 * 4 / 120, abs=0.1), ""]
    expect(card.locator(".pill")).to_have_text("in use")
    # It is asked for again; the last text may be anything, and is only ever text.
    attack = "<img src=x onerror=\"document.title='taken'\">"
    bad = {"text": attack, "read": "nothing; the one before: 3 000 W", "problem": attack}
    server.answers["/api/inputs"] = {"inputs": [{**INPUT, **bad, "age_s": 60}]}
    expect(card.locator(".note")).to_have_text(attack)
    expect(card.locator(".pill")).to_have_text("not used")
    expect(page.locator("#view-root img")).to_have_count(0)
    assert bar(page)[0] == 50


def test_how_old_it_is(view, server):
    silent = {**INPUT, "text": "", "read": None, "watts": None, "age_s": None}
    old = {**INPUT, "age_s": 1300, "max_age_s": 900, "problem": "nothing for 21 min"}
    unchanged = {**INPUT, "age_s": 1300, "max_age_s": None}
    server.answers["/api/inputs"] = {"inputs": [silent, old, unchanged]}
    page = view("inputs", width=360)
    expect(page.locator(".input")).to_have_count(3)
    for card, (word, age, width) in zip(
        page.locator(".input").all(),
        [
            ("nothing yet", "", None),
            ("too old", "21 min old of at most 15 min", 100),
            ("in use", "21 min old; its sender lives", None),
        ],
        strict=True,
    ):
        expect(card.locator(".pill")).to_have_text(word)
        shown = card.locator(":scope > .small")
        expect(shown).to_be_visible(visible=bool(age))
        assert shown.text_content().replace("\u00a0", " ") == age
        expect(card.locator(".age")).to_be_visible(visible=width is not None)
    assert bar(page.locator(".input").nth(1)) == [100, "old"]


def test_how_a_reading_is_sent_with_this_devices_own_addresses(view, server):
    server.document = status(
        name="carport", mqtt={"state": "connected", "broker": "10.0.0.7:1884"}
    )
    page = view("inputs", width=360)
    page.get_by_text("How to send a reading").click()
    expect(page.locator("pre")).to_have_text(
        [
            "mosquitto_pub -h 10.0.0.7 -p 1884 -t twc/carport/surplus/set -m 3000",
            "mosquitto_pub -h 10.0.0.7 -p 1884 -t twc/carport/grid/set -m -3000",
            f'curl -d 3000 -H "Authorization: Bearer TOKEN" {server.url}api/surplus',
            f'curl -d -3000 -H "Authorization: Bearer TOKEN" {server.url}api/grid',
        ]
    )


def test_a_device_that_does_not_answer_is_said_and_heals(view, server):
    server.answers["/api/inputs"] = (503, {"error": "There is no memory for this now."})
    page = view("inputs")
    note = page.locator("#view-root section > .note")
    expect(note).to_have_text("There is no memory for this now.")
    server.answers["/api/inputs"] = {"inputs": []}
    expect(note).to_be_hidden()
    expect(page.get_by_text("Nothing is listened to.")).to_be_visible()

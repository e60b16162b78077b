"""A device that does not answer: the page says so, and heals by itself."""

import re

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, visit.
pytest_plugins = ["page_server"]

PATIENCE_MS = 60_000

# Lets a test hide the tab, as a person who changes to another one does, and counts the requests.
TAB = """
  let hidden = false, fetched = 0;
  Object.defineProperty(document, 'hidden', {get: () => hidden});
  window.hide = value => { hidden = value; document.dispatchEvent(
    new Event('visibilitychange', {bubbles: true})); };
  const real = window.fetch;
  window.fetch = (...args) => { fetched += args[0] === 'api/status'; return real(...args); };
  window.fetched = () => fetched;
"""


def expect_old(page, sentence):
    expect(page.locator("#reason")).to_have_text(sentence, timeout=PATIENCE_MS)
    expect(page.locator("body")).to_have_class("old")
    expect(page.locator("#state")).to_have_text("No connection")
    expect(page.locator("#live")).to_have_text(re.compile(r"^\d+\ss old$"))
    expect(page.locator("#trouble")).to_contain_text(re.compile(r"What you see is \d+\ss old"))
    expect(page).to_have_title("No answer · garage")


def expect_healed(page):
    expect(page.locator("#reason")).to_have_text("Back.", timeout=PATIENCE_MS)
    expect(page.locator("body")).not_to_have_class(re.compile("old"))
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#trouble")).to_be_hidden()


def test_a_device_that_is_gone_is_told_and_heals(visit, server):
    page = visit()
    server.stop()
    expect_old(page, "The device does not answer.")
    expect(page.locator("#trouble")).to_contain_text("It said: “Charging at 12 A: 3 000 W")
    expect(page.locator("#surplus")).to_have_text("3 000 W")  # still there, in grey
    server.document = status(reason="Back.", uptime_s=3)
    server.start()
    expect_healed(page)


@pytest.mark.parametrize(
    "mode, sentence",
    [
        ("error", "The device answers with error 503."),
        ("garbage", "The answer of the device cannot be read."),
    ],
)
def test_a_useless_answer_is_told_and_heals(visit, server, mode, sentence):
    page = visit()
    server.mode = mode
    expect_old(page, sentence)
    server.document = status(reason="Back.")
    server.mode = "ok"
    expect_healed(page)


def test_a_document_that_is_none_is_told(visit, server):
    page = visit()
    server.document = []
    expect_old(page, "The answer of the device cannot be read.")


def test_a_device_that_hangs_is_told_and_asked_once_at_a_time(visit, server):
    page = visit(clock=True, script=TAB)
    server.mode = "hang"
    page.clock.run_for(1000)
    server.wait_asked(2)
    page.clock.run_for(4000)
    expect(page.locator("#surplus-age")).to_have_text(re.compile(r"^9\ss ago$"))
    expect(page.locator("body")).not_to_have_class(re.compile("old"))
    assert page.evaluate("fetched()") == 2
    # Given up after 5 s. It may take a moment of real time until the script hears of that.
    page.clock.run_for(1000)
    expect(page.locator("body")).not_to_have_class(re.compile("old"))
    page.clock.run_for(1001)
    expect_old(page, "The device does not answer.")
    assert page.evaluate("fetched()") == 2
    for _ in range(20):
        page.clock.run_for(500)
        if page.evaluate("fetched()") > 2:
            break
    server.wait_asked(3)
    server.document = status(reason="Back.")
    server.mode = "ok"
    expect_healed(page)


def test_one_answer_that_is_missing_is_no_news(visit, server):
    page = visit()
    page.evaluate(
        """() => {
            window.wasOld = false;
            new MutationObserver(() => { wasOld ||= document.body.classList.contains('old'); })
              .observe(document.body, {attributes: true});
        }"""
    )
    asked = server.asked
    server.mode = "error"
    server.wait_asked(asked + 1)
    server.mode = "ok"
    server.document = status(reason="Back.")
    expect_healed(page)
    assert page.evaluate("wasOld") is False


def test_a_device_that_never_answered(visit, server):
    server.mode = "error"
    page = visit(wait=False)
    expect(page.locator("#reason")).to_have_text("The device answers with error 503.")
    expect(page.locator("#trouble")).to_contain_text("This page goes on asking by itself.")
    expect(page.locator("#shown")).to_be_hidden()
    expect(page.locator("#live")).to_have_text("No answer")
    server.document = status(reason="Back.")
    server.mode = "ok"
    expect_healed(page)
    expect(page.locator("#shown")).to_be_visible()


def test_a_tab_seen_again_does_not_ask_twice(visit, server):
    page = visit(clock=True, script=TAB)
    server.mode = "hang"
    page.clock.run_for(1000)
    server.wait_asked(2)
    assert page.evaluate("hide(true); hide(false); fetched()") == 2


def test_a_hidden_tab_asks_seldom_and_a_seen_one_at_once(visit, server):
    page = visit(clock=True, script=TAB)
    assert page.evaluate("hide(true); fetched()") == 1
    page.clock.run_for(4900)
    assert page.evaluate("fetched()") == 1
    server.document = status(state="off", name="hidden")
    page.clock.run_for(200)
    # The tab's title tells what it does.
    expect(page).to_have_title("Off · hidden")
    page.clock.run_for(4900)
    assert page.evaluate("fetched()") == 2
    server.document = status(reason="Back.")
    assert page.evaluate("hide(false); fetched()") == 3
    expect_healed(page)
    page.clock.run_for(1000)
    assert page.evaluate("fetched()") == 4


def test_new_firmware_brings_its_own_page(visit, server):
    page = visit()
    page.evaluate("window.mark = 'the old page'")
    with page.expect_navigation(timeout=PATIENCE_MS):
        server.document = status(version="0.2.0")
    expect(page.locator("#version")).to_have_text("0.2.0")
    assert page.evaluate("window.mark") is None

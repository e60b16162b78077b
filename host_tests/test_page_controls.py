"""What can be set on the overview: mode, Manual, boost, limits, who may charge. What is posted is
what docs/mqtt.md says, what is shown is what the device says."""

import json
import re

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import connector, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, show, visit.
pytest_plugins = ["page_server"]

REFUSED = "mode cannot be set now: wait for the first minute to be over."


def radio(page, name):
    return page.get_by_role("radio", name=name, exact=True)


def posted(server, count=1):
    """(path, body) of request number `count`, once it is there; it has come from our page."""
    path, body, fields = server.wait_posted(count)
    assert fields["x-twc"] == "1"
    assert len(server.posted) == count
    return path, body


def move(slider, value):
    """Moves a slider as a hand does: many values on the way, then it is let go."""
    slider.evaluate(
        """(el, value) => {
            for (const each of [value - 1, value]) {
                el.value = each;
                el.dispatchEvent(new Event('input', {bubbles: true}));
            }
        }""",
        value,
    )


def let_go(slider):
    slider.evaluate("el => el.dispatchEvent(new Event('change', {bubbles: true}))")


@pytest.mark.parametrize(
    "name, mode",
    [("Off", "off"), ("Solar + minimum", "minimum")],
)
def test_a_mode_is_pending_until_the_device_has_it(show, server, name, mode):
    page = show()
    expect(radio(page, "Solar")).to_be_checked()
    radio(page, name).click()
    assert posted(server) == ("/api/mode", mode)
    expect(radio(page, name)).to_have_attribute("aria-busy", "true")
    # What is pressed is the device's to say, not ours.
    assert page.get_by_role("radio", checked=True).all_text_contents() == ["Solar"]
    server.document = status(mode=mode)
    expect(radio(page, name)).to_be_checked()
    expect(radio(page, name)).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    expect(page.locator("#refused")).to_be_hidden()


def test_a_refused_mode_says_why_and_changes_nothing(visit, server):
    server.answers["POST /api/mode"] = (409, {"error": REFUSED})
    page = visit()
    radio(page, "Fast").click()
    expect(page.get_by_role("alert")).to_have_text(REFUSED)
    expect(radio(page, "Solar")).to_be_checked()
    expect(radio(page, "Fast")).to_have_attribute("aria-busy", "false")
    # The next one that is carried out takes the sentence away.
    server.answers["POST /api/mode"] = {}
    radio(page, "Off").click()
    server.wait_posted(2)
    expect(page.locator("#refused")).to_be_hidden()


def test_a_mode_that_the_device_never_takes_is_not_pending_for_ever(visit, server):
    page = visit(clock=True)
    radio(page, "Fast").click()
    expect(radio(page, "Fast")).to_have_attribute("aria-busy", "true")
    server.wait_posted(1)
    for _ in range(60):
        page.clock.run_for(1000)
        if radio(page, "Fast").get_attribute("aria-busy") == "false":
            break
    expect(radio(page, "Fast")).to_have_attribute("aria-busy", "false")
    expect(radio(page, "Solar")).to_be_checked()


def test_a_device_that_does_not_answer_is_told(visit, server):
    page = visit()
    server.stop()
    radio(page, "Fast").click()
    expect(page.locator("#refused")).to_have_text("The device does not answer.")
    expect(radio(page, "Fast")).to_have_attribute("aria-busy", "false")


def test_the_modes_with_the_keyboard(show, server):
    page = show()
    radio(page, "Solar").focus()
    # One stop for the whole group; arrows choose nothing on their way.
    page.keyboard.press("ArrowRight")
    expect(radio(page, "Solar + minimum")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(radio(page, "Fast")).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(radio(page, "Fast")).to_be_focused()
    assert server.posted == []
    # Not moved away by the device's next answers.
    server.wait_asked(server.asked + 2)
    expect(radio(page, "Fast")).to_be_focused()
    page.keyboard.press("Space")
    assert posted(server) == ("/api/mode", "fast")
    page.keyboard.press("Tab")
    expect(page.locator("#limit")).to_be_focused()


def test_manual_asks_for_amperes_first(show, server):
    page = show(wires_amps=24)
    expect(page.locator("#manual")).to_be_hidden()
    radio(page, "Manual").click()
    slide = page.get_by_label("Current")
    expect(slide).to_be_focused()
    expect(slide).to_have_attribute("max", "24")
    amps = page.get_by_label("Amperes")
    move(slide, 13)
    expect(amps).to_have_value("13")
    amps.fill("10")
    expect(slide).to_have_value("10")
    expect(page.locator("#manual-now")).to_have_text(re.compile(r"10\sA"))
    # What was typed outlasts the device's answers.
    server.wait_asked(server.asked + 2)
    expect(amps).to_have_value("10")
    assert server.posted == []
    page.get_by_role("button", name="Set").click()
    path, body = posted(server)
    assert path == "/api/mode"
    assert json.loads(body) == {"mode": "manual", "amps": 10, "seconds": 10800}
    wish = {"owner": "mode", "priority": 25, "unit": None, "mode": "manual", "limit": 10}
    server.document = status(mode="manual", manual_amps=10, wishes=[{**wish, "left_s": 10740}])
    expect(radio(page, "Manual")).to_be_checked()
    expect(page.locator("#mode-note")).to_contain_text(re.compile(r"For 2\sh more"))
    expect(page.locator("#manual")).to_be_visible()


def test_manual_does_not_take_what_the_wires_cannot(show, server):
    page = show(wires_amps=24)
    radio(page, "Manual").click()
    page.get_by_label("Amperes").fill("25")
    page.get_by_role("button", name="Set").click()
    assert page.get_by_label("Amperes").evaluate("el => el.validity.rangeOverflow")
    page.get_by_label("Amperes").fill("")
    page.get_by_role("button", name="Set").click()
    assert server.posted == []
    radio(page, "Off").click()
    assert posted(server) == ("/api/mode", "off")
    expect(page.locator("#manual")).to_be_hidden()


@pytest.mark.parametrize(
    "chip, label, value, body",
    [
        (None, "Hours", "1.5", "1.5 h"),
        ("After kWh", "Energy in kWh", "12", "12 kWh"),
        ("At a time", "Until", "06:30", {"until": "06:30"}),
        ("Unplugged", None, None, "unplugged"),
    ],
)
def test_a_boost_and_its_end(show, server, chip, label, value, body):
    page = show()
    page.get_by_text("Boost: full power").click()
    if chip:
        page.get_by_text(chip, exact=True).click()
    if label:
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Start boost").click()
    path, told = posted(server)
    assert path == "/api/boost"
    assert (json.loads(told) if isinstance(body, dict) else told) == body
    expect(page.locator("#boost-form")).to_be_hidden()
    server.document = status(boost="90 min more", boost_minutes=90)
    expect(page.locator("#boosting")).to_contain_text(re.compile(r"Boost 90\smin more"))
    expect(page.locator("#boost")).to_be_hidden()
    page.get_by_role("button", name="Stop boost").click()
    assert posted(server, 2) == ("/api/boost", "off")
    server.document = status()
    expect(page.locator("#boosting")).to_be_hidden()
    expect(page.locator("#boost")).to_be_visible()


def test_a_refused_boost_stays_open_with_what_was_typed(visit, server):
    sentence = "boost until 07:00 needs the time, which is not known: write how long, such as 2 h."
    server.answers["POST /api/boost"] = (400, {"error": sentence})
    page = visit()
    page.get_by_text("Boost: full power").click()
    page.get_by_text("At a time").click()
    page.get_by_role("button", name="Start boost").click()
    expect(page.locator("#refused")).to_have_text(re.compile("^boost until 07:00 needs the time"))
    expect(page.get_by_label("Until", exact=True)).to_have_value("07:00")


def test_the_limit_is_posted_when_it_is_let_go(show, server):
    page = show(limit_amps=32)
    limit = page.get_by_label("Limit of all cars together")
    move(limit, 20)
    expect(page.locator("#limit-now")).to_have_text(re.compile(r"20\sA"))
    # The device still says 32 A: a hand on the slider is stronger.
    server.wait_asked(server.asked + 2)
    expect(limit).to_have_value("20")
    assert server.posted == []
    let_go(limit)
    assert posted(server) == ("/api/limit", "20")
    server.document = status(limit_amps=20)
    server.wait_asked(server.asked + 2)
    # Whoever else changes it moves ours, too.
    server.document = status(limit_amps=10)
    expect(limit).to_have_value("10")
    expect(page.locator("#limit-now")).to_have_text(re.compile(r"10\sA"))
    # At its end there is no limit.
    move(limit, 32)
    let_go(limit)
    assert posted(server, 2) == ("/api/limit", "none")


def test_a_refused_limit_jumps_back(visit, server):
    server.answers["POST /api/limit"] = (400, {"error": "limit is 20: write something else."})
    page = visit()
    limit = page.get_by_label("Limit of all cars together")
    move(limit, 20)
    let_go(limit)
    expect(page.locator("#refused")).to_have_text(re.compile(r"^limit is 20"))
    expect(limit).to_have_value("32")


def test_a_connectors_own_limit_and_switch(show, server):
    two = [connector(max_amps=32), connector("1A2B", name="right", max_amps=16, limit_amps=16)]
    page = show(connectors=two)
    limit = page.get_by_label("Limit of right")
    expect(limit).to_have_attribute("max", "16")
    move(limit, 8)
    let_go(limit)
    assert posted(server) == ("/api/1A2B/limit", "8")
    allowed = page.get_by_role("switch", name="Charging allowed for right")
    expect(allowed).to_be_checked()
    allowed.click()
    assert posted(server, 2) == ("/api/1A2B/allow", "off")
    two[1].update(allowed=False, limit_amps=8)
    server.document = status(connectors=two)
    server.wait_asked(server.asked + 2)
    expect(allowed).not_to_be_checked()
    expect(page.get_by_role("switch", name="Charging allowed for left")).to_be_checked()
    two[1].update(allowed=True)
    server.document = status(connectors=two)
    expect(allowed).to_be_checked()


def test_a_refused_switch_falls_back_with_a_sentence_on_its_card(visit, server):
    server.answers["POST /api/2433/allow"] = (400, {"error": "allow is not possible."})
    page = visit()
    allowed = page.get_by_role("switch")
    allowed.click()
    expect(page.locator("[data-id='2433']").get_by_role("alert")).to_have_text(
        "allow is not possible."
    )
    expect(allowed).to_be_checked()
    expect(page.locator("#refused")).to_be_hidden()


def test_what_is_switched_off_for_all_can_be_allowed(show, server):
    page = show(allowed=False)
    page.get_by_role("button", name="Allow it").click()
    assert posted(server) == ("/api/allow", "on")
    server.document = status(allowed=True)
    expect(page.locator("#forbidden")).to_be_hidden()

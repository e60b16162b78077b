"""The frame around the views: the way from one to the other, and what they are given."""

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, visit.
pytest_plugins = ["page_server"]

# A view in place of one of the page's.
VIEW = """
export const title = 'Made up';
export async function open(root, app) {
  window.app = app;
  window.told = [];
  window.closes = 0;
  if (root.tagName !== 'SECTION' || root.childNodes.length) throw new Error('no empty section');
  root.append(app.h('p', {id: 'made-up'}, 'Here.'));
  return {
    status(doc) { told.push(doc.reason); root.firstChild.title = doc.reason; },
    close() { closes += 1; },
  };
}
"""


@pytest.fixture
def made_up(visit):
    """The page, with a view of ours for "Device" and "Setup"; `failing`: how often it fails."""

    def go(failing=0, **how):
        page = visit(**how)
        left = [failing]

        def answer(route):
            if left[0]:
                left[0] -= 1
                return route.fulfill(status=503, body="Too many; try again.")
            route.fulfill(content_type="text/javascript", body=VIEW)

        for name in ("device", "setup"):
            page.route(f"**/{name}.js*", answer)
        return page

    return go


def to(page, name):
    page.get_by_role("navigation").get_by_role("link", name=name).click()


def pass_time(page, there):
    """Lets the page's time pass until `there()` is true."""
    for _ in range(100):
        page.clock.run_for(1000)
        if there():
            return
        page.wait_for_timeout(50)
    raise AssertionError("that never happened")


def test_from_view_to_view_and_back(made_up, server):
    page = made_up()
    link = page.get_by_role("navigation").get_by_role("link", name="Device")
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
    link.click()
    heading = page.get_by_role("heading", name="Made up", level=2)
    expect(heading).to_be_focused()
    expect(page.locator("#made-up")).to_be_visible()
    expect(page.locator("#shown")).to_be_hidden()
    expect(link).to_have_attribute("aria-current", "page")
    expect(page.locator("nav [aria-current=page]")).to_have_count(1)
    expect(page).to_have_title("Made up · Charging 11.8 A · garage")
    server.document = status(reason="News.")
    expect(page.locator("#made-up")).to_have_attribute("title", "News.")
    assert page.evaluate("closes") == 0
    page.go_back()
    expect(page.locator("#reason")).to_have_text("News.")
    expect(page.locator("#shown")).to_be_visible()
    expect(page.locator("#view")).to_be_hidden()
    assert page.evaluate("closes") == 1
    told = page.evaluate("told.length")
    server.wait_asked(server.asked + 2)
    assert page.evaluate("told.length") == told


def test_an_address_opens_its_view_and_an_unknown_one_the_overview(made_up):
    page = made_up()
    page.evaluate("location.hash = '#/device'")
    expect(page.locator("#made-up")).to_be_visible()
    page.evaluate("location.hash = '#/../index'")
    expect(page.locator("#shown")).to_be_visible()
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")


def test_a_view_that_is_left_while_it_loads_does_not_come_back(made_up):
    page = made_up(failing=1)
    to(page, "Device")
    to(page, "Overview")
    expect(page.locator("#shown")).to_be_visible()
    page.wait_for_timeout(1000)
    expect(page.locator("#view")).to_be_hidden()
    assert page.evaluate("window.told") is None


def test_a_busy_device_is_asked_again_for_a_view(made_up):
    page = made_up(failing=1)
    to(page, "Device")
    expect(page.locator("#made-up")).to_be_visible()


def test_a_view_that_cannot_be_loaded_can_be_tried_again(made_up):
    page = made_up(failing=5, clock=True)
    to(page, "Device")
    again = page.get_by_role("button", name="Try again")
    pass_time(page, again.count)
    expect(page.locator("#view")).to_contain_text("could not be loaded")
    again.click()
    expect(page.locator("#made-up")).to_be_visible()


def test_a_lost_connection_is_told_in_each_view(made_up, server):
    page = made_up(clock=True)
    to(page, "Device")
    reason = page.locator("#reason")
    expect(reason).to_be_hidden()
    server.stop()
    pass_time(page, reason.is_visible)
    expect(reason).to_have_text("The device does not answer.")
    expect(page.locator("#made-up")).to_be_visible()
    server.start()
    pass_time(page, reason.is_hidden)


def test_a_new_board_opens_its_setup(made_up, server):
    server.document = status(wifi={"state": "off", "ip": "", "rssi": None})
    server.answers["/api/setup"] = {"open": True, "new": True}
    page = made_up(wait=False)
    expect(page.locator("#view")).to_be_visible()
    assert page.evaluate("location.hash") == "#/setup"


def test_a_board_that_is_only_offline_does_not(made_up, server):
    server.document = status(wifi={"state": "waiting", "ip": "", "rssi": None})
    page = made_up()
    server.wait_asked(server.asked + 2)
    assert page.evaluate("location.hash") == ""


def test_what_a_view_is_given(made_up, server):
    page = made_up()
    to(page, "Device")
    page.locator("#made-up").wait_for()
    server.answers["/api/thing"] = {"a": 1}
    server.answers["/api/text"] = "name,kWh\n"
    server.answers["POST /api/thing"] = (400, {"error": "a is 2: write 1."})
    assert page.evaluate("app.get('api/thing')") == {"a": 1}
    assert page.evaluate("app.get('api/text', {text: true})") == "name,kWh\n"
    wrong = "e => [e.message, e.status]"
    asked = page.evaluate(f"app.post('api/thing', {{a: 2}}).catch({wrong})")
    assert asked == ["a is 2: write 1.", 400]
    path, body, fields = server.posted[0]
    assert (path, body, fields["content-type"]) == ("/api/thing", '{"a":2}', "application/json")
    server.answers["/api/text"] = (500, "Broken.\n")
    assert page.evaluate(f"app.get('api/text').catch({wrong})") == ["Broken.", 500]
    server.answers["/api/text"] = (200, "no JSON")
    assert page.evaluate(f"app.get('api/text').catch({wrong})") == [
        "The answer of the device cannot be read.",
        200,
    ]
    made = page.evaluate(
        """() => app.h('select', {value: 'b', class: 'x', disabled: false, required: true},
            app.h('option', {}, 'a'), [app.h('option', {}, 'b'), null, false], '<img>', 0)
            .outerHTML + app.h('input', {value: 0}).value"""
    )
    assert made == (
        '<select class="x" required=""><option>a</option><option>b</option>&lt;img&gt;0</select>0'
    )
    page.evaluate("app.say('Saved.', 'ok')")
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    assert page.evaluate("app.latest.name") == "garage"
    numbers = "[app.number(1234.5, 1), app.watts(-50), app.duration(3700), app.ago(0.2)]"
    assert page.evaluate(numbers) == ["1\u202f234.5", "−50\u00a0W", "61\u00a0min", "just now"]

"""The page fits small and large screens, and can be read in light and dark."""

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import connector, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, visit.
pytest_plugins = ["page_server"]

LONG = "Ein-sehr-langer-Name-ohne-ein-einziges-Leerzeichen-" * 4
CROWDED = {
    "name": LONG,
    "reason": f"Waiting: {LONG}",
    "surplus": {
        "watts": 123456,
        "age_s": 4,
        "source": "grid",
        "lost": False,
        "unusable": f"the last text was not a number: {LONG}",
    },
    "offer_amps": 96,
    "draw_amps": 95.5,
    "power_watts": 22920,
    "connectors": [
        connector(
            unit,
            name=LONG,
            state="wants a limit",
            echo_amps=6,
            link=link,
            reason=LONG,
            power_watts=22222,
            session_kwh=123456.78,
            total_kwh=1234567.89,
            volts=[231, 229, 232],
            phase_amps=[31.8, 31.5, 31.7],
            phases=3,
            plug=plug,
            serial=LONG,
            contactors="open",
            missed=123456,
        )
        for unit, link, plug in (
            ("2433", "ok", "charging"),
            ("1A2B", "silent", "plugged in"),
            ("77F0", "new", LONG),
        )
    ],
    "bus": {
        **status()["bus"],
        "frames": 123456789,
        "rate": 12.3,
        "bad": 1234567,
        "short": 123,
        "echoes": 123456789,
        "noisy": 12345,
        "gap_max_ms": 123456,
        "gaps": 1234,
        "gap_cause": LONG,
        "second_master": "ABCD",
        "note": LONG,
    },
    "warnings": [LONG, "Short."],
    "mqtt": {"state": "waiting", "broker": f"{LONG}:1883", "note": LONG},
    "events": [[1, "warning", LONG], [2, "error", LONG]],
}
LOST = {
    "state": "lost",
    "surplus": {"watts": 3000, "age_s": 400, "source": "grid", "lost": True, "unusable": None},
    "connectors": [],
    "events": [],
}

# For every visible text: its size, and its contrast with what lies behind it (WCAG 2.2, 1.4.3).
# A background that is not opaque, or an opacity below 1, would need mixing: none may be used.
READABLE = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = channels(colour).slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = el => {
    for (; el; el = el.parentElement) {
      const colour = getComputedStyle(el).backgroundColor, alpha = channels(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const el = walk.currentNode.parentElement, style = getComputedStyle(el);
    const text = walk.currentNode.textContent.trim();
    if (!text || !el.checkVisibility() || el.matches('script, style, template')) continue;
    const ink = light(el.matches('svg text') ? style.fill : style.color);
    const [a, b] = [ink, light(behind(el))].sort((x, y) => y - x);
    // Words below a picture that says the same.
    const least = el.closest('nav') ? 11 : 14;
    found.push({text, size: parseFloat(style.fontSize), least, contrast: (a + 0.05) / (b + 0.05)});
  }
  return found;
}"""


@pytest.fixture
def open_page(visit):
    """As `visit`, with everything opened that can be."""

    def go(**how):
        page = visit(**how)
        for summary in page.locator("summary:visible").all():
            summary.click()
        return page

    return go


@pytest.mark.parametrize("changes", [{}, CROWDED, LOST], ids=["usual", "crowded", "lost"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1920])
def test_nothing_is_wider_than_the_screen(open_page, server, width, changes):
    server.document = status(**changes)
    page = open_page(width=width)
    assert page.locator("details:not([open])").count() == 0
    # What stands in a card stays in it, too.
    spilt = page.evaluate(
        """() => [...document.querySelectorAll('.card')]
            .filter(el => el.scrollWidth > el.clientWidth).map(el => el.outerHTML.slice(0, 80))"""
    )
    assert spilt == []
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(el => el.getBoundingClientRect().right > innerWidth + 0.5)
            .map(el => el.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_the_answer_without_scrolling(visit):
    page = visit(width=360, height=640)
    bar = page.get_by_role("navigation").bounding_box()["y"]
    for part in ("#state", "#reason", "#surplus", "#surplus-age", "#rest", "#draw", "#modes"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= bar, part


def test_dark_is_dark_and_light_is_light(visit):
    def brightness(page):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour[4:-1].split(",")) / 3

    assert brightness(visit(scheme="dark")) < 40
    assert brightness(visit(scheme="light")) > 220


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("changes", [{}, CROWDED, LOST], ids=["usual", "crowded", "lost"])
def test_every_text_can_be_read(open_page, server, scheme, changes):
    server.document = status(**changes)
    page = open_page(scheme=scheme, width=360)
    assert_readable(page, at_least=50 if changes is LOST else 80)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_old_values_are_grey_and_can_still_be_read(open_page, server, scheme):
    page = open_page(scheme=scheme)
    server.stop()
    expect(page.locator("body")).to_have_class("old", timeout=60_000)
    expect(page.locator("#shown")).to_have_css("filter", "grayscale(1)")
    assert_readable(page, at_least=80)


def test_the_order_of_headings_tells_the_page(visit):
    page = visit()
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3')].filter(h => h.checkVisibility())"
        ".map(h => h.tagName + ' ' + h.textContent)"
    )
    assert levels == [
        "H1 garage",
        "H2 Power now",
        "H2 Charge",
        "H2 Last hours",
        "H2 Connectors",
        "H3 left · 2433",
        "H2 Last events",
        "H2 Device",
    ]
    roles = (("banner", 1), ("navigation", 1), ("main", 1), ("contentinfo", 1), ("list", 3))
    for role, count in roles:
        expect(page.get_by_role(role)).to_have_count(count)


def test_what_can_be_opened_has_a_name_of_its_own_and_says_whether_it_is(visit, server):
    server.document = status(connectors=[connector(), connector("1A2B", name="right")])
    page = visit()
    page.locator("#boost summary").click()
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    found = {}
    for node in tree:
        if node.get("role", {}).get("value") == "DisclosureTriangle":
            states = {each["name"]: each["value"].get("value") for each in node["properties"]}
            found[node["name"]["value"]] = states["expanded"]
    assert found == {
        "Boost: full power for a while": True,
        "As a table": False,
        "Details of left · 2433": False,
        "Details of right · 1A2B": False,
    }


@pytest.mark.parametrize("width", [360, 1280])
def test_what_can_be_pressed_is_large_enough_for_a_finger(open_page, server, width):
    server.document = status(mode="manual", manual_amps=16)
    page = open_page(width=width)
    small = page.evaluate(
        """() => [...document.querySelectorAll('summary, a, button, select, input, label.switch')]
            .filter(el => el.checkVisibility() && !el.matches('.chips input'))
            .map(el => [el.outerHTML.slice(0, 60), el.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44)"""
    )
    assert small == []


def test_nothing_moves_for_those_who_want_it_still(visit):
    page = visit()
    line = page.locator("#link path")
    expect(line).to_have_css("animation-name", "run")
    page.emulate_media(reduced_motion="reduce")
    expect(line).to_have_css("animation-name", "none")


def assert_readable(page, at_least):
    texts = page.evaluate(READABLE)
    assert len(texts) >= at_least
    assert [text for text in texts if text["contrast"] < 4.5 or text["size"] < text["least"]] == []

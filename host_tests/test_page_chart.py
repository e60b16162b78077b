"""The chart of the last hours: lines with gaps, and the same as a table."""

import re

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import HISTORY, status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, show, visit.
pytest_plugins = ["page_server"]

# Ends at 12:00:01 by the browser's clock, as the status does: uptime 4000 s.
GAPS = {
    "step_s": 180,
    "now_s": 4000,
    "surplus": [None, 1000, 2000, None, 3000, None, None, 4000, 5000, 6000, -500],
    "offer": [0, 0, 0, 0, 2880, 2880, 2880, 2880, 2880, 2880, 2880],
    "draw": [None] * 11,
}


@pytest.fixture
def draw(visit, server):
    def go(history, **how):
        server.answers["/api/history"] = history
        page = visit(**how)
        page.locator("#chart svg").wait_for()
        return page

    return go


def runs(page, key):
    """How many lines a line is made of."""
    return page.locator(f"#chart .line.{key}").get_attribute("d").count("M")


def test_what_is_not_known_is_a_gap(draw):
    page = draw(GAPS, clock=True)
    assert (runs(page, "surplus"), runs(page, "offer"), runs(page, "draw")) == (3, 1, 0)
    # From the top of the scale, 6 kW, down to below zero; time in the browser's own hours.
    labels = page.locator("#chart svg text").all_text_contents()
    assert labels[:5] == ["−2", "0", "2", "4", "6\u00a0kW"]
    assert [label[2:] for label in labels[5:]] == [":45", ":30", ":15"]


def test_a_high_value_is_drawn_high(draw):
    page = draw({**GAPS, "surplus": [0] * 5 + [6000] * 6})
    steps = page.locator("#chart .line.surplus").get_attribute("d")
    heights = [float(each) for each in re.findall(r"[\d.]+ ([\d.]+)", steps)]
    assert heights[0] == heights[4] > heights[5] == heights[10]
    places = [float(each) for each in re.findall(r"([\d.]+) [\d.]+", steps)]
    assert places == sorted(places)
    zero = float(page.locator("#chart .zero").get_attribute("y1"))
    assert heights[0] == pytest.approx(zero, abs=0.1)


def test_it_is_told_to_those_who_do_not_see_it(draw):
    page = draw(GAPS)
    picture = page.locator("#chart").get_by_role("img")
    name = picture.get_attribute("aria-label").replace("\u00a0", " ").replace("\u202f", " ")
    assert "surplus −500 W to 6 000 W, offered 0 W to 2 880 W, drawn not known." in name
    page.get_by_text("As a table").click()
    table = page.get_by_role("table")
    expect(table.locator("thead th")).to_have_text(["From", "Surplus", "Offered", "Drawn"])
    rows = [
        [re.sub(r"\s", " ", cell) for cell in row.locator("td").all_text_contents()]
        for row in table.locator("tbody tr").all()
    ]
    # Means of half an hour, of what is known, the newest first.
    assert rows == [["2 929", "2 016", "unknown"], ["unknown", "0", "unknown"]]


def test_a_finger_on_it_reads_the_values(draw):
    page = draw(GAPS)
    box = page.locator("#chart svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + 50)
    expect(page.locator("#chart-at")).to_have_text(
        re.compile(r"^\d\d:\d\d: −500\sW · 2\s880\sW · –$")
    )
    page.mouse.move(box["x"] + 100, box["y"] - 50)
    expect(page.locator("#chart-at")).to_have_text("")


@pytest.mark.parametrize(
    "history", [{**GAPS, "surplus": [], "offer": [], "draw": []}, {}, []], ids=str
)
def test_a_device_that_has_just_started_has_none_yet(show, server, history):
    server.answers["/api/history"] = history
    page = show()
    expect(page.locator("#chart-picture")).to_contain_text("as soon as there is something")
    expect(page.locator("#chart-more")).to_be_hidden()


def test_it_is_asked_for_when_seen_and_every_three_minutes(draw, server):
    asked = []
    # Its time runs ahead of the server's: no patience ends.
    patient = "AbortController.prototype.abort = () => {};"
    page = draw(lambda *_: asked.append(1) or HISTORY, clock=True, script=patient)
    assert len(asked) == 1
    server.document = status(reason="Later.")
    page.clock.run_for(179_000)
    expect(page.locator("#reason")).to_have_text("Later.")
    assert len(asked) == 1
    page.clock.run_for(2_000)
    for _ in range(50):
        if len(asked) == 2:
            break
        page.wait_for_timeout(50)
    assert len(asked) == 2


def test_a_chart_that_the_device_cannot_tell_leaves_the_rest_alone(visit, server):
    server.answers["/api/history"] = (503, {"error": "Too many; try again."})
    page = visit(clock=True)
    expect(page.locator("#power")).to_have_text("2 832 W".replace(" ", "\u202f", 1))
    server.answers["/api/history"] = HISTORY
    # It asks again 20 s after it has read the refusal, and when that was nobody is told.
    for _ in range(20):
        page.clock.run_for(21_000)
        page.wait_for_timeout(100)
        if page.locator("#chart svg").count():
            break
    page.locator("#chart svg").wait_for()

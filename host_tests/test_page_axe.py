"""What keeps people from using the page, as far as axe-core finds it: names of controls, order of
headings, contrast, roles, in each view."""

import pytest
from page_server import NO_PLAYWRIGHT

pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
reason = "no axe-core: install the Python package 'axe-playwright-python'"
Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason=reason).Axe

# Its fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]

# WCAG 2.2 A and AA, and what axe-core's authors recommend beyond them.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# How wide, and light or dark: each view is looked at in one of them, the overview in both.
VIEWS = {
    "timetable": (360, "dark"),
    "inputs": (1280, "dark"),
    "bus": (360, "light"),
    "settings": (1280, "light"),
    "device": (360, "dark"),
    "setup": (360, "light"),
}


def check(page):
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    # It has looked: an empty page has no faults either.
    assert len(found.response["passes"]) >= 10


def unfold(page):
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_keeps_anybody_out(view, name):
    width, scheme = VIEWS[name]
    page = view(name, width=width, scheme=scheme)
    unfold(page)
    check(page)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_overview_does_not_either(visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    unfold(page)
    check(page)


def test_nor_does_the_login(visit, server):
    server.answers["POST /api/mode"] = (401, {"error": "Log in to change something."})
    server.answers["/api/access"] = {"lock": "set", "read": "open", "in": False, "token": False}
    page = visit()
    page.get_by_text("Fast", exact=True).click()
    page.locator("dialog[open]").wait_for()
    check(page)


def test_a_fault_is_found(visit):
    page = visit()
    page.evaluate("document.body.append(document.createElement('button'))")
    found = Axe().run(page, options=RULES)
    assert "button-name" in [fault["id"] for fault in found.response["violations"]]

"""The password: asked for when it is wanted, chosen when there is none yet."""

import json

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import status

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, visit.
pytest_plugins = ["page_server"]

WRONG = "The password is wrong."
RIGHT = "charge me now"


class Lock:
    """What a device with a password answers; `password` None: it has none yet."""

    def __init__(self, server, password, read="open"):
        self.password, self.inside, self.server = password, False, server
        server.answers["POST /api/mode"] = self.change
        server.answers["/api/access"] = self.access
        server.answers["POST /api/login"] = self.login
        server.answers["POST /api/password"] = self.choose
        if read == "password":
            server.answers["/api/status"] = lambda *_: self.inside and status() or self.out()

    def out(self):
        return 401, {"error": "Log in first."}

    def access(self, *_):
        return {"lock": "set" if self.password else "none", "read": "open", "in": self.inside}

    def change(self, body, fields):
        if self.password is None:
            return 403, {"error": "Set a password first: POST /api/password."}
        return {} if self.inside else self.out()

    def login(self, body, fields):
        self.inside = json.loads(body)["password"] == self.password
        return {} if self.inside else (401, {"error": WRONG})

    def choose(self, body, fields):
        self.password, self.inside = json.loads(body)["password"], True
        return {}


def fast(page):
    page.get_by_role("radio", name="Fast").click()


def paths(server):
    return [path for path, _, _ in server.posted]


def test_a_change_asks_for_the_password_and_is_made_then(visit, server):
    Lock(server, RIGHT)
    page = visit()
    fast(page)
    dialog = page.get_by_role("dialog", name="Log in")
    password = dialog.get_by_label("Password")
    expect(password).to_be_focused()
    expect(password).to_have_attribute("type", "password")
    password.fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text(WRONG)
    password.fill(RIGHT)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).to_have_count(0)
    server.wait_posted(4)
    assert paths(server) == ["/api/mode", "/api/login", "/api/login", "/api/mode"]
    assert server.posted[-1][1] == "fast"
    expect(page.locator("#refused")).to_be_hidden()


def test_who_does_not_log_in_is_told_what_the_device_said(visit, server):
    Lock(server, RIGHT)
    page = visit()
    fast(page)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#refused")).to_have_text("Log in first.")
    expect(page.get_by_role("radio", name="Fast")).to_have_attribute("aria-busy", "false")
    assert paths(server) == ["/api/mode"]


def test_the_first_password_is_chosen_before_the_first_change(visit, server):
    lock = Lock(server, None)
    page = visit()
    fast(page)
    dialog = page.get_by_role("dialog", name="Choose a password")
    first, again = dialog.get_by_label("Password"), dialog.get_by_label("The same again")
    for typed, twice, sentence in (
        ("short", "short", "Take 8 to 64 characters."),
        (RIGHT, RIGHT + "?", "The two are not the same."),
    ):
        first.fill(typed)
        again.fill(twice)
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_have_text(sentence)
    assert lock.password is None
    again.fill(RIGHT)
    dialog.get_by_label("Show").check()
    expect(first).to_have_attribute("type", "text")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    server.wait_posted(3)
    assert paths(server) == ["/api/mode", "/api/password", "/api/mode"]
    assert lock.password == RIGHT


def test_what_is_forbidden_for_another_reason_is_only_told(visit, server):
    lock = Lock(server, RIGHT)
    lock.change = server.answers["POST /api/mode"] = (403, {"error": "Not from another page."})
    page = visit()
    fast(page)
    expect(page.locator("#refused")).to_have_text("Not from another page.")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_too_many_tries_are_told_in_the_dialog(visit, server):
    Lock(server, RIGHT)
    server.answers["POST /api/login"] = (429, {"error": "Wait for 8 s."})
    page = visit()
    fast(page)
    page.get_by_label("Password").fill("guess")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_have_text("Wait for 8 s.")


def test_reading_can_want_the_password_too(visit, server):
    Lock(server, RIGHT, read="password")
    page = visit(wait=False)
    dialog = page.get_by_role("dialog", name="Log in")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#reason")).to_have_text("This device wants its password.")
    expect(page.locator("#shown")).to_be_hidden()
    # Nothing is asked until somebody wants to log in: each question would be refused.
    asked = server.asked
    page.wait_for_timeout(1200)
    assert server.asked == asked
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Password").fill(RIGHT)
    page.keyboard.press("Enter")
    expect(page.locator("#reason")).to_have_text(status()["reason"].replace("3 000", "3\u00a0000"))
    expect(page.locator("#shown")).to_be_visible()


def test_a_session_that_ends_asks_again_and_goes_on(visit, server):
    lock = Lock(server, RIGHT, read="password")
    lock.inside = True
    page = visit()
    lock.inside = False
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator("body")).to_have_class("old")
    page.get_by_label("Password").fill(RIGHT)
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text("Live")

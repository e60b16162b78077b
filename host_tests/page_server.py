"""A little web server for the tests of the page, and the browser they run it in.

It answers as the device does, `GET /` and the files beside it gzipped, `GET /api/status` with one
JSON document and `GET /api/frames` with the recording, and takes what is posted; but the document
and all other answers are whatever the test sets, and the server can fail on demand. What the
firmware itself answers is tested elsewhere, with the firmware.

A pytest plugin for its fixtures, at the end: modules name it in ``pytest_plugins``.
PYTEST_DONT_REWRITE: they import it first.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import re
import shutil
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from page_status import HISTORY, RECORDING, status

from tools.minify import smaller

WEB = Path(__file__).resolve().parent.parent / "firmware" / "web"
PAGE = WEB / "index.html"

# As firmware/pages.py sends it.
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

STARTED = datetime(2025, 6, 1, 12, tzinfo=timezone.utc)
NO_PLAYWRIGHT = "no Playwright: install the Python package 'playwright'"


class PageServer:
    """Serves the page, a settable status document and settable answers, on a free port of this
    machine.

    `document` is what /api/status answers. `mode` is how: "ok", "error" (503), "garbage" (no
    JSON) or "hang" (no answer until the mode changes). `asked` counts the requests for the
    status, `open_most` the largest number of them that were open at the same time, `unknown`
    lists the paths that are none of the device's.

    `answers` is what other paths answer, "/api/inputs" or, if GET and POST differ, "POST
    /api/config": an object or a list (sent as JSON, code 200), a text, (code, one of these), or a
    function of body and header fields that returns one of these. What is an answer to GET only is
    not found under its path alone by a POST: that is answered with {} and noted, like all of
    them, in `posted`: (path, body as text, header fields as a dictionary with small letters).
    """

    def __init__(self) -> None:
        self.document = status()
        self.asked = 0
        self.open_most = 0
        self.unknown: list[str] = []
        self.posted: list[tuple[str, str, dict]] = []
        self.answers: dict = {
            "/api/history": HISTORY,
            "/api/setup": {"open": False, "new": False},
            "/api/access": {"lock": "set", "read": "open", "in": True, "token": False},
        }
        self._open = 0
        self._mode = "ok"
        self._changed = threading.Condition()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> PageServer:
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://127.0.0.1:{self._port}/"

    @property
    def mode(self) -> str:
        """How the status is answered; setting it lets the requests that hang go on."""
        return self._mode

    @mode.setter
    def mode(self, value: str) -> None:
        with self._changed:
            self._mode = value
            self._changed.notify_all()

    def start(self) -> None:
        """Listen; after a stop(), on the same port as before."""
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._port = self._server.server_address[1]
        loop = self._server.serve_forever
        threading.Thread(target=loop, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Close the port: from now on the device is gone, connections are refused."""
        if self._server is None:
            return
        if self._mode == "hang":
            self.mode = "ok"
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def status_answer(self) -> tuple[int, bytes]:
        """HTTP code and body for one request of the status, counted."""
        with self._changed:
            self.asked += 1
            self._open += 1
            self.open_most = max(self.open_most, self._open)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._mode != "hang", timeout=60)
            self._open -= 1
            mode = self._mode
        if mode == "error":
            return 503, b"busy"
        if mode == "garbage":
            return 200, b"<html>not the document"
        return 200, json.dumps(self.document).encode()

    def answer(self, method: str, path: str, body: str = "", fields: dict | None = None):
        """(HTTP code, JSON object or text) of what the test has set, None if nothing fits."""
        with self._changed:
            if method == "POST":
                self.posted.append((path, body, fields or {}))
                self._changed.notify_all()
        found = self.answers.get(f"{method} {path}")
        if found is None:
            found = self.answers.get(path) if method == "GET" else {}
        if callable(found):
            found = found(body, fields or {})
        if found is None:
            return None
        return found if isinstance(found, tuple) else (200, found)

    def wait_posted(self, count: int, timeout_s: float = 60) -> tuple[str, str, dict]:
        """Wait until so many POST requests came in all; the last of them. TimeoutError if not."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.posted) >= count, timeout_s):
                raise TimeoutError(f"posted: {self.posted}, not {count}")
            return self.posted[count - 1]

    def wait_asked(self, count: int, timeout_s: float = 60) -> None:
        """Wait until the status was asked for `count` times in all; TimeoutError if it was not."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.asked >= count, timeout_s):
                raise TimeoutError(f"status asked for {self.asked} times, not {count}")


class _Handler(BaseHTTPRequestHandler):
    owner: PageServer

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        name = path[1:] or "index.html"
        file = WEB / name
        fields = {key.lower(): value for key, value in self.headers.items()}
        if path == "/api/status":
            # Counted, and failing on demand, also if the test has set another answer.
            code, body = self.owner.status_answer()
            found = self.owner.answer("GET", path, "", fields)
            if found is not None:
                return self._answer(*found)
            self._send(code, "application/json", body)
        elif (found := self.owner.answer("GET", path, "", fields)) is not None:
            self._answer(*found)
        elif re.fullmatch(r"[a-z0-9_-]+\.(html|css|js|svg)", name) and file.exists():
            body = on_board(file)
            more = {"Content-Encoding": "gzip", "Cache-Control": "no-cache", **SECURITY}
            self._send(200, KINDS[file.suffix], body, more)
        elif path == "/settings.txt":
            text = (WEB.parent / "settings.txt").read_bytes()
            self._send(200, "text/plain; charset=utf-8", text)
        elif path == "/api/frames":
            self._send(200, "text/plain; charset=utf-8", RECORDING.encode())
        else:
            self.owner.unknown.append(self.path)
            self._send(404, "text/plain", b"unknown path")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fields = {key.lower(): value for key, value in self.headers.items()}
        self._answer(*self.owner.answer("POST", self.path, body, fields))

    def _answer(self, code: int, told) -> None:
        if isinstance(told, str):
            return self._send(code, "text/plain; charset=utf-8", told.encode())
        self._send(code, "application/json", json.dumps(told).encode())

    def _send(self, code: int, kind: str, body: bytes, more: dict | None = None) -> None:
        # The browser may have given up a request that hung: then there is nobody to tell.
        with contextlib.suppress(ConnectionError):
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_) -> None:
        """Say nothing: pytest shows what went wrong."""


@functools.cache
def on_board(file: Path) -> bytes:
    """What a board sends of a file of the page."""
    return gzip.compress(smaller(file.name, file.read_bytes()), mtime=0)


def find_chromium() -> str | None:
    """Path of an installed Chromium (or Chrome), or None."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def browser_or_skip():
    """For a fixture to `yield from`: a headless Chromium through Playwright, closed at the end.
    Skips with the reason when Chromium or Playwright is missing."""
    api = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)
    path = find_chromium()
    if path is None:
        pytest.skip(f"no Chromium: none of {', '.join(CHROMIUM_NAMES)} is on the PATH")
    # Patience costs nothing where all is right, and this machine may have other work.
    api.expect.set_options(timeout=60_000)
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


# The page asks ten times a second, not once: who changes what the device says need not wait. All
# other times stay.
HASTY = """
  const real = window.setTimeout;
  window.setTimeout = (work, time, ...more) => real(work, time === 1000 ? 100 : time, ...more);
"""


class Visitor:
    """Opens the page in tabs of their own, and notes what they complain about.

    Tabs share one context of the browser, whose start takes longer than most tests; its cookies go
    at the end. Only one whose clock is not the machine's has its own.
    """

    def __init__(self, browser, server: PageServer) -> None:
        self._browser = browser
        self._server = server
        self._open: list = []
        self.complaints: list[str] = []

    def __call__(
        self, *, width=1280, height=800, scheme="light", clock=False, script=None, wait=True
    ):
        """A new tab with the page, once it shows the device and can be used (`wait`). `clock`: its
        time stands still and moves on by page.clock.run_for() only; `script`: runs before the
        page's own."""
        context = self._browser.new_context() if clock else shared_context(self._browser)
        page = context.new_page()
        self._open.append(context if clock else page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(f"no {request.url}"))
        if clock:
            page.clock.install(time=STARTED)
            page.clock.pause_at(STARTED + timedelta(seconds=1))
        if script:
            page.add_init_script(script)
        page.goto(self._server.url)
        if wait:
            page.locator("#shown").wait_for()
            # What is set on the page comes with a module of its own, a moment later.
            page.locator("#modes button:enabled").first.wait_for(state="attached")
        return page

    def close(self) -> list[str]:
        """Closes all tabs. Returns the complaints: console messages, errors of the script,
        failed requests, and paths asked for that the device does not have."""
        # What fails while a tab is being closed is no fault of the page.
        seen = self.complaints + self._server.unknown
        for tab in self._open:
            tab.close()
        self._open.clear()
        shared_context(self._browser).clear_cookies()
        return seen


def shared_context(browser):
    """The context of this browser that tabs share."""
    return browser.contexts[0] if browser.contexts else browser.new_context()


# What a page shows of a value that is missing, if nobody thought of that.
NOTHING = re.compile(r"undefined|null|NaN|false|\[object|–")

_FACTS = """dl => {
  const words = el => el.textContent.replace(/\\s/g, ' ');
  return dl.checkVisibility() ? Object.fromEntries([...dl.children].map(row =>
    [words(row.querySelector('dt')),
     [...row.querySelectorAll('dd span')].map(words).join(' | ')])) : null;
}"""


def expect_facts(page, dl: str, wanted: dict, timeout_s: float = 60) -> None:
    """Waits until the visible definition list `dl` (a selector) says exactly `wanted`: its terms
    in order, each with its lines, joined by " | ", every space a plain one."""
    give_up = time.monotonic() + timeout_s
    while True:
        seen = page.locator(dl).evaluate(_FACTS)
        if seen == wanted and list(seen) == list(wanted):
            return
        if time.monotonic() > give_up:
            raise AssertionError(f"{dl} says {seen}, not {wanted}")
        page.wait_for_timeout(50)


@pytest.fixture(scope="session")
def browser():
    """A Chromium. A tab that stays open all the time keeps its process for pages of this machine,
    whose start would take longer than most tests."""
    for browser in browser_or_skip():
        with PageServer() as server:
            shared_context(browser).new_page().goto(f"{server.url}settings.txt")
            yield browser


@pytest.fixture
def server():
    with PageServer() as server:
        yield server


@pytest.fixture
def visit(browser, server):
    visitor = Visitor(browser, server)
    yield visitor
    visitor.close()


@pytest.fixture
def show(browser, server):
    """``show(**changes)`` shows the page of a device with these changes of its status; without
    any, as `server.document` is. The page asks for it more often than usual. At the end of the
    test the console must have stayed empty and no request may have failed."""
    visitor = Visitor(browser, server)

    def go(**changes):
        if changes:
            server.document = status(**changes)
        return visitor(script=HASTY)

    yield go
    assert visitor.close() == []

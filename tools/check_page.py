"""The page in use, for `make check-board`: loads what a browser loads, then asks as it does."""

import json
import threading
import time
import urllib.error
import urllib.request

from tools.stage import ROOT

EVERY_S = 2
TIMEOUT_S = 12
FILES = ("/", *[f"/{path.name}" for path in sorted((ROOT / "firmware/web").glob("*.*s"))])


def ask(url, timeout_s=TIMEOUT_S):
    """(HTTP status, body) of a GET. Raises OSError where there is no answer."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except (ValueError, OSError) as error:
        raise OSError(str(error)) from error
    except Exception as error:  # half an answer: http.client has its own
        raise OSError(f"{error.__class__.__name__}: {error}") from error


def first_frame_ms(base, patience_s=90, pause_s=8):
    """Milliseconds from the board's reset to its first frame on the bus, as it says itself after
    having started anew, or None if it does not say so within ``patience_s``.

    It is asked after ``pause_s`` and then as often: while a board starts it has other things to
    do, and no memory to spare for its page."""
    deadline = time.monotonic() + patience_s
    time.sleep(min(pause_s, patience_s))
    while time.monotonic() < deadline:
        try:
            status, body = ask(f"{base}/api/status")
            if status == 401:
                return None
            if status == 200:
                return json.loads(body)["bus"].get("first_ms")
        except (OSError, ValueError, KeyError, TypeError):
            pass
        time.sleep(pause_s)
    return None


class Visitor:
    """Somebody with the page open at ``base`` ("http://192.168.1.20"), from start() to stop().

    ``answers``: how many there were, ``busy`` of them 503, ``refused`` 401, ``failed`` none at
    all, ``error`` the last reason, ``slowest_s`` the longest wait.
    """

    def __init__(self, base):
        self.base = base
        self.answers = self.busy = self.refused = self.failed = 0
        self.error = ""
        self.slowest_s = 0.0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._visit, name="visitor", daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        """Ends at once; an answer that is awaited is not counted any more."""
        self._ending.set()

    def _visit(self):
        for path in FILES:
            if self._ending.is_set():
                return
            self._get(path)
        while not self._ending.wait(EVERY_S):
            self._get("/api/status")
            # Whoever was shown in once and now finds nobody waits before trying again, as a page.
            if self.failed > 5 and not self.answers:
                return

    def _get(self, path):
        begin = time.monotonic()
        try:
            status, _ = ask(self.base + path)
        except OSError as error:
            if not self._ending.is_set():
                self.failed += 1
                self.error = str(error)
            return
        if self._ending.is_set():
            return
        self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
        self.answers += 1
        self.busy += status == 503
        self.refused += status == 401

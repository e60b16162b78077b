"""What `make check-board` makes of what a board told: the table, the warnings, the verdict."""

import http.server
import json
import threading

import pytest

from tools import check_board, check_page
from tools.check_report import VERSION, Report

# What a board says that is all right. Memory: bytes in all, free, largest piece, least ever.
GOOD = {
    "seconds": 60,
    "interpreter": ["micropython", [1, 23, 0], "Generic ESP32 module with ESP32", "v1", "esp32"],
    "firmware": VERSION,
    "chip": [160_000_000, 4 << 20, 2],
    "flash": [2 << 20, 1200 << 10],
    "id": "0a24",
    "pins": [["tx", 17], ["driver_enable", None]],
    "settings": [True, True, False, 0, 0, "open"],
    "before": [10_464, 156_128, [240_640, 138_936, 110_592, 138_752]],
    "sample": [[20, 100_000, [240_640, 40_212, 38_912, 33_520], "connected", "10.0.0.7", -60, ""]],
    "after": [98_000, [240_640, 40_000, 38_000, 30_000]],
    "first": [900, 905],
    "ready": 12,
    "started": 1300,
    "late": 90,
    "gaps": [[1000, 999, 1001], [1040]],
    "longest": [2300, 1, "start"],
    "frames": [184, 120, 161, 0, 0],
    "line": [161, 0, 0, 0, 0],
    "second": False,
    "slave": [["2433", 2, 3200, "ok", 39, 0]],
    "channel": 6,
    "mqtt": ["connected", ""],
    "warning": [],
    "problem": [],
    "event": [],
    "words": [],
    "short": [],
    "end": True,
}


class Guest:
    """A visitor of the page."""

    base, error, slowest_s = "http://10.0.0.7", "timed out", 0.7
    answers, busy, refused, failed = 40, 1, 0, 0

    def __init__(self, **changed):
        self.__dict__.update(changed)


def report(guest=None, **changed):
    return Report({**GOOD, **changed}, guest or Guest())


def sample(index, value):
    changed = list(GOOD["sample"][0])
    changed[index] = value
    return [changed]


def test_a_good_board():
    made = report()
    assert made.warnings == [] and not made.failed
    rows = dict(made.rows)
    assert rows["interpreter"] == "micropython 1.23.0 (v1), Generic ESP32 module with ESP32"
    assert rows["chip"] == "160 MHz, 4 MB of flash"
    assert rows["pins"] == "tx 17, driver_enable none"
    assert rows["flash"] == "1200 KB of 2048 KB are free"
    assert rows["first frame"] == "1.3 s after a reset"
    assert rows["worst stall"] == "90 ms, in 60 s of use"
    assert rows["heartbeats"].startswith("every 1001 ms (median), 999 to 1040 ms, 99.9 %: 1040")
    assert rows["connector 2433"] == "protocol 2, 32 A, answers after 39 ms, 0 times not; link ok"
    assert rows["loop-back"].startswith("not bridged")
    assert rows["Wi-Fi"] == "10.0.0.7, -60 dBm at the least, channel 6"
    assert rows["broker"] == "connected"
    assert rows["page"].startswith("40 answers, the slowest after 0.7 s; 1 times busy")
    lines = made.text().splitlines()
    assert rows["shared memory"].startswith("135.7 KB of 235.0 KB free (108.0 KB in one piece)")
    assert "39.3 KB of 235.0 KB free (38.0 KB in one piece) with it" in made.text()
    assert lines[-1] == "OK"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"interpreter": [*GOOD["interpreter"][:1], [1, 22, 2], "x", "v", "esp32"]}, "1.23 or ne"),
        ({"firmware": "0.0.1"}, "The board has version 0.0.1"),
        ({"flash": [2 << 20, 300 << 10]}, "Only 300 KB of the flash are free"),
        ({"sample": sample(1, 111_000)}, "111 were in use"),
        ({"sample": sample(2, [240_640, 8_000, 4_000, 300])}, "fell to 7.8 KB"),
        ({"short": [30]}, "the recording of frames was given up"),
        ({"started": 12_000}, "The first frame took 12.0 s"),
        ({"started": None, "first": None}, "Nothing was sent on the bus"),
        ({"late": 800}, "stood still for 800 ms"),
        ({"gaps": [[1000, 2000]]}, "A heartbeat came after 2.0 s in place of 1 s (start)"),
        ({"gaps": [[1000, 4500]]}, "No heartbeat for 4.5 s"),
        ({"slave": [["2433", 2, 3200, "silent", 39, 9]]}, "2433 does not answer now"),
        ({"slave": []}, "No wall connector answered"),
        ({"line": [100, 10, 0, 0, 0]}, "10 of 110 frames were broken"),
        ({"line": [100, 0, 0, 0, 2]}, "The gate held 2 frames back"),
        ({"second": True}, "A second master is on the line"),
        ({"frames": [20, 10, 9, 5, 0]}, "Only 5 of 20 of our own frames"),
        ({"frames": [20, 0, 0, 0, 7], "slave": []}, "Only broken frames were heard"),
        ({"sample": sample(3, "waiting")}, "Wi-Fi was not joined"),
        ({"sample": sample(5, -80)}, "The signal is weak (-80 dBm)"),
        ({"sample": sample(5, -90)}, "The signal is hardly enough"),
        ({"mqtt": ["waiting", "no answer"]}, "The broker was not reached: no answer"),
        ({"words": [["last_words.txt", "Traceback\nMemoryError: \n"]]}, "MemoryError"),
        ({"problem": ["config.json: a."], "warning": ["config.json: a."]}, "config.json: a."),
        ({"ended": "The connection broke off."}, "The connection broke off."),
    ],
)
def test_each_trouble_has_a_sentence(changed, sentence):
    made = report(**changed)
    told = [one for one in made.warnings if sentence in one]
    assert len(told) == 1, made.warnings
    # Nothing else is blamed, but what follows from it.
    assert len(made.warnings) == 1 or not changed.get("slave", True), made.warnings
    assert "OK, with " in made.text() and f" - {told[0]}" in made.text()


def test_what_came_back():
    for echoed, sent, found in ((184, 184, "whole: 184 of 184"), (183, 184, "whole: 183 of 184")):
        made = report(frames=[sent, 120, 161, echoed, 0])
        assert dict(made.rows)["loop-back"].startswith(found) and made.warnings == []


def test_the_page_as_it_was():
    assert "asks for a password" in report(Guest(refused=40)).warnings[0]
    assert "failed 9 times" in report(Guest(failed=9)).warnings[0]
    assert "HOST=address" in report(Guest(answers=0)).warnings[0]
    made = Report({**GOOD, "sample": sample(4, "")}, None)
    assert dict(made.rows)["page"].startswith("not asked") and made.warnings == []


def test_a_board_that_has_no_network_is_none_the_worse():
    made = report(settings=[False, False, False, 0, 0, "open"], sample=sample(3, "off"), mqtt=None)
    rows = dict(made.rows)
    assert (rows["Wi-Fi"], rows["broker"]) == ("none is configured", "none is configured")
    assert made.warnings == []


def test_a_firmware_that_died():
    found = {key: GOOD[key] for key in ("seconds", "before", "interpreter", "settings")}
    found |= {key: [] for key in check_board.MANY}
    made = Report(found | {"ended": "MemoryError: 1234"}, None)
    assert made.failed and "did NOT run to the end" in made.text()
    assert "MemoryError: 1234" in made.warnings


def test_what_is_not_known_of_a_desktop():
    made = report(
        before=[100, 200, None], sample=sample(2, None), after=[100, None], chip=[None] * 3
    )
    assert dict(made.rows)["shared memory"] == "not known on this platform"
    assert made.warnings == []


def test_secrets_do_not_get_into_the_file():
    clean = check_board.without
    assert clean("joined my house", ["my house", "hunter2"]) == "joined (removed)"
    # The longer one first: it may hold the other.
    assert clean("x hunter2222 y", ["hunter2", "hunter2222"]) == "x (removed) y"
    assert clean(json.dumps('a "b" c'), ['a "b" c']) == '"(removed)"'
    # Not what would take away everything.
    assert clean("a b c", ["a", ""]) == "a b c"
    assert clean("Access point twc-bridge-2433, password abc def", []).endswith("(removed)")
    assert clean("2433: VIN 5YJ3E1EA0KF000001.", []) == "2433: VIN (a VIN)."


@pytest.fixture
def device():
    """A page: ``device.codes`` are given out one after the other, then 200 for ever."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            code = self.server.codes.pop(0) if self.server.codes else 200
            body = json.dumps({"bus": {"first_ms": 1234}}).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.codes, server.asked = [], []
    server.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_visitor_loads_the_page_and_then_asks(device, project, monkeypatch):
    monkeypatch.setattr(check_page, "EVERY_S", 0.01)
    device.codes = [503, 200, 401]
    enough = threading.Event()
    visitor = check_page.Visitor(device.base).start()
    while device.asked.count("/api/status") < 3:
        enough.wait(0.01)
    visitor.stop()
    answers = visitor.answers
    files = {"/" + path.name for path in (project / "firmware/web").iterdir()} - {"/index.html"}
    assert device.asked[0] == "/" and files <= set(device.asked)
    assert set(device.asked) == files | {"/", "/api/status"}
    assert (visitor.busy, visitor.refused, visitor.failed) == (1, 1, 0)
    assert answers in (len(device.asked), len(device.asked) - 1)


def test_a_visitor_who_finds_nobody(monkeypatch):
    monkeypatch.setattr(check_page, "EVERY_S", 0.01)
    visitor = check_page.Visitor("http://127.0.0.1:1").start()
    enough = threading.Event()
    while visitor.failed < 3:
        enough.wait(0.01)
    visitor.stop()
    assert visitor.failed and not visitor.answers and visitor.error


def test_the_first_frame_as_the_board_tells_it(device):
    device.codes = [503]
    assert check_page.first_frame_ms(device.base, 20, 0.01) == 1234
    device.codes = [401]
    assert check_page.first_frame_ms(device.base, 20, 0.01) is None
    assert check_page.first_frame_ms("http://127.0.0.1:1", 0.05, 0.01) is None

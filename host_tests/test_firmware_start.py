"""The firmware process at its start, and after what must not happen: never a dead prompt."""

import contextlib
import json
import shutil
import threading

from firmware_bench import UMQTT, broker_config, check, long_scenario, plugged, scenario

from tools.bundle import place
from tools.stage import ROOT, STALLS, stage

pytest_plugins = ["firmware_bench"]


# What fails while the board has a file of that name: {name: (module, text, what comes after it)}.
FAULTS = {
    "fail_start": (
        "firmware/app.py",
        None,
        """
if "fail_start" in __import__("os").listdir():
    raise ValueError("put in by a test")
""",
    ),
    "fail_bus": (
        "firmware/bus.py",
        "    async def speak(self):\n",
        """
        if "fail_bus" in __import__("os").listdir():
            raise OSError("the bus is broken")
""",
    ),
    "fail_once": (
        "firmware/lib/twc/master.py",
        "    def next(self, now_ms):\n",
        """
        if now_ms > 3000 and "fail_once" in __import__("os").listdir():
            __import__("os").remove("fail_once")
            raise ValueError("once")
""",
    ),
}
_faulty = threading.Lock()


def fail(bench, board, fault):
    """Put a firmware with all of FAULTS onto the board, and switch on one of them."""
    # Staged once for all: that takes some seconds.
    tree = bench.folder.parent / "faulty"
    with _faulty:
        if not (tree / "board").exists():
            for name in ("boot.py", "main.py", STALLS):
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, tree / name)
            shutil.copytree(ROOT / "firmware", tree / "firmware")
            for module, before, change in FAULTS.values():
                text = (tree / module).read_text()
                end = text.index(before) + len(before) if before else len(text)
                (tree / module).write_text(text[:end] + change + text[end:])
            umqtt = UMQTT if UMQTT.exists() else None
            stage(tree / "staged", project=tree, umqtt=umqtt)
            (tree / "staged").rename(tree / "board")
    shutil.copytree(tree / "board", board.folder, dirs_exist_ok=True)
    (board.folder / fault).touch()


def remove(board, module):
    (board.folder / module).unlink(missing_ok=True)
    for suffix in (".py", ".mpy"):
        (board.folder / place(module)).with_suffix(suffix).unlink(missing_ok=True)


@scenario
def test_stop_pin_held(bench):
    line = bench.line(plugged())
    board = bench.board(line, environment={"TWC_STOP_PIN_LOW": "0"})
    board.start()
    board.wait_for_line("Stop pin held")
    board.wait_for_line("main.py ended|MicroPython process ended")  # a chip is at its prompt now
    bench.stays(lambda: not line.referee.heartbeats_to("2433"), 2, board.tail)
    assert board.resets == 0
    assert board.exit_code == 0
    assert not [f for f in line.referee.frames if f.source == "master"]


@scenario
def test_stop_pin_elsewhere_or_nowhere(bench):
    # A board whose BOOT button does something else.
    board = bench.board(
        config={"board": {"stop_pin": None}}, environment={"TWC_STOP_PIN_LOW": "0"}
    )
    board.start()
    board.wait_for_status()
    board = bench.board(config={"board": {"stop_pin": 27}}, environment={"TWC_STOP_PIN_LOW": "27"})
    board.start()
    board.wait_for_line("Stop pin held")


@scenario
def test_exception_at_the_start(bench):
    line = bench.line(plugged())
    board = bench.board(line)
    fail(bench, board, "fail_start")
    board.start()
    board.wait_for_line("Traceback")
    board.wait_for_line("ValueError: put in by a test")
    board.wait_for_line("Starting the board anew")
    # Safe mode needs that module, too: whatever is tried, there is a next start.
    bench.until(lambda: board.resets >= 4, board.tail)
    words = (board.folder / "last_words.txt").read_text()
    assert "Traceback" in words
    assert "ValueError: put in by a test" in words
    assert board.crashes == 0
    board.stop()
    # Mended and reset, it runs; the last words stay for whoever comes to look.
    (board.folder / "fail_start").unlink()
    board.start()
    board.wait_for_status(lambda s: s["connectors"])
    assert (board.folder / "last_words.txt").exists()


@scenario
def test_missing_modules(bench):
    # A deploy that was cut in half.
    board = bench.board()
    remove(board, "firmware/lib/twc/frame.py")
    board.start()
    board.wait_for_line("ImportError: no module named")
    bench.until(lambda: board.resets >= 1, board.tail)
    assert "ImportError" in (board.folder / "last_words.txt").read_text()
    assert board.crashes == 0

    board = bench.board()
    remove(board, "firmware/start.py")
    board.start()
    board.wait_for_line("The firmware can not be started: deploy it again")
    bench.until(lambda: board.resets >= 1, board.tail)  # after 10 s
    assert board.crashes == 0


@scenario
def test_missing_parts_do_not_take_the_bus_down(bench):
    connector = plugged()
    line = bench.line(connector)
    board = bench.board(line, known=[connector])
    remove(board, "firmware/webserver.py")
    board.start()
    board.wait_for_line("error: services failed: ImportError")
    seen = len(line.referee.answers_from("2433"))
    bench.until(lambda: len(line.referee.answers_from("2433")) > seen + 4, board.tail)
    assert board.resets == board.crashes == 0
    with line.lock:
        assert line.referee.report(line.now_ms()) == []


@scenario
def test_bus_that_fails_each_time_ends_in_a_reset(bench):
    board = bench.board()
    fail(bench, board, "fail_bus")
    board.start()
    board.wait_for_line("error: bus failed: OSError: the bus is broken")
    board.wait_for_line("the bus keeps failing")
    bench.until(lambda: board.resets >= 1, board.tail)
    assert "the bus keeps failing" in (board.folder / "last_words.txt").read_text()


@scenario
def test_failure_of_one_heartbeat_is_survived(bench):
    # Whatever it was: the task of the bus is started again at once.
    connector = plugged()
    line = bench.line(connector, max_gap_s=2)
    board = bench.board(line, known=[connector])
    fail(bench, board, "fail_once")
    board.start()
    board.wait_for_line("error: bus failed: ValueError: once")
    seen = len(line.referee.answers_from("2433"))
    bench.until(lambda: len(line.referee.answers_from("2433")) > seen + 4, board.tail)
    assert board.resets == 0
    with line.lock:
        assert line.referee.report(line.now_ms()) == []


@long_scenario
def test_damaged_state_rests_first(bench):
    # What was before is not known: a car that was just switched off is not switched on at once.
    broker = bench.mosquitto()
    connector = plugged()
    line = bench.line(connector, min_off_s=45)
    config = {"relay": {"min_on_s": 4, "min_off_s": 45}, "mqtt": broker_config(broker)}
    board = bench.board(line, config, state='{"units": {"2433": {"rating')
    bench.feed(broker, watts=3000)
    listener = bench.listen(broker)
    board.start()
    board.wait_for_line("state.json is damaged: every relay rests for its minimum off time")
    # And what was chosen may have been less: nothing charges until somebody chooses again.
    board.wait_for_line("Off: mode Off.")
    person = bench.feed(broker, "mode")
    bench.until(person.connected, board.tail)
    # "online" follows the subscriptions; what is sent between "connected" and it reaches nobody.
    bench.until(lambda: listener.get("availability") == "online", board.tail)
    person.send("solar")
    status = board.wait_for_status(
        lambda s: s["connectors"] and "minimum off time" in s["connectors"][0]["reason"]
    )
    assert any("state.json is damaged" in event[2] for event in status["events"])

    # It is written anew, whole, as soon as there is something to remember.
    def written():
        with contextlib.suppress(ValueError):
            return "2433" in json.loads((board.folder / "state.json").read_text())["units"]

    bench.until(written, board.tail)
    first_ms = line.referee.frames[0].ms
    bench.until(lambda: connector.limit_amps, board.tail)
    assert line.now_ms() - first_ms > 44000
    check(line, board)


@scenario
def test_relay_rests_over_a_power_cut(bench):
    # Off by the surplus, and in its pause; the power fails; the pause counts from the start.
    broker = bench.mosquitto()
    connector = plugged()
    line = bench.line(connector, min_off_s=10, max_gap_s=8)
    config = {"relay": {"min_on_s": 4, "min_off_s": 10}, "mqtt": broker_config(broker)}
    board = bench.board(line, config, known=[connector])
    sun = bench.feed(broker, watts=3000)
    board.start()
    bench.until(lambda: connector.relay_closed, board.tail)
    sun.watts = 0
    bench.until_offered(line, board, connector, 0)
    state = board.folder / "state.json"
    bench.until(lambda: '"resting"' in state.read_text(), state.read_text)
    board.restart()
    cut_ms = line.now_ms()
    sun.watts = 3000
    board.wait_for_status(
        lambda s: s["connectors"] and "minimum off time" in s["connectors"][0]["reason"]
    )
    bench.until(lambda: connector.relay_closed, board.tail)
    assert line.now_ms() - cut_ms > 9000
    check(line, board)

"""The bench of the process tests: real boards on simulated lines, real brokers, side by side.

Nearly all of these tests wait: for cars to ramp, for relays to rest, for patience to end. So a
test marked ``@scenario`` gets a ``Bench`` of its own and runs in a thread, several at a time, and
the test that pytest sees waits for its outcome. A pytest plugin: modules name it in
``pytest_plugins``. PYTEST_DONT_REWRITE: they import it first.
"""

import concurrent.futures
import contextlib
import functools
import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from simulator.board import PATIENCE_S, Board, free_port
from simulator.broker import Mosquitto, find_mosquitto
from simulator.car import Car
from simulator.connector import Connector
from simulator.hostile import HostileBroker
from simulator.line import Line
from simulator.referee import Referee

AT_ONCE = 16
"""Scenarios that run at a time: they sleep most of it."""
UMQTT = Path(__file__).resolve().parent.parent / "build" / "umqtt" / "simple.py"
ROOT_TOPIC = "twc/test"

# Durations are configuration: here they are seconds.
CONFIG = {
    "name": "test",
    "wires": {"max_amps": 32},
    "supply": {"volts": 240, "phases": 1},
    "surplus": {"start_hold_s": 1},
    "relay": {"min_on_s": 4, "min_off_s": 3},
    "inputs": {"max_age_s": 3},
    "wifi": {"ssid": "home", "password": "secret"},
}


def scenario(function):
    """Make a test of a function that takes a Bench."""

    def test(side_by_side):
        side_by_side(test)

    functools.update_wrapper(test, function)
    del test.__wrapped__  # else pytest would look for a fixture named "bench"
    test.scenario = function
    test.is_long = False
    return test


def long_scenario(function):
    """The same for one that takes more than half a minute: these are started first."""
    test = scenario(function)
    test.is_long = True
    return test


@pytest.fixture(scope="session")
def side_by_side(request, micropython, staged, tmp_path_factory):
    """Starts all collected scenarios, long ones first, and waits for the one asked for."""
    folder = tmp_path_factory.mktemp("benches")
    ending = threading.Event()

    def run(test):
        with Bench(folder / test.__name__, staged, micropython, ending) as bench:
            test.scenario(bench)

    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE, "scenario")
    tests = [item.obj for item in request.session.items if hasattr(item.obj, "scenario")]
    tests.sort(key=lambda test: not test.is_long)
    outcomes = {test: pool.submit(run, test) for test in tests}
    yield lambda test: outcomes[test].result()
    ending.set()
    pool.shutdown(cancel_futures=True)


class Bench:
    """What one scenario needs; all of it ends with the scenario.

    folder: for its files. staged: a board folder to copy. ending: an event that is set when the
    tests are over early.
    """

    def __init__(self, folder, staged, micropython, ending):
        self.folder = Path(folder)
        self.folder.mkdir()
        self._staged = staged
        self._micropython = micropython
        self._ending = ending
        self._stack = contextlib.ExitStack()
        self._names = 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def line(self, *connectors, echo=False, **rules):
        """A running line. The rules are the referee's; without any: the wires of CONFIG, its
        relay times, and no more than 3 s between two heartbeats.

        Times as short as a frame are judged elsewhere, in simulated time: a busy machine may
        stop the firmware, or this process, for longer.
        """
        times = {"min_on_s": 4, "min_off_s": 3, "max_gap_s": 3, "grace_ms": 39, "slack_ms": 1000}
        times["question_slack_ms"] = 1000
        rules = {"wires_amps": 32, **times, **rules}
        return self._stack.enter_context(Line(list(connectors), Referee(**rules), echo=echo))

    def board(self, line=None, config=None, *, known=(), state=None, **more):
        """A Board that is not started yet.

        config: sections over those of CONFIG ({"wires": {"max_amps": 80}}), or text for a broken
        file. known: connectors that the board remembers from before, so that nothing has to rest
        for the first 40 s. state: text of state.json in place of it. The rest goes to Board.
        """
        folder = self._folder("board")
        shutil.copytree(self._staged, folder)
        if not isinstance(config, str):
            config = config or {}
            merged = {key: config.get(key, CONFIG.get(key)) for key in {**CONFIG, **config}}
            config = json.dumps(merged)
        (folder / "config.json").write_text(config)
        if state is None and known:
            units = {
                connector.id: {
                    "rating_ca": connector.rating_amps * 100,
                    "protocol": connector.protocol,
                    "relay": "free",
                }
                for connector in known
            }
            state = json.dumps({"units": units})
        if state is not None:
            (folder / "state.json").write_text(state)
        serial = line.path if line else None
        board = Board(folder, serial, free_port(), micropython=self._micropython, **more)
        self._stack.callback(board.stop)
        return board

    def mosquitto(self, port=0, user=None, password=None):
        """A running mosquitto."""
        if not find_mosquitto():
            pytest.skip("mosquitto is not installed (Debian: apt-get install mosquitto)")
        broker = Mosquitto(self._folder("mosquitto"), port or free_port(), user, password)
        return self._stack.enter_context(broker)

    def hostile(self, *behaviours):
        """A running HostileBroker."""
        return self._stack.enter_context(HostileBroker(behaviours, ROOT_TOPIC, free_port()))

    def feed(self, broker, kind="surplus", watts=None):
        """A running Feeder."""
        return self._stack.enter_context(Feeder(broker, f"{ROOT_TOPIC}/{kind}/set", watts))

    def listen(self, broker):
        """A running Listener."""
        return self._stack.enter_context(Listener(broker))

    def until(self, condition, what=None):
        """Poll until the condition is true, and return what it returned. ``what`` is called for
        the message of the AssertionError."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = condition()
            if found:
                return found
            assert not self._ending.is_set(), "the tests are over"
            assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what and what()}"
            time.sleep(0.1)

    def until_offered(self, line, board, connector, amps):
        """Wait until the connector holds a limit of ``amps`` and its car draws what it makes
        of it; all of it is judged by what is on the line, not by what the board says."""

        def settled():
            with line.lock:
                draw = connector.draw_amps
                return connector.limit_amps == amps and (
                    draw == 0 if amps == 0 else amps - 1 < draw <= amps
                )

        def told():
            return (
                f"{connector.id} has {connector.limit_amps} A, draws {connector.draw_amps:.1f} A, "
                f"and not {amps} A\n{board.tail()}"
            )

        self.until(settled, told)

    def stays(self, condition, seconds, what=None):
        """The condition stays true for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert condition(), f"it did not stay: {what and what()}"
            assert not self._ending.is_set(), "the tests are over"
            time.sleep(0.1)

    def _folder(self, name):
        self._names += 1
        return self.folder / f"{name}{self._names}"


def plugged(id="2433", **more):
    """A connector with a car on it that takes what it gets."""
    return Connector(id, car=Car(), **more)


def check(line, board):
    """The referee saw nothing that a master must never do, and nothing went wrong inside."""
    with line.lock:
        violations = line.referee.report(line.now_ms())
        assert not violations, "\n".join([*violations, "the board said:", board.tail()])
        assert line.lost == 0, "bytes were lost: the firmware did not read them in time"
    check_log(board)


def check_log(board):
    """Nothing was raised, nothing held back, and the interpreter itself did not die."""
    assert not board.crashes, board.tail()
    for line in list(board.lines):
        for word in ("Traceback", "MemoryError", " failed: ", "Held back"):
            assert word not in line, board.tail(60)


def broker_config(broker, **more):
    """The section "mqtt" for this broker."""
    return {"host": "127.0.0.1", "port": broker.port, **more}


class Listener:
    """Everything below twc/ that a broker passes on: ``latest`` {topic: text} of all messages,
    ``retained`` of those that came as retained ones, ``messages`` in their order."""

    def __init__(self, broker):
        self.latest = {}
        self.retained = {}
        self.messages = []
        self._client = _client(broker)
        self._client.on_connect = lambda client, *_: client.subscribe("twc/#", 1)
        self._client.on_message = self._take

    def __enter__(self):
        self._client.loop_start()
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()

    def get(self, topic):
        """Latest text of a topic below twc/test/, or None."""
        return self.latest.get(f"{ROOT_TOPIC}/{topic}")

    def _take(self, client, userdata, message):
        text = message.payload.decode("utf-8", "replace")
        self.messages.append((message.topic, text))
        self.latest[message.topic] = text
        if message.retain:
            self.retained[message.topic] = text


class Feeder:
    """Publishes a reading twice a second while there is one.

    watts: a number, or a function that gives one; None: silence. May be changed at any time.
    """

    def __init__(self, broker, topic, watts=None):
        self.watts = watts
        self._topic = topic
        self._client = _client(broker)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._client.loop_start()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)
        self._client.disconnect()
        self._client.loop_stop()

    def connected(self):
        return self._client.is_connected()

    def send(self, payload):
        """Publish any bytes once."""
        self._client.publish(self._topic, payload, 0)

    def _run(self):
        while not self._stop.wait(0.5):
            watts = self.watts() if callable(self.watts) else self.watts
            # Without a broker nothing is kept for later: a meter would not either.
            if watts is not None and self.connected():
                self.send(str(watts))


def _client(broker):
    import paho.mqtt.client as mqtt

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.reconnect_delay_set(1, 1)
    if broker.user:
        client.username_pw_set(broker.user, broker.password)
    client.connect_async(broker.host, broker.port)
    return client

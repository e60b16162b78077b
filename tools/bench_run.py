"""One run of the bench: the firmware, its line, a load, and the figures that come out of it."""

import contextlib
import dataclasses
import json
import os
import random
import socket
import tempfile
import threading
import time
from pathlib import Path

from simulator.board import Board
from simulator.car import Car
from simulator.connector import Connector
from simulator.hostile import HostileBroker
from simulator.line import Line
from simulator.referee import Referee
from tools.bench_load import Load
from tools.stage import ROOT, stage

IDS = ("2433", "4F07", "6090")
CLIENTS = 10
READINGS_S = 50
SETTLE_S = 5
VOLTS = 240
# What each unit is offered, in turn.
MORE_AMPS = 14
LESS_AMPS = 8
EACH_S = 9
# After a reduction: so the rest of 5 s before a raise is waited for.
RAISE_AFTER_S = 3
RAISE_REST_MS = 5000
GAP_MS = 1200
AFTERMATH_MS = 4000
WIFI_TURN_S = 3
MOST_CONNECTIONS = 1000
STALLS = "8 TLS scan flash"
# A part of the network of this machine itself where nobody answers.
DEAD_NAME_SERVER = "127.1.2.3"


@dataclasses.dataclass
class Run:
    """What is run: so many slaves, with page and readings busy or not, the broker "good", "mute"
    (it accepts and never answers), "unreachable", "unnamed" (known by a name that no name server
    tells) or what it does (a function of simulator.hostile) to each connection, a Wi-Fi that
    comes and goes, and with calls that stop the whole chip."""

    name: str
    slaves: int
    busy: bool = False
    broker: object = "good"
    wifi_flaps: bool = False
    stalls: bool = False


@dataclasses.dataclass
class Figures:
    """Times in ms. `periods`: between heartbeats to the same slave, sorted. `reductions`,
    `raises`: from a reading to the frame that carries the new limit; raises from when that slave
    may be raised, if that is later. `start`: from process and main.py to the first heartbeat.
    `gaps`: (period, cause). `cpu`: share of a core. `held_ms`: how long in all the machine kept
    the firmware waiting for a processor; None: it does not tell. `bus`, `memory`: of /api/status
    at the end. `clients`: see Load.end. `faults`: the referee's sentences."""

    periods: list
    reductions: list
    raises: list
    start: tuple
    gaps: list
    cpu: float
    held_ms: float | None
    bus: dict
    memory: dict
    clients: dict
    faults: list


def measure(run, seconds, broker):
    """The Figures of one run, watched for so many seconds with this (good) broker."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "board"
        stage(folder, umqtt=ROOT / "build" / "umqtt" / "simple.py")
        good = broker if run.broker == "good" else None
        host, port = "127.0.0.1", broker.port
        if run.broker == "unnamed":
            host = "broker.example"
        elif callable(run.broker):
            behaviours = [run.broker] * MOST_CONNECTIONS
            port = stack.enter_context(HostileBroker(behaviours, "twc/bench")).port
        elif run.broker != "good":
            port = stack.enter_context(black_hole(run.broker == "mute"))
        configure(folder, run.slaves, host, port)
        connectors = [Connector(id, car=Car()) for id in IDS[: run.slaves]]
        referee = Referee(wires_amps=16 * run.slaves, max_gap_s=4)
        line = stack.enter_context(Line(connectors, referee=referee))
        watch = _Watch(line)
        board = Board(
            folder,
            line.path,
            environment=_environment(run),
            on_line=watch.said,
            **({"heapsize": os.environ["HEAP"]} if os.environ.get("HEAP") else {}),
        )
        stack.callback(board.stop)
        load = stack.enter_context(Load(board.url, good, "twc/bench/surplus/set"))
        board.start()
        if good:
            load.watts(run.slaves * MORE_AMPS * VOLTS)
        board.wait_for_status(lambda status: _ready(status, run, good), 60)
        time.sleep(SETTLE_S)
        stop = threading.Event()
        if run.wifi_flaps:
            flapping = threading.Thread(target=_flap, args=(board, stop))
            flapping.start()
            stack.callback(flapping.join)
        stack.callback(stop.set)
        if run.busy:
            load.begin(CLIENTS, READINGS_S)
        began_ms, ticks, began_s = line.now_ms(), cpu_ticks(board.pid), time.monotonic()
        waited_ms = waiting_ms(board.pid)
        changes = _change(load if good else None, line, run.slaves, began_s + seconds)
        cpu = (cpu_ticks(board.pid) - ticks) / os.sysconf("SC_CLK_TCK")
        cpu /= time.monotonic() - began_s
        held_ms = None if waited_ms is None else waiting_ms(board.pid) - waited_ms
        ended_ms = line.now_ms()
        clients = load.end()
        stop.set()
        status = board.wait_for_status()
        with line.lock:
            faults = referee.report(ended_ms)
            beats = {id: referee.heartbeats_to(id) for id in IDS[: run.slaves]}
    # While they link, slaves may talk over each other and over us.
    faults = [fault for fault in faults if float(fault.split()[0]) * 1000 >= began_ms]
    if board.crashes or board.resets:
        faults.append(f"the board was reset {board.resets} times, crashed {board.crashes} times")
    periods = _periods(beats, began_ms, ended_ms)
    reductions, raises = _delays(beats, changes)
    return Figures(
        periods=sorted(period for _, period in periods),
        reductions=reductions,
        raises=raises,
        start=watch.start(board, beats),
        gaps=[(period, watch.cause(ms - period, ms)) for ms, period in periods if period > GAP_MS],
        cpu=cpu,
        held_ms=held_ms,
        bus=status["bus"],
        memory=status["memory"],
        clients=clients,
        faults=faults,
    )


def configure(folder, slaves, host, port):
    """A board that knows its slaves from before, with the times of a bench."""
    config = {
        "name": "bench",
        "wires": {"max_amps": 16 * slaves},
        "supply": {"volts": VOLTS},
        "surplus": {"start_hold_s": 1},
        "relay": {"min_on_s": 5, "min_off_s": 5},
        "wifi": {"ssid": "bench"},
        "mqtt": {"host": host, "port": port},
    }
    (folder / "config.json").write_text(json.dumps(config))
    known = {"rating_ca": 3200, "protocol": 2, "relay": "free"}
    state = {"units": {id: known for id in IDS[:slaves]}}
    (folder / "state.json").write_text(json.dumps(state))


@contextlib.contextmanager
def black_hole(accepts):
    """The port of a server on this machine that accepts connections and never says a word, or
    (accepts=False) whose connections are never made at all."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(64 if accepts else 0)
        if not accepts:
            # With its queue full, the system lets all that knock wait.
            for _ in range(4):
                knock = stack.enter_context(socket.socket())
                knock.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    knock.connect(server.getsockname())
        yield server.getsockname()[1]


def cpu_ticks(pid):
    """Processor time that a process has used, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def waiting_ms(pid):
    """How long a process has waited for a processor while it could have run; None: not known."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e6
    except (OSError, IndexError, ValueError):
        return None


class _Watch:
    """What the board prints, with the time of the line."""

    def __init__(self, line):
        self._line = line
        self._begun_ms = None
        self._stalls = []

    def said(self, text):
        now_ms = self._line.now_ms()
        if text.startswith("main.py begins"):
            # It tells the time itself: we may read it late.
            self._begun_ms = now_ms - (time.time() - float(text.split()[-1])) * 1000
        elif text.startswith("stall "):
            self._stalls.append((now_ms, text[6:]))

    def start(self, board, beats):
        """ms from process and main.py to the first heartbeat."""
        first_ms = min(frames[0].start_ms for frames in beats.values() if frames)
        spawned_ms = self._line.now_ms() - (time.monotonic() - board.spawned_s) * 1000
        return first_ms - spawned_ms, first_ms - self._begun_ms

    def cause(self, from_ms, to_ms):
        """What stopped the chip in between, or shortly before: a late heartbeat may make the
        next period longer too."""
        for ms, kind in self._stalls:
            if from_ms - AFTERMATH_MS <= ms <= to_ms:
                return kind
        return "unknown"


def _environment(run):
    environment = {"TWC_MARK": "1"}
    if run.broker == "unnamed":
        environment["TWC_NAME_SERVER"] = DEAD_NAME_SERVER
    if run.stalls:
        environment["TWC_STALLS"] = STALLS
    return environment


def _ready(status, run, good):
    units = status["connectors"]
    if len(units) != run.slaves or any(unit["link"] != "ok" for unit in units):
        return False
    return not good or all(unit["offer_amps"] == MORE_AMPS for unit in units)


def _flap(board, stop):
    up = True
    while not stop.wait(WIFI_TURN_S):
        up = not up
        board.wifi(up)
    board.wifi(True)


def _change(load, line, slaves, until_s):
    """Less and more surplus in turn; returns [(ms, amps of each unit)]."""
    changes = []
    chance = random.Random(1)
    while load and time.monotonic() + EACH_S < until_s:
        for amps, pause_s in ((LESS_AMPS, RAISE_AFTER_S), (MORE_AMPS, EACH_S - RAISE_AFTER_S)):
            at_s = load.watts(slaves * amps * VOLTS)
            changes.append((line.now_ms() - (time.monotonic() - at_s) * 1000, amps))
            # Not in step with the heartbeats.
            time.sleep(pause_s - 0.5 + chance.random())
    time.sleep(max(0, until_s - time.monotonic()))
    return changes


def _periods(beats, began_ms, ended_ms):
    """[(ms, period before it)] of all slaves."""
    periods = []
    for frames in beats.values():
        times = [f.start_ms for f in frames if began_ms <= f.start_ms <= ended_ms]
        periods += [
            (after, after - before) for before, after in zip(times, times[1:], strict=False)
        ]
    return periods


def _delays(beats, changes):
    """(reductions, raises): ms from each change to the frame of each slave that carries it."""
    reductions, raises = [], []
    for frames in beats.values():
        changed_ms = None
        for index, (ms, amps) in enumerate(changes):
            end_ms = changes[index + 1][0] if index + 1 < len(changes) else float("inf")
            carried = [
                f.start_ms
                for f in frames
                if ms <= f.start_ms < end_ms and f.command in (5, 9) and f.amps == amps
            ]
            if not carried:
                continue
            since_ms = ms
            if amps == MORE_AMPS and changed_ms is not None:
                since_ms = max(ms, changed_ms + RAISE_REST_MS)
            (raises if amps == MORE_AMPS else reductions).append(carried[0] - since_ms)
            changed_ms = carried[0]
    return sorted(reductions), sorted(raises)

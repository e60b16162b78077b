"""What the events of a soak do: each kind begins and ends here.

A function is a context manager that takes the Stage and the Event; what stands before its yield
is done when the event begins, what stands after it when it ends.
"""

import contextlib
import random
import threading
import time

from simulator import hostile
from simulator.weather import Weather
from tools import soak_clients

VOLTS = 240
HOSTILE = (
    hostile.silent,
    hostile.byte_by_byte,
    hostile.endless_length,
    hostile.not_mqtt,
    hostile.reset_after_connack,
    hostile.megabyte,
    hostile.longer_topic_than_packet,
    hostile.empty_publish,
    hostile.never_reads,
    hostile.fifty_a_second,
    hostile.commands_without_end,
)
GARBAGE = (b"unavailable", b"", b"nan", b"1e999", b"{}", b"\xff\xfe", b"3" * 900, b"null", b"-")
COMMANDS = {
    "mode": ("solar", "minimum", "fast", "off"),
    "limit": ("none", "6", "16", "31"),
    "boost": ("off", "30 min", "2 kWh"),
    "allow": ("on", "off"),
    "manual": ("8", "13"),
    "2433/limit": ("none", "9"),
    "4F07/allow": ("on", "off"),
}
PLAIN = {
    "mode": "solar",
    "limit": "none",
    "boost": "off",
    "allow": "on",
    "2433/limit": "none",
    "4F07/allow": "on",
}
"""What a person says when the storm is over."""


def act(stage, event):
    """The context manager of an event."""
    if event.group == "clients" and event.kind != "commands":
        return _clients(stage, event)
    return _ACTS[event.kind if event.kind != "garbage" else "garbage readings"](stage, event)


# The bus.


def _weather(**chances):
    @contextlib.contextmanager
    def act(stage, event):
        with stage.line.lock:
            stage.line.medium.noise = Weather(event.number, **chances)
        yield
        with stage.line.lock:
            stage.line.medium.noise = None

    return act


@contextlib.contextmanager
def _held(stage, event):
    with stage.line.lock:
        now_ms = stage.line.now_ms()
        until_ms = now_ms + round(1000 * (event.until_s - event.at_s))
        stage.line.medium.noise = Weather(event.number, breaks=[(now_ms, until_ms)])
    yield
    with stage.line.lock:
        stage.line.medium.noise = None


def _talker(name):
    @contextlib.contextmanager
    def act(stage, event):
        with stage.line.lock:
            now_ms = stage.line.now_ms()
            stage.talkers[name].begin(now_ms, now_ms + 1000 * (event.until_s - event.at_s))
        yield

    return act


@contextlib.contextmanager
def _slow_answers(stage, event):
    unit = _unit(stage, event)
    with stage.line.lock:
        before, unit.answer_ms = unit.answer_ms, 100
    yield
    with stage.line.lock:
        unit.answer_ms = before


@contextlib.contextmanager
def _off_and_on(stage, event):
    unit = _unit(stage, event)
    with stage.line.lock:
        unit.reset()
        unit.deaf = unit.mute = True
    yield
    with stage.line.lock:
        unit.reset()
        unit.deaf = unit.mute = False
        # Whoever comes home to find it off puts the cable in again.
        unit.car.plug()


@contextlib.contextmanager
def _starts_anew(stage, event):
    with stage.line.lock:
        _unit(stage, event).reset()
    yield


def _unit(stage, event):
    return stage.units[event.number % len(stage.units)]


# Network and broker.


@contextlib.contextmanager
def _no_wifi(stage, event):
    stage.board.wifi(False)
    stage.proxy.held = True
    yield
    stage.board.wifi(True)
    stage.proxy.held = False


@contextlib.contextmanager
def _slow_network(stage, event):
    stage.proxy.delay_s = 0.2 + event.number % 1500 / 1000
    yield
    stage.proxy.delay_s = 0


@contextlib.contextmanager
def _black_hole(stage, event):
    stage.proxy.held = True
    yield
    stage.proxy.held = False


@contextlib.contextmanager
def _cut_off(stage, event):
    stage.proxy.cut()
    yield


@contextlib.contextmanager
def _killed(stage, event):
    stage.broker.kill()
    yield
    stage.broker.start()


@contextlib.contextmanager
def _restarted(stage, event):
    stage.broker.restart()
    yield


@contextlib.contextmanager
def _half_dead(stage, event):
    """It keeps its connections and says nothing any more."""
    stage.broker.freeze(True)
    yield
    stage.broker.freeze(False)


@contextlib.contextmanager
def _hostile(stage, event):
    source = random.Random(event.number)
    behaviours = [source.choice(HOSTILE) for _ in range(100)]
    with hostile.HostileBroker(behaviours, stage.root) as broker:
        stage.proxy.target = broker.port
        stage.proxy.cut()
        yield
        stage.proxy.target = stage.broker.port
    stage.proxy.cut()


# Clients and commands.

_CLIENTS = {
    "crowd": soak_clients.crowd,
    "slow clients": soak_clients.slow,
    "garbage": soak_clients.garbage,
    "large bodies": soak_clients.large,
}


@contextlib.contextmanager
def _clients(stage, event):
    stop = threading.Event()

    def run():
        stage.requests += _CLIENTS[event.kind](
            stage.board, random.Random(event.number), stop.is_set
        )

    with _beside(run, stop):
        yield


@contextlib.contextmanager
def _commands(stage, event):
    stop = threading.Event()
    source = random.Random(event.number)

    def run():
        while not stop.wait(source.uniform(0.1, 1)):
            name = source.choice(sorted(COMMANDS))
            say(stage, name, source.choice(COMMANDS[name]), source.random() < 0.5)

    with _beside(run, stop):
        yield
    for name, words in PLAIN.items():
        say(stage, name, words, False)


def say(stage, name, words, over_http):
    """A person asks for something, and relays may click sooner for it."""
    with stage.line.lock:
        stage.line.referee.person(stage.line.now_ms())
        if name == "limit":
            # What has no room any more is cut, however early that stops it.
            stage.line.referee.safety(stage.line.now_ms())
    stage.commands += 1
    if over_http:
        path = soak_clients.head("POST", f"/api/{name}", len(words))
        soak_clients.exchange(stage.board, path + words.encode())
    else:
        stage.publish(f"{stage.root}/{name}/set", words)


@contextlib.contextmanager
def _beside(run, stop):
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(40)


# Readings: see Stage.reading.


@contextlib.contextmanager
def _no_readings(stage, event):
    stage.reading = lambda: None
    yield
    stage.reading = stage.sun


@contextlib.contextmanager
def _garbage_readings(stage, event):
    source = random.Random(event.number)
    stage.reading = lambda: source.choice(GARBAGE)
    yield
    stage.reading = stage.sun


@contextlib.contextmanager
def _jumps(stage, event):
    source = random.Random(event.number)
    stage.reading = lambda: str(source.randrange(-5000, 15000))
    yield
    stage.reading = stage.sun


# Power.


@contextlib.contextmanager
def _power_cut(stage, event):
    with stage.dark():
        stage.board.stop()
        yield
        _forgets(stage)
        stage.board.start()


@contextlib.contextmanager
def _restart(stage, event):
    with stage.dark():
        stage.publish(f"{stage.root}/restart/set", "restart")
        yield
        time.sleep(2.3)  # it takes 2 s to begin
        _forgets(stage)
        time.sleep(1.7)


def _forgets(stage):
    """What the line told while nobody listened, and before, the firmware does not know."""
    with stage.line.lock:
        stage.line.referee.power_cut()


_ACTS = {
    "bit errors": _weather(flip=0.004, insert=0.001),
    "lost bytes": _weather(lose=0.006),
    "bursts": _weather(burst=0.002, burst_bytes=60),
    "line held": _held,
    "noise": _talker("noise"),
    "stuck transmitter": _talker("stuck"),
    "second master": _talker("master"),
    "slow answers": _slow_answers,
    "unit off and on": _off_and_on,
    "unit starts anew": _starts_anew,
    "Wi-Fi gone": _no_wifi,
    "slow network": _slow_network,
    "black hole": _black_hole,
    "cut off": _cut_off,
    "killed": _killed,
    "restarted": _restarted,
    "half dead": _half_dead,
    "hostile": _hostile,
    "commands": _commands,
    "stop": _no_readings,
    "garbage readings": _garbage_readings,
    "jumps": _jumps,
    "power cut": _power_cut,
    "moment without": _power_cut,
    "restart": _restart,
}

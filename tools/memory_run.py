"""The firmware as a process, base set and everything on: what it has in use, and the smallest
heap in which it does its work.

The work: a start, two wall connectors, a broker with Home Assistant's announcement, a charge,
every page, commands of each kind, settings that are checked. It fits when all of it is done, every
answer is there, and not a word is said of memory.
"""

import concurrent.futures
import contextlib
import dataclasses
import json
import shutil
import subprocess
import threading
import time

from simulator.board import Board, compiled_standins, find_micropython, free_port
from simulator.car import Car
from simulator.connector import Connector
from simulator.line import Line
from simulator.referee import Referee
from tools.bench import start_broker
from tools.soak_clients import exchange, head

NAME = "weigh"
LARGEST_KW = 224
SMALLEST_KW = 30
STEP_KW = 2
SETTLE_S = 25
BUSY_S = 8
GRID_W = -6000

BASE = {
    "name": NAME,
    "wires": {"max_amps": 32},
    "supply": {"volts": 240},
    "surplus": {"start_hold_s": 1},
    "relay": {"min_on_s": 5, "min_off_s": 5},
    "wifi": {"ssid": NAME},
    "web": {"lock": "off"},
    "bus": {"questions": False, "recording": 0},
}
EVERYTHING = {
    **BASE,
    "web": {"lock": "password"},
    "bus": {"questions": True},
    "sources": [
        {"kind": "grid", "topic": "home/grid"},
        {"kind": "battery", "topic": "home/battery"},
        {"kind": "battery_soc", "topic": "home/soc"},
        {"kind": "price", "topic": "home/price"},
    ],
    "battery": {"first": "car"},
    "guard": {"amps": 32},
    "price": {"fast_below": -5},
    "clock": {"zone": "CET-1CEST,M3.5.0,M10.5.0/3", "ntp": "127.0.0.1"},
    "timetable": [{"from": "00:00", "to": "00:00", "mode": "solar"}],
    "twcmanager": {"mqtt": True, "http": True},
}
CONFIGS = {"base set": BASE, "everything on": EVERYTHING}
PATHS = ("/", "/page.js", "/style.css", "/settings.txt", "/api/status", "/api/history",
         "/api/inputs", "/api/frames", "/api/sessions", "/api/config", "/api/setup")  # fmt: skip
COMMANDS = (
    ("mode/set", "minimum"),
    ("boost/set", "30 min"),
    ("limit/set", "20"),
    ("2433/limit/set", "12"),
    ("mode/set", "nonsense"),
    ("boost/set", "off"),
    ("limit/set", "none"),
    ("mode/set", "solar"),
)
POSTS = (
    ("/api/mode", b"solar"),
    ("/api/limit", b"none"),
    ("/api/config", b'{"surplus": {"start_hold_s": "x"}}'),
)


@dataclasses.dataclass
class Found:
    """Bytes of 64 bits, without stand-ins and VM: `live` while nobody looks at the page, `busy`
    the most while it is in use, `code` what the imports of the `modules` that stay take.
    `smallest_kw`: the smallest heap that is large enough, None: not even the largest tried."""

    modules: list
    live: int
    busy: int
    code: int
    smallest_kw: int | None


class DoesNotFit(Exception):
    """A sentence: what could not be done in this heap."""


def both(board, folder):
    """{"base set": Found, "everything on": Found}. `board`: a staged folder; `folder`: for
    copies of it."""
    with start_broker() as broker, concurrent.futures.ThreadPoolExecutor(2) as pool:
        tasks = {
            name: pool.submit(_find, name, config, board, folder, broker)
            for name, config in CONFIGS.items()
        }
        return {name: task.result() for name, task in tasks.items()}


def _find(name, config, board, folder, broker):
    config = dict(config, name=NAME + "-" + name.split()[0])
    at = folder / name.replace(" ", "-")
    found = work(config, board, at / "measured", broker, LARGEST_KW, measure=True)
    low, high = SMALLEST_KW, LARGEST_KW
    while high - low > STEP_KW:
        middle = (low + high) // 2 // STEP_KW * STEP_KW
        try:
            work(config, board, at / str(middle), broker, middle)
            high = middle
        except DoesNotFit:
            low = middle
    found.smallest_kw = high if high < LARGEST_KW else None
    return found


def work(config, board, folder, broker, heap_kw, measure=False):
    """Lets the firmware do its work in such a heap; raises DoesNotFit. With `measure` it is told
    from within, more slowly, what is in use, and a Found comes back."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(board, folder)
    units = [Connector("2433", car=Car()), Connector("4F07", protocol=1, car=Car())]
    mqtt = {"host": broker.host, "port": broker.port}
    (folder / "config.json").write_text(json.dumps({**config, "mqtt": mqtt}))
    known = {
        unit.id: {"rating_ca": 3200, "protocol": unit.protocol, "relay": "free"} for unit in units
    }
    (folder / "state.json").write_text(json.dumps({"units": known}))
    told = _Told()
    with contextlib.ExitStack() as stack:
        line = stack.enter_context(Line(units, Referee(wires_amps=32, keep=2000)))
        one = Board(
            folder,
            line.path,
            free_port(),
            heapsize=f"{heap_kw}wK",
            environment={"TWC_MEMORY": "1" if measure else "", "TWC_SEND_BUFFER": "4096"},
            on_line=told.line,
        )
        stack.callback(one.stop)
        feed = stack.enter_context(_Feed(broker, "twc/" + config["name"]))
        one.start()
        _until(told, lambda: told.connected, 40, "the broker is not reached")
        _until(told, lambda: any((u.limit_amps or 0) >= 6 for u in units), 60, "no car starts")
        if measure:
            time.sleep(SETTLE_S)
        live, modules = told.least(), told.modules
        told.begin()
        ended_s = time.monotonic() + (BUSY_S if measure else 0)
        while True:
            for path in PATHS:
                _ask(one, head("GET", path), path)
                told.check()
            for path, body in POSTS:
                _ask(one, head("POST", path, len(body)) + body, path)
                told.check()
            for topic, words in COMMANDS:
                feed.say(topic, words)
                time.sleep(0.3)
                told.check()
            if time.monotonic() > ended_s:
                break
        _ask(one, head("GET", "/api/status"), "/api/status")
        told.check()
    if not measure:
        return None
    code = code_bytes(board, modules)
    return Found(modules, live - told.before, told.most() - told.before, code, None)


def code_bytes(board, modules):
    """What importing these takes in the unix port, in bytes."""
    script = "import asyncio, asyncio.stream, json, machine, network, select, socket, sys, gc\n"
    script += "gc.collect()\nbefore = gc.mem_alloc()\n"
    script += "".join([f"__import__({name!r})\n" for name in modules])
    script += "gc.collect()\nprint(gc.mem_alloc() - before)\n"
    path = ":".join(
        [str(compiled_standins()), str(board), f"{board}/firmware/lib", f"{board}/lib"]
    )
    done = subprocess.run(
        [find_micropython(), "-X", "heapsize=4M", "-c", script],
        env={"MICROPYPATH": path + ":.frozen"},
        cwd=board,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.split()[-1])


class _Told:
    """What the firmware prints: memory, modules, and whether something went wrong."""

    def __init__(self):
        self.before = 0
        self.connected = False
        self.modules = []
        self._news = []
        self._used = []
        self._wrong = None

    def line(self, text):
        if text.startswith("memory before"):
            self.before = int(text.split()[-1])
        elif text.startswith("memory "):
            self._used.append(int(text.split()[-1]))
        elif text.startswith("module "):
            self._news.append(text[7:])
        elif text == "modules told":
            self.modules = [name for name in self._news if _is_ours(name)]
            self._news = []
        elif "emory" in text or "Traceback" in text or text.startswith("[the MicroPython"):
            self._wrong = self._wrong or text
        elif "Broker" in text and text.endswith(": connected"):
            self.connected = True

    def begin(self):
        self._used = []

    def least(self):
        return min(self._used[-15:], default=0)

    def most(self):
        return max(self._used, default=0)

    def check(self):
        if self._wrong:
            raise DoesNotFit(self._wrong)


def _is_ours(name):
    from tools.memory_modules import sources

    return bool(sources(name))


class _Feed:
    """Readings, twice a second."""

    def __init__(self, broker, root):
        self._broker = broker
        self._root = root
        self._stop = threading.Event()

    def __enter__(self):
        import paho.mqtt.client as mqtt

        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.connect_async(self._broker.host, self._broker.port)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, topic, words):
        self._client.publish(f"{self._root}/{topic}", words)

    def _run(self):
        while not self._stop.wait(0.5):
            self.say("surplus/set", "6000")
            for topic, words in (("grid", GRID_W), ("battery", 0), ("soc", 80), ("price", 0.2)):
                self._client.publish("home/" + topic, str(words))


def _ask(board, request, path):
    """Some more tries for what is told to come again; and a page that is not there any more is
    one that does not fit."""
    for _ in range(20):
        answer = exchange(board, request)
        status = answer[9:12]
        if status and status != b"503":
            return
        time.sleep(0.2)
    raise DoesNotFit(f"{path} is not answered")


def _until(told, ready, seconds, why):
    ended_s = time.monotonic() + seconds
    while not ready():
        told.check()
        if time.monotonic() > ended_s:
            raise DoesNotFit(why)
        time.sleep(0.1)

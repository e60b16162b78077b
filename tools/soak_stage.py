"""The stage of a soak: firmware, line, connectors, cars, referee, broker, sun, and who watches."""

import contextlib
import json
import math
import signal
import tempfile
import threading
import time
from pathlib import Path

from simulator.board import Board, free_port
from simulator.broker import EmbeddedBroker, Mosquitto, find_mosquitto
from simulator.car import Car
from simulator.connector import Connector
from simulator.line import Line
from simulator.referee import Referee
from simulator.talkers import Babbler, SecondMaster
from tools.soak_proxy import Proxy
from tools.stage import ROOT, stage

NAME = "soak"
WIRES_AMPS = 32
MIN_ON_S = 12
MIN_OFF_S = 10
VOLTS = 240
MAX_GAP_S = 4
# So long after the power is back heartbeats have to come again.
AWAKE_S = 10
CONFIG = {
    "name": NAME,
    "wires": {"max_amps": WIRES_AMPS},
    "supply": {"volts": VOLTS},
    "surplus": {"start_hold_s": 2},
    "relay": {"min_on_s": MIN_ON_S, "min_off_s": MIN_OFF_S, "starts_a_day": 200},
    "inputs": {"max_age_s": 10},
    "wifi": {"ssid": "soak"},
    "web": {"lock": "off"},
}


class Stage:
    """A context manager.

    `line`, `units` (its connectors), `talkers` {"noise", "stuck", "master"}, `board`, `broker`
    (see below), `proxy` on the way to it, `root` of the topics; `reading`: a function that gives
    the next reading's payload or None, `sun` by default. Counters `requests`, `commands`.
    `offs`: [(from_ms, until_ms)] of the line in which the board had no power or began anew.
    """

    def __init__(self, log_path=None, on_line=None, heapsize="112wK"):
        self.root = "twc/" + NAME
        self.requests = 0
        self.commands = 0
        self.offs = []
        self.reading = self.sun
        self._stack = contextlib.ExitStack()
        self._log_path = log_path
        self._on_line = on_line
        self._heapsize = heapsize
        self._began_s = time.monotonic()
        self._stop = threading.Event()
        self._publisher = None

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _build(self):
        enter = self._stack.enter_context
        folder = Path(enter(tempfile.TemporaryDirectory(prefix="soak-")))
        self.broker = enter(Broker(folder / "broker"))
        self.proxy = enter(Proxy(self.broker.port))
        umqtt = ROOT / "build" / "umqtt" / "simple.py"
        stage(folder / "board", umqtt=umqtt if umqtt.exists() else None)
        self.units = [
            Connector("2433", car=Car()),
            Connector("4F07", rating_amps=80, protocol=1, car=Car(max_amps=16)),
            Connector("6090", car=Car(max_amps=24)),
        ]
        mqtt = {"host": "127.0.0.1", "port": self.proxy.port}
        (folder / "board" / "config.json").write_text(json.dumps({**CONFIG, "mqtt": mqtt}))
        known = {
            unit.id: {
                "rating_ca": unit.rating_amps * 100,
                "protocol": unit.protocol,
                "relay": "free",
            }
            for unit in self.units
        }
        (folder / "board" / "state.json").write_text(json.dumps({"units": known}))
        self.talkers = {
            "noise": Babbler(every_ms=370, piece=3),
            "stuck": Babbler(),
            "master": SecondMaster("ABCD", says=("heartbeat", "question", "ready 1")),
        }
        referee = Referee(
            wires_amps=WIRES_AMPS,
            min_on_s=MIN_ON_S,
            min_off_s=MIN_OFF_S,
            starts_per_hour=None,  # these relays are made to click
            max_gap_s=MAX_GAP_S,
            # As short as a frame it is judged in simulated time: a busy machine may stop the
            # firmware, or this process, for longer.
            grace_ms=39,
            slack_ms=1000,
            question_slack_ms=1000,
            keep=20000,
        )
        self.line = enter(Line([*self.units, *self.talkers.values()], referee))
        self.board = Board(
            folder / "board",
            self.line.path,
            free_port(),
            heapsize=self._heapsize,
            environment={"TWC_STALLS": "41 TLS flash", "TWC_SEND_BUFFER": "4096"},
            log_path=self._log_path,
            on_line=self._on_line,
        )
        self._stack.callback(self.board.stop)
        thread = threading.Thread(target=self._publish, name="sun", daemon=True)
        self._stack.callback(thread.join, 5)
        self._stack.callback(self._stop.set)
        thread.start()

    def sun(self):
        """What is to spare: it comes and goes, a wave of three minutes and a faster one."""
        at_s = time.monotonic() - self._began_s
        wave = math.sin(at_s / 29) + 0.5 * math.sin(at_s / 5.3)
        return str(round(4000 + 3500 * wave))

    def publish(self, topic, payload):
        """Publish once, by a client of its own, if there is a broker that takes it."""
        client = self._publisher
        if client is not None and client.is_connected():
            client.publish(topic, payload)

    @contextlib.contextmanager
    def dark(self):
        """While the board has no power, or begins anew, no heartbeat is owed."""
        with self.line.lock:
            from_ms = self.line.now_ms()
            self.line.referee.max_gap_s = 1000
        self.offs.append((from_ms, float("inf")))
        yield
        self._stop.wait(AWAKE_S)
        with self.line.lock:
            self.offs[-1] = (from_ms, self.line.now_ms())
            self.line.referee.max_gap_s = MAX_GAP_S

    def _publish(self):
        import paho.mqtt.client as mqtt

        self._publisher = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._publisher.reconnect_delay_set(1, 1)
        self._publisher.connect_async(self.broker.host, self.broker.port, keepalive=5)
        self._publisher.loop_start()
        while not self._stop.wait(1):
            payload = self.reading()
            if payload is not None:
                self.publish(self.root + "/surplus/set", payload)
        self._publisher.disconnect()
        self._publisher.loop_stop()


class Broker:
    """A context manager: a mosquitto, or where there is none the embedded broker, on one port."""

    host = "127.0.0.1"

    def __init__(self, folder):
        self.real = find_mosquitto() is not None
        self.port = free_port()
        self._made = Mosquitto(folder, self.port) if self.real else None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        if not self.real:
            self._made = EmbeddedBroker(self.port)
        self._made.start()

    def kill(self):
        """It dies at once; the embedded one says good-bye."""
        self._made.kill() if self.real else self._made.stop()

    def restart(self):
        if self.real:
            self._made.restart()
        else:
            self.kill()
            self.start()

    def freeze(self, on):
        """It keeps its port and its connections and says nothing more; the embedded one can't:
        it is gone meanwhile."""
        if self.real:
            if self._made.running:
                self._made.signal(signal.SIGSTOP if on else signal.SIGCONT)
        elif on:
            self.kill()
        else:
            self.start()

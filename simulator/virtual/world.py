"""A whole world in one MicroPython VM: firmware, bus, connectors, network, broker, time.

A script makes a World, starts the firmware's main coroutine in it, lets time run, looks, acts,
and lets time run on:

    world = World(config={"wires": {"max_amps": 32}}, connectors=[Connector("2433", car=Car())])
    world.start(main)
    world.run(60)
    world.every(10, lambda: world.broker.publish("twc/garage/surplus/set", 3000))
    world.wait_for(lambda: world.connectors[0].limit_amps == 12, 120, "12 A")
    world.finish()

Hours pass in seconds. One world for each VM: clock, line, network and board are its modules.
"""

import asyncio
import gc
import json
import sys

import utime

from simulator.virtual import web
from simulator.virtual.board import board
from simulator.virtual.broker import Broker
from simulator.virtual.clock import Reset, Stopped, clock
from simulator.virtual.heap import Heap
from simulator.virtual.net import net
from simulator.virtual.stations import Ear, Station
from simulator.virtual.uart import line

NEAR_WRAP_MS = (1 << 30) - 60_000
"""For `World(ticks_start_ms=…)`: the firmware's ticks wrap after a minute."""

CONFIG = {
    "name": "garage",
    "wifi": {"ssid": "virtual", "password": "virtual"},
    "mqtt": {"host": "10.0.0.2", "port": 1883},
    "board": {"driver_enable": 4},
}


class World:
    """Everything around the firmware. Times of scripts are seconds since the world began.

    config: written to config.json in the current folder, over CONFIG, section by section;
    None: the file is left alone.
    connectors: see `Station`; referee: anything with `hear(data, now_ms, label)`.
    ticks_start_ms: where `time.ticks_ms()` starts; the default lets it wrap after one minute.
    restart_s: how long the board is dark after a reset.

    `resets`: (seconds, why) of each. `task_errors`: (seconds, exception) of tasks that died
    unheard; unless the firmware has set a handler of its own, `run()` raises the first.
    """

    def __init__(
        self,
        config=(),
        connectors=(),
        referee=None,
        ticks_start_ms=NEAR_WRAP_MS,
        restart_s=0.3,
        latency_ms=1,
        user=None,
        password=None,
    ):
        # Records that grow would lie scattered all over a large heap that is cleaned up only
        # when it is full; no room would be left in one piece then.
        gc.threshold(4_000_000)
        clock.restart(ticks_start_ms)
        line.clear()
        net.clear()
        net.latency_us = latency_ms * 1000
        board.__init__()
        self.board = board
        self.clock = clock
        self.line = line
        self.net = net
        self.config = None
        if config is not None:
            self.write_config(config)
        self.broker = Broker(user=user, password=password)
        self.connectors = []
        self.stations = []
        for connector in connectors:
            self.connect(connector)
        self.referee = referee
        if referee is not None:
            line.listeners.append(Ear(referee))
        self.resets = []
        self.task_errors = []
        self.ended = False
        self._restart_us = _us(restart_s)
        self._factory = None
        self._task = None
        self._kept_modules = None
        self._running = False
        self._dark_until_us = None
        self._real_start_ms = utime.ticks_ms()

    # Set-up

    def write_config(self, config):
        """Write config.json for the firmware, and take the driver-enable pin from it."""
        merged = {key: value for key, value in CONFIG.items()}
        for key, value in dict(config).items():
            if isinstance(value, dict) and isinstance(merged.get(key), dict):
                section = dict(merged[key])
                section.update(value)
                value = section
            merged[key] = value
        self.config = merged
        board.de_pin = merged["board"].get("driver_enable", 4)
        with open("config.json", "w") as file:
            json.dump(merged, file)

    def connect(self, connector):
        """Put one more connector on the bus."""
        station = Station(connector)
        self.connectors.append(connector)
        self.stations.append(station)
        line.listeners.append(station)
        return station

    # Time

    @property
    def now_s(self):
        """Seconds since the world began."""
        return clock.now_us / 1e6

    def at(self, seconds, call, *args):
        """Run `call(*args)` at this time; it must not wait for anything itself."""
        clock.at(_us(seconds), call, *args)

    def every(self, seconds, call, *args):
        """Run `call(*args)` now and each `seconds` from now on; returns a function to end it."""
        running = [True]
        period_us = _us(seconds)

        def again():
            if running[0]:
                call(*args)
                clock.after(period_us, again)

        def end():
            running[0] = False

        clock.after(0, again)
        return end

    def start(self, factory):
        """Power on: `factory()` returns the firmware's main coroutine.

        It imports the firmware inside itself, so that a restart gets fresh modules.
        """
        sys.modules["gc"] = Heap
        self._kept_modules = list(sys.modules.keys())
        self._factory = factory
        self._boot()

    def run(self, until_s):
        """Let the world go on until this time; returns True while the firmware runs.

        An exception that leaves the firmware's main coroutine, or that a task of it dies of
        unheard, is raised here.
        """
        return self._run(_us(until_s))

    def run_for(self, seconds):
        """Let the world go on for so long."""
        return self._run(clock.now_us + _us(seconds))

    def wait_for(self, ready, timeout_s, what="it", step_s=0.1):
        """Run until `ready()` is true; AssertionError after `timeout_s`. Returns the seconds."""
        start_us = clock.now_us
        while not ready():
            if clock.now_us - start_us >= timeout_s * 1_000_000:
                raise AssertionError(
                    f"{self.now_s:.1f} s: waited {timeout_s} s in vain for {what}"
                )
            self.run_for(step_s)
        return (clock.now_us - start_us) / 1e6

    def power_cut(self):
        """Cut the power now (call it from `at()` or between runs); the board restarts."""
        if self._dark_until_us is not None:
            return
        board.reset_cause = 1
        board.rtc_memory = b""
        if self._running:
            raise Reset("power cut")
        self._go_dark("power cut")

    # Network

    def wifi(self, up):
        """Take the access point away, or bring it back."""
        board.wifi_reachable = up
        if up:
            net.black_hole(False)

    def http_get(self, path):
        """Ask the firmware's web server; returns an Answer that fills as the world goes on."""
        return web.get(path)

    def fetch(self, path, timeout_s=10):
        """Ask the firmware's web server and let the world go on until the Answer is there."""
        answer = web.get(path)
        self.wait_for(lambda: answer.done, timeout_s, path, 0.01)
        return answer

    def post(self, path, body=b"", headers=(), timeout_s=10):
        """Post to the firmware's web server, see web.post(), and let the world go on until the
        Answer is there."""
        answer = web.post(path, body, headers)
        self.wait_for(lambda: answer.done, timeout_s, path, 0.01)
        return answer

    def status(self):
        """The firmware's status document, as the page gets it."""
        answer = self.fetch("/api/status")
        what = "refused" if answer.refused else answer.status
        assert answer.status == 200, f"{self.now_s:.1f} s: /api/status: {what}"
        return answer.json()

    # End

    def finish(self):
        """Close the script: prints how fast it was, then "ok" as the last line."""
        real_ms = max(1, utime.ticks_diff(utime.ticks_ms(), self._real_start_ms))
        ratio = clock.now_us / 1000 / real_ms
        took = f"{self.now_s:.0f} s of virtual time in {real_ms / 1000:.1f} s"
        print(f"{took}: {ratio:.0f} times real time")
        print("ok")

    # Inside

    def _boot(self):
        core = asyncio.core
        asyncio.new_event_loop()
        core.cur_task = None
        # The built-in task queue compares ticks on the interpreter's scale, not the ESP32's.
        core.ticks = clock.asyncio_ticks
        core.ticks_add = utime.ticks_add
        core.ticks_diff = utime.ticks_diff
        core.Loop.set_exception_handler(_raise)
        core.Loop.call_exception_handler = self._note_task_error
        self.ended = False
        self._dark_until_us = None
        self._task = core.create_task(self._factory())

    def _note_task_error(self, context):
        self.task_errors.append((self.now_s, context["exception"]))
        asyncio.core.Loop._exc_handler(asyncio.core.Loop, context)

    def _run(self, until_us):
        while clock.now_us < until_us:
            if self._dark_until_us is not None:
                self._pass(min(until_us, self._dark_until_us))
                if clock.now_us >= self._dark_until_us:
                    self._boot()
            elif self.ended:
                self._pass(until_us)
            else:
                self._run_firmware(until_us)
        for station in self.stations:
            station.wake()
        return not self.ended

    def _run_firmware(self, until_us):
        clock.stop_us = until_us
        clock.changes += 1  # whatever the script has done since
        self._running = True
        cause = None
        try:
            asyncio.core.run_until_complete(self._task)
            self.ended = True
        except Stopped:
            pass
        except Reset as reset:
            cause = str(reset)
        finally:
            self._running = False
            clock.stop_us = None
        if cause:
            self._go_dark(cause)

    def _go_dark(self, cause):
        self.resets.append((self.now_s, cause))
        net.power_off()
        board.power_on(board.reset_cause)
        for name in list(sys.modules.keys()):
            # asyncio loads parts of itself late; they belong to the interpreter.
            if name not in self._kept_modules and not name.startswith(("asyncio", "simulator")):
                del sys.modules[name]
        self.ended = False
        self._dark_until_us = clock.now_us + self._restart_us

    def _pass(self, until_us):
        while clock.now_us < until_us:
            clock.step(until_us)


def _us(seconds):
    return round(seconds * 1_000_000)


def _raise(loop, context):
    raise context["exception"]

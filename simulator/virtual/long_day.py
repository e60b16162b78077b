"""Hours of simulated time in which things go wrong one after the other: memory has to stay flat,
and the referee to have nothing to say.

`run(hours, seed)` for scripts; as a script: ``long_day.py HOURS SEED``, see tools/soak_hours.py.
"""

import gc
import math
import sys

from simulator import connector as connectors
from simulator.car import Car
from simulator.connector import Connector
from simulator.referee import Referee
from simulator.talkers import Babbler, SecondMaster
from simulator.virtual import web
from simulator.virtual.world import World
from simulator.weather import Weather

ROOT = "twc/garage/"
WIRES_AMPS = 32
VOLTS = 240
REST_S = 600
SLOT_S = 290
SLOTS = 12
"""Slots in an hour: each has one event on the bus and one elsewhere, and ends in fair weather."""
DARK_S = 3

LOOKS = 8
LOOK_S = 2.3

JUDGED_HOURS = 20
MOST_GROWTH = 6000
"""Bytes (64 bits) by which the least of the last quarter of the hours may be above that of the
first: the journal keeps the last sentences, which are longer or shorter, and what looks like a
pointer keeps something now and then. In a day 400 bytes an hour are more than that."""

# Cars in steps of half a second and bytes by the frame: hours have to pass.
connectors.SLICE_MS = 500
PIECE_BYTES = 64

COMMANDS = (
    "mode/set minimum",
    "mode/set fast",
    "limit/set 16",
    "boost/set 30 min",
    "manual/set 8",
    "2433/limit/set 9",
    "4F07/allow/set off",
    "allow/set off",
    "nonsense/set 7",
    "mode/set sunny",
    "charge_limit/set 5 kWh",
)
PLAIN = (
    "mode/set solar",
    "limit/set none",
    "boost/set off",
    "2433/limit/set none",
    "4F07/allow/set on",
    "allow/set on",
    "charge_limit/set none",
)
PATHS = ("/", "/page.js", "/api/status", "/api/history", "/api/inputs", "/api/frames", "/nothing")
POSTS = (("/api/mode", b"off"), ("/api/config", b"[" * 900), ("/api/limit", b'"'))


class LongDay:
    """One day: `hour()` after `hour()`. `counts` of the events by kind, `memory` in use at the
    end of each hour in bytes, all of the world's records dropped."""

    def __init__(self, seed):
        self.counts = {}
        self.memory = []
        self.told = {}
        self.errors = []
        self._dice = seed * 2654435761 % 0x7FFFFFFF or 1
        self._decks = {}
        self.units = [
            Connector("2433", car=Car()),
            Connector("4F07", rating_amps=80, protocol=1, car=Car(max_amps=16)),
            Connector("6090", car=Car(max_amps=24)),
        ]
        # Into what others say while the line is full of noise nobody can help to speak.
        rules = {"min_on_s": REST_S, "min_off_s": REST_S, "grace_ms": 39, "keep": 20}
        self.referee = Referee(WIRES_AMPS, **rules)
        config = {"wires": {"max_amps": WIRES_AMPS}, "web": {"lock": "off"}}
        self.world = World(config, self.units, referee=self.referee)
        self.world.line.piece_bytes = PIECE_BYTES
        self.noise = Babbler(every_ms=370, piece=3)
        self.stuck = Babbler()
        self.master = SecondMaster("ABCD", says=("heartbeat", "question", "ready 1"))
        for talker in (self.noise, self.stuck, self.master):
            self.world.connect(talker)
        self._reading = self._sun
        self.world.every(10, self._publish)
        self.world.start(self._main)

    async def _main(self):
        from firmware import journal
        from firmware.app import App

        plain = journal.Journal.tell

        def tell(book, level, text):
            self.told[level] = self.told.get(level, 0) + 1
            if level == "error":
                self.errors.append((self.world.now_s, text))
            plain(book, level, text)

        journal.Journal.tell = tell
        app = App()
        self.world.at(self.world.now_s + 0.02, gc.threshold, 4_000_000)
        await app.run()
        from firmware import board

        board.reset()

    # Time.

    def hour(self, slots=SLOTS):
        """One hour (or so many slots of it, and a quiet time after them)."""
        world = self.world
        end_s = world.now_s + slots * SLOT_S + 120
        for _ in range(slots):
            self._slot()
        # Nobody has asked the page for more than a minute: what it needs is dropped by now.
        world.run(end_s)
        self._measure()
        for unit in self.units:
            # Three lost masters, and some cars want to be plugged in again.
            unit.car.unplug()
        world.run_for(5)
        for unit in self.units:
            unit.car.plug()

    def _slot(self):
        world = self.world
        begun_s = world.now_s
        kinds = [self._deal("bus", _BUS), self._deal("else", _ELSE)]
        ends = []
        for kind in kinds:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            act = _BUS.get(kind) or _ELSE[kind]
            ends.append(act(self))
        for station in world.stations:
            station.wake()
        world.run_for(15 + self.random(100))
        for end in ends:
            if end:
                end()
        world.run(begun_s + SLOT_S)

    def _deal(self, name, kinds):
        deck = self._decks.get(name)
        if not deck:
            deck = self._decks[name] = sorted(kinds)
            for at in range(len(deck) - 1, 0, -1):
                other = self.random(at + 1)
                deck[at], deck[other] = deck[other], deck[at]
        return deck.pop()

    def random(self, below):
        """A random whole number from 0 on, below this."""
        self._dice = self._dice * 48271 % 0x7FFFFFFF
        return self._dice % below

    def _measure(self):
        world = self.world
        least = None
        for _ in range(LOOKS):
            # Records of the world are none of the firmware's memory.
            world.broker.messages.clear()
            world.resets.clear()
            self.referee.frames = []
            for unit in self.units:
                unit.relay_events.clear()
            gc.collect()
            gc.collect()
            # What happens to be held at the moment, or to look as if it were, is not each time.
            used = gc.mem_alloc()
            least = used if least is None else min(least, used)
            world.run_for(LOOK_S)
        self.memory.append(least)

    # Readings.

    def _sun(self):
        hour = (self.world.now_s / 3600 + 9) % 24
        clear = max(0, math.sin((hour - 6) / 12 * math.pi)) * 9000
        cloud = 0.6 + 0.4 * math.sin(self.world.now_s / 700)
        # The night is short here, so that there is something to do.
        return round(max(clear, 3000) * cloud)

    def _publish(self):
        value = self._reading()
        if value is not None:
            self.world.broker.publish(ROOT + "surplus/set", value)

    # What happens: begins it, and returns what ends it, or None.

    def _fair(self):
        self.world.line.weather = None

    def weather(self, **chances):
        self.world.line.weather = Weather(1 + self.random(9999), **chances)
        return self._fair

    def held(self):
        now_ms = int(self.world.now_s * 1000)
        return self.weather(breaks=[(now_ms, now_ms + 6000)])

    def talk(self, talker, seconds):
        now_ms = int(self.world.now_s * 1000)
        talker.begin(now_ms + 130, now_ms + seconds * 1000)

    def unit(self):
        return self.units[self.random(len(self.units))]

    def slow(self):
        unit = self.unit()
        unit.answer_ms = 100

        def end():
            unit.answer_ms = 20

        return end

    def off(self):
        unit = self.unit()
        unit.reset()
        unit.deaf = unit.mute = True

        def end():
            unit.reset()
            unit.deaf = unit.mute = False

        return end

    def unplugged(self):
        car = self.unit().car
        car.unplug()
        return car.plug

    def no_wifi(self):
        self.world.wifi(False)
        return lambda: self.world.wifi(True)

    def no_broker(self):
        self.world.broker.stop()
        return self.world.broker.start

    def mute_broker(self):
        broker = self.world.broker
        broker.mute = True

        def end():
            broker.mute = False
            broker.kick()

        return end

    def page(self):
        for number in range(12):
            path = PATHS[self.random(len(PATHS))]
            self.world.at(self.world.now_s + 0.7 * number, web.get, path)

    def posts(self):
        for number in range(6):
            path, body = POSTS[self.random(len(POSTS))]
            self._person()
            self.world.at(self.world.now_s + 0.7 * number, web.post, path, body)
        return self._plain

    def hang(self):
        for text in ("GET /api/status HTTP/1.1\r\nHo", "POST /api/config HTTP/1.1\r\nContent-Le"):
            web.send(text)

    def commands(self):
        for number in range(8):
            words = COMMANDS[self.random(len(COMMANDS))]
            self.world.at(self.world.now_s + 0.9 * number, self._say, words)
        return self._plain

    def _plain(self):
        for words in PLAIN:
            self._say(words)

    def _say(self, words):
        self._person()
        if words.startswith("limit"):
            # What has no room any more is cut, however early that stops it.
            self.referee.safety(int(self.world.now_s * 1000))
        at = words.find(" ")
        self.world.broker.publish(ROOT + words[:at], words[at + 1 :])

    def _person(self):
        self.referee.person(int(self.world.now_s * 1000))

    def readings(self, reading):
        self._reading = reading

        def end():
            self._reading = self._sun

        return end

    def power_cut(self):
        # No heartbeat is owed by what has no power.
        self.referee.max_gap_s += DARK_S
        self.referee.power_cut()
        self.world._restart_us = DARK_S * 1_000_000
        self.world.power_cut()

        def end():
            self.referee.max_gap_s -= DARK_S

        return end


_BUS = {
    "bit errors": lambda day: day.weather(flip=0.003, insert=0.001),
    "lost bytes": lambda day: day.weather(lose=0.004),
    "bursts": lambda day: day.weather(burst=0.002, burst_bytes=60),
    "line held": LongDay.held,
    "noise": lambda day: day.talk(day.noise, 60),
    "stuck transmitter": lambda day: day.talk(day.stuck, 8),
    "second master": lambda day: day.talk(day.master, 10),
    "slow answers": LongDay.slow,
    "unit off and on": LongDay.off,
    "unit starts anew": lambda day: day.unit().reset(),
    "car unplugged": LongDay.unplugged,
}
_ELSE = {
    "Wi-Fi gone": LongDay.no_wifi,
    "broker killed": LongDay.no_broker,
    "broker mute": LongDay.mute_broker,
    "session cut": lambda day: day.world.broker.kick(),
    "page": LongDay.page,
    "posts": LongDay.posts,
    "hanging clients": LongDay.hang,
    "commands": LongDay.commands,
    "no readings": lambda day: day.readings(lambda: None),
    "garbage readings": lambda day: day.readings(
        lambda: ("unavailable", "nan", "")[day.random(3)]
    ),
    "jumps": lambda day: day.readings(lambda: day.random(15000) - 4000),
    "power cut": LongDay.power_cut,
}


def growth(memory):
    """Bytes by which the least of the last quarter of the hours is above that of the first."""
    quarter = max(1, len(memory) // 4)
    return min(memory[-quarter:]) - min(memory[:quarter])


def run(hours, seed, slots=SLOTS):
    """So many hours, of so many slots; AssertionError unless all was kept. Prints a line an hour
    and ends as scripts of the virtual world do."""
    day = LongDay(seed)
    for number in range(hours):
        day.hour(slots)
        print(
            f"hour {number + 1}: {day.memory[-1]} bytes in use, {sum(day.counts.values())} events"
        )
        report = day.referee.report(day.world.now_s * 1000)
        assert report == [], report
        assert day.errors == [] and day.world.task_errors == [], (
            day.errors,
            day.world.task_errors,
        )
    for kind in sorted(day.counts):
        print(f"event {kind}: {day.counts[kind]}")
    print("told", day.told)
    # In fewer hours what the world itself keeps goes up and down by more than that.
    if hours >= JUDGED_HOURS:
        assert growth(day.memory) <= MOST_GROWTH, day.memory
    day.world.finish()


if __name__ == "__main__":
    run(int(sys.argv[1]), int(sys.argv[2]))

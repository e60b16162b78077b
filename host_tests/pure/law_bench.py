"""Units, slaves that obey within the second, and cars, around the law: in simulated seconds.

Runs under CPython and under MicroPython. One ampere is 240 W unless said otherwise, so the minimum
of 6 A needs 1440 W.
"""

from charging.relay import Relay
from charging.surplus import Law
from charging.unit import Unit

NO_READING = ("waiting", "no surplus reading yet")
LOST = ("lost", "no surplus reading for 3 min")
S = 1000
WORDS = {
    "solar": "mode Solar",
    "off": "mode Off",
    "fast": "mode Fast",
    "minimum": "mode Solar + minimum",
    "manual": "mode Manual",
}


class Bench:
    """`room`: amperes on each phase, or a list of three; `every_s`: between two readings. `cars`:
    by unit what a car draws at most, in 0.01 A (0: no car); it draws 0.2 A less than offered."""

    def __init__(
        self,
        count=1,
        room=32,
        every_s=1,
        remembered=None,
        per_amp=240,
        priorities=(5, 5, 5),
        phases=(7, 7, 7),
        **more,
    ):
        surplus = {"grid_share": 0, "start_hold_s": 60, "budget_wh": 20}
        relay = {"min_on_s": 600, "min_off_s": 600, "starts_a_day": 20}
        config = {"surplus": surplus, "relay": relay}
        config["inputs"] = {"lost": more.pop("lost", "off")}
        config["share"] = {"by": more.pop("by", "equal")}
        for key in more:
            (surplus if key in surplus else relay)[key] = more[key]
        self.now_ms = 0
        self.every_ms = every_s * S
        self.at_ms = self.watts = None
        self.law = Law(config, room if isinstance(room, list) else [room] * 3)
        self.opens_in_ms = 0
        self.relay_s = relay["min_on_s"], relay["min_off_s"]
        self.units = []
        self.cars = []
        self.offers = []
        self.present = [True] * count
        self.silent = []  # the indexes of those that do not answer
        for number in range(count):
            times = Relay(relay["min_on_s"] * S, relay["min_off_s"] * S, remembered, 0)
            name = f"unit {number + 1}"
            unit = Unit(
                f"000{number + 1}", name, per_amp, times, priorities[number], phases[number]
            )
            unit.maximum_amps = 32
            self.units.append(unit)
            self.cars.append(9900)
            self.offers.append(0)

    def order(self, mode, index=0, limit=None, urgent=False, words=None, limit_words=""):
        """What the plan orders for a unit."""
        unit = self.units[index]
        unit.mode = mode
        unit.words = words or WORDS[mode]
        unit.limit_amps = limit
        unit.limit_words = limit_words
        unit.urgent = urgent
        return self

    def draw_ca(self, index):
        """What the car of a unit draws now, in 0.01 A."""
        offer, most = self.offers[index], self.cars[index]
        return min(offer * 100 - 20, most) if offer and most else 25

    def step(self, watts, without=NO_READING):
        """One second."""
        now_ms = self.now_ms
        if watts is None:
            self.at_ms = None
        elif self.at_ms is None or now_ms - self.at_ms >= self.every_ms:
            self.at_ms = now_ms
            self.watts = watts
        for index in range(len(self.units)):
            unit = self.units[index]
            ready = index not in self.silent
            draw_ca = self.draw_ca(index) if ready else 0
            offer = self.offers[index] if ready else 0
            unit.follow(ready, offer, draw_ca, now_ms, self.present[index])
        known = None if watts is None else self.watts
        self.law.decide(known, self.at_ms, without, self.units, self.opens_in_ms, now_ms)
        for index in range(len(self.units)):
            unit = self.units[index]
            assert unit.state and unit.reason[-1:] == ".", unit.reason
            self.offers[index] = unit.amps
        assert self.law.state and self.law.reason[-1:] == "."
        self.now_ms += S

    def run(self, seconds, watts, without=NO_READING):
        """So many seconds with the same surplus."""
        for _ in range(seconds):
            self.step(watts, without)
        return self

    def until(self, done, watts, seconds=4000, without=NO_READING):
        """Runs until `done(self)`; returns after how many seconds."""
        for second in range(seconds):
            if done(self):
                return second
            self.step(watts, without)
        raise AssertionError("it never came")

    def amps(self):
        return [unit.amps for unit in self.units]

    def reason(self, index=0):
        return self.units[index].reason


def is_on(bench):
    """Whether the first unit is."""
    return bench.amps()[0] > 0


def is_off(bench):
    return bench.amps()[0] == 0


def running(bench):
    """The indexes of the units that are on."""
    return [index for index in range(len(bench.units)) if bench.amps()[index]]


def charging(watts=3000, count=1, **more):
    """A bench whose cars all charge for some minutes already."""
    bench = Bench(count, **more)
    bench.until(lambda b: all(b.amps()), max(watts, 3000 * count))
    return bench.run(5, watts)


def promised_s(reason):
    """The seconds of a countdown ("starts in 40 s", "stops in 7 min") in a sentence, or None."""
    for words in ("starts in ", "stops in "):
        if words in reason:
            number, unit = (
                reason.split(words)[1].replace(".", " ").replace(";", " ").split(" ")[:2]
            )
            return int(number) * (60 if unit == "min" else 1)
    return None

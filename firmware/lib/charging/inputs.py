"""What is known of the surplus, and how old it is.

Two kinds of readings come on topics of our own, both in watts:
"surplus"  what the cars may take: sun minus house, without the cars
"grid"     the grid meter with the cars in it, import positive; what the cars draw is added here
More come from the configured sources (sources.py, loaded only if there are some). No data is not
zero and not the last value: a reading ages, and when it is too old it is lost.
"""

from micropython import const

import text

KINDS = ("surplus", "grid")

# No house has more; a number beyond it is a unit mixed up or noise.
_MOST_WATTS = const(200000)
_LONGEST_NUMBER = const(32)

# What the cars took is looked for between moments at which surplus and draw stood still (two
# readings that differ by less than this), when the draw has changed by at least a step; it
# counts as found if the surplus fell by about as much. A right surplus that the cars follow,
# even one message late, then never looks like it.
_STILL_WATTS = const(150)
_STEP_WATTS = const(500)
_STEP_PERCENT = const(30)
_STEPS_NOTICED = const(3)


def parse_number(payload):
    """The number in a payload (bytes or text): a plain one such as `3000`, `-12.5`, `3e3`.

    Returns (number, None) or (None, sentence): words, empty text and NaN are no number, and
    never 0. One that is too large for a float is infinite.
    """
    raw = payload.encode() if isinstance(payload, str) else bytes(payload)
    try:
        if len(raw) > _LONGEST_NUMBER:
            raise ValueError
        words = raw.strip()
        # MicroPython's float() takes more than numbers (".", "e5"), CPython's "1_000". Bytes,
        # because MicroPython keeps each letter that a loop over text has met.
        digits = words.lstrip(b"+-")
        if not digits[:1].isdigit() and not (digits[:1] == b"." and digits[1:2].isdigit()):
            raise ValueError
        if any([byte not in b"+-.0123456789eE" for byte in words]) or words[-1] in b"+-eE":
            raise ValueError
        return float(str(words, "utf-8")), None
    except ValueError:
        return None, f'the last text was not a number: "{beginning(raw)}"'


def beginning(raw):
    """What some bytes begin with, as text of up to 40 bytes."""
    # Not through the middle of a letter.
    for end in (40, 39, 38, 37):
        try:
            return str(raw[:end], "utf-8")
        except (ValueError, UnicodeError):
            pass
    return "bytes that are no text"


def parse_watts(payload):
    """The watts in a payload, as parse_number(); also no reading are values beyond 200 kW."""
    value, why = parse_number(payload)
    if why is None and not -_MOST_WATTS <= value <= _MOST_WATTS:
        raw = payload.encode() if isinstance(payload, str) else bytes(payload)
        shown = beginning(raw.strip())
        return None, f"the last number is beyond {_MOST_WATTS // 1000} kW: {shown}"
    return value, why


class Reading:
    """A surplus, found in one way. `kind`: "surplus", "grid" or "generation"; `max_age_ms`: how
    long it is good; `parts`: the sources that it is made of, then it is as good as each of them.

    `watts`: what the cars may take, `at_ms`: since when it is known, both None before the first.
    `with_cars`: whether what is told is like a grid meter: import positive, with the cars in it.
    """

    def __init__(self, kind, max_age_ms, with_cars, parts=()):
        self.kind = kind
        self.max_age_ms = max_age_ms
        self.with_cars = with_cars
        self.parts = parts
        self.watts = None
        self.at_ms = None
        self.unusable = None  # a sentence about the newest message, if it was no live reading
        self.raw = None  # what the newest message on a topic of our own began with
        self.steps = 0  # in a row in which the surplus fell by what the cars took
        self.meter = None
        self._last = None  # (watts, draw) of the reading before
        self._stood = None  # the same when both last stood still

    def is_live(self, now_ms):
        if self.at_ms is None:
            return False
        for part in self.parts:
            if not part.is_live(now_ms):
                return False
        return bool(self.parts) or now_ms - self.at_ms <= self.max_age_ms

    def take(self, watts, draw_watts, at_ms, now_ms, moving):
        """Takes what is told now; `at_ms`: when the oldest part of it was; `draw_watts`: what
        all cars draw; `moving`: whether that is about to change, because an offer has."""
        if self.with_cars:
            if self.meter is None:
                from charging.meter import Meter

                self.meter = Meter()
            self.meter.follow(draw_watts, now_ms)
            watts = self.meter.surplus(watts, now_ms, moving)
        else:
            self._watch_steps(watts, draw_watts)
        self.watts = watts
        self.at_ms = at_ms

    def _watch_steps(self, watts, draw_watts):
        """Counts the steps in which the surplus fell by what the cars took (or rose by what
        they gave up), which a surplus without the cars does not do."""
        last = self._last
        self._last = (watts, draw_watts)
        if last is None or abs(watts - last[0]) > _STILL_WATTS:
            return
        if abs(draw_watts - last[1]) > _STILL_WATTS:
            return
        stood = self._stood
        if stood is not None:
            step = draw_watts - stood[1]
            if abs(step) < _STEP_WATTS:
                if abs(step) <= _STILL_WATTS:
                    self._stood = (watts, stood[1])  # the sun moved, the cars did not
                return  # else the cars move slowly: what they do adds up to a step
            fell = stood[0] - watts
            found = abs(fell - step) * 100 <= _STEP_PERCENT * abs(step)
            self.steps = self.steps + 1 if found else 0
        self._stood = self._last


class Inputs:
    """All readings. `max_age_ms`: how long a reading is good with none after it, unless its
    source says otherwise; `sources`: what configured_sources.check() returned; `battery`: the
    section of that name, {"first": "battery" or "car", "soc": None or percent}; `volts`: of the
    supply, for sources in amperes. `cars`: a charging.cars.Cars, or None if no source tells of a
    car. `readings`: all, those of our own topics first; `told`: what came there, {kind: [watts,
    ms, whether it is news]}; from now on `sources`: a charging.sources.Sources, or None.

    A surplus is found in up to five ways: from the two topics of our own, and from the sources of
    surplus, of the grid meter, and of generation and consumption. Of those that are live the one
    that gives least counts.
    """

    def __init__(self, max_age_ms, sources=(), battery=None, volts=240):
        self.max_age_ms = max_age_ms
        self._surplus = Reading("surplus", max_age_ms, False)
        self._grid = Reading("grid", max_age_ms, True)
        self.readings = [self._surplus, self._grid]
        self.told = {}
        self.sources = self.cars = None
        if sources:
            from charging.sources import Sources

            self.sources = Sources(sources, battery, max_age_ms, volts)
            self.readings += self.sources.readings
            self.cars = self.sources.cars

    def topics(self):
        """The topics of all sources, whole ones, to subscribe to."""
        return self.sources.topics() if self.sources else []

    def receive(self, kind, payload, retained, draw_watts, now_ms, moving=False):
        """Takes a message on a topic of our own. `draw_watts`: what all cars draw now; `moving`:
        whether that is about to change, because an offer has. Returns None, or a sentence why it
        is no reading."""
        reading = self._grid if kind == "grid" else self._surplus
        watts, why = parse_watts(payload)
        if why is None and retained:
            # It may be from last summer: known, shown, and good for nothing.
            why = f"retained message of unknown age: {text.watts(watts)}"
        reading.unusable = why
        reading.raw = payload[:60]
        if why is None:
            self.told[kind] = [watts, now_ms, True]
            added_watts = 0
            if self.sources:
                added_watts = self.sources.added_watts(kind, now_ms, draw_watts, -watts)
            if added_watts is not None:
                watts += -added_watts if reading.with_cars else added_watts
                reading.take(watts, draw_watts, now_ms, now_ms, moving)
        return why

    def heard(self, topic, payload, retained, draw_watts, now_ms, moving=False):
        """Takes a message on one of topics(); the rest as for receive()."""
        return self.sources.heard(topic, payload, retained, draw_watts, now_ms, moving)

    def follow(self, draw_watts, now_ms):
        """Once a second: what the cars draw in all, in watts."""
        for reading in self.readings:
            if reading.meter:
                reading.meter.follow(draw_watts, now_ms)
        if self.sources:
            self.sources.follow(draw_watts, now_ms)

    def disconnected(self):
        """The session with the broker has ended: who of the senders is alive is not known until
        they say so again."""
        if self.sources:
            self.sources.disconnected()

    def newest(self, now_ms):
        """The reading to go by: of live ones the one that gives least, else the one heard last;
        None before the first."""
        found = None
        lives = False
        for reading in self.readings:
            if reading.at_ms is None:
                continue
            live = self._is_live(reading, now_ms)
            if found is None or live and not lives:
                better = True
            elif live:
                better = reading.watts < found.watts
            else:
                better = not lives and reading.at_ms > found.at_ms
            if better:
                found = reading
                lives = live
        return found

    def surplus_watts(self, now_ms):
        """What the cars may take in all, in watts; None: nothing live is known."""
        reading = self.newest(now_ms)
        if reading is None or not self._is_live(reading, now_ms):
            return None
        return reading.watts

    def value(self, kind, now_ms):
        """The live number of a kind of source (several are added up), or None. Watts with their
        signs as everywhere (import positive, charging positive), amperes where unit() says so,
        percent, volts, money for a kWh. What cars tell is in `cars`."""
        if self.sources and self.sources.has(kind):
            return self.sources.value(kind, now_ms)
        told = self.told.get(kind)
        return told[0] if told and now_ms - told[1] <= self.max_age_ms else None

    def news(self, kind, now_ms):
        """The same, if all of it has come since it was last asked for, else None. For those who
        act on each reading: it is told once."""
        if self.sources and self.sources.has(kind):
            return self.sources.news(kind, now_ms)
        told = self.told.get(kind)
        if not told or not told[2]:
            return None
        told[2] = False
        return told[0]

    def age_ms(self, kind, now_ms):
        """How old the oldest number of a kind is; None before the first."""
        if self.sources and self.sources.has(kind):
            return self.sources.age_ms(kind, now_ms)
        return now_ms - self.told[kind][1] if kind in self.told else None

    def unit(self, kind):
        """What value() of this kind counts in: "W", "A", "%", "V" or "/kWh"."""
        return self.sources.unit(kind) if self.sources else "W"

    def unusable(self):
        """A sentence about a newest message that is no reading, or None."""
        for reading in self.readings:
            if reading.unusable:
                return f"{reading.kind}: {reading.unusable}"
        return self.sources.unusable() if self.sources else None

    def without(self, now_ms):
        """What to call it when there is no surplus: (state, words), the state "waiting" before
        the first and "lost" after it, the words such as "no generation reading for 20 min"."""
        reading = self.newest(now_ms)
        state = "waiting" if reading is None else "lost"
        words = self.sources.lost(reading, now_ms) if self.sources else None
        if not words:
            words = "no surplus reading yet"
            if reading is not None:
                words = f"no surplus reading for {text.age(now_ms - reading.at_ms)}"
            for own in (self._surplus, self._grid):
                if own.unusable:
                    return state, f"{words} ({own.kind}: {own.unusable})"
        return state, words

    def note(self, now_ms):
        """A sentence about the meter that is gone by if it is slow or late, or None."""
        reading = self.newest(now_ms)
        return reading.meter.note() if reading and reading.meter else None

    def warnings(self, now_ms):
        """Sentences about inputs that contradict themselves."""
        own = [self._surplus.is_live(now_ms), self._grid.is_live(now_ms)]
        odd = all(own) or any(own) and len(self.readings) > len(KINDS)
        found = []
        if odd or max([reading.steps for reading in self.readings]) >= _STEPS_NOTICED:
            from charging import input_warnings

            found = input_warnings.found(own, self.readings, now_ms)
        if self.sources:
            self.sources.warn(found, now_ms)
        return found

    def _is_live(self, reading, now_ms):
        if not reading.is_live(now_ms):
            return False
        return not self.sources or self.sources.added_watts(reading.kind, now_ms) is not None

"""The configured sources together: whose numbers make a surplus, and what else they tell.

Loaded only if there are some.
"""

from micropython import const

import text
from charging.inputs import Reading
from charging.source import FOR_NEWS, FOR_SURPLUS, Source

# What belongs together is sent together: so long the rest of a sum is waited for.
_TOGETHER_MS = const(1000)

_PHASES = ("grid_l1", "grid_l2", "grid_l3")


class Sources:
    """All of them. `given`: what configured_sources.check() returned, the rest as for Inputs.

    `all`: a charging.source.Source for each; `readings`: a charging.inputs.Reading for each way in
    which they give a surplus. `cars`: a charging.cars.Cars, or None if they tell of no car.
    """

    def __init__(self, given, battery, max_age_ms, volts):
        self.all = [Source(one, max_age_ms) for one in given]
        for source in self.all:
            for other in self.all:
                if source.alive_topic == other.topic and other is not source:
                    source.sender = other
        cars = [one for one in self.all if one.is_car()]
        self.cars = None
        if cars:
            from charging.cars import Cars

            self.cars = Cars(cars)
        self._volts = volts
        self._batteries = self._of("battery")
        self._battery = None
        if self._batteries:
            from charging.battery import Battery

            battery = battery or {"first": "battery", "soc": None}
            self._battery = Battery(battery["first"], battery["soc"])
            self._soc = battery["soc"]
        self.readings = []
        surplus = self._of("surplus")
        # The phases may be there beside the whole, for the guard.
        grid = self._of("grid") or [one for one in self.all if one.kind in _PHASES]
        sun, house = self._of("generation"), self._of("consumption")
        if surplus:
            self.readings.append(Reading("surplus", 0, False, surplus))
        if grid:
            self.readings.append(Reading("grid", 0, True, grid))
        if sun and house:
            with_cars = any([one.with_cars for one in house])
            self.readings.append(Reading("generation", 0, with_cars, sun + house))
        self._waits_ms = None  # since when a reading waits for the rest of its parts

    def topics(self):
        """Each topic once, also those that tell whether a sender lives."""
        found = []
        for source in self.all:
            for topic in (source.topic, source.alive_topic):
                if topic and topic not in found:
                    found.append(topic)
        return found

    def heard(self, topic, payload, retained, draw_watts, now_ms, moving):
        """Takes a message on one of the topics, see Inputs.heard()."""
        why = None
        revived = False
        raw = payload[:60]  # one for all sources of a topic
        for source in self.all:
            if source.alive_topic == topic and not source.sender:
                told = payload.encode() if isinstance(payload, str) else bytes(payload)
                source.alive = told == source.alive_payload
            if source.topic == topic:
                revived = revived or not source.is_live(now_ms)
                source.raw = raw
                said = source.heard(payload, retained, now_ms)
                if said and not why:
                    why = f"{source.name()}: {said}"
        self._renew(revived, draw_watts, now_ms, moving)
        return why

    def follow(self, draw_watts, now_ms):
        """Once a second: what came alone is used after a while."""
        if self._waits_ms is not None and now_ms - self._waits_ms >= _TOGETHER_MS:
            self._renew(True, draw_watts, now_ms, False)

    def disconnected(self):
        """Nobody is known to be alive any more."""
        for source in self.all:
            source.alive = False

    def has(self, kind):
        """Whether there is a source of this kind; the phases together are "grid" too."""
        return bool(self._parts(kind))

    def value(self, kind, now_ms):
        """See Inputs.value()."""
        parts = self._parts(kind)
        for part in parts:
            if not part.is_live(now_ms):
                return None
        if not parts:
            return None
        if kind == "grid" and parts[0].kind != "grid":
            return self._watts(parts, now_ms)
        return sum([part.value for part in parts])

    def news(self, kind, now_ms):
        """See Inputs.news()."""
        parts = self._parts(kind)
        if not all([part.new & FOR_NEWS for part in parts]):
            return None
        for part in parts:
            part.new &= ~FOR_NEWS
        return self.value(kind, now_ms)

    def age_ms(self, kind, now_ms):
        """See Inputs.age_ms()."""
        parts = self._parts(kind)
        if not parts or any([part.at_ms is None for part in parts]):
            return None
        return now_ms - min([part.at_ms for part in parts])

    def unit(self, kind):
        """See Inputs.unit()."""
        parts = self._of(kind)
        return parts[0].unit if parts else "W"

    def unusable(self):
        """A sentence about the newest message of one of them, or None."""
        for source in self.all:
            if source.unusable:
                return f"{source.name()}: {source.unusable}"
        return None

    def added_watts(self, kind, now_ms, draw_watts=0, fed_in_watts=None):
        """What the house battery adds to a surplus of this kind, or takes off it; None: not
        known, and neither is the surplus then. For a new reading: what the cars draw, and what it
        says is fed in, as if there were no battery in a "generation"."""
        battery = self._battery
        if battery is None:
            return 0
        battery.follow(self.value("battery_soc", now_ms))
        if not battery.matters(kind):
            return 0
        charging_watts = self.value("battery", now_ms)
        if charging_watts is None:
            return None
        watts = battery.added_watts(kind, charging_watts)
        if fed_in_watts is not None:
            if kind == "generation":
                fed_in_watts -= charging_watts
            watts -= battery.gap_watts(kind, charging_watts, draw_watts, fed_in_watts, now_ms)
        return watts

    def lost(self, reading, now_ms):
        """Words for what is lost, since when and why: of a reading, or, if it is None, of what
        there should be; "" if that is none of these sources."""
        if reading is None and self.readings:
            reading = self.readings[0]
        parts = list(reading.parts) if reading else []
        if self._battery and self._battery.matters(reading.kind if reading else "grid"):
            parts += self._batteries
        found = []
        for part in parts:
            if part.is_live(now_ms):
                continue
            words = f"no {part.name()} reading yet"
            if part.at_ms is not None:
                words = f"no {part.name()} reading for {text.age(now_ms - part.at_ms)}"
            if part.unusable:
                words += f" ({part.unusable})"
            if words not in found:
                found.append(words)
        return ", ".join(found)

    def warn(self, found, now_ms):
        """Appends sentences about what is missing beside the readings."""
        if self._battery and self._soc is not None and self.value("battery_soc", now_ms) is None:
            found.append(
                "The state of charge of the house battery is not known: the battery is first."
            )
        for source in self.all:
            if source.is_car():
                continue  # what it told is good for hours, and its sender may begin late
            if source.alive_topic and not source.sender and not source.alive:
                found.append(
                    f'{source.alive_topic} does not say "{str(source.alive_payload, "utf-8")}": '
                    f"a {source.name()} reading is good for {text.age(source.max_age_ms)} only."
                )

    # Inside.

    def _of(self, kind):
        return [source for source in self.all if source.kind == kind]

    def _parts(self, kind):
        parts = self._of(kind)
        if kind == "grid" and not parts:
            return [source for source in self.all if source.kind in _PHASES]
        return parts

    def _watts(self, parts, now_ms):
        volts = self.value("volts", now_ms) or self._volts
        return sum([part.value * (volts if part.unit == "A" else 1) for part in parts])

    def _renew(self, at_once, draw_watts, now_ms, moving):
        """Makes the readings anew whose parts have all come, with what the battery does at this
        moment (or some of them, if `at_once`)."""
        self._waits_ms = self._waits_ms if self._waits_ms is not None else now_ms
        waits = False
        for reading in self.readings:
            parts = reading.parts
            new = [part.new & FOR_SURPLUS for part in parts]
            if not any(new):
                continue
            live = all([part.is_live(now_ms) for part in parts])
            if not live or self.added_watts(reading.kind, now_ms) is None:
                continue
            together = all(new)
            if self._battery and self._battery.matters(reading.kind):
                for one in self._batteries:
                    together = together and now_ms - one.at_ms < _TOGETHER_MS
            if not at_once and not together:
                waits = True
                continue
            plus = [part for part in parts if part.kind != "consumption"]
            watts = self._watts(plus, now_ms)
            if reading.kind == "generation":
                watts -= self._watts([one for one in parts if one.kind == "consumption"], now_ms)
                watts = -watts if reading.with_cars else watts
            # Without the cars in it, they take their part of it first.
            fed_in_watts = -watts if reading.with_cars else watts - draw_watts
            added_watts = self.added_watts(reading.kind, now_ms, draw_watts, fed_in_watts)
            watts += -added_watts if reading.with_cars else added_watts
            for part in parts:
                part.new &= ~FOR_SURPLUS
            at_ms = min([part.at_ms for part in parts])
            reading.take(watts, draw_watts, at_ms, now_ms, moving)
        if not waits:
            self._waits_ms = None

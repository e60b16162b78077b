"""The law of the surplus: which cars charge, how fast, and the sentence that says why.

Once a second: watts that the cars may take -> whole amperes for each unit. A charge starts
after the surplus has held for a while, and what runs goes on at the minimum until its relay
may open. Nothing here knows the bus: what is really offered the master and the gate decide,
and they only ever make it less.
"""

from micropython import const

import text
from charging.share import share

# Before a car counts as not drawing it gets this long to begin.
_BEGIN_MS = const(60000)
_DRAWING_CA = const(100)

# The states of each unit, and of the bridge as a whole, are "no_connector", "fault", "waiting",
# "charging", "minimum" and "lost".


class Unit:
    """One wall connector as the decisions see it.

    `watts_per_amp`: volts times phases. `priority`: a whole number; higher ones start first,
    get amperes first and stop last. `amps` is what the law wants (0: off), `offer_amps`
    what the slave was last offered. The caller keeps `ready` (linked and has answered),
    `offer_amps`, `draw_ca`, `minimum_amps` and `maximum_amps` up to date, and `fault`: a sentence
    if the unit gets nothing whatever its relay's times say, or None.
    """

    def __init__(self, unit_id, name, watts_per_amp, relay, priority=5):
        self.id = unit_id
        self.name = name
        self.watts_per_amp = watts_per_amp
        self.relay = relay
        self.priority = priority
        self.ready = False
        self.fault = None
        self.offer_amps = 0
        self.draw_ca = 0
        self.minimum_amps = 6
        self.maximum_amps = 6
        self.amps = 0
        self.takes_more = True
        self.state = "no_connector"
        self.reason = ""
        self._undrawn_ms = None

    def follow(self, ready, offer_amps, draw_ca, now_ms):
        """Takes what the bus says about the unit. One that turns up drawing is running."""
        if ready and not self.ready and draw_ca >= _DRAWING_CA and not self.amps:
            self.amps = self.minimum_amps
        if not ready:
            self.amps = 0
        self.ready = ready
        self.offer_amps = offer_amps
        self.draw_ca = draw_ca
        self.relay.follow(offer_amps, draw_ca, now_ms)
        if not offer_amps or draw_ca >= _DRAWING_CA:
            self._undrawn_ms = now_ms
        self.takes_more = self._undrawn_ms is None or now_ms - self._undrawn_ms < _BEGIN_MS

    def draw_watts(self):
        """What its car draws, in watts; below 1 A that is calibration, not a car."""
        return self.draw_ca * self.watts_per_amp / 100 if self.draw_ca >= _DRAWING_CA else 0

    def needs_watts(self):
        """The surplus that its minimum current needs."""
        return self.minimum_amps * self.watts_per_amp


class Law:
    """Decides for all units.

    A unit of higher priority starts first, though it never pushes out one that is running, and
    stops last: among those that their relays let stop.

    `hold_ms`: how long the surplus has to be there before a start. `stay`: whether a lost
    reading leaves running cars at their minimum (else they are switched off, after the minimum
    on time). `limit_amps`: what all units together may be offered. The caller keeps that up to
    date, and `held`: words for what keeps everything from being started or raised, or None.
    """

    def __init__(self, hold_ms, stay, limit_amps):
        self.state = "no_connector"
        self.reason = "Starting."
        self.held = None
        self._hold_ms = hold_ms
        self._stay = stay
        self.limit_amps = limit_amps
        self._next = None  # the unit that starts next
        self._enough_ms = None  # since when there is enough for one more start

    def decide(self, watts, without, units, opens_in_ms, now_ms):
        """Sets `amps`, `state` and `reason` of each unit, and the law's own.

        `watts`: what the cars may take, or None: not known, then `without` has state and words
        for it ("lost", "no surplus reading for 3 min"). `opens_in_ms`: how long nothing may be
        raised.
        """
        ready = _in_order(units)
        for unit in ready:
            if unit.fault:
                unit.amps = 0
        on = [unit for unit in ready if unit.amps]
        # Cars found charging at a start may be more than the wires carry: wires before relays,
        # and the last in the order go first.
        while on and sum([unit.minimum_amps for unit in on]) > self.limit_amps:
            on.pop().amps = 0
        if watts is None:
            self._enough_ms = None
            for unit in on:
                keep = self._stay or unit.relay.stop_in_ms(now_ms)
                unit.amps = unit.minimum_amps if keep else 0
        else:
            self._with_surplus(watts, ready, on, opens_in_ms, now_ms)
        for unit in units:
            left = watts
            if watts is not None:
                # What there is for this unit: those that stop later have their minimum first.
                for other in ready:
                    if other is unit and unit.amps:
                        break
                    left -= other.needs_watts() if other.amps else 0
            self._explain(unit, left, without, ready, opens_in_ms, now_ms)
        self._sum_up(watts, ready)

    def _with_surplus(self, watts, ready, on, opens_in_ms, now_ms):
        left = watts - sum([unit.needs_watts() for unit in on])
        for unit in reversed(list(on)):
            if left < 0 and not unit.relay.stop_in_ms(now_ms):
                unit.amps = 0
                on.remove(unit)
                left += unit.needs_watts()
        share(on, watts, self.limit_amps)
        unit = self._next = self._next_to_start(ready, on, now_ms)
        if unit is None or left < unit.needs_watts():
            self._enough_ms = None
            return
        if self._enough_ms is None:
            self._enough_ms = now_ms
        if now_ms - self._enough_ms >= self._hold_ms and not opens_in_ms and not self.held:
            self._enough_ms = None
            unit.amps = unit.minimum_amps

    def _next_to_start(self, ready, on, now_ms):
        """The unit that may start next: of those that may and have the highest priority, the
        one that started least often. `ready` is in the order of priority."""
        room = self.limit_amps - sum([unit.minimum_amps for unit in on])
        found = None
        for unit in ready:
            if unit.amps or unit.fault or unit.minimum_amps > min(room, unit.maximum_amps):
                continue
            if unit.relay.start_in_ms(now_ms):
                continue
            if found is None:
                found = unit
            elif unit.priority == found.priority and unit.relay.starts < found.relay.starts:
                found = unit
        return found

    def _explain(self, unit, watts, without, ready, opens_in_ms, now_ms):
        if not unit.ready:
            unit.state = "no_connector"
            unit.reason = "No answer from this wall connector."
        elif unit.fault:
            unit.state = "fault"
            unit.reason = unit.fault
        elif unit.amps:
            self._explain_on(unit, watts, without, now_ms)
        elif unit.draw_ca >= _DRAWING_CA:
            unit.state = "charging"
            unit.reason = f"Stopping: still draws {unit.draw_ca / 100:.1f} A."
        else:
            unit.state = "waiting" if watts is not None else without[0]
            unit.reason = self._why_off(unit, watts, without[1], ready, opens_in_ms, now_ms)

    def _explain_on(self, unit, watts, without, now_ms):
        minimum = f"{unit.minimum_amps} A"
        stop_in_ms = unit.relay.stop_in_ms(now_ms)
        if watts is None:
            unit.state = without[0]
            if self._stay:
                unit.reason = f"At the minimum of {minimum}: {without[1]}."
            else:
                unit.reason = (
                    f"At the minimum of {minimum}: {without[1]}; "
                    f"stops in {text.remaining(stop_in_ms)} (minimum on time)."
                )
            return
        if watts < unit.needs_watts():
            unit.state = "minimum"
            unit.reason = (
                f"At the minimum of {minimum}: {_of(watts, unit)}, "
                f"stops in {text.remaining(stop_in_ms)} unless it returns (minimum on time)."
            )
            return
        unit.state = "charging"
        if not unit.offer_amps:
            unit.reason = f"Starting at {minimum}: {text.watts(watts)} of surplus."
            return
        going = f", going to {unit.amps} A" if unit.offer_amps < unit.amps else ""
        most = ", the most allowed" if unit.offer_amps >= unit.maximum_amps else ""
        if going and self.held:
            going = f", not raised: {self.held}"
        verb = "Charging at" if unit.draw_ca >= _DRAWING_CA else "Offering"
        silent = "" if unit.draw_ca >= _DRAWING_CA else "; no car draws yet"
        unit.reason = (
            f"{verb} {unit.offer_amps} A{going}{most}: {text.watts(watts)} of surplus{silent}."
        )

    def _why_off(self, unit, watts, lost, ready, opens_in_ms, now_ms):
        if unit.minimum_amps > unit.maximum_amps:
            return f"Off: needs {unit.minimum_amps} A, but {unit.maximum_amps} A are allowed."
        if watts is None:
            return f"{'Off' if unit.state == 'lost' else 'Waiting'}: {lost}."
        sentence = f"Waiting: {_of(watts, unit)}"
        start_in_ms = unit.relay.start_in_ms(now_ms)
        if start_in_ms:
            return f"{sentence}, off for {text.remaining(start_in_ms)} more (minimum off time)."
        if watts < unit.needs_watts():
            return f"{sentence}."
        taken = sum([other.minimum_amps for other in ready if other.amps])
        if taken + unit.minimum_amps > self.limit_amps:
            return f"{sentence}, but the {self.limit_amps} A for all are in use."
        if self._enough_ms is None or unit is not self._next:
            return f"{sentence}, another car starts first."
        if self.held:
            return f"{sentence}, but {self.held}."
        wait_ms = max(self._enough_ms + self._hold_ms - now_ms, opens_in_ms)
        return f"{sentence}, starts in {text.remaining(wait_ms)} if it holds."

    def _sum_up(self, watts, ready):
        """The bridge as a whole: what runs explains it, else the unit that is closest."""
        if not ready:
            self.state = "no_connector"
            self.reason = (
                "No wall connector answers on the bus: check its power, the wires A and B, "
                "and that its rotary switch is on F."
            )
            return
        running = [unit for unit in ready if unit.amps]
        if len(running) < 2:
            unit = running[0] if running else ready[0]
            for other in ready:
                if not running and ", starts in" in other.reason:
                    unit = other
            self.state, self.reason = unit.state, unit.reason
            return
        offered = sum([unit.offer_amps for unit in running])
        what = f"{len(running)} cars are offered {offered} A"
        if watts is None or watts < sum([unit.needs_watts() for unit in running]):
            self.state = running[-1].state
            self.reason = f"{what}, their minimum. {running[-1].reason}"
        else:
            self.state = "charging"
            self.reason = f"{what}: {text.watts(watts)} of surplus."


def _in_order(units):
    """Those that are ready, the highest priority first, equal ones as they came (sorting keeps
    no such order on MicroPython)."""
    ready = []
    for unit in units:
        if unit.ready:
            at = len(ready)
            while at and ready[at - 1].priority < unit.priority:
                at -= 1
            ready.insert(at, unit)
    return ready


def _of(watts, unit):
    # Rounded down: 1439.6 is not yet 1440.
    return f"{text.watts(watts // 1)} of {text.watts(unit.needs_watts())} surplus"

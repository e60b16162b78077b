"""The law: which cars charge and how fast.

Once a second: watts that the cars may take, and what the plan orders for each unit, become
whole amperes. Starts and stops by the sun wait for the trend (trend.py) and for the relays;
what goes before them all is the room that wires, limits and grid guard leave. Why it is so is
said by reasons.py. Nothing here knows the bus: what is really offered the master and the gate
decide, and they only ever make it less.
"""

import math

from micropython import const

from charging import reasons
from charging.share import by_sun_of, free_amps, share, take, taken
from charging.trend import Trend

# When there is not enough for two, and they take turns: how long a turn lasts.
_TURN_MS = const(3600000)

# Without any share from the grid an ampere begins at this part of it, else at half: as much
# solar as a whole ampere can catch for a tenth of what it takes from the grid.
_ROUND_UP = 0.75
_ROUND_LEAST = 0.5

# The states of each unit, and of the bridge as a whole, are "no_connector", "fault", "off",
# "waiting", "charging", "minimum" and "lost".


class Law:
    """Decides for all units.

    A unit of higher priority starts first, though it never pushes out one that is running, and
    stops last: among those that their relays let stop.

    `config`: the checked configuration. `room`: what all units together may be offered, [whole
    amperes on L1, L2, L3], kept up to date by the caller like `room_words` (what limits it, ""
    if nothing but the wires does), `held` (words for what keeps everything from being started
    or raised, or None) and `grid_share`: the part of the minimum current that may come from the
    grid, 0 to 1.
    """

    def __init__(self, config, room):
        self.state = "no_connector"
        self.reason = "Starting."
        self.held = None
        self.room = room
        self.room_words = ""
        self.grid_share = config["surplus"]["grid_share"] / 100
        self.trend = Trend(
            int(config["surplus"]["start_hold_s"] * 1000),
            int(config["relay"]["min_on_s"] * 1000),
            config["surplus"]["budget_wh"],
        )
        self.stay = config["inputs"]["lost"] == "minimum"  # at the minimum without a reading
        self.starts_a_day = config["relay"]["starts_a_day"]
        # For the sentences: what was decided on, what the minimums of those that run leave of the
        # room, what their shares leave of it, and the unit that starts next.
        self.watts = None
        self.left = self.rest = room
        self.next = None
        self._rotate = config["share"]["by"] == "rotation"

    def decide(self, watts, at_ms, without, units, opens_in_ms, now_ms):
        """Sets `amps`, `state` and `reason` of each unit, and the law's own.

        `watts`: what the cars may take, by a reading of `at_ms`, or None: not known, then
        `without` has state and words for it ("lost", "no surplus reading for 3 min").
        `opens_in_ms`: how long nothing may be raised.
        """
        ready = _in_order(units)
        for unit in ready:
            unit.cut = False
            if not unit.amps:
                continue
            if unit.fault or unit.maximum_amps < unit.minimum_amps:
                unit.amps = 0
            elif unit.is_off() and not unit.relay.stop_in_ms(now_ms, unit.urgent):
                unit.amps = 0
            elif unit.wants is False and unit.mode == "solar":
                unit.amps = 0
        new = False
        if watts is not None:
            new = self._follow_sun(watts, at_ms, ready, now_ms)
        else:
            self.trend.lost()
            for unit in by_sun_of(ready):
                if not self.stay and not unit.relay.stop_in_ms(now_ms):
                    unit.amps = 0
        # Wires, limit and guard before relays; the last in the order go first.
        room = list(self.room)
        for unit in ready:
            if unit.amps:
                if free_amps(room, unit) < unit.minimum_amps:
                    unit.amps = 0
                    unit.cut = True
                else:
                    take(room, unit, unit.minimum_amps)
        self._start(watts, new, ready, room, opens_in_ms, now_ms)
        on = [unit for unit in ready if unit.amps]
        self.watts = watts
        self.left = room
        self.rest = share(on, 0 if watts is None else watts, self.room, self.round_up())
        for unit in units:
            left = None if watts is None else watts - taken(unit, ready)
            reasons.explain(self, unit, left, without, ready, opens_in_ms, now_ms)
        reasons.sum_up(self, watts, ready)

    def round_up(self):
        """The part of the last ampere that has to be there."""
        return max(_ROUND_LEAST, _ROUND_UP - self.grid_share / 2)

    def enough_watts(self, unit):
        """The surplus that one more car needs: its minimum less what the grid may give; whole
        watts, at least one."""
        return max(1, math.ceil(unit.needs_watts() * (1 - self.grid_share) - 0.01))

    def may_start(self, unit, now_ms):
        """Whether nothing but power stands in the way of a start."""
        if unit.amps or unit.fault or unit.is_off() or unit.maximum_amps < unit.minimum_amps:
            return False
        if unit.relay.start_in_ms(now_ms, unit.urgent):
            return False
        by_sun = unit.mode == "solar"
        return not by_sun or not (unit.wants is False or unit.relay.today >= self.starts_a_day)

    def _follow_sun(self, watts, at_ms, ready, now_ms):
        """Weighs a reading and stops what has to; returns whether it was new."""
        trend = self.trend
        by_sun = by_sun_of(ready)
        lacking = 0
        if by_sun:
            last = by_sun[-1]
            wanted = taken(last, ready) + self.enough_watts(last)
            lacking = wanted - watts
        else:
            trend.used_wh = 0
        needs = largest = kept = 0
        for unit in ready:
            if unit.amps and (unit.mode == "fast" or unit.mode == "manual"):
                kept += unit.keeps_watts()
            else:
                needs += unit.needs_watts()
                largest = max(largest, unit.needs_watts())
        if not trend.weigh(watts, at_ms, (needs, largest), kept, lacking, now_ms):
            return False
        if lacking > 0 and trend.is_spent() and trend.mean < wanted:
            for unit in reversed(by_sun):
                if not unit.relay.stop_in_ms(now_ms):
                    unit.amps = 0
                    trend.used_wh = 0
                    break
        return True

    def _start(self, watts, new, ready, room, opens_in_ms, now_ms):
        """Starts what is ordered at once, and by the sun one unit, on a new reading."""
        self.next = None
        shut = opens_in_ms > 0 or bool(self.held)
        ordered = False
        for unit in ready:
            if unit.mode != "solar" and not shut and self.may_start(unit, now_ms):
                if free_amps(room, unit) >= unit.minimum_amps:
                    self._switch_on(unit, room, now_ms)
                    ordered = True
        if watts is None:
            return
        enough = False
        for unit in ready:
            if unit.mode != "solar" or not self.may_start(unit, now_ms):
                continue
            fits = free_amps(room, unit) >= unit.minimum_amps
            fits = fits and watts - taken(unit, ready) >= self.enough_watts(unit)
            # One that there is too little for does not keep the others waiting.
            if self.next is None or (fits if fits is not enough else _sooner(unit, self.next)):
                self.next = unit
                enough = fits
        unit = self.next
        # What was just ordered will take more than its minimum.
        if unit is None or shut or ordered or not new:
            return
        if not enough:
            if self._rotate:
                self._make_way(unit, watts, ready, room, now_ms)
        elif self.trend.sure_watts() - taken(unit, ready) >= self.enough_watts(unit):
            self._switch_on(unit, room, now_ms)

    def _make_way(self, unit, watts, ready, room, now_ms):
        """Ends the turn of one that runs, if that is enough for the unit which waits."""
        if unit.wants is not True and unit.refused_ms is not None:
            return  # it is asked once more when there is power to spare, at nobody's expense
        sure = min(watts, self.trend.sure_watts()) - taken(unit, ready)
        for other in reversed(by_sun_of(ready)):
            if other.priority != unit.priority or now_ms - other.began_ms < _TURN_MS:
                continue
            spare = list(room)
            take(spare, other, -other.minimum_amps)
            enough = sure + other.needs_watts() >= self.enough_watts(unit)
            fits = enough and free_amps(spare, unit) >= unit.minimum_amps
            if fits and not other.relay.stop_in_ms(now_ms):
                other.amps = 0
                self.trend.used_wh = 0
                return

    def _switch_on(self, unit, room, now_ms):
        unit.amps = unit.minimum_amps
        unit.began_ms = now_ms
        take(room, unit, unit.amps)
        self.trend.used_wh = 0


def _sooner(unit, other):
    """Whether a unit starts before another: by priority, then one that may want before one that
    did not when it was last asked, then the one whose last start is longer ago."""
    if unit.priority != other.priority:
        return unit.priority > other.priority
    if (unit.refused_ms is None) is not (other.refused_ms is None):
        return unit.refused_ms is None
    return unit.began_ms < other.began_ms


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

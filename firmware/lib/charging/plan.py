"""What people, prices, limits and VINs want of the cars, as wishes: which mode, until when.

Modes: Off, Solar and Solar + minimum hold until another is chosen, or for a time. Fast ends after
a time, if one was given, or when all cars are known to be unplugged; then comes what was before.
Manual ends when it is not renewed in time. A boost is Fast on top of any mode, until a time, an
energy or all cars are unplugged; choosing another mode ends it.

After a restart nobody is there to stop what begins: Fast, Manual and a boost go on where a car was
charging before, and start a car elsewhere only when somebody says so again or plugs it in.

What people say comes in through say_modes.py, say_boost.py and say_limits.py, which are loaded for
it; how a plan begins is in new_plan.py.
"""

from micropython import const

import text
from charging.wishes import NAMES, steps, strongest

_MODE = const(10)
_TIMETABLE = const(20)
_PRICE = const(22)
_PERSON = const(25)
_BOOST = const(30)
_REMOTE_LIMIT = const(40)
_SWITCHED_OFF = const(45)

_DRAWING_CA = const(100)

# A person's wish that has had no effect by then is no reason to hurry any more.
_URGENT_MS = const(600000)

# What is left is remembered in steps, and amperes after so long without a rise: flash wears.
_STEP_MS = const(900000)
_STEADY_MS = const(600000)

# What is known of each unit, in a list: whether a car is plugged in (None: never told), whether
# it may be started by a person's wish, whether such a wish waits for its effect, and the session's
# Wh as of the last second (None: not told yet).
_PLUGGED = const(0)
_MAY = const(1)
_URGENT = const(2)
_SESSION = const(3)


class Plan:
    """Made by new_plan.make().

    To be read: `mode`: the one chosen; `amps`: of Manual, or those that were used last. `wishes`:
    the list, made anew by follow(), to which others may add theirs. `limit_amps`: for all units
    together, or None. `sun_only`: whether the price rules out a share of the grid. `allowed`:
    whether charging is allowed at all; `timetable_on`: whether the timetable is followed, None
    without one. `asked`: True (or a unit's id) once a person has asked that cars are offered power
    again; the caller takes it and sets None. `taken_wh`: what all cars took since the start.
    `said`: charging.own.Own once somebody has spoken of single units or of what is allowed.

    The others are for what people say: `known`: the lists above, by id; `boosted`:
    charging.boost.Boost, `limits`: charging.allowed.Allowed, each None if there is none;
    `until_ms`, `limit_ms`: when mode and limit end, or None; `then`: the mode that follows;
    `chosen`: whether somebody chose the mode; `spoke`: whether a person has said something since
    the start; `seen`: whether a car was plugged in since Fast or the boost began; `kept_amps`,
    `steady_ms`: the amperes that are remembered, and since when they have not risen; `urgent_ms`:
    when a person last asked for something outright. `settings`, `vins`, `price`, `tell`,
    `manual_ms`, `manual_then`: as configured.
    """

    def add(self, unit_id, running):
        """Says that there is a unit, and whether its car was charging before the restart."""
        self.known[unit_id] = [None, running or self.spoke, False, None]

    def own(self, unit_id):
        """(whether it may charge, its limit in whole amperes or None): what was said of one
        unit."""
        return self.said.of(unit_id) if self.said else (True, None)

    # Once a second.

    def follow(self, units, now_ms, timetable=None, price=None):
        """Takes what is known now and makes the wishes anew.

        `units`: each with `id`, `ready`, `draw_ca`, `offer_amps`, `energy.session_wh`, `plugged`
        (True, False or None), `vin` and `soc` (percent), None or "" where not known; `timetable`:
        (mode, amps, words, left_ms) or None; `price`: of a kWh now, or None."""
        away = there = False
        for unit in units:
            self._track(unit, now_ms)
            if unit.plugged:
                self.seen = True
            if unit.ready and unit.plugged is False:
                away = True
            elif unit.ready:
                there = True
        self._end(self.seen and away and not there, now_ms)
        wishes = self.wishes = []
        mode = self.mode
        chosen = self.chosen and mode in ("off", "fast", "manual")
        left_ms = None if self.until_ms is None else self.until_ms - now_ms
        words = "mode " + NAMES[mode]
        amps = None
        if mode == "manual":
            amps = self.amps
            words += f", {amps} A"
        wishes.append(
            (
                _PERSON if chosen else _MODE,
                "mode",
                None,
                mode,
                amps,
                words + _left(left_ms),
                left_ms,
            )
        )
        if timetable and self.timetable_on is not False:
            mode, amps, words, left_ms = timetable
            wishes.append((_TIMETABLE, "timetable", None, mode, amps, words, left_ms))
        self._add_price(price, mode)
        if self.boosted:
            wishes.append(self.boosted.wish(_BOOST, self.taken_wh, now_ms))
        amps = self.limit_amps
        if amps is not None:
            left_ms = None if self.limit_ms is None else self.limit_ms - now_ms
            words = f"remote limit of {amps} A for all" + _left(left_ms)
            wishes.append((_REMOTE_LIMIT, "remote limit", None, None, amps, words, left_ms))
        if self.said:
            self.said.add_wishes(wishes, now_ms)
            self.allowed = self.own("")[0]
        if self.limits:
            for unit in units:
                self.limits.add_wishes(wishes, unit)

    def order(self, unit_id):
        """(mode, limit_amps or None, words, urgent, limit_words) for a unit: `urgent` while a
        person's wish waits for its effect, which may then come sooner than the relay's times
        allow; `limit_words` who limits it, "" if it is the mode's own limit, or none."""
        unit = self.known.get(unit_id)
        held = unit is not None and not unit[_MAY]
        mode, limit = strongest(self.wishes, unit_id, held)
        if mode is None:
            words = "starting"
            if self.wishes:
                words = (
                    f"mode {NAMES[self.mode]}, but no car is started by it after a restart: "
                    "choose it again, or plug the car in anew"
                )
            return "off", None, words, False, ""
        limit_words = "" if limit is None or limit is mode else limit[5]
        urgent = unit is not None and unit[_URGENT] and mode[0] in (_PERSON, _BOOST, _SWITCHED_OFF)
        amps = None if limit is None else limit[4]
        return mode[3], amps, mode[5], urgent, limit_words

    def memory(self, now_ms):
        """What has to outlive a restart: {} while nobody has said anything."""
        memory = {}
        if self.chosen:
            memory["mode"] = self.mode
            memory["then"] = self.then
            if self.mode != "manual":
                if self.until_ms is not None:
                    memory["left_s"] = _left_s(self.until_ms, now_ms)
            elif self.amps < self.kept_amps or now_ms - self.steady_ms >= _STEADY_MS:
                self.kept_amps = self.amps
            if self.kept_amps:
                memory["amps"] = self.kept_amps
        if self.boosted:
            memory["boost"] = self.boosted.memory(self.taken_wh, now_ms)
        if self.limit_amps is not None:
            memory["limit"] = [self.limit_amps, self.limit_ms and _left_s(self.limit_ms, now_ms)]
        if self.limits and self.limits.limits:
            memory["limits"] = dict(self.limits.limits)
        own = self.said and self.said.memory(now_ms)
        if own:
            memory["own"] = own
        if self.timetable_on is False:
            memory["timetable"] = False
        return memory

    # Inside.

    def _track(self, unit, now_ms):
        if unit.id not in self.known:
            self.add(unit.id, False)
        known = self.known[unit.id]
        drawing = unit.draw_ca >= _DRAWING_CA
        wh, before_wh = unit.energy.session_wh, known[_SESSION]
        if before_wh is not None:
            self.taken_wh += wh - before_wh if wh >= before_wh else wh
        known[_SESSION] = wh
        if unit.plugged and known[_PLUGGED] is False:
            # Another car, or the same one on another day.
            known[_MAY] = True
            if self.limits:
                self.limits.set(unit.id, None, None)
        if unit.plugged is not None:
            known[_PLUGGED] = unit.plugged
        if drawing:
            known[_MAY] = True
        if known[_URGENT]:
            on = drawing or unit.offer_amps > 0
            off = not self.boosted and (
                self.mode == "off" or self.mode == "manual" and not self.amps
            )
            if not (self.allowed and self.own(unit.id)[0]):
                off = True
            if on is not off or now_ms - self.urgent_ms >= _URGENT_MS:
                known[_URGENT] = False

    def _end(self, gone, now_ms):
        """Ends what is over. `gone`: whether all cars were unplugged."""
        if self.boosted and self.boosted.over(self.taken_wh, gone, now_ms):
            self.boosted = None
            self.tell("info", "Boost ended.")
        if self.limit_ms is not None and now_ms >= self.limit_ms:
            self.limit_amps = self.limit_ms = None
        over = self.until_ms is not None and now_ms >= self.until_ms
        if over or gone and self.mode == "fast" and self.chosen:
            self.tell("info", f"Mode {NAMES[self.mode]} ended, {NAMES[self.then]}.")
            self.mode, self.until_ms = self.then, None

    def _add_price(self, price, mode):
        """`mode`: what is wished for without prices."""
        below, above = self.price["fast_below"], self.price["solar_above"]
        self.sun_only = price is not None and above is not None and price > above
        if mode == "off" or price is None:
            return
        if self.sun_only:
            mode, words = "solar", f"price {price:g}, above {above:g}"
        elif below is not None and price < below:
            mode, words = "fast", f"price {price:g}, below {below:g}"
        else:
            return
        self.wishes.append((_PRICE, "price", None, mode, None, words, None))


def _left(left_ms):
    return "" if left_ms is None else f", {text.remaining(left_ms)} more"


def _left_s(end_ms, now_ms):
    return steps(end_ms - now_ms, _STEP_MS) // 1000

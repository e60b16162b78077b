"""What people, prices, limits and VINs want of the cars, as wishes: which mode, until when.

Modes: Off, Solar and Solar + minimum hold until another is chosen, or for a time. Fast ends after
a time, if one was given, or when all cars are known to be unplugged; then comes what was before.
Manual ends when it is not renewed in time. A boost is Fast on top of any mode, until a time, an
energy or all cars are unplugged; choosing another mode ends it.

After a restart nobody is there to stop what begins: Fast, Manual and a boost go on where a car was
charging before, and start a car elsewhere only when somebody says so again or plugs it in.
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
    """`config`: as checked, of which plan, price and vins are used; `settings`: units.Units;
    `remembered`: what memory() gave before a restart, or {}; `tell(level, sentence)`.

    `mode`: the one chosen; `amps`: of Manual. `wishes`: the list, made anew by follow(), to which
    others may add theirs. `limit_amps`: for all units together, or None. `sun_only`: whether
    the price rules out a share of the grid. `asked`: True (or a unit's id) once a person has asked
    that cars are offered power again; the caller takes it and sets None. `taken_wh`: what all cars
    took since the start.
    """

    def __init__(self, config, settings, remembered, tell, now_ms):
        plan = config["plan"]
        self.mode = remembered.get("mode") or plan["mode"]
        self.amps = self._kept_amps = remembered.get("amps") or 0
        self.then = remembered.get("then") or "solar"
        self.wishes = []
        self.limit_amps = self.asked = None
        self.sun_only = False
        self.taken_wh = 0
        self._settings = settings
        self._vins = config["vins"]
        self._allowed = None
        self._tell = tell
        self._manual_ms = int(plan["manual_s"] * 1000)
        self._manual_then = plan["manual_then"]
        self._price = config["price"]
        self._chosen = "mode" in remembered
        self._spoke = False  # whether a person has said something since the start
        self._seen = False  # whether a car was plugged in since Fast or the boost began
        self._boost = None
        self._limit_ms = None
        self._units = {}
        self._steady_ms = self._urgent_ms = now_ms
        self._until_ms = _after(now_ms, remembered.get("left_s"))
        if self.mode == "manual" and self._manual_ms:
            self._until_ms = now_ms + self._manual_ms
        if remembered.get("boost"):
            left_s, wh, unplugged = remembered["boost"]
            self._load_boost(_after(now_ms, left_s), wh, unplugged)
        if remembered.get("limit"):
            self.limit_amps = remembered["limit"][0]
            self._limit_ms = _after(now_ms, remembered["limit"][1])
        limits = remembered.get("limits")
        if limits or settings.limits_charges() or _vins_matter(self._vins):
            self._load(limits or {})

    def add(self, unit_id, running):
        """Says that there is a unit, and whether its car was charging before the restart."""
        self._units[unit_id] = [None, running or self._spoke, False, None]

    def units(self):
        """The ids of the units that were added."""
        return list(self._units)

    # What people say.

    def choose(self, mode, amps, seconds, then, now_ms):
        """Takes a mode. `amps`: of "manual"; `seconds`: after which it ends, or None; `then`:
        "off", "solar" or "minimum", what follows, or None: what was before. Said again it only
        lasts longer."""
        before = self.mode
        if then is not None:
            self.then = then
        elif mode != before:
            if mode == "manual":
                self.then = self._manual_then
            elif before in ("off", "solar", "minimum") and self._until_ms is None:
                self.then = before
        if mode == "manual" and seconds is None and self._manual_ms:
            self._until_ms = now_ms + self._manual_ms
        else:
            self._until_ms = _after(now_ms, seconds)
        amps = amps if mode == "manual" else 0
        if mode != before:
            self._kept_amps = amps
        if amps > self.amps:
            self._steady_ms = now_ms
        self.mode = mode
        self.amps = amps
        self._chosen = True
        self._spoken()
        if mode != before or mode == "off" and self._boost:
            self._boost = None
            self._hurry(now_ms)
            self._tell("info", f"Mode {NAMES[mode]}.")

    def boost(self, seconds, wh, unplugged, now_ms):
        """Starts a boost until the first of: after `seconds`, after `wh`, all `unplugged`; with
        none of them ends it. The same boost said again lasts longer; its energy stays."""
        until_ms = _after(now_ms, seconds)
        if until_ms is None and not wh and not unplugged:
            if self._boost:
                self._boost = None
                self._tell("info", "Boost ended.")
            return
        self._spoken()
        if self._boost and self._boost.again(until_ms, wh, unplugged):
            return
        self._load_boost(until_ms, wh, unplugged)
        self._hurry(now_ms)
        self._tell("info", "Boost.")

    def limit(self, amps, seconds, now_ms):
        """Sets what all units together may be offered, or None: no such limit; `seconds`: after
        which it ends, or None."""
        self.limit_amps = amps
        self._limit_ms = None if amps is None else _after(now_ms, seconds)

    def charge_limit(self, unit_id, wh, soc):
        """Sets when this session of a unit (None: of all) ends, in Wh and in percent; None: as
        configured. False if there is no such unit."""
        if unit_id is not None and unit_id not in self._units:
            return False
        if self._allowed is None:
            self._load({})
        for known in self._units:
            if unit_id is None or known == unit_id:
                self._allowed.set(known, wh, soc)
        return True

    def ask(self, unit_id):
        """A person asks that a unit's car (None: all) is offered power again; energy counts
        anew. False if there is no such unit."""
        if unit_id is not None and unit_id not in self._units:
            return False
        self.asked = unit_id or True
        for known in self._units:
            if unit_id is None or known == unit_id:
                self._units[known][_MAY] = True
                if self._allowed:
                    self._allowed.ask(known, self._units[known][_SESSION] or 0)
        return True

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
                self._seen = True
            if unit.ready and unit.plugged is False:
                away = True
            elif unit.ready:
                there = True
        self._end(self._seen and away and not there, now_ms)
        wishes = self.wishes = []
        chosen = self._chosen and self.mode in ("off", "fast", "manual")
        left_ms = None if self._until_ms is None else self._until_ms - now_ms
        words = "mode " + NAMES[self.mode]
        if self.mode == "manual":
            words += f", {self.amps} A"
        wishes.append((
            _PERSON if chosen else _MODE, "mode", None, self.mode,
            self.amps if self.mode == "manual" else None, words + _left(left_ms), left_ms,
        ))  # fmt: skip
        mode = self.mode
        if timetable:
            mode, amps, words, left_ms = timetable
            wishes.append((_TIMETABLE, "timetable", None, mode, amps, words, left_ms))
        self._add_price(price, mode)
        if self._boost:
            wishes.append(self._boost.wish(_BOOST, self.taken_wh, now_ms))
        if self.limit_amps is not None:
            left_ms = None if self._limit_ms is None else self._limit_ms - now_ms
            words = f"remote limit of {self.limit_amps} A for all" + _left(left_ms)
            wishes.append(
                (_REMOTE_LIMIT, "remote limit", None, None, self.limit_amps, words, left_ms)
            )
        if self._allowed:
            for unit in units:
                self._allowed.add_wishes(wishes, unit)

    def order(self, unit_id):
        """(mode, limit_amps or None, words, urgent, limit_words) for a unit: `urgent` while a
        person's wish waits for its effect, which may then come sooner than the relay's times
        allow; `limit_words` who limits it, "" if it is the mode's own limit, or none."""
        unit = self._units.get(unit_id)
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
        urgent = unit is not None and unit[_URGENT] and mode[0] in (_PERSON, _BOOST)
        amps = None if limit is None else limit[4]
        return mode[3], amps, mode[5], urgent, limit_words

    def memory(self, now_ms):
        """What has to outlive a restart: {} while nobody has said anything."""
        memory = {}
        if self._chosen:
            memory["mode"] = self.mode
            memory["then"] = self.then
            if self.mode == "manual":
                if self.amps < self._kept_amps or now_ms - self._steady_ms >= _STEADY_MS:
                    self._kept_amps = self.amps
                memory["amps"] = self._kept_amps
            elif self._until_ms is not None:
                memory["left_s"] = steps(self._until_ms - now_ms, _STEP_MS) // 1000
        if self._boost:
            memory["boost"] = self._boost.memory(self.taken_wh, now_ms)
        if self.limit_amps is not None:
            left_s = self._limit_ms and steps(self._limit_ms - now_ms, _STEP_MS) // 1000
            memory["limit"] = [self.limit_amps, left_s]
        if self._allowed and self._allowed.limits:
            memory["limits"] = dict(self._allowed.limits)
        return memory

    # Inside.

    def _load_boost(self, until_ms, wh, unplugged):
        from charging.boost import Boost

        self._boost = Boost(until_ms, wh, self.taken_wh, unplugged)

    def _load(self, limits):
        from charging.allowed import Allowed

        self._allowed = Allowed(self._settings, self._vins, limits)

    def _spoken(self):
        self._spoke = True
        for unit_id in self._units:
            self._units[unit_id][_MAY] = True

    def _hurry(self, now_ms):
        self._seen = False
        self._urgent_ms = now_ms
        for unit_id in self._units:
            self._units[unit_id][_URGENT] = True

    def _track(self, unit, now_ms):
        if unit.id not in self._units:
            self.add(unit.id, False)
        known = self._units[unit.id]
        drawing = unit.draw_ca >= _DRAWING_CA
        wh, before_wh = unit.energy.session_wh, known[_SESSION]
        if before_wh is not None:
            self.taken_wh += wh - before_wh if wh >= before_wh else wh
        known[_SESSION] = wh
        if unit.plugged and known[_PLUGGED] is False:
            # Another car, or the same one on another day.
            known[_MAY] = True
            if self._allowed:
                self._allowed.set(unit.id, None, None)
        if unit.plugged is not None:
            known[_PLUGGED] = unit.plugged
        if drawing:
            known[_MAY] = True
        if known[_URGENT]:
            on = drawing or unit.offer_amps > 0
            off = not self._boost and (
                self.mode == "off" or self.mode == "manual" and not self.amps
            )
            if on is not off or now_ms - self._urgent_ms >= _URGENT_MS:
                known[_URGENT] = False

    def _end(self, gone, now_ms):
        """Ends what is over. `gone`: whether all cars were unplugged."""
        if self._boost and self._boost.over(self.taken_wh, gone, now_ms):
            self._boost = None
            self._tell("info", "Boost ended.")
        if self._limit_ms is not None and now_ms >= self._limit_ms:
            self.limit(None, None, now_ms)
        over = self._until_ms is not None and now_ms >= self._until_ms
        if over or gone and self.mode == "fast" and self._chosen:
            self._tell("info", f"Mode {NAMES[self.mode]} ended, {NAMES[self.then]}.")
            self.mode, self.amps, self._until_ms = self.then, 0, None

    def _add_price(self, price, mode):
        """`mode`: what is wished for without prices."""
        below, above = self._price["fast_below"], self._price["solar_above"]
        self.sun_only = price is not None and above is not None and price > above
        if mode == "off" or price is None:
            return
        if self.sun_only:
            self.wishes.append(
                (_PRICE, "price", None, "solar", None, f"price {price:g}, above {above:g}", None)
            )
        elif below is not None and price < below:
            self.wishes.append(
                (_PRICE, "price", None, "fast", None, f"price {price:g}, below {below:g}", None)
            )


def _after(now_ms, seconds):
    return None if seconds is None else now_ms + int(seconds * 1000)


def _left(left_ms):
    return "" if left_ms is None else f", {text.remaining(left_ms)} more"


def _vins_matter(vins):
    """Whether the VIN of a car makes a difference."""
    return vins["allow"] or vins["deny"] or vins["unknown"] == "deny"

"""Timetable, prices and grid guard: what only some houses have, loaded only there.

Asked by decisions.py once a second, and when a reading has come.
"""

from micropython import const

from firmware import forget

# What a target has got so far is remembered in such steps: flash wears.
_STEP_WH = const(1000)

_GRID_KINDS = ("grid", "grid_l1", "grid_l2", "grid_l3")


def needed(config):
    """Whether the configuration asks for any of it; a zone is for boosts until a time."""
    guard, price = config["guard"], config["price"]
    prices = [price[key] for key in price]
    if config["timetable"] or config["clock"]["zone"]:
        return True
    return _limits(guard) != (None,) * 3 or prices != [None] * len(prices)


def _limits(guard):
    return guard["amps"], guard["watts"], guard["mean_watts"]


class Conditions:
    """`config`: the checked configuration; `inputs`: charging.inputs.Inputs; `since`: of the
    timetable, as remembered. `clock`: tells utc_s(), or None until there is one; `zone`: of
    localtime.parse, or None without a timetable."""

    def __init__(self, config, inputs, since):
        self.clock = self.zone = self.timetable = self.guard = None
        self.ntp = config["clock"]["ntp"]
        self.price = config["price"]
        self._inputs = inputs
        self._volts = config["supply"]["volts"]
        zone = config["clock"]["zone"]
        if zone:
            import zones

            self.zone = zones.parse(zone)
            del zones
            forget("zones")
        if config["timetable"]:
            from charging.timetable import Timetable

            self.timetable = Timetable(config["timetable"], self.zone, since)
        guard = config["guard"]
        # A limit that was wrong is 0.
        if _limits(guard) != (None,) * 3:
            from charging.guard import Guard

            kinds = [source["kind"] for source in config["sources"]]
            phases = [phase for phase in range(4) if _GRID_KINDS[phase] in kinds]
            self._phases = phases or [0]
            self.guard = Guard(
                guard["amps"],
                guard["watts"],
                guard["mean_watts"],
                int(guard["max_age_s"] * 1000),
                self._volts,
                self._phases,
            )

    def utc_s(self):
        """Unix time, or None: not known."""
        return self.clock.utc_s() if self.clock else None

    def wanted(self, units, total_wh, now_ms):
        """(what the timetable wants or None, the price of a kWh now or None), for Plan.follow.
        `total_wh`: what all cars got since the start of the firmware."""
        timetable = None
        if self.timetable:
            ready = [unit for unit in units if unit.ready and unit.wants is not False]
            ready = ready or units
            timetable = self.timetable.now(
                self.utc_s(),
                total_wh,
                sum([unit.watts_per_amp for unit in ready]) or self._volts,
                max([unit.minimum_amps for unit in ready] or [6]),
                min([unit.maximum_amps for unit in ready] or [6]),
            )
        return timetable, self._inputs.value("price", now_ms)

    def memory(self, total_wh):
        """What has to outlive a restart, in which `total_wh` begins at 0: when the window with a
        target began, and the Wh it has got; None if there is none."""
        since = self.timetable and self.timetable.since
        if not since or since[1] is None:
            return since and [since[0], None]
        return [since[0], -int((total_wh - since[1]) // _STEP_WH * _STEP_WH)]

    def grid_share(self, share, now_ms):
        """The part of the minimum that may come from the grid: `share`, or, where both prices are
        known, so much that the grid's part costs no more than the whole would as sun that is not
        fed in."""
        kwh = self._inputs.value("price", now_ms)
        fed = self._inputs.value("feed_in", now_ms)
        kwh = self.price["import"] if kwh is None else kwh
        fed = self.price["feed_in"] if fed is None else fed
        if kwh is None or fed is None:
            return share
        return 1 if kwh <= 0 else max(0, min(1, fed / kwh))

    def grid(self, units, now_ms, moving):
        """Gives the guard what has come in this moment; returns whether less is allowed now."""
        less = followed = False
        if self.guard:
            for phase in self._phases:
                kind = _GRID_KINDS[phase]
                watts = self._inputs.news(kind, now_ms)
                if watts is not None:
                    if not followed:
                        # What the cars have told since the last decision belongs to it.
                        less = self.guard.follow(self._draws(units), now_ms)
                        followed = True
                    if self._inputs.unit(kind) == "A":
                        watts *= self._volts
                    less = self.guard.reading(phase, watts, now_ms, moving) or less
        return less

    def room(self, room, units, now_ms):
        """Lowers `room`, amperes of L1, L2 and L3, to what the guard allows, and adds the watts
        of all if they are limited; tells each unit what limits it there."""
        guard = self.guard
        if guard is None:
            return
        guard.follow(self._draws(units), now_ms)
        allowed = guard.allowed(now_ms)
        for phase in range(3):
            if allowed[phase] is not None:
                room[phase] = min(room[phase], allowed[phase])
        watts = guard.allowed_watts(now_ms)
        if watts is not None:
            room.append(watts)
        for unit in units:
            unit.room_words = guard.words(now_ms, unit.phases)

    def _draws(self, units):
        """What all units draw on L1, L2 and L3, in 0.01 A, as the guard is to count it."""
        draws = [0, 0, 0]
        for unit in units:
            wires = max(1, round(unit.watts_per_amp / self._volts))
            if unit.phases != 7 or wires == 3:
                for phase in range(3):
                    if unit.phases >> phase & 1:
                        draws[phase] += unit.draw_ca
            elif self._phases == [0]:
                # On which phase it is makes no difference to the import in all. Where it does,
                # and nobody said, it counts as none of the cars: less is left for them.
                for phase in range(wires):
                    draws[phase] += unit.draw_ca
        return draws

    def warn(self, found, now_ms, timetable_on):
        """Adds sentences about what a person should see to. `timetable_on`: whether the timetable
        is followed."""
        if timetable_on and self.utc_s() is None:
            from charging import timetable

            words = timetable.words_unknown()
            found.append(words[0].upper() + words[1:] + ".")
        if self.guard:
            words = self.guard.words(now_ms)
            if "no grid reading" in words:
                found.append(words[0].upper() + words[1:] + ": nothing may be drawn.")

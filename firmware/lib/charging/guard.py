"""The grid guard: what all cars together may draw, so that the import stays within its limits.

Three limits, each on its own or together: amperes on each phase, watts in all, and a mean of the
watts over 15 minutes (mean.py).

Less is allowed at once and in one step, more only after a calm time in which each reading
showed room for it, whatever lag the meter may have (meter.py); only the first reading of all
counts at once. Without readings nothing is allowed.
"""

from micropython import const

import text
from charging.meter import Meter

# More is allowed after this long at least; longer if the meter is slow or late.
_CALM_MS = const(30000)

# What is to spare beyond the next whole ampere before it is given, in percent of one: the draw
# that cars tell and the meter differ a little, and nothing is to swing because of it.
_SPARE_PERCENT = const(50)

# A minimum current can't be had below this, so it is said what stands in the way.
_LEAST_AMPS = const(6)

_NAMES = ("", " on L1", " on L2", " on L3")


class Guard:
    """`amps`: limit of the import on each phase; `watts`: in all; `mean_watts`: over 15 minutes;
    each None for no limit. `max_age_ms`: how long a reading is good. `volts`: of one phase.

    `phases`: which readings there are: (0,) the import in all, (1, 2, 3) one for each phase, or
    both. With an ampere limit and only the import in all, all of it counts as being on each of
    the phases, and an export gives nothing: how it is spread is not known. Phases without a
    reading of their own are taken for not being there: they get what the least of the others
    gets.
    """

    def __init__(
        self,
        amps=None,
        watts=None,
        mean_watts=None,
        max_age_ms=30000,
        volts=240,
        phases=(0,),
    ):
        self.volts = volts
        self._amps = amps
        self._watts = watts
        self._max_age_ms = max_age_ms
        self._sources = {phase: _Source() for phase in phases}
        self._on_phases = [phase for phase in phases if phase] or [0]
        self._of_all = [0] if 0 in phases else self._on_phases
        self._total = None if watts is None and mean_watts is None else _Share()
        self._mean = None
        if mean_watts is not None:
            from charging.mean import Mean

            self._mean = Mean(mean_watts)

    def reading(self, phase, watts, now_ms, moving=False):
        """Takes a reading of the grid meter, import positive: `phase` 1 to 3, or 0 for all
        together, in watts (amperes times `volts`; a meter that gives amperes without a direction
        makes the guard stricter than it had to be). `moving` as in Meter.surplus(). Returns
        whether less is allowed than before, so that it can be acted on at once."""
        source = self._sources.get(phase)
        if source is None:
            return False
        source.take(watts, now_ms, moving)
        return self._judge(now_ms)

    def follow(self, draw_ca, now_ms):
        """Takes what all cars together draw on L1, L2 and L3 (0.01 A); once a second. Returns
        the same as reading()."""
        for phase in self._sources:
            source = self._sources[phase]
            source.draw_ca = draw_ca[phase - 1] if phase else draw_ca[0] + draw_ca[1] + draw_ca[2]
            source.most_ca = draw_ca[phase - 1] if phase else max(draw_ca)
            source.meter.follow(self._of_ca(source.draw_ca), now_ms)
        if self._mean is not None:
            known = self._lost(now_ms) is None
            self._mean.count(self._import_watts() if known else None, now_ms)
        return self._judge(now_ms)

    def allowed(self, now_ms):
        """What all cars together may draw on (L1, L2, L3), in whole amperes; 0 without readings.
        None where there is no limit in amperes."""
        if self._lost(now_ms) is not None:
            return 0, 0, 0
        if self._amps is None:
            return None, None, None
        least = min([self._sources[phase].share.now for phase in self._on_phases])
        found = [least, least, least]
        for phase in self._on_phases:
            if phase:
                found[phase - 1] = self._sources[phase].share.now
        return tuple([int(watts // self.volts) for watts in found])

    def allowed_watts(self, now_ms):
        """What all cars together may draw in all, in watts; 0 without readings, None if only
        amperes are limited."""
        if self._total is None:
            return None
        return 0 if self._lost(now_ms) is not None else int(self._total.now)

    def words(self, now_ms, phases=7):
        """Part of a sentence that says by what the cars are held back, or "" if they are not.
        `phases`: only those on these, the bits 1, 2 and 4 for L1, L2 and L3."""
        lost = self._lost(now_ms)
        if lost is not None:
            name = _NAMES[lost]
            at_ms = self._sources[lost].at_ms
            if at_ms is None:
                return f"grid guard: no grid reading{name} yet"
            return f"grid guard: no grid reading{name} for {text.age(now_ms - at_ms)}"
        if self._amps is not None:
            least = None
            here = [phase for phase in self._on_phases if not phase or phases >> phase - 1 & 1]
            for phase in here or self._on_phases:
                source = self._sources[phase]
                if least is None or source.share.now < least.share.now:
                    least, name = source, _NAMES[phase]
            if self._binds(least.share.now, least.most_ca, [least]):
                others = self._of_ca(least.draw_ca - least.most_ca)
                peak = max(least.share.peak, least.watts - others) / self.volts
                return (
                    f"grid guard: {peak:.1f} A{name} of {self._amps:g} A allowed, "
                    f"{int(least.share.now // self.volts)} A left for the cars"
                )
        if self._total is not None:
            sources = [self._sources[phase] for phase in self._of_all]
            draw_ca = sum([source.draw_ca for source in sources])
            if self._binds(self._total.now, draw_ca, sources):
                said = f"{text.watts(max(self._total.peak, self._import_watts()))} of "
                most = self._watts
                if most is None or self._mean and self._mean.ceilings(now_ms)[1] < most:
                    # Roughly: each change is a message to everyone who listens.
                    said = f"mean of 15 min {text.watts(self._mean.now() // 100 * 100)} of "
                    most = self._mean.watts
                left = text.watts(self._total.now)
                return f"grid guard: {said}{text.watts(most)} allowed, {left} left for the cars"
        return ""

    # Inside.

    def _binds(self, watts, draw_ca, sources):
        """Whether so many watts hold cars back that draw so much."""
        room_watts = self._room_watts(sources)
        return watts < _LEAST_AMPS * self.volts or watts - self._of_ca(draw_ca) < room_watts

    def _lost(self, now_ms):
        """A phase of which no good reading is there, or None."""
        for phase in self._sources:
            at_ms = self._sources[phase].at_ms
            if at_ms is None or now_ms - at_ms > self._max_age_ms:
                return phase
        return None

    def _judge(self, now_ms):
        """Renews what is allowed; whether something has become less."""
        if self._lost(now_ms) is not None:
            less = False
            for phase in self._sources:
                less = self._sources[phase].share.nothing() or less
            if self._total is not None:
                less = self._total.nothing() or less
            return less
        less = False
        if self._amps is not None:
            limit = self._amps * self.volts
            for phase in self._on_phases:
                source = self._sources[phase]
                room, least = source.room, source.least
                if not phase:
                    room, least = min(0, room), min(0, least)
                source.share.keeps = source.share.falls = limit + room
                draw_ca = source.most_ca
                # In all: what cars draw on other phases is not on the one that counts.
                import_watts = source.watts - self._of_ca(source.draw_ca - draw_ca)
                if self._renew(
                    source.share, [source], draw_ca, import_watts, limit, limit + least, now_ms
                ):
                    less = True
        if self._total is not None:
            sources = [self._sources[phase] for phase in self._of_all]
            room = sum([source.room for source in sources])
            rides, holds = self._ceilings(now_ms)
            self._total.keeps = rides + room
            self._total.falls = holds + room
            least = holds + sum([source.least for source in sources])
            draw_ca = sum([source.draw_ca for source in sources])
            import_watts = self._import_watts()
            if self._renew(self._total, sources, draw_ca, import_watts, rides, least, now_ms):
                less = True
        return less

    def _of_ca(self, draw_ca):
        """Watts of so many hundredths of an ampere."""
        return draw_ca * self.volts // 100

    def _renew(self, share, sources, draw_ca, import_watts, limit_watts, rises, now_ms):
        """Renews a share; `rises`: what the cars could draw under the worst lag. Returns whether
        it became less."""
        if abs(self._of_ca(draw_ca) - share.now) <= self._room_watts(sources):
            # What cars tell may be wrong by some percent. When they draw what they may, the
            # import itself says how much more it can be.
            rises = min(rises, share.now + limit_watts - import_watts)
        rises -= self.volts * _SPARE_PERCENT // 100
        calm_ms = max([source.calm_ms() for source in sources])
        step = int(self.volts)
        over = import_watts - limit_watts
        return share.judge(rises // step * step, over, step, import_watts, calm_ms, now_ms)

    def _room_watts(self, sources):
        """Cars that have more than this to spare are not held back: an ampere and a half on as
        many phases as they draw on."""
        most_ca = max([source.most_ca for source in sources])
        draw_ca = sum([source.draw_ca for source in sources])
        phases = (draw_ca + most_ca // 2) // most_ca if most_ca else 1
        return self.volts * 3 * phases // 2

    def _import_watts(self):
        """The import in all, by the newest readings."""
        return sum([self._sources[phase].watts for phase in self._of_all])

    def _ceilings(self, now_ms):
        """The import in all, in watts, that nobody has to give way to yet, and the one that can
        be held on."""
        if self._mean is None:
            return self._watts, self._watts
        rides, holds = self._mean.ceilings(now_ms)
        if self._watts is None:
            return rides, holds
        return min(rides, self._watts), min(holds, self._watts)


class _Source:
    """The readings of one phase, or of all together."""

    def __init__(self):
        self.meter = Meter()
        self.share = _Share()
        self.draw_ca = 0
        self.most_ca = 0  # on the phase that has the most of it
        self.at_ms = None
        self.watts = 0  # the newest reading
        self.room = 0  # what the cars could draw for an import of 0
        self.least = 0  # the same, if the lag were the worst for it

    def take(self, watts, now_ms, moving):
        self.room = self.meter.surplus(watts, now_ms, moving)
        self.least = self.meter.least_watts
        self.watts = int(watts)
        self.at_ms = now_ms

    def calm_ms(self):
        return max(_CALM_MS, self.meter.settles_ms())


class _Share:
    """Watts that are allowed: less at once, more after a calm time. More than `keeps` is not
    allowed any longer, and then only `falls`. The first reading counts at once, so that a car
    that is found charging needs not stop."""

    def __init__(self):
        self.now = 0
        self._begun = False
        self.peak = 0  # the import that made it less, for the calm time after
        self.keeps = 0
        self.falls = 0
        self._since_ms = None  # the calm time's beginning
        self._lowest = 0  # what there was room for at any time in it
        self._over = 0  # by how much the limit was exceeded at any time in it

    def nothing(self):
        less = self.now > 0
        self.now = 0
        self._since_ms = None
        return less

    def judge(self, rises, over, step, import_watts, calm_ms, now_ms):
        """`rises` would be allowed if it lasts; `over`: by how much the import exceeds its limit;
        `step`: one ampere. All in watts. Returns whether less is allowed than before."""
        if not self._begun:
            self._begun = True
            self.now = max(0, min(rises, self.keeps))
        if self.now > max(0, self.keeps):
            return self._fall(min(self.keeps, self.falls), import_watts)
        if self._since_ms is None:
            self._since_ms = now_ms
            self._lowest = rises
            self._over = over
        self._lowest = min(self._lowest, rises)
        self._over = min(self._over, over)
        if now_ms - self._since_ms < calm_ms:
            return False
        self._since_ms = None
        self.peak = 0
        if self._over > 0 and self.now:
            # By what the cars tell all is well, and it is not.
            return self._fall(self.now // step * step - self._over, import_watts)
        if self._lowest > self.now:
            self.now = self._lowest
        return False

    def _fall(self, watts, import_watts):
        self.now = max(0, watts)
        self.peak = import_watts
        self._since_ms = None
        return True

"""The spike cure of one unit: for a short time more, to free a car that is stuck at 6 A.

Some cars answer a raise that stays below 16 A (21 A on 80 A units) by falling to 6 A; offering
that much for 5 s or more frees them. Owners complain about the spikes more than about the stuck
cars, so it is a reaction to a car that is really stuck and to nothing else. Source: "Some cars"
in "Heartbeat commands" of the protocol notes; the numbers below are theirs unless marked ours.
"""

from micropython import const

import text

_SPIKE_AMPS = const(16)
_LARGE_SPIKE_AMPS = const(21)
_LARGE_RATING_AMPS = const(79)  # a rating may be told a little below its 80 A

# Stuck: draws over 2 A, no more than 6.5 A, and is offered at least 2 A more than it draws.
_OVER_CA = const(200)
_STUCK_CA = const(650)
_MISSES_CA = const(200)
_STEADY_MS = const(10000)

_LASTS_MS = const(6000)
# Ours: a raise is held back for 5 s at most times; what is not offered by then is given up. No
# step takes longer, so if one did, nobody asked here meanwhile and what happened is not known.
_LONGEST_STEP_MS = const(15000)
_OUTCOME_MS = const(10000)
_HOUR_MS = const(3600000)
_MOST_AN_HOUR = const(4)

# Ours: a car that drew more and then nothing for this long may have been driven away.
_DRAWING_CA = const(100)
_SESSION_MS = const(900000)

# What goes on.
_WATCHING = const(0)
_ASKING = const(1)
_OFFERING = const(2)
_AFTER = const(3)


class Spike:
    """The cure at one unit. `rating_amps`: what the unit says it can. `name`: what people call
    it. `tell(level, sentence)`: for the journal, once for each spike, with its outcome."""

    def __init__(self, rating_amps, name, tell):
        self._spike_amps = _LARGE_SPIKE_AMPS if rating_amps >= _LARGE_RATING_AMPS else _SPIKE_AMPS
        self._name = name
        self._tell = tell
        self._drew_more = False  # than 6.5 A, in this session
        self._drew_ms = 0  # when it last drew anything
        self._steady_ms = None  # since when it has looked stuck
        self._step = _WATCHING
        self._since_ms = 0  # of this step
        self._asked = []  # when the spikes of the last hour were asked for
        self._story = ""
        self._had_amps = 0  # what was offered when it was asked for
        self._least_ca = 0  # what makes the spike worth while

    def unplugged(self):
        """The car has gone: what it drew says nothing of the next one."""
        self._drew_more = False

    def amps(self, offer_amps, wish_amps, draw_ca, limit_amps, offer_changed_ms, now_ms):
        """Once a second: what to wish for the unit instead of `wish_amps`, whole amperes, or
        None: nothing else.

        `offer_amps`: the last limit sent (None: none yet), at `offer_changed_ms` (None: it never
        changed). `draw_ca`: 0.01 A. `limit_amps`: the most that wires and policy allow for this
        unit now; a spike needs all of it, and ends at once when that falls below.
        """
        offer_amps = offer_amps or 0
        self._follow(draw_ca, now_ms)
        if now_ms - self._since_ms >= _LONGEST_STEP_MS:
            self._step = _WATCHING
        if self._step == _WATCHING:
            self._watch(offer_amps, wish_amps, draw_ca, limit_amps, offer_changed_ms, now_ms)
        elif self._step == _AFTER:
            if now_ms - self._since_ms >= _OUTCOME_MS:
                self._step = _WATCHING
                self._tell(
                    "info",
                    f"{self._name}: {self._story}; {_OUTCOME_MS // 1000} s later it draws "
                    f"{draw_ca / 100:.1f} A of {offer_amps} A.",
                )
        else:
            self._spike(offer_amps, wish_amps, limit_amps, offer_changed_ms, now_ms)
        return self._spike_amps if _WATCHING < self._step < _AFTER else None

    def _follow(self, draw_ca, now_ms):
        if draw_ca > _STUCK_CA:
            self._drew_more = True
        if draw_ca >= _DRAWING_CA:
            self._drew_ms = now_ms
        elif now_ms - self._drew_ms >= _SESSION_MS:
            self._drew_more = False

    def _watch(self, offer_amps, wish_amps, draw_ca, limit_amps, changed_ms, now_ms):
        misses_ca = min(offer_amps, wish_amps) * 100 - draw_ca
        stuck = (
            self._drew_more
            and _OVER_CA < draw_ca <= _STUCK_CA
            and misses_ca >= _MISSES_CA
            and max(offer_amps, wish_amps) < self._spike_amps
        )
        if not stuck:
            self._steady_ms = None
            return
        if self._steady_ms is None:
            self._steady_ms = now_ms
        since_ms = self._steady_ms if changed_ms is None else max(self._steady_ms, changed_ms)
        if now_ms - since_ms < _STEADY_MS or limit_amps < self._spike_amps:
            return
        self._asked = [at_ms for at_ms in self._asked if now_ms - at_ms < _HOUR_MS]
        if len(self._asked) >= _MOST_AN_HOUR:
            return
        self._asked.append(now_ms)
        self._step = _ASKING
        self._since_ms = now_ms
        self._steady_ms = None
        self._had_amps = offer_amps
        self._least_ca = draw_ca + _MISSES_CA
        self._story = f"stuck at {draw_ca / 100:.1f} A of {offer_amps} A: offered"

    def _spike(self, offer_amps, wish_amps, limit_amps, changed_ms, now_ms):
        """While it is asked for or offered."""
        why = ""
        if limit_amps < self._spike_amps:
            why = f", ended by a limit of {limit_amps} A"
        elif wish_amps * 100 < self._least_ca:
            why = f", ended because {wish_amps} A are left for it"
        if self._step == _ASKING:
            if offer_amps == self._spike_amps:
                self._step = _OFFERING
                self._since_ms = now_ms if changed_ms is None else changed_ms
            elif why or offer_amps > self._had_amps:
                # Less than a spike cures nothing, and is more than was wished.
                self._step = _WATCHING
                return
        if self._step == _OFFERING:
            held_ms = now_ms - self._since_ms
            if offer_amps != self._spike_amps:
                why = why or f", cut to {offer_amps} A"
            if why or held_ms >= _LASTS_MS:
                self._story += f" {self._spike_amps} A for {text.age(held_ms)}{why}"
                self._step = _AFTER
                self._since_ms = now_ms

"""Whether a surplus is there to stay: its mean, how much it varies, and what waiting has cost.

A start wants the sun to have been there: the mean, less what the readings differ from it on
average, has to reach what a start needs. In steady sun of twice that it takes less than a minute,
where there is hardly enough some minutes, and between clouds longer. That mean rises faster than
it falls, so light that comes and goes within the minute could hold it up: the plain mean of the
last minute has to be enough too. A stop wants the sun to be gone: the mean has to fall below, and
the import budget, in Wh, has to be used. So a kettle is ridden out after hours of sun, and a long
cloud is not.

The times are not free numbers: the mean rises with the hold of a start, and falls, like the
spread, with the minimum on time, since that is how far ahead a decision reaches.
"""

import math

from micropython import const

_MS_WATTS_PER_WH = const(3600000)
# What a surplus beyond this many minimums says about the next ten minutes is no more than this.
_CLIP = 2.5
# And a reading differs from the mean by no more than this part of the largest one.
_DIFFERS = 0.5
# A meter that sends changes only says the same again by silence, as long as it is live.
_AGAIN_MS = const(60000)
_LONGEST_MS = const(120000)
# How finely a start is told in advance; later readings count for more at a time.
_STEP_MS = const(3000)
_STEPS = const(130)


class Trend:
    """`hold_ms`: how long a strong surplus has to be there before a start. `min_on_ms`: the
    minimum on time of the relays. `budget_wh`: the import beyond what is wished for that
    precedes each stop. `weighed_ms`: when the newest reading was decided on."""

    def __init__(self, hold_ms, min_on_ms, budget_wh):
        self.mean = self.spread = 0
        self.recent = 0  # the plain mean
        self.used_wh = 0  # of the budget
        self.budget_wh = budget_wh
        self._up_ms = hold_ms
        self._down_ms = min_on_ms
        self._differs = self._most = 0
        self._every_ms = _AGAIN_MS  # between readings
        self._passed_ms = 0
        self.weighed_ms = None
        self._reading_ms = None

    def lost(self):
        """There is no reading: nothing is known any more of what the sun did before."""
        self.mean = self.spread = self.recent = 0
        self._reading_ms = self.weighed_ms = None

    def weigh(self, watts, reading_ms, needs_watts, kept_watts, lacking_watts, now_ms):
        """Takes the surplus; returns whether it is new, so that it may be decided on.

        `reading_ms`: when its reading came, which stands for the time since the one before.
        `needs_watts`: the minimums of all cars but those that charge whatever the sun does,
        (their sum, the largest); `kept_watts`: what these others take. `lacking_watts`: how much
        less there is than what runs should have, negative if there is more.
        """
        passed_ms = 0
        if self.weighed_ms is not None:
            passed_ms = now_ms - self.weighed_ms
            if reading_ms == self._reading_ms and passed_ms < _AGAIN_MS:
                return False
            self._every_ms = max(passed_ms, self._passed_ms)
            self._passed_ms = passed_ms
            passed_ms = min(passed_ms, _LONGEST_MS)
        self._reading_ms = reading_ms
        self.weighed_ms = now_ms
        minimum_watts, largest_watts = needs_watts
        self._differs = _DIFFERS * largest_watts
        self._most = _CLIP * minimum_watts + kept_watts
        self.mean, self.spread, self.recent = self._next(
            watts, self.mean, self.spread, self.recent, passed_ms
        )
        self.used_wh = max(0, self.used_wh + lacking_watts * passed_ms / _MS_WATTS_PER_WH)
        return True

    def sure_watts(self):
        """What may be counted on for a start."""
        return _sure(self.mean, self.spread, self.recent)

    def is_spent(self):
        """Whether the import budget is used; a hundredth of a Wh is lost in adding up."""
        return self.used_wh + 0.01 >= self.budget_wh

    def starts_in_ms(self, watts, needs_watts, now_ms):
        """How long until it may be counted on that there are `needs_watts`, if `watts` hold; a
        little more than less. None: so long that nobody should wait for it."""
        mean, spread, recent = self.mean, self.spread, self.recent
        at_ms = self.weighed_ms
        then_ms = self.reads_ms(now_ms, now_ms)
        every_ms = self._every_ms
        for _ in range(_STEPS):
            mean, spread, recent = self._next(watts, mean, spread, recent, then_ms - at_ms)
            at_ms = then_ms
            if _sure(mean, spread, recent) >= needs_watts:
                return at_ms - now_ms
            step_ms = max(_STEP_MS, (at_ms - now_ms) // 20)
            then_ms += max(1, step_ms // every_ms) * every_ms
        return None

    def below_ms(self, watts, needs_watts):
        """From when on the mean is below `needs_watts`, if `watts`, which are less, hold."""
        ms = 0
        if self.mean >= needs_watts:
            ratio = (self.mean - watts) / max(1, needs_watts - watts)
            ms = 1 + int(self._down_ms * math.log(max(1, ratio)))
        return self.weighed_ms + ms

    def spent_ms(self, lacking_watts, used_wh, at_ms):
        """When the budget is used, of which `used_wh` are used at `at_ms`."""
        left_wh = max(0, self.budget_wh - used_wh)
        return at_ms + int(left_wh * _MS_WATTS_PER_WH / max(1, lacking_watts))

    def reads_ms(self, at_ms, now_ms):
        """When the first reading is decided on that comes at `at_ms` or later, and after now, if
        they go on to come as they do."""
        every_ms = self._every_ms
        first_ms = self.weighed_ms + every_ms
        if first_ms <= now_ms:
            first_ms = max(now_ms + 1000, self.weighed_ms + _AGAIN_MS)
        if at_ms <= first_ms:
            return first_ms
        return first_ms + -((first_ms - at_ms) // every_ms) * every_ms

    def _next(self, watts, mean, spread, recent, passed_ms):
        """Both means and the spread after these watts have been there for a time."""
        watts = min(watts, self._most)
        recent += (watts - recent) * _part(passed_ms, self._up_ms)
        off = watts - mean
        mean += off * _part(passed_ms, self._up_ms if off > 0 else self._down_ms)
        off = min(abs(off), self._differs)
        return mean, spread + (off - spread) * _part(passed_ms, self._down_ms), recent


def _sure(mean, spread, recent):
    # A mean comes ever nearer to what is there, but not quite to it.
    return min(mean - spread, recent) + 1


def _part(passed_ms, time_ms):
    """The part of the way that a mean goes in this time."""
    return 1 - math.exp(-passed_ms / time_ms) if time_ms else 1

"""What the cars may take, from a meter that contains them: slow, late, or both.

Surplus = what the cars drew at the moment of the reading - what the grid meter said (import
positive). Which moment that was a meter does not say. So all lags from 0 to 16 s are held
possible (to 30 s if that is what is learned), each gives a surplus, and those between the lowest
and the highest agree with the reading: what was known before is moved into this range and no
further. A reading that our own last step may explain then changes nothing, which is what waiting
for the effect of a step comes to, while a loss of sun beyond that shows with the first reading.
If the cars stood still, the range is one number.

From the steps of the cars the lag is learned, and the range gets narrower: the right lag is the
one under which the surplus does not jump when the cars do.
"""

from array import array

from micropython import const

# Lags held possible, in seconds after the draw was told, and how far back the draw is kept. The
# first is -1: a car tells its draw once a second, and a quick meter shows it before.
_EARLY = const(1)
_LAGS = const(32)
_SECONDS = const(92)

# Until it is learned no meter is taken to be later than 16 s.
_USUAL = const(17)

# The draw is kept in units of 10 W: 16 bits are then enough for 655 kW.
_UNIT_WATTS = const(10)
_MOST_UNITS = const(65535)

# In those units. Lags are compared when they differ by at least 100 W over a reading. The lag is
# known when it explains 500 W more than no answer at all would; older evidence counts half after
# each further 6 kW.
_DIFFER = const(10)
_EXPLAINS = const(50)
_MEMORY = const(600)
# What is larger than our own step by more than half of it and this is a kettle, and says nothing
# about lags.
_FOREIGN = const(20)

# A car moves by up to 4 A in a second, and tells so at the end of it.
_UNTOLD_WATTS = const(1000)

_INTERVALS = const(5)
_LONGEST_INTERVAL_MS = const(600000)
_LATE_MS = const(5000)
_SLOW_MS = const(10000)
_UNHURRIED_MS = const(8000)


class Meter:
    """One meter that contains the cars.

    `period_ms`: the median of the last five intervals between readings, None before the second
    reading. `lag_ms`: how long after the cars it shows what they do, None until steps of at
    least 500 W have told. `least_watts`: what the cars may take going by the newest reading
    alone, under the lag that leaves the least.
    """

    def __init__(self):
        self.period_ms = None
        self.lag_ms = None
        self.least_watts = None
        self._draws = array("H", bytes(2 * _SECONDS))  # of each second, now_ms // 1000 % 92
        self._second = None  # the newest one in it
        self._moved_second = None  # when it last changed
        self._scores = array("l", [0] * _LAGS)  # what each lag leaves unexplained
        self._nothing = 0  # the same if the meter did not answer at all
        self._first = -_EARLY  # the lags held possible, in seconds
        self._last = _USUAL - _EARLY
        self._reading = None  # the newest: (watts, ms)
        self._before = None  # the one before it, until the two have been compared
        self._intervals = []
        self._watts = None

    def follow(self, draw_watts, now_ms):
        """Takes what all cars draw now, in watts; once a second."""
        second = now_ms // 1000
        units = max(0, min(_MOST_UNITS, int(draw_watts) // _UNIT_WATTS))
        draws = self._draws
        if self._second is None:
            self._second = second - _SECONDS
            self._moved_second = second - _SECONDS
            before = units
        else:
            before = self._draw(0)
        if units != before:
            self._moved_second = second
        # What was not told stayed as it was.
        for missed in range(max(self._second + 1, second - _SECONDS + 1), second):
            draws[missed % _SECONDS] = before
        draws[second % _SECONDS] = units
        self._second = second
        if self._before is not None and second > self._reading[1] // 1000:
            self._learn()

    def surplus(self, grid_watts, now_ms, moving=False):
        """Takes a reading, import positive; returns what the cars may take, in watts.

        `moving`: an offer has just changed, so that a car may have moved by more than it has
        told."""
        low, high = self.bounds(grid_watts, now_ms, moving)
        if self._watts is None:
            self._watts = low
        self._watts = max(low, min(high, self._watts))
        return self._watts

    def bounds(self, grid_watts, now_ms, moving=False):
        """Takes a reading like surplus(); returns the least and the most that the cars may take,
        in watts, going by this reading alone."""
        second = now_ms // 1000
        if self._second is None or second > self._second:
            self.follow(self._draw(0) * _UNIT_WATTS, now_ms)
        self._note_reading(grid_watts, now_ms)
        low = high = self._draw(max(0, self._first))
        if second - self._moved_second <= self._last:
            for age in range(max(0, self._first), self._last + 1):
                units = self._draw(age)
                low = min(low, units)
                high = max(high, units)
            if self._first < 0:
                # The next one, if the car goes on as it does.
                units = 2 * self._draw(0) - self._draw(1)
                low = min(low, units)
                high = max(high, units)
        untold = _UNTOLD_WATTS if moving and self._first < 0 else 0
        self.least_watts = low * _UNIT_WATTS - grid_watts - untold
        return self.least_watts, high * _UNIT_WATTS - grid_watts + untold

    def settles_ms(self):
        """How long after a step of the cars a reading is sure to show all of it, in ms."""
        return (self._last + 1) * 1000 + (self.period_ms or 0)

    def note(self):
        """A sentence about a meter that is slow or late, or None."""
        slow = self.period_ms is not None and self.period_ms >= _SLOW_MS
        late = self.lag_ms is not None and self.lag_ms >= _LATE_MS
        if not slow and not late:
            return None
        said = f"answers {(self.lag_ms + 500) // 1000} s late" if late else "sends"
        if self.period_ms is not None:
            said += ("," if late else "") + f" every {(self.period_ms + 500) // 1000} s"
        return f"The grid meter {said}: the effect of each change is waited for."

    # Inside.

    def _draw(self, age):
        """What the cars drew so many seconds before the newest second, in units of 10 W."""
        return 0 if self._second is None else self._draws[(self._second - age) % _SECONDS]

    def _note_reading(self, grid_watts, now_ms):
        if self._reading is not None:
            if self._before is not None and self._reading[1] // 1000 < self._second:
                self._learn()
            interval_ms = now_ms - self._reading[1]
            if 0 < interval_ms <= _LONGEST_INTERVAL_MS:
                self._intervals.append(interval_ms)
                if len(self._intervals) > _INTERVALS:
                    self._intervals.pop(0)
                self.period_ms = sorted(self._intervals)[len(self._intervals) // 2]
        self._before = self._reading
        self._reading = (grid_watts, now_ms)

    def _learn(self):
        """Compares the lags by how well each explains the step between the newest readings;
        when the draw of the second after has been told."""
        second = self._reading[1] // 1000
        seconds = second - self._before[1] // 1000
        rise = int(self._reading[0] - self._before[0]) // _UNIT_WATTS
        self._before = None
        past = self._second - second - _EARLY  # the age of the first lag
        if not 0 < seconds or past + _LAGS + seconds > _SECONDS:
            return
        if self._second - self._moved_second > past + _LAGS + seconds:
            return
        least = most = self._draw(past) - self._draw(past + seconds)
        for age in range(past + 1, past + _LAGS):
            step = self._draw(age) - self._draw(age + seconds)
            least = min(least, step)
            most = max(most, step)
        # If all lags say the same, or it was somebody else's step, nothing is to be learned.
        if most - least < _DIFFER:
            return
        least = min(0, least) * 3 // 2 - _FOREIGN
        if not least <= rise <= max(0, most) * 3 // 2 + _FOREIGN:
            return
        scores = self._scores
        for index in range(_LAGS):
            step = self._draw(past + index) - self._draw(past + index + seconds)
            scores[index] += abs(rise - step)
        self._nothing += abs(rise)
        self._choose()

    def _choose(self):
        """The lags that explain the steps nearly as well as the best one."""
        scores = self._scores
        best = min(scores)
        gain = self._nothing - best
        if gain >= _EXPLAINS:
            good = [lag for lag in range(_LAGS) if scores[lag] <= best + gain // 4]
            self.lag_ms = max(0, (good[0] + good[-1]) * 500)
            # The second is the unit in which the draw is kept, hence one more at both ends. Not
            # with a slow meter: we step just after each reading, so a second more would take the
            # step before in, each time, and under moving clouds nothing would ever be believed.
            more = self.period_ms < _UNHURRIED_MS
            self._first = max(0, good[0] - more) - _EARLY
            self._last = min(_LAGS - 1, good[-1] + more) - _EARLY
        else:
            self.lag_ms = None
            self._first = -_EARLY
            self._last = _USUAL - _EARLY
        if self._nothing > _MEMORY or best > _MEMORY:
            self._nothing //= 2
            for lag in range(_LAGS):
                scores[lag] //= 2

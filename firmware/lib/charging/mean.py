"""The mean of the import over 15 minutes, and what may be imported so that it stays in bounds.

For capacity tariffs: Flanders bills the highest quarter of an hour of a month
(https://support.blinkcharging.be/vragen/everything-about-the-new-flemish-capacity-tariff/). Any 15
minutes count here, in steps of a minute, not only the quarters of the clock: it holds for those
too, and needs no clock.
"""

from array import array

from micropython import const

_MINUTES = const(15)
_MINUTE_MS = const(60000)

# An excess is paid back within two minutes, and what the next five have room for need not be cut
# short now.
_SOON_MINUTES = const(2)
_RIDE_MINUTES = const(5)


class Mean:
    """`watts`: what the mean over 15 minutes may be. What was before the start is not known and
    taken for as much as that, and so are times without a reading, at least."""

    def __init__(self, watts):
        self.watts = int(watts)
        self._minutes = array("l", [self.watts * 60] * _MINUTES)  # W s, by now_ms // 60000 % 15
        self._counted_ms = None

    def count(self, watts, now_ms):
        """Takes the import in watts since the last call (an export is none), None: not known."""
        last_ms, self._counted_ms = self._counted_ms, now_ms
        if last_ms is None:
            last_ms = now_ms - now_ms % _MINUTE_MS
            watts = None
        watts = self.watts if watts is None else max(0, int(watts))
        last_ms = max(last_ms, now_ms - _MINUTE_MS * _MINUTES)
        while True:
            index = last_ms // _MINUTE_MS % _MINUTES
            if last_ms % _MINUTE_MS == 0:
                self._minutes[index] = 0
            if last_ms >= now_ms:
                return
            ends_ms = min(now_ms, (last_ms // _MINUTE_MS + 1) * _MINUTE_MS)
            self._minutes[index] += watts * (ends_ms - last_ms) // 1000
            last_ms = ends_ms

    def ceilings(self, now_ms):
        """(rides, holds): the import in watts up to which nobody has to give way yet, and the
        one that can be held on."""
        # If it is so much to the end of this minute and j - 1 more, these and what will be left
        # of the past by then are just within bounds. With 15 nothing is left of it, so that what
        # holds is never above the limit.
        seconds = now_ms % _MINUTE_MS // 1000
        minute = now_ms // _MINUTE_MS
        room = self.watts * 60 * _MINUTES - sum(self._minutes)
        rides = holds = None
        for ahead in range(1, _MINUTES + 1):
            if ahead > 1:
                room += self._minutes[(minute + ahead - 1) % _MINUTES]
            if ahead < _SOON_MINUTES:
                continue
            watts = max(0, room // (60 * ahead - seconds))
            if holds is None or watts < holds:
                holds = watts
            if ahead == _RIDE_MINUTES:
                rides = holds
        return rides, min(holds, self.watts)

    def now(self):
        """The mean of the 15 minutes up to now, in watts; what is left of this minute counts as
        nothing."""
        return sum(self._minutes) // (60 * _MINUTES)

"""Time that only grows, for everything that measures durations."""

import time


class Monotonic:
    """Milliseconds since the start, as an int that never wraps.

    `time.ticks_ms()` wraps (after 12.4 days on the ESP32); reading this at least once in six
    days, as the heartbeats do, keeps count of it.
    """

    def __init__(self):
        self._ticks = time.ticks_ms()
        self._ms = 0

    def ms(self):
        ticks = time.ticks_ms()
        self._ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._ms

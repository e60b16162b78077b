"""What happened: the last events, in RAM and on the serial line."""

from micropython import const

_MOST_EVENTS = const(12)
_LONGEST_TEXT = const(200)


class Journal:
    """A ring of (uptime in s, level, sentence); level is "info", "warning" or "error".

    `now_ms()`: the firmware's monotonic clock.
    """

    def __init__(self, now_ms):
        self.events = []
        self._now_ms = now_ms

    def tell(self, level, text):
        """Notes an event, prints it, and forgets the oldest one if there are too many. The
        same sentence as the last one is not noted again."""
        seconds = self._now_ms() // 1000
        if len(text) > _LONGEST_TEXT:
            text = text[:_LONGEST_TEXT]
        if self.events and self.events[-1][2] == text:
            return
        if len(self.events) >= _MOST_EVENTS:
            self.events.pop(0)
        self.events.append((seconds, level, text))
        print(f"{seconds} s {level}: {text}")

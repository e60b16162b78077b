"""What happened: the last events, in RAM and on the serial line.

Who passes them on counts how far he is, and takes them from here: the flash (journal_keep.py), the
broker (mqtt.py) and syslog (syslog.py). So none of them needs a queue of his own, what an absent
broker has not taken costs no memory, and what comes too fast for one of them is lost to him alone.
"""

from micropython import const

_MOST_EVENTS = const(12)
_LONGEST_TEXT = const(200)

# The flash is written no more often than each 10 min and 48 times a day; errors are not kept
# waiting for longer than a minute since the last time, and have 96. A day is one of the uptime.
_BATCH_MS = const(600000)
_ERROR_MS = const(60000)
_MOST_WRITES = const(48)
_MOST_ERRORS = const(96)
_DAY_MS = const(86400000)


class Journal:
    """A ring of (uptime in s, level, sentence); level is "info", "warning" or "error".

    `now_ms()`: the firmware's monotonic clock. `count` events there were since the start, of which
    the flash has got the first `kept`, as far as they matter, and the broker the first `sent`.
    To be set where there is a clock: `utc_s()`, Unix time or None.
    """

    def __init__(self, now_ms):
        self.events = []
        self.count = self.kept = self.sent = 0
        self.start = 0  # the number of this start, once journal_keep.py has found it
        self.utc_s = None
        self._now_ms = now_ms
        self._pressing = 1  # 0: there is nothing for the flash; 2: an error; the start is noted
        self._wrote_ms = self._writes = 0  # when the flash was written last, how often that day

    def tell(self, level, text):
        """Notes an event, prints it, and forgets the oldest one if there are too many. The
        same sentence as the last one is not noted again."""
        seconds = self.uptime_s()
        if len(text) > _LONGEST_TEXT:
            text = text[:_LONGEST_TEXT]
        if self.events and self.events[-1][2] == text:
            return
        if len(self.events) >= _MOST_EVENTS:
            self.events.pop(0)
        self.events.append((seconds, level, text))
        self.count += 1
        if level != "info":
            self._pressing = max(self._pressing, 2 if level == "error" else 1)
        print(f"{seconds} s {level}: {text}")

    def uptime_s(self):
        return self._now_ms() // 1000

    def after(self, number):
        """The events that came after the first `number`, as far as they are still there."""
        new = self.count - number
        return self.events[-new:] if new else []

    def due(self, ending):
        """Whether journal_keep.py is to write the flash now; `ending`: a new start was asked for.
        What is due is taken for written: if it can't be, it is not tried for ever."""
        if not self._pressing:
            return False
        now_ms = self._now_ms()
        passed_ms = now_ms - self._wrote_ms
        today = self._writes if now_ms // _DAY_MS == self._wrote_ms // _DAY_MS else 0
        if ending or self._pressing > 1:
            if today >= _MOST_ERRORS or passed_ms < _ERROR_MS and not ending:
                return False
        elif today >= _MOST_WRITES or passed_ms < _BATCH_MS:
            return False
        self._pressing = 0
        self._wrote_ms = now_ms
        self._writes = today + 1
        return True

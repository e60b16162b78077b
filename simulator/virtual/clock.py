"""The virtual clock and its queue of events: all time inside the simulated board.

Nothing here waits. Whoever would wait asks the clock to move instead, and on its way the clock
runs the events that lie between. Times are whole microseconds since the world began.
"""

import heapq

import utime

SPIN_LIMIT = 3000
"""So many looks at a clock that stands still count as a busy loop: it then moves by 1 ms."""


class Stopped(BaseException):
    """The moment up to which the world was to run has come. Raised from a poll only."""


class Reset(BaseException):
    """The firmware asked for a reset, or the script cut its power."""


class Clock:
    """Virtual time in microseconds (`now_us`) and the events to come.

    `changes` counts what may have made a stream of the firmware ready: as long as it is the same,
    a poll that found nothing need not ask them again; but until `busy_until_us` bytes pass on the
    line, which are there as soon as they have passed.
    """

    def __init__(self):
        self.restart()

    def restart(self, ticks_start_ms=0):
        """Begin a new world at 0 s; `time.ticks_ms()` starts at `ticks_start_ms`."""
        self.now_us = 0
        self.ticks_start_ms = ticks_start_ms
        self.stop_us = None
        self.longest_wait_ms = 0
        self.spins = 0
        self.changes = 0
        self.busy_until_us = 0
        self._looks = 0
        self._events = []
        self._order = 0
        self._busy = False
        # asyncio's task queue is built in and reads the real ticks for tasks that are ready at
        # once. Its own virtual ticks stay ahead of those, so such a task is always due.
        self._asyncio_base = utime.ticks_add(utime.ticks_ms(), 600_000)

    def at(self, when_us, call, *args):
        """Run `call(*args)` at `when_us` (now, if that is past). It must not wait itself."""
        self._order += 1
        when_us = max(int(when_us), self.now_us)
        heapq.heappush(self._events, (when_us, self._order, call, args, 1))

    def at_aside(self, when_us, call, *args):
        """Like `at()`, for what does not make a stream of the firmware ready by itself."""
        self._order += 1
        when_us = max(int(when_us), self.now_us)
        heapq.heappush(self._events, (when_us, self._order, call, args, 0))

    def after(self, delay_us, call, *args):
        """Run `call(*args)` in `delay_us` microseconds."""
        self.at(self.now_us + delay_us, call, *args)

    def step(self, limit_us=None):
        """Run the next event, or move to `limit_us` when none lies before it.

        Returns True after an event, False when the limit was reached. Without events and
        without a limit nothing could ever happen again: RuntimeError.
        """
        if self._busy:
            raise RuntimeError("an event of the world tried to wait: use world.at() instead")
        events = self._events
        if events and (limit_us is None or events[0][0] <= limit_us):
            when, _, call, args, changes = heapq.heappop(events)
            if when > self.now_us:
                self.now_us = when
                self._looks = 0
            self.changes += changes
            self._busy = True
            try:
                call(*args)
            finally:
                self._busy = False
            return True
        if limit_us is None:
            raise RuntimeError("waiting for ever: no event, no timeout")
        if limit_us > self.now_us:
            self.now_us = limit_us
            self._looks = 0
        return False

    def poll_step(self, limit_us):
        """Like `step()`, but raises Stopped instead of passing the end of this run."""
        stop = self.stop_us
        if stop is None or (limit_us is not None and limit_us <= stop):
            return self.step(limit_us)
        if not self.step(stop):
            raise Stopped
        return True

    def wait_until(self, when_us):
        """Block until `when_us` as a sleep or a flush does; the world goes on meanwhile."""
        start_us = self.now_us
        while when_us > self.now_us:
            self.step(when_us)
        self.note_wait(start_us)

    def note_wait(self, start_us):
        """Remember the longest time that the whole VM was blocked (`longest_wait_ms`)."""
        waited_ms = (self.now_us - start_us) // 1000
        if waited_ms > self.longest_wait_ms:
            self.longest_wait_ms = waited_ms

    def look(self):
        """Microseconds since the world began; moves on when somebody only ever looks."""
        self._looks += 1
        if self._looks > SPIN_LIMIT:
            self.spin()
        return self.now_us

    def spin(self):
        """Let 1 ms pass for a loop that neither waits nor sleeps."""
        self._looks = 0
        if not self._busy:
            self.spins += 1
            limit_us = self.now_us + 1000
            while self.step(limit_us):
                pass

    def asyncio_ticks(self):
        """Ticks for asyncio itself: virtual milliseconds on the interpreter's own scale."""
        self._looks += 1
        if self._looks > SPIN_LIMIT:
            self.spin()
        return utime.ticks_add(self._asyncio_base, self.now_us // 1000)


clock = Clock()
"""The one clock of this VM; the stand-ins for `time` and `select` use it."""

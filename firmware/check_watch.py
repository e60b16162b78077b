"""What `make check-board` watches the bus with: it takes the place of the recorder, because that
gets each frame as it leaves and as it is heard."""

import array
import time

from twc import message


class Watch:
    """`most`: how many gaps between heartbeats are kept.

    `gaps`: ms between two heartbeats to the same wall connector since begin(), the first `count`
    of them; `first_ticks`: time.ticks_ms() of the first frame sent; `used`: the caller's.
    """

    frames = 0  # recorded: none

    def __init__(self, most):
        self.gaps = array.array("H", [0] * most)
        self.count = 0
        self.first_ticks = None
        self.used = 0
        self._sent = self._heartbeats = self._heard = self._echoed = self._broken = 0
        self._last = {}  # receiver's id as a number: ms

    def begin(self):
        """Forgets the gaps until now."""
        self.count = 0
        self._last = {}

    def note(self, now_ms, mark, data):
        """Takes a frame, as bus.Bus.record() says."""
        if mark == ">":
            if self.first_ticks is None:
                self.first_ticks = time.ticks_ms()
            self._sent += 1
            if message.function(data) == message.MASTER_HEARTBEAT:
                self._heartbeats += 1
                self._gap(data[4] << 8 | data[5], now_ms)
        elif mark == "<":
            self._heard += 1
        elif mark == "=":
            self._echoed += 1
        else:
            self._broken += 1

    def counts(self):
        """[frames sent, heartbeats among them, frames heard, own ones that came back, broken
        ones]."""
        return [self._sent, self._heartbeats, self._heard, self._echoed, self._broken]

    def lines(self):
        """Generates the recording, as the recorder does: there is none."""
        yield "# make check-board is running\n"

    def _gap(self, receiver, now_ms):
        before_ms = self._last.get(receiver)
        self._last[receiver] = now_ms
        if before_ms is not None and self.count < len(self.gaps):
            self.gaps[self.count] = min(65535, now_ms - before_ms)
            self.count += 1

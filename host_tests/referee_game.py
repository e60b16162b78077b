"""Frames for a referee, second by second, for the tests of its rules."""

from simulator import answers
from simulator.referee import Referee
from simulator.wire import encode, write_amps

A, B = "2433", "1839"


class Game:
    """Puts frames before a referee, with a clock in seconds."""

    def __init__(self, **rules):
        self.referee = Referee(**rules)
        self.now_ms = 0

    def wait(self, seconds):
        self.now_ms += int(seconds * 1000)

    def master(self, text):
        self.referee.hear(encode(bytes.fromhex(text)), self.now_ms, "master")

    def order(self, id, command, amps=0):
        head = bytes.fromhex("FBE07777" + id)
        body = head + bytes((command,)) + write_amps(amps) + bytes(6)
        self.referee.hear(encode(body), self.now_ms, "master")

    def answer(self, id, state, shown, draw=0.0):
        body = answers.heartbeat(bytes.fromhex(id), b"\x77\x77", state, shown, draw, 2)
        self.referee.hear(encode(body), self.now_ms + 50, id)

    def foreign(self, text, source="ABCD"):
        """A frame of somebody who is neither the master nor a slave."""
        self.referee.hear(encode(bytes.fromhex(text)), self.now_ms, source)

    def link_ready(self, id, rating=32, protocol=2):
        body = answers.link_ready(bytes.fromhex(id), 1, rating, protocol)
        self.referee.hear(encode(body), self.now_ms, id)

    def second(self, id, amps, state=1, draw=None, shown=None):
        """One second of charging as it should be."""
        self.order(id, 9, amps)
        drawn = max(0, amps - 0.2) if draw is None else draw
        self.answer(id, state, (amps or 6) if shown is None else shown, drawn)
        self.wait(1)

    def seconds(self, count, id, amps, **more):
        for _ in range(count):
            self.second(id, amps, **more)

    def both(self, count, first, second):
        """Seconds in which A and B get and take these limits; a tuple is (limit, more)."""
        for _ in range(count):
            for id, order in ((A, first), (B, second)):
                amps, more = order if isinstance(order, tuple) else (order, {})
                now_ms = self.now_ms
                self.now_ms += 0 if id == A else 500
                self.second(id, amps, **more)
                self.now_ms = now_ms
            self.wait(1)

    @property
    def report(self):
        return self.referee.report(self.now_ms)


def only(report, *words):
    assert len(report) == 1, report
    for word in words:
        assert word in report[0]
    return True

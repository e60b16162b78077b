"""Others that speak on the line: noise, a stuck transmitter, a second master. Pure.

They offer `hear`, `due` and `next_event_ms` as a connector does, so both lines take them:
append one to `Line.connectors` (or give it to `Medium`), or `world.connect` it.
"""

from simulator.wire import encode, write_amps

BYTE_MS = 1.042
# A master waits until the line has been quiet for so long before it speaks.
QUIET_MS = 5


class Babbler:
    """Bytes from `from_ms` to `until_ms`, whoever else may be speaking.

    every_ms: from one piece to the next; None: without a pause, as from a transmitter that is
    stuck. values: what it says over and over; None: random bytes. piece: how many at a time.
    Its bytes are of the source "other". `said` counts them.
    """

    id = "other"

    def __init__(self, from_ms=0, until_ms=0, every_ms=None, values=None, piece=24, seed=1):
        self.until_ms = until_ms
        self.every_ms = every_ms or piece * BYTE_MS
        self.values = values
        self.piece = piece
        self.said = 0
        self._at_ms = from_ms
        self._dice = seed

    def begin(self, from_ms, until_ms):
        """Speak again, from then until then."""
        self._at_ms = from_ms
        self.until_ms = until_ms

    def hear(self, chunk, now_ms):
        """It listens to nobody."""

    def due(self, now_ms):
        pieces = []
        while self._at_ms <= now_ms and self._at_ms < self.until_ms:
            pieces.append(bytes([self._next() for _ in range(self.piece)]))
            self._at_ms += self.every_ms
        return pieces

    def next_event_ms(self, now_ms):
        at_ms = int(self._at_ms)
        at_ms += at_ms < self._at_ms
        return at_ms if self._at_ms < self.until_ms else None

    def _next(self):
        self.said += 1
        if self.values is not None:
            return self.values[self.said % len(self.values)]
        self._dice = (self._dice * 1103515245 + 12345) & 0x7FFFFFFF
        return self._dice >> 16 & 0xFF


class SecondMaster:
    """A unit whose rotary switch says that it is a master too.

    id: "ABCD". to: the id it sends heartbeats and questions to. amps: the limit it sends, None
    for "no change". says: in which order, over and over: "heartbeat", "question", "idle" (what
    a master alone says), "ready 1", "ready 2" (its start). every_ms: from one to the next; not
    quite a second, else it could meet the other master's frames each time. It speaks from
    `from_ms` to `until_ms`, when the line is quiet. `said` counts frames.
    """

    def __init__(
        self,
        id="ABCD",
        to="9999",
        amps=None,
        says=("heartbeat",),
        every_ms=930,
        from_ms=0,
        until_ms=0,
    ):
        self.id = id
        self.says = says
        self.every_ms = every_ms
        self.until_ms = until_ms
        self.said = 0
        self._to = bytes.fromhex(to)
        self._amps = amps
        self._at_ms = from_ms
        self._quiet_ms = 0

    def begin(self, from_ms, until_ms):
        """Speak again, from then until then."""
        self._at_ms = from_ms
        self.until_ms = until_ms

    def hear(self, chunk, now_ms):
        if self._at_ms - now_ms < QUIET_MS:
            self._quiet_ms = now_ms + QUIET_MS

    def due(self, now_ms):
        frames = []
        while self._at_ms < self.until_ms and max(self._at_ms, self._quiet_ms) <= now_ms:
            frames.append(encode(self._body(self.says[self.said % len(self.says)])))
            self.said += 1
            self._at_ms += self.every_ms
        return frames

    def next_event_ms(self, now_ms):
        return max(self._at_ms, self._quiet_ms) if self._at_ms < self.until_ms else None

    def _body(self, what):
        own = bytes.fromhex(self.id)
        if what == "heartbeat":
            order = b"\x00\x00\x00" if self._amps is None else b"\x09" + write_amps(self._amps)
            return b"\xfb\xe0" + own + self._to + order + bytes(6)
        if what == "question":
            return b"\xfb\xeb" + own + self._to + bytes(9)
        if what == "idle":
            return b"\xfc\x1d" + bytes(11)
        head = {"ready 1": b"\xfc\xe1", "ready 2": b"\xfb\xe2"}[what]
        return head + own + b"\x77" + bytes(8)

"""Weather on the line: what happens to bytes on their way. Pure, MicroPython too.

One description serves both lines: `wire.Medium` (and `line.Line`) takes it as `noise`, the
virtual world as `world.line.weather`. What speaks by itself is in talkers.py.
"""

# A break is the line held in its other state: a UART tells its beginning as one 00, and then
# nothing until it ends.
_BREAK = b"\x00"
_NOTHING = b""


class Weather:
    """Call it with each byte: `weather(value, source, now_ms)` returns the bytes that arrive.

    flip, lose, insert: how likely it is for each byte that one bit of it turns over, that it
    gets lost, that a random one follows it. burst: how likely that from this byte on
    `burst_bytes` bytes are random ones. 0.001 is one in 1000.
    sources: whose bytes it happens to ("master" and ids of connectors); None: everybody's.
    breaks: list of (from_ms, until_ms) in which the line is held and nothing gets through.
    seed: the same seed and the same bytes give the same weather. Set `on` to False for calm.

    Counters: `seen`, `flipped`, `lost`, `inserted` bytes, `bursts`.
    """

    def __init__(
        self,
        seed=1,
        flip=0.0,
        lose=0.0,
        insert=0.0,
        burst=0.0,
        burst_bytes=30,
        sources=None,
        breaks=(),
    ):
        for name, chance in (("flip", flip), ("lose", lose), ("insert", insert), ("burst", burst)):
            if not 0 <= chance <= 1:
                raise ValueError(f"{name}={chance!r}: write a part of one, such as 0.001")
        self.on = True
        self.sources = sources
        self.breaks = list(breaks)
        self.burst_bytes = burst_bytes
        self.seen = 0
        self.flipped = 0
        self.lost = 0
        self.inserted = 0
        self.bursts = 0
        self._flip = flip
        self._lose = flip + lose
        self._insert = flip + lose + insert
        self._burst = flip + lose + insert + burst
        self._burst_left = 0
        self._held = False
        self._dice = seed * 2654435761 % 0x7FFFFFFF or 1

    def __call__(self, value, source, now_ms):
        if not self.on or (self.sources is not None and source not in self.sources):
            return bytes((value,))
        self.seen += 1
        for from_ms, until_ms in self.breaks:
            if from_ms <= now_ms < until_ms:
                self.lost += 1
                first, self._held = not self._held, True
                return _BREAK if first else _NOTHING
        self._held = False
        if self._burst_left:
            self._burst_left -= 1
            return bytes((self._random() & 0xFF,))
        return self._spoil(value)

    def _spoil(self, value):
        chance = self._random() / 0x7FFFFFFF
        if chance >= self._burst:
            return bytes((value,))
        if chance < self._flip:
            self.flipped += 1
            return bytes((value ^ 1 << self._random() % 8,))
        if chance < self._lose:
            self.lost += 1
            return _NOTHING
        if chance < self._insert:
            self.inserted += 1
            return bytes((value, self._random() & 0xFF))
        self.bursts += 1
        self._burst_left = self.burst_bytes - 1
        return bytes((self._random() & 0xFF,))

    def _random(self):
        # Park and Miller's generator: 31 bits, the same on both interpreters.
        self._dice = self._dice * 48271 % 0x7FFFFFFF
        return self._dice

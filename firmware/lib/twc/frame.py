"""Bytes on the line <-> bodies: framing, escapes and checksum.

Source of all of it: "Line and framing" of the protocol notes. A frame is
`C0 · escaped(body + checksum) · C0`; C0 is escaped as DB DC and DB as DB DD (RFC 1055); the
checksum is the sum of the body after its first byte, modulo 256.
"""

from micropython import const

_MARK = const(0xC0)
_ESCAPE = const(0xDB)
_ESCAPED_MARK = const(0xDC)
_ESCAPED_ESCAPE = const(0xDD)

# Unescaped lengths with the checksum: 14 protocol 1, 16 protocol 2, 20 long answers of
# protocol 2, 13 and 15 questions that other masters put on the line.
_LENGTHS = (13, 14, 15, 16, 20)
_LONGEST = const(20)

# A frame that never ends is given up after this much silence.
_SILENCE_MS = const(2000)

# One byte often follows a frame (FC, FE, ...), and two-byte frames (7C 00) were seen: fewer
# bytes than this between two marks are no broken frame.
_SHORTEST_BROKEN = const(3)


def checksum(body):
    """Checksum of a body (bytes-like, without its checksum): 0 to 255."""
    return (sum(body) - body[0]) & 0xFF


def encode(body):
    """The bytes that carry `body` (bytes-like, without checksum) on the line, both marks
    included."""
    wire = bytearray(b"\xc0")
    for byte in bytes(body) + bytes((checksum(body),)):
        if byte == _MARK:
            wire.extend(b"\xdb\xdc")
        elif byte == _ESCAPE:
            wire.extend(b"\xdb\xdd")
        else:
            wire.append(byte)
    wire.append(_MARK)
    return bytes(wire)


class Decoder:
    """Finds frames in a stream of bytes that may be cut, garbled, or joined in the middle.

    A mark ends the frame before it and begins the next one. So a lost mark costs only the
    frame that it belonged to, and whatever stands between frames fails the length or the
    checksum and is passed over. No input makes it raise, and it never keeps more than
    the longest frame.

    Counters: `good` frames, `bad` ones (wrong checksum, length or escape, or never ended),
    `short` (the two-byte frame 7C 00 that units send after too quick a sequence).
    `on_bad(bytes)` may be set, to see what was broken.
    """

    def __init__(self):
        self.good = 0
        self.bad = 0
        self.short = 0
        self.on_bad = None
        self._buffer = bytearray(_LONGEST)
        self._length = -1  # bytes since the last mark; -1: no mark seen yet
        self._escaping = False
        self._broken = False
        self._last_ms = 0

    def feed(self, data, length, now_ms, on_body):
        """Takes `length` bytes of `data` as received at `now_ms`; calls `on_body(body, now_ms)`
        with the body (bytes, checksum taken off) of each good frame, in order."""
        if now_ms - self._last_ms > _SILENCE_MS:
            if self._length >= _SHORTEST_BROKEN or self._escaping or self._broken:
                self.bad += 1
            self._length = -1
            self._escaping = self._broken = False
        self._last_ms = now_ms
        for index in range(length):
            byte = data[index]
            if byte == _MARK:
                body = self._end()
                if body is not None:
                    on_body(body, now_ms)
            elif self._length >= 0:
                self._take(byte)

    def _take(self, byte):
        if self._escaping:
            self._escaping = False
            if byte == _ESCAPED_MARK:
                byte = _MARK
            elif byte == _ESCAPED_ESCAPE:
                byte = _ESCAPE
            else:
                self._broken = True
        elif byte == _ESCAPE:
            self._escaping = True
            return
        if self._length < _LONGEST:
            self._buffer[self._length] = byte
            self._length += 1
        else:
            self._broken = True

    def _end(self):
        """Closes what was collected since the last mark: its body, or None."""
        length = self._length
        broken = self._broken or self._escaping
        self._length = 0
        self._broken = self._escaping = False
        if length <= 0 and not broken:
            return None
        if not broken and length in _LENGTHS:
            body = bytes(self._buffer[: length - 1])
            if checksum(body) == self._buffer[length - 1]:
                self.good += 1
                return body
        if length == 2 and self._buffer[0] == 0x7C and self._buffer[1] == 0:
            self.short += 1
        elif broken or length >= _SHORTEST_BROKEN:
            self.bad += 1
            if self.on_bad:
                self.on_bad(bytes(self._buffer[:length]))
        return None

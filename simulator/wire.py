"""The wire: marks, escapes and checksums, and the one pair of wires that all units share.

Pure (no threads, time passed in) and runs under CPython and MicroPython.
"""

MARK = 0xC0
ESCAPE = 0xDB
ESCAPED_MARK = 0xDC
ESCAPED_ESCAPE = 0xDD

# 9600 baud, 8N1: ten bits a byte.
BYTE_US = 1042
# With checksum, unescaped. The shortest frames known are the 13-byte questions, the longest the
# 20-byte answers; some room on both sides, so that an unknown frame is seen and not torn.
SHORTEST = 12
LONGEST = 40
_MARK = bytes((MARK,))
_ESCAPE = bytes((ESCAPE,))
# "A frame that never ends is dropped after 2 s of silence at most."
SILENCE_MS = 2000


def checksum(body):
    """Sum of all bytes of `body` but the first, modulo 256."""
    return sum(body[1:]) & 0xFF


def encode(body, tail=b"\xfc"):
    """Bytes for the line: mark, escaped body and checksum, mark, and one stray byte after it.

    Real units send the stray byte (FC, FE, F8, FA or FF) and nobody knows what it means;
    `tail=b""` leaves it out.
    """
    line = bytearray((MARK,))
    for value in bytes(body) + bytes((checksum(body),)):
        if value == MARK:
            line.append(ESCAPE)
            line.append(ESCAPED_MARK)
        elif value == ESCAPE:
            line.append(ESCAPE)
            line.append(ESCAPED_ESCAPE)
        else:
            line.append(value)
    line.append(MARK)
    return bytes(line) + tail


_ids = {}  # number: text, of all that were seen


def read_id(two_bytes):
    """Two opaque bytes as four upper-case hex digits: b"\\x24\\x33" is "2433"."""
    number = two_bytes[0] << 8 | two_bytes[1]
    text = _ids.get(number)
    if text is None:
        text = _ids[number] = f"{number:04X}"
    return text


def read_amps(two_bytes):
    """A current on the bus, big-endian in 0.01 A, as amperes."""
    return (two_bytes[0] << 8 | two_bytes[1]) / 100


def write_amps(amps):
    """Amperes (0 to 655.35) as two bytes, big-endian in 0.01 A."""
    return int(round(amps * 100)).to_bytes(2, "big")


class Decoder:
    """Finds frames in a stream that may start, stop and be damaged anywhere.

    `good` and `bad` count frames; bytes between frames are not counted at all.
    """

    def __init__(self):
        self.good = 0
        self.bad = 0
        self._frame = bytearray()
        self._inside = False
        self._escaped = False
        self._broken = False
        self._last_ms = None

    def feed(self, chunk, now_ms):
        """Take bytes whose last one ended at `now_ms`; return the bodies (no checksum) found."""
        if self._last_ms is not None and now_ms - self._last_ms > SILENCE_MS:
            if len(self._frame) >= SHORTEST:
                self.bad += 1
            self._start(False)
        if chunk:
            self._last_ms = now_ms
        if len(chunk) > SHORTEST and isinstance(chunk, bytes) and not self._frame:
            body = _lone_frame(chunk)
            if body is not None:
                self.good += 1
                self._start(False)
                return [body]
        bodies = []
        for value in chunk:
            if value == MARK:
                body = self._close()
                if body is not None:
                    bodies.append(body)
            elif self._inside:
                self._add(value)
        return bodies

    def _start(self, inside):
        self._frame = bytearray()
        self._inside = inside
        self._escaped = False
        self._broken = False

    def _add(self, value):
        if self._escaped:
            self._escaped = False
            if value == ESCAPED_MARK:
                value = MARK
            elif value == ESCAPED_ESCAPE:
                value = ESCAPE
            else:
                self._broken = True
        elif value == ESCAPE:
            self._escaped = True
            return
        if len(self._frame) < LONGEST:
            self._frame.append(value)
        else:
            self._broken = True

    def _close(self):
        frame = self._frame
        torn = self._broken or self._escaped
        if not torn and len(frame) >= SHORTEST and checksum(frame[:-1]) == frame[-1]:
            self.good += 1
            self._start(False)
            return bytes(frame[:-1])
        # Either a frame was damaged, or we joined in the middle and this is somebody's closing
        # mark, or only the stray byte lies between two frames. In all cases the mark may open
        # the next frame, so treat it as such.
        if len(frame) >= SHORTEST:
            self.bad += 1
        self._start(True)
        return None


def _lone_frame(chunk):
    """The body of the one good frame that the chunk consists of, as it comes on a good line, or
    None: it has to be looked at byte by byte."""
    end = chunk.find(_MARK, 1)
    if chunk[0] != MARK or end < SHORTEST + 1 or end > LONGEST + 1:
        return None
    if chunk.find(_MARK, end + 1) >= 0 or chunk.find(_ESCAPE) >= 0:
        return None
    body = chunk[1 : end - 1]
    return body if checksum(body) == chunk[end - 1] else None


def arriving(answer):
    """What a `noise` returned (a value, bytes, or None) as bytes."""
    if answer is None:
        return b""
    return bytes((answer,)) if isinstance(answer, int) else answer


class _Sender:
    """One unit's bytes on the way: what is left, and when the next one started or can start."""

    def __init__(self):
        self.waiting = bytearray()
        self.started_us = 0
        self.ended_us = -1000000

    def add(self, data, now_us):
        if not self.waiting:
            self.started_us = max(now_us, self.ended_us)
        self.waiting.extend(data)


class Medium:
    """Half duplex at 9600 baud between one master and some connectors, as an event queue.

    Every byte reaches the others when its last bit has passed; bytes of two units that overlap
    are damaged; a unit hears nothing while it sends. `noise`, when set, is called as
    `noise(value, source, now_ms)` for each byte (source: "master", "other", or an id) and
    returns the value or the bytes to deliver, or None to lose it: a weather.Weather, or anything
    alike. A referee gets what the master says as it says it, and of the others what the master
    can hear. `echo` gives the master its own bytes back, as some adapters do.
    """

    def __init__(self, connectors, referee=None, noise=None, echo=False):
        self.connectors = list(connectors)
        self.referee = referee
        self.noise = noise
        self.echo = echo
        self.collisions = 0
        self._senders = {}

    def send(self, source, data, now_us):
        """Queue bytes of "master", of another party ("other"), or of a connector (the object)."""
        sender = self._senders.get(source)
        if sender is None:
            sender = self._senders[source] = _Sender()
        sender.add(data, now_us)

    def run(self, until_us):
        """Let everything happen up to `until_us`; return the bytes that the master heard."""
        heard = bytearray()
        while True:
            source, end_us = self._next_byte()
            talker, talk_us = self._next_talker(until_us)
            if talker is not None and (source is None or talk_us < end_us):
                if talk_us > until_us:
                    return bytes(heard)
                for line in talker.due(talk_us // 1000):
                    self.send(talker, line, talk_us)
            elif source is not None and end_us <= until_us:
                self._deliver(source, end_us, heard)
            else:
                return bytes(heard)

    def refresh(self, now_us):
        """Bring cars and states up to `now_us`, for whoever looks at them."""
        for connector in self.connectors:
            for line in connector.due(now_us // 1000):
                self.send(connector, line, now_us)

    def next_event_us(self, now_us):
        """When `run` has something to do next, or None: nothing is under way."""
        source, end_us = self._next_byte()
        talker, talk_us = self._next_talker(now_us)
        if source is None:
            return talk_us
        return end_us if talker is None else min(end_us, talk_us)

    def _next_byte(self):
        first = None
        end_us = 0
        for source, sender in self._senders.items():
            if sender.waiting and (first is None or sender.started_us + BYTE_US < end_us):
                first = source
                end_us = sender.started_us + BYTE_US
        return first, end_us

    def _next_talker(self, now_us):
        first = None
        first_us = None
        for connector in self.connectors:
            event_ms = connector.next_event_ms(now_us // 1000)
            if event_ms is not None and (first is None or event_ms * 1000 < first_us):
                first = connector
                first_us = event_ms * 1000
        return first, first_us

    def _deliver(self, source, end_us, heard):
        sender = self._senders[source]
        said = value = sender.waiting[0]
        if self._overlapped(source, end_us):
            value ^= 0x55
            self.collisions += 1
        sender.waiting = sender.waiting[1:]
        sender.ended_us = end_us
        sender.started_us = end_us
        now_ms = -(-end_us // 1000)
        label = source if isinstance(source, str) else source.id
        chunk = bytes((value,))
        if self.noise is not None:
            chunk = arriving(self.noise(value, label, now_ms))
        if self.referee is not None:
            self.referee.hear(bytes((said,)) if label == "master" else chunk, now_ms, label)
        if source != "master" or self.echo:
            heard.extend(chunk)
        for connector in self.connectors:
            if connector is not source and not self._sends(connector):
                connector.hear(chunk, now_ms)

    def _sends(self, source):
        sender = self._senders.get(source)
        return sender is not None and bool(sender.waiting)

    def _overlapped(self, source, end_us):
        for other, sender in self._senders.items():
            if other is source:
                continue
            if sender.waiting and sender.started_us < end_us:
                return True
            if sender.ended_us > end_us - BYTE_US:
                return True
        return False

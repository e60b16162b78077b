"""`machine.UART` in memory and the two wires behind it, at 9600 baud.

A byte takes 1.04 ms (10 bits). What overlaps on the wires is ruined for all listeners. The
firmware's receiver is off while its driver is on (the usual wiring of RS-485 modules: RE tied
to DE), so bytes that arrive then are lost; bytes written while the driver is off never leave.
"""

import io

from simulator.virtual.board import board
from simulator.virtual.clock import clock
from simulator.wire import arriving

BUFFER_BYTES = 256


def sending_us(count, baudrate=9600):
    """Microseconds that `count` bytes of 10 bits take."""
    return count * 10_000_000 // baudrate


def label(speaker):
    """Whose bytes: "master" for the firmware, else the connector's id."""
    return "master" if speaker is board else speaker.connector.id


class Burst:
    """Bytes that one speaker puts on the wires in one go, from `start_us` on.

    `data`: as they were said. `pieces`: what the weather makes of each; None: nothing.
    """

    def __init__(self, speaker, data, start_us):
        self.speaker = speaker
        self.data = data
        self.start_us = start_us
        self.end_us = start_us + sending_us(len(data))
        self.taken = 0
        self.others = []
        self.pieces = None

    def cut(self, when_us):
        """The driver goes off at `when_us`: what was not sent by then never is."""
        keep = 0
        while keep < len(self.data) and self.start_us + sending_us(keep + 1) <= when_us:
            keep += 1
        lost = len(self.data) - keep
        self.data = self.data[:keep]
        self.end_us = self.start_us + sending_us(keep)
        return lost


class Line:
    """The bus. Listeners are called with a whole burst when its last bit has passed.

    `piece_bytes`: a waiting firmware is woken each so many received bytes; 1 is the most
    demanding, more is faster. Bytes count as there when they end, whatever it is.
    `echo`: the receiver stays on while the driver is on: an adapter that hears itself, or a
    driver-enable pin that does not reach RE. `deaf`: the firmware's receiver is dead.
    `weather`: a weather.Weather or alike, asked for each byte; the referee knows what was said.
    `spoil(speaker, data)`, when set, is asked for each burst and returns the bytes that are
    said at all, or None; `speaker` is `board` or a connector's Station.

    Counters: `dropped` (bytes that came while the driver was on, or found no room),
    `never_sent` (written without the driver, or cut off by it), `collisions`.
    """

    def __init__(self):
        self.clear()

    def clear(self):
        self.listeners = []
        self.bursts = []
        self.piece_bytes = 6
        self.echo = False
        self.deaf = False
        self.spoil = None
        self.weather = None
        self.dropped = 0
        self.never_sent = 0
        self.collisions = 0

    def say(self, speaker, data, start_us=None):
        """Put `data` on the wires; returns the Burst. `speaker` does not hear itself."""
        for uart in board.uarts:
            uart.settle()
        data = bytes(data)
        if self.spoil is not None:
            data = self.spoil(speaker, data) or b""
        now_us = clock.now_us
        burst = Burst(speaker, data, now_us if start_us is None else start_us)
        if self.weather is not None:
            burst.pieces = self._weathered(burst)
        self.bursts = [old for old in self.bursts if old.end_us > now_us]
        for other in self.bursts:
            if other.end_us > burst.start_us and other.speaker is not speaker:
                other.others.append(burst)
                burst.others.append(other)
                self.collisions += 1
        self.bursts.append(burst)
        clock.busy_until_us = max(clock.busy_until_us, burst.end_us)
        clock.at_aside(burst.end_us, self._heard, burst)
        if data and (speaker is not board or self.echo):
            self._arrive(burst, min(self.piece_bytes, len(burst.data)))
        return burst

    def piece(self, burst, index):
        """A byte of a burst as listeners get it: ruined where somebody else speaks too, and
        with what the weather does to it."""
        start_us = burst.start_us + sending_us(index)
        end_us = burst.start_us + sending_us(index + 1)
        for other in burst.others:
            if other.start_us < end_us and other.end_us > start_us:
                return bytes((burst.data[index] ^ 0x55 ^ (index & 0x0F),))
        return bytes((burst.data[index],)) if burst.pieces is None else burst.pieces[index]

    def _weathered(self, burst):
        said_by = label(burst.speaker)
        pieces = []
        for index in range(len(burst.data)):
            at_ms = (burst.start_us + sending_us(index + 1)) // 1000
            pieces.append(arriving(self.weather(burst.data[index], said_by, at_ms)))
        return pieces

    def _arrive(self, burst, count):
        clock.at(burst.start_us + sending_us(count), self._arrived, burst, count)

    def _arrived(self, burst, count):
        # An event is all it takes: the poll that waits asks the UART again after each one.
        if count < len(burst.data):
            self._arrive(burst, min(count + self.piece_bytes, len(burst.data)))

    def _heard(self, burst):
        data = burst.data
        if data:
            if burst.others or burst.pieces is not None:
                data = b"".join([self.piece(burst, index) for index in range(len(data))])
            for listener in self.listeners:
                if listener is not burst.speaker:
                    listener.heard(burst, data)


class UART(io.IOBase):
    """The firmware's UART. All waiting in it is virtual."""

    def __init__(self, number=2, baudrate=9600, **settings):
        if baudrate != 9600:
            raise ValueError(f"the bus runs at 9600 baud, not {baudrate}")
        self._received = bytearray()
        self._room = max(BUFFER_BYTES, settings.get("rxbuf", BUFFER_BYTES))
        self._sent_us = 0
        self._sending = []
        self._deaf_until_us = clock.now_us
        board.uarts = [self]

    def init(self, **settings):
        pass

    def deinit(self):
        board.uarts = []

    def settle(self):
        """Take over the bytes that have arrived by now, or drop them while the driver is on."""
        for burst in line.bursts:
            taken = burst.taken
            if taken < len(burst.data) and (burst.speaker is not board or line.echo):
                # The largest count for which sending_us(count) has passed.
                passed_us = clock.now_us - burst.start_us + 1
                count = min(len(burst.data), (passed_us * 9600 - 1) // 10_000_000)
                if count > taken:
                    burst.taken = count
                    self._take(burst, taken, count)

    def _take(self, burst, first, end):
        if line.deaf:
            return
        if not line.echo:
            while first < end and burst.start_us + sending_us(first) < self._deaf_until_us:
                # It began while the driver was still on.
                first += 1
                line.dropped += 1
            if board.de_pin is not None and board.driving():
                line.dropped += end - first
                return
        data = burst.data[first:end]
        if burst.others or burst.pieces is not None:
            data = b"".join([line.piece(burst, index) for index in range(first, end)])
        room = self._room - len(self._received)
        line.dropped += max(0, len(data) - room)
        self._received += data[:room]

    def driver_off(self):
        """The driver-enable pin falls: cut what is still being sent, and listen from now on."""
        self._deaf_until_us = clock.now_us
        for burst in self._sending:
            if burst.end_us > clock.now_us:
                line.never_sent += burst.cut(clock.now_us)
        self._sending = []
        self._sent_us = min(self._sent_us, clock.now_us)

    def any(self):
        self.settle()
        return len(self._received)

    def read(self, count=-1):
        self.settle()
        if not self._received:
            return None
        if count is None or count < 0:
            count = len(self._received)
        data = bytes(self._received[:count])
        self._received = self._received[len(data) :]
        return data

    def readinto(self, buffer, count=None):
        room = len(buffer) if count is None else min(count, len(buffer))
        data = self.read(room)
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def readline(self):
        return self.read()

    def write(self, data):
        data = bytes(data)
        if not board.driving():
            line.never_sent += len(data)
            return len(data)
        self._sending = [burst for burst in self._sending if burst.end_us > clock.now_us]
        burst = line.say(board, data, max(clock.now_us, self._sent_us))
        self._sending.append(burst)
        self._sent_us = burst.end_us
        return len(data)

    def flush(self):
        clock.wait_until(self._sent_us)

    def txdone(self):
        return clock.look() >= self._sent_us

    def ioctl(self, request, argument):
        if request != 3:
            return 0
        self.settle()
        return argument & (5 if self._received else 4)


line = Line()
"""The one bus of this VM."""

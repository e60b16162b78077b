"""Everybody on the bus but the firmware: simulated connectors and the referee."""

from simulator.virtual.board import board
from simulator.virtual.clock import clock
from simulator.virtual.uart import line, sending_us


class Station:
    """A simulated connector on the line.

    It offers `hear(data, now_ms)`, `due(now_ms)` (list of frames, bytes for the line) and
    `next_event_ms(now_ms)` (None: nothing), as `simulator.connector.Connector` does.
    """

    def __init__(self, connector):
        self.connector = connector
        self._planned_us = None
        self._quiet_us = 0
        self._plan()

    def heard(self, burst, data):
        self.connector.hear(data, milliseconds())
        self._plan()

    def wake(self):
        """Look again at what it has to say; after a script has changed it, for instance."""
        self._plan()

    def _plan(self):
        at_ms = self.connector.next_event_ms(clock.now_us // 1000)
        if at_ms is None:
            return
        at_us = max(at_ms * 1000, clock.now_us)
        if self._planned_us is None or at_us < self._planned_us:
            self._planned_us = at_us
            clock.at(at_us, self._act, at_us)

    def _act(self, planned_us):
        if planned_us != self._planned_us:
            return
        self._planned_us = None
        for frame in self.connector.due(milliseconds()) or ():
            burst = line.say(self, frame, max(clock.now_us, self._quiet_us))
            self._quiet_us = burst.end_us
        self._plan()


class Ear:
    """Passes everything on the line to a referee's `hear(data, now_ms, label)`.

    The label is "master" for the firmware, else the connector's id. Bursts that overlapped are
    passed byte by byte in the order in which the bytes ended, once the line is quiet.
    """

    def __init__(self, referee):
        self._referee = referee
        self._tangled = []

    def heard(self, burst, data):
        if not burst.others and not self._tangled:
            self._referee.hear(data, milliseconds(), _label(burst))
            return
        self._tangled.append((burst, data))
        if any(other.end_us > clock.now_us for other in line.bursts):
            return
        pieces = []
        for burst, data in self._tangled:
            for index in range(len(data)):
                end_us = burst.start_us + sending_us(index + 1)
                pieces.append((end_us, len(pieces), data[index : index + 1], _label(burst)))
        self._tangled = []
        pieces.sort()
        for end_us, _, piece, label in pieces:
            self._referee.hear(piece, -(-end_us // 1000), label)


def _label(burst):
    speaker = burst.speaker
    return "master" if speaker is board else speaker.connector.id


def milliseconds():
    """Virtual time for the pure simulator: whole milliseconds, rounded up."""
    return -(-clock.now_us // 1000)

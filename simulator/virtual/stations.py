"""Everybody on the bus but the firmware: simulated connectors and the referee."""

from simulator.virtual.clock import clock
from simulator.virtual.uart import label, line, sending_us


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
            clock.at_aside(at_us, self._act, at_us)

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

    The label is "master" for the firmware, else the connector's id. The firmware's bytes pass
    as it said them; those of the others as it can hear them, ruined by whoever else spoke and
    by the weather. Bursts that were ruined are passed byte by byte in the order in which the
    bytes ended, once nobody who is still speaking can have said anything before them.
    """

    def __init__(self, referee):
        self._referee = referee
        self._tangled = []

    def heard(self, burst, data):
        whole = not burst.others and (burst.pieces is None or label(burst.speaker) == "master")
        if whole and not self._tangled:
            self._referee.hear(burst.data, milliseconds(), label(burst.speaker))
            return
        self._tangled.append([burst, 0])
        # Whoever is still speaking has said nothing before it began: all until then is known.
        known_us = clock.now_us
        for other in line.bursts:
            if other.end_us > clock.now_us:
                known_us = min(known_us, other.start_us)
        pieces = []
        for entry in self._tangled:
            self._untangle(entry, known_us, pieces)
        self._tangled = [entry for entry in self._tangled if entry[1] < len(entry[0].data)]
        pieces.sort()
        for end_us, _, piece, who in pieces:
            self._referee.hear(piece, -(-end_us // 1000), who)

    def _untangle(self, entry, until_us, pieces):
        burst, index = entry
        who = label(burst.speaker)
        while index < len(burst.data):
            end_us = burst.start_us + sending_us(index + 1)
            if end_us > until_us:
                break
            master = who == "master"
            piece = burst.data[index : index + 1] if master else line.piece(burst, index)
            pieces.append((end_us, len(pieces), piece, who))
            index += 1
        entry[1] = index


def milliseconds():
    """Virtual time for the pure simulator: whole milliseconds, rounded up."""
    return -(-clock.now_us // 1000)

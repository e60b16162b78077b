"""The referee's rules about relays: shortest times on and off, and starts an hour.

Pure, MicroPython too. A relay is seen through the current that its slave reports; what a car
does by itself is not the master's doing, and an offer that no car takes moves no relay.

People and safety may do more: a person who asks for Off, Fast or a boost has the next switch
after a minute, and what the wires or the grid guard cut is cut at once.
"""

from simulator.claims import DROPPED_MS

HOUR_MS = 3600000

# The least time in the old state before a switch that a person asks for.
PERSON_S = 60
# A stop that safety asks for leaves by then.
SAFETY_MS = 60000


class Relays:
    """Judges how often and how soon the master makes a relay click.

    min_on_s, min_off_s: None: not judged. on_amps, off_amps: on from, off below this current.
    starts: how often an hour a slave may be started (its car draws, for the first time since its
    limit was 0 A); None: not judged. slack_ms: what any time may be missed by. blame: called
    with (ms, sentence).
    """

    def __init__(self, min_on_s, min_off_s, on_amps, off_amps, starts, slack_ms, blame):
        self.min_on_s = min_on_s
        self.min_off_s = min_off_s
        self.on_amps = on_amps
        self.off_amps = off_amps
        self.starts = starts
        self.slack_ms = slack_ms
        self._blame = blame
        self._asked_ms = []
        self._cut_ms = []

    def person(self, now_ms):
        """A person asks for Off, Fast or a boost: the switch that each slave is told next needs
        no more than a minute in the old state."""
        self._asked_ms = self._asked_ms[-99:] + [now_ms]

    def safety(self, now_ms):
        """Something has to be cut: a stop that leaves within a minute may come early."""
        self._cut_ms = self._cut_ms[-99:] + [now_ms]

    def heard(self, slave, now_ms):
        """A slave answered, and it is booked."""
        if not slave.on and slave.limit == 0:
            slave.rested = True
        if not slave.on and slave.draw >= self.on_amps:
            off_ms = None if slave.off_ms is None else now_ms - slave.off_ms
            if slave.off_by_master and self._too_short(slave, off_ms, self.min_off_s):
                self._blame(now_ms, f"{slave.id} was off for only {off_ms / 1000:.1f} s")
            by_master = slave.rested and slave.limit
            if by_master:
                self._count(slave, now_ms)
            slave.begun_ms = slave.turned_ms if by_master else now_ms
            slave.rested = False
            slave.on = True
            slave.on_ms = now_ms
        elif slave.on and slave.draw < self.off_amps:
            on_ms = now_ms - slave.on_ms
            slave.off_by_master = slave.stopped_while_on
            judged = slave.off_by_master and not self._cut(slave)
            if judged and self._too_short(slave, on_ms, self.min_on_s):
                self._blame(now_ms, f"{slave.id} was on for only {on_ms / 1000:.1f} s")
            slave.begun_ms = slave.turned_ms if slave.off_by_master else now_ms
            slave.on = False
            slave.off_ms = self._off_since(slave, now_ms)
        if slave.on:
            slave.seen_on_ms = now_ms

    def _off_since(self, slave, now_ms):
        """Since when a slave that says so now is off. One that was silent in its charge until it
        was dropped, or until the master began anew, has opened its relay meanwhile, or lost its
        power: off since then, or since it was told to stop, if that came later."""
        known_ms = slave.seen_on_ms + DROPPED_MS
        if slave.began_ms > slave.seen_on_ms:
            known_ms = min(known_ms, slave.began_ms)
        return min(now_ms, max(known_ms, slave.turned_ms or 0))

    def _count(self, slave, now_ms):
        if self.starts is None:
            return
        slave.starts.append(now_ms)
        while slave.starts[0] < now_ms - HOUR_MS:
            slave.starts.pop(0)
        if len(slave.starts) > self.starts:
            self._blame(now_ms, f"{slave.id} was started {len(slave.starts)} times within an hour")
            slave.starts.clear()

    def _too_short(self, slave, lasted_ms, least_s):
        if least_s is None or lasted_ms is None:
            return False
        if self._asked(slave):
            least_s = min(least_s, PERSON_S)
        return lasted_ms < least_s * 1000 - self.slack_ms

    def _asked(self, slave):
        """Whether a person asked between the words that began the state which ends now, and those
        that end it."""
        since_ms = slave.begun_ms
        return any([since_ms <= asked_ms <= slave.turned_ms for asked_ms in self._asked_ms])

    def _cut(self, slave):
        """Whether the words that stopped the slave left after a cut."""
        return any([0 <= slave.turned_ms - cut_ms <= SAFETY_MS for cut_ms in self._cut_ms])

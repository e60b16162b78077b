"""What the line tells about each slave: its last answers, and what it has to be counted with.

Pure, MicroPython too. The referee judges by these notes.
"""

from simulator.wire import read_amps, read_id

# Silent for this long, it was dropped, and no heartbeat is owed to it any more.
DROPPED_MS = 26000
CLAIM_MS = 60000
# Between what the master books and the end of its frame.
LEAVES_MS = 40
# Without a heartbeat for so long a slave has lost its link, and asks for a new one.
LINK_LOST_MS = 10000
OFF_STATES = (0x00, 0x02, 0x03, 0x04)
ANSWERS_FOR_OFF = 3
# "An impossible draw": above the rating by this factor.
IMPOSSIBLE = 1.1


class Frame:
    """One good frame: `ms` (its end), `start_ms`, `source` ("master", an id, "other"), `body`."""

    __slots__ = ("ms", "start_ms", "source", "body")

    def __init__(self, ms, start_ms, source, body):
        self.ms = ms
        self.start_ms = start_ms
        self.source = source
        self.body = body

    @property
    def function(self):
        """Its first two bytes as a number: 0xFBE0 is a master's heartbeat."""
        return self.body[0] << 8 | self.body[1]

    @property
    def sender(self):
        """The sender's id as text."""
        return read_id(self.body[2:4])

    @property
    def receiver(self):
        """The receiver's id as text; only heartbeats, questions and contactor commands."""
        return read_id(self.body[4:6])

    @property
    def command(self):
        """Of a master's heartbeat: its command byte. Of a slave's: its state."""
        return self.body[6]

    @property
    def amps(self):
        """Of a master's heartbeat: the current it names. Of a slave's: the maximum shown."""
        return read_amps(self.body[7:9])

    @property
    def draw_amps(self):
        """Of a slave's heartbeat: the actual current."""
        return read_amps(self.body[9:11])

    def __repr__(self):
        return f"<{self.ms} ms {self.source}: {self.body.hex()}>"


class Slave:
    """What the line has told about one slave. `phases`: those it hangs on, as bits."""

    def __init__(self, id, phases=7):
        self.id = id
        self.phases = phases
        self.rating = None
        self.protocol = None
        self.heartbeat_ms = None
        self.beat_ms = None
        self.answer_ms = None
        self.limit = None
        self.gave_ms = None  # when a heartbeat last gave it a limit
        self.changed_ms = 0
        self.taken = None
        self.sent = []
        self.draw = 0.0
        self.shown = 0.0
        self.offs = 0
        # Since when it was given less and has not taken it, is not down there yet, and draws
        # too much; None: it is not so. The rules of budget.py clear them.
        self.reduced_ms = None
        self.settling_ms = None
        self.over_ms = None
        self.over_told = False
        # What relays.py notes.
        self.starts = []
        self.on = False
        self.on_ms = None
        self.seen_on_ms = None  # when it last said so
        self.off_ms = None
        self.off_by_master = False
        self.stopped_while_on = False
        self.rested = False
        self.began_ms = 0  # when the master announced itself
        self.turned_ms = None  # when its limit last came to 0 A or left it
        self.begun_ms = None
        self._new = True
        self._linked_again = False

    def forget(self):
        """The master has begun anew: until the next answer it knows only what it says itself."""
        self._new = True
        self.taken = None
        self.sent = []

    def silence_ends(self, now_ms):
        """A heartbeat goes to it at `now_ms`. After a silence in which it lost its link its next
        answer tells what it holds, whatever it was told before; after one in which what it had
        is over, it counts with nothing until then."""
        if self.heartbeat_ms is None:
            return
        silent_ms = now_ms - self.heartbeat_ms
        self._linked_again = self._linked_again or silent_ms > LINK_LOST_MS
        if silent_ms > CLAIM_MS - LEAVES_MS:
            self.forget()
            self.reduced_ms = self.settling_ms = self.over_ms = None
            self.draw = 0.0

    def _begin_again(self):
        self.forget()
        if self.gave_ms != self.heartbeat_ms:  # "no change", to which it answers
            self.limit = None
        self.reduced_ms = self.settling_ms = self.over_ms = None
        self._linked_again = False

    def claim(self, now_ms):
        """Amperes this slave has to be counted with."""
        if self.heartbeat_ms is None or now_ms - self.heartbeat_ms > CLAIM_MS - LEAVES_MS:
            return 0.0
        return max([self.taken or 0.0, self.drawn()] + self.sent)

    def drawn(self):
        """What it last reported as its current; what it can't be built for counts as its
        rating."""
        if self.rating is not None and self.draw > self.rating * IMPOSSIBLE:
            return self.rating
        return self.draw

    def gave(self, amps, now_ms):
        """A heartbeat gives it this limit."""
        self.gave_ms = now_ms
        before = self.taken if self.limit is None else self.limit
        if amps < (before or 0.0):
            if self.reduced_ms is None:
                self.reduced_ms = now_ms
            if self.settling_ms is None:
                self.settling_ms = now_ms
        if amps != self.limit:
            if not amps or not self.limit:
                self.turned_ms = now_ms
            self.stopped_while_on = amps == 0 and self.on
            self.changed_ms = now_ms
        self.limit = amps
        if not self.sent or self.sent[-1] != amps:
            self.sent.append(amps)

    def gap(self, now_ms, allowed_ms):
        """A sentence when the heartbeat due at `now_ms` is late, else None."""
        if self.heartbeat_ms is None or self.answer_ms is None:
            return None
        gap_ms = now_ms - self.heartbeat_ms
        dropped = self.heartbeat_ms - self.answer_ms > DROPPED_MS - 1500
        if gap_ms <= allowed_ms or dropped:
            return None
        return f"{now_ms / 1000:.3f} s: {self.id} got no heartbeat for {gap_ms / 1000:.1f} s"

    def answered(self, frame):
        """Note what it reports: which limit it has taken, and its current."""
        state = frame.command
        again = self._linked_again
        if again:
            self._begin_again()
        self.answer_ms = frame.ms
        self.draw = frame.draw_amps
        self.shown = frame.amps
        off = state in OFF_STATES and self.draw < 1
        self.offs = self.offs + 1 if off and self.limit == 0 else 0
        if self._new:
            self._new = False
            # It may hold a limit of earlier. 6.00 A without current is what 0 A looks like.
            if not (off and (state != 0x00 or frame.amps <= 6)):
                self.taken = frame.amps
                if self.rating is not None:
                    self.taken = min(self.taken, self.rating)
                if again:
                    self.limit = self.taken
        if self.offs >= ANSWERS_FOR_OFF:
            self.taken = 0.0
            self.sent = []
        elif frame.amps and frame.amps in self.sent:
            del self.sent[: _last(self.sent, frame.amps) + 1]
            self.taken = frame.amps


def _last(values, wanted):
    for i in range(len(values) - 1, -1, -1):
        if values[i] == wanted:
            return i
    return -1

"""Who else is on the line, and how the line itself is: for people who wire.

Source: "Linking" 9 and "Line and framing" of the protocol notes.
"""

from micropython import const

from twc import message

# Two frames of a foreign master within this time make a second master, until none was heard
# for as long.
_SECOND_MASTER_MS = const(60000)

# What only a master says. (FC B1 and B2 are not here: they are one flipped bit away from what
# slaves answer, and the checksum does not cover the first byte.)
_MASTERS = (message.MASTER_LINK_READY_1, message.MASTER_LINK_READY_2, message.MASTER_HEARTBEAT)
_MASTERS += (0xFC1D, 0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)
_MASTERS += (0xFB19, 0xFB1A, 0xFB1B)

_REFUSAL_PAUSE_MS = const(60000)  # between two words about refused slaves

# An echo of a frame without ids (old questions) comes back within this time.
_ECHO_MS = const(100)

# The line is looked at over windows of this length; before the first is over nothing is said.
_WINDOW_MS = const(10000)
_PATIENCE_MS = const(20000)  # a slave that is not linked calls every 10 s
_MOST_BAD_PERCENT = const(10)
_KIND = const(12)  # letters that tell one note from another


class Lookout:
    """`tell(level, sentence)`: for the journal. Counters: `echoes` of our own frames."""

    def __init__(self, own_id, tell, now_ms):
        self.own_id = own_id
        self.echoes = 0
        self.rate = 0.0  # good frames heard a second
        self.note = None  # a sentence about the wiring, if something is wrong with it
        self._tell = tell
        self._sent = b""
        self._sent_ms = now_ms
        self._foreign_id = None
        self._foreign_ms = None  # the last frame of another master
        self._second_ms = None  # the same, once it was heard twice
        self._refused_ms = None
        self._began_ms = now_ms
        self._window_ms = now_ms
        self._counts = (0, 0, 0, 0, 0)

    def sent(self, body, now_ms):
        """Takes what we send, to know its echo."""
        self._sent = body
        self._sent_ms = now_ms

    def is_echo(self, body, now_ms):
        """Takes a body that was heard; whether it was our own."""
        code = message.function(body)
        own = message.id_text(body, 2) == self.own_id and body[0] != 0xFD
        if own or body == self._sent and now_ms - self._sent_ms < _ECHO_MS:
            self.echoes += 1
            return True
        if code in _MASTERS:
            last_ms = self._foreign_ms
            self._foreign_ms = now_ms
            self._foreign_id = message.id_text(body, 2)
            if last_ms is not None and now_ms - last_ms < _SECOND_MASTER_MS:
                self._second_ms = now_ms
        return False

    def second_master(self, now_ms):
        """The id of a second master on the line, or None."""
        at_ms = self._second_ms
        there = at_ms is not None and now_ms - at_ms < _SECOND_MASTER_MS
        return self._foreign_id if there else None

    def free_from_ms(self):
        """When the line will be ours again, if the second master is not heard any more."""
        return self._second_ms + _SECOND_MASTER_MS

    def refused(self, slave_id, slaves, now_ms):
        """Tells of a slave for which there is no room beside the linked `slaves`; it calls every
        10 s and is told of once a minute."""
        if self._refused_ms is not None and now_ms - self._refused_ms < _REFUSAL_PAUSE_MS:
            return
        self._refused_ms = now_ms
        silent = [slave.id for slave in slaves if slave.link(now_ms) == "silent"]
        if silent:
            instead = f"It takes the place of {silent[0]}, which is silent, when that is dropped."
        else:
            instead = "Disconnect one of the four."
        self._tell(
            "warning",
            f"{slave_id} refused: the bus carries three wall connectors at most. {instead}",
        )

    def appeared(self, fields, slaves, now_ms):
        """Tells if a slave that links, with these fields of its link ready, may be one of the
        linked ones under another id."""
        for slave in slaves:
            alike = slave.rating_ca == fields["max_ca"] and slave.protocol == fields["protocol"]
            if alike and slave.missed and slave.link(now_ms) != "ok":
                self._tell(
                    "warning",
                    f"{slave.id} is silent and {fields['sender']} has appeared: if this is the "
                    f"same wall connector under a new id, rename units.{slave.id} in config.json "
                    f"to units.{fields['sender']}; its settings are kept by id.",
                )
                return

    def watch(self, decoder, sent, noisy, now_ms):
        """Once a second: looks at the counters, `sent` frames and `noisy` ones of them, and
        tells when the note changes."""
        lasted_ms = now_ms - self._window_ms
        if lasted_ms >= _WINDOW_MS:
            counts = (decoder.good, decoder.bad, sent, noisy, self.echoes)
            new = [counts[i] - self._counts[i] for i in range(5)]
            self._counts = counts
            self._window_ms = now_ms
            self.rate = new[0] * 1000 / lasted_ms
            early = now_ms - self._began_ms < _PATIENCE_MS
            note = None if early else self._line_note(new, decoder)
        else:
            note = self.note
        second = self.second_master(now_ms)
        if second:
            note = (
                f"A second master, {second}, is on the line: a wall connector whose rotary switch "
                "is not on F, or another controller. Nothing is raised or started until it has "
                "been silent for 60 s. Set every rotary switch to F."
            )
        elif note and note.startswith("A second"):
            note = None
        before = self.note
        self.note = note
        # Told when it is another one; its numbers may change without a word.
        if (note or "")[:_KIND] != (before or "")[:_KIND]:
            self._tell("warning" if note else "info", note or "The line is in order again.")

    def _line_note(self, new, decoder):
        good, bad, sent, noisy, echoes = new
        foreign = decoder.good - self.echoes
        if foreign <= 0 and decoder.bad:
            return (
                "Only broken frames heard since the start: A and B swapped, a second sender, or "
                "no termination. Check the two wires and 120 ohms at each end."
            )
        if foreign <= 0:
            heard = "Only our own echo" if self.echoes else "Nothing"
            return (
                f"{heard} heard since the start: check A and B, termination, the power of the "
                "wall connector, and that its rotary switch is on F."
            )
        if echoes and 2 * echoes > sent:
            return (
                "Our own frames come back: an adapter that echoes, or a driver-enable pin that "
                "is wrong (DE and RE have to be tied together). It is borne, but not meant to be."
            )
        if noisy and 2 * noisy > sent:
            return (
                "The line is hardly ever quiet: a floating line or a stuck sender. Check the "
                "termination, 120 ohms at each end, and the wires."
            )
        if bad * 100 > (good + bad) * _MOST_BAD_PERCENT:
            return (
                f"Broken frames: {bad} of {good + bad} in the last 10 s. Check termination, a "
                "twisted pair, and its distance to mains wires."
            )
        return None

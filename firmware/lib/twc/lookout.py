"""Who else is on the line, and how the line itself is: for people who wire.

Source: "Linking" 9 and "Line and framing" of the protocol notes.
"""

import sys

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
        from twc import line_notes

        self._tell("warning", line_notes.refused(slave_id, slaves, now_ms))
        del line_notes
        _forget_notes()

    def appeared(self, fields, slaves, now_ms):
        """Tells if a slave that links, with these fields of its link ready, may be one of the
        linked ones under another id."""
        for slave in slaves:
            alike = slave.rating_ca == fields["max_ca"] and slave.protocol == fields["protocol"]
            if alike and slave.missed and slave.link(now_ms) != "ok":
                from twc import line_notes

                self._tell("warning", line_notes.appeared(fields["sender"], slave.id))
                del line_notes
                return _forget_notes()

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
            note = None if early else self._line_note(new, decoder.good, decoder.bad)
        else:
            note = self.note
        second = self.second_master(now_ms)
        if second:
            if not note or not note.startswith(f"A second master, {second},"):
                from twc import line_notes

                note = line_notes.second(second)
                del line_notes
                _forget_notes()
        elif note and note.startswith("A second"):
            note = None
        before = self.note
        self.note = note
        # Told when it is another one; its numbers may change without a word.
        if (note or "")[:_KIND] != (before or "")[:_KIND]:
            self._tell("warning" if note else "info", note or "The line is in order again.")

    def _line_note(self, new, good, broken):
        """What is wrong with the line, or None; its words are loaded only then."""
        foreign = good - self.echoes
        if foreign > 0 and 2 * max(new[3], new[4]) <= new[2]:
            if new[1] * 100 <= (new[0] + new[1]) * _MOST_BAD_PERCENT:
                return None
        from twc import line_notes

        note = line_notes.line(new, foreign, broken, self.echoes)
        del line_notes
        _forget_notes()
        return note


def _forget_notes():
    del sys.modules["twc.line_notes"]
    if "twc" in sys.modules:  # on a board there are no packages
        delattr(sys.modules["twc"], "line_notes")

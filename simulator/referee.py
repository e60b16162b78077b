"""Listens to the whole line and tells what a master must never do. Pure, MicroPython too.

Knows the rules from the protocol description alone, and judges only what was on the wires.
"""

from simulator.claims import Frame, Slave
from simulator.wire import Decoder, read_amps

FORBIDDEN = {
    0xFC19: "it writes the unit's one-time memory",
    0xFC1A: "it writes the unit's one-time memory",
    0xFBE8: "it crashes the unit",
}
MASTER_MAY_SEND = (
    0xFCE1,
    0xFBE2,
    0xFBE0,
    0xFBEB,
    0xFBEC,
    0xFBED,
    0xFBEE,
    0xFBEF,
    0xFBF1,
    0xFBB4,
    0xFCB1,
    0xFCB2,
    0xFB19,
    0xFB1A,
    0xFB1B,
    0xFC1D,
)
# A master may talk into a line that did not fall quiet for this long.
PATIENCE_MS = 40
BYTE_MS = 1.042


class Referee:
    """`hear` everything, then ask for the `report`.

    wires_amps: what all may draw together; None: not judged. max_amps: {"2433": 16} for what
    was configured for a unit; its own rating is heard on the line. min_amps: the same for its
    minimum, else 5 or 6 by its protocol. max_gap_s: between two heartbeats to a linked slave.
    raise_after_s: rest after a change before a raise. min_on_s, min_off_s: of the relay, seen
    through the reported current (on from `on_amps`, off below `off_amps`); None: not judged.
    slack_ms: what any of these times may be missed by. grace_ms: a slave may have been sending
    for this long when the master starts, since it cannot have known. keep: frames to remember.
    """

    def __init__(
        self,
        wires_amps=None,
        max_amps=None,
        min_amps=None,
        max_gap_s=4,
        raise_after_s=5,
        min_on_s=None,
        min_off_s=None,
        on_amps=2.0,
        off_amps=1.0,
        slack_ms=200,
        grace_ms=8,
        keep=100000,
    ):
        self.wires_amps = wires_amps
        self.max_amps = max_amps or {}
        self.min_amps = min_amps or {}
        self.max_gap_s = max_gap_s
        self.raise_after_s = raise_after_s
        self.min_on_s = min_on_s
        self.min_off_s = min_off_s
        self.on_amps = on_amps
        self.off_amps = off_amps
        self.slack_ms = slack_ms
        self.grace_ms = grace_ms
        self.keep = keep
        self.frames = []
        self.slaves = {}
        self._violations = []
        self._decoders = {}
        self._starts = {}
        self._ends = {}
        self._busy_from = None
        self._busy_until = -1000000
        self._interruption = None

    def hear(self, chunk, now_ms, source):
        """Bytes of one source, the last of which ended at `now_ms`.

        source: "master", the id of a connector, or "other" (recorded, not judged).
        """
        if not chunk:
            return
        decoder = self._decoders.get(source)
        if decoder is None:
            decoder = self._decoders[source] = Decoder()
        start_ms = now_ms - len(chunk) * BYTE_MS
        if start_ms - self._ends.get(source, -1000000) > 2 * BYTE_MS:
            self._starts[source] = start_ms
            if source == "master":
                self._note_start(start_ms)
        self._ends[source] = now_ms
        if source != "master":
            self._judge_overlap(start_ms)
            if start_ms - self._busy_until > 2 * BYTE_MS:
                self._busy_from = start_ms
            self._busy_until = max(self._busy_until, now_ms)
        for body in decoder.feed(chunk, now_ms):
            frame = Frame(now_ms, self._starts[source], source, body)
            self.frames.append(frame)
            if len(self.frames) > self.keep:
                self.frames = self.frames[self.keep // 10 + 1 :]
            if source == "master":
                self._judge_master(frame)
            elif source != "other":
                self._note_slave(frame)

    def report(self, now_ms=None):
        """All violations so far as sentences; with `now_ms` also heartbeats overdue by then."""
        overdue = []
        if now_ms is not None:
            for id in self.slaves:
                sentence = self.slaves[id].gap(now_ms, self.max_gap_s * 1000)
                if sentence:
                    overdue.append(sentence)
        return self._violations + overdue

    def heartbeats_to(self, id):
        """Frames of the master's heartbeats to this slave."""
        return [f for f in self.frames if f.function == 0xFBE0 and f.receiver == id]

    def answers_from(self, id):
        """Frames of this slave's heartbeats."""
        return [f for f in self.frames if f.function == 0xFDE0 and f.sender == id]

    def limits_sent(self, id):
        """Limits sent to this slave as (ms, amps), each run of equal ones once."""
        limits = []
        for frame in self.heartbeats_to(id):
            if frame.command in (0x05, 0x09) and not (limits and limits[-1][1] == frame.amps):
                limits.append((frame.ms, frame.amps))
        return limits

    def claims(self, now_ms):
        """{id: amperes} that each slave has to be counted with now."""
        claims = {}
        for id in self.slaves:
            amps = self.slaves[id].claim(now_ms)
            if amps:
                claims[id] = amps
        return claims

    def _blame(self, now_ms, sentence):
        if len(self._violations) < 1000:
            self._violations.append(f"{now_ms / 1000:.3f} s: {sentence}")

    def _slave(self, id):
        if id not in self.slaves:
            self.slaves[id] = Slave(id)
        return self.slaves[id]

    def _note_start(self, start_ms):
        self._interruption = None
        if self._busy_until >= start_ms - 2 * BYTE_MS:
            into_ms = start_ms - self._busy_from
            if self.grace_ms < into_ms < PATIENCE_MS:
                self._interruption = (start_ms, into_ms)

    def _judge_overlap(self, start_ms):
        # Only a byte that follows tells that the other was not just at its end.
        if self._interruption and start_ms - self._busy_until < 2 * BYTE_MS:
            at_ms, into_ms = self._interruption
            self._blame(
                at_ms,
                f"the master began to send {into_ms:.0f} ms into what another was sending",
            )
        self._interruption = None

    def _judge_master(self, frame):
        function = frame.function
        if function in FORBIDDEN:
            self._blame(frame.ms, f"{function:04X} was sent: {FORBIDDEN[function]}")
        elif function not in MASTER_MAY_SEND:
            self._blame(frame.ms, f"{function:04X} was sent: a master has no such message")
        elif function == 0xFCE1:
            for slave in self.slaves.values():
                slave.forget()
        elif function == 0xFBE0 and len(frame.body) in (13, 15):
            self._judge_heartbeat(frame, self._slave(frame.receiver))
        elif function == 0xFBE0:
            self._blame(frame.ms, f"a heartbeat of {len(frame.body) + 1} bytes, not 14 or 16")

    def _judge_heartbeat(self, frame, slave):
        sentence = slave.gap(frame.ms, self.max_gap_s * 1000)
        if sentence:
            self._violations.append(sentence)
        claim = slave.claim(frame.ms)
        slave.heartbeat_ms = frame.ms
        command = frame.command
        if command == 0x02:
            self._blame(frame.ms, f"command 02 was sent to {slave.id}: it stops until a reset")
        elif command == 0x00 and slave.limit == 0:
            self._blame(frame.ms, f"00 was sent to {slave.id} at 0 A: its relay clicks")
        elif command in (0x05, 0x09):
            self._judge_limit(frame.ms, slave, frame.amps, claim)
        elif command == 0x06 and slave.limit:
            self._judge_limit(frame.ms, slave, slave.limit + 2, claim)

    def _judge_limit(self, now_ms, slave, amps, claim):
        self._judge_amps(now_ms, slave, amps)
        if slave.limit is not None and amps > slave.limit:
            rested_ms = now_ms - slave.changed_ms
            if rested_ms < self.raise_after_s * 1000 - self.slack_ms:
                self._blame(
                    now_ms,
                    f"{slave.id} was raised from {slave.limit:g} to {amps:g} A "
                    f"{rested_ms / 1000:.1f} s after its last change",
                )
        if amps != slave.limit:
            slave.stopped_while_on = amps == 0 and slave.on
            slave.changed_ms = now_ms
        slave.limit = amps
        if not slave.sent or slave.sent[-1] != amps:
            slave.sent.append(amps)
        if self.wires_amps is not None and slave.claim(now_ms) > claim:
            claims = self.claims(now_ms)
            total = sum(claims.values())
            if total > self.wires_amps + 0.005:
                each = ", ".join([f"{id} {claims[id]:g}" for id in sorted(claims)])
                self._blame(
                    now_ms,
                    f"{amps:g} A for {slave.id} makes {total:g} A on wires for "
                    f"{self.wires_amps:g} A ({each})",
                )

    def _judge_amps(self, now_ms, slave, amps):
        minimum = self.min_amps.get(slave.id, 6 if slave.protocol == 2 else 5)
        if 0 < amps < minimum:
            self._blame(now_ms, f"{amps:g} A for {slave.id} is below its minimum of {minimum:g} A")
        for maximum, whose in (
            (slave.rating, "it is built for"),
            (self.max_amps.get(slave.id), "was configured"),
        ):
            if maximum is not None and amps > maximum:
                self._blame(now_ms, f"{amps:g} A for {slave.id}, but {maximum:g} A {whose}")

    def _note_slave(self, frame):
        if frame.function == 0xFDE2:
            slave = self._slave(frame.sender)
            slave.rating = read_amps(frame.body[5:7])
            slave.protocol = 1 if len(frame.body) == 13 else 2
        elif frame.function == 0xFDE0:
            slave = self._slave(frame.sender)
            slave.protocol = 1 if len(frame.body) == 13 else 2
            slave.answered(frame)
            self._judge_relay(frame, slave)

    def _judge_relay(self, frame, slave):
        now_ms = frame.ms
        if not slave.on and frame.draw_amps >= self.on_amps:
            off_ms = None if slave.off_ms is None else now_ms - slave.off_ms
            if slave.off_by_master and self._too_short(off_ms, self.min_off_s):
                self._blame(now_ms, f"{slave.id} was off for only {off_ms / 1000:.1f} s")
            slave.on = True
            slave.on_ms = now_ms
        elif slave.on and frame.draw_amps < self.off_amps:
            on_ms = now_ms - slave.on_ms
            slave.off_by_master = slave.stopped_while_on
            if slave.off_by_master and self._too_short(on_ms, self.min_on_s):
                self._blame(now_ms, f"{slave.id} was on for only {on_ms / 1000:.1f} s")
            slave.on = False
            slave.off_ms = now_ms

    def _too_short(self, lasted_ms, least_s):
        if least_s is None or lasted_ms is None:
            return False
        return lasted_ms < least_s * 1000 - self.slack_ms

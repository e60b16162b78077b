"""Listens to the whole line and tells what a master must never do. Pure, MicroPython too.

Knows the rules from the protocol description alone, and judges only what was on the wires.
"""

from simulator.budget import Budget, wires
from simulator.claims import Frame, Slave
from simulator.manners import CONTACTORS, OLD_QUESTIONS, QUESTIONS, Manners
from simulator.relays import Relays
from simulator.wire import Decoder, read_amps

FORBIDDEN = {
    0xFC19: "it writes the unit's one-time memory",
    0xFC1A: "it writes the unit's one-time memory",
    0xFBE8: "it crashes the unit",
}
# A heartbeat, a master's link ready, and what a master alone says.
MASTER_MAY_SEND = (0xFCE1, 0xFBE2, 0xFBE0, 0xFC1D) + QUESTIONS + OLD_QUESTIONS + CONTACTORS
MOST_SLAVES = 3
# A master may talk into a line that did not fall quiet for this long.
PATIENCE_MS = 40
BYTE_MS = 1.042


class Referee:
    """`hear` everything, then ask for the `report`.

    wires_amps: what all may draw together on each phase; None: not judged; `change_limit` while
    it runs. phases: {"2433": 1}: on which ones some hang, bits 1, 2 and 4 for L1, L2 and L3; all
    others on all three.
    max_amps: {"2433": 16} for what was configured for a unit; its own rating is heard on the
    line. min_amps: the same for its minimum, else 5 or 6 by its protocol.
    max_gap_s: between two heartbeats to a linked slave. raise_after_s: rest after a change
    before a raise. min_on_s, min_off_s, on_amps, off_amps, starts_per_hour: see relays.Relays.
    take_s, over_s, stop_s, settle_s: see budget.Budget; None: not judged. contactors: ids whose
    contactors the master may command.
    slack_ms: what any of these times may be missed by; question_slack_ms: those around questions.
    grace_ms: a slave may have been sending for this long when the master starts, since it cannot
    have known. keep: frames to remember.
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
        starts_per_hour=12,
        on_amps=2.0,
        off_amps=1.0,
        take_s=5,
        over_s=10,
        stop_s=30,
        settle_s=30,
        contactors=(),
        phases=None,
        slack_ms=200,
        question_slack_ms=40,
        grace_ms=8,
        keep=100000,
    ):
        self.max_amps = max_amps or {}
        self.min_amps = min_amps or {}
        self.phases = phases or {}
        self.max_gap_s = max_gap_s
        self.raise_after_s = raise_after_s
        self.slack_ms = slack_ms
        self.grace_ms = grace_ms
        self.keep = keep
        self.frames = []
        self.slaves = {}
        self.master_id = None
        blame = self._blame
        self._budget = Budget(
            wires_amps, wires(self.phases), take_s, over_s, stop_s, settle_s, slack_ms, blame
        )
        self._manners = Manners(contactors, slack_ms, question_slack_ms, blame)
        self._relays = Relays(
            min_on_s, min_off_s, on_amps, off_amps, starts_per_hour, slack_ms, blame
        )
        self._violations = []
        self._decoders = {}
        self._starts = {}
        self._ends = {}
        self._busy_from = None
        self._busy_until = -1000000
        self._interruption = None

    @property
    def wires_amps(self):
        """The limit in force."""
        return self._budget.limit_amps

    def change_limit(self, amps, now_ms):
        """From `now_ms` on all together may draw so much on each phase: every slave's next
        heartbeat has to bring the sum of the limits under it, however early that stops one."""
        self._budget.change(amps, self.slaves, now_ms)
        if self._budget.excess():
            self.safety(now_ms)

    def person(self, now_ms):
        """A person asks for Off, Fast or a boost: each relay's next switch needs 60 s before."""
        self._relays.person(now_ms)

    def safety(self, now_ms):
        """The grid guard cuts what cars draw: a stop that leaves within a minute may be early."""
        self._relays.safety(now_ms)

    def power_cut(self):
        """The master has lost its power, and with it what it knew of a second master."""
        self._manners.began_anew()

    def second_master(self, now_ms):
        """Whether the line has told of a second master, heard within the last 60 s."""
        return self._manners.second_master(now_ms)

    def hear(self, chunk, now_ms, source):
        """Bytes of one source, the last of which ended at `now_ms`.

        source: "master", the id of a connector (or of a second master), or "other".
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
            else:
                self._note_other(frame)

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
        claims = {id: self.slaves[id].claim(now_ms) for id in self.slaves}
        return {id: claims[id] for id in claims if claims[id]}

    def _blame(self, now_ms, sentence):
        if len(self._violations) < 1000:
            self._violations.append(f"{now_ms / 1000:.3f} s: {sentence}")

    def _slave(self, id):
        if id not in self.slaves:
            self.slaves[id] = Slave(id, self.phases.get(id, 7))
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
            self.master_id = frame.sender
            self._manners.announced(frame, self.slaves)
            for slave in self.slaves.values():
                slave.forget()
                slave.began_ms = frame.ms
        elif function == 0xFBE0 and len(frame.body) in (13, 15):
            self.master_id = frame.sender
            self._judge_heartbeat(frame, self._slave(frame.receiver))
        elif function == 0xFBE0:
            self._blame(frame.ms, f"a heartbeat of {len(frame.body) + 1} bytes, not 14 or 16")
        elif function in CONTACTORS:
            self._manners.commanded(frame)
        elif function in QUESTIONS or function in OLD_QUESTIONS:
            self._manners.asked(frame, self.slaves)
        self._manners.master_spoke(frame)

    def _judge_heartbeat(self, frame, slave):
        sentence = slave.gap(frame.ms, self.max_gap_s * 1000)
        if sentence:
            self._violations.append(sentence)
        self._manners.heartbeat(frame, slave)
        self._judge_company(frame)
        claim = slave.claim(frame.ms)
        slave.silence_ends(frame.ms)
        slave.heartbeat_ms = frame.ms
        slave.beat_ms = frame.start_ms
        command = frame.command
        if command == 0x02:
            self._blame(frame.ms, f"command 02 was sent to {slave.id}: it stops until a reset")
        elif command == 0x00 and slave.limit == 0:
            self._blame(frame.ms, f"00 was sent to {slave.id} at 0 A: its relay clicks")
        elif command in (0x05, 0x09):
            self._judge_limit(frame.ms, slave, frame.amps, claim)
        elif command == 0x06 and slave.limit:
            self._judge_limit(frame.ms, slave, slave.limit + 2, claim)
        self._budget.sent(self.slaves, slave, frame.ms)

    def _judge_company(self, frame):
        if frame.receiver == frame.sender:
            self._blame(frame.ms, f"a heartbeat was sent to {frame.receiver}, the master's own id")
        company = [frame.receiver]
        for slave in self.slaves.values():
            beat_ms = slave.heartbeat_ms
            if slave.id != frame.receiver and beat_ms is not None and frame.ms - beat_ms < 1500:
                company.append(slave.id)
        if len(company) > MOST_SLAVES:
            names = ", ".join(sorted(company))
            self._blame(frame.ms, f"{len(company)} slaves get heartbeats: {names}")

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
        # A car that was found charging may go on with what it has.
        if amps > (slave.limit or 0) and (slave.limit is not None or amps > (slave.taken or 0)):
            self._manners.raised(slave, amps, now_ms)
            self._budget.raised(self.slaves, slave, amps, now_ms)
        slave.gave(amps, now_ms)
        if self.wires_amps is not None and slave.claim(now_ms) > claim:
            self._budget.judge_claims(self.slaves, slave, amps, now_ms)

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

    def _note_other(self, frame):
        self._manners.other_spoke(frame, self.master_id)
        if frame.source == "other" or len(frame.body) not in (13, 15):
            return
        if frame.function == 0xFDE2:
            slave = self._slave(frame.sender)
            slave.rating = read_amps(frame.body[5:7])
            slave.protocol = 1 if len(frame.body) == 13 else 2
        elif frame.function == 0xFDE0 and self._to_master(frame):
            slave = self._slave(frame.sender)
            slave.protocol = 1 if len(frame.body) == 13 else 2
            slave.answered(frame)
            self._budget.heard(self.slaves, slave, frame.ms)
            self._relays.heard(slave, frame.ms)

    def _to_master(self, frame):
        return self.master_id is None or frame.receiver == self.master_id

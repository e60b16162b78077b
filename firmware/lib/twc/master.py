"""The master's part on the bus: which slaves are linked, and what to say next.

Source: "Linking", "Heartbeat commands" and "Timing on the line" of the protocol notes; the
numbers in comments below are theirs. The master proposes frames; what a limit may be at most it
asks the gate (charging/limits.py), which also has the last word on each frame in bus.py.
"""

from micropython import const

from twc import message
from twc.lookout import Lookout
from twc.slave import Slave

_MOST_SLAVES = const(3)

_ROUND_MS = const(1000)  # each slave gets a heartbeat a second
_REPLY_MS = const(150)  # an answer comes within 10-100 ms: wait this long for it
_LINK_READY_COUNT = const(5)  # of each kind (Linking 1)
_LINK_READY_GAP_MS = const(120)  # at least 0.1 s apart
_LOST_AFTER_MS = const(26000)  # Linking 6
_MINIMUM_AFTER_MS = const(5000)  # a silent slave is offered its minimum from then on
_RAISE_PAUSE_MS = const(5000)  # a raise waits this long after the slave's last change
_AGAIN_PAUSE_MS = const(20000)  # between two words about slaves that answer again
_LONG_FORM_AFTER = const(3)  # unanswered short heartbeats, then nine data bytes for protocol 1
_DRAWING_CA = const(100)  # from 1 A on a car draws; below it may be calibration
_MOST_RESTED = const(6)
_SHORTEST_BODY = const(12)  # no frame has less without its checksum

# A wish that is not renewed is no wish: if the decisions fall silent, no car gets more than
# its minimum.
_WISH_GOOD_MS = const(10000)


class Master:
    """Link state of up to three slaves and the next frame to send.

    `gate`: a charging.limits.Gate. `minimum_amps(id, protocol)`: the least a unit is offered.
    `known`: {id: {"rating_ca": …, "protocol": …, "first_amps": …}} of the slaves linked before a
    restart (first_amps: see Slave); they get heartbeats at once. `tell(level, sentence)`: for
    the journal. `on_other(body, now_ms)`: may be set, for what is no link ready and no heartbeat.
    """

    def __init__(self, own_id, gate, minimum_amps, known, tell, now_ms):
        self.own_id = own_id
        self.slaves = []
        self.lookout = Lookout(own_id, tell, now_ms)
        self.on_other = None
        self.last_gap_ms = 0  # between the last heartbeat and the one before to the same slave
        self._gate = gate
        self._minimum_amps = minimum_amps
        self._tell = tell
        self._base_ms = now_ms
        self._busy_until_ms = now_ms
        self._again_ms = now_ms - _AGAIN_PAUSE_MS
        self._link_ready_left = 2 * _LINK_READY_COUNT
        self._link_ready_ms = now_ms
        self._rested = []  # ids of slaves that were at 0 A when they were dropped
        self._relief_ca = [0, 0, 0]  # made once: it is filled for each heartbeat
        for slave_id in sorted(known)[:_MOST_SLAVES]:
            unit = known[slave_id]
            self._add(slave_id, unit["rating_ca"], unit["protocol"], unit["first_amps"], now_ms)

    # What bus.py calls.

    def wait_ms(self, now_ms):
        """How long until there is something to send, in ms; 0: now. At most a second."""
        due_ms = now_ms + _ROUND_MS
        if self._link_ready_left:
            due_ms = self._link_ready_ms
        for slave in self.slaves:
            due_ms = min(due_ms, slave.due_ms)
        return max(0, max(due_ms, self._busy_until_ms) - now_ms)

    def free_ms(self, now_ms):
        """How long nothing is due and no answer is awaited, in ms; 0: the bus is busy."""
        return 0 if now_ms < self._busy_until_ms else self.wait_ms(now_ms)

    def next(self, now_ms):
        """The body to send now, or None. Slaves that are silent for too long are dropped
        here."""
        if now_ms < self._busy_until_ms:
            return None
        overdue = None
        for slave in list(self.slaves):
            since = slave.linked_ms if slave.heard_ms is None else slave.heard_ms
            if slave.missed and now_ms - since >= _LOST_AFTER_MS:
                self.slaves.remove(slave)
                self._note_rest(slave)
                self._tell(
                    "warning",
                    f"{slave.id} lost: no answer for {_LOST_AFTER_MS // 1000} s. "
                    "Check its power and the two wires; it links again by itself.",
                )
            elif slave.due_ms <= now_ms and (overdue is None or slave.due_ms < overdue.due_ms):
                overdue = slave
        if overdue is not None:
            return self._heartbeat(overdue, now_ms)
        if self._link_ready_left and now_ms >= self._link_ready_ms:
            which = 1 if self._link_ready_left > _LINK_READY_COUNT else 2
            self._link_ready_left -= 1
            self._link_ready_ms = now_ms + _LINK_READY_GAP_MS
            return message.link_ready(which, self.own_id, 0x77)
        return None

    def without_limit(self, body):
        """The heartbeat of `body` as "no change": what goes out if the gate refuses it."""
        return message.heartbeat(
            self.own_id, message.id_text(body, 4), message.NO_CHANGE, 0, len(body) > 13
        )

    def asked(self, now_ms):
        """A question leaves now: the line is left to its answer."""
        self._busy_until_ms = now_ms + _REPLY_MS

    def heard(self, body, now_ms):
        """Takes a body that arrived; returns whether it was our own echo."""
        if len(body) < _SHORTEST_BODY:
            return False
        if self.lookout.is_echo(body, now_ms):
            return True
        if self.lookout.second_master(now_ms):
            self._gate.hold_raises(self.lookout.free_from_ms())
        fields = message.decode(body)
        if fields is None:
            if self.on_other:
                self.on_other(body, now_ms)
            return False
        kind = fields["type"]
        if kind == "slave_link_ready":
            if fields["sender"] == self.own_id:
                self._clash(now_ms)
            else:
                self._link(fields, now_ms)
        elif kind == "slave_heartbeat" and fields["receiver"] == self.own_id:
            slave = self.find(fields["sender"])
            if slave is not None:
                self._answer(slave, fields, now_ms)
        return False

    # What the decisions call.

    def find(self, slave_id):
        """The linked slave with this id, or None."""
        for slave in self.slaves:
            if slave.id == slave_id:
                return slave
        return None

    def wish(self, slave_id, amps, now_ms):
        """What the decisions want a slave to be offered: whole amperes, 0 to stop. Has to be
        renewed every second."""
        slave = self.find(slave_id)
        if slave is not None:
            slave.wish_amps = amps
            slave.wish_ms = now_ms

    def relink(self, now_ms):
        """Sends the ten link ready frames again, as at the start: who is not linked calls
        ("Linking" 2). Nobody is dropped. False if they are being sent just now."""
        if self._link_ready_left:
            return False
        self._link_ready_left = 2 * _LINK_READY_COUNT
        self._link_ready_ms = now_ms
        return True

    def faults(self):
        """What slaves do that they must not, as sentences."""
        return [slave.fault_sentence() for slave in self.slaves if slave.fault]

    # Linking.

    def _note_rest(self, slave):
        if slave.id in self._rested:
            self._rested.remove(slave.id)
        rests = slave.offer_amps == 0
        if slave.offer_amps is None:  # it was not told anything yet
            rests = slave.first_amps == 0 if slave.heard_ms is None else slave.echo_ca == 0
        if rests:
            self._rested = self._rested[1 - _MOST_RESTED :] + [slave.id]

    def _clash(self, now_ms):
        if self.relink(now_ms):
            self._tell(
                "warning",
                f"A wall connector has the same id as this master, {self.own_id}: asked all to "
                "choose again. If it stays, set bus.id in config.json to another one.",
            )

    def _link(self, fields, now_ms):
        slave_id = fields["sender"]
        slave = self.find(slave_id)
        if slave is not None:
            self.slaves.remove(slave)  # it has lost us, or was reset: start again with it
            self._note_rest(slave)
        elif len(self.slaves) >= _MOST_SLAVES:
            self.lookout.refused(slave_id, self.slaves, now_ms)
            return
        else:
            self.lookout.appeared(fields, self.slaves, now_ms)
        self._gate.linked(fields, now_ms)
        # "No change" to a slave that is at 0 A would make its relay click.
        first_amps = 0 if slave_id in self._rested else None
        self._add(slave_id, fields["max_ca"], fields["protocol"], first_amps, now_ms)
        self._tell(
            "info",
            f"{slave_id} linked: protocol {fields['protocol']}, {fields['max_ca'] / 100:.0f} A",
        )

    def _add(self, slave_id, rating_ca, protocol, first_amps, now_ms):
        least = self._minimum_amps(slave_id, protocol)
        self.slaves.append(Slave(slave_id, rating_ca, protocol, least, first_amps, now_ms))

    # Heartbeats.

    def _heartbeat(self, slave, now_ms):
        if slave.waiting:
            slave.miss()
        slave.waiting = True
        self.last_gap_ms = 0 if slave.sent_ms is None else now_ms - slave.sent_ms
        slave.sent_ms = now_ms
        self._busy_until_ms = now_ms + _REPLY_MS
        # Heartbeats of several slaves are spread evenly over the second, on a fixed grid, so
        # that lateness never adds up; when the slaves change, one gap is 0.2 to 1.2 s.
        offset_ms = self.slaves.index(slave) * _ROUND_MS // len(self.slaves)
        earliest_ms = now_ms + _ROUND_MS // 5
        into_ms = (earliest_ms - self._base_ms - offset_ms) % _ROUND_MS
        slave.due_ms = earliest_ms + (_ROUND_MS - into_ms) % _ROUND_MS
        limit = message.LIMIT_1 if slave.protocol == 1 else message.LIMIT_2
        command = message.NO_CHANGE
        amps = 0
        if slave.heard_ms is None:
            # What a slave does decides: until it has answered nothing is raised.
            if slave.first_amps is not None:
                command = limit
                amps = min(slave.first_amps, self._ceiling(slave, now_ms))
                amps = amps if amps == slave.first_amps else 0
                slave.offer_amps = amps
                slave.changed_ms = now_ms
        else:
            amps = self._offer(slave, now_ms)
            if amps != slave.offer_amps:
                slave.offer_amps = amps
                slave.changed_ms = now_ms
                slave.taken = False
            # 0 A goes out with every heartbeat: with "no change" in between the slave flips
            # between two states each second, and its relay clicks itself to death.
            if not amps or not slave.taken:
                command = limit
        if slave.missed >= _LONG_FORM_AFTER:
            slave.long = True  # and it stays so, if that is what is answered
        limit_ca = amps * 100 if command else 0
        return message.heartbeat(self.own_id, slave.id, command, limit_ca, slave.long)

    def _wanted(self, slave, now_ms):
        """What the decisions want for a slave, as far as the age of the wish and the link
        allow."""
        amps = slave.wish_amps
        stale = now_ms - slave.wish_ms >= _WISH_GOOD_MS
        if stale or now_ms - slave.heard_ms >= _MINIMUM_AFTER_MS:
            amps = min(amps, slave.minimum_amps)
        return amps

    def _ceiling(self, slave, now_ms):
        """The gate's ceiling for a slave, knowing what the others on each phase will be told
        within the second: else the first one of them would give way for all."""
        relief_ca = self._relief_ca
        relief_ca[0] = relief_ca[1] = relief_ca[2] = 0
        for other in self.slaves:
            if other is slave or not other.offer_amps or other.heard_ms is None:
                continue
            # What does not follow now is not counted upon.
            follows = not other.missed and not other.fault
            if follows and other.echo_ca // 100 <= other.offer_amps:
                less_ca = max(0, other.offer_amps - self._wanted(other, now_ms)) * 100
                claim = self._gate.claims.get(other.id)
                for n in range(3):
                    if claim and claim.phases >> n & 1:
                        relief_ca[n] += less_ca
        return self._gate.ceiling_amps(slave.id, relief_ca, now_ms)

    def _offer(self, slave, now_ms):
        """The limit for a slave now, in whole amperes: what is wanted, as far as the gate
        allows."""
        amps = self._wanted(slave, now_ms)
        has = slave.offer_amps or 0
        if amps > has:
            recent = slave.changed_ms is not None and now_ms - slave.changed_ms < _RAISE_PAUSE_MS
            if recent or slave.missed:
                amps = has
        amps = min(amps, self._ceiling(slave, now_ms))
        if amps >= slave.minimum_amps:
            return amps
        # A car that was found charging below its configured minimum keeps what it has until
        # it may be raised.
        keep = slave.wish_amps and message.lowest_amps(slave.protocol) <= has <= amps
        return has if keep else 0

    def _answer(self, slave, fields, now_ms):
        first = slave.heard_ms is None
        before = slave.state
        self._gate.heard(fields, now_ms)
        if slave.missed * _ROUND_MS >= _MINIMUM_AFTER_MS:
            if now_ms - self._again_ms >= _AGAIN_PAUSE_MS:
                self._again_ms = now_ms
                self._tell("info", f"{slave.id} answers again after {slave.missed} heartbeats")
        slave.hear(fields, now_ms)
        self._busy_until_ms = now_ms
        self._watch_draw(slave, now_ms)
        if first:
            # A slave that draws goes on with no more than its minimum until the decisions
            # have spoken; any other gets 0 A.
            drawing = slave.draw_ca >= _DRAWING_CA
            if drawing and slave.offer_amps is None:
                slave.offer_amps = min(slave.echo_ca, slave.rating_ca) // 100
            if slave.wish_amps is None:
                slave.wish_amps = min(slave.minimum_amps, slave.offer_amps) if drawing else 0
                slave.wish_ms = now_ms
        if slave.offer_amps is not None:
            slave.taken = slave.echo_ca == slave.offer_amps * 100
        asks = slave.state == message.WANTS_LIMIT or slave.state == message.STARTING
        if before != slave.state and (before == message.READY or asks):
            # A car plugged in just now, or one that asks: say the limit once more.
            slave.taken = False

    def _watch_draw(self, slave, now_ms):
        before = slave.fault
        slave.fault = self._gate.fault(slave.id, now_ms)
        if slave.fault > before:
            self._tell("warning", slave.fault_sentence())
        elif before and not slave.fault:
            self._tell("info", f"{slave.id} is within its limit again")

"""The gate: the last thing that a frame passes before its bytes leave.

The statement, for every heartbeat that carries a limit of L amperes to a slave s:

    L is 0, or whole, at least the protocol's minimum, at most what configuration and unit allow
    for s; and if L is more than s was given before, then
        on each phase of s,
            L + sum of the claims of all other slaves on that phase <= the limit in force (at
            most wires.max_amps, which every phase can carry),
            no other slave has a reduction under way,
            40 s have passed since the start, or all that was known there has answered;
        s has not drawn more than it may; and no second master was heard in the last 60 s.

The phases of a slave: the one that the configuration names for it, else all three. So where
none is named, each slave counts with each other one.

A slave's claim is the largest of: the last limit it took, every limit sent since, and what it
last drew ("Linking" 6 of the protocol notes). A slave that we have not heard since we linked it
claims its maximum. A silent slave keeps its claim until 60 s after our last heartbeat to it.

What has to give way when the limit in force falls, or when a slave does not follow, is
`ceiling_amps`; the master asks it before each heartbeat.

Only bus.py sends, and it sends nothing that `refusal` has a sentence against. The gate keeps
its own books (claims.py) from the frames themselves, so a mistake in the decisions or in the
master cannot fool it.
"""

from micropython import const

from charging.claims import Claim
from twc import message

# Our last heartbeat keeps a slave's car alive for 20-30 s, and a slave that we do not hear may
# hear us: its claim is kept this long after the last heartbeat to it.
_SILENT_CLAIM_MS = const(60000)

# After a start the line may have slaves on it that still follow an earlier master: they speak
# up, or stop their cars, within 10 s to 30 s.
_OPENS_AFTER_MS = const(40000)

# All that a master needs to say; anything else stays in the house. First what has no ids in it,
# then what is asked of one slave (by the second byte, after FB), then the contactors.
_LINK_READY = (message.MASTER_LINK_READY_1, message.MASTER_LINK_READY_2)
_OLD_QUESTIONS = (0xFB19, 0xFB1A, 0xFB1B)
_QUESTIONS = (0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)
_CONTACTORS = (message.CLOSE_CONTACTORS, message.OPEN_CONTACTORS)
_SHORT_BODY = const(13)
_LONG_BODY = const(15)
_LIMITS = (message.LIMIT_1, message.LIMIT_2)


class Gate:
    """Keeps the claims of all slaves and refuses frames that the wires do not allow.

    `wires_amps`: what all slaves together may draw on each phase. `units`: what the configuration
    says of each (units.Units: max_amps, phases_mask, contactors). `known`: {id: (rating in 0.01 A,
    what it may be told before it has answered, in 0.01 A)} of the slaves that were linked before
    a restart.

    `limit_amps` is the limit in force on each phase, whole amperes: lower it at any time, from
    outside.
    """

    def __init__(self, wires_amps, units, known, now_ms):
        self.wires_amps = wires_amps
        self.limit_amps = wires_amps
        self._units = units
        self._opens_ms = now_ms + _OPENS_AFTER_MS
        self._held_until_ms = now_ms
        self._unheard = set(known)
        self._heard_phases = 0  # of those that were known and have answered
        self.claims = {}
        for slave_id in known:
            rating_ca, start_ca = known[slave_id]
            phases = units.phases_mask(slave_id)
            self.claims[slave_id] = Claim(rating_ca, now_ms, start_ca, phases)

    def opens_in_ms(self, now_ms):
        """How long not everything may be raised yet, in ms; 0 when all that was known has
        answered and no second master is about."""
        return max(0, self._opens_ms - now_ms, self._held_until_ms - now_ms)

    def hold_raises(self, until_ms):
        """Nothing is raised before `until_ms`: there is a second master on the line."""
        self._held_until_ms = until_ms

    def maximum_amps(self, slave_id):
        """What configuration, wires and the unit itself allow for one slave, whole amperes."""
        most = min(self._in_force_amps(), self._units.max_amps(slave_id))
        claim = self.claims.get(slave_id)
        if claim is not None:
            most = min(most, claim.rating_ca // 100)
        return most

    def ceiling_amps(self, slave_id, relief_ca, now_ms):
        """The highest limit that may be sent to a slave now, whole amperes: what it has may
        stay, more must fit beside the claims of the others, and where the limit in force fell
        or another one does not follow, it has to give way.

        `relief_ca`: how much less the others on each phase will be told with their own next
        heartbeats, three numbers; or 0.
        """
        self._expire(now_ms)
        claim = self.claims.get(slave_id)
        if claim is None or claim.barred(now_ms):
            return 0
        most = self.maximum_amps(slave_id)
        has_ca = claim.has_ca()
        room_ca = self._room_ca(slave_id, claim.phases)
        if room_ca > has_ca and not self._raise_refusal(slave_id, now_ms):
            return min(most, room_ca // 100)
        give_way_ca = self._room_ca(slave_id, claim.phases, now_ms, relief_ca)
        return max(0, min(most, has_ca // 100, give_way_ca // 100))

    def fault(self, slave_id, now_ms):
        """0; 1: a slave draws more than it may, and the others give way; 2: it gets nothing
        any more."""
        claim = self.claims.get(slave_id)
        if claim is None:
            return 0
        return 2 if claim.barred(now_ms) else 1 if claim.over(now_ms) else 0

    def linked(self, fields, now_ms):
        """Opens the books of a slave that is being linked: decoded fields of its link ready.
        Whatever it was given before, it may have forgotten: it claims its maximum, and no less
        than it did, until it answers."""
        slave_id = fields["sender"]
        claim = Claim(fields["max_ca"], now_ms, 0, self._units.phases_mask(slave_id))
        before = self.claims.get(slave_id)
        if before is not None:
            claim.taken_ca = before.ca()
            claim.barred_ms = before.barred_ms
        claim.protocol = fields["protocol"]
        self.claims[slave_id] = claim

    def heard(self, fields, now_ms):
        """Books what a slave answered: decoded fields of its heartbeat."""
        slave_id = fields["sender"]
        claim = self.claims.get(slave_id)
        if claim is None:
            return  # not one of ours: linking books it first
        claim.answered(fields, now_ms)
        if slave_id in self._unheard:
            self._unheard.discard(slave_id)
            self._heard_phases |= claim.phases
            if not self._unheard:
                self._opens_ms = now_ms

    def refusal(self, body, now_ms):
        """Why the frame with this body must not leave, as a sentence, or None: then it is
        booked as sent, and has to be."""
        self._expire(now_ms)
        if len(body) != _SHORT_BODY and len(body) != _LONG_BODY:
            return "a frame of a wrong length"
        code = message.function(body)
        if code == message.MASTER_HEARTBEAT:
            return self._heartbeat_refusal(message.decode(body), now_ms)
        if len(body) == _SHORT_BODY:
            allowed = code in _LINK_READY or code in _OLD_QUESTIONS and not any(body[2:])
        elif code in _CONTACTORS:
            allowed = self._units.contactors(message.id_text(body, 4))
        else:
            allowed = code in _QUESTIONS
        return None if allowed else f"function {code:04X} is none that this program sends"

    def _heartbeat_refusal(self, fields, now_ms):
        slave_id = fields["receiver"]
        claim = self.claims.get(slave_id)
        if claim is None:
            return f"{slave_id} is not linked"
        if fields["command"] in _LIMITS:
            why = self._limit_refusal(slave_id, claim, fields["amps_ca"], now_ms)
            if why:
                return why
            claim.sent(fields["amps_ca"], now_ms)
        elif fields["command"] != message.NO_CHANGE or fields["amps_ca"]:
            return f"heartbeat command {fields['command']:02X} is none that this program sends"
        claim.heartbeat_ms = now_ms
        return None

    def _limit_refusal(self, slave_id, claim, limit_ca, now_ms):
        if limit_ca == 0:
            return None
        if limit_ca % 100 or limit_ca < message.lowest_amps(claim.protocol) * 100:
            return f"{limit_ca / 100:.2f} A for {slave_id} is no limit that a car can follow"
        most = self.maximum_amps(slave_id)
        if limit_ca > most * 100:
            return f"{limit_ca / 100:.0f} A for {slave_id}: at most {most} A are allowed"
        if claim.barred(now_ms):
            return f"{slave_id} drew more than it may: it gets 0 A"
        if limit_ca <= claim.has_ca():
            return None
        why = self._raise_refusal(slave_id, now_ms)
        if why:
            return f"{slave_id} may not be raised: {why}"
        room_ca = self._room_ca(slave_id, claim.phases)
        if limit_ca <= room_ca:
            return None
        full = 0
        for phase in (1, 2, 4):
            if claim.phases & phase and self._room_ca(slave_id, phase) < limit_ca:
                full |= phase
        where = f" on L{full - full // 4}" if full in (1, 2, 4) else ""
        in_force = self._in_force_amps()
        others = (in_force * 100 - room_ca) / 100
        return (
            f"{limit_ca / 100:.0f} A for {slave_id} and {others:.1f} A of the others{where} "
            f"are more than the limit in force, {in_force} A"
        )

    def _raise_refusal(self, slave_id, now_ms):
        """Why a slave is not raised now, beside the wires, or None."""
        phases = self.claims[slave_id].phases
        if now_ms < self._opens_ms and not self._opened(phases):
            return "the start is too recent"
        if now_ms < self._held_until_ms:
            return "a second master is on the line"
        for other_id in self.claims:
            claim = self.claims[other_id]
            if other_id == slave_id:
                if claim.over(now_ms):
                    return "it draws more than it may"
            elif claim.phases & phases and claim.falling(now_ms):
                return f"the reduction of {other_id} is still under way"
        return None

    def _opened(self, phases):
        """Whether somebody was known on these phases, and all of them have answered."""
        for known_id in self._unheard:
            if self._units.phases_mask(known_id) & phases:
                return False
        return self._heard_phases & phases != 0

    def _in_force_amps(self):
        return max(0, min(self.wires_amps, self.limit_amps))

    def _room_ca(self, slave_id, phases, held_ms=None, relief_ca=None):
        """What the claims of the others leave to a slave on the fullest of these phases; with
        `held_ms`, the time, what is left by all that it has to give way to."""
        least = None
        for n in range(3):
            if not phases >> n & 1:
                continue
            room = self._in_force_amps() * 100
            if relief_ca:
                room += relief_ca[n]
            for other_id in self.claims:
                other = self.claims[other_id]
                if other_id != slave_id and other.phases >> n & 1:
                    room -= other.ca() if held_ms is None else other.held_ca(held_ms)
            if least is None or room < least:
                least = room
        return least

    def _expire(self, now_ms):
        gone = None
        for slave_id in self.claims:
            if now_ms - self.claims[slave_id].heartbeat_ms >= _SILENT_CLAIM_MS:
                gone = slave_id
        if gone is not None:
            del self.claims[gone]
            self._unheard.discard(gone)
            self._expire(now_ms)

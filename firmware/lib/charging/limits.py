"""The gate: the last thing that a frame passes before its bytes leave.

The statement, for every heartbeat that carries a limit of L amperes to a slave s:

    L is 0, or whole, at least the protocol's minimum, at most what configuration and unit allow
    for s; and if L is more than s was given before, then
        L + sum of the claims of all other slaves <= wires.max_amps
    and nothing is raised in the first 40 s after a start.

A slave's claim is the largest of: the last limit it took, every limit sent since, and what it
last drew ("Linking" 6 of the protocol notes). A slave that we have not heard since we linked it
claims its maximum. A silent slave keeps its claim until 60 s after our last heartbeat to it.

Only bus.py sends, and it sends nothing that `refusal` has a sentence against. The gate keeps
its own books from the frames themselves, so a mistake in the decisions or in the master cannot
fool it.
"""

from micropython import const

from twc import message

# Our last heartbeat keeps a slave's car alive for 20-30 s, and a slave that we do not hear may
# hear us: its claim is kept this long after the last heartbeat to it.
_SILENT_CLAIM_MS = const(60000)

# After a start the line may have slaves on it that still follow an earlier master: they speak
# up, or stop their cars, within 10 s to 30 s.
_OPENS_AFTER_MS = const(40000)

# Units report 0.25 A or so when idle, and a draw may sit a little above the offer: less than
# this is no draw, and no more than this above its limit is no breach.
_TOLERANCE_CA = const(100)

# 0 A is taken when a slave showed it this often in a row (its echo shows 6.00 A then).
_ZERO_ANSWERS = const(3)
_ZERO_STATES = (message.READY, message.ERROR, message.PLUGGED_IN, message.WANTS_LIMIT)

# All that a master needs to say; anything else stays in the house.
_LINK_READY = (message.MASTER_LINK_READY_1, message.MASTER_LINK_READY_2)
_SHORTEST_BODY = const(13)
_LIMITS = (message.LIMIT_1, message.LIMIT_2)


class Claim:
    """What one slave may be drawing, from the frames to and from it. Currents in 0.01 A."""

    def __init__(self, rating_ca):
        self.rating_ca = rating_ca
        self.protocol = None
        self.heard = False  # since it was linked
        self.taken_ca = 0
        self.pending_ca = 0  # the largest limit sent since one was taken
        self.sent_ca = None  # the last limit sent
        self.draw_ca = 0
        self.heartbeat_ms = None  # our last heartbeat to it
        self.zeros = 0

    def ca(self):
        """The claim, in 0.01 A."""
        if not self.heard:
            return max(self.rating_ca, self.taken_ca, self.draw_ca)
        draw = self.draw_ca if self.draw_ca >= _TOLERANCE_CA else 0
        return max(self.taken_ca, self.pending_ca, draw)

    def breach_ca(self):
        """What the others have to give way to: the limits given, or a draw that is well above
        them. What a slave might draw that was never heard only keeps the others from rising."""
        limits = max(self.taken_ca, self.pending_ca)
        return self.draw_ca if self.draw_ca > limits + _TOLERANCE_CA else limits


class Gate:
    """Keeps the claims of all slaves and refuses frames that the wires do not allow.

    `wires_amps`: what all slaves together may draw. `max_amps(id)`: the configured maximum of a
    unit. `known`: {id: rating in 0.01 A} of the slaves that were linked before a restart.
    """

    def __init__(self, wires_amps, max_amps, known, now_ms):
        self.wires_amps = wires_amps
        self._max_amps = max_amps
        self._opens_ms = now_ms + _OPENS_AFTER_MS
        self._unheard = set(known)
        self.claims = {}
        for slave_id in known:
            claim = Claim(known[slave_id])
            claim.heartbeat_ms = now_ms
            self.claims[slave_id] = claim

    def opens_in_ms(self, now_ms):
        """How long nothing is raised yet, in ms; 0 when all that was known has answered."""
        return max(0, self._opens_ms - now_ms)

    def maximum_amps(self, slave_id):
        """What configuration, wires and the unit itself allow for one slave, whole amperes."""
        most = min(self.wires_amps, self._max_amps(slave_id))
        claim = self.claims.get(slave_id)
        if claim is not None:
            most = min(most, claim.rating_ca // 100)
        return most

    def ceiling_amps(self, slave_id, now_ms):
        """The highest limit that may be sent to a slave now, whole amperes: what it has may
        stay, more must fit beside the claims of the others, and where those broke their limits
        it has to give way."""
        self._expire(now_ms)
        claim = self.claims.get(slave_id)
        if claim is None:
            return 0
        most = self.maximum_amps(slave_id)
        has = self._has_ca(claim)
        room = self.wires_amps * 100 - self._others_ca(slave_id)
        if room > has and now_ms >= self._opens_ms:
            return min(most, room // 100)
        give_way = self.wires_amps * 100 - self._others_ca(slave_id, breaches=True)
        return max(0, min(most, has // 100, give_way // 100))

    def linked(self, fields, now_ms):
        """Opens the books of a slave that is being linked: decoded fields of its link ready.
        Whatever it was given before, it may have forgotten: it claims its maximum, and no less
        than it did, until it answers."""
        claim = Claim(fields["max_ca"])
        before = self.claims.get(fields["sender"])
        if before is not None:
            claim.taken_ca = before.ca()
        claim.protocol = fields["protocol"]
        claim.heartbeat_ms = now_ms
        self.claims[fields["sender"]] = claim

    def heard(self, fields, now_ms):
        """Books what a slave answered: decoded fields of its heartbeat."""
        slave_id = fields["sender"]
        claim = self.claims.get(slave_id)
        if claim is None:
            return  # not one of ours: linking books it first
        claim.draw_ca = fields["actual_ca"]
        if claim.protocol is None:
            claim.protocol = fields["protocol"]
        self._took(claim, fields)
        claim.heard = True
        if slave_id in self._unheard:
            self._unheard.discard(slave_id)
            if not self._unheard:
                self._opens_ms = now_ms

    def _took(self, claim, fields):
        if claim.sent_ca == 0:
            quiet = fields["state"] in _ZERO_STATES and claim.draw_ca < _TOLERANCE_CA
            claim.zeros = claim.zeros + 1 if quiet else 0
            if claim.zeros >= _ZERO_ANSWERS:
                claim.taken_ca = claim.pending_ca = 0
            elif not claim.heard:
                claim.taken_ca = min(fields["max_ca"], claim.rating_ca)
            return
        # It echoes anything: what it says above its rating, it can't draw.
        echo_ca = min(fields["max_ca"], claim.rating_ca)
        if claim.sent_ca is None:
            claim.taken_ca = echo_ca
        elif fields["max_ca"] == claim.sent_ca:
            claim.taken_ca = echo_ca
            claim.pending_ca = 0
        else:
            # An answer to something else: it frees nothing.
            claim.taken_ca = max(claim.taken_ca, echo_ca)

    def refusal(self, body, now_ms):
        """Why the frame with this body must not leave, as a sentence, or None: then it is
        booked as sent, and has to be."""
        self._expire(now_ms)
        if len(body) < _SHORTEST_BODY:
            return "a frame of a wrong length"
        code = message.function(body)
        if code in _LINK_READY and len(body) == _SHORTEST_BODY:
            return None
        if code != message.MASTER_HEARTBEAT:
            return f"function {code:04X} is none that this program sends"
        fields = message.decode(body)
        if fields is None:
            return "a heartbeat of a wrong length"
        slave_id = fields["receiver"]
        claim = self.claims.get(slave_id)
        if claim is None:
            return f"{slave_id} is not linked"
        if fields["command"] in _LIMITS:
            why = self._limit_refusal(slave_id, claim, fields["amps_ca"], now_ms)
            if why:
                return why
            if fields["amps_ca"] != claim.sent_ca:
                claim.zeros = 0
            claim.sent_ca = fields["amps_ca"]
            claim.pending_ca = max(claim.pending_ca, claim.sent_ca)
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
        if limit_ca <= self._has_ca(claim):
            return None
        if now_ms < self._opens_ms:
            return f"{slave_id} may not be raised yet: the start is too recent"
        others = self._others_ca(slave_id)
        if limit_ca + others > self.wires_amps * 100:
            return (
                f"{limit_ca / 100:.0f} A for {slave_id} and {others / 100:.1f} A of the others "
                f"are more than wires.max_amps, {self.wires_amps} A"
            )
        return None

    def _has_ca(self, claim):
        """What a slave was given before: more than this is a raise. Before our own first limit
        that is what it shows, if it draws: without a car drawing, the echo says nothing."""
        if claim.sent_ca is not None:
            return claim.sent_ca
        return claim.taken_ca if claim.draw_ca >= _TOLERANCE_CA else 0

    def _others_ca(self, slave_id, breaches=False):
        total = 0
        for other_id in self.claims:
            if other_id != slave_id:
                claim = self.claims[other_id]
                total += claim.breach_ca() if breaches else claim.ca()
        return total

    def _expire(self, now_ms):
        for slave_id in list(self.claims):
            if now_ms - self.claims[slave_id].heartbeat_ms >= _SILENT_CLAIM_MS:
                del self.claims[slave_id]
                self._unheard.discard(slave_id)

"""What an observer of the line would write down about the slaves, and what he would object to.

The rules are those of the protocol notes ("Linking" 6 and 9, "Heartbeat commands"), counted anew
from the frames alone: nothing here asks or shares the firmware's books. Currents in 0.01 A.
"""

OFF_STATES = (0x00, 0x02, 0x03, 0x04)
PHASES = (1, 2, 4)  # L1, L2, L3 as bits
ON = [[phase for phase in PHASES if mask & phase] for mask in range(8)]


class Ledger:
    """What one slave has to be counted with, and what it was told."""

    def __init__(self, rating_ca, now_ms, first_ca=0, before=None):
        self.rating_ca = rating_ca
        self.first_ca = first_ca  # what it may be told before it has answered
        self.heard = False
        self.taken = 0
        self.sent = []  # limits since the one that was taken
        self.last = None
        self.draw = 0
        self.offs = 0
        self.beat_ms = now_ms
        self.waiting = False  # for the answer to our last heartbeat
        self.changed_ms = None  # when it was last told something else
        self.down_ms = None  # since when a reduction is not taken
        self.down_for_ms = None  # when that one was sent, taken or not
        self.over_ms = None  # since when it draws more than it may,
        self.over_for_ms = 0  # and how long it was seen to
        self.barred_ms = before.barred_ms if before else None

    def limits(self):
        return max([self.taken] + self.sent)

    def gone(self, now_ms):
        """Whether its car has stopped by itself."""
        return now_ms - self.beat_ms >= 60000

    def claim(self, now_ms):
        if self.gone(now_ms):
            return 0
        if not self.heard:
            return max(self.rating_ca, self.draw)
        # Less than 1 A is calibration.
        return max(self.limits(), self.draw if self.draw >= 100 else 0)

    def given(self):
        """More than this is a raise."""
        if self.last is not None:
            return self.last
        if not self.heard:
            return self.first_ca
        return self.taken if self.draw >= 100 else 0

    def falls(self, now_ms):
        """Whether a reduction is under way that a raise for another has to wait for."""
        if self.down_for_ms is None or now_ms - self.down_for_ms >= 30000:
            return False
        if self.gone(now_ms) or not self.heard:
            return False  # one that was not heard counts with all it can
        return self.down_ms is not None or self.draw > self.last + 50

    def late(self, now_ms):
        """Whether it has not taken a reduction in time."""
        return self.down_ms is not None and now_ms - self.down_ms >= 5000

    def over(self, for_ms=10000):
        """Whether it was seen to draw more than it may for so long."""
        return self.over_ms is not None and self.over_for_ms >= for_ms

    def forced(self, now_ms):
        """What the others can't have, at the least."""
        if self.gone(now_ms):
            return 0
        held = self.limits() if self.late(now_ms) else self.given()
        return max(held, self.draw) if self.over() else held

    def order(self, amps_ca, now_ms):
        if amps_ca != self.last:
            self.offs = 0
            if not self.heard or amps_ca != self.given():
                self.changed_ms = now_ms
            limits = self.limits() if self.heard else self.rating_ca
            if amps_ca < limits and self.down_ms is None:
                self.down_ms = self.down_for_ms = now_ms
        self.last = amps_ca
        if not self.sent or self.sent[-1] != amps_ca:
            self.sent.append(amps_ca)
        if amps_ca >= self.limits() and self.heard:
            self.down_ms = None  # a raise above all that was before: nothing falls any more

    def answer(self, state, echo_ca, draw_ca, now_ms):
        self.waiting = False
        if self.rating_ca >= 600 and draw_ca * 100 > self.rating_ca * 110:
            draw_ca = self.rating_ca  # impossible
        self.draw = draw_ca
        echo = min(echo_ca, self.rating_ca)
        if self.last == 0:
            off = state in OFF_STATES and draw_ca < 100
            self.offs = self.offs + 1 if off else 0
            if self.offs >= 3:
                self.taken, self.sent, self.down_ms = 0, [], None
            elif not self.heard:
                self.taken = echo  # a limit of an earlier master, perhaps
        elif self.last is not None and echo_ca in self.sent:
            del self.sent[: len(self.sent) - self.sent[::-1].index(echo_ca)]
            self.taken = echo
            if not self.sent:
                self.down_ms = None
        elif self.last is None or not self.heard:
            self.taken = echo
        self.heard = True
        if self.down_ms is not None and self.limits() <= self.last:
            self.down_ms = None  # it had less than that already
        if self.last is None or draw_ca <= self.last + 100:
            self.over_ms = None
        elif self.over_ms is None:
            self.over_ms, self.over_for_ms = now_ms, 0
        else:
            self.over_for_ms = now_ms - self.over_ms
            if self.over(30000):
                self.barred_ms = now_ms

    def barred(self, now_ms):
        return self.barred_ms is not None and now_ms - self.barred_ms < 600000


class Observer:
    """Judges every heartbeat: an AssertionError says which rule was broken.

    `settings`: what is configured for each unit (max_amps, min_amps, phases_mask: claims count
    on each phase by itself); `linked()`: the ids that get heartbeats. Without it only what the
    gate has to refuse is judged, whoever proposes it, and not when the master has to propose
    something.
    """

    def __init__(self, wires_amps, settings, linked=None):
        self.limit = 100 * wires_amps  # in force
        self.wires = 100 * wires_amps
        self.raises = self.excesses = self.bars = 0
        self._settings = settings
        self._linked = linked
        self.start({}, 0)

    def start(self, known, now_ms):
        """The firmware starts and knows these: {id: (rating, what it may be told at once)}."""
        self.ledgers = {i: Ledger(known[i][0], now_ms, known[i][1]) for i in known}
        self._known = set(known)
        self._unheard = set(known)
        self._open_ms = now_ms + 40000
        self._held_ms = now_ms
        self.levels = {phase: None for phase in PHASES}
        self._visited = {phase: set() for phase in PHASES}
        self._look(now_ms)
        self._foreign = [None, None]  # the last two frames of another master

    def lower(self, amps, now_ms):
        """The limit in force changes."""
        self.limit = min(self.wires, 100 * amps)
        self._look(now_ms)

    def foreign(self, now_ms):
        """A frame of another master."""
        self._foreign = [self._foreign[1], now_ms]
        first, second = self._foreign
        if first is not None and second - first < 60000:
            self._held_ms = second + 60000

    def link(self, slave_id, rating_ca, now_ms):
        before = self.ledgers.get(slave_id)
        if before is not None and before.gone(now_ms):
            before = None
        self.ledgers[slave_id] = Ledger(rating_ca, now_ms, 0, before)
        self._look(now_ms)

    def answer(self, slave_id, state, echo_ca, draw_ca, now_ms):
        ledger = self.ledgers.get(slave_id)
        if ledger is None or ledger.gone(now_ms):
            return
        if not ledger.heard:
            for visited in self._visited.values():
                visited.discard(slave_id)  # what it has shows only now
        ledger.answer(state, echo_ca, draw_ca, now_ms)
        if slave_id in self._unheard:
            self._unheard.discard(slave_id)
            if not self._unheard:
                self._open_ms = now_ms
        self._look(now_ms)

    def on(self, slave_id):
        """The phases that a slave hangs on."""
        return ON[self._settings.phases_mask(slave_id)]

    def total(self, now_ms, phase=1):
        """The claims on a phase."""
        return sum([self.ledgers[i].claim(now_ms) for i in self.ledgers if phase in self.on(i)])

    def heartbeat(self, slave_id, protocol, command, amps_ca, now_ms):
        """A heartbeat leaves."""
        self._look(now_ms)
        ledger = self.ledgers[slave_id]
        assert not ledger.gone(now_ms)
        if command:
            self._limit(slave_id, ledger, protocol, command, amps_ca, now_ms)
        else:
            assert amps_ca == 0
        if ledger.barred(now_ms):
            self.bars += 1
            kept = not command or not amps_ca if self._linked is None else not ledger.given()
            assert kept, "it drew too much and gets something all the same"
        ledger.beat_ms = now_ms
        ledger.waiting = True
        if self._linked is not None:
            self._round(slave_id, now_ms)

    def _limit(self, slave_id, ledger, protocol, command, amps_ca, now_ms):
        assert command == (5 if protocol == 1 else 9) or self._linked is None
        assert amps_ca % 100 == 0
        assert amps_ca == 0 or amps_ca >= (500 if protocol == 1 else 600)
        configured = 100 * self._settings.max_amps(slave_id)
        assert amps_ca <= max(0, min(self.limit, configured, ledger.rating_ca))
        before = {phase: self.total(now_ms, phase) for phase in PHASES}
        if amps_ca > ledger.given():
            self._raise(slave_id, ledger, protocol, amps_ca, now_ms)
        ledger.order(amps_ca, now_ms)
        for phase in PHASES:
            after = self.total(now_ms, phase)
            assert after <= max(before[phase], self.limit), (slave_id, amps_ca, before, after)

    def _raise(self, slave_id, ledger, protocol, amps_ca, now_ms):
        self.raises += 1
        for phase in self.on(slave_id):
            others = 0
            for other_id in self.ledgers:
                if other_id != slave_id and phase in self.on(other_id):
                    other = self.ledgers[other_id]
                    others += other.claim(now_ms)
                    assert not other.falls(now_ms), f"raised while {other_id} falls"
            assert amps_ca + others <= self.limit, (slave_id, amps_ca, others)
        assert now_ms >= self._open_ms or self._all_here(slave_id), "raised too soon after a start"
        assert now_ms >= self._held_ms, "raised beside a second master"
        assert not ledger.over(), "raised while it draws more than it may"
        if self._linked is None:
            return
        assert not ledger.waiting, "raised while it is silent"
        assert ledger.changed_ms is None or now_ms - ledger.changed_ms >= 5000, "raised too soon"
        if ledger.last is not None:
            assert amps_ca >= 100 * self._settings.min_amps(slave_id, protocol)

    def _all_here(self, slave_id):
        """Whether those that were known on the phases of a slave have answered, and are some."""
        mine = set(self.on(slave_id))
        beside = [i for i in self._known if mine & set(self.on(i))]
        return bool(beside) and not self._unheard & set(beside)

    # When more has been told than the limit in force allows, each next heartbeat mends it.

    def _forced(self, now_ms):
        """What the others can't have on each phase, at the least."""
        forced = dict.fromkeys(PHASES, 0)
        for slave_id, ledger in self.ledgers.items():
            amps_ca = ledger.forced(now_ms)
            for phase in self.on(slave_id):
                forced[phase] += amps_ca
        return forced

    def _look(self, now_ms):
        forced = self._forced(now_ms)
        for phase in PHASES:
            excess = forced[phase] - self.limit
            level = self.levels[phase]
            if excess <= 0:
                self.levels[phase] = None
            elif level is None or excess > level:
                self.levels[phase] = excess
                self._visited[phase] = set()

    def _round(self, slave_id, now_ms):
        before = dict(self.levels)
        for phase in self.on(slave_id):
            self._visited[phase].add(slave_id)
        self._look(now_ms)
        for phase in PHASES:
            if before[phase] is None:
                assert self.levels[phase] is None, "this heartbeat brought the limits above"
            elif self.levels[phase] is not None and phase in self.on(slave_id):
                self._not_mended(phase, now_ms)

    def _not_mended(self, phase, now_ms):
        linked = [i for i in self._linked() if not self.ledgers[i].gone(now_ms)]
        linked = [i for i in linked if phase in self.on(i)]
        if any([i not in self._visited[phase] for i in linked]):
            return
        self.excesses += 1
        for other_id in linked:
            ledger = self.ledgers[other_id]
            guilty = ledger.late(now_ms) or ledger.over() or not ledger.heard
            assert guilty or not ledger.given(), (other_id, self.levels[phase], ledger.given())

"""The referee's rules about who has to give way: limits that fall, reductions that are not
taken, cars that draw more than they are offered, and raises that come too early.

Pure, MicroPython too. Sources: "Linking" 6 and "Heartbeat commands" of the protocol notes, and
the rules of the house (a reduction leaves with the next heartbeat, and so on).
"""

# More than this above its limit is too much; units are a little off when idle.
OVER_AMPS = 1.0
SETTLED_AMPS = 0.5
# An answer that is older tells nothing about now.
FRESH_MS = 3000
# Decisions are made once a second.
NOTICE_MS = 1000


class Wire:
    """One or more phases on which the same slaves hang: they are judged as one. `where`: " on
    L1", as a sentence says it; nothing where it is all of them."""

    def __init__(self, bits, where):
        self.where = where
        self.excess_ms = None  # when the next heartbeats have to be below the limit
        self.done = []
        self.told = False
        self._bits = bits

    def carries(self, slaves):
        """Those of the slaves that hang on it, by id."""
        return {id: slaves[id] for id in slaves if slaves[id].phases & self._bits}


def wires(phases):
    """The wires of a line where `phases` says on which phases some ids hang (bits 1, 2 and 4 for
    L1, L2 and L3); all others hang on all three."""
    groups = {}
    for number in range(3):
        here = tuple([id for id in sorted(phases) if phases[id] >> number & 1])
        groups.setdefault(here, []).append(number)
    if len(groups) == 1:
        return [Wire(7, "")]
    made = []
    for numbers in sorted(groups.values()):
        bits = sum([1 << number for number in numbers])
        made.append(Wire(bits, " on " + " and ".join([f"L{number + 1}" for number in numbers])))
    return made


class Budget:
    """What all slaves together are counted with on each phase, and whether the master acts on it
    in time.

    limit_amps: the limit in force on each phase, None: not judged; `change` it at any time.
    wires: see above. take_s: a slave
    that has not taken its reduction by then counts with its claim. over_s: one that draws more
    than its limit for so long counts with its draw; stop_s: by then it must be at 0 A.
    settle_s: for so long at most a raise waits for another's reduction. slack_ms: what the master
    may need until the next heartbeat counts; a second more where it has to notice something.
    blame: called with (ms, sentence).
    """

    def __init__(self, limit_amps, wires, take_s, over_s, stop_s, settle_s, slack_ms, blame):
        self.limit_amps = limit_amps
        self.wires = wires
        self.take_s = take_s
        self.over_s = over_s
        self.stop_s = stop_s
        self.settle_s = settle_s
        self.react_ms = NOTICE_MS + slack_ms
        self.slack_ms = slack_ms
        self._blame = blame

    def change(self, limit_amps, slaves, now_ms):
        """From now on this is the limit in force."""
        self.limit_amps = limit_amps
        for wire in self.wires:
            wire.excess_ms = None
        self._weigh(slaves, now_ms)

    def sent(self, slaves, slave, now_ms):
        """A heartbeat left, and is booked in `slave`."""
        for wire in self.wires:
            due = wire.excess_ms is not None and now_ms > wire.excess_ms
            if due and slave.id not in wire.done and self._may_yield(slave, now_ms):
                wire.done.append(slave.id)
        self._weigh(slaves, now_ms)
        self._judge_stop(slave, now_ms)

    def heard(self, slaves, slave, now_ms):
        """A slave answered, and it is booked."""
        limit = slave.limit
        if limit is None or slave.drawn() <= limit + OVER_AMPS:
            slave.over_ms = None
            slave.over_told = False
        elif slave.over_ms is None:
            slave.over_ms = now_ms
        if slave.taken == limit:
            slave.reduced_ms = None
            if slave.draw <= (limit or 0) + SETTLED_AMPS:
                slave.settling_ms = None
        self._weigh(slaves, now_ms)

    def raised(self, slaves, slave, amps, now_ms):
        """A raise leaves: nobody else on its phases may be on the way down."""
        if self.settle_s is None:
            return
        for id in sorted(slaves):
            other = slaves[id]
            since_ms = other.settling_ms
            if other is slave or since_ms is None or not other.claim(now_ms):
                continue
            if not other.phases & slave.phases:
                continue
            if now_ms - since_ms < self.settle_s * 1000 - self.slack_ms:
                self._blame(
                    now_ms,
                    f"{slave.id} was raised to {amps:g} A while {other.id} was still on its way "
                    f"down to {other.limit:g} A (shows {other.shown:g} A, draws {other.draw:g} A)",
                )

    def counted(self, slave, now_ms):
        """Amperes that others have to leave to a slave now."""
        if not slave.claim(now_ms):
            return 0.0
        amps = slave.limit or 0.0
        fresh = slave.answer_ms is not None and now_ms - slave.answer_ms < FRESH_MS
        if slave.limit is None:
            amps = slave.drawn() if slave.drawn() >= OVER_AMPS else 0.0
        elif self._late(slave.reduced_ms, self.take_s, now_ms):
            # Without current nothing is taken from anybody, whatever it shows.
            at_rest = fresh and slave.limit == 0 and slave.drawn() < OVER_AMPS
            amps = 0.0 if at_rest else max(amps, slave.claim(now_ms))
        if self._late(slave.over_ms, self.over_s, now_ms):
            amps = max(amps, slave.drawn())
        return amps

    def _late(self, since_ms, allowed_s, now_ms):
        if since_ms is None or allowed_s is None:
            return False
        return now_ms - since_ms > allowed_s * 1000

    def judge_claims(self, slaves, slave, amps, now_ms):
        """A limit left that made the claim of a slave larger: it has to fit on each of its
        phases."""
        for wire in self.wires:
            here = wire.carries(slaves)
            claims = {id: here[id].claim(now_ms) for id in sorted(here)}
            total = sum(claims.values())
            if slave.id in here and total > self.limit_amps + 0.005:
                each = ", ".join([f"{id} {claims[id]:g}" for id in sorted(claims) if claims[id]])
                self._blame(
                    now_ms,
                    f"{amps:g} A for {slave.id} makes {total:g} A{wire.where} on wires for "
                    f"{self.limit_amps:g} A ({each})",
                )

    def excess(self):
        """Whether there is more than the limit in force allows, on any phase."""
        return any([wire.excess_ms is not None for wire in self.wires])

    def _weigh(self, slaves, now_ms):
        if self.limit_amps is not None:
            for wire in self.wires:
                self._weigh_wire(wire, wire.carries(slaves), now_ms)

    def _weigh_wire(self, wire, slaves, now_ms):
        total = limits = 0.0
        for slave in slaves.values():
            total += self.counted(slave, now_ms)
            if slave.claim(now_ms):
                limits += slave.limit or 0.0
        if total <= self.limit_amps + 0.005:
            wire.excess_ms = None
            wire.told = False
            return
        yielding = [s for s in slaves.values() if s.limit and self._may_yield(s, now_ms)]
        if wire.excess_ms is None:
            plain = limits > self.limit_amps
            wire.excess_ms = now_ms + (self.slack_ms if plain else self.react_ms)
            wire.done = []
            wire.told = False
        if wire.told or not yielding or [s for s in yielding if s.id not in wire.done]:
            return
        wire.told = True
        each = ", ".join([f"{id} {self.counted(slaves[id], now_ms):g}" for id in sorted(slaves)])
        self._blame(
            now_ms,
            f"{total:g} A{wire.where} at a limit of {self.limit_amps:g} A ({each}), and nobody "
            "gave way with the next heartbeat",
        )

    def _may_yield(self, slave, now_ms):
        if self._late(slave.reduced_ms, self.take_s, now_ms):
            return False
        if self._late(slave.over_ms, self.over_s, now_ms):
            return False
        return slave.answer_ms is not None and now_ms - slave.answer_ms < FRESH_MS

    def _judge_stop(self, slave, now_ms):
        if self.stop_s is None or slave.over_ms is None or not slave.limit or slave.over_told:
            return
        over_ms = now_ms - slave.over_ms
        silent = slave.answer_ms is None or now_ms - slave.answer_ms >= FRESH_MS
        if not silent and over_ms > self.stop_s * 1000 + self.react_ms + 1000:
            slave.over_told = True
            self._blame(
                now_ms,
                f"{slave.id} has drawn {slave.drawn():g} A at a limit of {slave.limit:g} A for "
                f"{over_ms / 1000:.0f} s and still is not at 0 A",
            )

"""Streets of wall connectors with the whole master, or with the gate alone, and what tests do to
them; the observer (gate_ledger.py) judges all that leaves.
"""

from bisect import insort

from gate_ledger import Observer

from charging.limits import Gate
from twc import message
from twc.master import Master

IDS = ("1111", "2222", "3333", "4444")


class Configured:
    """What the configuration says of each unit: (maximum or None, minimum, phases) by id."""

    def __init__(self, wires, units):
        self._wires, self._units = wires, units

    def max_amps(self, unit_id):
        return min(self._wires, self._units[unit_id][0] or self._wires)

    def min_amps(self, unit_id, protocol):
        return max(self._units[unit_id][1], message.lowest_amps(protocol))

    def phases_mask(self, unit_id):
        return self._units[unit_id][2]

    def contactors(self, unit_id):
        return False


class Box:
    """A wall connector that obeys, lies, sleeps, or draws what it likes."""

    def __init__(self, slave_id, rating, protocol):
        self.id, self.rating, self.protocol = slave_id, rating, protocol
        self.limit = 0
        self.draw = 0.0
        self.follows = None  # the share of its limit that it draws
        self.state = 0
        self.echo = None
        self.mute = self.deaf = self.frozen = False
        self.lose = 0  # of the next answers
        self.late_ms = 40

    def body(self, code, rest):
        return message.encode(code, self.id, rest, 13 if self.protocol == 1 else 15)

    def link_ready(self):
        ca = self.rating * 100
        return self.body(0xFDE2, (1, ca >> 8, ca & 255))

    def hear(self, fields):
        """Takes a heartbeat; returns its answer, or None."""
        if self.deaf:
            return None
        if fields["command"] in (5, 9) and not self.frozen:
            self.limit = fields["amps_ca"]
        if self.lose:
            self.lose -= 1
            return None
        return None if self.mute else self.answer()

    def answer(self):
        echo = self.limit if self.echo is None else self.echo
        if self.follows is not None:
            self.draw = self.limit / 100 * self.follows
        ca = round(self.draw * 100)
        return self.body(
            0xFDE0, (0x77, 0x77, self.state, echo >> 8, echo & 255, ca >> 8, ca & 255)
        )


class Street:
    """Master, gate, boxes and the observer."""

    def __init__(self, wires, boxes, units):
        self.wires = self.limit_amps = wires
        self.settings = Configured(wires, units)
        self.boxes = {box.id: box for box in boxes}
        self.wishes = {}
        self.now_ms = 0
        self.observer = Observer(wires, self.settings, self._linked)
        self.start({})

    def _linked(self):
        return [slave.id for slave in self.master.slaves]

    def start(self, known):
        """The firmware starts; `known` is its memory of earlier."""
        books = {i: (known[i]["rating_ca"], 100 * (known[i]["first_amps"] or 0)) for i in known}
        self.gate = Gate(self.wires, self.settings, books, self.now_ms)
        self.gate.limit_amps = self.limit_amps
        self.master = Master(
            "7777",
            self.gate,
            self.settings.min_amps,
            known,
            lambda level, text: None,
            self.now_ms,
        )
        self.answers = []
        self.spoken = set()  # for whom the decisions have spoken since they were linked
        self.observer.start(books, self.now_ms)

    def restart(self, lowered):
        """Starts again; `lowered`: less is configured for all since."""
        known = {}
        for slave in self.master.slaves:
            if slave.heard_ms is not None:
                # Which protocol it speaks the gate learns from its answer.
                least = self.settings.min_amps(slave.id, None) if lowered else None
                first_amps = least if slave.offer_amps else 0
                known[slave.id] = {
                    "rating_ca": slave.rating_ca,
                    "protocol": slave.protocol,
                    "first_amps": first_amps,
                }
        self.start(known)

    def lower(self, amps):
        self.limit_amps = self.gate.limit_amps = amps
        self.observer.lower(amps, self.now_ms)

    def hear(self, body):
        fields = message.decode(body)
        slave_id = fields["sender"]
        if fields["type"] == "slave_link_ready":
            full = self.master.find(slave_id) is None and len(self.master.slaves) >= 3
            if not full:
                self.observer.link(slave_id, fields["max_ca"], self.now_ms)
                self.spoken.discard(slave_id)
        elif fields["type"] == "slave_heartbeat":
            if self.master.find(slave_id) is not None:
                self.observer.answer(
                    slave_id, fields["state"], fields["max_ca"], fields["actual_ca"], self.now_ms
                )
        else:
            self.observer.foreign(self.now_ms)
        self.master.heard(body, self.now_ms)

    def wish(self, slave_id, amps):
        self.wishes[slave_id] = amps
        if self.master.find(slave_id) is not None:
            self.master.wish(slave_id, amps, self.now_ms)
            self.spoken.add(slave_id)

    def run(self, ms, lazy=False):
        """Lets time pass; `lazy`: the decisions have fallen silent."""
        end_ms = self.now_ms + ms
        decide_ms = self.now_ms
        while self.now_ms < end_ms:
            if self.now_ms >= decide_ms:
                decide_ms += 1000
                for slave_id in () if lazy else self.wishes:
                    self.wish(slave_id, self.wishes[slave_id])
            while self.answers and self.answers[0][0] <= self.now_ms:
                self.hear(self.answers.pop(0)[1])
            if self.master.wait_ms(self.now_ms) == 0:
                body = self.master.next(self.now_ms)
                if body is not None:
                    self.send(body)
            next_ms = min(self.now_ms + max(1, self.master.wait_ms(self.now_ms)), end_ms)
            next_ms = min(next_ms, max(decide_ms, self.now_ms + 1))
            if self.answers:
                next_ms = min(next_ms, max(self.answers[0][0], self.now_ms + 1))
            self.now_ms = next_ms

    def send(self, body):
        why = self.gate.refusal(body, self.now_ms)
        fields = message.decode(body)
        if fields["type"] != "master_heartbeat":
            assert why is None
            return
        slave_id = fields["receiver"]
        if why is not None:
            # The master asks before it proposes; but after a minute without a heartbeat the
            # gate has forgotten a slave that the master has not dropped yet.
            assert "is not linked" in why and self.observer.ledgers[slave_id].gone(self.now_ms)
            assert self.gate.refusal(self.master.without_limit(body), self.now_ms)
            return
        box = self.boxes[slave_id]
        self.observer.heartbeat(
            slave_id, box.protocol, fields["command"], fields["amps_ca"], self.now_ms
        )
        # A reduction leaves with the next heartbeat.
        ledger = self.observer.ledgers[slave_id]
        if ledger.heard and slave_id in self.spoken:
            assert ledger.given() <= 100 * self.wishes[slave_id], "not reduced at once"
        answer = box.hear(fields)
        if answer is not None:
            insort(self.answers, (self.now_ms + box.late_ms, answer))


def play(street, todo, before="open"):
    """Builds a street of (wires, [(rating, protocol, maximum, minimum, phases), …]) and does all
    that is to be done; without phases all three. `before`: "start", "open" (the first 40 s are
    over) or "charging"."""
    wires, units = street
    boxes = [Box(IDS[n], unit[0], unit[1]) for n, unit in enumerate(units)]
    street = Street(wires, boxes, {IDS[n]: (*unit, 7)[2:5] for n, unit in enumerate(units)})
    for box in boxes:
        street.hear(box.link_ready())
    if before != "start":
        street.run(41000)
    if before == "charging":
        for box in boxes:
            box.follows, box.state = 0.97, 1
            street.wish(box.id, wires // len(boxes))
            street.run(6000)
    for name, *rest in todo:
        do(street, boxes, name, rest)
    street.run(3000)
    return street


def do(street, boxes, name, rest):
    if name == "run":
        street.run(rest[0])
    elif name == "lazy":
        street.run(rest[0], lazy=True)
    elif name == "limit":
        street.lower(rest[0])
    elif name == "stall":
        street.now_ms += rest[0]
    elif name == "foreign":
        for _ in range(rest[0]):
            street.hear(message.heartbeat("9999", "1234", 0, 0))
            street.run(1000)
    elif name == "restart":
        street.restart(rest[0])
    else:
        box = boxes[rest[0] % len(boxes)]
        if name == "wish":
            street.wish(box.id, rest[1])
        elif name == "link":
            street.hear(box.link_ready())
        elif name == "follows":
            box.follows = rest[1]
            box.state = 1 if rest[1] else 3
        elif name == "draw":
            box.follows, box.draw = None, rest[1]
        else:
            setattr(box, name, rest[1])


class Nonsense:
    """A gate to which anything is proposed, and the observer of what it lets through."""

    def __init__(self, wires, known, units, phases):
        self.settings = Configured(wires, {IDS[n]: (units[n], 0, phases[n]) for n in range(4)})
        books = {IDS[n]: (3200, 600 * (n % 2)) for n in range(known)}
        self.gate = Gate(wires, self.settings, books, 0)
        self.observer = Observer(wires, self.settings)
        self.observer.start(books, 0)
        self.now_ms = 0
        self.passed = 0
        for n in range(known, 4):
            self.link(IDS[n], 32)

    def link(self, slave_id, rating):
        fields = {"sender": slave_id, "max_ca": 100 * rating, "protocol": 2}
        self.observer.link(slave_id, 100 * rating, self.now_ms)
        self.gate.linked(fields, self.now_ms)

    def hear(self, slave_id, echo_ca, draw_ca, state):
        ledger = self.observer.ledgers[slave_id]
        last = ledger.last or 0
        echo_ca = last if echo_ca is None else echo_ca
        draw_ca = last if draw_ca is None else draw_ca
        fields = {"sender": slave_id, "receiver": "7777", "state": state, "protocol": 2}
        fields["max_ca"], fields["actual_ca"] = echo_ca, draw_ca
        if slave_id in self.gate.claims:
            self.observer.answer(slave_id, state, echo_ca, draw_ca, self.now_ms)
        self.gate.heard(fields, self.now_ms)

    def say(self, slave_id, command, amps_ca):
        body = message.heartbeat("7777", slave_id, command, amps_ca)
        if self.gate.refusal(body, self.now_ms) is None:
            self.passed += bool(amps_ca)
            self.observer.heartbeat(slave_id, 2, command, amps_ca, self.now_ms)

    def do(self, name, rest):
        if name == "wait":
            self.now_ms += rest[0]
        elif name == "limit":
            self.gate.limit_amps = rest[0]
            self.observer.lower(rest[0], self.now_ms)
        elif name == "foreign":
            # Who counts them is the lookout; the gate is told.
            for _ in range(2):
                self.observer.foreign(self.now_ms)
            self.gate.hold_raises(self.now_ms + 60000)
        elif name == "all":
            # A second of an ordinary line: what was told last is taken, and drawn.
            for slave_id in IDS:
                self.say(slave_id, 0, 0)
                self.hear(slave_id, None, None, 1)
            self.now_ms += 1000
        elif name == "say":
            self.say(IDS[rest[0]], 9, rest[1])
        elif name == "beat":
            self.say(IDS[rest[0]], 0, 0)
        elif name == "link":
            self.link(IDS[rest[0]], rest[1])
        else:
            self.hear(IDS[rest[0]], *rest[1:])


def propose(wires, known, units, todo, phases=(7, 7, 7, 7)):
    nonsense = Nonsense(wires, known, units, phases)
    for name, *rest in todo:
        nonsense.do(name, rest)
    return nonsense

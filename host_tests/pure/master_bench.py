"""A master with a real gate, and wall connectors as the tests play them.

Runs under CPython and under MicroPython.
"""

from gate_bench import Settings

from charging.limits import Gate
from twc import message
from twc.master import Master

READY, CHARGING, PLUGGED_IN, WANTS, STARTING = 0x00, 0x01, 0x03, 0x04, 0x08
ANSWER_MS = 40


class Box:
    """A wall connector as the tests play it: obeys at once; draws `draw`, or with `follows` that
    share of what it may."""

    def __init__(self, slave_id, protocol=2, rating=32, draw=0.0, limit=None):
        self.id = slave_id
        self.protocol = protocol
        self.rating = rating
        self.draw = draw
        self.limit = limit
        self.state = READY
        self.echo = None  # what it shows; None: its limit
        self.follows = None
        self.mute = False
        self.frozen = False  # takes no limits
        self.lengths = (13, 15)  # bodies that it understands

    def bytes(self, code, rest):
        return message.encode(code, self.id, rest, 13 if self.protocol == 1 else 15)

    def link_ready(self):
        ca = self.rating * 100
        return self.bytes(0xFDE2, (0x11, ca >> 8, ca & 255))

    def answer(self, fields):
        if fields["command"] in (message.LIMIT_1, message.LIMIT_2) and not self.frozen:
            self.limit = fields["amps_ca"]
        if self.follows is not None:
            self.draw = (self.limit or 0) / 100 * self.follows
            self.state = CHARGING if self.draw else PLUGGED_IN
        echo = self.limit or 0 if self.echo is None else round(self.echo * 100)
        ca = round(self.draw * 100)
        to = int(fields["sender"], 16)
        rest = (to >> 8, to & 255, self.state, echo >> 8, echo & 255, ca >> 8, ca & 255)
        return self.bytes(0xFDE0, rest)


class Bench:
    """A Master with a real Gate, boxes that answer 40 ms after each heartbeat, and a clock.

    `sent`: (ms, fields, length of the body) of each frame. Wishes are renewed every second.
    """

    def __init__(
        self,
        boxes=(),
        wires=32,
        known=None,
        minimum=None,
        own=None,
        opened=True,
        phases=None,
    ):
        self.now_ms = 0
        settings = Settings(wires, own, (), minimum, phases)
        known = {i: dict({"first_amps": None}, **unit) for i, unit in (known or {}).items()}
        books = {i: (u["rating_ca"], 100 * (u["first_amps"] or 0)) for i, u in known.items()}
        self.gate = Gate(wires, settings, books, 0)
        if opened:
            self.gate._opens_ms = 0
        self.told = []
        self.master = Master(
            "7777",
            self.gate,
            settings.min_amps,
            known,
            lambda level, text: self.told.append((level, text)),
            0,
        )
        self.boxes = {box.id: box for box in boxes}
        self.sent = []
        self.wishes = {}
        self._answers = []
        self._wish_ms = 0

    def box(self, slave_id):
        return self.boxes[slave_id]

    def charge(self, **wishes):
        """Lets boxes that follow charge with so much each, taken and rested."""
        for slave_id in wishes:
            self.box(slave_id).follows = 0.98
            self.wishes[slave_id] = wishes[slave_id]
        self.run(12000)
        for slave_id in wishes:
            assert self.offered(slave_id) == wishes[slave_id], (slave_id, self.offered(slave_id))
        return self

    def link(self):
        """Lets all boxes call, and runs until they have answered twice."""
        for slave_id in sorted(self.boxes):
            self.hear(self.boxes[slave_id].link_ready())
        self.run(2500)
        return self

    def hear(self, body):
        self.master.heard(body, self.now_ms)

    def run(self, ms):
        """Lets so many ms pass; returns the frames sent in them."""
        first = len(self.sent)
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            if self.now_ms >= self._wish_ms:
                self._wish_ms = self.now_ms + 1000
                for slave_id in self.wishes:
                    self.master.wish(slave_id, self.wishes[slave_id], self.now_ms)
            while self._answers and self._answers[0][0] <= self.now_ms:
                self.hear(self._answers.pop(0)[1])
            if self.master.wait_ms(self.now_ms) == 0:
                body = self.master.next(self.now_ms)
                if body is not None:
                    self._send(body)
            self.now_ms += 5
        return self.sent[first:]

    def _send(self, body):
        why = self.gate.refusal(body, self.now_ms)
        assert why is None, why
        fields = message.decode(body)
        self.sent.append((self.now_ms, fields, len(body)))
        box = self.boxes.get(fields.get("receiver"))
        if box is not None and not box.mute and len(body) in box.lengths:
            self._answers.append((self.now_ms + ANSWER_MS, box.answer(fields)))

    def to(self, slave_id, frames=None):
        frames = self.sent if frames is None else frames
        return [frame for frame in frames if frame[1].get("receiver") == slave_id]

    def orders(self, slave_id, frames=None):
        """(command, amperes) of the heartbeats to a slave."""
        return [
            (frame[1]["command"], frame[1]["amps_ca"] / 100) for frame in self.to(slave_id, frames)
        ]

    def limits(self, slave_id, frames=None):
        """(ms, amperes) of the heartbeats with a limit to a slave."""
        return [
            (frame[0], frame[1]["amps_ca"] / 100)
            for frame in self.to(slave_id, frames)
            if frame[1]["command"]
        ]

    def warned(self, words):
        """The warnings in which these words occur."""
        return [text for level, text in self.told if level == "warning" and words in text]

    def offered(self, slave_id):
        return self.master.find(slave_id).offer_amps


def charging(wish=12, wires=32, **more):
    """A bench with one box that charges at `wish` A, taken and rested."""
    bench = Bench([Box("2433", **more)], wires).link()
    bench.wishes["2433"] = wish
    bench.box("2433").state = CHARGING
    bench.box("2433").draw = wish - 0.2
    bench.run(8000)
    assert bench.offered("2433") == wish
    return bench


def sharing(wires=32, **wishes):
    """A bench with a box for each wish, which charge with that."""
    return Bench([Box(slave_id) for slave_id in wishes], wires).link().charge(**wishes)

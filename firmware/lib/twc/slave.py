"""One linked wall connector, as far as the master knows it."""

from micropython import const

_ROUND_MS = const(1000)
_REPLY_MS = const(150)

# What the frames of a heartbeat and its answer take on the line: 2 x 18 bytes of 1.04 ms.
_FRAMES_MS = const(38)


class Slave:
    """Currents on the wire in 0.01 A (`_ca`), limits in whole amperes.

    `first_amps`: what its first heartbeat carries: None for "no change", or a limit.
    """

    def __init__(self, slave_id, rating_ca, protocol, minimum_amps, first_amps, now_ms):
        self.id = slave_id
        self.rating_ca = rating_ca
        self.protocol = protocol  # 1, 2, or None until it has said so
        self.minimum_amps = minimum_amps
        self.first_amps = first_amps
        self.linked_ms = now_ms
        self.due_ms = now_ms  # our next heartbeat
        self.sent_ms = None  # our last heartbeat
        self.waiting = False  # for the answer to it
        self.long = protocol != 1  # whether it is sent nine data bytes, and what was answered
        self.missed = 0  # heartbeats unanswered in a row
        self.unanswered = 0  # and in all
        self.reply_ms = None  # from our last bit to its first, smoothed
        self.heard_ms = None  # its last answer
        self.state = None
        self.echo_ca = 0
        self.draw_ca = 0
        self.wish_amps = None  # what the decisions want; None: nothing said yet
        self.wish_ms = now_ms
        self.offer_amps = None  # the last limit sent; None: none yet
        self.changed_ms = None  # when the offer last changed
        self.taken = False
        self.fault = 0  # see Gate.fault

    def link(self, now_ms):
        """How the link stands: "new" (no answer yet), "ok", or "silent"."""
        if self.heard_ms is None:
            return "new"
        return "ok" if now_ms - self.heard_ms <= 2 * _ROUND_MS + _REPLY_MS else "silent"

    def miss(self):
        """Counts an answer that did not come."""
        self.missed += 1
        self.unanswered += 1

    def hear(self, fields, now_ms):
        """Takes a decoded slave heartbeat."""
        if self.waiting:
            reply_ms = max(0, now_ms - self.sent_ms - _FRAMES_MS)
            before = self.reply_ms
            self.reply_ms = reply_ms if before is None else (3 * before + reply_ms) // 4
        self.heard_ms = now_ms
        self.missed = 0
        self.waiting = False
        self.state = fields["state"]
        self.echo_ca = fields["max_ca"]
        self.draw_ca = fields["actual_ca"]

    def fault_sentence(self):
        """What is wrong, if there is a fault."""
        if self.fault == 2:
            return (
                f"{self.id} drew more than it was offered for 30 s: it gets 0 A until it has been "
                "within its limit for 10 min. Check this wall connector."
            )
        return (
            f"{self.id} draws {self.draw_ca / 100:.1f} A but is offered {self.offer_amps or 0} A: "
            "it counts with its draw, and the others give way."
        )

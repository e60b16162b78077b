"""The gate's books about one slave: what it may be drawing, from the frames to and from it.

Source: "Linking" 6 and "Heartbeat commands" of the protocol notes. Currents in 0.01 A.
"""

from micropython import const

from twc import message

# Units report 0.25 A or so when idle, and a draw may sit a little above the offer: less than
# this is no draw, and no more than this above its limit is no breach.
_TOLERANCE_CA = const(100)

# A reduction is through when it was taken and the draw is no more than this above it. A car
# that hangs there for longer than this counts with its draw alone.
_FOLLOWED_CA = const(50)
_FOLLOWS_MS = const(30000)

# A slave that has not taken its reduction by then costs the others theirs.
_TAKES_MS = const(5000)

# A slave that draws more than it may for so long counts with its draw; for so much longer, it
# gets nothing, until it has been within its limits for the last of these times.
_OVER_COUNTS_MS = const(10000)
_OVER_STOPS_MS = const(30000)
_BARRED_MS = const(600000)

# More than this share of its rating, in percent, no unit can carry: the figure is wrong. Unless
# the rating is: there is no unit that can do less than the lowest limit.
_POSSIBLE_PERCENT = const(110)
_LEAST_RATING_CA = const(600)

# 0 A is taken when a slave showed it this often in a row (its echo shows 6.00 A then).
_ZERO_ANSWERS = const(3)
_ZERO_STATES = (message.READY, message.ERROR, message.PLUGGED_IN, message.WANTS_LIMIT)


class Claim:
    """What one slave may be drawing. `start_ca`: what a slave that charged before a restart may
    be told before it has answered; 0 for any other. `phases`: those it hangs on, bits 1 (L1),
    2 (L2) and 4 (L3)."""

    def __init__(self, rating_ca, now_ms, start_ca=0, phases=7):
        self.rating_ca = rating_ca
        self.start_ca = start_ca
        self.phases = phases
        self.protocol = None
        self.heard = False  # since it was linked
        self.taken_ca = 0
        self.pending_ca = 0  # the largest limit sent since one was taken
        self.sent_ca = None  # the last limit sent
        self.draw_ca = 0
        self.heartbeat_ms = now_ms  # our last one to it
        self.zeros = 0
        self.reduced_ms = None  # when its last reduction was first sent
        self.trusted = False  # whether it had taken what it was sent before that
        self.over_ms = None  # since when it draws more than it may
        self.barred_ms = None  # when it last drew more than it may for too long

    def ca(self):
        """The claim: the largest of the limit it took, those sent since, and its draw; a slave
        that was not heard since it was linked claims its maximum."""
        if not self.heard:
            return max(self.rating_ca, self.taken_ca, self.draw_ca)
        draw = self.draw_ca if self.draw_ca >= _TOLERANCE_CA else 0
        return max(self.taken_ca, self.pending_ca, draw)

    def held_ca(self, now_ms):
        """What the others have to give way to: the limits it was given, where a reduction has a
        few seconds to be taken, and a draw that stays above them. What a slave might draw that
        was never heard only keeps the others from rising."""
        held = self._limits_ca()
        if self.trusted and now_ms - self.reduced_ms < _TAKES_MS:
            held = min(held, self.sent_ca)
        return max(held, self.draw_ca) if self.over(now_ms) else held

    def falling(self, now_ms):
        """Whether a reduction is still under way: not taken yet, or the draw is above it."""
        if self.reduced_ms is None or now_ms - self.reduced_ms >= _FOLLOWS_MS:
            return False
        return self._limits_ca() > self.sent_ca or self.draw_ca > self.sent_ca + _FOLLOWED_CA

    def over(self, now_ms):
        """Whether it draws more than it may for so long that the others give way; one that falls
        silent meanwhile may draw on."""
        return self.over_ms is not None and now_ms - self.over_ms >= _OVER_COUNTS_MS

    def barred(self, now_ms):
        """Whether it gets nothing any more, because it drew more than it may."""
        return self.barred_ms is not None and now_ms - self.barred_ms < _BARRED_MS

    def has_ca(self):
        """What it was given before: more than this is a raise. Before our own first limit that
        is what it shows, if it draws: without a car drawing, the echo says nothing."""
        if self.sent_ca is not None:
            return self.sent_ca
        if not self.heard:
            return self.start_ca
        return self.taken_ca if self.draw_ca >= _TOLERANCE_CA else 0

    def sent(self, limit_ca, now_ms):
        """Books a limit that leaves now."""
        if limit_ca != self.sent_ca:
            self.zeros = 0
            # One that was not heard yet may be drawing all it can.
            before = self._limits_ca() if self.heard else self.ca()
            untaken = self.sent_ca is not None and before > self.sent_ca
            waited = self.reduced_ms is None or now_ms - self.reduced_ms >= _FOLLOWS_MS
            if limit_ca < before and (waited or not untaken):
                self.reduced_ms = now_ms
                self.trusted = not untaken
        self.sent_ca = limit_ca
        self.pending_ca = max(self.pending_ca, limit_ca)

    def answered(self, fields, now_ms):
        """Books a slave's heartbeat, as message.decode returns it."""
        draw_ca = fields["actual_ca"]
        possible_ca = self.rating_ca * _POSSIBLE_PERCENT // 100
        if draw_ca > possible_ca and self.rating_ca >= _LEAST_RATING_CA:
            draw_ca = self.rating_ca
        self.draw_ca = draw_ca
        if self.protocol is None:
            self.protocol = fields["protocol"]
        self._took(fields["state"], fields["max_ca"])
        self.heard = True
        if self.sent_ca is None or draw_ca <= self.sent_ca + _TOLERANCE_CA:
            self.over_ms = None
        elif self.over_ms is None:
            self.over_ms = now_ms
        elif now_ms - self.over_ms >= _OVER_STOPS_MS:
            self.barred_ms = now_ms  # only what it answers bars it: silence is no breach

    def _took(self, state, shown_ca):
        # It echoes anything: what it says above its rating, it can't draw.
        echo_ca = min(shown_ca, self.rating_ca)
        if self.sent_ca == 0:
            quiet = state in _ZERO_STATES and self.draw_ca < _TOLERANCE_CA
            self.zeros = self.zeros + 1 if quiet else 0
            if self.zeros >= _ZERO_ANSWERS:
                self.taken_ca = self.pending_ca = 0
            elif not self.heard:
                self.taken_ca = echo_ca
        elif self.sent_ca is None:
            self.taken_ca = echo_ca
        elif shown_ca == self.sent_ca:
            self.taken_ca = echo_ca
            self.pending_ca = 0
        else:
            # An answer to something else: it frees nothing.
            self.taken_ca = max(self.taken_ca, echo_ca)

    def _limits_ca(self):
        return max(self.taken_ca, self.pending_ca)

"""Stopping and resuming the car at one wall connector, and what came of it, for the journal.

Stopping: 0 A, and where that does not help after a while and it is allowed, opening the
contactors. Resuming: contactors closed unless known to be, then the offer. Source: "Stopping a
car without the car's cloud" and "Slave states" of the protocol notes.
"""

from micropython import const

import text

# From 1 A on a car draws; below it may be calibration. A draw that begins without an offer has
# to be one that surely closed the relay, so that none at the edge is told each second.
_DRAWING_CA = const(100)
_BEGINS_CA = const(200)

_OBEYS_MS = const(10000)  # most cars have stopped by then
_AGAIN_MS = const(600000)  # a car that draws on is told, and its contactors tried, this often
_TRIES = const(3)
_TRY_MS = const(2000)
# Closing follows opening no sooner than this, whatever is wanted: they wear.
_OPEN_LEAST_MS = const(60000)
_NEVER_MS = const(-600000)  # longer ago than anything here waits for
_BEGUN_MS = const(60000)  # a car that is awake draws by then
# Without a word about the unit for this long, what it did meanwhile is not known.
_GAP_MS = const(5000)

# What is being watched.
_NOTHING = const(0)
_STOP = const(1)
_DRAWS_ON = const(2)
_RESUME = const(3)
_NO_DRAW = const(4)
_CHARGING = const(5)

_NO_ANSWER = "no answer to closing its contactors, "


class Stopping:
    """The strategy of one unit. `name`: what people call it. `contactors`: whether the commands
    that open and close its contactors are allowed. `tell(level, sentence)`: for the journal.

    `may_offer`: whether nothing of the resume sequence stands before an offer; kept by follow()
    for an offer at any later time. `contactors`: "open", "closed", or None: not known (after a
    start of ours, after an unanswered command) or not ours to know.
    """

    def __init__(self, name, contactors, tell):
        self.contactors = None
        self.may_offer = not contactors
        self._name = name
        self._allowed = contactors
        self._tell = tell
        self._offered = None  # whether something was, at the last call
        self._seen_ms = 0
        self._watch = _NOTHING
        self._since_ms = 0  # since when what is watched goes on
        self._command = None  # "open" or "close", while it is being tried
        self._tries = 0
        self._sent_ms = 0
        self._opened_ms = _NEVER_MS  # when they were last opened, or told to
        self._how = ""  # how this resume began

    def follow(self, offer_amps, wish_amps, draw_ca, state, now_ms):
        """Once a second: takes what the unit was last offered (A; None: nothing yet), what it
        shall be offered, what it draws (0.01 A) and its state byte. Returns the command that has
        to be sent to it now, "open" (FC B2) or "close" (FC B1), or None. A unit that must not
        draw at all has the wish 0."""
        offered = bool(offer_amps)
        changed = offered is not self._offered or now_ms - self._seen_ms > _GAP_MS
        # A car that draws proves them closed, but for a moment after they were opened.
        if self._allowed and draw_ca >= _DRAWING_CA and now_ms - self._opened_ms >= _OBEYS_MS:
            self.contactors = "closed"
        if offered:
            self._command = None
            self._resuming(changed, offer_amps, draw_ca, state, now_ms)
        else:
            self._stopped(changed, draw_ca, now_ms)
            if not wish_amps:
                self._how = ""
            if not wish_amps or self._ready():
                if self._command == "close":
                    self._command = None
            elif now_ms - self._opened_ms >= _OPEN_LEAST_MS:
                self._try("close")
        self._offered = offered
        self._seen_ms = now_ms
        command = self._next(now_ms)
        self.may_offer = offered or self._ready()
        return command

    def answered(self, kind, now_ms):
        """The unit has confirmed "open" (FD B2) or "close" (FD B1), whoever asked for it."""
        if not self._allowed:
            return
        if kind == self._command:
            self._command = None
            if kind == "close":
                self._how = "contactors closed (confirmed), "
            else:
                self._say("info", "contactors open, confirmed.")
        self.contactors = "closed"
        if kind == "open":
            self.contactors = kind
            self._opened_ms = now_ms

    def _ready(self):
        """Whether an offer needs nothing before it, or all was tried."""
        return not self._allowed or self.contactors == "closed" or self._how == _NO_ANSWER

    def _try(self, kind):
        if self._command is None:
            self._command = kind
            self._tries = 0

    def _stopped(self, changed, draw_ca, now_ms):
        """Nothing is offered: does the car obey?"""
        watched = self._watch == _STOP or self._watch == _DRAWS_ON
        begins = draw_ca >= _DRAWING_CA if changed else not watched and draw_ca >= _BEGINS_CA
        if begins or self._watch == _CHARGING:
            self._watch = _STOP
            self._since_ms = now_ms
            watched = True
        if draw_ca < _DRAWING_CA:
            if watched:
                what = "contactors open" if self.contactors == "open" else "0 A offered"
                self._say("info", f"stop: {what}; {self._after(draw_ca, now_ms)}.")
            self._watch = _NOTHING
            if self._command == "open":
                self._command = None
        elif self._watch == _STOP:
            if now_ms - self._since_ms >= _OBEYS_MS:
                self._watch = _DRAWS_ON
                self._sent_ms = now_ms
                if self._allowed:
                    self._try("open")
                    what = ": opening its contactors."
                else:
                    what = "; its contactors may not be opened."
                self._say("warning", f"still draws {self._after(draw_ca, now_ms)} of 0 A{what}")
        elif watched and self._command is None and now_ms - self._sent_ms >= _AGAIN_MS:
            self._watch = _STOP

    def _resuming(self, changed, offer_amps, draw_ca, state, now_ms):
        """Something is offered: does the car begin?"""
        if changed:
            # What was found with an offer, at a start or after a gap, is no resume of ours.
            self._watch = _RESUME if self._offered is False else _NOTHING
            self._since_ms = now_ms
        drawing = draw_ca >= _DRAWING_CA
        if self._watch != _RESUME and self._watch != _NO_DRAW:
            self._watch = _CHARGING if drawing else _NOTHING
            return
        late = now_ms - self._since_ms >= _BEGUN_MS
        start = f"resume: {self._how}{offer_amps} A offered"
        if drawing:
            # A car rises by an ampere or so a second: what it settles at is worth telling.
            if late or abs(draw_ca - offer_amps * 100) <= _DRAWING_CA:
                self._watch = _CHARGING
                self._opened_ms = _NEVER_MS
                self._say("info", f"{start}; draws {self._after(draw_ca, now_ms)}.")
        elif late and self._watch == _RESUME:
            self._watch = _NO_DRAW
            why = ": asleep (up to 15 min), full or gone"
            if self._opened_ms != _NEVER_MS:
                why = "; it may need to be plugged in again"
            waited = text.age(now_ms - self._since_ms)
            self._say("info", f"{start} for {waited}, no draw (state {state or 0:02X}){why}.")

    def _next(self, now_ms):
        """The command that has to leave now, or None."""
        kind = self._command
        if kind is None or (self._tries and now_ms - self._sent_ms < _TRY_MS):
            return None
        if self._tries < _TRIES:
            self._tries += 1
            self._sent_ms = now_ms
            if kind == "open":
                self._opened_ms = now_ms
                self._how = ""
                self.contactors = None  # until it is confirmed
            return kind
        self._command = None
        what = "no answer to opening its contactors (since firmware 4.5.3)."
        if kind == "close":
            self._how = _NO_ANSWER
            what = _NO_ANSWER + "offering all the same."
        self._say("warning", what)
        return None

    def _after(self, draw_ca, now_ms):
        return f"{draw_ca / 100:.1f} A after {text.age(now_ms - self._since_ms)}"

    def _say(self, level, sentence):
        self._tell(level, f"{self._name}: {sentence}")

"""The minimum on and off times of one unit's relay, its starts, and what outlives a reset.

The relay of a wall connector closes when a car begins to draw and opens when it stops. What
the automatic part may do to it is decided here; safety and people may do more.
"""

from micropython import const

# A car that draws 2 A has its relay closed; below 1 A it is open (idle units report 0.25 A).
_CLOSED_CA = const(200)
_OPEN_CA = const(100)

# What a person asks for outright comes no sooner than this after the last change.
_URGENT_MS = const(60000)
_DAY_MS = const(86400000)

# One that is told to stop has opened, and says so, within this.
_OPENS_MS = const(10000)

# What is remembered over a reset: a charge under way, a pause under way, or neither.
ON = "on"
RESTING = "resting"
FREE = "free"


class Relay:
    """Follows offer and draw of one unit.

    `remembered`: ON, RESTING, FREE, or None if nothing is known of this unit. Time spent
    without power or in a reset is not known, so what had begun before counts from `now_ms`
    anew. `life`, `today`: the starts counted before the reset.

    `starts`, `life`: draws above 2 A after a pause, since the start of the firmware and in all.
    `today`: those of the present 24 hours (a reset begins the hours anew, not the count).
    """

    def __init__(self, min_on_ms, min_off_ms, remembered, now_ms, life=0, today=0):
        self.starts = 0
        self.life = life
        self.today = today
        self.busy = False  # offered something, or drawing
        self.closed = False
        self._stopping = False  # offered nothing, and still drawing
        self._min_on_ms = min_on_ms
        self._min_off_ms = min_off_ms
        self._day_ms = self._began_ms = now_ms
        self._ended_ms = now_ms if remembered in (ON, RESTING) else None
        # A charge that goes on after a reset is no start.
        self._known_on = remembered == ON
        # Told to stop just before the reset, it may report for seconds what it drew.
        self._opening = remembered == RESTING

    def follow(self, offer_amps, draw_ca, now_ms):
        """Takes what is offered (whole amperes) and drawn (0.01 A) now; once a second."""
        if now_ms - self._day_ms >= _DAY_MS:
            self._day_ms += _DAY_MS
            self.today = 0
        if self._opening:
            early = now_ms - self._day_ms < _OPENS_MS
            if early and draw_ca >= _OPEN_CA and not offer_amps:
                self._ended_ms = now_ms
                return
            self._opening = False
        if not self.closed and draw_ca >= _CLOSED_CA:
            self.closed = True
            self.starts += 1
            if not self._known_on:
                self.life += 1
                self.today += 1
            self._began_ms = now_ms
        elif self.closed and draw_ca < _OPEN_CA:
            self.closed = False
        busy = self.closed or offer_amps > 0
        if busy and not self.busy and not self.closed:
            self._began_ms = now_ms
        if self.busy and not busy:
            self._ended_ms = now_ms
        if not busy or self.closed:
            self._known_on = False
        self._stopping = self.closed and not offer_amps
        self.busy = busy

    def lost(self, now_ms):
        """Nothing is heard of the unit: what was on counts as ended. If its car is found drawing,
        that is no start, as far as anybody knows."""
        self._known_on = self._known_on or self.closed
        if self.busy:
            self._ended_ms = now_ms
        self.busy = self.closed = self._stopping = False

    def stop_in_ms(self, now_ms, urgent=False):
        """How long it has to stay on, in ms; 0: it may be switched off. `urgent`: a person
        asks."""
        if not self.busy:
            return 0
        least_ms = min(_URGENT_MS, self._min_on_ms) if urgent else self._min_on_ms
        return max(0, self._began_ms + least_ms - now_ms)

    def start_in_ms(self, now_ms, urgent=False):
        """How long it has to stay off, in ms; 0: it may be switched on. One that is about to open
        has all its rest before it."""
        least_ms = min(_URGENT_MS, self._min_off_ms) if urgent else self._min_off_ms
        if self._stopping:
            return least_ms
        if self.busy or self._ended_ms is None:
            return 0
        return max(0, self._ended_ms + least_ms - now_ms)

    def memory(self, now_ms):
        """What has to be remembered: ON, RESTING or FREE."""
        if self.busy:
            return ON
        return RESTING if self.start_in_ms(now_ms) else FREE

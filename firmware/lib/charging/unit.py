"""One wall connector as the decisions see it."""

from micropython import const

# Before a car counts as not drawing it gets this long to begin; after so long it does not want,
# and is asked again after an hour, when its state changes, or when a person says so. Nothing
# on the bus tells a full car from one that wants ("Slave states" of the protocol notes).
_BEGIN_MS = const(60000)
_ASKED_MS = const(900000)
_AGAIN_MS = const(3600000)

# A change so soon after the one before, or after an offer began or ended, is not a car's coming
# or going.
_CALM_MS = const(60000)

# Below 1 A it may be calibration, not a car; from 2 A a car surely draws.
_IDLE_CA = const(100)
_DRAWS_CA = const(200)

# A car that stays this far below its offer leaves the rest to others, and keeps some room to
# rise: most draw 0.2 A less than they are offered, some 0.8 A less.
_LEAVES_CA = const(150)
_ROOM_AMPS = const(2)


class Unit:
    """`watts_per_amp`: volts times phases. `priority`: a whole number; higher ones start first,
    get amperes first and stop last. `phases`: the bits 1, 2, 4 for L1, L2, L3.

    Kept up to date by the caller: `minimum_amps` and `maximum_amps`; `fault`, a sentence if the
    unit gets nothing whatever its relay's times say, or None; and what the plan orders: `mode`
    ("off", "solar", "minimum", "fast" or "manual") for the reason `words`, at most
    `limit_amps` (None: no limit) for the reason `limit_words` ("" if there is no limit, or it
    belongs to the mode, like the amperes of Manual); `urgent` if a person asked for the mode
    outright and it has not come about yet. `plugged`: whether a car is plugged in, or None: not
    known. `full`: words where its car has told that it takes no more, else "".

    `amps` is what the law wants (0: off), `offer_amps` what the slave was last offered. `wants`:
    whether a car draws when it may; None: not known. `takes_more`: whether it counts as one that
    draws. `takes_amps`: what it takes, if it stays below what it is offered, else None.
    """

    def __init__(self, unit_id, name, watts_per_amp, relay, priority=5, phases=7):
        self.id = unit_id
        self.name = name
        self.watts_per_amp = watts_per_amp
        self.relay = relay
        self.priority = priority
        self.phases = phases
        self.ready = False
        self.fault = None
        self.mode = "solar"
        self.words = ""
        self.limit_amps = None
        self.limit_words = ""
        self.urgent = False
        self.offer_amps = 0
        self.draw_ca = 0
        self.minimum_amps = 6
        self.maximum_amps = 6
        self.amps = 0
        self.wants = None
        self.plugged = self._was_plugged = None
        self.full = ""
        self._was_full = False
        self.takes_more = True
        self.takes_amps = None
        self.state = "no_connector"
        self.reason = ""
        self.began_ms = 0  # when the law last switched it on
        self.room_words = ""  # what limits the room on its phases beside wires and limit
        self.cut = False  # whether it is off because there is no room for its minimum
        self._undrawn_ms = None
        self._full_ms = None  # when it last drew about what it is offered
        # Since when its car does not want; kept while it is asked again after an hour.
        self.refused_ms = None
        self._present = None
        self._calm_ms = 0  # when offer or `present` last changed

    def follow(self, ready, offer_amps, draw_ca, now_ms, present=None):
        """Takes what the bus says about the unit; once a second. One that turns up drawing is
        running. `present`: anything that changes when a car comes or goes; `plugged` is taken
        as the caller has set it."""
        if not ready:
            if self.ready:
                self._undrawn_ms = self._full_ms = None
            self.ready = False
            self.amps = self.offer_amps = self.draw_ca = 0
            self.relay.lost(now_ms)
            return
        if not self.ready and draw_ca >= _IDLE_CA:
            self.amps = self.minimum_amps
            self.began_ms = now_ms
        self.ready = True
        if (offer_amps > 0) is not (self.offer_amps > 0):
            self._calm_ms = now_ms
        self.offer_amps = offer_amps
        self.draw_ca = draw_ca
        self.relay.follow(offer_amps, draw_ca, now_ms)
        if present != self._present:
            # What an offer itself changes says nothing about cars, nor does what wavers.
            if now_ms - self._calm_ms >= _CALM_MS:
                self.ask()
            self._present = present
            self._calm_ms = now_ms
        if self._undrawn_ms is None or not offer_amps or draw_ca >= _IDLE_CA:
            self._undrawn_ms = now_ms
        undrawn_ms = now_ms - self._undrawn_ms
        self.takes_more = undrawn_ms < _BEGIN_MS
        if draw_ca >= _DRAWS_CA:
            self.wants = True
            self.refused_ms = None
        elif undrawn_ms >= _ASKED_MS and self.wants is not False:
            self.wants = False
            self.refused_ms = now_ms
        elif self.wants is False and now_ms - self.refused_ms >= _AGAIN_MS and not self.full:
            self.wants = self._undrawn_ms = None
        if self.plugged is not self._was_plugged:
            if self.plugged:
                self.ask()  # a car has come
            self._was_plugged = self.plugged
        # Nobody is there to be asked, until somebody comes; or the car has said that it is full,
        # which a person who asks knows: then it is asked once more.
        full = self.full and (self.wants or not self._was_full)
        self._was_full = bool(self.full)
        if (self.plugged is False or full) and draw_ca < _IDLE_CA:
            self.wants = False
            self.refused_ms = now_ms
        self._follow_need(now_ms)

    def _follow_need(self, now_ms):
        """Finds whether its car leaves something of what it is offered."""
        if self.takes_amps is not None and self.offer_amps < self.takes_amps:
            self.takes_amps = None  # something else holds it back: what it would take may change
        if self._full_ms is None or self.draw_ca >= self.offer_amps * 100 - _LEAVES_CA:
            self._full_ms = now_ms
        if self.takes_amps is not None or now_ms - self._full_ms >= _BEGIN_MS:
            amps = max(self.minimum_amps, self.draw_ca // 100 + _ROOM_AMPS)
            # One ampere less is no change: else a draw around a whole number would move it.
            if self.takes_amps is None or not amps <= self.takes_amps <= amps + 1:
                self.takes_amps = amps

    def ask(self):
        """Whether its car wants is not known any more: it is offered power again, and gets the
        whole time to begin."""
        self.wants = self.refused_ms = self._undrawn_ms = None

    def asked_ms(self, now_ms):
        """How long it has been offered power without a draw."""
        return 0 if self._undrawn_ms is None else now_ms - self._undrawn_ms

    def again_ms(self, now_ms):
        """How long until a car that does not want is asked again."""
        return 0 if self.refused_ms is None else max(0, self.refused_ms + _AGAIN_MS - now_ms)

    def most_amps(self):
        """What wires, unit and plan allow it, whole amperes."""
        if self.limit_amps is None:
            return self.maximum_amps
        return min(self.maximum_amps, self.limit_amps)

    def is_off(self):
        """Whether the plan wants nothing offered to it."""
        limit = self.limit_amps
        return self.mode == "off" or (limit is not None and limit < self.minimum_amps)

    def draw_watts(self):
        """What its car draws, in watts; below 1 A that is calibration, not a car."""
        return self.draw_ca * self.watts_per_amp / 100 if self.draw_ca >= _IDLE_CA else 0

    def keeps_watts(self):
        """What others may not count on while it charges whatever the sun does: what it draws,
        or may come to draw of what it is offered."""
        drawn = self.draw_watts()
        if self.wants is False:
            return drawn
        if self.takes_amps is None and self.draw_ca < self.amps * 100 - _LEAVES_CA:
            return max(drawn, self.amps * self.watts_per_amp)
        return max(drawn, self.needs_watts())

    def needs_watts(self):
        """What its minimum current takes, in watts."""
        return self.minimum_amps * self.watts_per_amp

"""The power side of a wall connector: limit in force, contactor, car, and the state it shows.

Pure (time passed in) and runs under CPython and MicroPython. `connector.Connector` adds the bus.
"""

FLIP_MS = 1000
STARTING_MS = 2000
BUSY_MS = 1000
UP_MS = 44000
DOWN_MS = 10000
NUDGE_AMPS = 2.0


class Charger:
    """What a connector does with its limits.

    For tests: `state`, `limit_amps` (None: none since power-up or since it lost its master),
    `shown_amps`, `draw_amps`, `relay_closed`, `relay_closes`, and `relay_events`, a list of
    (ms, closed).

    A subclass sets `car`, `protocol`, `min_amps`, `volts`, `kwh`, `stale_answers`, `_now` (ms)
    and calls `_power_on`, then `_pass` for each piece of time.
    """

    @property
    def draw_amps(self):
        """What the car really draws, in amperes a phase."""
        return self.car.draw_amps

    @property
    def shown_amps(self):
        """The maximum that the next answer will show: an echo, never a promise."""
        if self.lie_echo_amps is not None:
            return self.lie_echo_amps
        if self.limit_amps is None:
            return 0.0
        return 6.0 if self.limit_amps == 0 else self._limit_now()

    @property
    def state(self):
        """The state byte that the next answer will carry, if it does not lie."""
        if self._failed or self._lost_master:
            return 0x02
        if self._confirm is not None:
            return self._confirm
        if self._now is not None and self._now < self._busy_until:
            return 0x05
        if not self.car.plugged:
            return 0x00
        if self._flip_at is not None:
            return 0x01 if self.relay_closed else 0x03
        if self._phase == "charging":
            return 0x01
        if self._phase == "starting":
            return 0x08
        if self.limit_amps == 0:
            return 0x03
        if not self.car.shows_itself:
            return 0x00
        return 0x04 if self.limit_amps is None and self.car.wants else 0x03

    def _power_on(self):
        self.limit_amps = None
        self.relay_closed = False
        self.contactor_allowed = True
        self._failed = False
        self._lost_master = False
        self._confirm = None
        self._phase = "idle"
        self._phase_until = 0
        self._busy_until = 0
        self._flip_at = None
        self._nudge_amps = 0.0
        self._nudge_until = 0
        self._stale_amps = 0.0
        self._stale_left = 0
        self._was_plugged = self.car.plugged

    # -- what it is told

    def _command(self, command, amps):
        if command == 0x00:
            if self.limit_amps == 0 and self.car.plugged and self._flip_at is None:
                self._flip_at = self._now + FLIP_MS
        elif command == 0x02:
            self._failed = True
            self._open(False)
        elif command == 0x05 and (self.protocol == 1 or self._phase != "charging"):
            self._set_limit(amps)
        elif command == 0x09 and self.protocol == 2:
            if self._phase == "charging" and amps != self.limit_amps:
                self._confirm = 0x09
            self._set_limit(amps)
        elif command in (0x06, 0x07) and self.protocol == 2 and self.limit_amps:
            up = command == 0x06
            self._nudge_amps = NUDGE_AMPS if up else -NUDGE_AMPS
            self._nudge_until = self._now + (UP_MS if up else DOWN_MS)
            self._confirm = command

    def _set_limit(self, amps):
        self.limit_amps = amps
        self._nudge_amps = 0.0
        if self._flip_at is not None:
            self._flip_at = None
            self._relay(False)

    def _allow_contactor(self, allowed):
        self.contactor_allowed = allowed
        if not allowed:
            self._open(False)

    # -- what time does to it

    def _pass(self, slice_ms):
        if self._nudge_amps and self._now >= self._nudge_until:
            self._nudge_amps = 0.0
            self._confirm = 0x0A
        if self.car.plugged != self._was_plugged:
            self._was_plugged = self.car.plugged
            self._busy_until = self._now + BUSY_MS
            self._flip_at = None
        self._charge()
        phases = min(self.car.phases, len([1 for phase in self.volts if phase]))
        self.kwh += self.draw_amps * self.volts[0] * phases * slice_ms / 3.6e9
        if self._flip_at is not None and self._now >= self._flip_at and self._phase == "idle":
            self._flip_at = self._now + FLIP_MS
            self._relay(not self.relay_closed)

    def _charge(self):
        car = self.car
        offered = self._offered()
        draw = car.step(self._now, offered, self._phase == "charging")
        if self._phase == "charging":
            if draw <= 0 and not (car.asks and offered):
                self._phase = "idle"
                self._stale_left = self.stale_answers if car.plugged else 0
                self._relay(False)
        elif not car.asks or not offered:
            self._phase = "idle"
        elif self._phase == "idle" and self._now >= self._busy_until:
            self._phase = "starting"
            self._phase_until = self._now + STARTING_MS
        elif self._phase == "starting" and self._now >= self._phase_until and car.begins:
            self._phase = "charging"
            self._relay(True)

    def _offered(self):
        if self._failed or self.limit_amps is None or not self.contactor_allowed:
            return 0.0
        amps = self._limit_now()
        return amps if amps >= self.min_amps else 0.0

    def _limit_now(self):
        return max(0.0, self.limit_amps + self._nudge_amps)

    def _lose_master(self):
        """Without a master nothing is allowed, and the car is cut off under load."""
        self.limit_amps = None
        self._lost_master = True
        self._open(True)

    def _open(self, fault):
        self._flip_at = None
        if self._phase != "idle":
            self._phase = "idle"
            self.car.cut(fault)
        self._relay(False)

    def _relay(self, closed):
        if closed == self.relay_closed:
            return
        self.relay_closed = closed
        self.relay_events.append((self._now, closed))
        if closed:
            self.relay_closes += 1

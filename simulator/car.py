"""A car on a cable: what it draws, second by second, from what it is offered.

Pure (time passed in) and runs under CPython and MicroPython. Figures from owners' logs: a car
draws about 0.2 A under the offer, about 5.2 A when offered 6 A, and moves a few A a second.
"""

KINDS = ("normal", "full", "wants_nothing", "sleepy", "stuck")
# Three link losses and some cars want to be plugged again before they charge.
FAULTS_UNTIL_REPLUG = 3


class Car:
    """One car.

    kind: "normal" charges when it may. "full" is plugged in and asks for nothing more.
    "wants_nothing" does not even show itself to the connector. "sleepy" begins `sleep_s` seconds
    after it is first offered something, and falls asleep again when it is offered nothing.
    "stuck" says that it starts and never does.
    max_amps, min_amps: what the car itself can take; below the minimum it draws nothing.
    fill_kwh: it is full after this much more, whatever its kind; None: never.
    phases, volts: only for its energy.
    over_amps: it draws so much more than it is offered, within `max_amps`.

    Faults to switch on: `ignores_less` (a lower offer above 0 changes nothing), `ignores_stop`
    (nor does 0 A: only an opened contactor does).
    """

    def __init__(
        self,
        kind="normal",
        max_amps=32,
        min_amps=5,
        phases=1,
        volts=240,
        plugged=True,
        sleep_s=60,
        fill_kwh=None,
        ramp_up=3.0,
        ramp_down=6.0,
        vin="",
        resumes=True,
        over_amps=0.0,
    ):
        if kind not in KINDS:
            raise ValueError(f"a car of kind {kind!r} is not known: write one of {KINDS}")
        self.kind = kind
        self.max_amps = max_amps
        self.min_amps = min_amps
        self.phases = phases
        self.volts = volts
        self.sleep_s = sleep_s
        self.fill_kwh = fill_kwh
        self.ramp_up = ramp_up
        self.ramp_down = ramp_down
        self.vin = vin
        self.resumes = resumes
        self.plugged = plugged
        self.over_amps = over_amps
        self.ignores_less = False
        self.ignores_stop = False
        self.full = kind == "full"
        self.draw_amps = 0.0
        self.kwh = 0.0
        self.faults = 0
        self._refuses = False
        self._offered_ms = 0
        self._held_amps = 0.0
        self._last_ms = None

    def plug(self):
        """Put the cable in; forgets earlier faults."""
        self.plugged = True
        self.faults = 0
        self._refuses = False
        self._offered_ms = 0

    def unplug(self):
        """Pull the cable; the current is gone at once."""
        self.plugged = False
        self.draw_amps = 0.0
        self._offered_ms = 0

    def fill(self):
        """From now on it is full."""
        self.full = True

    def drive(self, fill_kwh=None):
        """It has been driven: not full, and full again after `fill_kwh` more (None: never)."""
        self.full = False
        self.kwh = 0.0
        self.fill_kwh = fill_kwh

    def cut(self, fault):
        """The contactor opened under load: by a lost master (`fault`), or by command."""
        self.draw_amps = 0.0
        if fault:
            self.faults += 1
            if self.faults >= FAULTS_UNTIL_REPLUG:
                self._refuses = True
        elif not self.resumes:
            self._refuses = True

    @property
    def shows_itself(self):
        """True when the connector can tell that a car is there."""
        return self.plugged and self.kind != "wants_nothing"

    @property
    def wants(self):
        """True when it would charge sooner or later if it were offered enough."""
        return self.shows_itself and not self.full and not self._refuses

    @property
    def asks(self):
        """True when it is awake, wants, and is offered enough: the contactor may close."""
        if not self.wants or not self._offered_ms:
            return False
        return self.kind != "sleepy" or self._offered_ms > self.sleep_s * 1000

    @property
    def begins(self):
        """False for a car that says that it starts and never does."""
        return self.kind != "stuck"

    def step(self, now_ms, offered_amps, closed=True):
        """Let time pass up to `now_ms` with this offer; return the draw in amperes.

        `closed`: the contactor passes current. Without it the car only listens to the offer.
        """
        passed_ms = 0 if self._last_ms is None else max(0, now_ms - self._last_ms)
        self._last_ms = now_ms
        enough = self.plugged and offered_amps >= self.min_amps
        self._offered_ms = self._offered_ms + max(passed_ms, 1) if enough else 0
        if not closed or not self.plugged:
            self.draw_amps = 0.0
            return 0.0
        target = self._target(offered_amps)
        if self.draw_amps < target:
            draw = min(target, self.draw_amps + self.ramp_up * passed_ms / 1000)
        else:
            draw = max(target, self.draw_amps - self.ramp_down * passed_ms / 1000)
        mean_amps = (self.draw_amps + draw) / 2
        self.kwh += mean_amps * self.volts * self.phases * passed_ms / 3.6e9
        self.draw_amps = draw
        if self.fill_kwh is not None and self.kwh >= self.fill_kwh:
            self.full = True
        return draw

    def _target(self, offered_amps):
        target = 0.0
        if self.asks and self.begins:
            below = 0.8 if offered_amps < 6.5 else 0.2
            if self.over_amps:
                below = -self.over_amps
            target = max(0.0, min(self.max_amps, offered_amps - below))
        deaf = self.ignores_less if target else self.ignores_stop
        if not (deaf and self.draw_amps and self.wants):
            self._held_amps = target
        self._held_amps = max(self._held_amps, target)
        return self._held_amps

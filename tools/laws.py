"""The interface of a law for the bench, and the laws of others as baselines in our own code.

A law is made anew for each day with ``make(cars)``, a list of :class:`CarSeen`, and is asked once
a second, as the firmware asks its own:

    class Steady:
        name = "six amperes"

        def __init__(self, cars):
            self.cars = cars

        def decide(self, seen):
            return [6 for car in seen.cars]

``decide(seen)`` gets a :class:`Seen` (the same object each time, brought up to date; copy what has
to be kept) and returns whole amperes for each car, in the order of ``seen.cars``; 0: off. What it
returns is offered from this second on. No law sees the sun, the house or a car but through this.
"""

import math


class CarSeen:
    """What the bus tells of one car: `offer_amps` (what the law gave last), `draw_amps` (as the
    connector reports it), and what is configured: `volts`, `phases`, `minimum_amps`,
    `maximum_amps`."""

    def __init__(self, volts=240, phases=1, minimum_amps=6, maximum_amps=32):
        self.volts = volts
        self.phases = phases
        self.minimum_amps = minimum_amps
        self.maximum_amps = maximum_amps
        self.offer_amps = 0
        self.draw_amps = 0.0

    @property
    def watts_per_amp(self):
        """Volts times phases."""
        return self.volts * self.phases

    @property
    def draw_watts(self):
        """What it draws, in watts, as the connector reports it."""
        return self.draw_amps * self.volts * self.phases


class Seen:
    """What a law knows in this second.

    `now_ms`: monotonic, whole milliseconds. `message`: True in the second in which a message of
    the meter arrives. Of the newest message: `grid_watts` (import positive, cars included) and
    `solar_watts` and `house_watts` (without cars); all None if that was no reading
    ("unavailable") or before the first one, `house_watts` also where nobody knows it.
    `surplus_watts`: what the cars may take: export plus what the connectors told that the cars
    drew when the message came; None like grid_watts. `message_ms`: when it came, None before the
    first one. `cars`: list of CarSeen.
    """

    def __init__(self, cars):
        self.cars = cars
        self.now_ms = 0
        self.message = False
        self.message_ms = None
        self.grid_watts = None
        self.solar_watts = None
        self.house_watts = None
        self.surplus_watts = None

    def draw_watts(self):
        """What all cars draw now, as the connectors report it."""
        return sum(car.draw_watts for car in self.cars)


class OpenEvse:
    """OpenEVSE "divert" (2026), once for each reading.

    The smoothed surplus decides on and off, the surplus itself the amperes. Made for one car: with
    several, each one gets what those before it leave, with its own smoothing. A lost reading
    changes nothing and "unavailable" counts as 0 W, as there. `pause_s`: kept off for so long
    before a start; there it is 0.
    """

    ATTACK_S = 20
    DECAY_S = 600
    MINIMUM_ON_MS = 600000
    HYSTERESIS_AMPS = 0.5

    def __init__(self, cars, ratio=1.1, name="OpenEVSE default", pause_s=0):
        self.name = name
        self.ratio = ratio
        self.pause_ms = 1000 * pause_s
        self._start_after_ms = [0] * len(cars)
        self._smooth_amps = [0.0] * len(cars)
        self._amps = [0] * len(cars)
        self._stop_after_ms = [0] * len(cars)
        self._last_ms = None
        self._reserve_watts = 0

    def decide(self, seen):
        if not seen.message:
            return self._amps
        passed_s = 0 if self._last_ms is None else (seen.now_ms - self._last_ms) / 1000
        self._last_ms = seen.now_ms
        if seen.grid_watts is None:
            left_watts = seen.draw_watts() - self._reserve_watts
        else:
            # Its reserve is for readings of the grid, not where it is fed with the sun alone.
            knows_grid = seen.house_watts is not None
            self._reserve_watts = 1000 * max(0, self.ratio - 1) if knows_grid else 0
            left_watts = seen.surplus_watts - self._reserve_watts
        for number, car in enumerate(seen.cars):
            self._one(number, car, left_watts, passed_s, seen.now_ms)
            left_watts -= self._amps[number] * car.watts_per_amp
        return self._amps

    def _one(self, number, car, watts, passed_s, now_ms):
        available = max(0, watts / car.watts_per_amp)
        smooth = self._smooth_amps[number]
        tau_s = self.ATTACK_S if available > smooth else self.DECAY_S
        share = 1 - math.exp(-passed_s / tau_s)
        smooth = self._smooth_amps[number] = available * share + smooth * (1 - share)
        rate = math.floor(available)
        if available - rate > min(1, self.ratio):
            rate += 1
        trigger = car.minimum_amps * min(1, self.ratio)
        if smooth >= trigger + self.HYSTERESIS_AMPS:
            if not self._amps[number]:
                if now_ms < self._start_after_ms[number]:
                    return
                self._stop_after_ms[number] = now_ms + self.MINIMUM_ON_MS
            self._amps[number] = min(car.maximum_amps, max(car.minimum_amps, rate))
        elif smooth <= trigger and now_ms >= self._stop_after_ms[number]:
            if self._amps[number]:
                self._start_after_ms[number] = now_ms + self.pause_ms
            self._amps[number] = 0


def openevse_nowaste(cars):
    """OpenEVSE with its ratio at 0.5: starts on half of the minimum."""
    return OpenEvse(cars, ratio=0.5, name="OpenEVSE nowaste")


def openevse_nowaste_pausing(cars):
    """The same with pauses of ten minutes, which our own law keeps: what they cost it."""
    return OpenEvse(cars, ratio=0.5, name="nowaste, 10 min off", pause_s=600)


class Evcc:
    """evcc "pv" (2026), every 30 s: no filter and no minimum times, but two timers.

    What the meter told is corrected for what the cars draw since, so that a reading older than
    30 s does no harm (in its favour). Several cars: the first one is served first.
    """

    name = "evcc pv"
    EVERY_MS = 30000
    ON_MS = 60000
    OFF_MS = 180000

    def __init__(self, cars):
        self._amps = [0] * len(cars)
        self._since_ms = [None] * len(cars)
        self._next_ms = 0

    def decide(self, seen):
        if seen.now_ms < self._next_ms or seen.surplus_watts is None:
            return self._amps
        self._next_ms = seen.now_ms + self.EVERY_MS
        left_watts = seen.surplus_watts - seen.draw_watts()
        for number, car in enumerate(seen.cars):
            before = self._amps[number]
            self._one(number, car, left_watts, seen.now_ms)
            left_watts -= (self._amps[number] - before) * car.watts_per_amp
        return self._amps

    def _one(self, number, car, watts, now_ms):
        amps = self._amps[number]
        target = math.floor(amps + watts / car.watts_per_amp)
        on = amps > 0
        if (target >= car.minimum_amps) == on:
            self._since_ms[number] = None
            if on:
                self._amps[number] = min(car.maximum_amps, target)
            return
        if self._since_ms[number] is None:
            self._since_ms[number] = now_ms
        waits_ms = self.OFF_MS if on else self.ON_MS
        if now_ms - self._since_ms[number] < waits_ms:
            self._amps[number] = car.minimum_amps if on else 0
        else:
            self._since_ms[number] = None
            # A charge begins at the minimum; the next round gives it the rest.
            self._amps[number] = 0 if on else car.minimum_amps


class TwcManager:
    """TWCManager (ngardiner, 2026): shares what there is every 30 s, offers with each heartbeat.

    spike: each raise to less than 16 A begins with 16 A for 5 s, as it does by default. A message
    without a value changes nothing. When there is too little for all cars that draw it switches
    all of them off, and then offers each of them everything: that is in its source.
    """

    CHECK_MS = 30000
    CHANGE_MS = 5000
    MINIMUM_MS = 60000
    SPIKE_AMPS = 16

    def __init__(self, cars, spike=True):
        self.name = "TWCManager" if spike else "TWCManager, no spike"
        self.spike = spike
        self._watts = 0.0
        self._next_ms = 0
        self._amps = [0] * len(cars)
        self._changed_ms = [-self.CHANGE_MS] * len(cars)
        self._enough = [False] * len(cars)
        self._crossed_ms = [-self.MINIMUM_MS] * len(cars)

    def decide(self, seen):
        if seen.now_ms >= self._next_ms and seen.solar_watts is not None:
            self._next_ms = seen.now_ms + self.CHECK_MS
            self._watts = max(0, seen.solar_watts - (seen.house_watts or 0))
        for number in range(len(seen.cars)):
            self._one(number, seen)
        return self._amps

    def _one(self, number, seen):
        car = seen.cars[number]
        most_amps = self._watts / car.watts_per_amp
        others_amps = sum(other.draw_amps for other in seen.cars if other is not car)
        drawing = sum(one.draw_amps >= 1 for one in seen.cars)
        desired = most_amps
        if drawing:
            desired = min(most_amps - others_amps, int(most_amps / drawing))
            if desired < car.minimum_amps < most_amps / drawing:
                # Enough for every car that draws, though another one still takes too much.
                desired = car.minimum_amps
        desired = min(desired, car.maximum_amps)
        enough = desired >= car.minimum_amps
        if enough != self._enough[number]:
            self._enough[number] = enough
            self._crossed_ms[number] = seen.now_ms
        if enough:
            wanted = int(desired)
        else:
            held = seen.now_ms - self._crossed_ms[number] < self.MINIMUM_MS
            wanted = car.minimum_amps if held and car.draw_amps >= 1 else 0
        self._offer(number, wanted, seen.now_ms)

    def _offer(self, number, wanted, now_ms):
        amps = self._amps[number]
        since_ms = now_ms - self._changed_ms[number]
        if wanted > amps and self.spike and wanted < self.SPIKE_AMPS:
            wanted = self.SPIKE_AMPS
        elif wanted < amps and since_ms < self.CHANGE_MS:
            wanted = amps
        if wanted != amps:
            self._changed_ms[number] = now_ms
            self._amps[number] = wanted


def twcmanager_no_spike(cars):
    """TWCManager with its spike switched off."""
    return TwcManager(cars, spike=False)

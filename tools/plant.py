"""The closed loop of the bench: sun and house, a meter, connectors and cars around one law.

Seconds of simulated time, no clock of the machine. Two plants: `PLAIN`, in which the meter tells
each reading at once and a car draws what it is offered from that very second, as the published
figures of the others were made, and `REAL`, with a late and noisy meter and a car that ramps.
"""

import random

from tools.laws import CarSeen, Seen

DRAWING_AMPS = 2.0
"""A relay is closed while its car draws more than this."""


class Meter:
    """A grid meter that also knows generation and consumption.

    `period_s`: how often it tells. None: whenever a row of the day begins. `lag_s`: how old what
    it tells is. `noise_watts`: standard deviation of each value. `lost`: share of the messages
    that never come, `unavailable`: share that come without a value. `holes`: list of
    (from_s, to_s) in which nothing comes.
    """

    def __init__(self, period_s=None, lag_s=0, noise_watts=0, lost=0.0, unavailable=0.0, holes=()):
        self.period_s = period_s
        self.lag_s = lag_s
        self.noise_watts = noise_watts
        self.lost = lost
        self.unavailable = unavailable
        self.holes = holes


class Car:
    """A car and its connector.

    `instant`: draws what it is offered, at once. Else it follows `listens_s` seconds after a new
    offer, begins `wakes_s` later when it is the first one, moves `ramp_amps` a second (down three
    times as fast) in steps of 0.5 A, and draws 0.2 A less than offered (`at_six_amps` at 6 A);
    the connector tells its draw a second late. `plugged`: list of (from_s, to_s), None: always.
    In amperes `minimum_amps` and `maximum_amps` are what may be offered.
    """

    def __init__(
        self,
        phases=1,
        volts=240,
        minimum_amps=6,
        maximum_amps=32,
        instant=True,
        ramp_amps=2.0,
        listens_s=2,
        wakes_s=8,
        at_six_amps=5.8,
        plugged=None,
    ):
        self.phases = phases
        self.volts = volts
        self.minimum_amps = minimum_amps
        self.maximum_amps = maximum_amps
        self.instant = instant
        self.ramp_amps = ramp_amps
        self.listens_s = listens_s
        self.wakes_s = wakes_s
        self.at_six_amps = at_six_amps
        self.plugged = plugged

    def made_instant(self):
        """The same car for the plain plant."""
        amps = self.minimum_amps, self.maximum_amps
        return Car(self.phases, self.volts, *amps, plugged=self.plugged)

    def is_plugged(self, second):
        """Whether its cable is in."""
        plugged = self.plugged
        return plugged is None or any(begin <= second < end for begin, end in plugged)


class CarRun:
    """A car on one day: `step` once a second."""

    def __init__(self, car):
        self.car = car
        self.draw_amps = 0.0
        self._offers = [0] * car.listens_s
        self._offered_s = 0
        self._real_amps = 0.0

    @property
    def watts(self):
        return self.draw_amps * self.car.volts * self.car.phases

    def step(self, second, offer_amps):
        """Draw of this second, in amperes."""
        car = self.car
        if car.instant:
            plugged = car.is_plugged(second)
            self.draw_amps = float(min(offer_amps, car.maximum_amps)) if plugged else 0.0
            return self.draw_amps
        self._offers.append(offer_amps)
        heard_amps = min(self._offers.pop(0), car.maximum_amps)
        if car.is_plugged(second):
            self._ramp(heard_amps)
        else:
            self.draw_amps = self._real_amps = 0.0
            self._offered_s = 0
        return self.draw_amps

    def _ramp(self, offer_amps):
        car = self.car
        self._offered_s = self._offered_s + 1 if offer_amps else 0
        target = 0.0
        if self._offered_s > car.wakes_s:
            target = car.at_six_amps if offer_amps == 6 else max(0, offer_amps - 0.2)
        step = min(car.ramp_amps, max(-3 * car.ramp_amps, target - self._real_amps))
        self._real_amps += step
        # Half amperes on the way, the target itself at its end.
        there = abs(self._real_amps - target) < 0.25
        self.draw_amps = target if there else max(0.0, round(self._real_amps * 2) / 2)


class Played:
    """What came of a day.

    `solar_kwh`, `grid_kwh`: into the cars. `surplus_kwh`: what there was. `starts`: draws above
    2 A. `ons_s`, `offs_s`: how long the offers that a car took lasted, and the pauses between two
    of them. `above_s`: seconds above the minimum while importing more than 0.6 A x phases;
    `above_readings`: the most readings in a row that a law had this to see.
    """

    def __init__(self):
        self.solar_kwh = 0.0
        self.grid_kwh = 0.0
        self.surplus_kwh = 0.0
        self.starts = 0
        self.ons_s = []
        self.offs_s = []
        self.above_s = 0
        self.above_readings = 0

    def score(self, per_start_kwh=0.05):
        """Solar less grid less what the starts cost."""
        return self.solar_kwh - self.grid_kwh - per_start_kwh * self.starts


def play(rows, make, cars=None, meter=None, seed=0, rows_late=0):
    """One day with one law; returns Played.

    rows: list of (seconds, solar_w, house_w); a row holds until the next one, the last as long as
    the one before it. make: what makes the law, from a list of CarSeen. rows_late: a reading shows
    the row so many rows back (with the cars as they are now).
    """
    cars = cars or [Car()]
    meter = meter or Meter()
    dice = random.Random(seed)
    runs = [CarRun(car) for car in cars]
    seen = Seen(
        [CarSeen(car.volts, car.phases, car.minimum_amps, car.maximum_amps) for car in cars]
    )
    law = make(seen.cars)
    relays = [_Relay() for car in cars]
    played = Played()
    knows_house = any(row[2] for row in rows)
    told = []  # what the meter will tell, and when
    end_s = rows[-1][0] + (rows[-1][0] - rows[-2][0])
    row = -1
    above = 0
    for second in range(int(rows[0][0]), int(end_s)):
        began = row + 1 < len(rows) and rows[row + 1][0] <= second
        if began:
            row += 1
        solar_w, house_w = rows[row][1:]
        cars_w = sum(run.watts for run in runs)
        due = began if meter.period_s is None else second % meter.period_s == 0
        if due:
            old = rows[max(0, row - rows_late)]
            told.append((second + meter.lag_s, old[1], old[2], cars_w, knows_house))
        seen.now_ms = second * 1000
        for car, run in zip(seen.cars, runs, strict=True):
            car.draw_amps = run.draw_amps  # of the last second
        seen.message = False
        if told and told[0][0] <= second:
            _tell(seen, told.pop(0), meter, dice, second)
        amps = law.decide(seen)
        drawn_w = 0.0
        for number, run in enumerate(runs):
            seen.cars[number].offer_amps = amps[number]
            run.step(second, amps[number])
            drawn_w += run.watts
            relays[number].follow(second, amps[number] > 0, run.draw_amps > DRAWING_AMPS)
        surplus_w = max(0.0, solar_w - house_w)
        from_sun_w = min(drawn_w, surplus_w)
        played.surplus_kwh += surplus_w / 3.6e6
        played.solar_kwh += from_sun_w / 3.6e6
        played.grid_kwh += (drawn_w - from_sun_w) / 3.6e6
        above = _above(seen, runs, drawn_w - (solar_w - house_w), played, above)
    for relay in relays:
        played.starts += relay.starts
        played.ons_s += relay.ons_s
        played.offs_s += relay.offs_s
    return played


def _tell(seen, message, meter, dice, second):
    _, solar_w, house_w, cars_w, knows_house = message
    if any(begin <= second < end for begin, end in meter.holes):
        return
    if meter.lost and dice.random() < meter.lost:
        return
    seen.message = True
    seen.message_ms = seen.now_ms
    if meter.unavailable and dice.random() < meter.unavailable:
        seen.grid_watts = seen.solar_watts = seen.house_watts = seen.surplus_watts = None
        return
    if meter.noise_watts:
        solar_w += dice.gauss(0, meter.noise_watts)
        house_w += dice.gauss(0, meter.noise_watts)
    seen.solar_watts = solar_w
    seen.house_watts = house_w if knows_house else None
    seen.grid_watts = house_w + cars_w - solar_w
    seen.surplus_watts = seen.draw_watts() - seen.grid_watts


def _above(seen, runs, import_w, played, above):
    """Counts seconds, and readings in a row, above the minimum while importing."""
    running = [run for run in runs if run.draw_amps > DRAWING_AMPS]
    high = any(run.draw_amps > 6.05 for run in running)
    allowed_w = sum(0.6 * run.car.volts * run.car.phases for run in running)
    if not (high and import_w > allowed_w):
        return 0
    played.above_s += 1
    above += seen.message
    played.above_readings = max(played.above_readings, above)
    return above


class _Relay:
    """Starts by draw, and how long offers with a draw lasted. An offer that nobody takes is no
    charge and does not end a pause."""

    def __init__(self):
        self.starts = 0
        self.ons_s = []
        self.offs_s = []
        self._closed = False
        self._taken = False
        self._since_s = None  # the offer that is there now
        self._ended_s = None

    def follow(self, second, offered, drawing):
        if drawing and not self._closed:
            self.starts += 1
        self._closed = drawing
        if offered and self._since_s is None:
            self._since_s = second
        if drawing and self._since_s is not None and not self._taken:
            self._taken = True
            if self._ended_s is not None:
                self.offs_s.append(self._since_s - self._ended_s)
        if not offered and self._since_s is not None:
            if self._taken:
                self.ons_s.append(second - self._since_s)
                self._ended_s = second
            self._since_s = None
            self._taken = False

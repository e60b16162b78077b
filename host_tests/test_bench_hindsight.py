"""The best in hindsight, against trying everything, and against laws that cannot do better."""

import itertools
import random

import pytest

from tools.days import make_rows
from tools.hindsight import best, best_with_grid
from tools.plant import Car, play

STEP = 60


def random_rows(dice, steps, per_step=1):
    """Rows with surpluses from none to too much, several in a step."""
    length = STEP // per_step
    return [
        (number * length, dice.choice([0, 1500, 2600, dice.randrange(9000)]), dice.randrange(900))
        for number in range(steps * per_step)
    ]


def try_everything(rows, cars, least, most_starts=None, grid_weight=1.0, per_start_kwh=0.05):
    """The best worth there is: all ways to be on and off, all amperes in each row."""
    steps = len(rows) * (rows[1][0] - rows[0][0]) // STEP
    ways = [way for way in itertools.product((0, 1), repeat=steps) if keeps(way, least)]
    gains = {
        on: [
            max(worth(row, combination, cars, grid_weight) for combination in amperes(cars, on))
            for row in rows
        ]
        for on in itertools.product((0, 1), repeat=len(cars))
    }
    per_step = len(rows) // steps
    hours = STEP / per_step / 3600
    found = 0.0
    for plans in itertools.product(ways, repeat=len(cars)):
        starts = sum(begins(way) for way in plans)
        if most_starts is not None and starts > most_starts:
            continue
        total = -per_start_kwh * starts
        for number in range(len(rows)):
            on = tuple(way[number // per_step] for way in plans)
            total += gains[on][number] * hours / 1000
        found = max(found, total)
    return found


def keeps(way, least):
    """All stretches are long enough, but the first one off and the last one."""
    stretches = [(value, len(list(group))) for value, group in itertools.groupby(way)]
    inner = stretches[1:-1] if not stretches[0][0] else stretches[:-1]
    return all(length >= least for _, length in inner)


def begins(way):
    return sum(now and not before for before, now in zip((0, *way), way, strict=False))


def amperes(cars, on):
    ranges = [
        range(car.minimum_amps, car.maximum_amps + 1) if is_on else (0,)
        for car, is_on in zip(cars, on, strict=True)
    ]
    return itertools.product(*ranges)


def worth(row, amps, cars, grid_weight):
    watts = sum(a * car.volts * car.phases for a, car in zip(amps, cars, strict=True))
    sun = max(0, row[1] - row[2])
    return min(watts, sun) - grid_weight * max(0, watts - sun)


def worth_of(plan, grid_weight=1.0, per_start_kwh=0.05):
    return plan.solar_kwh - grid_weight * plan.grid_kwh - per_start_kwh * plan.starts


@pytest.mark.parametrize("seed", range(8))
def test_one_car_on_short_days(seed):
    dice = random.Random(seed)
    rows = random_rows(dice, 11, per_step=dice.choice([1, 2]))
    cost = dice.choice([0.01, 0.05])
    plan = best(rows, [Car()], minimum_s=180, per_start_kwh=cost)
    assert worth_of(plan, per_start_kwh=cost) == pytest.approx(
        try_everything(rows, [Car()], 3, per_start_kwh=cost), abs=1e-9
    )
    assert plan.score == pytest.approx(worth_of(plan, per_start_kwh=cost))
    way = tuple(int(on[0]) for on in plan.on)
    assert keeps(way, 3) and begins(way) == plan.starts


def test_the_short_days_differ_in_their_starts():
    plans = [
        best(random_rows(random.Random(seed), 11), [Car()], 180, per_start_kwh=0.01)
        for seed in range(12)
    ]
    assert {plan.starts for plan in plans} >= {1, 2}


@pytest.mark.parametrize("weight", [0.5, 3.0])
def test_the_weight_of_the_grid(weight):
    rows = random_rows(random.Random(21), 10)
    plan = best(rows, [Car()], 120, grid_weight=weight, per_start_kwh=0.01)
    assert worth_of(plan, weight, 0.01) == pytest.approx(
        try_everything(rows, [Car()], 2, None, weight, 0.01), abs=1e-9
    )


@pytest.mark.parametrize("most", [0, 1, 2])
def test_a_limit_to_the_starts(most):
    # Three times sun for two minutes, and none for two between them.
    rows = [(number * STEP, 5000 if number % 4 < 2 else 0, 0) for number in range(11)]
    plan = best(rows, [Car()], 120, per_start_kwh=0.001, most_starts=most)
    assert plan.starts == most
    assert worth_of(plan, per_start_kwh=0.001) == pytest.approx(
        try_everything(rows, [Car()], 2, most, per_start_kwh=0.001), abs=1e-9
    )
    assert best(rows, [Car()], 120, per_start_kwh=0.001).starts == 3


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("phases", [1, 3])
def test_two_cars_alike_or_not(seed, phases):
    rows = random_rows(random.Random(40 + seed), 6)
    cars = [Car(maximum_amps=9), Car(phases=phases, maximum_amps=8)]
    plan = best(rows, cars, 120, per_start_kwh=0.002)
    assert worth_of(plan, per_start_kwh=0.002) == pytest.approx(
        try_everything(rows, cars, 2, per_start_kwh=0.002), abs=1e-9
    )


def test_a_car_is_used_only_while_its_cable_is_in_and_then_stops_at_once():
    rows = [(number * STEP, 3000, 0) for number in range(40)]
    plan = best(rows, [Car(plugged=[(300, 1260)])])
    assert [on[0] for on in plan.on] == [5 <= step < 21 for step in range(40)]
    plan = best(rows, [Car(plugged=[(300, 660)])])
    assert sum(on[0] for on in plan.on) == 6


def test_nothing_is_started_where_it_does_not_pay():
    rows = [(number * STEP, 700, 0) for number in range(30)]
    plan = best(rows, [Car()])
    assert (plan.starts, plan.solar_kwh, plan.grid_kwh, plan.score) == (0, 0, 0, 0)


def test_no_more_grid_than_allowed_and_less_sun_for_it():
    days = [(make_rows(seed, 3500, 4, clouds_s=200, clear_s=300), [Car()]) for seed in (3, 4)]
    free = [best(*day) for day in days]
    free_grid = sum(plan.grid_kwh for plan in free)
    assert free_grid > 0.2
    tight = best_with_grid(days, free_grid / 3)
    assert 0 < sum(plan.grid_kwh for plan in tight) <= free_grid / 3
    assert sum(plan.solar_kwh for plan in tight) < sum(plan.solar_kwh for plan in free)
    same = best_with_grid(days, free_grid)
    assert [plan.score for plan in same] == [plan.score for plan in free]


class Wild:
    """On and off for ten whole minutes or more, by dice, with the amperes of the moment."""

    def __init__(self, seed, cars):
        self.dice = random.Random(seed)
        self.on = [False for _ in cars]
        self.until_ms = [0 for _ in cars]

    def decide(self, seen):
        amps = []
        left_w = seen.surplus_watts or 0
        for number, car in enumerate(seen.cars):
            if seen.now_ms >= self.until_ms[number]:
                self.on[number] = self.dice.random() < 0.7
                self.until_ms[number] = seen.now_ms + 60000 * self.dice.randint(10, 40)
            wanted = round(left_w / car.watts_per_amp)
            amps.append(max(6, min(32, wanted)) if self.on[number] else 0)
            left_w -= amps[-1] * car.watts_per_amp
        return amps


@pytest.mark.parametrize("seed", range(3))
def test_no_law_that_keeps_the_times_does_better(seed):
    rows = make_rows(seed, 7000, 3, clouds_s=200, clear_s=300)
    cars = [Car() for _ in range(1 + seed % 2)]
    most = best(rows, cars).score
    scores = [play(rows, lambda cars, s=s: Wild(s, cars), cars).score() for s in range(8)]
    assert max(scores) < most
    assert max(scores) > 0.3 * most

"""The best that any law could have done on a day, told the whole day beforehand.

A dynamic programme over steps of a minute: each car is on or off, has been so for a number of
steps (counted up to the minimum time), and may change only when that time is over. While cars
are on, each row of the day gets the whole amperes that are best for it. What is made most of is
solar - grid_weight x grid - per_start_kwh x starts, all in kWh.
"""

import math


class Best:
    """`solar_kwh`, `grid_kwh` into the cars, `starts`, `score` (solar - grid - cost of starts,
    whatever the weight of the grid was) and `on`: for each step a tuple of bools, one a car."""

    def __init__(self, solar_kwh, grid_kwh, starts, per_start_kwh, on):
        self.solar_kwh = solar_kwh
        self.grid_kwh = grid_kwh
        self.starts = starts
        self.score = solar_kwh - grid_kwh - per_start_kwh * starts
        self.on = on


def best(
    rows,
    cars,
    minimum_s=600,
    step_s=60,
    per_start_kwh=0.05,
    most_starts=None,
    grid_weight=1.0,
):
    """The best plan for a day; returns Best.

    rows: list of (seconds, solar_w, house_w), each holds until the next one, the last as long as
    the one before. cars: tools.plant.Car; they draw what they are offered, and one that is
    unplugged stops at once. minimum_s: of on and of off; before its first charge a car has been
    off for long enough, and the end of the day ends a charge. most_starts: in all, None: any
    number.
    """
    least = max(1, math.ceil(minimum_s / step_s))
    begin_s = rows[0][0]
    parts = _parts(rows, step_s)
    worth = [_worth(part, cars, grid_weight) for part in parts]
    # A state is a tuple of one number a car: 1 to least when on, -1 to -least when off; with
    # it goes how many starts there have been, when they are limited.
    first = (tuple([-least] * len(cars)), 0)
    values = {first: 0.0}
    came_from = []
    moves = {}
    for step in range(len(parts)):
        second = begin_s + step * step_s
        here = tuple(car.is_plugged(second) for car in cars)
        gains = {}
        after = {}
        origin = {}
        for state, value in values.items():
            ages, started = state
            key = (ages, here)
            if key not in moves:
                moves[key] = _moves(ages, here, least)
            for new_ages, begun, on in moves[key]:
                starts = 0
                if most_starts is not None:
                    starts = started + begun
                    if starts > most_starts:
                        continue
                if on not in gains:
                    gains[on] = worth[step](on)[0]
                gained = value + gains[on] - per_start_kwh * begun
                new = (new_ages, starts)
                if gained > after.get(new, -math.inf):
                    after[new] = gained
                    origin[new] = state
        values = after
        came_from.append(origin)
    return _walk_back(values, came_from, worth, per_start_kwh)


def best_with_grid(days, grid_kwh, rounds=12, **more):
    """Several days at once, with no more than `grid_kwh` in all: a list of Best, or None.

    days: list of (rows, cars). The weight of the grid is raised until that energy is kept, so it
    is the best for some weight, which may use a little less of the grid than it might.
    """
    lowest, highest = 1.0, 50.0
    weight, kept = lowest, None
    for _ in range(rounds):
        plans = [best(rows, cars, grid_weight=weight, **more) for rows, cars in days]
        if sum(plan.grid_kwh for plan in plans) <= grid_kwh:
            kept = plans
            if weight == lowest:
                break
            highest = weight
        else:
            lowest = weight
        weight = math.sqrt(lowest * highest)
    return kept


def _parts(rows, step_s):
    """For each step a list of (seconds, surplus watts)."""
    end_s = rows[-1][0] + (rows[-1][0] - rows[-2][0] if len(rows) > 1 else step_s)
    begin_s = rows[0][0]
    parts = [[] for _ in range(math.ceil((end_s - begin_s) / step_s))]
    for number, (from_s, solar_w, house_w) in enumerate(rows):
        to_s = rows[number + 1][0] if number + 1 < len(rows) else end_s
        while from_s < to_s:
            step = int((from_s - begin_s) // step_s)
            until_s = min(to_s, begin_s + (step + 1) * step_s)
            parts[step].append((until_s - from_s, solar_w - house_w))
            from_s = until_s
    return parts


def _worth(part, cars, grid_weight):
    """A function: which cars are on -> (worth, solar kWh, grid kWh) of the step."""

    def of(on):
        running = [car for car, is_on in zip(cars, on, strict=True) if is_on]
        if not running:
            return 0.0, 0.0, 0.0
        solar_kwh = grid_kwh = 0.0
        for seconds, surplus_w in part:
            solar_w, grid_w = _best_watts(running, surplus_w, grid_weight)
            solar_kwh += solar_w * seconds / 3.6e6
            grid_kwh += grid_w * seconds / 3.6e6
        return solar_kwh - grid_weight * grid_kwh, solar_kwh, grid_kwh

    return of


def _best_watts(running, surplus_w, grid_weight):
    """(from the sun, from the grid), in watts, with the best amperes for these cars."""
    found = None
    sun_w = max(0.0, surplus_w)
    for watts in _powers(running, sun_w):
        solar_w = min(watts, sun_w)
        worth = solar_w - grid_weight * (watts - solar_w)
        # Of equals the one that gives the car more.
        if found is None or (worth, watts) > (found[0], sum(found[1:])):
            found = worth, solar_w, watts - solar_w
    return found[1:]


def _powers(running, surplus_w):
    """The powers worth trying: the sum of the amperes just below and just above the surplus,
    with every ampere of a car beside it that has other phases or volts."""
    per_amp = running[0].volts * running[0].phases
    alike = [car for car in running if car.volts * car.phases == per_amp]
    others = [car for car in running if car.volts * car.phases != per_amp]
    low = sum(car.minimum_amps for car in alike)
    high = sum(car.maximum_amps for car in alike)
    if others:
        return [
            amps * per_amp + watts
            for amps in range(low, high + 1)
            for watts in _powers(others, surplus_w - amps * per_amp)
        ]
    near = min(high, max(low, math.floor(surplus_w / per_amp)))
    return [near * per_amp, min(high, near + 1) * per_amp]


def _moves(ages, here, least):
    """All (new ages, starts, which are on) that may follow."""
    ways = [((), 0, ())]
    for age, plugged in zip(ages, here, strict=True):
        choices = []
        longer = age + 1 if age > 0 else age - 1
        longer = max(-least, min(least, longer))
        if age > 0:
            if plugged:
                choices.append((longer, 0, True))
            if age == least or not plugged:
                choices.append((-1, 0, False))
        else:
            choices.append((longer, 0, False))
            if age == -least and plugged:
                choices.append((1, 1, True))
        ways = [
            (ages_so_far + (new,), begun + start, on + (is_on,))
            for ages_so_far, begun, on in ways
            for new, start, is_on in choices
        ]
    return ways


def _walk_back(values, came_from, worth, per_start_kwh):
    state = max(values, key=values.get)
    path = []
    for origin in reversed(came_from):
        path.append(tuple(age > 0 for age in state[0]))
        state = origin[state]
    path.reverse()
    solar_kwh = grid_kwh = 0.0
    starts = 0
    before = tuple([False] * len(path[0]))
    for step, on in enumerate(path):
        _, solar, grid = worth[step](on)
        solar_kwh += solar
        grid_kwh += grid
        starts += sum(now and not then for now, then in zip(on, before, strict=True))
        before = on
    return Best(solar_kwh, grid_kwh, starts, per_start_kwh, path)

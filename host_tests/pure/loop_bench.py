"""What the closed loops around a grid meter have in common: which meters there are, and how to
see that an offer hunts."""

import sys


def meters(ramps):
    """(period in s, lag in s, ramp of the car in A/s) of every meter that has to be borne."""
    periods_s, lags_s = (1, 5, 10, 60), (0, 2, 5, 8, 12, 15)
    if sys.implementation.name == "micropython":
        # It is no other loop there, only a slower one.
        periods_s, lags_s = (1, 10, 60), (0, 15)
    for period_s in periods_s:
        for lag_s in lags_s:
            for ramp in ramps:
                yield period_s, lag_s, ramp


def count_swings(offers, step_s):
    """How often the offer of each second turned from up to down or back, but for the steps that
    sun or house make each `step_s`."""
    count = 0
    direction = 0
    for t_s in range(1, len(offers)):
        if t_s % step_s == 0:
            direction = 0
        change = offers[t_s] - offers[t_s - 1]
        if change:
            count += direction * change < 0
            direction = change
    return count

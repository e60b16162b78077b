"""Mean, spread and import budget, and when they will let a car start or stop.

Runs under CPython and under MicroPython. Watts; the minimum is 1440 W.
"""

import math

from charging.trend import Trend

S = 1000
NEEDS = 1440
MINIMUMS = (NEEDS, NEEDS)  # of all cars, of the largest


class Sun:
    """Readings each `every_s` seconds, from `at_s` on."""

    def __init__(self, every_s=1, hold_s=60, min_on_s=600, budget_wh=20, minimums=MINIMUMS):
        self.trend = Trend(hold_s * S, min_on_s * S, budget_wh)
        self.every_ms = every_s * S
        self.now_ms = 0
        self.minimums = minimums

    def shine(self, seconds, watts, lacking=0, kept=0):
        for _ in range(seconds * S // self.every_ms):
            self.now_ms += self.every_ms
            self.trend.weigh(watts, self.now_ms, self.minimums, kept, lacking, self.now_ms)
        return self.trend


def near(value, wanted, by=2.0):
    assert abs(value - wanted) <= by, (value, wanted)


def test_the_mean_rises_with_the_hold_and_falls_with_the_minimum_on_time():
    for every_s in (1, 10, 30):
        sun = Sun(every_s)
        sun.shine(every_s, 0)
        near(sun.shine(60, 3000).mean, 3000 * (1 - math.exp(-1)))
        sun.shine(3600, 3000)
        near(sun.shine(600, 0).mean, 3000 * math.exp(-1))


def test_the_first_reading_says_nothing_about_the_time_before():
    assert Sun().shine(1, 9000).mean == 0


def test_a_hold_of_nothing_believes_at_once():
    sun = Sun(hold_s=0)
    assert sun.shine(2, 3000).mean == 3000
    # Nor does a minimum on time of nothing remember; a reading differs by half a minimum at most.
    assert Sun(min_on_s=0).shine(1, 3000).spread == 720


def test_more_than_two_and_a_half_minimums_say_no_more():
    near(Sun().shine(3600, 20000).mean, 2.5 * NEEDS)
    # Of all cars, not of the largest.
    near(Sun(minimums=(7200, 4320)).shine(3600, 20000).mean, 2.5 * 7200)
    # What cars take that charge whatever the sun does comes on top.
    near(Sun().shine(3600, 20000, kept=7680).mean, 2.5 * NEEDS + 7680)


def test_a_steady_sun_is_sure_and_a_wavering_one_as_far_as_it_wavers():
    near(Sun().shine(7200, 3000).sure_watts(), 3000)
    sun = Sun()
    for _ in range(120):
        sun.shine(30, 3500)
        sun.shine(30, 2500)
    assert 350 < sun.trend.spread < 650, sun.trend.spread
    sure_watts = min(sun.trend.mean - sun.trend.spread, sun.trend.recent)
    near(sun.trend.sure_watts(), sure_watts + 1, 0.01)


def test_light_that_comes_and_goes_within_the_minute_is_its_plain_mean():
    # The mean alone rises faster than it falls: it would find enough here for a start.
    for light_s, dark_s in ((10, 40), (20, 60), (10, 20)):
        sun = Sun()
        most = without = 0
        for _ in range(3600 // (light_s + dark_s)):
            most = max(most, sun.shine(light_s, 3000).sure_watts())
            without = max(without, sun.trend.mean - sun.trend.spread)
            sun.shine(dark_s, 0)
        assert without > NEEDS > most, (light_s, without, most)


def test_one_reading_spreads_no_further_than_half_the_largest_minimum():
    for minimums in (MINIMUMS, (5760, 1440), (7200, 4320)):
        sun = Sun(minimums=minimums)
        sun.shine(7200, 3600)
        before = sun.trend.spread
        near(sun.shine(60, -9000).spread - before, minimums[1] / 2 * (1 - math.exp(-60 / 600)), 2)


def test_the_budget_counts_watt_hours_and_is_paid_back():
    sun = Sun(10)
    sun.shine(20, 0)
    near(sun.shine(60, 0, 1200).used_wh, 20, 0.01)
    near(sun.shine(30, 0, -600).used_wh, 15, 0.01)
    assert sun.shine(600, 0, -600).used_wh == 0


def test_a_reading_is_weighed_once_and_by_silence_after_a_minute():
    trend = Trend(60 * S, 600 * S, 20)
    assert trend.weigh(3000, 500, MINIMUMS, 0, 0, 1000)
    for now_ms in range(2000, 61000, 1000):
        assert not trend.weigh(3000, 500, MINIMUMS, 0, 0, now_ms)
    assert trend.mean == 0
    assert trend.weigh(3000, 500, MINIMUMS, 0, 0, 61000)
    near(trend.mean, 3000 * (1 - math.exp(-1)))


def test_a_gap_counts_two_minutes_at_most():
    trend = Trend(60 * S, 600 * S, 20)
    trend.weigh(0, 0, MINIMUMS, 0, 0, 0)
    trend.weigh(3000, 1, MINIMUMS, 0, 1440, 3600 * S)
    near(trend.mean, 3000 * (1 - math.exp(-2)))
    near(trend.used_wh, 48, 0.01)


def test_what_is_lost_is_forgotten():
    sun = Sun()
    sun.shine(3600, 3000)
    sun.trend.lost()
    assert sun.trend.mean == sun.trend.spread == 0
    assert sun.shine(1, 3000).mean == 0
    near(sun.shine(60, 3000).mean, 3000 * (1 - math.exp(-1)))


def test_what_was_used_of_the_budget_outlasts_a_lost_reading():
    sun = Sun()
    sun.shine(2, 0)
    sun.shine(36, 0, 1000)
    sun.trend.lost()
    near(sun.shine(1, 0, 1000).used_wh, 10, 0.01)


def test_when_a_reading_will_be_decided_on():
    sun = Sun(10)
    trend = sun.shine(30, 3000)
    assert sun.now_ms == 30000
    for at_ms, now_ms, reads_ms in (
        (0, 30000, 40000),
        (40000, 30000, 40000),
        (40001, 30000, 50000),
        (95000, 33000, 100000),
        # The one that was due did not come: after a minute the old one counts again.
        (0, 45000, 90000),
        (95000, 45000, 100000),
        # Nor then: as soon as can be.
        (0, 95000, 96000),
    ):
        assert trend.reads_ms(at_ms, now_ms) == reads_ms, (at_ms, now_ms)
    # The longer one of the last two gaps counts.
    trend.weigh(3000, 34000, MINIMUMS, 0, 0, 34000)
    assert trend.reads_ms(0, 34000) == 44000
    trend.weigh(3000, 38000, MINIMUMS, 0, 0, 38000)
    assert trend.reads_ms(0, 38000) == 42000


def test_how_soon_it_starts_is_never_too_little_and_seldom_much_too_long():
    for every_s in (1, 5, 20, 60):
        for before, watts in ((0, 1800), (0, 2500), (-500, 9000), (1300, 1700), (4000, 1500)):
            sun = Sun(every_s)
            sun.shine(600, before)
            sun.shine(2 * every_s, watts)
            promised_ms = sun.trend.starts_in_ms(watts, NEEDS, sun.now_ms)
            began_ms = sun.now_ms
            while sun.trend.sure_watts() < NEEDS:
                sun.shine(every_s, watts)
            took_ms = sun.now_ms - began_ms
            what = (every_s, before, watts, took_ms, promised_ms)
            assert took_ms <= promised_ms or not took_ms, what
            assert promised_ms <= took_ms * 1.1 + 3000 + 2 * sun.every_ms, what


def test_it_does_not_promise_what_never_comes():
    sun = Sun()
    sun.shine(600, 1430)
    assert sun.trend.starts_in_ms(1430, NEEDS, sun.now_ms) is None
    # Nor is it long in finding that out.
    assert Sun(hold_s=3600).shine(5, 1450).starts_in_ms(1450, NEEDS, 5000) is None


def test_from_when_on_the_mean_is_too_low():
    sun = Sun()
    trend = sun.shine(3600, 3000)
    # 500 + 2500 e^(-t / 600 s) = 1440
    began_ms = trend.below_ms(500, NEEDS) - sun.now_ms
    near(began_ms, 600000 * math.log(2500 / 940), 50)
    sun.shine(began_ms // S - 1, 500)
    assert trend.mean > NEEDS
    sun.shine(2, 500)
    assert trend.mean < NEEDS
    assert trend.below_ms(500, NEEDS) == sun.now_ms


def test_when_the_budget_is_used():
    trend = Sun(budget_wh=20).trend
    assert trend.spent_ms(720, 0, 5000) == 105000
    assert trend.spent_ms(720, 15, 5000) == 30000
    assert trend.spent_ms(720, 35, 5000) == 5000
    assert Sun(budget_wh=0).trend.spent_ms(1, 0, 5000) == 5000

"""The closed loop of the bench: what a law sees, what a car draws, and what is counted."""

import pytest

from tools.plant import Car, Meter, play

MINUTE = 60


class Steady:
    """A law for the tests: offers what it is told to, and notes all that it sees."""

    def __init__(self, plan, cars):
        self.plan = plan
        self.cars = cars
        self.noted = []

    def decide(self, seen):
        second = seen.now_ms // 1000
        draws = [car.draw_amps for car in seen.cars]
        reading = (seen.grid_watts, seen.surplus_watts, seen.solar_watts, seen.house_watts)
        self.noted.append((second, seen.message, reading, draws))
        self.message_ms = seen.message_ms
        return [self.plan(second) for _ in self.cars]


def run(rows, plan, cars=None, meter=None, **more):
    """(Played, the law) of a day with a plan: second -> amperes for each car."""
    made = []

    def make(seen_cars):
        made.append(Steady(plan, seen_cars))
        return made[0]

    return play(rows, make, cars, meter, **more), made[0]


def minutes(*watts, house=500):
    """Rows of a minute with this surplus over a house."""
    return [(number * MINUTE, each + house, house) for number, each in enumerate(watts)]


def draws_of(car, plan, seconds):
    """What it draws second by second."""
    _, law = run([(0, 9000, 0), (seconds + 1, 0, 0)], plan, [car])
    return [draws[0] for *_, draws in law.noted][1 : seconds + 1]


def test_energy_is_told_apart_by_where_it_comes_from():
    # 10 A x 240 V with 3000, 1200 and, over the house, -400 W of surplus; a minute each.
    played, _ = run(minutes(3000, 1200, -400), lambda second: 10)
    assert played.solar_kwh == pytest.approx((2400 + 1200 + 0) / 60000)
    assert played.grid_kwh == pytest.approx((0 + 1200 + 2400) / 60000)
    assert played.surplus_kwh == pytest.approx((3000 + 1200) / 60000)
    assert played.score() == pytest.approx(played.solar_kwh - played.grid_kwh - 0.05)


def test_a_row_is_read_when_it_begins_and_acted_on_at_once():
    rows = minutes(3000, 1000, 2000)
    _, law = run(rows, lambda second: 0)
    messages = [(second, reading) for second, message, reading, _ in law.noted if message]
    assert messages == [
        (0, (-3000, 3000, 3500, 500)),
        (60, (-1000, 1000, 1500, 500)),
        (120, (-2000, 2000, 2500, 500)),
    ]
    assert len(law.noted) == 180


def test_the_grid_has_the_cars_in_it_and_the_surplus_has_not():
    _, law = run(minutes(3000, 1000), lambda second: 10)
    assert law.noted[60][2][:2] == (1400, 1000)


def test_a_row_late_shows_the_row_before_with_the_cars_of_now():
    _, law = run(minutes(3000, 1000, 2000), lambda second: 10, rows_late=1)
    assert [law.noted[at][2][1] for at in (0, 60, 120)] == [3000, 3000, 1000]
    assert law.noted[120][2][0] == 10 * 240 - 1000


def test_a_house_of_0_all_day_is_one_that_nobody_knows():
    _, law = run(minutes(3000, 1000, house=0), lambda second: 0)
    assert law.noted[0][2] == (-3000, 3000, 3000, None)


def test_a_meter_tells_every_so_often_what_was_some_seconds_ago():
    _, law = run(minutes(3000, 1000), lambda second: 0, meter=Meter(period_s=7, lag_s=5))
    assert law.message_ms == 117000
    messages = [(second, reading[1]) for second, message, reading, _ in law.noted if message]
    assert messages[:2] == [(5, 3000), (12, 3000)]
    assert [second for second, _ in messages] == list(range(5, 120, 7))
    # Measured at 56 and 63.
    assert dict(messages)[61] == 3000 and dict(messages)[68] == 1000


def test_a_late_meter_that_is_corrected_for_the_draw_of_now_errs_by_the_last_step():
    _, law = run(
        minutes(3000, 3000), lambda second: 10 if second >= 60 else 0, meter=Meter(10, lag_s=3)
    )
    told = {second: reading[1] for second, message, reading, _ in law.noted if message}
    # Measured at 60, before the car drew; told at 63, when it draws 2400 W.
    assert told[63] == 3000 + 2400 and told[73] == 3000


def test_messages_get_lost_and_come_without_a_value():
    rows = [(0, 3500, 500), (10000, 0, 0)]
    _, law = run(rows, lambda second: 0, meter=Meter(1, lost=0.2, unavailable=0.1), seed=5)
    seen = law.noted[:10000]
    told = [reading for _, message, reading, _ in seen if message]
    assert 7800 < len(told) < 8200
    assert 700 < told.count((None, None, None, None)) < 900
    assert {reading for reading in told} == {(None,) * 4, (-3000, 3000, 3500, 500)}


def test_nothing_comes_in_a_hole():
    meter = Meter(1, holes=[(20, 50)])
    _, law = run(minutes(3000, 1000), lambda second: 0, meter=meter)
    silent = [second for second, message, *_ in law.noted if not message]
    assert silent == list(range(20, 50))


def test_noise_is_of_the_size_that_was_asked_for_and_the_same_again_with_the_same_seed():
    rows = [(0, 3500, 500), (3000, 0, 0)]
    told = []
    for seed in (1, 1, 2):
        _, law = run(rows, lambda second: 0, meter=Meter(1, noise_watts=20), seed=seed)
        told.append([reading[2] for *_, reading, _ in law.noted[:3000]])
    assert told[0] == told[1] != told[2]
    mean = sum(told[0]) / 3000
    spread = (sum((watts - mean) ** 2 for watts in told[0]) / 3000) ** 0.5
    assert abs(mean - 3500) < 2 and 18 < spread < 22


def test_an_instant_car_draws_its_offer_at_once_up_to_its_maximum():
    assert draws_of(Car(maximum_amps=16), lambda second: [0, 6, 10, 20][min(second, 3)], 6) == [
        0,
        6,
        10,
        16,
        16,
        16,
    ]


def test_a_real_car_wakes_ramps_by_2_a_a_second_and_stays_0_2_a_under_the_offer():
    draws = draws_of(Car(instant=False), lambda second: 12 if second >= 5 else 0, 60)
    begins = next(second for second, amps in enumerate(draws) if amps)
    # Offered at 5, heard 2 s later, awake after 8 more.
    assert begins == 5 + 2 + 8
    assert draws[begins : begins + 7] == [2, 4, 6, 8, 10, 11.8, 11.8]
    assert set(draws[:begins]) == {0}


def test_a_real_car_moves_in_half_amperes():
    car = Car(instant=False, ramp_amps=0.7)
    draws = draws_of(car, lambda second: 12, 60)
    moving = [amps for amps in draws if 0 < amps < 11.8]
    assert len(moving) > 10
    assert all(amps * 2 == round(amps * 2) for amps in moving)


def test_some_cars_draw_5_2_a_at_6_a():
    assert draws_of(Car(instant=False, at_six_amps=5.2), lambda second: 6, 60)[-1] == 5.2
    assert draws_of(Car(instant=False), lambda second: 6, 60)[-1] == 5.8


def test_a_real_car_follows_less_2_s_later_and_is_off_soon():
    draws = draws_of(Car(instant=False), lambda second: 12 if second < 40 else 0, 60)
    assert draws[40:45] == [11.8, 11.8, 6, 0, 0]


@pytest.mark.parametrize("instant", [True, False])
def test_a_car_draws_only_while_its_cable_is_in(instant):
    car = Car(instant=instant, plugged=[(30, 70)])
    draws = draws_of(car, lambda second: 10, 100)
    drawing = [second for second, amps in enumerate(draws) if amps]
    assert drawing == list(range(30 if instant else 38, 70))


def test_three_phases_draw_three_times_as_much():
    played, _ = run(minutes(9000, 9000), lambda second: 10, [Car(phases=3, volts=230)])
    assert played.solar_kwh == pytest.approx(6.9 * 2 / 60)


def test_starts_are_draws_and_lengths_are_those_of_offers_that_were_taken():
    def plan(second):
        return 6 if 60 <= second < 700 or 900 <= second < 1000 or second >= 1300 else 0

    played, _ = run(minutes(*[3000] * 30), plan)
    assert (played.starts, played.ons_s, played.offs_s) == (3, [640, 100], [200, 300])
    # Offered at 900 for nothing: no start, and the pause goes on.
    car = Car(plugged=[(0, 800), (1100, 9999)])
    played, _ = run(minutes(*[3000] * 30), plan, [car])
    assert (played.starts, played.ons_s, played.offs_s) == (2, [640], [600])


def test_above_the_minimum_while_importing_is_counted_in_seconds_and_readings():
    # 2400 W with 2255 W of surplus: 145 W are more than 0.6 A, 144 W are not.
    played, _ = run(minutes(2255, 2256, 2255, 2255, 2255, 2400), lambda second: 10)
    assert played.above_s == 4 * 60
    assert played.above_readings == 3
    played, _ = run(minutes(0, 0, 0), lambda second: 6)
    assert (played.above_s, played.above_readings) == (0, 0)


def test_what_is_allowed_grows_with_the_phases():
    car = Car(phases=3, volts=240)
    surplus = 3 * 2400 - 3 * 144
    assert run(minutes(surplus, surplus), lambda second: 10, [car])[0].above_s == 0
    assert run(minutes(surplus - 1, surplus), lambda second: 10, [car])[0].above_s == 60


def test_the_last_row_holds_as_long_as_the_one_before():
    played, law = run([(0, 1000, 0), (30, 1000, 0)], lambda second: 0)
    assert len(law.noted) == 60 and played.surplus_kwh == pytest.approx(1 / 60)

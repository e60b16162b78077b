"""Cars: what they draw from what they are offered."""

import pytest

from simulator.car import FAULTS_UNTIL_REPLUG, Car


def drive(car, offered_amps, seconds, start_s=0, closed=True):
    """Second by second; returns the draws."""
    begin = start_s * 1000
    return [car.step(begin + s * 1000, offered_amps, closed) for s in range(seconds + 1)]


def test_it_ramps_a_few_amperes_a_second_up_and_down_and_stays_below_the_offer():
    car = Car()
    up = drive(car, 16, 20)
    steps = [later - earlier for earlier, later in zip(up, up[1:], strict=False)]
    assert 1 <= max(steps) <= 4
    assert up[-1] == pytest.approx(15.8)
    down = drive(car, 8, 20, start_s=21)
    assert down[0] > 9
    assert down[-1] == pytest.approx(7.8)


def test_offered_six_it_takes_about_five_and_offered_less_than_its_minimum_nothing():
    car = Car(min_amps=6)
    assert drive(car, 6, 10)[-1] == pytest.approx(5.2)
    assert drive(car, 5.9, 10, start_s=11)[-1] == 0


def test_its_own_maximum():
    assert drive(Car(max_amps=16), 32, 30)[-1] == 16


@pytest.mark.parametrize("kind", ["full", "wants_nothing", "stuck"])
def test_kinds_that_draw_nothing(kind):
    assert max(drive(Car(kind), 16, 60)) == 0


def test_a_sleepy_one_begins_late_and_sleeps_again():
    car = Car("sleepy", sleep_s=30)
    draws = drive(car, 10, 60)
    assert max(draws[:29]) == 0
    assert draws[-1] == pytest.approx(9.8)
    drive(car, 0, 10, start_s=61)
    assert max(drive(car, 10, 20, start_s=72)) == 0


def test_it_fills_up():
    car = Car(fill_kwh=0.1, phases=3, volts=230)
    draws = drive(car, 16, 120)
    # 0.1 kWh at 15.8 A on three phases of 230 V is 33 s.
    assert draws[25] == pytest.approx(15.8)
    assert draws[-1] == 0
    assert car.full and car.kwh == pytest.approx(0.1, rel=0.2)
    assert not car.wants
    car.drive()
    assert drive(car, 16, 20, start_s=121)[-1] == pytest.approx(15.8)


def test_pulling_the_plug_ends_the_current_at_once():
    car = Car()
    drive(car, 16, 20)
    car.unplug()
    assert car.draw_amps == 0
    assert drive(car, 16, 5, start_s=21)[-1] == 0
    car.plug()
    assert drive(car, 16, 20, start_s=27)[-1] == pytest.approx(15.8)


def test_with_the_contactor_open_it_listens_but_draws_nothing():
    car = Car("sleepy", sleep_s=5)
    assert max(drive(car, 10, 10, closed=False)) == 0
    assert car.asks
    assert drive(car, 10, 5, start_s=11)[-1] > 5


def test_after_some_faults_it_wants_to_be_plugged_again():
    car = Car()
    for _ in range(FAULTS_UNTIL_REPLUG):
        assert car.wants
        car.cut(fault=True)
    assert not car.wants
    car.plug()
    assert car.wants


def test_an_unknown_kind_is_told():
    with pytest.raises(ValueError, match="'fast'.*normal"):
        Car("fast")


def draws(car, *offers):
    """What it draws after ten seconds at each offer."""
    now_ms = 0
    found = []
    for amps in offers:
        for _ in range(100):
            now_ms += 100
            car.step(now_ms, amps)
        found.append(round(car.draw_amps, 1))
    return found


def test_a_car_that_draws_more_than_it_is_offered():
    assert draws(Car(over_amps=3), 10, 16, 0) == [13, 19, 0]
    assert draws(Car(over_amps=3, max_amps=16), 16) == [16]


def test_a_car_that_ignores_a_reduction():
    car = Car()
    car.ignores_less = True
    assert draws(car, 16, 10, 20, 10, 0, 8) == [15.8, 15.8, 19.8, 19.8, 0, 7.8]


def test_a_car_that_ignores_even_a_stop():
    car = Car()
    car.ignores_less = car.ignores_stop = True
    assert draws(car, 16, 0, 6) == [15.8, 15.8, 15.8]
    car.cut(False)
    assert draws(car, 0) == [0]

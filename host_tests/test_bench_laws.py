"""The laws of others that the bench compares with, second by second."""

import math

import pytest

from tools.laws import (
    CarSeen,
    Evcc,
    OpenEvse,
    Seen,
    TwcManager,
    openevse_nowaste,
    twcmanager_no_spike,
)


class Bench:
    """A law and one or more cars; `second(surplus_watts, ...)` is one second of its life."""

    def __init__(self, make, cars=1, instant=True):
        self.seen = Seen([CarSeen() for _ in range(cars)])
        self.law = make(self.seen.cars)
        self.instant = instant
        self.now_s = -1

    def second(self, surplus_watts=None, message=True, house=True):
        """One second; the cars draw what they were offered. Returns what is offered."""
        self.now_s += 1
        seen = self.seen
        seen.now_ms = self.now_s * 1000
        seen.message = message
        if message:
            seen.message_ms = seen.now_ms
            known = surplus_watts is not None
            seen.surplus_watts = surplus_watts
            seen.grid_watts = seen.draw_watts() - surplus_watts if known else None
            seen.solar_watts = surplus_watts + 300 if known else None
            seen.house_watts = 300 if known and house else None
        amps = list(self.law.decide(seen))
        for car, offer in zip(seen.cars, amps, strict=True):
            car.offer_amps = offer
            if self.instant:
                car.draw_amps = float(offer)
        return amps if len(amps) > 1 else amps[0]

    def seconds(self, count, surplus_watts, every_s=1):
        """So many seconds, with a message every so often; returns all offers."""
        return [self.second(surplus_watts, message=s % every_s == 0) for s in range(count)]


def first(offers, wanted):
    """The second at which this was offered first."""
    return offers.index(wanted)


def test_openevse_starts_when_the_smoothed_surplus_is_half_an_ampere_over_the_minimum():
    bench = Bench(OpenEvse)
    offers = bench.seconds(60, 10 * 240 + 100)
    # 10 A come up with 20 s: 10 x (1 - exp(-t / 20)) reaches 6.5 A at 20 x ln(10 / 3.5) s.
    assert first(offers, 10) == math.ceil(20 * math.log(10 / 3.5))
    assert set(offers) == {0, 10}


def test_openevse_keeps_its_reserve_of_100_w_from_the_grid_only():
    bench = Bench(OpenEvse)
    assert bench.seconds(200, 10 * 240 + 99)[-1] == 9
    bench = Bench(OpenEvse)
    for _ in range(200):
        amps = bench.second(10 * 240, house=False)
    assert amps == 10


def test_openevse_stops_ten_minutes_after_the_start_when_the_smoothed_surplus_is_down():
    bench = Bench(OpenEvse)
    started = first(bench.seconds(60, 10 * 240 + 100), 10)
    offers = bench.seconds(1200, 0)
    # From its 9.5 A the smoothed surplus falls with 600 s: 6.5 A are passed first, and until then
    # the minimum is offered; then nothing changes until 6 A.
    assert offers[0] == 6
    assert set(offers) == {0, 6}
    assert first(offers, 0) + 60 - started == 600


def test_openevse_goes_on_with_the_last_high_current_until_it_may_stop():
    bench = Bench(OpenEvse)
    offers = bench.seconds(22, 10 * 240 + 100)
    assert offers[-2:] == [0, 10]
    # A message a minute, no surplus: its 6.5 A smoothed are 5.9 A with the first one, so nothing
    # is set anew and 10 A come from the grid until the ten minutes are over.
    offers = [amps for _ in range(12) for amps in bench.seconds(60, 0, every_s=60)]
    assert offers == [10] * 600 + [0] * 120


def test_openevse_takes_unavailable_for_an_export_of_0_w():
    bench = Bench(OpenEvse)
    bench.seconds(300, 12 * 240 + 100)
    assert bench.second(None) == 11  # what it draws, less the reserve
    assert bench.second(None) == 10


def test_openevse_does_nothing_between_messages():
    bench = Bench(OpenEvse)
    bench.seconds(300, 12 * 240 + 100)
    assert set(bench.seconds(500, -5000, every_s=501)[1:]) == {6}


def test_nowaste_starts_on_half_of_the_minimum_and_rounds_half_up():
    bench = Bench(openevse_nowaste)
    assert bench.seconds(300, 3.4 * 240)[-1] == 0
    assert bench.seconds(300, 3.6 * 240)[-1] == 6
    assert bench.seconds(100, 10.6 * 240)[-1] == 11
    assert bench.seconds(100, 10.4 * 240)[-1] == 10


def test_evcc_starts_at_the_minimum_after_60_s_and_goes_up_30_s_later():
    bench = Bench(Evcc)
    offers = bench.seconds(120, 10.9 * 240)
    assert first(offers, 6) == 60
    assert first(offers, 10) == 90
    assert set(offers) == {0, 6, 10}


def test_evcc_stops_after_180_s_at_the_minimum():
    bench = Bench(Evcc)
    bench.seconds(120, 10 * 240)
    offers = bench.seconds(300, 5.9 * 240)
    assert first(offers, 6) == 0
    assert first(offers, 0) == 180


def test_one_good_round_begins_evccs_time_anew():
    bench = Bench(Evcc)
    bench.seconds(120, 10 * 240)
    bench.seconds(150, 0)
    assert bench.seconds(30, 7 * 240)[-1] == 7
    assert first(bench.seconds(300, 0), 0) == 180


def test_evcc_does_not_count_an_old_reading_twice():
    bench = Bench(Evcc)
    offers = bench.seconds(600, 10 * 240, every_s=600)
    assert max(offers) == 10


def test_twcmanager_starts_at_once_and_rounds_down():
    bench = Bench(twcmanager_no_spike)
    assert bench.second(6.99 * 240) == 6
    assert Bench(twcmanager_no_spike).second(5.99 * 240) == 0


def test_twcmanager_looks_every_30_s():
    bench = Bench(twcmanager_no_spike)
    bench.second(8 * 240)
    offers = bench.seconds(40, 12 * 240)
    assert first(offers, 12) == 29
    assert set(offers) == {8, 12}


def test_twcmanager_holds_the_minimum_for_60_s_while_the_car_draws():
    bench = Bench(twcmanager_no_spike)
    bench.seconds(90, 8 * 240)
    offers = bench.seconds(120, 0)
    assert first(offers, 6) == 0 and first(offers, 0) == 60
    bench = Bench(twcmanager_no_spike, instant=False)
    bench.seconds(90, 8 * 240)
    assert first(bench.seconds(120, 0), 0) == 0


def test_twcmanager_begins_a_raise_with_16_a_for_5_s():
    bench = Bench(TwcManager)
    assert bench.seconds(20, 8 * 240) == [16] * 5 + [8] * 15
    offers = bench.seconds(60, 18 * 240)
    assert set(offers) == {8, 18}


def test_twcmanager_shares_among_those_that_draw():
    bench = Bench(twcmanager_no_spike, cars=2)
    # Both at once, each as if it were alone; then each takes half.
    assert bench.second(20 * 240) == [20, 20]
    assert bench.seconds(10, 20 * 240)[-1] == [10, 10]


def test_twcmanager_gives_the_minimum_while_another_one_still_takes_too_much():
    bench = Bench(twcmanager_no_spike, cars=2, instant=False)
    bench.seen.cars[0].draw_amps = 12.0
    assert bench.second(15 * 240) == [15, 6]
    assert Bench(twcmanager_no_spike, cars=2).second(15 * 240) == [15, 15]
    bench = Bench(twcmanager_no_spike, cars=2, instant=False)
    bench.seen.cars[0].draw_amps = 12.0
    assert bench.second(20 * 240) == [20, 8]


def test_twcmanager_switches_both_off_when_there_is_too_little_for_two():
    bench = Bench(twcmanager_no_spike, cars=2)
    bench.seconds(90, 20 * 240)
    offers = bench.seconds(90, 11 * 240)
    assert [0, 0] in offers
    assert offers.index([6, 6]) < offers.index([0, 0])


@pytest.mark.parametrize("make", [OpenEvse, openevse_nowaste, Evcc, TwcManager])
def test_none_of_them_offers_more_than_the_maximum_or_less_than_the_minimum(make):
    bench = Bench(make)
    bench.seconds(100, 50 * 240)
    assert bench.second(50 * 240) == 32
    assert {0, *bench.seconds(700, 2 * 240)} <= {0, 6, 32}


@pytest.mark.parametrize("make", [OpenEvse, openevse_nowaste, Evcc, twcmanager_no_spike])
def test_of_two_cars_none_starts_on_what_the_first_one_takes(make):
    bench = Bench(make, cars=2)
    offers = bench.seconds(400, 8 * 240)
    if make is twcmanager_no_spike:
        assert [8, 8] in offers  # it does, until it sees both draw
    else:
        assert offers[-1] in ([8, 0], [7, 0])

"""Starts, stops and amounts by the sun.

Plain functions and bare asserts: they run under CPython and under MicroPython. One ampere is
240 W, so the minimum of 6 A needs 1440 W.
"""

from law_bench import Bench, charging, is_off, is_on

from charging.relay import FREE, ON, RESTING

S = 1000


# Starting.


def test_a_start_waits_until_the_sun_is_there_to_stay():
    bench = Bench().run(30, 3000)
    assert bench.amps() == [0]
    assert bench.law.reason == "Waiting: 3 000 W of 1 440 W surplus, starts in 15 s if it holds."
    seconds = 30 + bench.until(is_on, 3000)
    # After 42 s the mean of 3000 W is 1510 W (it rises with 60 s) and the spread 49 W (600 s).
    assert seconds == 43, seconds
    assert bench.amps() == [12]
    assert bench.law.reason == "Starting at 12 A: 3 000 W of surplus."
    bench.step(3000)
    assert bench.law.reason == "Charging at 12 A: 3 000 W of surplus."


def test_more_sun_starts_sooner():
    seconds = []
    for watts in (1600, 2000, 3600, 20000):
        bench = Bench()
        seconds.append(bench.until(is_on, watts))
    assert seconds[0] > seconds[1] > seconds[2] == seconds[3] >= 30, seconds


def test_a_gap_in_the_clouds_is_no_reason_to_start():
    bench = Bench().run(40, 3000)
    for _ in range(1800):
        bench.step(200)
        assert bench.amps() == [0]


def test_exactly_the_minimum_is_enough_and_a_watt_less_is_not():
    assert Bench().run(3600, 1439).amps() == [0]
    bench = Bench().run(600, 3000).run(5, 1440)
    assert bench.amps() == [6] and bench.law.reason == "Charging at 6 A: 1 440 W of surplus."
    bench.step(1439.9)
    assert bench.law.reason.startswith("At the minimum of 6 A: 1 439 W of 1 440 W surplus, stops")


def test_nothing_starts_on_one_reading():
    bench = Bench(every_s=60)
    bench.step(9000)
    assert bench.amps() == [0]
    assert bench.law.reason == "Waiting: 9 000 W of 1 440 W surplus, starts in 60 s if it holds."
    assert bench.run(59, 9000).amps() == [0]
    assert bench.run(1, 9000).amps() == [32]


def test_decided_is_on_new_readings_only():
    bench = Bench(every_s=10)
    now_s = bench.until(is_on, 3000) - 1
    assert now_s % 10 == 0, now_s


def test_a_meter_that_tells_changes_only_says_the_same_by_silence():
    bench = Bench(every_s=100000)
    seconds = bench.until(is_on, 3000)
    assert seconds == 61, seconds


def test_nothing_starts_while_the_gate_is_closed():
    bench = Bench()
    bench.opens_in_ms = 5 * S
    assert bench.run(300, 3000).amps() == [0]
    assert bench.law.reason == "Waiting: 3 000 W of 1 440 W surplus, starts in 5 s if it holds."
    bench.opens_in_ms = 0
    assert bench.run(1, 3000).amps() == [12]


def test_what_is_held_neither_starts_nor_is_raised():
    bench = Bench()
    bench.law.held = "a second master, ABCD, is on the line"
    bench.run(300, 3000)
    assert bench.amps() == [0]
    assert bench.law.reason == (
        "Waiting: 3 000 W of 1 440 W surplus, but a second master, ABCD, is on the line."
    )
    bench.law.held = None
    bench.run(2, 1500)
    assert bench.amps() == [6]
    # What runs is not stopped; that it does not rise is said.
    bench.law.held = "a second master, ABCD, is on the line"
    bench.step(3000)
    assert bench.law.reason == (
        "Charging at 6 A, not raised: a second master, ABCD, is on the line: 3 000 W of surplus."
    )


def test_nothing_is_started_at_night_though_all_may_come_from_the_grid():
    bench = Bench(grid_share=100).run(600, 0)
    assert bench.amps() == [0]
    assert bench.law.reason == (
        "Waiting: 0 W of 1 W surplus (100 % of the minimum may come from the grid)."
    )


def test_a_share_of_the_minimum_from_the_grid():
    bench = Bench(grid_share=50).run(300, 719)
    assert bench.amps() == [0]
    assert bench.law.reason == (
        "Waiting: 719 W of 720 W surplus (50 % of the minimum may come from the grid)."
    )
    bench.until(is_on, 1000)
    bench.step(1000)
    assert bench.law.reason == (
        "Charging at 6 A: 1 000 W of surplus, the rest of 1 440 W from the grid (up to 50 % of "
        "the minimum)."
    )
    # It may change from one second to the next, with the price.
    bench.law.grid_share = 0
    bench.step(1000)
    assert bench.law.reason.startswith("At the minimum of 6 A: 1 000 W of 1 440 W surplus, stops")


# Amounts.


def test_whole_amperes_rounded_where_three_quarters_are_there():
    bench = charging(3000)
    for watts, amps in ((1619, 6), (1620, 7), (3059, 12), (3060, 13), (7619, 31), (7620, 32)):
        assert bench.run(1, watts).amps() == [amps], watts


def test_with_a_share_from_the_grid_less_of_an_ampere_is_enough_at_last_half_of_it():
    for share, most_6, most_12 in ((20, 1595, 3035), (50, 1559, 2999), (100, 1559, 2999)):
        bench = charging(3000, grid_share=share)
        for watts, amps in ((most_6, 6), (most_6 + 1, 7), (most_12, 12), (most_12 + 1, 13)):
            assert bench.run(1, watts).amps() == [amps], (share, watts)


def test_three_phases():
    bench = charging(5000, per_amp=720)
    assert bench.amps() == [7]
    assert Bench(per_amp=720).run(900, 4319).amps() == [0]


def test_reasons_of_a_charge():
    bench = charging(3000)
    assert bench.law.reason == "Charging at 12 A: 3 000 W of surplus."
    assert bench.law.state == "charging" and bench.units[0].reason == bench.law.reason
    bench.step(4000)
    assert bench.law.reason == "Charging at 12 A, going to 16 A: 4 000 W of surplus."
    bench.step(2500)
    assert bench.law.reason == "Charging at 16 A, going to 10 A: 2 500 W of surplus."


# Stopping.


def test_without_surplus_it_stays_at_the_minimum_until_it_may_stop():
    bench = charging(3000)
    bench.step(0)
    assert bench.amps() == [6] and bench.law.state == "minimum"
    assert bench.law.reason == (
        "At the minimum of 6 A: 0 W of 1 440 W surplus, "
        "stops in 10 min unless it returns (minimum on time)."
    )
    off_s = bench.until(is_off, 0)
    # It draws since the second after the start, 5 s before the surplus went.
    assert off_s == 595, off_s
    assert bench.law.reason == "Stopping: still draws 5.8 A."
    bench.step(0)
    assert bench.law.reason == (
        "Waiting: 0 W of 1 440 W surplus, off for 10 min more (minimum off time)."
    )


def test_a_kettle_is_ridden_out_after_hours_of_sun_and_a_long_cloud_is_not():
    bench = charging(3600).run(3600, 3600)
    bench.run(240, 600)
    assert bench.amps() == [6]
    assert bench.law.reason == (
        "At the minimum of 6 A: 600 W of 1 440 W surplus, "
        "stops in 9 min unless it returns (mean still 2 700 W, 20 of 20 Wh import used)."
    )
    bench.run(300, 3600)
    assert bench.amps() == [15] and bench.units[0].relay.starts == 1
    seconds = bench.until(is_off, 600)
    # 600 + (3600 - 600) e^(-t / 600 s) is below 1440 after 764 s; 3360 W were the mean.
    assert 700 <= seconds <= 764, seconds


def test_the_budget_is_of_watt_hours_not_of_time():
    # The mean is low from the beginning, so the budget alone counts.
    for lacking, seconds in ((360, 200), (720, 100), (1440, 50)):
        bench = charging(1560).run(900, 1560)
        bench.law.trend.mean = 1440
        took = bench.until(is_off, 1440 - lacking)
        assert seconds - 1 <= took <= seconds + 2, (lacking, took)


def test_the_budget_is_told_in_watt_hours():
    bench = charging(1560).run(900, 1560)
    bench.law.trend.mean = 1440
    bench.run(26, 720)
    assert bench.law.reason == (
        "At the minimum of 6 A: 720 W of 1 440 W surplus, "
        "stops in 80 s unless it returns (5 of 20 Wh import used)."
    )
    # More than is lacking pays back.
    used_wh = bench.law.trend.used_wh
    bench.run(10, 2160)
    assert used_wh - 2.01 < bench.law.trend.used_wh < used_wh - 1.99


def test_surplus_that_returns_keeps_it_on():
    bench = charging(3000).run(400, 0).run(5, 3000)
    assert bench.amps() == [12] and bench.units[0].relay.starts == 1


def test_what_the_grid_may_give_does_not_use_the_budget():
    bench = charging(1500, grid_share=50).run(3600, 800)
    assert bench.amps() == [6] and bench.law.trend.used_wh == 0


def test_a_negative_surplus_is_told_as_it_is():
    bench = charging(3000).run(5, -200)
    assert "At the minimum of 6 A: -200 W of 1 440 W surplus" in bench.law.reason


def test_the_relay_rests_before_the_next_start():
    bench = charging(3000).run(1300, 0)
    assert bench.amps() == [0]
    bench = charging(3000)
    bench.until(is_off, 0)
    seconds = bench.until(is_on, 9000)
    # Off by its next answer, and then ten minutes; by then the sun was there for long.
    assert seconds == 601, seconds
    assert bench.run(2, 9000).units[0].relay.starts == 2


def test_after_a_reset_a_rest_counts_anew():
    for remembered in (ON, RESTING):
        bench = Bench(remembered=remembered).run(600, 3000)
        assert bench.amps() == [0], remembered
        assert bench.run(1, 3000).amps() == [12], remembered
    for remembered in (FREE, None):
        assert Bench(remembered=remembered).run(100, 3000).amps() == [12], remembered


def test_after_a_reset_a_charge_goes_on_at_its_minimum():
    bench = Bench(remembered=ON)
    bench.offers[0] = 12
    bench.step(None)
    assert bench.amps() == [6]
    assert bench.law.reason == (
        "At the minimum of 6 A: no surplus reading yet; stops in 10 min (minimum on time)."
    )
    assert bench.run(599, None).amps() == [6]
    assert bench.run(1, None).amps() == [0]
    assert bench.units[0].relay.life == 0


def test_the_starts_of_a_day():
    bench = Bench(starts_a_day=2, min_on_s=60, min_off_s=60)
    for _ in range(2):
        bench.until(is_on, 3000)
        bench.run(5, 3000)
        bench.until(is_off, 0)
        bench.run(5, 0)
    assert bench.run(3600, 3000).amps() == [0]
    assert bench.law.reason == (
        "Waiting: 3 000 W of 1 440 W surplus, but its 2 starts of this day are used."
    )
    # A person and the timetable start it nevertheless.
    bench.order("fast").step(3000)
    assert bench.amps() == [32]
    bench.order("solar").until(is_off, 0)
    bench.run(86400 - bench.now_ms // S - 5, 3000)
    assert bench.amps() == [0]
    bench.run(10, 3000)
    assert bench.amps() == [12]  # the next day

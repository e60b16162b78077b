"""What the plan orders: Off, Fast, Manual and Solar + minimum, by a person or by itself.

Runs under CPython and under MicroPython. One ampere is 240 W, the minimum 6 A.
"""

from law_bench import LOST, Bench, charging, is_off, is_on

S = 1000


# Off.


def test_off_by_itself_waits_for_the_minimum_on_time():
    bench = charging(3000).order("off", words="timetable: off until 07:00")
    bench.step(3000)
    # Nor does it rise any more, whatever the sun does.
    assert bench.amps() == [6] and bench.law.state == "minimum"
    assert bench.law.reason == (
        "At the minimum of 6 A: timetable: off until 07:00; stops in 10 min (minimum on time)."
    )
    assert bench.until(is_off, 9000) == 595
    assert bench.law.reason == "Stopping: still draws 5.8 A: timetable: off until 07:00."
    bench.step(9000)
    assert (bench.law.state, bench.law.reason) == ("off", "Off: timetable: off until 07:00.")
    assert bench.run(3600, 9000).amps() == [0]


def test_off_by_a_person_comes_after_60_s():
    bench = charging(3000).order("off", urgent=True)
    bench.step(3000)
    assert bench.amps() == [6]
    assert bench.law.reason == (
        "At the minimum of 6 A: mode Off; stops in 55 s (60 s on at least)."
    )
    assert bench.until(is_off, 3000) == 55
    # And at once when it has been on for longer.
    bench = charging(3000).run(60, 3000).order("off", urgent=True)
    assert bench.run(1, 3000).amps() == [0]
    assert bench.run(1, 3000).law.reason == "Off: mode Off."


def test_off_also_without_readings():
    bench = charging(3000).run(60, None, LOST).order("off", urgent=True).run(1, None, LOST)
    assert bench.amps() == [0]


# Fast.


def test_fast_starts_at_once_without_sun_or_reading():
    for watts in (None, -500, 0, 9000):
        bench = Bench().order("fast").run(1, watts, LOST)
        assert bench.amps() == [32], watts
        assert bench.law.reason == "Starting at 32 A: mode Fast."
        bench.step(watts, LOST)
        assert bench.law.state == "charging"
        assert bench.law.reason == "Charging at 32 A, the most allowed: mode Fast."


def test_fast_by_itself_waits_for_the_minimum_off_time_and_a_person_60_s():
    for urgent, least_s, why in (
        (False, 600, "minimum off time"),
        (True, 60, "60 s off at least"),
    ):
        bench = charging(3000).run(700, 3000).order("off").run(2, 3000)
        assert bench.amps() == [0]
        bench.order("fast", urgent=urgent).step(3000)
        left = "10 min" if least_s == 600 else "60 s"
        assert bench.law.reason == f"Waiting: mode Fast, starts in {left} ({why})."
        seconds = bench.until(is_on, 3000)
        assert least_s - 2 <= seconds <= least_s, (urgent, seconds)


def test_fast_waits_for_the_gate_and_a_second_master():
    bench = Bench().order("fast")
    bench.opens_in_ms = 30 * S
    bench.step(None)
    assert bench.amps() == [0]
    assert bench.law.reason == "Waiting: mode Fast, starts in 30 s."
    bench.law.held = "a second master, ABCD, is on the line"
    bench.step(None)
    assert bench.law.reason == "Waiting: mode Fast, but a second master, ABCD, is on the line."
    bench.law.held, bench.opens_in_ms = None, 0
    assert bench.run(1, None).amps() == [32]
    # What waits for a rest and for the gate is promised neither too soon.
    bench = charging(3000).run(700, 3000).order("off").run(2, 3000)
    bench.opens_in_ms = 20 * S
    bench.order("fast", urgent=True).run(50, 3000)
    assert bench.law.reason == "Waiting: mode Fast, starts in 20 s."


def test_fast_ends_in_solar_without_sun_by_the_minimum_on_time():
    bench = Bench().order("fast").run(5, 0).order("solar")
    bench.step(0)
    assert bench.amps() == [6]
    assert bench.law.reason == (
        "At the minimum of 6 A: 0 W of 1 440 W surplus, stops in 10 min unless it returns "
        "(minimum on time)."
    )
    assert bench.until(is_off, 0) == 596


def test_a_fast_car_takes_its_power_before_the_sun_of_others():
    bench = Bench(2).order("fast")
    bench.cars[0] = 1580
    bench.until(lambda b: b.amps()[1], 6000, 300)
    # 6000 W less the 15.8 A of the fast one are 2208 W.
    bench.run(80, 6000)
    assert bench.amps() == [17, 8]
    assert bench.reason(1) == "Charging at 8 A: 2 208 W of surplus."
    assert Bench(2).order("fast").run(600, 6000).amps() == [32, 0]


def test_nobody_starts_on_what_a_fast_car_is_about_to_take():
    bench = Bench(2, room=64).run(80, 3000)
    bench.order("fast").step(3000)
    # It may take 32 A, though it draws nothing yet.
    assert bench.run(20, 3000).amps() == [32, 0]
    assert bench.reason(1) == "Waiting: -4 632 W of 1 440 W surplus."
    # Nor in the very second in which that one begins.
    bench = Bench(2, room=64).order("off")
    bench.units[1].maximum_amps = 0
    bench.run(900, 3500)
    bench.units[1].maximum_amps = 32
    assert bench.order("fast").run(20, 3500).amps() == [32, 0]


def test_a_fast_car_that_does_not_draw_is_told_and_its_power_is_given_on():
    bench = Bench(2).order("fast")
    bench.cars[0] = 0
    bench.run(121, 3000)
    assert bench.amps()[0] == 6
    assert bench.reason(0) == "Offering 6 A: mode Fast; no draw for 120 s of 15 min."
    assert bench.reason(1) == "Waiting: 1 560 W of 1 440 W surplus, starts in 4 min if it holds."
    bench.run(900, 3000)
    # A person's wish is not given up; the other one gets all the sun.
    assert bench.amps() == [6, 12]
    assert bench.reason(0) == "Offering 6 A: mode Fast; no draw for 17 min, so no car wants it."


def test_two_that_are_ordered_start_together():
    bench = Bench(2).order("fast").order("fast", 1).run(1, None)
    assert bench.amps() == [16, 16]


# Manual.


def test_manual_is_exactly_what_is_asked_for():
    for amps in (6, 11, 16, 32):
        bench = Bench().order("manual", limit=amps, words=f"mode Manual, {amps} A")
        bench.run(2, 9000 if amps < 10 else 0)
        assert bench.amps() == [amps]
        most = ", the most allowed" if amps == 32 else ""
        assert bench.law.reason == f"Charging at {amps} A{most}: mode Manual, {amps} A."


def test_manual_below_the_minimum_is_off():
    bench = Bench().order("manual", limit=5, words="mode Manual, 5 A").run(300, 9000)
    assert bench.amps() == [0] and bench.law.state == "off"
    assert bench.law.reason == "Off: needs 6 A, but 5 A are allowed (mode Manual, 5 A)."
    bench = charging(3000).order("manual", limit=0, words="mode Manual, 0 A").run(2, 9000)
    assert bench.amps() == [6]
    assert bench.law.reason == (
        "At the minimum of 6 A: 0 A are allowed (mode Manual, 0 A); stops in 10 min "
        "(minimum on time)."
    )
    assert bench.until(is_off, 9000) == 594


def test_manual_above_what_the_unit_may():
    bench = Bench().order("manual", limit=40, words="mode Manual, 40 A")
    bench.units[0].maximum_amps = 20
    bench.run(2, 0)
    assert bench.law.reason == "Charging at 20 A, the most allowed: mode Manual, 40 A."


# Solar + minimum.


def test_minimum_is_always_at_least_the_minimum_and_more_with_the_sun():
    bench = Bench().order("minimum").run(2, None)
    assert bench.amps() == [6]
    assert bench.law.reason == "Charging at 6 A: mode Solar + minimum."
    bench.run(2, -300)
    assert bench.amps() == [6]
    assert bench.law.reason == "Charging at 6 A: mode Solar + minimum, -300 W of surplus."
    bench.run(2, 3000)
    assert bench.amps() == [12]
    assert bench.law.reason == "Charging at 12 A: mode Solar + minimum, 3 000 W of surplus."
    assert bench.run(1, None, LOST).amps() == [6]
    assert bench.run(7200, None, LOST).amps() == [6]
    assert bench.run(7200, -300).amps() == [6]
    assert bench.law.state == "charging" and bench.units[0].relay.starts == 1


def test_the_minimum_of_such_a_car_is_not_counted_for_another():
    bench = Bench(2).order("minimum").run(3600, 2879)
    assert bench.amps() == [12, 0]
    assert bench.run(900, 2890).amps() == [6, 6]


def test_a_full_car_at_the_minimum_does_not_count():
    bench = Bench(2).order("minimum")
    bench.cars[0] = 0
    bench.run(1200, 1500)
    assert bench.amps() == [6, 6]
    assert bench.reason(0) == (
        "Offering 6 A: mode Solar + minimum, 1 500 W of surplus; no draw for 19 min, so no car "
        "wants it."
    )
    assert bench.run(5, 2400).amps() == [6, 10]


# Limits of one unit.


def test_a_limit_and_what_it_is_told_as():
    bench = charging(6000).order("solar", limit=10, limit_words="remote limit of 10 A for all")
    bench.run(2, 6000)
    assert bench.amps() == [10]
    assert bench.law.reason == (
        "Charging at 10 A (remote limit of 10 A for all): 6 000 W of surplus."
    )
    bench.order("fast", limit=10, limit_words="remote limit of 10 A for all").run(2, 6000)
    assert bench.law.reason == "Charging at 10 A (remote limit of 10 A for all): mode Fast."
    bench.order("manual", limit=10, limit_words="remote limit of 10 A for all").run(2, 6000)
    assert bench.law.reason == "Charging at 10 A (remote limit of 10 A for all): mode Manual."
    # Without the limit in the way nothing is told of it.
    bench.order("solar", limit=10, limit_words="remote limit of 10 A for all").run(2, 2000)
    assert bench.law.reason == "Charging at 8 A: 2 000 W of surplus."


def test_a_limit_of_a_unit_below_its_minimum_is_off():
    bench = Bench().order("solar", limit=4, limit_words="remote limit of 4 A for all")
    bench.run(300, 6000)
    assert bench.amps() == [0]
    assert bench.law.reason == (
        "Off: needs 6 A, but 4 A are allowed (remote limit of 4 A for all)."
    )


def test_an_order_while_the_unit_does_not_answer():
    bench = Bench().order("fast")
    bench.silent = [0]
    bench.run(5, 3000)
    assert bench.amps() == [0] and bench.law.state == "no_connector"
    bench.silent = []
    assert bench.run(1, 3000).amps() == [32]


def test_starting_from_modes_of_several():
    bench = Bench(2, room=64).order("fast").order("minimum", 1).run(3, 9000)
    assert bench.amps() == [32, 6]
    # 9000 W less the 31.8 A of the fast one.
    assert bench.law.reason == (
        "2 cars are offered 38 A. Charging at 6 A: mode Solar + minimum, 1 368 W of surplus."
    )

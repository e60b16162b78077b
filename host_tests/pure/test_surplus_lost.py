"""Readings that are lost, units that do not answer or are at fault, and states.

Runs under CPython and under MicroPython. One ampere is 240 W, the minimum 6 A.
"""

from law_bench import LOST, NO_READING, Bench, charging

from charging.unit import Unit

# Readings that are lost.


def test_lost_and_off():
    bench = charging(3000)
    bench.step(None, LOST)
    assert bench.amps() == [6] and bench.law.state == "lost"
    assert bench.law.reason == (
        "At the minimum of 6 A: no surplus reading for 3 min; stops in 10 min (minimum on time)."
    )
    bench.run(620, None, LOST)
    assert bench.amps() == [0]
    assert bench.law.reason == "Off: no surplus reading for 3 min."
    assert bench.run(3600, None, LOST).amps() == [0]


def test_lost_and_stay():
    bench = charging(3000, lost="minimum").run(3600, None, LOST)
    assert bench.amps() == [6] and bench.law.state == "lost"
    assert bench.law.reason == "At the minimum of 6 A: no surplus reading for 3 min."


def test_off_stays_off_while_lost_and_the_sun_before_counts_no_more():
    for lost in ("off", "minimum"):
        bench = Bench(lost=lost).run(38, 3000)
        assert bench.run(3600, None, LOST).amps() == [0]
        assert bench.run(38, 3000).amps() == [0]
        assert bench.run(5, 3000).amps() == [12]


def test_a_reading_that_is_back_goes_on():
    bench = charging(3000).run(60, None, LOST).run(1, 3000)
    assert bench.amps() == [12] and bench.units[0].relay.starts == 1


def test_never_a_reading():
    bench = Bench().run(5, None)
    assert bench.law.reason == "Waiting: no surplus reading yet." and bench.law.state == "waiting"


# The unit itself.


def test_a_unit_whose_minimum_is_not_allowed():
    bench = Bench()
    bench.units[0].minimum_amps, bench.units[0].maximum_amps = 8, 6
    bench.run(200, 9000)
    assert bench.amps() == [0]
    assert bench.law.reason == "Off: needs 8 A, but 6 A are allowed."


def test_no_unit_answers():
    bench = Bench()
    bench.silent = [0]
    bench.step(3000)
    assert bench.law.state == "no_connector"
    assert bench.law.reason.startswith("No wall connector answers on the bus")
    assert bench.units[0].reason == "No answer from this wall connector."


def test_a_unit_that_comes_back_drawing_goes_on():
    bench = charging(3000)
    offers = bench.offers
    bench.silent = [0]
    bench.step(3000)
    assert bench.amps() == [0]
    bench.silent = []
    bench.offers = offers
    bench.offers[0] = 12
    bench.step(3000)
    assert bench.amps() == [12] and bench.units[0].relay.life == 1


def test_a_unit_at_fault_gets_nothing_at_once_minimum_on_time_or_not():
    bench = charging(3000)
    bench.units[0].fault = "0001 drew more than it may."
    bench.step(3000)
    assert bench.amps() == [0]
    assert (bench.law.state, bench.law.reason) == ("fault", "0001 drew more than it may.")
    assert bench.run(700, 3000).amps() == [0], "it starts again in spite of its fault"
    bench.units[0].fault = None
    assert bench.run(2, 3000).amps() == [12]


def test_calibration_is_no_draw():
    unit = Bench().units[0]
    for draw_ca, watts in ((0, 0), (25, 0), (99, 0), (100, 240), (1180, 2832)):
        unit.follow(True, 0, draw_ca, 0)
        assert unit.draw_watts() == watts


def test_five_is_the_priority_of_whom_nothing_is_said():
    assert Unit("0001", "left", 240, None).priority == 5


def test_states():
    assert NO_READING[0] == "waiting" and LOST[0] == "lost"
    bench = Bench().run(1, 3000)
    assert bench.law.state == bench.units[0].state == "waiting"
    assert bench.order("off").run(1, 3000).law.state == "off"

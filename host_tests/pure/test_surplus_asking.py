"""Which cars want power, who is asked when, and who makes way for whom.

Runs under CPython and under MicroPython. One ampere is 240 W, so each car needs 1440 W.
"""

from law_bench import Bench, is_on, running

NOT_WANTED = (
    "Not wanted: 6 A were offered for 15 min and no car drew; asked again in 60 min, or when its "
    "state changes."
)


# Who wants and who does not.


def test_a_car_that_does_not_draw_for_15_minutes_does_not_want():
    bench = Bench()
    bench.cars[0] = 0
    bench.until(is_on, 4000)
    bench.step(4000)
    assert bench.law.reason == "Offering 16 A: 4 000 W of surplus; no car draws yet."
    bench.run(120, 4000)
    assert bench.amps() == [6]
    assert bench.law.reason == "Offering 6 A: 4 000 W of surplus; no draw for 120 s of 15 min."
    bench.run(778, 4000)
    assert bench.amps() == [6]
    assert bench.law.reason == "Offering 6 A: 4 000 W of surplus; no draw for 14 min of 15 min."
    bench.step(4000)
    assert bench.amps() == [0] and bench.law.state == "waiting"
    assert bench.law.reason == NOT_WANTED
    # That was no start.
    assert bench.units[0].relay.starts == bench.units[0].relay.today == 0
    bench.run(1800, 4000)
    assert bench.amps() == [0]
    assert bench.law.reason == NOT_WANTED.replace("60 min", "30 min")
    # After an hour it is asked again.
    bench.run(1799, 4000)
    assert bench.amps() == [0]
    assert bench.run(2, 4000).amps() == [16]


def test_at_the_minimum_it_is_told_too():
    bench = Bench()
    bench.cars[0] = 0
    bench.until(is_on, 4000)
    bench.run(121, 0)
    assert bench.law.reason.endswith(" (minimum on time); no draw for 120 s of 15 min.")


def test_it_is_asked_again_when_its_state_changes_or_a_person_says_so():
    for ask in (False, True):
        bench = Bench()
        bench.cars[0] = 0
        bench.until(lambda b: b.units[0].wants is False, 4000)
        bench.run(700, 4000)
        assert bench.amps() == [0]
        if ask:
            bench.units[0].ask()
        else:
            bench.present[0] = False
        bench.cars[0] = 9900
        assert bench.run(3, 4000).amps() == [16], ask


def test_a_full_car_is_left_in_peace_and_the_other_gets_its_power():
    bench = Bench(2).run(1200, 2500)
    assert running(bench) == [0]
    bench.cars[0] = 0  # it is full
    bench.run(899, 2500)
    assert running(bench) == [0]
    bench.run(5, 2500)
    assert bench.amps() == [0, 10]
    assert bench.reason(0) == NOT_WANTED
    assert bench.units[0].wants is False and bench.units[1].wants is True


def test_cars_that_may_want_are_asked_in_turn():
    # Two connectors without a car, and enough for one: each is asked once an hour.
    bench = Bench(2)
    bench.cars = [0, 0]
    asked = []
    for _ in range(7000):
        bench.step(2000)
        if running(bench) != asked[-1:]:
            asked += running(bench)
    assert asked == [0, 1, 0, 1], asked


def test_one_that_did_not_want_comes_after_one_that_does():
    bench = Bench(2, min_on_s=60, min_off_s=60)
    bench.cars[0] = 0
    bench.until(lambda b: b.units[0].wants is False, 2000)
    bench.until(lambda b: b.units[0].wants is None, 2000)
    # The hour is over: it is asked when there is power to spare, and not before the other.
    bench.until(lambda b: not running(b), 0)
    bench.run(90, 0)
    bench.until(running, 2000)
    assert running(bench) == [1]
    bench.until(lambda b: len(running(b)) == 2, 4000)


# Turns.


def test_without_rotation_the_first_one_stays():
    bench = Bench(2).run(2 * 3600, 2500)
    assert running(bench) == [0] and bench.units[0].relay.starts == 1


def test_with_rotation_each_has_an_hour():
    bench = Bench(2, by="rotation")
    shares = [0, 0]
    for _ in range(4 * 3600):
        bench.step(2500)
        for index in running(bench):
            shares[index] += 1
        assert len(running(bench)) < 2
    assert abs(shares[0] - shares[1]) <= 600 and sum(shares) > 4 * 3600 - 200, shares
    assert [unit.relay.starts for unit in bench.units] == [2, 2]
    # Enough for two: both charge, for longer than an hour.
    bench.until(lambda b: len(running(b)) == 2, 6000)
    bench.run(2, 6000)
    starts = [unit.relay.starts for unit in bench.units]
    bench.run(7300, 6000)
    assert [unit.relay.starts for unit in bench.units] == starts and len(running(bench)) == 2


def test_nobody_makes_way_for_less_than_a_start_needs():
    bench = Bench(2, by="rotation")
    bench.units[1].watts_per_amp = 720
    bench.run(2 * 3600, 3000)
    assert running(bench) == [0] and bench.units[0].relay.starts == 1


def test_nobody_makes_way_for_a_lower_priority_or_for_one_that_did_not_want():
    bench = Bench(2, by="rotation", priorities=(6, 5, 5)).run(2 * 3600, 2500)
    assert running(bench) == [0]
    bench = Bench(2, by="rotation")
    bench.cars[1] = 0
    bench.run(3 * 3600, 2500)
    # It was given way to once, and never again.
    assert bench.units[0].relay.starts == 2 and running(bench) == [0]


def test_rotation_when_the_wires_carry_one_only():
    bench = Bench(2, by="rotation", room=10).run(4 * 3600, 9000)
    assert [unit.relay.starts for unit in bench.units] == [2, 2]


def test_only_those_make_way_whose_phase_is_the_one_that_is_full():
    bench = Bench(3, by="rotation", room=10, phases=(1, 2, 1)).run(2 * 3600, 9000)
    assert [unit.relay.starts for unit in bench.units] == [1, 1, 1]
    assert bench.amps() == [0, 10, 10]

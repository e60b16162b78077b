"""Several cars: who starts, who stops, and who gets how much.

Runs under CPython and under MicroPython. One ampere is 240 W, so each car needs 1440 W.
"""

from law_bench import Bench, charging, is_off, running

S = 1000
# Starts.


def test_they_start_one_after_the_other():
    bench = Bench(3)
    began = []
    for _ in range(3):
        count = len(began)
        bench.until(lambda b, count=count: len(running(b)) > count, 20000)
        began.append(bench.now_ms // S)
        assert len(running(bench)) == len(began)
    assert began[0] < began[1] < began[2]
    bench.run(5, 20000)
    assert bench.amps() == [11, 11, 10]
    assert bench.law.reason == "3 cars are offered 32 A: 20 000 W of surplus."


def test_a_second_one_needs_what_the_first_does_not():
    bench = Bench(2).run(3600, 2879)
    assert running(bench) == [0] and bench.amps() == [12, 0]
    assert bench.reason(1) == "Waiting: 1 439 W of 1 440 W surplus."
    assert Bench(2).run(3600, 2880).amps() == [6, 6]


def test_nobody_starts_on_what_another_car_that_is_offered_may_need():
    # The first one has not begun to draw yet: its minimum is reserved all the same.
    bench = Bench(2)
    bench.cars[0] = 0
    bench.until(running, 2500)
    assert bench.run(600, 2500).amps() == [6, 0]
    assert bench.reason(1) == "Waiting: 1 060 W of 1 440 W surplus."


def test_who_waits_for_another_is_told():
    bench = Bench(2).run(10, 6000)
    assert bench.reason(1) == "Waiting: 6 000 W of 1 440 W surplus, another car starts first."


def test_a_wavering_sun_keeps_one_of_many_cars_waiting_no_longer_than_the_only_one():
    # How far a reading differs counts up to half of one minimum, however many cars wait.
    began = []
    for count in (1, 2, 3):
        bench = Bench(count)
        for _ in range(60):
            bench.run(10, 3000).run(40, 0)
            if running(bench):
                break
        began.append(bench.now_ms // S)
    assert began[0] == began[1] == began[2], began


def test_a_small_car_starts_though_there_is_too_little_for_a_big_one():
    bench = Bench(2, priorities=(6, 5, 5))
    bench.units[0].watts_per_amp = 720
    bench.run(900, 3000)
    assert bench.amps() == [0, 12]
    assert bench.reason(0) == "Waiting: 1 560 W of 4 320 W surplus."
    # And where there is enough for the big one, it goes first.
    bench = Bench(2, priorities=(6, 5, 5))
    bench.units[0].watts_per_amp = 720
    bench.until(running, 5000)
    assert running(bench) == [0]


def test_the_higher_priority_starts_first():
    for priorities, first in (((5, 6, 5), 1), ((4, 5, 9), 2), ((9, 1, 8), 0)):
        bench = Bench(3, priorities=priorities)
        bench.until(running, 20000)
        assert running(bench) == [first], priorities


def test_equal_ones_take_turns():
    bench = Bench(2, min_on_s=60, min_off_s=60)
    order = []
    for _ in range(4):
        bench.until(running, 2500)
        order += running(bench)
        bench.run(5, 2500).until(lambda b: not running(b), 0)
        bench.run(90, 0)
    assert order == [0, 1, 0, 1]


def test_one_that_may_not_start_does_not_keep_the_lower_ones():
    bench = Bench(2, priorities=(9, 5, 5))
    bench.units[0].maximum_amps = 5
    bench.run(300, 2000)
    assert bench.amps() == [0, 8]
    bench = Bench(2, priorities=(9, 5, 5))
    bench.offers[0] = 6
    bench.run(1, 0).order("off", urgent=True).run(62, 0)
    bench.order("solar")  # its relay rests now
    assert bench.run(300, 2000).amps() == [0, 8]


def test_a_higher_priority_pushes_nobody_out():
    bench = Bench(2, priorities=(5, 9, 5))
    bench.units[1].maximum_amps = 0
    bench.until(running, 2000)
    bench.units[1].maximum_amps = 32
    bench.run(5000, 2000)
    assert bench.amps() == [8, 0]
    assert bench.reason(1) == "Waiting: 560 W of 1 440 W surplus."


# Stops.


def test_the_higher_priority_stops_last():
    for priorities, kept in (
        ((5, 5, 5), [0]),
        ((5, 6, 5), [1]),
        ((5, 5, 6), [2]),
        ((2, 3, 1), [1]),
    ):
        bench = charging(9000, 3, priorities=priorities).run(900, 9000)
        bench.until(lambda b: len(running(b)) < 2, 2000)
        assert running(bench) == kept, priorities


def test_the_order_of_stops():
    bench = charging(9000, 3, priorities=(2, 9, 1)).run(900, 9000)
    off = []
    for watts in (2900, 1500, 0):
        count = len(running(bench))
        bench.until(lambda b, count=count: len(running(b)) < count, watts)
        off += [i for i in range(3) if i not in running(bench) and i not in off]
    assert off == [2, 0, 1]


def test_relay_times_are_stronger_than_priority():
    # The lower one has only just begun.
    bench = Bench(2, priorities=(9, 5, 5))
    bench.units[1].maximum_amps = 0
    bench.run(900, 3000)
    bench.units[1].maximum_amps = 32
    bench.until(lambda b: b.amps()[1], 3000)
    bench.run(5, 3000)
    bench.law.trend.mean = 1500
    bench.step(1500)
    assert bench.reason(0) == (
        "At the minimum of 6 A: 1 500 W of 1 440 W surplus, stops in 55 s unless it returns "
        "(for a car whose minimum on time is not over)."
    )
    assert bench.reason(1) == (
        "At the minimum of 6 A: 60 W of 1 440 W surplus, goes on when another car has stopped."
    )
    # 20 Wh of the 1380 W that are lacking.
    assert 50 <= bench.until(is_off, 1500) <= 55
    assert bench.run(5, 1500).amps() == [0, 6]


def test_what_is_left_is_told_in_the_order_of_stops():
    bench = charging(4800, 2, priorities=(5, 6, 5)).run(900, 4800).run(2, 2000)
    # The first one stops first: of 2000 W the other has 1440.
    assert bench.reason(0).startswith("At the minimum of 6 A: 560 W of 1 440 W surplus, stops in")
    assert bench.reason(1) == "Charging at 6 A: 2 000 W of surplus."
    assert bench.law.reason.startswith(
        "2 cars are offered 12 A, their minimum. At the minimum of 6 A: 560 W of 1 440 W"
    )


# Sharing.


def test_amperes_go_to_the_higher_priority():
    bench = charging(4800, 2, priorities=(5, 6, 5)).run(70, 4800)
    assert bench.amps() == [6, 14]
    bench.cars[1] = 0
    assert bench.run(62, 4800).amps() == [14, 6]


def test_what_a_car_does_not_draw_goes_to_the_others():
    bench = charging(7200, 2).run(5, 7200)
    assert bench.amps() == [15, 15]
    bench.cars[0] = 800
    bench.run(59, 7200)
    assert bench.amps() == [15, 15]
    bench.run(5, 7200)
    assert bench.amps() == [10, 20]
    # It swings neither around a whole ampere nor around its maximum.
    for second in range(200):
        bench.cars[0] = 795 if second % 2 else 805
        bench.step(7200)
        assert bench.amps() == [10, 20], second
    # When it takes more again it gets it, and in the end its half.
    bench.cars[0] = 9900
    assert bench.run(10, 7200).amps() == [15, 15]


def test_a_car_that_is_limited_by_itself_is_not_swung():
    bench = charging(7200, 2).run(5, 7200)
    bench.cars[0] = 1080
    bench.run(70, 7200)
    for second in range(300):
        bench.step(7200)
        assert bench.amps() == [12, 18], second


def test_those_that_are_not_drawn_are_offered_their_minimum():
    bench = charging(4800, 2)
    bench.cars[0] = 0
    assert bench.run(59, 4800).amps() == [10, 10]
    assert bench.run(3, 4800).amps() == [6, 14]


def test_never_more_than_the_surplus_or_the_wires():
    for watts in range(1440, 12000, 1379):
        for wires in (6, 13, 20, 32):
            bench = Bench(3, room=wires).run(300, watts)
            assert sum(bench.amps()) <= wires, (watts, wires)
            # The last ampere may be there by seven tenths.
            assert (sum(bench.amps()) - 0.3) * 240 <= watts, (watts, wires)


def test_the_order_of_the_units_is_left_as_it_is():
    bench = Bench(3, priorities=(1, 9, 5)).run(300, 20000)
    assert [unit.id for unit in bench.units] == ["0001", "0002", "0003"]

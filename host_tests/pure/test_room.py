"""Phases, limits and the words of the guard: what goes before suns, people and relays.

Runs under CPython and under MicroPython. One ampere of one phase is 240 W.
"""

from law_bench import Bench, charging, is_on

GUARD = "grid guard: 34.2 A on L1 of 25 A allowed, 0 A left for the cars"


def fast(count=1, **more):
    bench = Bench(count, **more)
    for index in range(count):
        bench.order("fast", index)
    return bench.run(3, None)


def test_each_phase_has_its_own_room():
    bench = fast(3, room=[20, 10, 16], phases=(1, 2, 4))
    assert bench.amps() == [20, 10, 16]


def test_three_phases_have_the_room_of_the_least():
    assert fast(room=[20, 10, 16]).amps() == [10]
    # One car on all three, one on L1.
    bench = fast(2, room=[32, 20, 20], phases=(7, 1, 1))
    assert bench.amps() == [16, 16]
    bench = fast(2, room=[32, 12, 20], phases=(7, 1, 1))
    assert bench.amps() == [12, 20]


def test_two_on_one_phase_share_it():
    assert fast(3, room=[20, 20, 32], phases=(1, 1, 2)).amps() == [10, 10, 20]


def test_watts_of_all_together():
    # 4800 W are 20 A in all, 7200 W on three phases 10 A.
    assert fast(2, room=[32, 32, 32, 4800], phases=(1, 2, 4)).amps() == [10, 10]
    assert fast(room=[32, 32, 32, 7200], per_amp=720).amps() == [10]
    # Less than two minimums: one of them.
    bench = fast(2, room=[32, 32, 32, 2400], phases=(1, 2, 4))
    assert bench.amps() == [10, 0]
    assert bench.reason(1) == "Waiting: mode Fast, but the 10 A for all are in use."


def test_more_units_than_the_wires_carry():
    bench = fast(3, room=16)
    assert bench.amps() == [8, 8, 0]
    assert bench.reason(2) == "Waiting: mode Fast, but the 16 A for all are in use."
    bench = Bench(3, room=16).run(300, 20000)
    assert bench.amps() == [8, 8, 0]
    assert bench.reason(2) == (
        "Waiting: 17 120 W of 1 440 W surplus, but the 16 A for all are in use."
    )


def test_the_room_falls_and_all_follow_at_once():
    bench = charging(9000, 2)
    assert bench.amps() == [16, 16]
    bench.law.room = [20] * 3
    bench.law.room_words = "remote limit of 20 A for all"
    bench.step(9000)
    assert bench.amps() == [10, 10]
    bench.step(9000)
    assert (
        bench.reason(0) == "Charging at 10 A (remote limit of 20 A for all): 9 000 W of surplus."
    )
    # No room for both: the last one stops in its first minutes, and is told why.
    bench.law.room = [8] * 3
    bench.law.room_words = "remote limit of 8 A for all"
    bench.step(9000)
    assert bench.amps() == [8, 0] and bench.units[1].cut
    assert bench.reason(1) == "Stopping: still draws 9.8 A (remote limit of 8 A for all)."
    bench.step(9000)
    assert bench.reason(1) == (
        "Waiting: 7 560 W of 1 440 W surplus, off for 10 min more (minimum off time)."
    )
    bench.run(600, 9000)
    assert bench.reason(1) == (
        "Waiting: 7 560 W of 1 440 W surplus, but there is no room for 6 A (remote limit of 8 A "
        "for all)."
    )
    bench.law.room, bench.law.room_words = [32] * 3, ""
    assert bench.run(3, 9000).amps() == [16, 16]


def test_the_guard_takes_all_at_once_and_is_told():
    for mode in ("solar", "minimum", "fast"):
        bench = charging(3000).order(mode)
        bench.run(2, 3000)
        bench.law.room, bench.law.room_words = [0, 32, 32], GUARD
        bench.step(3000)
        assert bench.amps() == [0], mode
        assert bench.reason().endswith(f" A ({GUARD})."), bench.reason()
        assert bench.reason().startswith("Stopping: still draws ")
        bench.run(700, 3000)
        assert bench.amps() == [0]
        told = "3 000 W of 1 440 W surplus" if mode == "solar" else bench.units[0].words
        assert bench.reason() == (f"Waiting: {told}, but there is no room for 6 A ({GUARD}).")
        # It comes back no sooner than the relay may.
        bench.law.room, bench.law.room_words = [32] * 3, ""
        assert bench.run(2, 3000).amps()[0] >= 6


def test_after_the_guard_the_relay_rests():
    bench = fast()
    bench.law.room = [0] * 3
    bench.run(2, None)
    bench.law.room = [32] * 3
    bench.step(None)
    assert bench.reason() == "Waiting: mode Fast, starts in 10 min (minimum off time)."
    assert bench.until(is_on, None) == 599


def test_the_room_on_one_phase_stops_those_that_hang_on_it():
    bench = fast(3, phases=(1, 2, 4))
    bench.law.room = [32, 5, 32]
    bench.step(None)
    assert bench.amps() == [32, 0, 32]


def test_less_room_lowers_without_stopping():
    bench = fast(2, phases=(1, 2, 4))
    bench.law.room, bench.law.room_words = [32, 9, 32], "grid guard: 9 A left"
    bench.run(2, None)
    assert bench.amps() == [32, 9]
    assert bench.reason(1) == "Charging at 9 A (grid guard: 9 A left): mode Fast."
    assert bench.reason(0) == "Charging at 32 A, the most allowed: mode Fast."


def test_more_than_the_wires_carry_costs_the_lowest_priority():
    # Found charging at a start.
    bench = Bench(3, room=13, priorities=(5, 4, 6))
    bench.offers = [10, 10, 10]
    bench.step(None)
    assert bench.amps() == [6, 0, 6]


def test_a_cut_by_the_wires_alone_is_told_too():
    bench = fast(2, room=20)
    bench.law.room = [10] * 3
    bench.step(None)
    assert bench.reason(1) == "Stopping: still draws 9.8 A (there is no room for it)."


def test_a_stop_by_the_sun_makes_room_in_the_same_second():
    # 12 A for two: where the sun takes one away, the other is not cut as well.
    bench = charging(6000, 2, room=12).run(900, 6000)
    bench.law.trend.mean = 0
    bench.law.trend.used_wh = 99
    bench.law.room = [6] * 3
    bench.step(0)
    assert bench.amps() == [6, 0] and not bench.units[1].cut

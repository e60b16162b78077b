"""The referee's rules about giving way and raises: each is broken once, and kept once
where that is close."""

import pytest
from referee_game import A, B, Game, only

STOPPED = {"state": 3, "draw": 0}


# -- a limit that falls


def test_a_limit_that_falls_leaves_with_the_next_heartbeats():
    game = Game(wires_amps=32)
    game.both(10, 16, 16)
    game.referee.change_limit(20, game.now_ms)
    game.wait(0.3)
    game.both(10, 10, 10)
    assert game.report == []


def test_a_limit_that_falls_and_nobody_cares():
    game = Game(wires_amps=32)
    game.both(10, 16, 16)
    game.referee.change_limit(20, game.now_ms)
    game.both(3, 16, 16)
    only(game.report, "32 A at a limit of 20 A", "nobody gave way", A, B)


def test_a_limit_that_falls_and_one_gives_too_little():
    game = Game(wires_amps=32)
    game.both(10, 16, 16)
    game.referee.change_limit(20, game.now_ms)
    game.both(3, 6, 16)
    only(game.report, "22 A at a limit of 20 A")


def test_a_limit_below_what_cars_need_stops_them():
    game = Game(wires_amps=32, min_off_s=None)
    game.both(10, 16, 16)
    game.referee.change_limit(0, game.now_ms)
    game.wait(0.3)
    game.both(10, (0, STOPPED), (0, STOPPED))
    assert game.report == []


def test_a_limit_that_rises_again_owes_nothing():
    game = Game(wires_amps=32)
    game.both(10, 16, 16)
    game.referee.change_limit(20, game.now_ms)
    game.referee.change_limit(32, game.now_ms)
    game.both(5, 16, 16)
    assert game.report == []


@pytest.mark.parametrize(("others", "wrong"), [(10, True), (6, True), (0, False)])
def test_who_does_not_take_its_reduction_costs_the_others_theirs(others, wrong):
    game = Game(wires_amps=32, stop_s=None)
    game.both(10, 20, 12)
    game.referee.change_limit(20, game.now_ms)
    game.wait(0.3)
    stubborn = (10, {"shown": 20, "draw": 19.8})
    game.both(6, stubborn, 10)
    assert game.report == []
    game.both(4, stubborn, (others, STOPPED) if others == 0 else others)
    assert bool(game.report) == wrong, game.report
    assert not wrong or only(game.report, f"{20 + others} A at a limit of 20 A", f"{A} 20")


def test_without_current_nothing_is_taken_from_the_others():
    game = Game(wires_amps=32)
    game.both(10, 20, 12)
    game.referee.change_limit(14, game.now_ms)
    game.wait(0.3)
    # It says that it starts, for ever: so 0 A is never taken, but nothing is drawn either.
    game.both(12, (0, {"state": 8, "shown": 20, "draw": 0}), 12)
    assert game.report == []


def test_a_silent_one_does_not_take_its_reduction_either():
    game = Game(wires_amps=32)
    game.both(10, 20, 12)
    game.referee.change_limit(20, game.now_ms)
    game.wait(0.3)
    for _ in range(10):
        game.order(A, 9, 8)
        game.wait(0.5)
        game.second(B, 12)
        game.wait(-0.5)
    only(game.report, "32 A at a limit of 20 A", f"{A} 20")


# -- one that draws more than it is offered


def test_whoever_draws_too_much_counts_with_it_after_ten_seconds():
    for others, wrong in ((16, True), (10, False)):
        game = Game(wires_amps=32, stop_s=None)
        game.both(10, 16, 16)
        greedy = (16, {"draw": 21})
        game.both(10, greedy, 16)
        assert game.report == []
        game.both(2, greedy, others)
        game.both(3, greedy, others)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, "37 A at a limit of 32 A", f"{A} 21")


def test_a_little_too_much_is_none():
    game = Game(wires_amps=32)
    game.both(10, 16, 16)
    game.both(60, (16, {"draw": 17}), 16)
    assert game.report == []


def test_no_more_than_what_can_be():
    game = Game(wires_amps=64, stop_s=None)
    game.link_ready(A, rating=32)
    game.both(10, 16, 16)
    game.both(20, (16, {"draw": 300}), 16)
    # 300 A are impossible: it counts with the 32 A it is built for, and 48 A fit.
    assert game.report == []
    assert game.referee.claims(game.now_ms)[A] == 32


def test_after_thirty_seconds_it_gets_nothing():
    game = Game()
    game.seconds(10, A, 16)
    game.seconds(32, A, 16, draw=20)
    assert game.report == []
    game.seconds(3, A, 16, draw=20)
    only(game.report, "20 A at a limit of 16 A", "not at 0 A")


def test_after_thirty_seconds_it_got_nothing():
    game = Game()
    game.seconds(10, A, 16)
    game.seconds(31, A, 16, draw=20)
    game.seconds(20, A, 0, state=1, draw=20)
    assert game.report == []


def test_a_moment_within_its_limit_starts_the_count_anew():
    game = Game()
    for _ in range(4):
        game.seconds(25, A, 16, draw=20)
        game.seconds(1, A, 16)
    assert game.report == []


# -- raises while another is on its way down


def test_a_raise_waits_until_the_other_is_down():
    for last, wrong in (({"draw": 14}, True), ({"shown": 16}, True), ({}, False)):
        game = Game(wires_amps=64)
        game.both(10, 16, 6)
        game.both(3, (8, {"draw": 15.8, "shown": 16}), 6)
        game.both(1, (8, last), 6)
        game.order(B, 9, 10)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, f"{B} was raised to 10 A while {A}", "8 A")


def test_half_an_ampere_above_is_down():
    game = Game(wires_amps=64)
    game.both(10, 16, 6)
    game.both(3, (8, {"draw": 8.5}), 6)
    game.order(B, 9, 10)
    assert game.report == []


def test_a_raise_waits_thirty_seconds_at_most():
    for seconds, wrong in ((28, True), (31, False)):
        game = Game(wires_amps=64, stop_s=None)
        game.both(10, 16, 6)
        game.both(seconds, (8, {"draw": 15.8}), 6)
        game.order(B, 9, 10)
        assert bool(game.report) == wrong, game.report


def test_a_start_waits_for_a_stop():
    game = Game(wires_amps=64)
    game.both(10, 16, (0, STOPPED))
    game.both(2, (0, {"state": 3, "draw": 0}), (0, STOPPED))
    game.order(B, 9, 6)
    only(game.report, f"{B} was raised to 6 A while {A}", "down to 0 A")


def test_a_reduction_waits_for_nobody():
    game = Game(wires_amps=64)
    game.both(10, 16, 16)
    game.both(2, (8, {"draw": 15.8}), 16)
    game.order(B, 9, 6)
    assert game.report == []


def test_who_is_linked_again_may_be_raised_five_seconds_after_its_first_limit():
    for seconds, reduced, wrong in ((5, False, False), (5, True, False), (4, True, True)):
        game = Game(wires_amps=64)
        game.seconds(10, A, *((8,) if reduced else (0,)), **({} if reduced else STOPPED))
        for _ in range(26):
            game.order(A, 9, 8 if reduced else 0)
            game.wait(1)
        game.wait(11)
        game.seconds(seconds, A, 0, **STOPPED)
        game.order(A, 9, 6)
        found = [each for each in game.report if "after its last change" in each]
        assert bool(found) == wrong, game.report


# -- after a start


def test_nothing_is_raised_after_a_start_until_all_have_answered():
    for who, after_s, wrong in ((A, 5, True), (A, 38, True), (A, 40, False), (B, 5, False)):
        game = Game(wires_amps=64)
        game.both(10, 6, 6)
        game.master("FCE1777777" + "00" * 8)
        for _ in range(after_s):
            game.order(A, 0)
            game.answer(A, 1, 6, 5.2)
            game.order(B, 0)
            if who == B:
                game.answer(B, 1, 6, 5.2)
            game.wait(1)
        game.order(A, 9, 10)
        assert bool(game.report) == wrong, (who, after_s, game.report)
        assert not wrong or only(game.report, f"{after_s} s after a start", B)


def test_an_answer_to_a_clash_of_ids_is_no_start():
    game = Game(wires_amps=64)
    game.both(10, 6, 6)
    game.link_ready("7777")
    game.master("FCE1777777" + "00" * 8)
    game.order(A, 9, 10)
    assert game.report == []


# -- who gets heartbeats


def test_no_heartbeat_to_the_own_id():
    game = Game()
    game.order("7777", 0)
    only(game.report, "the master's own id")


def test_three_slaves_at_most():
    game = Game()
    for id in (A, B, "1111"):
        game.order(id, 0)
    assert game.report == []
    game.order("2222", 0)
    only(game.report, "4 slaves get heartbeats", "2222")

"""The referee's rules about relays: starts, shortest times, and what people and safety may do.
Each is broken once, and kept once where that is close."""

import pytest
from referee_game import A, Game, only

STOPPED = {"state": 3, "draw": 0}


# -- starts


def test_so_many_starts_an_hour():
    game = Game(starts_per_hour=4, min_on_s=None)
    game.seconds(10, A, 0, **STOPPED)
    for _ in range(4):
        game.seconds(20, A, 6)
        game.seconds(300, A, 0, **STOPPED)
    assert game.report == []
    game.seconds(20, A, 6)
    only(game.report, f"{A} was started 5 times within an hour")


def test_offers_that_no_car_takes_are_no_starts():
    game = Game(starts_per_hour=1, min_on_s=600, min_off_s=600)
    for _ in range(5):
        game.seconds(60, A, 6, **STOPPED)
        game.seconds(20, A, 6, draw=1.9)
        game.seconds(60, A, 0, **STOPPED)
    game.seconds(60, A, 6)
    assert game.report == []
    game.seconds(600, A, 6)
    game.seconds(700, A, 0, **STOPPED)
    game.seconds(2, A, 6, draw=2.0)
    only(game.report, f"{A} was started 2 times")


def test_a_car_that_begins_by_itself_is_no_start():
    game = Game(starts_per_hour=1)
    for _ in range(5):
        game.seconds(20, A, 6)
        game.seconds(20, A, 6, **STOPPED)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(5, A, 0, draw=6)  # it does as it likes
    game.seconds(5, A, 0, **STOPPED)
    for _ in range(3):
        game.seconds(5, A, 6)
        game.seconds(5, A, 6, **STOPPED)
    assert game.report == []


def test_a_car_that_draws_on_through_a_short_stop_is_no_start():
    game = Game(starts_per_hour=1)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(10, A, 6)
    game.seconds(6, A, 0, state=1, draw=4)
    game.seconds(10, A, 6)
    game.seconds(10, A, 6, **STOPPED)
    game.seconds(10, A, 6)
    assert game.report == []


def test_starts_over_hours():
    game = Game(starts_per_hour=2)
    for _ in range(5):
        game.seconds(10, A, 6)
        game.seconds(2000, A, 0, **STOPPED)
    assert game.report == []


# -- what a person asks for


def minutes(**rules):
    """A game in which A has rested, then charged for 30 s."""
    game = Game(min_on_s=600, min_off_s=600, **rules)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(30, A, 6)
    return game


@pytest.mark.parametrize(("more_s", "wrong"), [(28, True), (31, False)])
def test_a_person_has_the_next_stop_after_a_minute(more_s, wrong):
    game = minutes()
    game.referee.person(game.now_ms)
    game.seconds(more_s, A, 6)
    game.seconds(5, A, 0, **STOPPED)
    assert bool(game.report) == wrong, game.report
    assert not wrong or only(game.report, f"{A} was on for only 58.0 s")


@pytest.mark.parametrize(("off_s", "wrong"), [(58, True), (61, False)])
def test_a_person_has_the_next_start_after_a_minute(off_s, wrong):
    game = minutes()
    game.seconds(600, A, 6)
    game.seconds(20, A, 0, **STOPPED)
    game.referee.person(game.now_ms)
    game.seconds(off_s - 20, A, 0, **STOPPED)
    game.seconds(5, A, 6)
    assert bool(game.report) == wrong, game.report
    assert not wrong or only(game.report, f"{A} was off for only 58.0 s")


def test_a_person_has_one_switch_and_no_more():
    game = minutes()
    game.referee.person(game.now_ms)
    game.seconds(60, A, 6)
    game.seconds(90, A, 0, **STOPPED)
    assert game.report == []
    game.seconds(5, A, 6)
    only(game.report, f"{A} was off for only 90.0 s")


def test_a_person_who_asked_in_an_earlier_state_has_nothing():
    game = minutes()
    game.referee.person(game.now_ms)
    game.seconds(600, A, 6)
    game.seconds(700, A, 0, **STOPPED)
    game.seconds(90, A, 6)
    game.seconds(5, A, 0, **STOPPED)
    only(game.report, f"{A} was on for only 90.0 s")


def test_a_person_who_asks_while_a_car_ramps_down_has_the_next_start():
    """The words that stop the car have left; its draw has not ended yet."""
    game = minutes()
    game.seconds(600, A, 16)
    game.seconds(2, A, 0, state=1, draw=8)
    game.referee.person(game.now_ms)
    game.seconds(3, A, 0, state=1, draw=4)
    game.seconds(61, A, 0, **STOPPED)
    game.seconds(20, A, 6, **STOPPED)  # an offer that is not taken, and is taken back
    game.seconds(6, A, 0, **STOPPED)
    game.seconds(90, A, 6)
    assert game.report == []
    game.seconds(5, A, 0, **STOPPED)
    only(game.report, f"{A} was on for only 90.0 s")


def test_a_person_who_asks_before_the_car_draws_has_the_stop():
    game = Game(min_on_s=600, min_off_s=600)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(5, A, 6, **STOPPED)
    game.referee.person(game.now_ms)
    game.seconds(5, A, 6, **STOPPED)
    game.seconds(61, A, 6)
    game.seconds(5, A, 0, **STOPPED)
    assert game.report == []


def test_a_person_who_asks_after_the_words_of_a_start_is_too_late_for_them():
    game = minutes()
    game.seconds(600, A, 6)
    game.seconds(80, A, 0, **STOPPED)
    game.seconds(2, A, 6, **STOPPED)
    game.referee.person(game.now_ms)
    game.seconds(6, A, 6, **STOPPED)
    game.seconds(5, A, 8, **STOPPED)
    game.seconds(5, A, 8)
    only(game.report, f"{A} was off for only 93.0 s")


def test_a_person_who_asks_after_the_words_is_too_late_for_them():
    game = minutes()
    game.seconds(60, A, 6)
    game.order(A, 9, 0)
    game.wait(0.5)
    game.referee.person(game.now_ms)
    game.answer(A, 3, 6, 0)
    only(game.report, f"{A} was on for only 90.")


def test_what_a_person_asks_for_counts_for_each_slave():
    game = Game(min_on_s=600, min_off_s=600, wires_amps=32)
    game.both(10, (0, STOPPED), (0, STOPPED))
    game.both(30, 6, (0, STOPPED))
    game.both(40, 6, 6)
    game.referee.person(game.now_ms)
    game.both(10, (0, STOPPED), 6)
    assert game.report == []
    game.both(15, (0, STOPPED), 6)
    game.both(5, (0, STOPPED), (0, STOPPED))
    assert game.report == []


# -- what safety asks for


def test_after_a_cut_a_stop_may_be_early():
    for after_s, wrong in ((0, False), (59, False), (61, True)):
        game = minutes()
        game.referee.safety(game.now_ms)
        game.seconds(after_s, A, 6)
        game.seconds(5, A, 0, **STOPPED)
        assert bool(game.report) == wrong, (after_s, game.report)


def test_a_cut_that_comes_after_the_words_excuses_nothing():
    game = minutes()
    game.seconds(3, A, 0, state=1, draw=4)
    game.referee.safety(game.now_ms)
    game.seconds(5, A, 0, **STOPPED)
    only(game.report, f"{A} was on for only 33.0 s")


def test_after_a_cut_no_start_is_early():
    game = minutes()
    game.referee.safety(game.now_ms)
    game.seconds(50, A, 0, **STOPPED)
    game.referee.safety(game.now_ms)
    game.seconds(5, A, 6)
    only(game.report, f"{A} was off for only 50.0 s")


def test_a_limit_that_falls_below_what_is_given_is_a_cut():
    for amps, wrong in ((6, True), (5, False), (0, False)):
        game = minutes(wires_amps=32)
        game.referee.change_limit(amps, game.now_ms)
        game.wait(0.3)
        game.seconds(5, A, 0, **STOPPED)
        assert bool(game.report) == wrong, (amps, game.report)


def test_where_less_than_a_minute_is_configured_a_person_waits_no_longer():
    game = Game(min_on_s=20, min_off_s=20)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(5, A, 6)
    game.referee.person(game.now_ms)
    game.seconds(16, A, 6)
    game.seconds(5, A, 0, **STOPPED)
    assert game.report == []


# -- what nobody could hear


def test_a_slave_that_was_dropped_while_on_counts_as_off_since_then():
    """No more than that is known of one that falls silent in a charge and turns up off: it may
    have had no power all the time, whatever it was told meanwhile."""
    for silent_s, wrong in ((27, "was off for only 8.0 s"), (29, ""), (60, "")):
        game = Game(min_on_s=12, min_off_s=10)
        game.seconds(10, A, 0, **STOPPED)
        game.seconds(20, A, 6)
        for second in range(26):
            game.order(A, 9, 6 if second < 15 else 0)
            game.wait(1)
        game.wait(silent_s - 26)  # dropped
        game.link_ready(A)
        game.seconds(6, A, 0, **STOPPED)
        game.seconds(5, A, 6)
        assert [s.split(": ")[1] for s in game.report] == ([f"{A} {wrong}"] if wrong else [])


def test_a_slave_that_is_silent_for_less_counts_as_off_since_it_says_so():
    game = Game(min_on_s=12, min_off_s=10)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(20, A, 6)
    for _ in range(24):
        game.order(A, 9, 0)
        game.wait(1)
    game.seconds(8, A, 0, **STOPPED)
    game.seconds(5, A, 6)
    only(game.report, f"{A} was off for only 8.0 s")


def test_a_silent_slave_that_is_stopped_late_is_off_since_its_stop_at_most():
    """A master that goes on speaking to one it should have dropped may be heard."""
    game = Game(min_on_s=12, min_off_s=10)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(20, A, 6)
    for _ in range(50):
        game.order(A, 9, 6)
        game.wait(1)
    game.seconds(8, A, 0, **STOPPED)
    game.seconds(5, A, 6)
    only(game.report, f"{A} was off for only 8.1 s")


def test_a_master_that_begins_anew_in_a_silence_counts_from_then():
    """What opened while it had no power it cannot know; it counts from its start."""
    for rest_s, wrong in ((1, True), (4, False)):
        game = Game(min_on_s=12, min_off_s=10, max_gap_s=8)
        game.seconds(10, A, 0, **STOPPED)
        game.seconds(20, A, 6)
        for _ in range(5):
            game.order(A, 9, 0)
            game.wait(1)
        game.master("FCE1777705" + "00" * 8)
        for _ in range(7):
            game.order(A, 9, 0)
            game.wait(1)
        game.seconds(rest_s, A, 0, **STOPPED)
        game.seconds(5, A, 6)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, f"{A} was off for only 8.1 s")


def test_a_master_that_begins_anew_before_the_last_word_of_the_charge_excuses_nothing():
    game = Game(min_on_s=12, min_off_s=10)
    game.seconds(10, A, 0, **STOPPED)
    game.seconds(10, A, 6)
    game.master("FCE1777705" + "00" * 8)
    game.seconds(20, A, 6)
    game.seconds(8, A, 0, state=1, draw=4)
    game.seconds(8, A, 0, **STOPPED)
    game.seconds(5, A, 6)
    only(game.report, f"{A} was off for only 8.0 s")

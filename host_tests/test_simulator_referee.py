"""The referee: each rule is broken once, and kept once where that is close."""

import pytest
from referee_game import A, B, Game, only

from simulator.connector import Connector
from simulator.referee import Referee
from simulator.wire import Medium, encode


def test_a_quiet_day():
    game = Game(wires_amps=32, min_on_s=20, min_off_s=20, max_amps={A: 32})
    game.link_ready(A)
    game.seconds(5, A, 0, state=3)
    game.seconds(30, A, 6)
    game.seconds(10, A, 32)
    game.seconds(30, A, 0, state=3)
    game.seconds(30, A, 6)
    assert game.report == []
    assert [amps for _, amps in game.referee.limits_sent(A)] == [0, 6, 32, 0, 6]
    assert len(game.referee.heartbeats_to(A)) == len(game.referee.answers_from(A)) == 105
    frame = game.referee.answers_from(A)[-1]
    assert (frame.sender, frame.command, frame.amps, frame.draw_amps) == (A, 1, 6, 5.8)


@pytest.mark.parametrize("function", ["FC19", "FC1A", "FBE8"])
def test_forbidden_functions(function):
    game = Game()
    game.master(function + "77772433" + "00" * 9)
    only(game.report, function)


def test_what_no_master_says():
    game = Game()
    game.master("FDE077772433" + "00" * 9)
    only(game.report, "FDE0", "no such message")


def test_command_02():
    game = Game()
    game.order(A, 2)
    only(game.report, "command 02", A)


def test_a_heartbeat_of_a_wrong_length():
    game = Game()
    game.master("FBE077772433" + "00" * 8)
    only(game.report, "15 bytes")


@pytest.mark.parametrize(
    ("protocol", "amps", "wrong"), [(2, 5, True), (2, 6, False), (1, 5, False), (1, 4.99, True)]
)
def test_limits_between_nothing_and_the_minimum(protocol, amps, wrong):
    game = Game()
    game.link_ready(A, protocol=protocol)
    game.order(A, 9, amps)
    assert bool(game.report) == wrong
    assert not wrong or only(game.report, "below its minimum")


def test_a_configured_minimum():
    game = Game(min_amps={A: 8})
    game.order(A, 9, 7)
    only(game.report, "7 A", "minimum of 8 A")


def test_limits_above_the_rating_and_above_the_configured_maximum():
    game = Game(max_amps={A: 16})
    game.link_ready(A, rating=32)
    game.order(A, 9, 16)
    assert game.report == []
    game.wait(3)
    game.order(A, 9, 16.01)
    assert [sentence for sentence in game.report if "was configured" in sentence]
    game.wait(6)
    game.order(A, 9, 33)
    assert [sentence for sentence in game.report if "it is built for" in sentence]


def test_the_sum_of_the_claims():
    game = Game(wires_amps=32)
    game.seconds(10, A, 16)
    game.second(B, 16)
    assert game.report == []
    game.second(A, 16)
    game.order(A, 9, 17)
    only(game.report, "33 A on wires for 32 A", A, B)


def silent_and_back(seconds, held):
    """A unit with 11 A falls silent; after so many seconds without a heartbeat it links again and
    shows `held` amperes. The other one is raised to 26 A once it has answered."""
    game = Game(wires_amps=32, raise_after_s=0, max_gap_s=1000)
    game.link_ready(A)
    game.link_ready(B)
    game.both(10, 6, 11)
    began_ms = game.now_ms
    while game.now_ms < began_ms + seconds * 1000:
        game.second(A, 6)
    game.link_ready(B)
    game.order(B, 0)
    game.answer(B, 1 if held else 4, held, held)
    game.second(A, 26)
    return game


def test_what_a_unit_had_is_over_when_it_links_again_and_says_so():
    assert silent_and_back(30, 0).report == []
    assert silent_and_back(70, 0).report == []


def test_a_unit_that_links_again_may_hold_what_it_had():
    for seconds in (30, 70):
        report = silent_and_back(seconds, 11).report
        assert any("26 A for 2433 makes 37 A" in sentence for sentence in report), report


def test_what_a_silent_unit_had_counts_for_a_minute():
    def raised_after(seconds):
        game = Game(wires_amps=32, raise_after_s=0)
        game.link_ready(A)
        game.link_ready(B)
        game.both(10, 6, 11)
        began_ms = game.now_ms
        while game.now_ms < began_ms + seconds * 1000:
            game.second(A, 6)
        game.second(A, 26)
        return [sentence for sentence in game.report if "makes" in sentence]

    only(raised_after(57), "26 A for 2433 makes 37 A")
    assert raised_after(62) == []


def test_a_claim_is_the_largest_until_the_lower_limit_is_taken():
    game = Game(wires_amps=32, settle_s=None)
    game.seconds(10, A, 26)
    game.order(A, 9, 6)  # not answered yet: still 26
    game.order(B, 9, 10)
    only(game.report, "36 A on wires")


def test_a_claim_is_also_what_is_drawn():
    game = Game(wires_amps=32, settle_s=None)
    game.seconds(10, A, 26)
    game.second(A, 6, draw=25.8)  # taken, but the car has not followed yet
    assert game.referee.claims(game.now_ms)[A] == 25.8
    game.order(B, 9, 10)
    only(game.report, "35.8 A on wires")


def test_zero_is_taken_after_three_answers_without_current():
    game = Game(wires_amps=32)
    game.seconds(10, A, 26)
    game.seconds(2, A, 0, state=3)
    assert game.referee.claims(game.now_ms)[A] == 26
    game.second(A, 0, state=3)
    assert A not in game.referee.claims(game.now_ms)
    game.order(B, 9, 32)
    assert game.report == []


def test_a_silent_slave_is_counted_until_a_minute_after_the_last_heartbeat():
    for pause_s, wrong in ((55, True), (61, False)):
        game = Game(wires_amps=32, max_gap_s=4)
        game.seconds(10, A, 26)
        for _ in range(26):
            game.order(A, 9, 6)
            game.wait(1)
        game.wait(pause_s - 1)
        game.order(B, 9, 10)
        assert bool(game.report) == wrong, game.report


def test_after_a_restart_of_the_master_only_what_it_can_know_is_counted():
    game = Game(wires_amps=32)
    game.seconds(10, A, 26, draw=5)
    game.master("FCE1777777" + "00" * 8)
    assert game.referee.claims(game.now_ms)[A] == 5
    game.order(A, 0)
    game.answer(A, 1, 26, 5)
    assert game.referee.claims(game.now_ms)[A] == 26


def test_repeating_what_is_too_much_is_told_once_only_when_it_raises():
    game = Game(wires_amps=20)
    game.order(A, 9, 26)
    only(game.report, "26 A on wires for 20 A")
    game.answer(A, 1, 26, 25)
    game.order(A, 9, 26)
    only(game.report, "26 A on wires for 20 A")


def test_gaps_between_heartbeats():
    game = Game()
    game.second(A, 6)
    game.wait(2.9)
    game.second(A, 6)
    assert game.report == []
    game.wait(3.5)
    game.second(A, 6)
    only(game.report, "no heartbeat for 4.5 s")
    game.wait(9)
    assert len(game.report) == 2 and "10.0 s" in game.report[1]


def test_a_dropped_slave_gets_no_heartbeats():
    game = Game()
    game.second(A, 6)
    for _ in range(26):
        game.order(A, 9, 6)
        game.wait(1)
    game.wait(100)
    assert game.report == []


def test_raises_need_a_rest():
    game = Game()
    game.seconds(6, A, 10)
    game.seconds(5, A, 8)
    game.seconds(4, A, 10)
    assert game.report == []
    game.second(A, 12)
    only(game.report, "from 10 to 12 A 4.0 s after")
    game.second(A, 6)  # a reduction may come at any time
    assert len(game.report) == 1


def test_a_start_too_soon_after_a_stop():
    game = Game()
    game.seconds(2, A, 0, state=3)
    game.second(A, 6)
    only(game.report, "from 0 to 6 A 2.0 s after")


def test_00_in_between_at_zero():
    game = Game()
    game.seconds(5, A, 0, state=3)
    game.order(A, 0)
    only(game.report, "00 was sent", "relay")
    game.wait(1)
    game.second(A, 6)
    game.order(A, 0)
    assert len(game.report) == 1


def test_shortest_times_of_the_relay():
    game = Game(min_on_s=30, min_off_s=30)
    game.seconds(10, A, 6)
    game.seconds(10, A, 0, state=3)
    game.seconds(10, A, 6)
    first, second = game.report
    assert "was on for only 10.0 s" in first and "was off for only 10.0 s" in second


def test_a_car_that_stops_and_begins_by_itself_is_not_the_masters_doing():
    game = Game(min_on_s=30, min_off_s=30)
    game.seconds(10, A, 6)
    game.seconds(5, A, 6, state=3, draw=0)
    game.seconds(5, A, 6)
    game.seconds(5, A, 6, state=3, draw=0)
    game.seconds(5, A, 0, state=3)
    assert game.report == []


def test_talking_over_a_slave():
    for after_ms, wrong in ((4, False), (12, True), (25, False)):
        referee = Referee()
        slave, master = Connector("2433"), Connector("1839")
        medium = Medium([slave, master], referee)
        slave.next_event_ms(0)
        slave._link_at, master._link_at = 100, 10**9
        medium.run((100 + after_ms) * 1000)
        medium.send(
            "master", encode(bytes.fromhex("FCE1777777" + "00" * 8)), 1000 * (100 + after_ms)
        )
        medium.run(1000000)
        assert bool(referee.report()) == wrong, (after_ms, referee.report())
        assert not wrong or only(referee.report(), "12 ms into")


def test_other_parties_are_recorded_and_not_judged():
    game = Game()
    game.referee.hear(encode(bytes.fromhex("FC19ABCD2433" + "00" * 9)), 5, "other")
    assert game.report == [] and game.referee.frames[0].function == 0xFC19


def test_a_long_day_does_not_fill_the_memory():
    game = Game(keep=100)
    game.seconds(500, A, 6)
    assert 80 <= len(game.referee.frames) <= 100

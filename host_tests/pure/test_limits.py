"""The gate: each clause of its statement, and who counts with how much.

Plain functions and bare asserts: they run under CPython and under MicroPython. The statement is
that of charging/limits.py and of "Linking" 6 of the protocol notes.
"""

from gate_bench import (
    CHARGING,
    OPEN_MS,
    PLUGGED_IN,
    READY,
    gate,
    given,
    hear,
    link,
    most,
    pair,
    quiet,
    refused,
    say,
)

from twc import message

# The limit itself.


def test_zero_is_always_allowed():
    g = gate(6)
    link(g, "AAAA", 0, rating=80)
    link(g, "BBBB", 0, rating=80)
    assert say(g, "AAAA", 0, 1) is None
    hear(g, "AAAA", 60, 60, 2)
    assert say(g, "AAAA", 0, 3) is None


def test_whole_amperes_only():
    g = pair()
    for amps in (6.01, 6.5, 12.99, 15.5):
        assert refused(g, "AAAA", amps, OPEN_MS, "no limit that a car can follow")
    assert say(g, "AAAA", 13, OPEN_MS) is None


def test_nothing_between_zero_and_the_minimum_of_the_protocol():
    g = gate()
    link(g, "1111", OPEN_MS, protocol=1)
    link(g, "2222", OPEN_MS, protocol=2)
    for slave_id in ("1111", "2222"):
        hear(g, slave_id, 0, 0, OPEN_MS, READY, 1 if slave_id == "1111" else 2)
    for amps in (0.01, 1, 4, 4.99):
        assert refused(g, "1111", amps, OPEN_MS, "no limit")
        assert refused(g, "2222", amps, OPEN_MS, "no limit")
    assert refused(g, "2222", 5, OPEN_MS, "no limit")
    assert say(g, "1111", 5, OPEN_MS, message.LIMIT_1, False) is None
    assert say(g, "2222", 6, OPEN_MS) is None


def test_a_known_slave_has_the_higher_minimum_until_it_says_its_protocol():
    g = gate(known={"1111": 3200})
    claim = g.claims["1111"]
    assert claim.protocol is None
    assert refused(g, "1111", 5, OPEN_MS, "no limit")
    hear(g, "1111", 0, 0, 10, READY, protocol=1)
    assert claim.protocol == 1
    assert say(g, "1111", 5, 20) is None


def test_not_above_what_is_configured_for_the_unit():
    g = gate(32, own={"AAAA": 16})
    link(g, "AAAA", OPEN_MS)
    hear(g, "AAAA", 0, 0, OPEN_MS, READY)
    assert refused(g, "AAAA", 17, OPEN_MS, "at most 16 A")
    assert g.maximum_amps("AAAA") == 16
    assert say(g, "AAAA", 16, OPEN_MS) is None


def test_not_above_what_the_unit_says_it_can():
    g = gate(80)
    link(g, "AAAA", OPEN_MS, rating=32)
    hear(g, "AAAA", 0, 0, OPEN_MS, READY)
    assert refused(g, "AAAA", 33, OPEN_MS, "at most 32 A")
    assert say(g, "AAAA", 32, OPEN_MS) is None


def test_a_rating_with_a_fraction_is_rounded_down():
    g = gate(80)
    g.linked({"sender": "AAAA", "max_ca": 3299, "protocol": 2}, OPEN_MS)
    hear(g, "AAAA", 0, 0, OPEN_MS, READY)
    assert refused(g, "AAAA", 33, OPEN_MS, "at most 32 A")


def test_not_above_the_wires():
    g = gate(20)
    link(g, "AAAA", OPEN_MS, rating=80)
    hear(g, "AAAA", 0, 0, OPEN_MS, READY)
    assert refused(g, "AAAA", 21, OPEN_MS, "at most 20 A")
    assert most(g, "AAAA", OPEN_MS) == 20
    assert say(g, "AAAA", 20, OPEN_MS) is None
    # Not even what it has from before a restart with less configured.
    g = gate(20, own={"AAAA": 80}, known={"AAAA": 8000})
    hear(g, "AAAA", 32, 31.8, 100)
    assert refused(g, "AAAA", 32, 200, "at most 20 A")
    assert g.maximum_amps("AAAA") == most(g, "AAAA", 200) == 20


def test_what_it_has_does_not_excuse_a_limit_above_the_maximum():
    # Found charging at 32 A after a restart with less configured.
    g = gate(32, own={"AAAA": 16}, known={"AAAA": 3200})
    hear(g, "AAAA", 32, 31.8, 100)
    assert refused(g, "AAAA", 32, 200, "at most 16 A")
    assert most(g, "AAAA", 200) == 16


# A raise has to fit beside the claims of the others.


def test_a_raise_fits_to_the_ampere():
    g = pair(32)
    given(g, "BBBB", 16, OPEN_MS)
    assert refused(g, "AAAA", 17, OPEN_MS, "the limit in force, 32 A")
    assert most(g, "AAAA", OPEN_MS) == 16
    assert say(g, "AAAA", 16, OPEN_MS) is None


def test_the_sentence_names_all_three_numbers():
    g = pair(32)
    given(g, "BBBB", 16, OPEN_MS, 15.8)
    assert say(g, "AAAA", 20, OPEN_MS) == (
        "20 A for AAAA and 16.0 A of the others are more than the limit in force, 32 A"
    )


def test_equal_or_less_needs_no_room():
    g = pair(32)
    given(g, "AAAA", 16, OPEN_MS)
    given(g, "BBBB", 16, OPEN_MS)
    hear(g, "BBBB", 16, 25, OPEN_MS + 1000)  # it breaks its limit: no room any more
    assert say(g, "AAAA", 16, OPEN_MS + 1000) is None
    assert say(g, "AAAA", 10, OPEN_MS + 1000) is None
    assert refused(g, "AAAA", 11, OPEN_MS + 2000, "the limit in force")


def test_three_slaves_count_together():
    g = pair(32)
    link(g, "CCCC", OPEN_MS)
    hear(g, "CCCC", 0, 0, OPEN_MS, READY)
    given(g, "AAAA", 10, OPEN_MS)
    given(g, "BBBB", 12, OPEN_MS)
    assert refused(g, "CCCC", 11, OPEN_MS, "22.0 A of the others")
    assert say(g, "CCCC", 10, OPEN_MS) is None


# What a slave counts with.


def test_a_limit_sent_counts_before_it_is_taken():
    g = pair(32)
    assert say(g, "BBBB", 20, OPEN_MS) is None
    assert g.claims["BBBB"].ca() == 2000
    assert refused(g, "AAAA", 13, OPEN_MS, "20.0 A of the others")


def test_a_reduction_frees_nothing_before_it_is_taken():
    g = pair(32)
    given(g, "BBBB", 26, OPEN_MS)
    assert say(g, "BBBB", 6, OPEN_MS + 1000) is None
    assert g.claims["BBBB"].ca() == 2600
    assert refused(g, "AAAA", 7, OPEN_MS + 1000, "the reduction of BBBB")
    hear(g, "BBBB", 26, 25.8, OPEN_MS + 1050)  # not yet
    assert g.claims["BBBB"].ca() == 2600
    assert refused(g, "AAAA", 7, OPEN_MS + 1100, "the reduction of BBBB")
    hear(g, "BBBB", 6, 15, OPEN_MS + 2050)  # taken, but the car is slower
    assert g.claims["BBBB"].ca() == 1500
    assert refused(g, "AAAA", 7, OPEN_MS + 2100, "the reduction of BBBB")
    # It has been waited for long enough: now it counts with its draw.
    assert refused(g, "AAAA", 18, OPEN_MS + 31000, "15.0 A of the others")
    assert say(g, "AAAA", 17, OPEN_MS + 31000) is None


def test_of_several_limits_sent_the_largest_counts_until_one_is_taken():
    g = pair(32)
    given(g, "BBBB", 6, OPEN_MS)
    assert say(g, "BBBB", 20, OPEN_MS + 6000) is None
    assert say(g, "BBBB", 10, OPEN_MS + 7000) is None  # both unanswered
    assert g.claims["BBBB"].ca() == 2000
    hear(g, "BBBB", 20, 12, OPEN_MS + 7100)  # it took the first one
    assert g.claims["BBBB"].ca() == 2000
    hear(g, "BBBB", 10, 9.8, OPEN_MS + 8100)
    assert g.claims["BBBB"].ca() == 1000


def test_a_draw_above_the_limit_counts():
    g = pair(32)
    given(g, "BBBB", 10, OPEN_MS)
    hear(g, "BBBB", 10, 14.2, OPEN_MS + 1000)
    assert g.claims["BBBB"].ca() == 1420
    assert refused(g, "AAAA", 18, OPEN_MS + 1000, "14.2 A of the others")
    assert say(g, "AAAA", 17, OPEN_MS + 1000) is None


def test_calibration_of_an_idle_unit_is_no_draw():
    g = pair(12)
    quiet(g, "BBBB", OPEN_MS)
    hear(g, "BBBB", 6, 0.25, OPEN_MS + 100, PLUGGED_IN)
    assert g.claims["BBBB"].ca() == 0
    assert say(g, "AAAA", 12, OPEN_MS + 200) is None


def test_a_draw_that_no_unit_can_carry_counts_with_the_rating():
    g = pair(64)
    given(g, "AAAA", 10, OPEN_MS)
    given(g, "BBBB", 10, OPEN_MS)
    hear(g, "BBBB", 10, 35.2, OPEN_MS + 1000)  # 32 A and a tenth: just possible
    assert g.claims["BBBB"].ca() == 3520
    for draw in (35.21, 300, 655.35):
        hear(g, "BBBB", 10, draw, OPEN_MS + 2000)
        assert g.claims["BBBB"].ca() == 3200, draw
        assert refused(g, "AAAA", 33, OPEN_MS + 2000, "at most 32 A")
    assert most(g, "AAAA", OPEN_MS + 2000) == 32
    # A wrong reading heals with the next one.
    hear(g, "BBBB", 10, 9.8, OPEN_MS + 3000)
    assert g.claims["BBBB"].ca() == 1000


def test_an_impossible_draw_on_small_wires_leaves_nothing_to_raise():
    g = pair(32)
    given(g, "AAAA", 10, OPEN_MS)
    given(g, "BBBB", 10, OPEN_MS)
    hear(g, "BBBB", 10, 300, OPEN_MS + 1000)
    assert refused(g, "AAAA", 11, OPEN_MS + 1000, "32.0 A of the others")
    assert most(g, "AAAA", OPEN_MS + 1000) == 10  # no breach yet: that takes 10 s


def test_a_lying_echo_counts_with_the_rating_and_raises_nobody():
    g = pair(64)
    given(g, "BBBB", 10, OPEN_MS)
    hear(g, "BBBB", 655.35, 9.8, OPEN_MS + 1000)
    assert g.claims["BBBB"].ca() == 3200
    assert refused(g, "AAAA", 33, OPEN_MS + 1000, "at most 32 A")
    assert say(g, "AAAA", 32, OPEN_MS + 1000) is None
    # What it shows is no permission: it was given 10 A, 11 A are a raise without room.
    assert most(g, "BBBB", OPEN_MS + 1000) == 32
    assert say(g, "BBBB", 33, OPEN_MS + 1000) is not None


def test_a_lying_echo_on_small_wires_leaves_nothing_to_raise():
    g = pair(32)
    given(g, "BBBB", 10, OPEN_MS)
    hear(g, "BBBB", 655.35, 9.8, OPEN_MS + 1000)
    assert refused(g, "AAAA", 6, OPEN_MS + 1000, "32.0 A of the others")


def test_an_echo_that_was_never_sent_frees_nothing():
    # It took 20 A. Whatever it shows for a moment (0.00 A was seen in state 02), it may go on.
    for echo in (0, 6, 12.5):
        g = pair(32)
        given(g, "BBBB", 20, OPEN_MS, draw=0)
        hear(g, "BBBB", echo, 0, OPEN_MS + 1000, 0x02)
        assert refused(g, "AAAA", 13, OPEN_MS + 1500, "20.0 A of the others"), echo
        assert say(g, "BBBB", 20, OPEN_MS + 2000) is None


def test_zero_is_taken_after_three_quiet_answers_whatever_is_shown():
    g = pair(32)
    given(g, "BBBB", 26, OPEN_MS)
    for number in range(3):
        assert g.claims["BBBB"].ca() == 2600, number
        quiet(g, "BBBB", OPEN_MS + 1000 * number, times=1)
    assert g.claims["BBBB"].ca() == 0
    assert say(g, "AAAA", 32, OPEN_MS + 3000) is None


def test_three_quiet_answers_in_a_row():
    g = pair(32)
    given(g, "BBBB", 26, OPEN_MS)
    quiet(g, "BBBB", OPEN_MS, times=2)
    assert say(g, "BBBB", 0, OPEN_MS) is None
    hear(g, "BBBB", 6, 0, OPEN_MS, CHARGING)  # the relay is closed once more
    quiet(g, "BBBB", OPEN_MS, times=2)
    assert g.claims["BBBB"].ca() == 2600
    assert say(g, "BBBB", 0, OPEN_MS) is None
    hear(g, "BBBB", 6, 1.5, OPEN_MS, PLUGGED_IN)  # it draws
    quiet(g, "BBBB", OPEN_MS, times=2)
    assert g.claims["BBBB"].ca() == 2600
    quiet(g, "BBBB", OPEN_MS, times=1)
    assert g.claims["BBBB"].ca() == 0


def test_quiet_answers_before_the_stop_do_not_count():
    g = pair(32)
    given(g, "BBBB", 20, OPEN_MS, draw=0)
    for _ in range(5):
        hear(g, "BBBB", 20, 0, OPEN_MS, PLUGGED_IN)
    quiet(g, "BBBB", OPEN_MS, times=2)
    assert g.claims["BBBB"].ca() == 2000


def test_a_car_that_draws_at_zero_counts():
    g = pair(32)
    given(g, "BBBB", 20, OPEN_MS)
    quiet(g, "BBBB", OPEN_MS + 1000)
    assert say(g, "BBBB", 0, OPEN_MS + 2000) is None
    hear(g, "BBBB", 6, 18, OPEN_MS + 2000)
    assert g.claims["BBBB"].ca() == 1800
    assert refused(g, "AAAA", 15, OPEN_MS + 2000, "the reduction of BBBB")
    assert refused(g, "AAAA", 15, OPEN_MS + 31000, "18.0 A of the others")


def test_never_heard_counts_with_its_rating():
    g = gate(40)
    link(g, "AAAA", OPEN_MS)
    hear(g, "AAAA", 0, 0, OPEN_MS, READY)
    link(g, "BBBB", OPEN_MS, rating=32)
    assert say(g, "BBBB", None, OPEN_MS) is None
    assert refused(g, "AAAA", 9, OPEN_MS, "32.0 A of the others")
    assert say(g, "AAAA", 8, OPEN_MS) is None
    hear(g, "BBBB", 0, 0, OPEN_MS + 100, READY)
    assert say(g, "AAAA", 32, OPEN_MS + 200) is None


def test_linking_again_counts_with_the_rating_again():
    g = pair(40)
    given(g, "BBBB", 6, OPEN_MS)
    link(g, "BBBB", OPEN_MS + 1000)
    assert g.claims["BBBB"].ca() == 3200
    assert refused(g, "AAAA", 9, OPEN_MS + 1000, "32.0 A of the others")
    hear(g, "BBBB", 6, 5.2, OPEN_MS + 2000)
    assert say(g, "AAAA", 32, OPEN_MS + 2000) is None


def test_a_slave_cannot_link_its_claim_away():
    # A link ready with a rating of 0 A, from a unit that draws 20 A.
    g = pair(32)
    given(g, "BBBB", 20, OPEN_MS)
    link(g, "BBBB", OPEN_MS + 1000, rating=0)
    assert g.claims["BBBB"].ca() >= 2000
    assert refused(g, "AAAA", 13, OPEN_MS + 1000, "of the others")


# Others keep what they have.


def test_who_has_something_keeps_it_beside_a_newcomer():
    g = gate(32)
    link(g, "AAAA", OPEN_MS)
    hear(g, "AAAA", 0, 0, OPEN_MS, READY)
    given(g, "AAAA", 20, OPEN_MS)
    link(g, "BBBB", OPEN_MS + 1000)  # and its first answer is late
    assert most(g, "AAAA", OPEN_MS + 1100) == 20


def test_who_has_something_keeps_it_beside_one_that_is_gone_after_a_restart():
    g = gate(32, known={"AAAA": 3200, "BBBB": 3200})
    hear(g, "AAAA", 16, 15.8, 100)  # BBBB has no power any more
    assert most(g, "AAAA", 1000) == 16


def test_who_has_something_keeps_it_beside_a_silent_one():
    g = pair(32)
    given(g, "AAAA", 16, OPEN_MS)
    given(g, "BBBB", 16, OPEN_MS)
    assert most(g, "AAAA", OPEN_MS + 20000) == 16


def test_who_has_something_gives_way_to_one_that_breaks_its_limit():
    g = pair(32)
    given(g, "AAAA", 16, OPEN_MS)
    given(g, "BBBB", 16, OPEN_MS)
    hear(g, "BBBB", 16, 16.9, OPEN_MS + 1000)  # within what meters tell apart
    assert most(g, "AAAA", OPEN_MS + 1000) == 16
    hear(g, "BBBB", 16, 20.3, OPEN_MS + 2000)
    hear(g, "BBBB", 16, 20.3, OPEN_MS + 11999)
    assert most(g, "AAAA", OPEN_MS + 11999) == 16
    hear(g, "BBBB", 16, 20.3, OPEN_MS + 12000)
    assert most(g, "AAAA", OPEN_MS + 12000) == 11


# Silence.


def test_a_silent_slave_counts_until_60_s_after_our_last_heartbeat():
    g = pair(32)
    given(g, "BBBB", 20, OPEN_MS)
    last_ms = OPEN_MS + 26000
    assert say(g, "BBBB", 6, last_ms) is None  # unanswered; then it is dropped
    for after_ms in (1000, 29999):
        assert say(g, "AAAA", None, last_ms + after_ms) is None
        assert refused(g, "AAAA", 6, last_ms + after_ms, "the reduction of BBBB")
    for after_ms in (30000, 45000, 59999):
        assert say(g, "AAAA", None, last_ms + after_ms) is None
        assert refused(g, "AAAA", 13, last_ms + after_ms, "20.0 A of the others")
        assert most(g, "AAAA", last_ms + after_ms) == 12
    assert most(g, "AAAA", last_ms + 60000) == 32
    assert say(g, "AAAA", 32, last_ms + 60000) is None


def test_each_heartbeat_begins_the_60_s_anew_even_no_change():
    g = pair(32)
    given(g, "BBBB", 20, OPEN_MS)
    for second in range(200):
        now_ms = OPEN_MS + 1000 * second
        assert say(g, "AAAA", None, now_ms) is None
        assert say(g, "BBBB", None, now_ms) is None
        assert most(g, "AAAA", now_ms) == 12


def test_answers_do_not_prolong_the_claim_of_one_that_gets_no_heartbeats():
    # Only our heartbeats keep its car alive.
    g = pair(32)
    given(g, "BBBB", 20, OPEN_MS)
    assert say(g, "AAAA", None, OPEN_MS + 59000) is None
    assert most(g, "AAAA", OPEN_MS + 60000) == 32


def test_the_silent_one_itself_is_gone_too():
    g = pair(32)
    assert most(g, "BBBB", OPEN_MS + 60000) == 0
    assert "BBBB is not linked" in say(g, "BBBB", 6, OPEN_MS + 60000)


def test_after_a_pause_of_60_s_nothing_leaves_that_is_not_in_the_books():
    # The bus stood still: heartbeats were neither sent nor answered.
    g = pair(32)
    later_ms = OPEN_MS + 60000
    if say(g, "AAAA", 20, later_ms) is None:
        assert g.claims["AAAA"].ca() == 2000
    if say(g, "BBBB", 20, later_ms) is None:
        assert g.claims["BBBB"].ca() == 2000
    assert sum([claim.ca() for claim in g.claims.values()]) <= 3200


# The first 40 s.


def test_nothing_is_raised_in_the_first_40_s():
    g = gate(32, now_ms=1000)
    link(g, "AAAA", 2000)
    hear(g, "AAAA", 0, 0, 2100, READY)
    assert g.opens_in_ms(2000) == 39000
    assert refused(g, "AAAA", 6, 2200, "too recent")
    assert most(g, "AAAA", 40999) == 0
    assert refused(g, "AAAA", 6, 40999, "too recent")
    assert g.opens_in_ms(41000) == 0
    assert most(g, "AAAA", 41000) == 32
    assert say(g, "AAAA", 6, 41000) is None


def test_what_charges_at_a_start_goes_on_but_not_with_more():
    g = gate(32)
    link(g, "AAAA", 100)
    hear(g, "AAAA", 12, 11.8, 200)
    assert most(g, "AAAA", 300) == 12
    assert refused(g, "AAAA", 13, 300, "too recent")
    assert say(g, "AAAA", 12, 400) is None
    assert say(g, "AAAA", 6, 1400) is None
    assert refused(g, "AAAA", 12, 2400, "too recent")


def test_an_echo_without_a_draw_gives_nothing():
    g = gate(32)
    link(g, "AAAA", 100)
    hear(g, "AAAA", 12, 0.3, 200, PLUGGED_IN)
    assert most(g, "AAAA", 300) == 0
    assert refused(g, "AAAA", 6, 300, "too recent")


def test_it_opens_when_all_that_were_known_have_answered():
    g = gate(32, known={"AAAA": 3200, "BBBB": 3200})
    hear(g, "AAAA", 0, 0, 100, READY)
    assert g.opens_in_ms(1000) == 39000
    assert refused(g, "AAAA", 6, 1000, "too recent")
    hear(g, "CCCC", 0, 0, 1500, READY)  # none of ours
    assert g.opens_in_ms(1600) == 38400
    hear(g, "BBBB", 0, 0, 2000, READY)
    assert g.opens_in_ms(2000) == 0
    assert say(g, "AAAA", 6, 2000) is None


def test_without_anybody_known_it_waits_the_40_s():
    g = gate(32)
    link(g, "AAAA", 100)
    hear(g, "AAAA", 0, 0, 200, READY)
    assert g.opens_in_ms(300) == 39700


def test_known_ones_count_with_their_rating_until_they_answer():
    g = gate(32, known={"AAAA": 3200, "BBBB": 1600})
    hear(g, "AAAA", 0, 0, 100, READY)
    assert refused(g, "AAAA", 17, OPEN_MS, "16.0 A of the others")
    assert say(g, "AAAA", 16, OPEN_MS) is None


def test_a_known_one_that_stays_away_counts_for_60_s():
    g = gate(32, known={"AAAA": 3200, "BBBB": 3200})
    hear(g, "AAAA", 0, 0, 100, READY)
    assert say(g, "AAAA", None, 59000) is None
    assert most(g, "AAAA", 59999) == 0
    assert most(g, "AAAA", 60000) == 32

"""The books about one slave: what it counts with, what it is held to, and what it did wrong.

Plain functions and bare asserts: they run under CPython and under MicroPython. The numbers are
those of "Linking" 6 and "Heartbeat commands" of the protocol notes, and of charging/claims.py.
"""

from charging.claims import Claim

READY, CHARGING, ERROR, PLUGGED_IN, WANTS, BUSY = 0x00, 0x01, 0x02, 0x03, 0x04, 0x05


def hear(claim, echo, draw, now_ms, state=CHARGING, protocol=2):
    fields = {"state": state, "protocol": protocol}
    fields["max_ca"] = round(echo * 100)
    fields["actual_ca"] = round(draw * 100)
    claim.answered(fields, now_ms)


def holding(amps, draw=None, rating=32):
    """A claim of a slave that was sent so much, took it, and draws it (or `draw`), at 0 ms."""
    claim = Claim(rating * 100, 0)
    hear(claim, 0, 0, 0, READY)
    claim.sent(amps * 100, 0)
    hear(claim, amps, amps if draw is None else draw, 0)
    assert claim.ca() == amps * 100
    return claim


# What it counts with.


def test_unheard_it_counts_with_its_rating_whatever_it_was_sent():
    claim = Claim(3200, 0)
    assert claim.ca() == 3200
    claim.sent(600, 0)
    assert claim.ca() == 3200
    hear(claim, 6, 5.8, 100)
    assert claim.ca() == 600


def test_unheard_it_has_what_it_may_be_told_at_a_start():
    assert Claim(3200, 0).has_ca() == 0
    assert Claim(3200, 0, 600).has_ca() == 600
    # Its own answer decides then.
    claim = Claim(3200, 0, 600)
    hear(claim, 16, 15.8, 100)
    assert claim.has_ca() == 1600
    claim = Claim(3200, 0, 600)
    hear(claim, 16, 0.3, 100, PLUGGED_IN)
    assert claim.has_ca() == 0


def test_the_largest_of_taken_sent_and_drawn():
    claim = holding(10)
    claim.sent(1600, 0)
    assert claim.ca() == 1600
    claim.sent(1200, 0)
    assert claim.ca() == 1600
    hear(claim, 10, 20, 10)
    assert claim.ca() == 2000
    hear(claim, 12, 9.9, 20)
    assert claim.ca() == 1200


def test_less_than_one_ampere_is_no_draw():
    claim = holding(6, draw=0)
    claim.sent(0, 0)
    for _ in range(3):
        hear(claim, 6, 0.99, 0, PLUGGED_IN)
    assert claim.ca() == 0
    hear(claim, 6, 1, 0, PLUGGED_IN)
    assert claim.ca() == 100


def test_zero_needs_three_quiet_answers_in_states_that_are_off():
    for state in range(16):
        claim = holding(16)
        claim.sent(0, 0)
        for number in range(3):
            assert claim.ca() == 1600, (state, number)
            hear(claim, 6, 0.3, number, state)
        off = state in (READY, ERROR, PLUGGED_IN, WANTS)
        assert claim.ca() == (0 if off else 1600), state


def test_told_zero_before_it_was_heard_it_counts_with_what_it_shows_until_it_is_off():
    claim = Claim(3200, 0)
    claim.sent(0, 0)
    for number in range(3):
        assert claim.ca() == (1600 if number else 3200)
        hear(claim, 16, 0, number, PLUGGED_IN)
    assert claim.ca() == 0


def test_other_limits_between_two_zeros_begin_the_count_anew():
    claim = holding(16)
    claim.sent(0, 0)
    hear(claim, 6, 0, 0, PLUGGED_IN)
    hear(claim, 6, 0, 0, PLUGGED_IN)
    claim.sent(600, 0)
    claim.sent(0, 0)
    hear(claim, 6, 0, 0, PLUGGED_IN)
    assert claim.ca() == 1600
    claim.sent(0, 0)  # the same once more does not
    hear(claim, 6, 0, 0, PLUGGED_IN)
    hear(claim, 6, 0, 0, PLUGGED_IN)
    assert claim.ca() == 0


def test_an_impossible_draw_counts_with_the_rating():
    for draw, counts in ((35.2, 3520), (35.21, 3200), (300, 3200), (655.35, 3200)):
        claim = holding(10)
        hear(claim, 10, draw, 0)
        assert claim.ca() == counts and claim.draw_ca == counts, draw


def test_a_rating_that_no_unit_has_makes_no_draw_impossible():
    # A link ready that says 0 A: the draw is the better witness.
    for rating in (0, 1, 500, 599):
        claim = Claim(rating, 0)
        hear(claim, 0, 20, 100)
        assert claim.ca() == 2000, rating
    claim = Claim(600, 0)
    hear(claim, 0, 20, 100)
    assert claim.ca() == 600


def test_an_echo_above_the_rating_counts_with_the_rating():
    claim = holding(10)
    hear(claim, 655.35, 9.8, 0)
    assert claim.ca() == 3200
    claim = Claim(3200, 0)
    hear(claim, 655.35, 9.8, 0)
    assert claim.ca() == 3200


def test_the_protocol_is_that_of_the_first_answer():
    claim = Claim(3200, 0)
    hear(claim, 0, 0, 0, READY, protocol=1)
    hear(claim, 0, 0, 0, READY, protocol=2)
    assert claim.protocol == 1


# What the others have to give way to.


def test_a_reduction_has_five_seconds():
    claim = holding(20)
    claim.sent(800, 1000)
    assert claim.ca() == 2000
    for ms in (1000, 3000, 5999):
        assert claim.held_ca(ms) == 800, ms
    assert claim.held_ca(6000) == 2000
    hear(claim, 8, 7.8, 7000)
    assert claim.held_ca(7000) == 800


def test_further_reductions_do_not_begin_the_five_seconds_anew():
    claim = holding(20)
    claim.sent(1600, 1000)
    claim.sent(1000, 3000)
    claim.sent(600, 5000)
    assert claim.held_ca(5999) == 600
    assert claim.held_ca(6000) == 2000
    # A repetition does not either.
    claim.sent(600, 7000)
    assert claim.held_ca(7000) == 2000


def test_once_taken_the_next_reduction_has_its_own_five_seconds():
    claim = holding(20)
    claim.sent(1600, 1000)
    hear(claim, 16, 15.8, 1100)
    claim.sent(1000, 60000)
    assert claim.held_ca(64999) == 1000 and claim.held_ca(65000) == 1600


def test_a_limit_that_was_never_taken_is_given_back_with_five_seconds_too():
    claim = holding(6)
    claim.sent(2000, 1000)  # unanswered
    assert claim.held_ca(1000) == 2000
    claim.sent(800, 2000)
    assert claim.held_ca(2000) == 800 and claim.held_ca(7000) == 2000


def test_a_raise_is_held_at_once():
    claim = holding(6)
    claim.sent(2000, 1000)
    assert claim.held_ca(1000) == 2000
    # Also while the five seconds of a reduction run.
    claim = holding(20)
    claim.sent(600, 1000)
    claim.sent(1200, 2000)
    assert claim.held_ca(2000) == 1200


def test_one_that_was_never_heard_is_held_to_what_it_was_sent():
    claim = Claim(3200, 0, 600)
    assert claim.held_ca(1000) == 0
    claim.sent(600, 1000)
    assert claim.held_ca(1000) == 600


def test_the_first_limit_after_a_start_has_five_seconds_as_well():
    # It charges with what an earlier master gave it, and shows that a moment longer.
    claim = Claim(3200, 0, 600)
    claim.sent(600, 0)
    hear(claim, 32, 31.8, 100)
    assert claim.ca() == 3200 and claim.held_ca(1000) == 600 and claim.falling(1000)
    assert claim.held_ca(5000) == 3200


def test_a_first_limit_of_zero_waits_for_nothing_at_a_unit_that_is_off():
    claim = Claim(3200, 0)
    claim.sent(0, 0)
    hear(claim, 0, 0, 100, READY)
    assert claim.ca() == 0 and not claim.falling(1000)


# A reduction under way.


def test_a_reduction_is_under_way_until_it_is_taken_and_followed():
    claim = holding(20)
    assert not claim.falling(0)
    claim.sent(800, 1000)
    assert claim.falling(1000)
    hear(claim, 20, 19.8, 1100)
    assert claim.falling(1100)
    hear(claim, 8, 14, 2100)  # taken, not followed
    assert claim.falling(2100)
    hear(claim, 8, 8.51, 3100)
    assert claim.falling(3100)
    hear(claim, 8, 8.5, 4100)
    assert not claim.falling(4100)


def test_a_stop_is_under_way_until_it_is_off():
    claim = holding(20)
    claim.sent(0, 1000)
    hear(claim, 6, 0, 1100, PLUGGED_IN)
    hear(claim, 6, 0, 2100, PLUGGED_IN)
    assert claim.falling(2100)
    hear(claim, 6, 0, 3100, PLUGGED_IN)
    assert not claim.falling(3100)


def test_it_is_waited_for_thirty_seconds_at_most():
    for draw in (8.6, 19.8):  # untaken, and taken but not followed
        claim = holding(20)
        claim.sent(800, 1000)
        hear(claim, 8 if draw < 10 else 20, draw, 1100)
        assert claim.falling(30999), draw
        assert not claim.falling(31000), draw
        assert claim.ca() >= draw * 100


def test_a_reduction_of_one_that_shows_something_else_is_waited_for_too():
    # It had taken 10 A and shows nonsense since: the next reduction is one like any other.
    claim = holding(10)
    hear(claim, 655.35, 9.8, 60000)
    assert claim.held_ca(60500) == 3200
    claim.sent(600, 61000)
    assert claim.falling(61000) and claim.falling(90999)
    # But who shows more than it was told gets no five seconds at the cost of the others.
    assert claim.held_ca(61000) == 3200
    assert not claim.falling(91000)


def test_a_car_that_draws_more_later_is_no_reduction():
    claim = holding(20)
    claim.sent(800, 1000)
    hear(claim, 8, 7.8, 2000)
    hear(claim, 8, 8.9, 40000)
    assert not claim.falling(40000)


# A draw above what it may.


def test_above_the_offer_and_an_ampere_for_ten_seconds():
    claim = holding(10)
    hear(claim, 10, 11, 1000)  # exactly an ampere: no breach
    assert not claim.over(60000)
    hear(claim, 10, 11.01, 60000)
    assert not claim.over(69999) and claim.held_ca(69999) == 1000
    hear(claim, 10, 14, 70000)
    assert claim.over(70000) and claim.held_ca(70000) == 1400
    assert not claim.barred(70000)


def test_one_answer_within_the_limit_begins_anew():
    claim = holding(10)
    for second in range(9):
        hear(claim, 10, 14, 1000 * second)
    hear(claim, 10, 10.9, 9000)
    for second in range(10, 20):
        hear(claim, 10, 14, 1000 * second)
        assert not claim.over(1000 * second)
    hear(claim, 10, 14, 20000)
    assert claim.over(20000)


def test_it_is_measured_against_the_last_limit_sent():
    claim = holding(20)
    claim.sent(800, 1000)
    for second in range(1, 12):
        hear(claim, 8, 19.8, 1000 * second)
    assert claim.over(11000)
    claim.sent(2000, 12000)
    hear(claim, 20, 19.8, 12000)
    assert not claim.over(12000)


def test_without_a_limit_of_ours_there_is_no_breach():
    claim = Claim(3200, 0)
    for second in range(60):
        hear(claim, 6, 31, 1000 * second)
        assert not claim.over(1000 * second) and not claim.barred(1000 * second)


def test_after_thirty_seconds_it_is_barred_for_ten_minutes():
    claim = holding(10)
    for second in range(31):
        assert not claim.barred(1000 * second - 1)
        hear(claim, 10, 14, 1000 * second)
    assert claim.barred(30000)
    claim.sent(0, 30000)
    hear(claim, 6, 0, 31000, PLUGGED_IN)
    assert not claim.over(31000)
    assert claim.barred(30000 + 599999) and not claim.barred(30000 + 600000)


def test_the_ten_minutes_begin_when_it_is_within_its_limit():
    claim = holding(10)
    claim.sent(0, 0)
    for second in range(91):
        hear(claim, 6, 14, 1000 * second)
        claim.barred(1000 * second)
    hear(claim, 6, 0, 91000, PLUGGED_IN)
    assert claim.barred(90000 + 599999) and not claim.barred(90000 + 600000)


def test_silence_bars_nobody():
    # Its last answer was above a limit that had just been lowered; then the line was cut.
    claim = holding(20)
    claim.sent(800, 1000)
    hear(claim, 8, 19.8, 1100)
    assert claim.over(11100)  # it may draw on: the others give way
    assert not claim.barred(25000)
    hear(claim, 8, 7.8, 25000)
    assert not claim.over(25000) and not claim.barred(40000)
    assert claim.ca() == 800


def test_a_breach_that_was_seen_lasts_through_silence():
    claim = holding(20)
    claim.sent(800, 1000)
    for second in range(1, 13):
        hear(claim, 8, 19.8, 1000 * second)
    assert claim.over(12000) and claim.over(30000) and claim.held_ca(30000) == 1980
    assert not claim.barred(60000)

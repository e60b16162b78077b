"""The gate when something falls: the limit in force, a slave that does not follow or draws more
than it may, and a second master. And what is raised meanwhile: nothing.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from gate_bench import CHARGING, OPEN_MS, gate, given, hear, link, most, pair, quiet, refused, say

SECOND = 1000


def sharing(first, second, wires=32):
    """A pair that was given so much each, takes and draws it, at OPEN_MS."""
    g = pair(wires)
    given(g, "AAAA", first, OPEN_MS)
    given(g, "BBBB", second, OPEN_MS)
    return g


# The limit in force.


def test_the_limit_in_force_is_that_of_the_wires_at_first_and_never_more():
    g = pair(20)
    assert most(g, "AAAA", OPEN_MS) == g.maximum_amps("AAAA") == 20
    g.limit_amps = 32
    assert most(g, "AAAA", OPEN_MS) == g.maximum_amps("AAAA") == 20
    assert refused(g, "AAAA", 21, OPEN_MS, "at most 20 A")
    g.limit_amps = -5
    assert most(g, "AAAA", OPEN_MS) == g.maximum_amps("AAAA") == 0
    assert say(g, "AAAA", 0, OPEN_MS) is None


def test_raises_are_measured_against_the_limit_in_force():
    g = pair(32)
    given(g, "BBBB", 10, OPEN_MS)
    g.limit_amps = 18
    assert refused(g, "AAAA", 9, OPEN_MS, "the limit in force, 18 A")
    assert most(g, "AAAA", OPEN_MS) == 8
    g.limit_amps = 24
    assert most(g, "AAAA", OPEN_MS) == 14
    assert say(g, "AAAA", 14, OPEN_MS) is None


def test_when_it_falls_what_the_others_will_be_told_counts():
    g = sharing(16, 16)
    g.limit_amps = 20
    # BBBB is going to be told 10 A, says the master, and AAAA need not stop.
    assert most(g, "AAAA", OPEN_MS, 600) == 10
    assert say(g, "AAAA", 10, OPEN_MS) is None
    # AAAA has been told, so BBBB has the rest.
    assert most(g, "BBBB", OPEN_MS + 500) == 10


def test_when_it_falls_and_nobody_will_be_told_less_the_first_gives_way_for_all():
    g = sharing(16, 16)
    g.limit_amps = 20
    assert most(g, "AAAA", OPEN_MS) == 4
    assert say(g, "AAAA", 0, OPEN_MS) is None
    assert most(g, "BBBB", OPEN_MS + 500) == 16


def test_relief_is_no_room_for_a_raise():
    g = sharing(10, 22)
    assert most(g, "AAAA", OPEN_MS, 1000) == 10
    assert refused(g, "AAAA", 11, OPEN_MS, "the limit in force")


def test_when_it_falls_to_less_than_one_has_alone():
    g = sharing(16, 16)
    g.limit_amps = 12
    assert g.maximum_amps("AAAA") == 12
    assert refused(g, "AAAA", 16, OPEN_MS, "at most 12 A")
    assert most(g, "AAAA", OPEN_MS, 1600) == 12


def test_when_it_rises_again_there_is_room_once_all_is_taken():
    g = sharing(16, 16)
    g.limit_amps = 20
    given(g, "AAAA", 10, OPEN_MS + SECOND)
    given(g, "BBBB", 10, OPEN_MS + SECOND)
    assert most(g, "AAAA", OPEN_MS + 2 * SECOND) == 10
    g.limit_amps = 32
    assert most(g, "AAAA", OPEN_MS + 3 * SECOND) == 22


# A slave that does not take its reduction.


def test_who_does_not_take_its_reduction_within_five_seconds_costs_the_others_theirs():
    g = sharing(16, 16)
    g.limit_amps = 24
    assert say(g, "AAAA", 8, OPEN_MS) is None  # and never answers
    for ms in (0, 2500, 4999):
        assert most(g, "BBBB", OPEN_MS + ms) == 16, ms
    assert most(g, "BBBB", OPEN_MS + 5000) == 8
    # Nor if it answers, but shows what it had.
    hear(g, "AAAA", 16, 15.8, OPEN_MS + 6000)
    assert most(g, "BBBB", OPEN_MS + 6000) == 8
    hear(g, "AAAA", 8, 7.8, OPEN_MS + 7000)
    assert most(g, "BBBB", OPEN_MS + 7000) == 16


def test_who_does_not_stop_costs_the_others_theirs():
    g = sharing(16, 16)
    g.limit_amps = 16
    for second in range(5):
        assert say(g, "AAAA", 0, OPEN_MS + second * SECOND) is None
        hear(g, "AAAA", 16, 15.8, OPEN_MS + second * SECOND)
        assert most(g, "BBBB", OPEN_MS + second * SECOND) == 16
    assert most(g, "BBBB", OPEN_MS + 5 * SECOND) == 0


def test_with_room_enough_nobody_loses_anything():
    g = sharing(16, 16)
    assert say(g, "AAAA", 8, OPEN_MS) is None
    assert most(g, "BBBB", OPEN_MS + 10000) == 16


# A raise waits for the reduction of another.


def test_a_raise_waits_until_the_other_has_taken_its_reduction_and_follows():
    g = sharing(20, 6, wires=80)  # there would be room
    assert say(g, "AAAA", 10, OPEN_MS + SECOND) is None
    assert refused(g, "BBBB", 7, OPEN_MS + SECOND, "the reduction of AAAA is still under way")
    assert most(g, "BBBB", OPEN_MS + SECOND) == 6
    hear(g, "AAAA", 10, 10.51, OPEN_MS + 2 * SECOND)
    assert refused(g, "BBBB", 7, OPEN_MS + 2 * SECOND, "the reduction of AAAA")
    hear(g, "AAAA", 10, 10.5, OPEN_MS + 3 * SECOND)
    assert most(g, "BBBB", OPEN_MS + 3 * SECOND) == 32
    assert say(g, "BBBB", 32, OPEN_MS + 3 * SECOND) is None


def test_a_raise_waits_for_a_stop():
    g = sharing(20, 6, wires=80)
    for second in range(3):
        now_ms = OPEN_MS + second * SECOND
        assert say(g, "AAAA", 0, now_ms) is None
        assert refused(g, "BBBB", 7, now_ms, "the reduction of AAAA")
        hear(g, "AAAA", 6, 0.2, now_ms, 3)
    assert say(g, "BBBB", 7, OPEN_MS + 3 * SECOND) is None


def test_a_raise_waits_thirty_seconds_at_most_then_the_claim_alone_counts():
    g = sharing(20, 6, wires=40)
    assert say(g, "AAAA", 10, OPEN_MS) is None
    hear(g, "AAAA", 10, 18, OPEN_MS)  # taken, but the car hangs
    assert refused(g, "BBBB", 7, OPEN_MS + 29999, "the reduction of AAAA")
    assert refused(g, "BBBB", 23, OPEN_MS + 30000, "18.0 A of the others")
    assert say(g, "BBBB", 22, OPEN_MS + 30000) is None


def test_its_own_reduction_keeps_nobody_from_being_raised():
    # The master waits 5 s; the gate has nothing against it.
    g = sharing(20, 6, wires=40)
    assert say(g, "AAAA", 10, OPEN_MS) is None
    assert say(g, "AAAA", 14, OPEN_MS + SECOND) is None


# A draw above what is allowed.


def over(g, slave_id, seconds, draw=20, first=0):
    """Lets a slave with 10 A answer so often, a second apart."""
    for second in range(first, first + seconds):
        hear(g, slave_id, 10, draw, OPEN_MS + second * SECOND)


def test_a_draw_that_stays_above_the_offer_counts_and_the_others_give_way():
    g = sharing(10, 22)
    over(g, "AAAA", 10)
    assert g.fault("AAAA", OPEN_MS + 9999) == 0
    assert most(g, "BBBB", OPEN_MS + 9999) == 22
    over(g, "AAAA", 1, first=10)
    assert g.fault("AAAA", OPEN_MS + 10000) == 1
    assert most(g, "BBBB", OPEN_MS + 10000) == 12
    # It may keep what it was given so far.
    assert say(g, "AAAA", 10, OPEN_MS + 10000) is None


def test_after_thirty_seconds_it_gets_nothing_for_ten_minutes():
    g = sharing(10, 22)
    over(g, "AAAA", 31)
    now_ms = OPEN_MS + 30000
    assert g.fault("AAAA", now_ms) == 2 and most(g, "AAAA", now_ms) == 0
    assert refused(g, "AAAA", 10, now_ms, "AAAA drew more than it may: it gets 0 A")
    assert refused(g, "AAAA", 6, now_ms, "0 A")
    quiet(g, "AAAA", now_ms)
    last_ms = now_ms + 599999
    for ms in range(now_ms, last_ms, 30000):
        assert say(g, "AAAA", 0, ms) is None
    assert g.fault("AAAA", last_ms) == 2 and most(g, "AAAA", last_ms) == 0
    assert refused(g, "AAAA", 6, last_ms, "0 A")
    assert g.fault("AAAA", last_ms + 1) == 0
    assert say(g, "AAAA", 6, last_ms + 1) is None


def test_linking_again_does_not_lift_the_bar():
    g = sharing(10, 22)
    over(g, "AAAA", 31)
    link(g, "AAAA", OPEN_MS + 31000)
    hear(g, "AAAA", 6, 5.8, OPEN_MS + 32000)
    assert g.fault("AAAA", OPEN_MS + 32000) == 2 and most(g, "AAAA", OPEN_MS + 32000) == 0
    assert refused(g, "AAAA", 6, OPEN_MS + 32000, "drew more than it may")


def test_a_strangers_draw_is_no_fault():
    g = pair()
    assert g.fault("1234", OPEN_MS) == 0


def test_an_impossible_draw_that_stays_counts_with_the_rating():
    g = sharing(10, 22, wires=40)
    over(g, "AAAA", 11, draw=300)
    assert g.fault("AAAA", OPEN_MS + 10000) == 1
    assert most(g, "BBBB", OPEN_MS + 10000) == 8


def test_a_slave_that_breaks_its_limit_is_not_raised():
    g = sharing(10, 10, wires=64)
    over(g, "AAAA", 11, draw=15)
    assert refused(g, "AAAA", 16, OPEN_MS + 10000, "draws more than it may")
    assert most(g, "AAAA", OPEN_MS + 10000) == 10
    hear(g, "AAAA", 10, 9.8, OPEN_MS + 11000)
    assert say(g, "AAAA", 16, OPEN_MS + 11000) is None


# A second master.


def test_nothing_is_raised_while_raises_are_held():
    g = sharing(10, 10)
    until_ms = OPEN_MS + 60000
    g.hold_raises(until_ms)
    assert g.opens_in_ms(OPEN_MS) == 60000
    for now_ms in (OPEN_MS, until_ms - 1):
        assert refused(g, "AAAA", 11, now_ms, "a second master is on the line")
        assert most(g, "AAAA", now_ms) == 10
        assert say(g, "AAAA", None, now_ms) is None  # the books stay open
        assert say(g, "BBBB", None, now_ms) is None
    assert g.opens_in_ms(until_ms) == 0
    assert say(g, "AAAA", 11, until_ms) is None


def test_reductions_leave_while_raises_are_held():
    g = sharing(10, 10)
    g.hold_raises(OPEN_MS + 60000)
    for amps in (10, 8, 6, 0):
        assert say(g, "AAAA", amps, OPEN_MS) is None
    assert refused(g, "AAAA", 6, OPEN_MS, "a second master")
    g.limit_amps = 6
    assert most(g, "BBBB", OPEN_MS) == 6


def test_the_longer_of_start_and_second_master_counts():
    g = gate()
    g.hold_raises(10000)
    assert g.opens_in_ms(0) == 40000
    g.hold_raises(50000)
    assert g.opens_in_ms(0) == 50000


# A start.


def test_known_ones_may_be_told_their_minimum_before_they_have_answered():
    g = gate(20, known={"AAAA": (3200, 600), "BBBB": (3200, 0)})
    assert most(g, "AAAA", 0) == 6 and most(g, "BBBB", 0) == 0
    assert refused(g, "AAAA", 7, 0, "too recent")
    assert refused(g, "BBBB", 6, 0, "too recent")
    assert say(g, "AAAA", 6, 0) is None
    # It counts with what it can until it answers, so nothing is raised beside it.
    assert g.claims["AAAA"].ca() == 3200
    hear(g, "AAAA", 6, 5.8, 100)
    assert g.claims["AAAA"].ca() == 600


def test_what_it_may_be_told_at_a_start_has_to_fit_beside_what_the_others_were_told():
    known = {slave_id: (3200, 600) for slave_id in ("AAAA", "BBBB", "CCCC")}
    g = gate(12, known=known)
    assert say(g, "AAAA", 6, 0) is None and say(g, "BBBB", 6, 0) is None
    assert most(g, "CCCC", 0) == 0


def test_known_ones_that_show_more_than_the_limit_now_in_force_have_five_seconds():
    g = gate(12, known={"AAAA": (3200, 600), "BBBB": (3200, 600)})
    for slave_id in ("AAAA", "BBBB"):
        assert say(g, slave_id, 6, 0) is None
        hear(g, slave_id, 32, 31.8, 100, CHARGING)
    for slave_id in ("AAAA", "BBBB"):
        assert most(g, slave_id, 1000) == 6 and most(g, slave_id, 5000) == 0

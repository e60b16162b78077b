"""The gate where units hang on one phase each: claims are counted on each phase, and who shares
no phase with a slave is nothing to it. Where no phase is configured all share all three.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from gate_bench import OPEN_MS, READY, gate, given, hear, link, most, pair, quiet, refused, say
from master_bench import Bench, Box

SECOND = 1000
L1, L2, L3, ALL = 1, 2, 4, 7


# Room.


def test_who_hangs_on_another_phase_takes_no_room():
    g = pair(32, phases={"AAAA": L1, "BBBB": L2})
    given(g, "BBBB", 32, OPEN_MS)
    assert most(g, "AAAA", OPEN_MS) == 32
    assert say(g, "AAAA", 32, OPEN_MS) is None


def test_who_hangs_on_the_same_phase_does_and_the_sentence_names_it():
    for phase, name in ((L1, "L1"), (L2, "L2"), (L3, "L3")):
        g = pair(32, phases={"AAAA": phase, "BBBB": phase})
        given(g, "BBBB", 16, OPEN_MS)
        assert most(g, "AAAA", OPEN_MS) == 16
        assert say(g, "AAAA", 17, OPEN_MS) == (
            f"17 A for AAAA and 16.0 A of the others on {name} are more than the limit in force, "
            "32 A"
        )
        assert say(g, "AAAA", 16, OPEN_MS) is None


def test_one_without_a_phase_counts_on_all_of_them():
    g = pair(32, phases={"AAAA": L2, "BBBB": ALL})
    given(g, "BBBB", 20, OPEN_MS)
    assert most(g, "AAAA", OPEN_MS) == 12
    assert refused(g, "AAAA", 13, OPEN_MS, "20.0 A of the others on L2")
    # And the other way round.
    g = pair(32, phases={"AAAA": ALL, "BBBB": L3})
    given(g, "BBBB", 20, OPEN_MS)
    assert most(g, "AAAA", OPEN_MS) == 12
    assert refused(g, "AAAA", 13, OPEN_MS, "20.0 A of the others on L3")


def test_for_a_slave_on_three_phases_the_fullest_one_counts():
    g = pair(32, phases={"AAAA": ALL, "BBBB": L1, "CCCC": L2, "DDDD": L2})
    given(g, "BBBB", 14, OPEN_MS)
    given(g, "CCCC", 8, OPEN_MS)
    given(g, "DDDD", 8, OPEN_MS)
    assert most(g, "AAAA", OPEN_MS) == 16
    # On L1 alone there would be room for 18 A.
    assert say(g, "AAAA", 17, OPEN_MS) == (
        "17 A for AAAA and 16.0 A of the others on L2 are more than the limit in force, 32 A"
    )
    # Where it does not fit on several, the number is that of the fullest, and none is named.
    assert say(g, "AAAA", 19, OPEN_MS) == (
        "19 A for AAAA and 16.0 A of the others are more than the limit in force, 32 A"
    )
    assert say(g, "AAAA", 16, OPEN_MS) is None


def test_the_limit_in_force_is_one_of_each_phase():
    g = pair(32, phases={"AAAA": L1, "BBBB": L2, "CCCC": L2})
    g.limit_amps = 18
    given(g, "AAAA", 18, OPEN_MS)
    given(g, "BBBB", 10, OPEN_MS)
    assert most(g, "CCCC", OPEN_MS) == 8
    assert refused(g, "CCCC", 9, OPEN_MS, "others on L2 are more than the limit in force, 18 A")


def test_unheard_and_silent_ones_claim_on_their_own_phases_only():
    g = pair(32, phases={"AAAA": L1, "BBBB": L2, "CCCC": L1})
    link(g, "BBBB", OPEN_MS)  # it may have forgotten all: 32 A until it answers
    assert most(g, "AAAA", OPEN_MS) == 32
    link(g, "CCCC", OPEN_MS, rating=16)
    assert most(g, "AAAA", OPEN_MS) == 16
    # Silent from now on, it keeps what it claims, where it hangs, for 60 s.
    for seconds in range(0, 60, 5):
        assert say(g, "AAAA", None, OPEN_MS + seconds * SECOND) is None
    assert most(g, "AAAA", OPEN_MS + 59999) == 16
    assert most(g, "AAAA", OPEN_MS + 60000) == 32


def test_linking_keeps_the_phase():
    g = pair(32, phases={"AAAA": L1, "BBBB": L2})
    assert (g.claims["AAAA"].phases, g.claims["BBBB"].phases) == (L1, L2)
    link(g, "BBBB", OPEN_MS)
    assert g.claims["BBBB"].phases == L2
    known = gate(known={"AAAA": 3200, "CCCC": 3200}, phases={"AAAA": L3})
    assert (known.claims["AAAA"].phases, known.claims["CCCC"].phases) == (L3, ALL)


# Giving way.


def test_who_breaks_its_limit_costs_those_on_its_phase_only():
    g = pair(32, phases={"AAAA": L1, "BBBB": L2, "CCCC": ALL})
    given(g, "AAAA", 16, OPEN_MS)
    given(g, "BBBB", 16, OPEN_MS)
    given(g, "CCCC", 16, OPEN_MS)
    for seconds in range(1, 13):
        hear(g, "BBBB", 16, 20, OPEN_MS + seconds * SECOND)
    now_ms = OPEN_MS + 12 * SECOND
    assert most(g, "AAAA", now_ms) == 16
    assert most(g, "CCCC", now_ms) == 12


def test_who_does_not_take_its_reduction_costs_those_on_its_phase_only():
    g = pair(32, phases={"AAAA": L1, "BBBB": L2, "CCCC": L2})
    given(g, "AAAA", 16, OPEN_MS)
    given(g, "BBBB", 20, OPEN_MS)
    given(g, "CCCC", 12, OPEN_MS)
    g.limit_amps = 20
    assert say(g, "BBBB", 8, OPEN_MS) is None
    for seconds in range(1, 7):
        hear(g, "BBBB", 20, 19.8, OPEN_MS + seconds * SECOND)
    now_ms = OPEN_MS + 6 * SECOND
    assert most(g, "AAAA", now_ms) == 20
    assert most(g, "CCCC", now_ms) == 0


def test_relief_counts_on_the_phase_that_it_comes_from():
    g = pair(32, phases={"AAAA": ALL, "BBBB": L1, "CCCC": L2})
    given(g, "AAAA", 16, OPEN_MS)
    given(g, "BBBB", 16, OPEN_MS)
    given(g, "CCCC", 16, OPEN_MS)
    g.limit_amps = 20
    # BBBB will be told 6 A, and CCCC nothing less: on L2 nobody else gives way.
    assert most(g, "AAAA", OPEN_MS, (1000, 0, 0)) == 4
    assert most(g, "AAAA", OPEN_MS, (1000, 800, 0)) == 12
    assert most(g, "AAAA", OPEN_MS, (1000, 1000, 0)) == 14
    assert most(g, "AAAA", OPEN_MS, (0, 0, 1600)) == 4
    assert g.ceiling_amps("AAAA", 0, OPEN_MS) == 4
    # On L1, where nobody but AAAA is beside BBBB, what CCCC is told is no relief.
    assert most(g, "BBBB", OPEN_MS, (0, 1000, 1000)) == 4


# Reductions under way.


def test_a_raise_waits_for_reductions_on_its_phases_only():
    g = pair(64, phases={"AAAA": L1, "BBBB": L2, "CCCC": L2})
    given(g, "BBBB", 20, OPEN_MS)
    assert say(g, "BBBB", 10, OPEN_MS) is None
    assert refused(g, "CCCC", 6, OPEN_MS, "the reduction of BBBB is still under way")
    assert most(g, "CCCC", OPEN_MS) == 0
    assert most(g, "AAAA", OPEN_MS) == 32
    assert say(g, "AAAA", 6, OPEN_MS) is None
    hear(g, "BBBB", 10, 9.8, OPEN_MS + SECOND)
    assert say(g, "CCCC", 6, OPEN_MS + SECOND) is None


def test_one_on_three_phases_waits_for_all():
    g = pair(64, phases={"AAAA": ALL, "BBBB": L3})
    given(g, "BBBB", 20, OPEN_MS)
    assert say(g, "BBBB", 0, OPEN_MS) is None
    assert refused(g, "AAAA", 6, OPEN_MS, "the reduction of BBBB")
    quiet(g, "BBBB", OPEN_MS + SECOND)
    assert say(g, "AAAA", 6, OPEN_MS + SECOND) is None


# The first 40 s.


def test_it_opens_for_a_phase_when_all_that_were_known_there_have_answered():
    phases = {"AAAA": L1, "BBBB": L2, "CCCC": L1, "DDDD": ALL, "EEEE": L3}
    g = gate(32, known={"AAAA": 3200, "BBBB": 3200, "CCCC": 1600}, phases=phases)
    hear(g, "AAAA", 0, 0, 100, READY)
    assert refused(g, "AAAA", 6, 1000, "too recent")
    hear(g, "CCCC", 0, 0, 1000, READY)
    assert most(g, "AAAA", 1000) == 32
    assert say(g, "AAAA", 6, 1000) is None
    # One that is on all phases has to wait for BBBB, and one where nobody was known for all.
    for slave_id in ("DDDD", "EEEE"):
        link(g, slave_id, 1100)
        hear(g, slave_id, 0, 0, 1200, READY)
        assert refused(g, slave_id, 6, 1300, "too recent")
    assert g.opens_in_ms(1300) == 38700
    hear(g, "BBBB", 0, 0, 2000, READY)
    assert g.opens_in_ms(2000) == 0
    assert say(g, "EEEE", 6, 2000) is None
    assert say(g, "DDDD", 6, 2000) is None


def test_what_has_opened_stays_open_when_another_phase_opens():
    phases = {"AAAA": L1, "BBBB": L2, "CCCC": L3}
    g = gate(32, known={"AAAA": 3200, "BBBB": 3200, "CCCC": 3200}, phases=phases)
    hear(g, "AAAA", 0, 0, 100, READY)
    hear(g, "BBBB", 0, 0, 200, READY)
    assert say(g, "AAAA", 6, 300) is None and say(g, "BBBB", 6, 300) is None
    assert g.opens_in_ms(300) == 39700


def test_one_that_was_known_without_a_phase_keeps_all_closed():
    g = gate(32, known={"AAAA": 3200, "BBBB": 3200}, phases={"AAAA": L1})
    hear(g, "AAAA", 0, 0, 100, READY)
    assert refused(g, "AAAA", 6, 39999, "too recent")
    assert refused(g, "AAAA", 6, 40000, "32.0 A of the others on L1")


def test_known_ones_count_with_their_rating_on_their_phase_until_they_answer():
    phases = {"AAAA": L1, "BBBB": L1, "CCCC": L2}
    g = gate(32, known={"AAAA": 3200, "BBBB": 1600, "CCCC": 3200}, phases=phases)
    hear(g, "AAAA", 0, 0, 100, READY)
    assert refused(g, "AAAA", 17, OPEN_MS, "16.0 A of the others on L1")
    assert say(g, "AAAA", 16, OPEN_MS) is None


# The master with such a gate.


def street(wires, phases, **wishes):
    bench = Bench([Box(slave_id) for slave_id in sorted(phases)], wires, phases=phases)
    return bench.link().charge(**wishes)


def test_on_a_phase_of_its_own_each_gets_all_of_the_wires():
    bench = street(16, {"1111": L1, "2222": L2, "3333": L3}, **{"1111": 16, "2222": 16})
    bench.charge(**{"3333": 16})
    assert [bench.offered(i) for i in ("1111", "2222", "3333")] == [16, 16, 16]


def falls(bench, limit_amps, wishes):
    """The limit in force falls, and with it the wishes, just before 1111 is asked; returns what
    each is told within the second."""
    while bench.run(5) == [] or bench.sent[-1][1]["receiver"] != "3333":
        pass
    bench.gate.limit_amps = limit_amps
    bench.wishes = wishes
    for slave_id in wishes:
        bench.master.wish(slave_id, wishes[slave_id], bench.now_ms)
    frames = bench.run(1000)
    assert [frame[1]["receiver"] for frame in frames] == ["1111", "2222", "3333"]
    return {i: bench.offered(i) for i in wishes}


def test_when_the_limit_falls_relief_on_each_phase_spares_the_one_on_all():
    """The one that is asked first need not stop for what the others are about to give."""
    bench = street(
        32, {"1111": ALL, "2222": L1, "3333": L2}, **{"1111": 12, "2222": 20, "3333": 20}
    )
    wishes = {"1111": 8, "2222": 12, "3333": 12}
    assert falls(bench, 20, wishes) == wishes


def test_relief_on_one_phase_is_none_on_another():
    """3333 keeps its 20 A on L2: so 1111 gives way to it, whatever 2222 is told on L1."""
    bench = street(
        32, {"1111": ALL, "2222": L1, "3333": L2}, **{"1111": 12, "2222": 20, "3333": 20}
    )
    told = falls(bench, 26, {"1111": 12, "2222": 6, "3333": 20})
    assert told == {"1111": 6, "2222": 6, "3333": 20}


def test_relief_without_phases_is_one_sum():
    bench = street(32, {"1111": ALL, "2222": ALL, "3333": ALL}, **{"1111": 12, "2222": 10})
    bench.charge(**{"3333": 10})
    wishes = {"1111": 8, "2222": 6, "3333": 6}
    assert falls(bench, 20, wishes) == wishes

"""The referee where connectors hang on one phase each: wires, limits in force, who gives way and
who waits, on each phase by itself. Each rule is broken once, and kept once where that is close."""

from referee_game import A, B, Game, only

C = "1111"
STOPPED = {"state": 3, "draw": 0}
APART = {A: 1, B: 2}
TOGETHER = {A: 2, B: 2}


def test_on_phases_of_their_own_each_may_have_all():
    game = Game(wires_amps=32, phases=APART)
    game.both(10, 32, 32)
    assert game.report == []


def test_without_phases_they_share():
    for phases in (None, {A: 1}, {B: 2}):
        game = Game(wires_amps=32, phases=phases)
        game.both(8, 16, 16)
        game.order(A, 9, 17)
        wanted = "" if phases is None else " on L1" if A in phases else " on L2"
        only(game.report, f"17 A for {A} makes 33 A{wanted} on wires for 32 A ({B} 16, {A} 17)")


def test_on_one_phase_they_share_and_it_is_named():
    game = Game(wires_amps=32, phases=TOGETHER)
    game.both(10, 16, 16)
    assert game.report == []
    game.order(A, 9, 17)
    only(game.report, "33 A on L2 on wires for 32 A")


def test_who_hangs_on_all_phases_is_counted_on_each():
    for phase, name in ((1, "L1"), (2, "L2"), (4, "L3")):
        game = Game(wires_amps=32, phases={B: phase})
        game.both(10, 16, 16)
        game.order(C, 9, 6)
        report = game.report
        assert len(report) == 1 and f"6 A for {C} makes 38 A on {name} on wires" in report[0], (
            report
        )


def test_phases_that_carry_the_same_are_judged_once():
    game = Game(wires_amps=32, phases={A: 1})
    game.order(B, 9, 33)
    first, second = game.report
    assert "33 A on L1 on" in first and "33 A on L2 and L3 on" in second, game.report


def test_a_limit_that_falls_is_judged_where_it_is_exceeded():
    game = Game(wires_amps=32, phases=APART)
    game.both(10, 16, 24)
    game.referee.change_limit(20, game.now_ms)
    game.wait(0.3)
    game.both(3, 16, 24)
    only(game.report, f"24 A on L2 at a limit of 20 A ({B} 24), and nobody gave way")


def test_a_limit_that_falls_and_is_kept_on_each_phase():
    game = Game(wires_amps=32, phases=APART)
    game.both(10, 16, 24)
    game.referee.change_limit(20, game.now_ms)
    game.wait(0.3)
    game.both(6, 16, 20)
    assert game.report == []


def test_a_raise_has_nothing_to_do_with_an_excess_on_another_phase():
    game = Game(wires_amps=32, phases=APART)
    game.both(10, 16, 24)
    game.referee.change_limit(20, game.now_ms)
    game.order(A, 9, 18)
    assert game.report == []


def test_nobody_gives_way_to_one_on_another_phase():
    for phases, wrong in ((APART, False), (TOGETHER, True)):
        game = Game(wires_amps=32, phases=phases, stop_s=None)
        game.both(10, 16, 16)
        game.both(20, (16, {"draw": 21}), 16)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, "37 A on L2 at a limit of 32 A", f"{A} 21")


def test_nobody_pays_for_a_reduction_that_is_not_taken_on_another_phase():
    for phases, wrong in ((APART, False), (TOGETHER, True)):
        game = Game(wires_amps=32, phases=phases, stop_s=None)
        game.both(10, 20, 12)
        game.referee.change_limit(20, game.now_ms)
        game.wait(0.3)
        game.both(10, (8, {"shown": 20, "draw": 19.8}), 12)
        assert bool(game.report) == wrong, game.report


def test_a_raise_waits_for_those_on_its_phases_only():
    for phases, wrong in ((APART, False), (TOGETHER, True), ({A: 1}, True)):
        game = Game(wires_amps=64, phases=phases)
        game.both(10, 16, 6)
        game.both(3, (8, {"draw": 15.8}), 6)
        game.order(B, 9, 10)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, f"{B} was raised to 10 A while {A}")


def test_after_a_start_a_raise_waits_for_those_that_were_known_on_its_phases():
    for phases, wrong in ((APART, False), (TOGETHER, True), ({A: 1}, True)):
        game = Game(wires_amps=64, phases=phases)
        game.both(10, 6, 6)
        game.master("FCE1777777" + "00" * 8)
        for _ in range(6):
            for id in (A, B):
                game.order(id, 0)
            game.answer(A, 1, 6, 5.2)
            game.wait(1)
        game.order(A, 9, 10)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, "after a start", f"and {B} has not answered")


def test_a_silent_one_counts_on_its_own_phase():
    for phases, wrong in ((APART, False), (TOGETHER, True)):
        game = Game(wires_amps=32, phases=phases, settle_s=None)
        game.seconds(10, A, 26)
        for _ in range(26):
            game.order(A, 9, 6)
            game.wait(1)
        game.order(B, 9, 10)
        assert bool(game.report) == wrong, game.report
        assert not wrong or only(game.report, "36 A on L2 on wires")


def test_claims_are_told_as_before():
    game = Game(wires_amps=32, phases=APART)
    game.both(3, 16, (0, STOPPED))
    assert game.referee.claims(game.now_ms) == {A: 16}

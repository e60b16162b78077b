"""The master when something falls: the limit in force, or a slave that does not follow; and what
is raised meanwhile.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from master_bench import PLUGGED_IN, sharing

from twc import message

A, B = "A111", "B222"


def sums(bench, frames):
    """The sum of the last limits sent, after each of the frames; counted from what was offered
    before them."""
    last = {}
    for _, fields, _ in bench.sent[: len(bench.sent) - len(frames)]:
        if fields.get("command"):
            last[fields["receiver"]] = fields["amps_ca"] / 100
    found = []
    for _, fields, _ in frames:
        if fields.get("command"):
            last[fields["receiver"]] = fields["amps_ca"] / 100
        found.append(sum(last.values()))
    return found


def lower(bench, amps, **wishes):
    """The limit in force falls, and the wishes are these from now on."""
    bench.gate.limit_amps = amps
    for slave_id in wishes:
        bench.wishes[slave_id] = wishes[slave_id]
    bench._wish_ms = bench.now_ms


# The limit in force falls.


def test_when_it_falls_each_next_heartbeat_brings_the_sum_under_it():
    bench = sharing(A111=12, B222=10, C333=10)
    lower(bench, 20, A111=8, B222=6, C333=6)
    frames = bench.run(1000)
    assert len(frames) == 3
    assert sums(bench, frames)[-1] == 20
    # Nobody was stopped for it: the wishes fit.
    assert bench.limits(A, frames)[0][1] == 8
    assert bench.limits(B, frames)[0][1] == bench.limits("C333", frames)[0][1] == 6


def test_when_the_wishes_do_not_fit_the_sum_is_under_it_all_the_same():
    for amps in (30, 20, 12, 6, 5, 0):
        bench = sharing(A111=12, B222=10, C333=10)
        lower(bench, amps)  # and nobody says anything
        frames = bench.run(1000)
        assert sums(bench, frames)[-1] <= amps, amps
        assert sums(bench, bench.run(20000))[-1] <= amps, amps


def test_a_wish_that_is_taken_back_in_time_is_no_relief():
    # What AAAA keeps because BBBB will be told less is lost again if BBBB is not.
    bench = sharing(A111=16, B222=16)
    lower(bench, 20, A111=10, B222=10)
    frames = bench.run(500)
    assert [fields["receiver"] for _, fields, _ in frames] in ([A], [B])
    bench.wishes = {A: 16, B: 16}
    bench._wish_ms = bench.now_ms
    frames = frames + bench.run(600)
    assert sums(bench, frames)[-1] <= 20
    assert max(sums(bench, bench.run(20000))) <= 20


def test_when_it_rises_again_all_get_their_wishes_in_time():
    bench = sharing(A111=16, B222=16)
    lower(bench, 20, A111=10, B222=10)
    bench.run(3000)
    lower(bench, 32, A111=16, B222=16)
    bench.run(15000)
    assert bench.offered(A) == bench.offered(B) == 16


def test_with_nothing_left_all_get_zero():
    bench = sharing(A111=16, B222=16)
    lower(bench, 0)
    frames = bench.run(1010)
    assert {frame[1]["amps_ca"] for frame in frames} == {0}
    assert all([frame[1]["command"] == message.LIMIT_2 for frame in frames])


# A slave that does not follow.


def test_who_does_not_take_its_reduction_costs_the_others_theirs():
    bench = sharing(A111=16, B222=16)
    bench.box(A).frozen = True
    bench.box(A).draw = 15.7
    lower(bench, 20, A111=10, B222=10)
    first_ms = bench.limits(A, bench.run(1100))[0][0]
    bench.run(first_ms + 4900 - bench.now_ms)
    assert bench.offered(B) == 10
    bench.run(1200)
    assert bench.offered(B) == 0  # 4 A are left
    bench.box(A).frozen = False
    bench.run(12000)
    assert bench.offered(A) == bench.offered(B) == 10


def test_what_a_slave_will_be_told_is_no_relief_if_it_does_not_follow():
    bench = sharing(A111=16, B222=16)
    bench.box(A).frozen = True
    bench.wishes[A] = 12
    bench.run(7000)
    lower(bench, 20, A111=6, B222=12)  # A shows 16 A as before
    times = bench.limits(B, bench.run(1100))
    assert times[0][1] == 0


def test_what_a_silent_one_will_be_told_is_no_relief():
    bench = sharing(A111=16, B222=16)
    bench.box(A).mute = True
    bench.run(2500)
    while bench.to(B, bench.run(5)) == []:
        pass
    while bench.to(A, bench.run(5)) == []:
        pass
    lower(bench, 20, A111=10, B222=10)
    assert bench.limits(B, bench.run(600))[0][1] == 0


def test_who_draws_too_much_counts_with_it_and_the_others_give_way_at_once():
    bench = sharing(A111=10, B222=22)
    box = bench.box(A)
    box.follows = None
    box.draw = 20
    bench.run(9000)
    assert bench.offered(B) == 22 and not bench.master.faults()
    began_ms = bench.now_ms
    while not bench.master.find(A).fault:
        bench.run(10)
        assert bench.now_ms - began_ms < 3000
    frames = bench.run(1010)
    assert bench.limits(B, frames)[0][1] == 12
    sentence = (
        "A111 draws 20.0 A but is offered 10 A: it counts with its draw, and the others give way."
    )
    assert bench.master.faults() == [sentence] and bench.warned("A111 draws") == [sentence]
    # It stays so, and is told once.
    bench.run(10000)
    assert bench.offered(A) == 10 and len(bench.warned("A111")) == 1


def test_its_own_reduction_is_no_relief_while_it_draws_too_much():
    bench = sharing(A111=10, B222=22)
    bench.box(A).follows = None
    bench.box(A).draw = 20
    while not bench.master.find(A).fault:
        bench.run(10)
    bench.wishes[A] = 6
    bench._wish_ms = bench.now_ms
    assert bench.limits(B, bench.run(1010))[0][1] == 12


def test_after_thirty_seconds_it_gets_nothing_for_ten_minutes():
    bench = sharing(A111=10, B222=6)
    box = bench.box(A)
    box.follows = None
    box.draw = 14
    bench.run(32500)
    assert bench.offered(A) == 0 and bench.master.find(A).fault == 2
    assert bench.warned("it gets 0 A") == [
        "A111 drew more than it was offered for 30 s: it gets 0 A until it has been within its "
        "limit for 10 min. Check this wall connector."
    ]
    box.draw = 0
    box.state = PLUGGED_IN
    frames = bench.run(595000)
    assert set(bench.orders(A, frames)) == {(message.LIMIT_2, 0)}
    assert bench.master.faults() == bench.warned("it gets 0 A")
    bench.run(15000)
    assert bench.offered(A) == 10 and bench.master.faults() == []
    assert ("info", "A111 is within its limit again") in bench.told


def test_a_draw_that_comes_back_in_time_is_none():
    bench = sharing(A111=10, B222=22)
    box = bench.box(A)
    for _ in range(6):
        box.follows = None
        box.draw = 14
        bench.run(8000)
        box.follows = 0.98
        bench.run(2000)
    assert bench.offered(A) == 10 and bench.offered(B) == 22
    assert bench.warned("A111") == []


# Raises.


def test_a_raise_waits_until_another_has_taken_its_reduction_and_follows():
    bench = sharing(A111=20, B222=6, wires=40)
    box = bench.box(A)
    box.follows = None
    bench.wishes = {A: 8, B: 14}
    bench.run(3000)  # A has taken its 8 A and still draws 19.6 A
    assert bench.offered(A) == 8 and bench.offered(B) == 6
    box.draw = 8.6
    bench.run(3000)
    assert bench.offered(B) == 6
    box.draw = 8.5
    bench.run(2100)
    assert bench.offered(B) == 14


def test_a_raise_waits_thirty_seconds_at_most():
    bench = sharing(A111=20, B222=6, wires=40)
    bench.box(A).follows = None
    bench.box(A).draw = 8.9  # within an ampere of its new limit, but not within half of one
    bench.wishes = {A: 8, B: 14}
    bench.run(1010)
    assert bench.offered(A) == 8
    bench.run(28500)
    assert bench.offered(B) == 6
    bench.run(3000)
    assert bench.offered(B) == 14


def test_raises_of_one_slave_are_five_seconds_apart_also_when_the_room_grows():
    bench = sharing(A111=6, B222=20)
    bench.wishes = {A: 26, B: 14}
    bench.run(4000)
    bench.wishes = {A: 26, B: 6}
    frames = bench.run(40000)
    limits = [pair for pair in bench.limits(A, frames) if pair[1]]
    changes = [limits[0]]
    for pair in limits:
        if pair[1] != changes[-1][1]:
            changes.append(pair)
    gaps = [changes[i + 1][0] - changes[i][0] for i in range(len(changes) - 1)]
    assert bench.offered(A) == 26 and min(gaps + [5000]) >= 5000, changes

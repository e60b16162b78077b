"""The master and its surroundings: a second master, ids that clash or change, a start with slaves
that were linked before, and what bus.py has of it.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from master_bench import CHARGING, PLUGGED_IN, Bench, Box, sharing

from twc import message

A, B, C = "A111", "B222", "C333"


# A second master.


FOREIGN = message.heartbeat("9999", "1234", message.NO_CHANGE, 0)


def foreign(bench, body=FOREIGN, times=2):
    for _ in range(times):
        bench.hear(body)
        bench.run(1000)


def test_a_second_master_holds_raises_and_starts_for_sixty_seconds():
    bench = sharing(A111=8)
    bench.boxes[B] = Box(B)
    bench.wishes[B] = 0
    bench.hear(bench.box(B).link_ready())
    bench.run(5000)
    bench.hear(FOREIGN)
    bench.run(1000)
    bench.hear(FOREIGN)
    second_ms = bench.now_ms
    bench.wishes = {A: 14, B: 10}
    frames = bench.run(59900)
    assert max([amps for _, amps in bench.orders(A, frames)]) <= 8
    assert set(bench.orders(B, frames)) == {(message.LIMIT_2, 0)}
    frames = bench.run(8000)
    assert bench.offered(A) == 14 and bench.offered(B) == 10
    assert bench.limits(A, frames)[0][0] >= second_ms + 60000


def test_each_frame_of_the_second_master_begins_the_sixty_seconds_anew():
    bench = sharing(A111=8)
    foreign(bench)
    bench.wishes[A] = 14
    for _ in range(5):
        bench.run(50000)
        assert bench.offered(A) == 8
        foreign(bench, times=1)
    bench.run(66000)
    assert bench.offered(A) == 14


def test_one_frame_in_sixty_seconds_is_no_master():
    bench = sharing(A111=8)
    for amps in (10, 12, 14, 16):
        foreign(bench, times=1)
        bench.wishes[A] = amps
        bench.run(6500)
        assert bench.offered(A) == amps
        bench.run(53000)


def test_our_own_echoes_are_no_second_master():
    bench = sharing(A111=8)
    for _ in range(5):
        for body in (
            message.heartbeat("7777", A, message.LIMIT_2, 800),
            message.link_ready(1, "7777", 0x77),
            message.to_slave(0xFBEB, "7777", A),
        ):
            bench.hear(body)
        bench.run(1000)
    bench.wishes[A] = 14
    bench.run(7000)
    assert bench.offered(A) == 14 and bench.master.lookout.echoes == 15


def test_reductions_and_stops_leave_all_the_same():
    bench = sharing(A111=12, B222=12)
    foreign(bench)
    bench.wishes = {A: 8, B: 0}
    bench._wish_ms = bench.now_ms
    frames = bench.run(1010)
    assert bench.limits(A, frames)[0][1] == 8 and bench.limits(B, frames)[0][1] == 0


# Ids.


def test_a_clash_is_asked_away_again_and_again_but_not_on_top_of_itself():
    bench = Bench()
    bench.run(5000)
    for _ in range(3):
        first = len(bench.sent)
        for _ in range(4):
            bench.hear(Box("7777").link_ready())
            bench.run(200)
        bench.run(10000)
        kinds = [fields["type"] for _, fields, _ in bench.sent[first:]]
        assert kinds == ["master_link_ready_1"] * 5 + ["master_link_ready_2"] * 5
    assert len(bench.warned("same id as this master, 7777")) == 3
    assert "bus.id" in bench.warned("same id")[0]


def test_relinking_asks_all_to_call_and_drops_nobody():
    bench = sharing(**{"2433": 12, "5850": 14})
    bench.run(5000)
    claims = {i: bench.gate.claims[i].ca() for i in bench.gate.claims}
    slaves = list(bench.master.slaves)
    first = len(bench.sent)
    assert bench.master.relink(bench.now_ms) is True
    bench.run(300)
    assert bench.master.relink(bench.now_ms) is False  # it is at it
    frames = bench.run(5000)
    kinds = [frame[1]["type"] for frame in bench.sent[first:]]
    links = [kind for kind in kinds if kind != "master_heartbeat"]
    assert links == ["master_link_ready_1"] * 5 + ["master_link_ready_2"] * 5
    times = [frame[0] for frame in bench.sent[first:] if frame[1]["type"].startswith("master_l")]
    assert min([times[i + 1] - times[i] for i in range(9)]) >= 100
    # Heartbeats go on as ever, and nothing else has changed.
    for slave_id in ("2433", "5850"):
        assert len(bench.to(slave_id, frames)) == 5
    assert bench.master.slaves == slaves
    assert {i: bench.gate.claims[i].ca() for i in bench.gate.claims} == claims
    # One that was not linked calls then, and is.
    bench.boxes["1111"] = Box("1111")
    assert bench.master.relink(bench.now_ms) is True
    bench.run(2000)
    bench.hear(bench.box("1111").link_ready())
    bench.run(2000)
    assert bench.master.find("1111").link(bench.now_ms) == "ok"


def test_one_with_our_id_gets_no_heartbeat_until_it_has_chosen_another():
    bench = Bench([Box("7777")])
    bench.run(5000)
    bench.hear(Box("7777").link_ready())
    bench.hear(Box("7777").answer({"command": 0, "amps_ca": 0, "sender": "7777"}))
    bench.run(5000)
    assert bench.to("7777") == [] and "7777" not in bench.gate.claims
    bench.boxes["4321"] = Box("4321")
    bench.hear(bench.box("4321").link_ready())
    bench.run(1000)
    assert bench.master.find("4321").link(bench.now_ms) == "ok"


def test_a_slave_that_comes_back_under_another_id_is_told_with_what_to_do():
    bench = sharing(A111=12)
    bench.box(A).mute = True
    bench.run(4000)
    bench.hear(Box("5555").link_ready())
    assert bench.warned("5555") == [
        "A111 is silent and 5555 has appeared: if this is the same wall connector under a new id, "
        "rename units.A111 in config.json to units.5555; its settings are kept by id."
    ]
    bench.run(2000)
    assert bench.master.find("5555") is not None


def test_a_new_one_beside_others_that_answer_or_differ_is_just_a_new_one():
    bench = sharing(A111=12)
    bench.hear(Box("5555").link_ready())
    bench.box(A).mute = True
    bench.run(4000)
    bench.hear(Box("6666", rating=40).link_ready())
    assert bench.warned("has appeared") == []
    bench = sharing(A111=12)
    bench.box(A).mute = True
    bench.run(4000)
    bench.hear(Box("6666", protocol=1).link_ready())
    assert bench.warned("has appeared") == []


def test_a_fourth_takes_the_place_of_one_that_is_silent():
    bench = sharing(A111=6, B222=6, C333=6)
    bench.box(B).mute = True
    bench.run(5000)
    fourth = bench.boxes["D444"] = Box("D444")
    bench.hear(fourth.link_ready())
    assert bench.warned("D444") == [
        "D444 refused: the bus carries three wall connectors at most. It takes the place of B222, "
        "which is silent, when that is dropped."
    ]
    for _ in range(3):
        bench.run(10000)
        bench.hear(fourth.link_ready())
    bench.run(1000)
    assert sorted([slave.id for slave in bench.master.slaves]) == [A, C, "D444"]
    assert bench.master.find("D444").link(bench.now_ms) == "ok"


# A start with slaves that were linked before.


def known(first_amps, protocol=2):
    return {"rating_ca": 3200, "protocol": protocol, "first_amps": first_amps}


def restarted(first_amps, limit=None, draw=0, state=PLUGGED_IN, **more):
    """A bench that knows AAAA, and the boxes as they were left."""
    box = Box(A, draw=draw, limit=limit)
    box.state = state
    return Bench([box], known={A: known(first_amps)}, opened=False, **more)


def test_the_first_heartbeat_leaves_at_once_and_carries_what_is_said():
    for first_amps, order in (
        (None, (message.NO_CHANGE, 0)),
        (6, (message.LIMIT_2, 6)),
        (0, (message.LIMIT_2, 0)),
    ):
        bench = restarted(first_amps)
        bench.run(5)
        assert bench.sent[0][0] == 0 and bench.orders(A) == [order]


def test_it_is_repeated_until_it_is_answered_and_wishes_change_nothing():
    for first_amps, order in (
        (None, (message.NO_CHANGE, 0)),
        (6, (message.LIMIT_2, 6)),
        (0, (message.LIMIT_2, 0)),
    ):
        bench = restarted(first_amps)
        bench.box(A).mute = True
        bench.wishes[A] = 16
        bench.run(20000)
        assert len(bench.orders(A)) >= 19 and set(bench.orders(A)) == {order}
        assert bench.gate.claims[A].ca() == 3200


def test_the_minimum_is_not_sent_if_there_is_no_room_for_it():
    bench = Bench([Box(A), Box(B)], 10, {A: known(6), B: known(6)}, {A: 6, B: 6}, opened=False)
    bench.box(A).mute = bench.box(B).mute = True
    bench.run(3000)
    assert set(bench.orders(A)) == {(message.LIMIT_2, 6)}
    assert set(bench.orders(B)) == {(message.LIMIT_2, 0)}


def test_one_that_rested_and_links_again_before_its_first_answer_is_not_told_no_change():
    # Its relay would click. The second of two, whose first heartbeat comes half a second later.
    boxes = [Box(A, limit=0), Box(B, limit=0)]
    bench = Bench(boxes, known={A: known(0), B: known(0)}, opened=False)
    bench.hear(bench.box(B).link_ready())
    bench.run(1500)
    assert set(bench.orders(A) + bench.orders(B)) == {(message.LIMIT_2, 0)}
    # One of which nothing is known is told nothing before it has answered.
    bench = Bench([Box(A)], opened=False)
    bench.hear(bench.box(A).link_ready())
    bench.run(300)
    assert bench.orders(A) == [(message.NO_CHANGE, 0)]


def test_one_that_rests_and_links_again_after_its_first_answer_is_not_told_no_change():
    # It may have been charging, as far as was remembered, and had stopped before the restart.
    bench = Bench([Box(A, limit=0)], known={A: known(None)}, opened=False)
    bench.run(200)
    bench.hear(bench.box(A).link_ready())
    before = len(bench.orders(A))
    bench.run(1500)
    assert (message.NO_CHANGE, 0) not in bench.orders(A)[before:]


def test_the_answer_decides():
    # (what it has, what it draws) -> what it is told, until the decisions have spoken.
    for has, draw, amps in ((16, 15.8, 6), (6, 5.8, 6), (16, 1.0, 6), (16, 0.9, 0), (16, 0, 0)):
        bench = restarted(None, 100 * has, draw, CHARGING)
        bench.run(1500)
        assert bench.offered(A) == amps, (has, draw)
        bench = restarted(None, 100 * has, draw, CHARGING, minimum={A: 10})
        bench.run(1500)
        expected = 0 if amps == 0 else min(10, has)
        assert bench.offered(A) == expected, (has, draw)


def test_what_it_was_told_at_the_start_is_a_change_that_a_raise_waits_for():
    bench = restarted(6, 3200, 5.8, CHARGING)
    bench.wishes[A] = 12
    bench.run(12000)
    limits = [pair for pair in bench.limits(A) if pair[1] != 6]
    assert limits[0][1] == 12 and 5000 <= limits[0][0] <= 7000


def test_what_it_was_told_at_the_start_holds_whatever_it_shows():
    for echo in (0, 5, 32, 655.35):
        bench = restarted(6, 3200, 5.8, CHARGING)
        bench.box(A).echo = echo
        bench.run(4000)
        assert set(bench.orders(A)) == {(message.LIMIT_2, 6)}, echo


def test_nothing_raises_in_the_first_forty_seconds_unless_all_have_answered():
    boxes = [Box(A, draw=15.8, limit=1600), Box(B)]
    boxes[0].state = CHARGING
    boxes[1].mute = True
    units = {A: known(None), B: known(0)}
    bench = Bench(boxes, 80, units, opened=False)
    bench.wishes = {A: 20, B: 16}
    bench.run(39900)
    has = 16
    for _, amps in bench.limits(A):
        assert amps <= has
        has = amps
    assert set(bench.orders(B)) == {(message.LIMIT_2, 0)}
    bench.run(2000)
    assert bench.offered(A) == 20
    # With both there, nobody waits.
    boxes = [Box(A, draw=15.8, limit=1600), Box(B)]
    boxes[0].state = CHARGING
    bench = Bench(boxes, 80, units, opened=False)
    bench.wishes = {A: 20, B: 16}
    bench.run(10000)
    assert bench.offered(A) == 20 and bench.offered(B) == 16


def test_a_slave_that_turns_up_drawing_is_running():
    bench = Bench([Box("2433", draw=15.8, limit=1600)], opened=False)
    bench.box("2433").state = CHARGING
    bench.run(5000)
    bench.hear(bench.box("2433").link_ready())
    bench.run(3000)
    assert bench.orders("2433")[0] == (message.NO_CHANGE, 0)
    assert bench.limits("2433")[0][1] == bench.offered("2433") == 6


# What bus.py has of it.


def test_a_question_keeps_the_line_for_its_answer():
    bench = sharing(A111=8)
    bench.run(1000 - bench.now_ms % 1000)
    while bench.master.free_ms(bench.now_ms) < 400:
        bench.run(5)
    bench.master.asked(bench.now_ms)
    assert bench.master.free_ms(bench.now_ms) == 0
    assert bench.master.free_ms(bench.now_ms + 149) == 0
    assert bench.master.next(bench.now_ms + 149) is None
    assert bench.master.free_ms(bench.now_ms + 150) > 0


def test_a_heartbeat_that_is_held_back_goes_out_as_no_change():
    bench = Bench()
    for long in (True, False):
        body = message.heartbeat("7777", A, message.LIMIT_2, 3200, long)
        assert bench.master.without_limit(body) == message.heartbeat("7777", A, 0, 0, long)


def test_what_is_no_heartbeat_is_passed_on_and_echoes_are_not():
    bench = sharing(A111=8)
    passed = []
    bench.master.on_other = lambda body, now_ms: passed.append(body)
    answer = message.encode(0xFDEB, A, (0, 0), 19)
    assert bench.master.heard(answer, bench.now_ms) is False
    assert bench.master.heard(message.to_slave(0xFBEB, "7777", A), bench.now_ms) is True
    bench.run(3000)
    assert passed == [answer]


def test_the_gap_between_two_heartbeats_to_the_same_slave():
    bench = sharing(A111=8, B222=8)
    bench.run(3000)
    assert 990 <= bench.master.last_gap_ms <= 1010
    bench.now_ms += 2500
    bench.run(10)
    assert 2500 <= bench.master.last_gap_ms <= 3510

"""The master's part: when which frame goes out, to whom, and with which limit.

Plain functions and bare asserts: they run under CPython and under MicroPython. The numbers are
those of "Linking", "Heartbeat commands" and "Timing on the line" of the protocol notes.
"""

from master_bench import CHARGING, PLUGGED_IN, STARTING, WANTS, Bench, Box, charging

from twc import message

# Link ready.


def test_five_of_each_link_ready_and_no_more():
    bench = Bench()
    frames = bench.run(60000)
    kinds = [frame[1]["type"] for frame in frames]
    assert kinds == ["master_link_ready_1"] * 5 + ["master_link_ready_2"] * 5
    assert all([frame[1]["sender"] == "7777" and frame[2] == 13 for frame in frames])
    gaps = [frames[i + 1][0] - frames[i][0] for i in range(9)]
    assert frames[0][0] == 0 and min(gaps) >= 100 and max(gaps) <= 200, gaps


def test_link_ready_goes_on_after_a_slave_has_come():
    bench = Bench([Box("2433")])
    bench.run(300)
    bench.hear(bench.box("2433").link_ready())
    frames = bench.run(5000)
    assert frames[0][1]["receiver"] == "2433"  # at once
    links = [f for f in bench.sent if f[1]["type"].startswith("master_link_ready")]
    assert len(links) == 10


# Linking.


def test_a_slave_is_linked_by_a_heartbeat_at_once():
    bench = Bench([Box("2433")])
    bench.run(30000)
    bench.hear(bench.box("2433").link_ready())
    assert bench.master.wait_ms(bench.now_ms) == 0
    frames = bench.run(50)
    assert [frame[1]["receiver"] for frame in frames] == ["2433"]
    assert frames[0][1]["command"] == message.NO_CHANGE and frames[0][1]["amps_ca"] == 0
    assert frames[0][2] == 15
    assert ("info", "2433 linked: protocol 2, 32 A") in bench.told


def test_link_states():
    bench = Bench([Box("2433")])
    bench.box("2433").mute = True
    bench.hear(bench.box("2433").link_ready())
    slave = bench.master.find("2433")
    bench.run(1500)
    assert slave.link(bench.now_ms) == "new"
    bench.box("2433").mute = False
    bench.run(1000)
    assert slave.link(bench.now_ms) == "ok"
    bench.box("2433").mute = True
    bench.run(2300)
    assert slave.link(bench.now_ms) == "silent"


def test_no_limit_is_sent_before_the_first_answer():
    bench = Bench([Box("2433")])
    bench.wishes["2433"] = 16
    bench.box("2433").mute = True
    bench.hear(bench.box("2433").link_ready())
    bench.run(10000)
    assert set(bench.orders("2433")) == {(message.NO_CHANGE, 0)}


def test_a_fourth_slave_is_refused_and_the_others_go_on():
    bench = Bench([Box(slave_id) for slave_id in ("1111", "2222", "3333")]).link()
    fourth = Box("4444")
    for _ in range(7):
        bench.hear(fourth.link_ready())
        bench.run(10000)
    assert bench.master.find("4444") is None and bench.to("4444") == []
    told = [text for level, text in bench.told if "4444" in text]
    assert told[0] == (
        "4444 refused: the bus carries three wall connectors at most. Disconnect one of the four."
    )
    assert len(told) == 2  # once a minute, not each 10 s
    for slave_id in ("1111", "2222", "3333"):
        assert len(bench.to(slave_id)) >= 70


def test_a_slave_that_calls_again_is_linked_again():
    bench = charging(12)
    bench.hear(bench.box("2433").link_ready())
    assert len(bench.master.slaves) == 1
    frames = bench.run(3000)
    assert bench.orders("2433", frames)[0] == (message.NO_CHANGE, 0)
    assert bench.master.find("2433").link(bench.now_ms) == "ok"


def test_a_slave_that_was_at_zero_and_calls_again_gets_zero_at_once():
    # "No change" would make its relay click.
    bench = Bench([Box("2433")]).link()
    bench.wishes["2433"] = 0
    bench.run(3000)
    bench.hear(bench.box("2433").link_ready())
    assert set(bench.orders("2433", bench.run(5000))) == {(message.LIMIT_2, 0)}
    # Also when it was dropped meanwhile.
    bench.box("2433").mute = True
    bench.run(40000)
    assert bench.master.slaves == []
    bench.box("2433").mute = False
    bench.hear(bench.box("2433").link_ready())
    assert set(bench.orders("2433", bench.run(5000))) == {(message.LIMIT_2, 0)}


def test_a_slave_with_our_own_id_has_to_choose_another():
    bench = Bench()
    bench.run(5000)
    count = len(bench.sent)
    bench.hear(Box("7777").link_ready())
    frames = bench.run(5000)
    kinds = [frame[1]["type"] for frame in frames]
    assert kinds == ["master_link_ready_1"] * 5 + ["master_link_ready_2"] * 5
    assert bench.master.slaves == [] and len(bench.sent) == count + 10
    assert bench.told[-1][0] == "warning" and "same id as this master, 7777" in bench.told[-1][1]


def test_our_own_echoes_are_no_slaves():
    bench = charging(12)
    slave = bench.master.find("2433")
    heard_ms = slave.heard_ms
    bench.box("2433").mute = True
    bench.run(3000)
    for body in (
        message.link_ready(1, "7777", 0x77),
        message.link_ready(2, "7777", 0x77),
        message.heartbeat("7777", "2433", message.LIMIT_2, 1200),
        message.heartbeat("7777", "2433", message.NO_CHANGE, 0, False),
    ):
        bench.hear(body)
    assert bench.master.lookout.echoes == 4 and len(bench.master.slaves) == 1
    assert slave.heard_ms - heard_ms < 1000 and slave.missed


def test_answers_to_another_master_are_not_ours():
    bench = charging(12)
    slave = bench.master.find("2433")
    bench.box("2433").mute = True
    bench.run(3000)
    fields = {"command": 0, "amps_ca": 0, "sender": "6666"}
    bench.hear(bench.box("2433").answer(fields))
    assert slave.missed >= 2 and bench.now_ms - slave.heard_ms > 2000


def test_no_bytes_make_it_raise():
    bench = charging(12)
    for length in (1, 2, 3, 12, 13, 14, 15, 19):
        for code in (0xFDE0, 0xFDE2, 0xFBE0, 0xFCE1, 0xFB19, 0x0000, 0xFFFF):
            body = bytes((code >> 8, code & 255, 0x24, 0x33)) + b"\xff" * 20
            bench.hear(body[:length])
    bench.run(3000)


# Heartbeats.


def grid(count):
    bench = Bench([Box(f"{n}{n}{n}{n}") for n in range(1, count + 1)]).link()
    bench.run(2000)
    frames = bench.run(20000)
    for box in bench.boxes.values():
        times = [frame[0] for frame in bench.to(box.id, frames)]
        assert 19 <= len(times) <= 21
        gaps = [times[i + 1] - times[i] for i in range(len(times) - 1)]
        assert min(gaps) >= 990 and max(gaps) <= 1010, gaps
    all_ms = [frame[0] for frame in frames]
    gaps = [all_ms[i + 1] - all_ms[i] for i in range(len(all_ms) - 1)]
    assert min(gaps) >= 1000 // count - 15 and max(gaps) <= 1000 // count + 15, gaps
    return bench, frames


def test_one_slave_gets_a_heartbeat_a_second():
    grid(1)


def test_heartbeats_of_two_are_spread_over_the_second():
    grid(2)


def test_heartbeats_of_three_are_spread_over_the_second():
    grid(3)


def test_lateness_does_not_add_up():
    bench, frames = grid(1)
    phase_ms = frames[0][0] % 1000
    for _ in range(10):
        bench.run(1000 - (bench.now_ms - phase_ms) % 1000 - 5)
        bench.now_ms += 300  # somebody held the loop for so long
        bench.run(1500)
    times = [frame[0] for frame in bench.to("1111", bench.run(5000))]
    assert all([(ms - phase_ms) % 1000 < 10 for ms in times]), times


def test_the_grid_does_not_wait_for_mute_slaves():
    bench = Bench([Box("1111"), Box("2222"), Box("3333")]).link()
    bench.box("1111").mute = bench.box("2222").mute = True
    frames = bench.run(20000)
    for slave_id in ("1111", "2222", "3333"):
        times = [frame[0] for frame in bench.to(slave_id, frames)]
        gaps = [times[i + 1] - times[i] for i in range(len(times) - 1)]
        assert max(gaps) <= 1200, gaps


def test_nothing_is_sent_while_an_answer_is_awaited():
    bench = Bench([Box("1111")])
    bench.box("1111").mute = True
    bench.hear(bench.box("1111").link_ready())
    frames = bench.run(1000)
    first = bench.to("1111", frames)[0][0]
    after = [frame[0] for frame in frames if frame[0] > first]
    assert after and after[0] >= first + 150, after


# Limits.


def test_a_limit_is_repeated_until_it_is_echoed():
    bench = Bench([Box("2433")]).link()
    bench.box("2433").frozen = True
    bench.wishes["2433"] = 12
    bench.run(6000)
    assert bench.orders("2433", bench.run(6000)) == [(message.LIMIT_2, 12)] * 6
    bench.box("2433").frozen = False
    orders = bench.orders("2433", bench.run(5000))
    assert orders == [(message.LIMIT_2, 12)] + [(message.NO_CHANGE, 0)] * 4


def test_a_limit_that_was_forgotten_is_said_again():
    bench = charging(12)
    assert set(bench.orders("2433", bench.run(5000))) == {(message.NO_CHANGE, 0)}
    bench.box("2433").limit = 600
    orders = bench.orders("2433", bench.run(4000))
    assert (message.LIMIT_2, 12) in orders[:2] and orders[-1] == (message.NO_CHANGE, 0)
    assert bench.box("2433").limit == 1200


def test_zero_is_repeated_for_ever():
    bench = Bench([Box("2433")]).link()
    bench.wishes["2433"] = 0
    bench.run(2000)
    assert set(bench.orders("2433", bench.run(60000))) == {(message.LIMIT_2, 0)}


def test_zero_is_repeated_after_a_charge_as_well():
    bench = charging(12)
    bench.wishes["2433"] = 0
    bench.run(1000)
    bench.box("2433").state = PLUGGED_IN
    bench.box("2433").draw = 0
    bench.box("2433").echo = 6
    assert set(bench.orders("2433", bench.run(30000))) == {(message.LIMIT_2, 0)}


def test_protocol_1_gets_short_frames_with_its_own_command():
    bench = Bench([Box("022C", protocol=1)]).link()
    bench.wishes["022C"] = 5
    frames = bench.run(5000)
    assert {frame[2] for frame in bench.to("022C", frames)} == {13}
    assert (message.LIMIT_1, 5) in bench.orders("022C", frames)
    assert bench.offered("022C") == 5
    commands = {order[0] for order in bench.orders("022C")}
    assert commands == {message.NO_CHANGE, message.LIMIT_1}


def test_protocol_2_gets_long_frames_with_its_own_command():
    bench = charging(12)
    assert {frame[2] for frame in bench.to("2433")} == {15}
    commands = {order[0] for order in bench.orders("2433")}
    assert commands == {message.NO_CHANGE, message.LIMIT_2}


def test_protocol_1_gets_long_frames_after_three_misses():
    bench = Bench([Box("022C", protocol=1)])
    bench.box("022C").lengths = (15,)
    bench.hear(bench.box("022C").link_ready())
    bench.run(4200)
    assert [frame[2] for frame in bench.to("022C")][:4] == [13, 13, 13, 15]
    assert bench.master.find("022C").heard_ms is not None


def test_what_helped_stays():
    # A unit that takes long frames only is not asked three times in vain again and again.
    bench = Bench([Box("022C", protocol=1)])
    bench.box("022C").lengths = (15,)
    bench.hear(bench.box("022C").link_ready())
    bench.run(8000)
    frames = bench.run(20000)
    assert {frame[2] for frame in bench.to("022C", frames)} == {15}


def test_nothing_below_the_minimum_of_the_unit():
    bench = Bench([Box("2433")], minimum={"2433": 8}).link()
    bench.wishes["2433"] = 7
    bench.run(3000)
    assert bench.offered("2433") == 0
    bench.wishes["2433"] = 8
    bench.run(8000)
    assert bench.offered("2433") == 8


def test_the_gate_makes_it_less():
    bench = Bench([Box("1111", draw=10, limit=1000), Box("2222")], wires=16).link()
    bench.wishes = {"1111": 10, "2222": 12}
    bench.box("1111").state = CHARGING
    bench.run(10000)
    assert bench.offered("1111") == 10 and bench.offered("2222") == 6
    bench.wishes["1111"] = 6
    bench.box("1111").draw = 5.2
    bench.run(10000)
    assert bench.offered("1111") == 6 and bench.offered("2222") == 10


# Raises and reductions.


def test_a_raise_waits_for_5_s_after_the_last_change():
    bench = charging(12)
    bench.wishes["2433"] = 14
    bench.run(2000)
    assert bench.offered("2433") == 14
    changed_ms = bench.master.find("2433").changed_ms
    bench.wishes["2433"] = 20
    bench.run(changed_ms + 4900 - bench.now_ms)
    assert bench.offered("2433") == 14
    bench.run(1200)
    assert bench.offered("2433") == 20
    assert bench.master.find("2433").changed_ms - changed_ms >= 5000


def test_a_raise_waits_after_a_reduction_too():
    bench = charging(12)
    bench.wishes["2433"] = 8
    bench.run(2000)
    reduced_ms = bench.master.find("2433").changed_ms
    bench.wishes["2433"] = 12
    bench.run(10000)
    assert bench.master.find("2433").changed_ms - reduced_ms >= 5000
    assert bench.offered("2433") == 12


def test_a_reduction_goes_out_with_the_next_heartbeat():
    bench = charging(12)
    for amps in (11, 9, 6, 0):
        bench.wishes["2433"] = amps
        bench._wish_ms = bench.now_ms
        assert bench.orders("2433", bench.run(1010))[0] == (message.LIMIT_2, amps)


# Silence.


def test_nothing_is_raised_from_the_first_missed_answer_on():
    bench = charging(12)
    bench.box("2433").mute = True
    bench.run(1200)
    bench.wishes["2433"] = 20
    frames = bench.run(3000)
    assert max([amps for _, amps in bench.orders("2433", frames)]) <= 12
    assert bench.offered("2433") == 12
    bench.box("2433").mute = False
    bench.run(3000)
    assert bench.offered("2433") == 20


def test_a_silent_slave_is_offered_its_minimum_after_5_s():
    bench = charging(12)
    bench.box("2433").mute = True
    heard_ms = bench.master.find("2433").heard_ms
    frames = bench.run(15000)
    for ms, fields, _ in bench.to("2433", frames):
        if ms - heard_ms < 5000:
            assert fields["amps_ca"] == 0 and fields["command"] == message.NO_CHANGE
        elif ms - heard_ms >= 6100:
            assert (fields["command"], fields["amps_ca"]) == (message.LIMIT_2, 600)
    assert bench.offered("2433") == 6


def test_a_silent_slave_that_is_off_stays_off():
    bench = Bench([Box("2433")]).link()
    bench.wishes["2433"] = 0
    bench.run(3000)
    bench.box("2433").mute = True
    bench.run(2100)
    bench.wishes["2433"] = 12
    assert set(bench.orders("2433", bench.run(23000))) == {(message.LIMIT_2, 0)}


def test_a_reduction_reaches_a_silent_slave():
    bench = charging(12)
    bench.box("2433").mute = True
    bench.run(2000)
    bench.wishes["2433"] = 0
    assert bench.orders("2433", bench.run(3000))[-1] == (message.LIMIT_2, 0)


def test_a_silent_slave_is_dropped_after_26_s():
    bench = charging(12)
    bench.box("2433").mute = True
    heard_ms = bench.master.find("2433").heard_ms
    bench.run(heard_ms + 25500 - bench.now_ms)
    assert bench.master.find("2433") is not None
    bench.run(2000)
    assert bench.master.find("2433") is None
    last_ms = bench.to("2433")[-1][0]
    assert 24900 <= last_ms - heard_ms < 26000
    assert bench.told[-1] == (
        "warning",
        "2433 lost: no answer for 26 s. Check its power and the two wires; "
        "it links again by itself.",
    )
    assert bench.run(30000) == []
    # Its claim stays until 60 s after our last heartbeat to it.
    claim = bench.gate.claims["2433"]
    assert claim.ca() == 1200 and claim.heartbeat_ms == last_ms


def test_a_slave_that_never_answers_is_dropped_after_26_s():
    bench = Bench([Box("2433")])
    bench.box("2433").mute = True
    bench.hear(bench.box("2433").link_ready())
    bench.run(25000)
    assert bench.master.find("2433") is not None
    bench.run(3000)
    assert bench.master.find("2433") is None


def test_it_answers_again():
    bench = charging(12)
    bench.box("2433").mute = True
    bench.run(8000)
    bench.box("2433").mute = False
    bench.run(9000)
    assert bench.offered("2433") == 12
    assert any(["2433 answers again" in text for _, text in bench.told])


# Wishes.


def test_a_wish_that_is_not_renewed_ends_at_the_minimum():
    bench = charging(12)
    bench.wishes.clear()
    bench.run(8500)
    assert bench.offered("2433") == 12
    bench.run(4000)
    assert bench.offered("2433") == 6
    bench.box("2433").draw = 5.8
    bench.run(60000)
    assert bench.offered("2433") == 6


def test_an_old_wish_for_zero_stays_zero():
    bench = Bench([Box("2433")]).link()
    bench.wishes["2433"] = 0
    bench.run(3000)
    bench.wishes.clear()
    bench.run(30000)
    assert bench.offered("2433") == 0


def test_wishes_for_strangers_do_no_harm():
    bench = Bench([Box("2433")]).link()
    bench.wishes["4711"] = 12
    bench.run(3000)
    assert bench.to("4711") == []


# States.


def test_a_car_plugged_in_gets_the_limit_once_more():
    bench = Bench([Box("2433")]).link()
    bench.wishes["2433"] = 12
    bench.run(6000)
    assert set(bench.orders("2433", bench.run(3000))) == {(message.NO_CHANGE, 0)}
    bench.box("2433").state = PLUGGED_IN
    assert (message.LIMIT_2, 12) in bench.orders("2433", bench.run(2100))
    assert set(bench.orders("2433", bench.run(3000))) == {(message.NO_CHANGE, 0)}


def test_a_slave_that_asks_gets_the_limit_once_more():
    for state in (WANTS, STARTING):
        bench = Bench([Box("2433")]).link()
        bench.wishes["2433"] = 12
        bench.box("2433").state = PLUGGED_IN
        bench.run(8000)
        assert set(bench.orders("2433", bench.run(3000))) == {(message.NO_CHANGE, 0)}
        bench.box("2433").state = state
        assert (message.LIMIT_2, 12) in bench.orders("2433", bench.run(2100)), state


# A start with slaves that were linked before.


KNOWN = {
    "1111": {"rating_ca": 3200, "protocol": 2},
    "022C": {"rating_ca": 3200, "protocol": 1},
}


def test_known_slaves_get_no_change_at_once():
    bench = Bench([Box("1111"), Box("022C", protocol=1)], known=KNOWN)
    frames = bench.run(400)
    hearts = [frame for frame in frames if "receiver" in frame[1]]
    assert hearts[0][0] == 0 and sorted([f[1]["receiver"] for f in hearts]) == ["022C", "1111"]
    assert [f[1]["command"] for f in hearts] == [message.NO_CHANGE] * 2
    lengths = {f[1]["receiver"]: f[2] for f in hearts}
    assert lengths == {"022C": 13, "1111": 15}


def test_a_known_slave_that_draws_goes_on_with_its_minimum():
    boxes = [Box("1111", draw=15.8, limit=1600), Box("022C", 1, draw=9.8, limit=1000)]
    for box in boxes:
        box.state = CHARGING
    bench = Bench(boxes, wires=40, known=KNOWN, opened=False)
    bench.run(3500)
    assert bench.orders("1111")[0] == (message.NO_CHANGE, 0)
    assert bench.orders("1111")[1] == (message.LIMIT_2, 6)
    assert bench.orders("022C")[1] == (message.LIMIT_1, 5)


def test_a_known_slave_that_draws_less_than_its_minimum_keeps_what_it_has():
    box = Box("1111", draw=5.8, limit=600)
    box.state = CHARGING
    bench = Bench([box], minimum={"1111": 8}, known={"1111": KNOWN["1111"]}, opened=False)
    bench.gate._unheard.add("4444")  # one more was known: nothing is raised yet
    bench.run(5000)
    assert bench.offered("1111") == 6 and (message.LIMIT_2, 0) not in bench.orders("1111")
    bench.wishes["1111"] = 8
    bench.run(40000)
    assert bench.offered("1111") == 8


def test_a_known_slave_that_does_not_draw_gets_zero():
    boxes = [Box("1111", limit=1600), Box("022C", 1, limit=1000)]
    bench = Bench(boxes, known=KNOWN, opened=False)
    bench.run(3500)
    assert bench.orders("1111")[:3] == [(message.NO_CHANGE, 0)] + [(message.LIMIT_2, 0)] * 2
    assert bench.orders("022C")[1] == (message.LIMIT_1, 0)


def test_nothing_is_raised_before_all_that_were_known_have_answered():
    boxes = [Box("1111", limit=800, draw=7.8), Box("022C", 1)]
    boxes[0].state = CHARGING
    bench = Bench(boxes, known=KNOWN, opened=False)
    bench.box("022C").mute = True
    bench.wishes = {"1111": 16, "022C": 16}
    bench.run(10000)
    assert max([amps for _, amps in bench.orders("1111")]) <= 8
    bench.box("022C").mute = False
    bench.run(10000)
    assert bench.offered("1111") == 16


def test_of_more_than_three_known_the_first_three_get_heartbeats():
    known = {slave_id: KNOWN["1111"] for slave_id in ("1111", "2222", "3333", "4444")}
    bench = Bench(known=known)
    bench.run(5000)
    assert len(bench.master.slaves) == 3

"""A linked wall connector: link states, reply times, missed answers, and its faults in words.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

from twc.slave import Slave


def fields(state=1, echo_ca=1200, draw_ca=1180):
    return {"state": state, "max_ca": echo_ca, "actual_ca": draw_ca}


def slave(protocol=2, first_amps=None, now_ms=0):
    return Slave("2433", 3200, protocol, 6, first_amps, now_ms)


def answered(one, sent_ms, heard_ms):
    """A heartbeat at this time, answered at that."""
    one.sent_ms = sent_ms
    one.waiting = True
    one.hear(fields(), heard_ms)
    return one.reply_ms


def test_new_until_it_answers_then_ok_then_silent():
    one = slave()
    assert one.link(0) == one.link(25000) == "new"
    one.hear(fields(), 30000)
    assert one.link(30000) == one.link(32150) == "ok"
    assert one.link(32151) == "silent"
    one.hear(fields(), 33000)
    assert one.link(33000) == "ok"


def test_a_heartbeat_is_due_at_once():
    assert slave(now_ms=4711).due_ms == 4711


def test_only_protocol_1_begins_with_short_frames():
    assert [slave(protocol).long for protocol in (1, 2, None)] == [False, True, True]


def test_it_keeps_what_it_was_told():
    one = slave()
    one.hear(fields(3, 600, 25), 1000)
    assert (one.state, one.echo_ca, one.draw_ca, one.heard_ms) == (3, 600, 25, 1000)


def test_missed_in_a_row_and_in_all():
    one = slave()
    for _ in range(3):
        one.miss()
    one.hear(fields(), 1000)
    assert (one.missed, one.unanswered, one.waiting) == (0, 3, False)
    one.miss()
    assert (one.missed, one.unanswered) == (1, 4)


def test_the_reply_time_leaves_out_the_frames_themselves():
    one = slave()
    assert one.reply_ms is None
    assert answered(one, 1000, 1098) == 60
    # Smoothed: one slow answer is not the whole truth.
    assert answered(one, 2000, 2138) == 70
    assert answered(one, 3000, 3000) == 52  # never below zero
    for second in range(4, 40):
        answered(one, 1000 * second, 1000 * second + 58)
    assert 20 <= one.reply_ms <= 23


def test_an_answer_that_nobody_waited_for_says_nothing_about_reply_times():
    one = slave()
    answered(one, 1000, 1098)
    one.hear(fields(), 9000)
    assert one.reply_ms == 60 and one.heard_ms == 9000


def test_faults_in_words():
    one = slave()
    one.hear(fields(draw_ca=2040), 1000)
    one.fault = 1
    one.offer_amps = 12
    assert one.fault_sentence() == (
        "2433 draws 20.4 A but is offered 12 A: it counts with its draw, and the others give way."
    )
    one.offer_amps = None
    assert "offered 0 A" in one.fault_sentence()
    one.fault = 2
    assert one.fault_sentence().startswith("2433 drew more than it was offered for 30 s")

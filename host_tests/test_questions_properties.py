"""Whenever bus.py asks for a question: none is ever in the way of a heartbeat or of an answer, too
near to the one before, or for a slave that is silent; and nothing that is heard does any harm.

Heartbeats and answers are played here; nothing is asked of the code but what to send. The
numbers judged with are those of "Timing on the line" of the protocol notes.
"""

import random
import tracemalloc

from hypothesis import example, given, settings
from hypothesis import strategies as st
from properties import steady

from twc.questions import Questions

IDS = ("1111", "2222", "C0DB")
FRAME_MS = 19
LONG_FRAME_MS = 23
REPLY_MS = 150  # the master waits so long for an answer to a heartbeat

MAY_BE_ASKED = {"FBEB", "FBEC", "FBED", "FBEE", "FBEF", "FBF1", "FBB4", "FB19", "FB1A", "FB1B"}


class Slave:
    """As Questions sees it, with how it behaves."""

    def __init__(self, slave_id, protocol, reply_ms, deaf_share, answer_share):
        self.id = slave_id
        self.protocol = protocol
        self.reply_ms = reply_ms  # from the end of a heartbeat to its answer
        self.deaf_share = deaf_share  # of the heartbeats that it does not answer
        self.answer_share = answer_share  # of the questions that it answers
        self.heard_ms = None
        self.waiting = False
        self.missed = 0
        self.state = 0
        self.draw_ca = 0
        self.rating_ca = 3200
        self.due_ms = 0
        self.answers_at_ms = None


class Line:
    """Heartbeats on a grid of a second, answers, and questions in between, a millisecond (or
    `step_ms`) at a time. Every rule is looked at with each question."""

    def __init__(self, slaves, step_ms, seed):
        self.slaves = slaves
        self.step_ms = step_ms
        self.chance = random.Random(seed)
        self.questions = Questions("7777", lambda level, text: None)
        self.now_ms = 0
        self.busy_ms = 0  # until when the line is taken or an answer is awaited
        self.said = []  # answers to questions under way: (when, body)
        self.asked = []  # (when, id)
        self.late_ms = 0
        for index, slave in enumerate(slaves):
            slave.due_ms = index * 1000 // len(slaves)

    def run(self, seconds):
        end_ms = self.now_ms + seconds * 1000
        while self.now_ms < end_ms:
            self.now_ms += self.step_ms
            self.deliver()
            if self.now_ms >= self.busy_ms:
                due = [slave for slave in self.slaves if slave.due_ms <= self.now_ms]
                if due:
                    self.heartbeat(due[0])
                else:
                    self.question()

    def deliver(self):
        for slave in self.slaves:
            if slave.answers_at_ms is not None and self.now_ms >= slave.answers_at_ms:
                slave.answers_at_ms = None
                slave.waiting = False
                slave.missed = 0
                slave.heard_ms = self.now_ms
                slave.state = self.chance.choice((0, 0, 1, 1, 1, 3, 4))
                slave.draw_ca = self.chance.choice((0, 25, 1600))
                self.busy_ms = self.now_ms
        for at_ms, body in list(self.said):
            if self.now_ms >= at_ms:
                self.said.remove((at_ms, body))
                self.questions.heard(body, self.now_ms)

    def heartbeat(self, slave):
        self.late_ms = max(self.late_ms, self.now_ms - slave.due_ms)
        if slave.waiting:
            slave.missed += 1
        slave.waiting = True
        slave.due_ms += 1000
        self.busy_ms = self.now_ms + REPLY_MS
        if self.chance.random() >= slave.deaf_share:
            slave.answers_at_ms = self.now_ms + 2 * FRAME_MS + slave.reply_ms

    def question(self):
        next_ms = min(slave.due_ms for slave in self.slaves)
        body = self.questions.next(self.slaves, next_ms - self.now_ms, self.now_ms)
        if body is None:
            return
        function = body[:2].hex().upper()
        assert function in MAY_BE_ASKED
        old = body[1] < 0x20
        asked_id = "" if old else body[4:6].hex().upper()
        if old:
            # No ids in it, so everybody would answer.
            assert body[2:] == bytes(11)
            assert len(self.slaves) == 1 and self.slaves[0].protocol == 1
        else:
            assert len(body) == 15 and body[2:4] == b"\x77\x77"
        # The question and the latest answer end 100 ms before the next heartbeat.
        assert self.now_ms + FRAME_MS + 100 + LONG_FRAME_MS + 100 <= next_ms
        if self.asked:
            assert self.now_ms - self.asked[-1][0] >= 1000
        self.asked.append((self.now_ms, asked_id))
        for slave in self.slaves:
            if old or slave.id == asked_id:
                assert not slave.missed and not slave.waiting
                assert slave.heard_ms is not None and self.now_ms - slave.heard_ms >= 300
                if self.chance.random() < slave.answer_share:
                    self.answer(slave, body)
        self.busy_ms = self.now_ms + FRAME_MS + 100 + LONG_FRAME_MS

    def answer(self, slave, body):
        at_ms = self.now_ms + FRAME_MS + self.chance.randrange(3, 101) + LONG_FRAME_MS
        says = bytes(self.chance.choice((0, 3, 48, 65)) for _ in range(15))
        sender = b"" if body[1] < 0x20 else bytes.fromhex(slave.id)
        self.said.append((at_ms, b"\xfd" + body[1:2] + sender + says))


@st.composite
def lines(draw):
    """One to three slaves of any temper."""
    slaves = [
        Slave(
            IDS[index],
            draw(st.sampled_from((1, 2, 2, None))),
            draw(st.integers(3, 100)),
            draw(st.sampled_from((0.0, 0.0, 0.05, 0.5, 1.0))),
            draw(st.sampled_from((0.0, 0.5, 1.0, 1.0))),
        )
        for index in range(draw(st.integers(1, 3)))
    ]
    return Line(slaves, draw(st.sampled_from((1, 3, 10, 27))), draw(st.integers(0, 2**32)))


@settings(steady, max_examples=200)
@given(lines(), st.lists(st.integers(1, 30), max_size=3))
def test_no_question_breaks_the_timing(line, too_fast_after_s):
    for seconds in too_fast_after_s:
        line.run(seconds)
        line.questions.too_fast(line.now_ms)
    line.run(40)
    # Nor does it make a heartbeat late by more than a step (and what heartbeats wait for each
    # other: with three of them no longer than for an answer).
    assert line.late_ms <= line.step_ms


@settings(steady, max_examples=20)
@given(st.integers(1, 3), st.integers(3, 45), st.integers(0, 2**32))
@example(3, 45, 0)
@example(1, 3, 0)
def test_each_slave_that_answers_is_asked_again_and_again(count, reply_ms, seed):
    slaves = [Slave(IDS[index], 2, reply_ms, 0.0, 1.0) for index in range(count)]
    line = Line(slaves, 5, seed)
    line.run(60)
    for slave in slaves:
        times = [0] + [at for at, to in line.asked if to == slave.id] + [line.now_ms]
        gaps = [later - before for before, later in zip(times, times[1:], strict=False)]
        assert max(gaps) <= 15000, (slave.id, times)
    assert line.questions.answered > 0.9 * line.questions.asked


@settings(steady, max_examples=10)
@given(st.integers(0, 2**32))
def test_a_slave_that_answers_nothing_keeps_nobody_from_being_asked(seed):
    mute = Slave("1111", 1, 20, 0.0, 0.0)
    good = Slave("2222", 2, 20, 0.0, 1.0)
    line = Line([mute, good], 5, seed)
    line.run(600)
    to_mute = sum(1 for at, to in line.asked if to == "1111" and at > 300000)
    to_good = sum(1 for at, to in line.asked if to == "2222" and at > 300000)
    assert to_mute <= 15
    assert to_good >= 60


BODIES = st.one_of(
    st.binary(max_size=25),
    st.builds(
        lambda kind, who, rest: b"\xfd" + bytes((kind,)) + who + rest,
        st.sampled_from(bytes.fromhex("EBECEDEEEFF1B4191A1BE0E2B1")),
        st.sampled_from((b"\x11\x11", b"\xc0\xdb", b"\x77\x77")),
        st.binary(max_size=21),
    ),
)


@settings(steady, max_examples=150)
@given(st.lists(st.tuples(BODIES, st.integers(0, 3000)), max_size=60), st.integers(1, 3))
def test_whatever_is_heard_nothing_raises_and_answers_have_their_form(bodies, count):
    slaves = [Slave(IDS[index], index % 2 + 1, 20, 0.0, 0.0) for index in range(count)]
    questions = Questions("7777", lambda level, text: None)
    now_ms = 0
    for body, wait_ms in bodies:
        now_ms += wait_ms
        for slave in slaves:
            slave.heard_ms = now_ms - 400
        questions.next(slaves, 400, now_ms)
        known = questions.heard(body, now_ms)
        assert known in (True, False)
        if known:
            assert body[0] == 0xFD and len(body) >= 13
    assert questions.answered <= questions.asked
    for slave in slaves:
        unit = questions.of(slave.id)
        if unit is None:
            continue
        assert unit.plug in (None, 0, 1, 2, 3)
        assert unit.vin in (None, "") or len(unit.vin) == 17 and unit.vin.isascii()
        for text in (unit.serial, unit.model, unit.firmware):
            assert text is None or len(text) <= 17 and text.isprintable()
        if unit.meter is not None:
            raw, volts, phase_ca, at_ms = unit.meter
            assert 0 <= raw < 2**32 and len(volts) == len(phase_ca) == 3 and at_ms <= now_ms


def test_a_hundred_thousand_bodies_leave_no_trace():
    chance = random.Random(1)
    line = Line([Slave(IDS[index], 2, 20, 0.0, 0.5) for index in range(3)], 5, 2)
    line.run(30)

    def storm(count):
        for _ in range(count):
            kind = chance.choice(bytes.fromhex("EBECEDEEEFF1B4191A1BE0E2"))
            who = bytes.fromhex(chance.choice((*IDS, "9999")))
            body = b"\xfd" + bytes((kind,)) + who + chance.randbytes(chance.randrange(22))
            line.questions.heard(body, line.now_ms)

    storm(1000)
    tracemalloc.start()
    storm(1000)
    before = tracemalloc.get_traced_memory()[0]
    storm(100000)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 2000

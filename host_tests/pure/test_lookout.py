"""Who else is on the line, and how the line itself is.

Plain functions and bare asserts: they run under CPython and under MicroPython. Source: "Linking"
9 and "Line and framing" of the protocol notes.
"""

from twc import message
from twc.lookout import Lookout

OWN = "7777"
# What only a master says.
MASTERS = (0xFCE1, 0xFBE2, 0xFBE0, 0xFC1D, 0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)
OLD_QUESTIONS = (0xFB19, 0xFB1A, 0xFB1B)


class Counters:
    """What a frame.Decoder counts."""

    def __init__(self):
        self.good = 0
        self.bad = 0


class Bench:
    """A Lookout with its journal, decoder counters and a clock that looks once a second."""

    def __init__(self):
        self.told = []
        self.out = Lookout(OWN, lambda level, text: self.told.append((level, text)), 0)
        self.counters = Counters()
        self.sent = self.noisy = 0
        self.now_ms = 0

    def seconds(self, count, good=0, bad=0, sent=1, noisy=0, echoes=0):
        """So many seconds, each with so many frames."""
        for _ in range(count):
            self.now_ms += 1000
            self.counters.good += good
            self.counters.bad += bad
            self.sent += sent
            self.noisy += noisy
            self.out.echoes += echoes
            self.out.watch(self.counters, self.sent, self.noisy, self.now_ms)
        return self.out.note

    def hear(self, body, now_ms=None):
        return self.out.is_echo(body, self.now_ms if now_ms is None else now_ms)

    def second(self, now_ms):
        return self.out.second_master(now_ms)


def foreign(code=0xFBE0, sender="9999"):
    return message.encode(code, sender, (0x12, 0x34), 15)


# Echoes.


def test_what_carries_our_id_is_an_echo():
    bench = Bench()
    for code in MASTERS + (0xFCB1, 0xFCB2):
        assert bench.hear(message.encode(code, OWN, (0x12, 0x34), 15)), code
    assert bench.out.echoes == len(MASTERS) + 2
    assert bench.second(0) is None


def test_what_a_slave_with_our_id_says_is_no_echo():
    # It is a clash of ids, and the master has to see it.
    bench = Bench()
    for code in (0xFDE2, 0xFDE0, 0xFDEB):
        assert not bench.hear(message.encode(code, OWN, (), 15)), code
    assert bench.out.echoes == 0


def test_what_has_no_ids_is_an_echo_right_after_it_was_sent():
    for code in OLD_QUESTIONS:
        body = bytes((code >> 8, code & 255)) + bytes(11)
        bench = Bench()
        bench.out.sent(body, 1000)
        assert bench.hear(body, 1099) and bench.out.echoes == 1
        bench = Bench()
        bench.out.sent(body, 1000)
        assert not bench.hear(body, 1100)  # the first frame of somebody else
        assert not bench.hear(body, 2000) and bench.second(2000)
        bench = Bench()
        bench.out.sent(message.heartbeat(OWN, "1234", 0, 0), 1000)
        assert not bench.hear(body, 1050)


def test_answers_of_slaves_are_neither():
    bench = Bench()
    for code in (0xFDE2, 0xFDE0, 0xFDEB, 0xFDEC, 0xFDB1, 0xFDB2, 0xFD19):
        for now_ms in (0, 100, 200):
            assert not bench.hear(message.encode(code, "1234", (), 15), now_ms)
    assert bench.second(200) is None and bench.out.echoes == 0


# A second master.


def test_two_frames_within_sixty_seconds_make_a_second_master():
    for code in MASTERS + OLD_QUESTIONS:
        bench = Bench()
        assert not bench.hear(foreign(code), 1000)
        assert bench.second(1000) is None, code
        bench.hear(foreign(code), 60999)
        assert bench.second(60999) == "9999", code
        assert bench.out.free_from_ms() == 120999


def test_two_frames_further_apart_do_not():
    bench = Bench()
    for now_ms in range(0, 600000, 60000):
        bench.hear(foreign(), now_ms)
        assert bench.second(now_ms) is None


def test_frames_of_different_kinds_count_together():
    bench = Bench()
    bench.hear(foreign(0xFC1D), 0)
    bench.hear(foreign(0xFBEB), 100)
    assert bench.second(100) == "9999"


def test_it_is_gone_when_none_was_heard_for_sixty_seconds():
    bench = Bench()
    for now_ms in (0, 1000, 30000):
        bench.hear(foreign(), now_ms)
    assert bench.second(89999) == "9999" and bench.second(90000) is None
    # The next one alone is no master again.
    bench.hear(foreign(), 95000)
    assert bench.second(95000) is None


def test_what_only_slaves_or_noise_say_makes_no_master():
    bench = Bench()
    for code in (0xFCB1, 0xFCB2, 0xFDE0, 0xFC19, 0x0000, 0xFFFF):
        for now_ms in range(0, 10000, 1000):
            bench.hear(foreign(code), now_ms)
    assert bench.second(10000) is None


def test_echoes_are_dropped_before_they_count():
    bench = Bench()
    bench.hear(foreign(), 0)
    for now_ms in range(0, 50000, 1000):
        bench.hear(foreign(sender=OWN), now_ms)
    assert bench.second(50000) is None and bench.out.echoes == 50


def test_a_second_master_is_told_once_with_what_to_do_and_its_end_too():
    bench = Bench()
    bench.seconds(25, good=1)
    bench.hear(foreign())
    assert bench.seconds(5, good=1) is None
    bench.hear(foreign())
    note = bench.seconds(50, good=1)
    assert note == (
        "A second master, 9999, is on the line: a wall connector whose rotary switch is not on F, "
        "or another controller. Nothing is raised or started until it has been silent for 60 s. "
        "Set every rotary switch to F."
    )
    assert bench.told == [("warning", note)]
    assert bench.seconds(12, good=1) is None
    assert bench.told[1:] == [("info", "The line is in order again.")]


# The line.


def test_nothing_heard_is_told_after_twenty_seconds():
    bench = Bench()
    assert bench.seconds(19) is None
    note = bench.seconds(1)
    assert note.startswith("Nothing heard since the start: check A and B, termination")
    assert "rotary switch" in note and bench.told == [("warning", note)]
    assert bench.seconds(60) == note and len(bench.told) == 1
    assert bench.seconds(10, good=1) is None
    assert bench.told[1:] == [("info", "The line is in order again.")]


def test_a_slave_that_calls_each_ten_seconds_is_enough():
    bench = Bench()
    bench.seconds(10)
    bench.seconds(1, good=1)
    assert bench.seconds(300) is None and bench.told == []


def test_nothing_but_our_own_echo():
    bench = Bench()
    note = bench.seconds(20, good=1, echoes=1)
    assert note.startswith("Only our own echo heard since the start")


def test_nothing_but_broken_frames():
    bench = Bench()
    note = bench.seconds(20, bad=1)
    assert note.startswith("Only broken frames heard since the start: A and B swapped")
    assert "120 ohms" in note


def test_echoes_beside_slaves():
    bench = Bench()
    bench.seconds(20, good=1)
    assert bench.seconds(10, good=2, echoes=1).startswith("Our own frames come back")
    # Half of them or less is not told.
    assert bench.seconds(10, good=2, sent=2, echoes=1) is None


def test_a_line_that_is_hardly_ever_quiet():
    bench = Bench()
    bench.seconds(20, good=1)
    assert bench.seconds(10, good=1, noisy=1).startswith("The line is hardly ever quiet")
    assert bench.seconds(10, good=1, sent=2, noisy=1) is None


def test_broken_frames_above_ten_percent():
    bench = Bench()
    bench.seconds(20, good=9)
    assert bench.seconds(10, good=9, bad=1) is None
    note = bench.seconds(10, good=8, bad=1)
    assert note.startswith("Broken frames: 10 of 90 in the last 10 s.")
    # Its numbers may change without a word.
    assert bench.seconds(10, good=8, bad=4).startswith("Broken frames: 40 of 120")
    assert len(bench.told) == 1


def test_another_note_is_told_again():
    bench = Bench()
    bench.seconds(20, good=1)
    bench.seconds(10, good=1, bad=1)
    bench.seconds(10, good=1, noisy=1)
    assert [text[:8] for _, text in bench.told] == ["Broken f", "The line"]


def test_the_rate_is_the_mean_of_ten_seconds():
    bench = Bench()
    bench.seconds(9, good=4)
    assert bench.out.rate == 0
    bench.seconds(1, good=4)
    assert bench.out.rate == 4
    bench.seconds(10, good=1)
    assert bench.out.rate == 1
    # And after a stall, that of the time that passed.
    bench.now_ms += 19000
    bench.seconds(1, good=10)
    assert bench.out.rate == 0.5

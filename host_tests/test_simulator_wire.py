"""The simulator's own framing, and who hears what on one pair of wires."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.connector import Connector
from simulator.wire import BYTE_US, Decoder, Medium, checksum, encode, read_amps, write_amps

# Captured from real units by their owners: bodies with their checksum.
CAPTURED = [
    "FC E1 77 77 77 00 00 00 00 00 00 00 00 46",
    "FB E2 77 77 77 00 00 00 00 00 00 00 00 47",
    "FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11",
    "FB E0 77 77 40 85 09 0C 80 00 00 00 00 00 00 28",
    "FD E0 02 2C 77 77 02 00 00 06 96 00 00 9A",
    "FB EE 77 77 20 19 00 00 00 00 00 00 00 00 15",
    "FB EE 32 AB 87 25 00 00 00 00 00 00 77",
    "FD EB 25 87 00 00 03 9C 00 F6 00 F0 00 F6 00 00 00 00 00 12",
    "FD EC 60 90 04 05 03 02 00 00 00 00 00 00 00 EA",
    "FC 1D 00 00 00 00 00 00 00 00 00 00 00 1D",
]
BROKEN = [
    "FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11 FF",
    "FC E1 32 AB 77 40 06 00 00 00 00 00 00 00 00 BA",
    "FD E2 00 F2 8B 3F 47 46 F6 FF FF FF FF FF FF",
    "FD E2 47 04 93 0C 26 88 11 71 F7 ED F5 3F FF",
]
GOOD = bytes.fromhex(CAPTURED[0])[:-1]

bodies = st.binary(min_size=12, max_size=19)


@pytest.mark.parametrize("text", CAPTURED)
def test_captured_frames_are_understood_and_made(text):
    frame = bytes.fromhex(text)
    assert checksum(frame[:-1]) == frame[-1]
    line = b"\xc0" + frame + b"\xc0"  # no captured frame holds a byte that needs an escape
    assert encode(frame[:-1], tail=b"") == line
    assert Decoder().feed(line + b"\xfe", 0) == [frame[:-1]]


@pytest.mark.parametrize("text", BROKEN)
def test_broken_frames_are_dropped_and_counted_and_the_next_one_is_heard(text):
    decoder = Decoder()
    assert decoder.feed(b"\xc0" + bytes.fromhex(text) + b"\xc0\xfc", 0) == []
    assert decoder.bad == 1
    assert decoder.feed(encode(GOOD), 20) == [GOOD]
    assert (decoder.good, decoder.bad) == (1, 1)


def test_marks_and_escapes_inside_a_frame():
    # Made from the description: no capture of an escaped byte exists.
    body = bytes.fromhex("FB E0 C0 DB 24 33 09 0C 80 00 00 00 00 00 00")
    assert encode(body, b"")[3:7] == b"\xdb\xdc\xdb\xdd"
    # A checksum of C0 is escaped like any other byte: 12 zeros and one C0.
    line = encode(b"\xfc" + bytes(11) + b"\xc0", b"")
    assert line == b"\xc0\xfc" + bytes(11) + b"\xdb\xdc\xdb\xdc\xc0"


def test_any_other_byte_after_the_escape_is_corruption():
    decoder = Decoder()
    assert decoder.feed(b"\xc0\xfc\xdb\x01" + bytes(11) + b"\x01\xc0", 0) == []
    assert decoder.bad == 1


@given(bodies, st.integers(0, 255))
def test_every_body_survives(body, tail):
    assert Decoder().feed(encode(body, bytes((tail,)) if tail != 0xC0 else b""), 0) == [body]


@given(st.lists(bodies, min_size=1, max_size=4), st.randoms())
def test_a_frame_that_comes_in_one_piece_is_read_as_byte_by_byte(sent, dice):
    whole, pieces = Decoder(), Decoder()
    for number in range(len(sent)):
        line = bytearray(encode(sent[number], dice.choice([b"", b"\xfc", b"\xc0", b"\xdb"])))
        for _ in range(dice.choice([0, 0, 1, 2])):
            line[dice.randrange(len(line))] = dice.choice([0xC0, 0xDB, 0x00, 0xFC])
        line = bytes(line[dice.choice([0, 0, 0, 3]) :])
        heard = [body for value in line for body in pieces.feed(bytes((value,)), number)]
        assert whole.feed(line, number) == heard
        assert (whole.good, whole.bad) == (pieces.good, pieces.bad)


@given(st.lists(bodies, min_size=1, max_size=6), st.randoms())
def test_joining_in_the_middle_loses_at_most_the_frame_that_was_cut(sent, dice):
    stream = b"".join(encode(body) for body in sent)
    cut = dice.randrange(len(stream))
    whole = [i for i in range(len(sent)) if sum(len(encode(b)) for b in sent[:i]) >= cut]
    decoder = Decoder()
    heard = []
    for value in stream[cut:]:
        heard += decoder.feed(bytes((value,)), 0)
    # The cut may leave something that is a frame by chance only if it is one: the tail of one.
    assert heard[len(heard) - len(whole) :] == [sent[i] for i in whole]


@given(st.binary(max_size=60), bodies)
def test_after_garbage_the_second_frame_is_heard_for_certain(garbage, body):
    decoder = Decoder()
    assert decoder.feed(garbage + encode(body) + encode(body), 0)[-1] == body


def test_a_frame_that_never_ends_is_dropped_after_silence():
    decoder = Decoder()
    decoder.feed(encode(GOOD)[:9], 0)
    decoder.feed(b"\x00" * 6, 10)
    assert decoder.feed(b"\x00\x46\xc0", 2100) == []
    assert decoder.bad == 1


def test_amps_are_hundredths_big_endian():
    assert write_amps(32) == b"\x0c\x80"
    assert write_amps(655.35) == b"\xff\xff"
    assert read_amps(b"\x02\x10") == 5.28


class Ear:
    """Hears, and may be told to talk."""

    def __init__(self, id="0001", talk=()):
        self.id = id
        self.bytes = []
        self.talk = list(talk)

    def hear(self, chunk, now_ms):
        self.bytes += [(value, now_ms) for value in chunk]

    def due(self, now_ms):
        now = [line for at, line in self.talk if at <= now_ms]
        self.talk = [(at, line) for at, line in self.talk if at > now_ms]
        return now

    def next_event_ms(self, now_ms):
        return self.talk[0][0] if self.talk else None


def test_every_byte_takes_its_time_and_nobody_hears_himself():
    first, second = Ear("0001", [(50, b"\x01\x02")]), Ear("0002")
    medium = Medium([first, second])
    medium.send("master", b"abc", 0)
    assert medium.run(3 * BYTE_US - 1) == b""
    assert bytes(value for value, _ in second.bytes) == b"ab"
    assert medium.run(100000) == b"\x01\x02"
    assert [at for _, at in second.bytes] == [2, 3, 4, 52, 53]
    assert bytes(value for value, _ in first.bytes) == b"abc"


def test_an_adapter_may_echo():
    medium = Medium([Ear()], echo=True)
    medium.send("master", b"abc", 0)
    assert medium.run(10000) == b"abc"


def test_bytes_that_overlap_are_damaged_and_the_others_are_not():
    ear = Ear("0003")
    medium = Medium([Ear("0001", [(0, b"aaaa")]), Ear("0002", [(2, b"bbbb")]), ear])
    heard = medium.run(20000)
    assert heard[0] == ord("a") and heard[-1] == ord("b")
    assert heard.count(b"a") == 1
    assert medium.collisions == len(heard) - heard.count(b"a") - heard.count(b"b") > 3
    assert bytes(value for value, _ in ear.bytes) == heard


def test_who_sends_hears_nothing():
    talker = Ear("0001", [(0, b"aaaa")])
    medium = Medium([talker])
    medium.send("master", b"mm", 100)
    medium.run(20000)
    assert talker.bytes == []


def test_noise_is_what_the_hearers_get_and_not_what_the_referee_sees():
    seen = []

    class Watcher:
        def hear(self, chunk, now_ms, source):
            seen.append((chunk, source))

    ear = Ear()
    medium = Medium([ear], Watcher(), noise=lambda value, source, ms: None if value == 2 else 7)
    medium.send("master", b"\x01\x02", 0)
    medium.run(10000)
    assert [value for value, _ in ear.bytes] == [7]
    assert seen == [(b"\x01", "master"), (b"\x02", "master")]


def test_three_real_connectors_after_link_ready_are_heard_all_in_the_end():
    connectors = [Connector(id) for id in ("2433", "1839", "8725")]
    medium = Medium(connectors)
    decoder = Decoder()
    for count in range(2):
        medium.send("master", encode(bytes.fromhex("FBE2777777" + "00" * 8)), count * 100000)
        medium.run(count * 100000 + 90000)
    heard = set()
    for body in decoder.feed(medium.run(15000000), 0):
        heard.add(body[2:4].hex())
    assert heard == {"2433", "1839", "8725"}


def test_random_bytes_never_raise():
    dice = random.Random(1)
    connector = Connector("2433")
    for now_ms in range(0, 20000, 10):
        connector.hear(bytes(dice.randrange(256) for _ in range(10)), now_ms)
        connector.due(now_ms)

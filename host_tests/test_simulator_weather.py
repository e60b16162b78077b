"""Weather and talkers: what happens to bytes, on both lines, and who else speaks."""

import os
import time

import pytest

from simulator.connector import Connector
from simulator.line import Line
from simulator.referee import Referee
from simulator.talkers import Babbler, SecondMaster
from simulator.weather import Weather
from simulator.wire import BYTE_US, Decoder, Medium, encode

BODY = bytes.fromhex("FBE0777724330906400000000000")
FRAME = encode(BODY + b"\x00")


def passed(weather, data, source="master", now_ms=0):
    return b"".join(weather(value, source, now_ms) for value in data)


def test_calm():
    data = bytes(range(256)) * 20
    assert passed(Weather(), data) == data
    storm = Weather(flip=1)
    storm.on = False
    assert passed(storm, data) == data


@pytest.mark.parametrize("chance", [0.001, 0.01, 0.1])
def test_bits_that_turn_over(chance):
    data = bytes(100000)
    weather = Weather(7, flip=chance)
    got = passed(weather, data)
    wrong = [value for value in got if value]
    assert len(got) == len(data) and len(wrong) == weather.flipped
    assert 0.7 * chance < len(wrong) / len(data) < 1.3 * chance
    # One bit each, and every one of the eight.
    assert {value for value in wrong} == {1 << bit for bit in range(8)}


def test_bytes_lost_and_inserted():
    data = bytes(10000)
    lossy = Weather(3, lose=0.01)
    assert len(passed(lossy, data)) == 10000 - lossy.lost and 60 < lossy.lost < 140
    more = Weather(3, insert=0.01)
    assert len(passed(more, data)) == 10000 + more.inserted and 60 < more.inserted < 140


def test_bursts():
    data = bytes(100000)
    weather = Weather(5, burst=0.001, burst_bytes=30)
    got = passed(weather, data)
    wrong = [at for at in range(len(got)) if got[at]]
    assert 60 < weather.bursts < 140
    assert weather.bursts * 25 < len(wrong) <= weather.bursts * 30


def test_the_same_seed_gives_the_same_weather():
    def play(seed):
        return passed(Weather(seed, flip=0.1, lose=0.1, insert=0.1, burst=0.01), bytes(1000))

    assert play(1) == play(1) != play(2)


def test_it_may_happen_to_some_only():
    weather = Weather(lose=1, sources=("2433",))
    assert passed(weather, b"abc", "master") == b"abc"
    assert passed(weather, b"abc", "2433") == b""


def test_a_break_lets_nothing_through():
    weather = Weather(breaks=[(100, 200)])
    assert passed(weather, b"ab", now_ms=99) == b"ab"
    assert passed(weather, b"abc", now_ms=100) == b"\x00"
    assert passed(weather, b"ab", now_ms=199) == b""
    assert passed(weather, b"ab", now_ms=200) == b"ab"


def test_a_chance_is_a_part_of_one():
    with pytest.raises(ValueError, match="flip=5: write a part of one"):
        Weather(flip=5)


# -- on the line


def test_the_referee_knows_what_the_master_said_and_what_it_could_hear():
    slave = Connector("2433")
    slave.next_event_ms(0)
    slave._link_at = 10**9
    for weather, heartbeats, answers in (
        (Weather(), 1, 1),
        (Weather(lose=1, sources=("2433",)), 1, 0),
        (Weather(lose=1, sources=("master",)), 1, 0),
    ):
        referee = Referee()
        medium = Medium([slave], referee, weather)
        medium.send("master", FRAME, 0)
        medium.run(200000)
        assert len(referee.heartbeats_to("2433")) == heartbeats
        assert len(referee.answers_from("2433")) == answers


def test_what_is_inserted_is_heard():
    medium = Medium([], noise=Weather(insert=1))
    medium.send("other", b"abc", 0)
    heard = medium.run(10000)
    assert len(heard) == 6 and heard[::2] == b"abc"


def test_one_frame_in_fifty_is_lost_at_one_bit_in_a_thousand_bytes():
    medium = Medium([], noise=Weather(11, flip=0.001))
    decoder = Decoder()
    good = 0
    for count in range(3000):
        medium.send("other", FRAME, count * 100000)
        good += len(decoder.feed(medium.run(count * 100000 + 90000), count * 100))
    assert 2900 < good < 2970


def test_weather_on_a_pseudo_terminal():
    weather = Weather(lose=1, sources=("other",))
    with Line([], noise=weather) as line:
        port = os.open(line.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        line.say(b"abc")
        end = time.monotonic() + 60
        while weather.lost < 3 and time.monotonic() < end:
            time.sleep(0.005)
        weather.on = False
        line.say(b"def")
        data = b""
        while len(data) < 3 and time.monotonic() < end:
            try:
                data += os.read(port, 10)
            except BlockingIOError:
                time.sleep(0.005)
        os.close(port)
    assert data == b"def" and weather.lost == 3


# -- who else speaks


def test_a_stuck_transmitter_ruins_what_others_say():
    babbler = Babbler(0, 1000)
    medium = Medium([babbler])
    medium.send("master", FRAME, 500000)
    heard = medium.run(2000000)
    # 1 s at 9600 baud, without a pause.
    assert 950 <= len(heard) <= 1000 and babbler.said >= len(heard)
    assert medium.collisions >= 2 * len(FRAME)


@pytest.mark.parametrize("from_ms", [0, 15570.000000000002, 0.1])
def test_it_may_babble_for_long(from_ms):
    babbler = Babbler(from_ms, from_ms + 20000)
    medium = Medium([babbler])
    medium.run(40000000)
    # 960 bytes a second; each piece ends the millisecond after it could.
    assert 18000 < babbler.said < 19300


def test_noise_now_and_then():
    babbler = Babbler(100, 1100, every_ms=100, values=b"\xc0", piece=2)
    medium = Medium([babbler])
    assert medium.run(99000) == b""
    assert medium.run(100000 + 2 * BYTE_US) == b"\xc0\xc0"
    assert medium.run(5000000) == b"\xc0" * 18
    babbler.begin(6000, 6100)
    assert medium.run(7000000) == b"\xc0\xc0"


def test_a_second_master_says_all_that_a_master_says():
    other = SecondMaster(
        "ABCD",
        "2433",
        16,
        says=("heartbeat", "question", "idle", "ready 1", "ready 2"),
        until_ms=4000,
    )
    medium = Medium([other], referee := Referee())
    heard = Decoder().feed(medium.run(10000000), 0)
    assert [body[:2].hex() for body in heard] == ["fbe0", "fbeb", "fc1d", "fce1", "fbe2"]
    assert heard[0].hex() == "fbe0abcd2433090640" + "00" * 6
    assert other.said == 5 and referee.second_master(5000)


def test_a_second_master_waits_for_a_quiet_line():
    other = SecondMaster(from_ms=10, until_ms=500)
    medium = Medium([other])
    medium.send("master", bytes(100), 0)
    medium.run(1000000)
    assert medium.collisions == 0 and other.said == 1


def test_our_slave_answers_to_a_second_master_too():
    slave = Connector("2433")
    slave.next_event_ms(0)
    slave._link_at = 10**9
    medium = Medium([slave, SecondMaster("ABCD", "2433", 16, until_ms=900)])
    bodies = Decoder().feed(medium.run(1000000), 0)
    assert bodies[1][:6].hex() == "fde02433abcd" and slave.limit_amps == 16

"""The line as a pty: a master's bytes in and out, at 9600 baud or slower, never faster."""

import os
import time

import pytest

from simulator.car import Car
from simulator.connector import Connector
from simulator.line import RECEIVE_BUFFER, Line
from simulator.referee import Referee
from simulator.wire import Decoder, encode, write_amps

BYTE_S = 0.00104
WAIT_S = 60  # for what takes some milliseconds: a busy machine may take long
TRIES = 50  # until it has had the time that a line needs


class Port:
    """The master's end, as the firmware opens it."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.decoder = Decoder()

    def write(self, data):
        # A frame is read before the stray byte after it has passed; who speaks into that byte
        # is not heard.
        time.sleep(0.005)
        os.write(self.fd, data)

    def read(self, wanted=1, seconds=WAIT_S):
        """Read until `wanted` bytes are there; returns them and when each piece came."""
        end = time.monotonic() + seconds
        data, times = b"", []
        while len(data) < wanted and time.monotonic() < end:
            try:
                piece = os.read(self.fd, 1000)
            except BlockingIOError:
                piece = b""
            if piece:
                data += piece
                times.append(time.monotonic())
            else:
                time.sleep(0.002)
        return data, times

    def frame(self, seconds=WAIT_S):
        """The next good frame's body, or None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for body in self.decoder.feed(self.read(1, 0.05)[0], 0):
                return body
        return None


def beat(id="2433", command=9, amps=16):
    head = bytes.fromhex("FBE07777" + id)
    return encode(head + bytes((command,)) + write_amps(amps) + bytes(6), b"")


@pytest.fixture
def bench():
    """A line with one connector that stays silent until it is spoken to, and a port on it."""
    connector = Connector("2433", car=Car())
    connector.next_event_ms(0)
    connector._link_at = 10**9
    referee = Referee()
    with Line([connector], referee) as line:
        port = Port(line.path)
        yield connector, line, port, referee
        os.close(port.fd)


def test_a_heartbeat_is_answered_over_the_pty_and_not_before_the_wire_could(bench):
    connector, line, port, referee = bench
    sent = beat()
    began = time.monotonic()
    port.write(sent)
    body = port.frame()
    took_s = time.monotonic() - began
    assert body[:7].hex() == "fde02433777703" and body[7:9] == write_amps(16)
    least_s = (len(sent) + len(body) + 3) * BYTE_S + connector.answer_ms / 1000
    assert took_s >= least_s - 0.002
    assert [frame.source for frame in referee.frames] == ["master", "2433"]


def test_the_bytes_of_an_answer_are_spread_over_its_time(bench):
    _, _, port, referee = bench
    for _ in range(TRIES):  # or handed over in one piece
        referee.frames.clear()
        port.write(beat())
        data, times = port.read(19)
        assert len(data) == 19
        master, slave = referee.frames
        lasted = [master.ms - master.start_ms, slave.ms - slave.start_ms]
        assert min(lasted) >= 17 and slave.start_ms - master.ms >= 18
        if len(times) > 1 and max(*lasted, slave.start_ms - master.ms) <= 22:
            return
    raise AssertionError((lasted, slave.start_ms - master.ms, times))


def test_a_quick_slave(bench):
    connector, _, port, referee = bench
    connector.answer_ms = 3
    for _ in range(TRIES):
        referee.frames.clear()
        port.write(beat())
        assert port.frame() is not None
        after_ms = referee.frames[1].start_ms - referee.frames[0].ms
        assert after_ms >= 2
        if after_ms <= 5:
            return
    raise AssertionError(after_ms)


def test_a_frame_written_in_pieces_is_one_frame(bench):
    _, _, port, _ = bench
    sent = beat()
    port.write(sent[:5])
    port.write(sent[5:6])
    port.write(sent[6:])
    assert port.frame() is not None


def test_cars_are_changed_live_under_the_lock(bench):
    connector, line, port, _ = bench
    port.write(beat(amps=0))
    assert port.frame()[6] == 3
    with line.lock:
        connector.car.unplug()
        connector.mute = True
    port.write(beat(amps=0))
    assert port.frame(0.3) is None
    with line.lock:
        connector.mute = False
    port.write(beat(amps=0))
    assert port.frame()[6] in (5, 0)


def test_time_passes_for_the_car_without_any_traffic(bench):
    connector, line, port, _ = bench
    port.write(beat(amps=16))
    end = time.monotonic() + WAIT_S
    while connector.draw_amps == 0 and time.monotonic() < end:
        time.sleep(0.05)
    assert connector.relay_closed and connector.draw_amps > 0


def test_two_who_speak_at_once_spoil_it(bench):
    connector, line, port, referee = bench
    with line.lock:
        line.say(bytes(250))
        port.write(beat())
        time.sleep(0.005)
    assert port.frame(0.5) is None
    assert line.medium.collisions > 10 and connector.heartbeats == 0
    port.write(beat())
    assert port.frame() is not None


def test_a_third_party_is_heard_by_the_master(bench):
    _, line, port, _ = bench
    body = bytes.fromhex("FBE0ABCD2434000000" + "00" * 6)
    line.say(encode(body))
    assert port.frame() == body


def test_noise_is_what_the_master_reads(bench):
    _, line, port, _ = bench
    line.medium.noise = lambda value, source, ms: value ^ 1 if source == "2433" else value
    line.say(b"\x10\x11")
    assert port.read(2)[0] == b"\x10\x11"
    line.medium.noise = lambda value, source, ms: value ^ 1
    line.say(b"\x10\x11")
    assert port.read(2)[0] == b"\x11\x10"


def test_what_nobody_reads_is_lost_as_in_a_uart(bench):
    _, line, port, _ = bench
    line.say(bytes(800))
    end = time.monotonic() + WAIT_S
    sending = True
    while sending and time.monotonic() < end:
        time.sleep(0.05)
        with line.lock:
            sending = line.medium.next_event_us(0) < 10**9  # the connector keeps quiet till then
    got = len(port.read(800, 0.5)[0])
    assert got + line.lost == 800
    # The kernel counts a little late what it holds unread.
    assert RECEIVE_BUFFER <= got < 2 * RECEIVE_BUFFER


def test_the_master_may_close_and_open_again(bench):
    _, line, port, _ = bench
    port.write(beat())
    assert port.frame() is not None
    other = Port(line.path)
    os.close(port.fd)
    other.write(beat())
    assert other.frame() is not None
    os.close(other.fd)
    port.fd = os.open(line.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    port.write(beat())
    assert port.frame() is not None


def test_stop_tells_what_the_thread_died_of():
    line = Line([Connector("2433")], noise=lambda value, source, ms: 1 // 0).start()
    line.say(b"a")
    line._thread.join(WAIT_S)
    with pytest.raises(ZeroDivisionError):
        line.stop()
    line.stop()
    with pytest.raises(RuntimeError, match="make a new Line"):
        line.start()

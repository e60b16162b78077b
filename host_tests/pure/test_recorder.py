"""The recording of the last frames.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

from firmware.recorder import Recorder


def lines(recorder):
    """The frames of a recording, without its head."""
    found = list(recorder.lines())
    assert found[0].startswith("# ") and found[0].endswith("\n")
    assert all([line.endswith("\n") and line.count("\n") == 1 for line in found])
    return found[1:]


def numbered(count, frames):
    """A recorder for so many frames, and so many noted: each is one byte, its number."""
    recorder = Recorder(frames)
    for number in range(count):
        recorder.note(number, "<", bytes((number & 255,)))
    return recorder


def shown(recorder):
    return [int(line.split()[-1], 16) for line in lines(recorder)]


def test_a_line_as_it_is_shown():
    recorder = Recorder(4)
    body = b"\xfb\xe0\x77\x77\x24\x33\x09\x06\x40\x00\x00\x00\x00\x00\x00"
    recorder.note(12345, ">", body)
    recorder.note(12407, "<", b"\xfd\xe0")
    recorder.note(3600000, "=", b"\x00")
    recorder.note(98765432, "!", b"")
    assert lines(recorder) == [
        "    12.345 > FB E0 77 77 24 33 09 06 40 00 00 00 00 00 00\n",
        "    12.407 < FD E0\n",
        "  3600.000 = 00\n",
        " 98765.432 ! \n",
    ]


def test_nothing_recorded_yet():
    assert lines(Recorder(5)) == []


def test_the_last_ones_are_kept_oldest_first():
    for frames in (1, 2, 7, 400):
        for count in (0, 1, frames - 1, frames, frames + 1, 3 * frames + 2):
            if count <= 255:
                expected = list(range(max(0, count - frames), count))
                assert shown(numbered(count, frames)) == expected, (frames, count)


def test_frames_of_every_length_up_to_twenty_bytes_are_whole():
    recorder = Recorder(30)
    for length in range(31):
        recorder.note(length, "<", bytes(range(100, 100 + length)))
    for line in lines(recorder):
        _, _, *data = line.split()
        length = int(line.split()[0].split(".")[1])
        assert data == [f"{byte:02X}" for byte in range(100, 100 + min(length, 20))]


def test_a_short_frame_shows_nothing_of_the_longer_one_before_it():
    recorder = Recorder(1)
    recorder.note(0, "<", bytes(range(20)))
    recorder.note(1, "!", b"\xaa")
    assert lines(recorder) == ["     0.001 ! AA\n"]


def test_any_bytes_will_do():
    recorder = Recorder(3)
    for data in (b"\x01\x02", bytearray(b"\x01\x02"), memoryview(b"\x01\x02")):
        recorder.note(0, "<", data)
    assert [line[-6:] for line in lines(recorder)] == ["01 02\n"] * 3


def test_times_begin_anew_after_49_days_and_disturb_nothing_else():
    recorder = Recorder(2)
    recorder.note(0xFFFFFFFF, "<", b"\x01")
    recorder.note(0x100000000 + 1234, ">", b"\x02")
    assert [line.split() for line in lines(recorder)] == [
        ["4294967.295", "<", "01"],
        ["1.234", ">", "02"],
    ]


def test_what_is_overwritten_while_it_is_read_is_left_out():
    recorder = numbered(5, 5)
    reading = recorder.lines()
    found = [next(reading), next(reading), next(reading)]
    for number in range(5, 8):
        recorder.note(number, "<", bytes((number,)))
    found += list(reading)
    # Frames 0 and 1 were read; 2 is gone, and no line is another frame's.
    assert [line.split()[-1] for line in found[1:]] == ["00", "01", "03", "04"]


def test_its_memory_is_taken_at_once():
    recorder = Recorder(10)
    before = len(recorder._ring)
    for number in range(1000):
        recorder.note(number, "<", bytes(300))
    assert len(recorder._ring) == before

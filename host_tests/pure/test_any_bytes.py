"""Bytes that no wall connector would send: no exception, nothing grows, and the line heals.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

import gc

from fuzz_bench import ALLOWED, CODES, LENGTHS, Dice, Line, heals, noise, pour, sense
from master_bench import Box

from twc import frame, message, raw


def test_bytes_of_any_kind():
    for seed in range(6):
        line = Line()
        pour(line, Dice(seed), 5000)
        assert line.decoder.good > 100 and line.decoder.bad > 10
        heals(line)


def test_noise_alone():
    line = Line()
    dice = Dice(99)
    for _ in range(200):
        line.hear(noise(dice, 50))
        line.bounded()
    heals(line)


def test_each_frame_in_each_length_with_every_byte_alike():
    line = Line()
    for code in CODES:
        for length in LENGTHS:
            for fill in (0x00, 0x01, 0x77, 0x7F, 0x80, 0xC0, 0xDB, 0xFF):
                body = bytes((code >> 8, code & 255)) + bytes((fill,)) * (length - 2)
                line.hear(frame.encode(body))
                line.bounded()
    heals(line)


def test_bodies_of_every_length_from_nothing_on():
    line = Line()
    line.hear(frame.encode(Box("1111").link_ready()))
    for code in CODES:
        for length in range(25):
            body = (bytes((code >> 8, code & 255, 0x11, 0x11, 0x77, 0x77)) + bytes(30))[:length]
            line.master.heard(body, line.now_ms)
            line.questions.heard(body, line.now_ms)
            line.recorder.note(line.now_ms, "<", body)
    line.run(3000)


def test_clocks_that_jump():
    line = Line()
    dice = Dice(5)
    for _ in range(300):
        line.hear(sense(dice))
        if dice.below(10) == 0:
            line.now_ms += dice.one((500, 3000, 30000, 61000, 700000, 90000000))
        line.bounded()
    heals(line)


def test_raw_commands_of_any_kind():
    dice = Dice(7)
    words = (b"FBEB", b"2433", b"FC19", b"fb19", b" ", b"\xff", b"FCB1", b"0", b"\xc3\xa4", b"\n")
    for _ in range(3000):
        payload = bytes(noise(dice, dice.below(12)))
        for _ in range(dice.below(5)):
            payload += dice.one(words)
        body, why = raw.parse(payload, "7777", ["2433"], lambda unit_id: True)
        assert (body is None) != (why is None), payload
        if body is not None:
            assert message.function(body) in ALLOWED + (0xFCB1, 0xFCB2), payload


def allocated():
    """Bytes in use, after what is garbage was collected."""
    gc.collect()
    gc.collect()
    if hasattr(gc, "mem_alloc"):
        return gc.mem_alloc()
    import tracemalloc

    if not tracemalloc.is_tracing():
        tracemalloc.start()
    return tracemalloc.get_traced_memory()[0]


def test_a_hundred_thousand_bytes_and_no_byte_more_in_memory():
    line = Line()
    dice = Dice(3)
    allocated()
    pour(line, dice, 100000)  # all that is ever kept has its size by then
    line.run(130000)
    before = allocated()
    pour(line, dice, 100000)
    line.run(130000)
    grown = allocated() - before
    list(line.recorder.lines())
    if not hasattr(gc, "mem_alloc"):
        import tracemalloc

        tracemalloc.stop()
    # Some texts and numbers are longer than they were; a byte for each frame would be more.
    assert grown < 2500, grown

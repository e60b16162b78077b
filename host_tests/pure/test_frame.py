"""Framing: what is on the wire, what is dropped and counted, and what a cut stream costs."""

import gc

import frames

from twc import frame

ALL_GOOD = [row[0] for row in frames.CAPTURED + frames.MADE + frames.MADE_ESCAPED]
LENGTHS = (13, 14, 15, 16, 20)  # with the checksum
HEARTBEAT = frames.bytes_of("FD E0 20 19 77 77 08 02 58 02 10 00 00 00 00 7B")


class Listener:
    """A decoder and what it found."""

    def __init__(self):
        self.decoder = frame.Decoder()
        self.bodies = []
        self.now_ms = 1000

    def feed(self, data, after_ms=0):
        self.now_ms += after_ms
        self.decoder.feed(data, len(data), self.now_ms, self._take)
        return self.bodies

    def _take(self, body, now_ms):
        assert now_ms == self.now_ms
        self.bodies.append(body)

    def counts(self):
        return self.decoder.good, self.decoder.bad, self.decoder.short


def body_with(length, position, value):
    """A body of `length` - 1 bytes in which `value` stands at `position`, or is the checksum."""
    body = bytearray([0xFD, 0xE0] + [(17 * index) & 0x7F for index in range(2, length - 1)])
    if position < length - 1:
        body[position] = value
    else:
        body[5] = (body[5] + value - sum(body[1:])) & 0xFF
    return bytes(body)


def test_all_good_frames_are_found_and_counted():
    for text in ALL_GOOD:
        whole = frames.bytes_of(text)
        listener = Listener()
        assert listener.feed(frames.on_the_wire(whole)) == [whole[:-1]], text
        assert listener.counts() == (1, 0, 0), text


def test_all_good_frames_in_one_stream_with_and_without_shared_marks():
    bodies = [frames.bytes_of(text)[:-1] for text in ALL_GOOD]
    stream = b"".join([frames.on_the_wire(frames.bytes_of(text)) for text in ALL_GOOD])
    assert Listener().feed(stream) == bodies
    assert Listener().feed(stream.replace(b"\xc0\xc0", b"\xc0")) == bodies


def test_bodies_are_bytes_of_their_own():
    # A body that is a view of the decoder's buffer would change under its owner.
    listener = Listener()
    buffer = bytearray(frames.on_the_wire(HEARTBEAT))
    listener.feed(buffer)
    for index in range(len(buffer)):
        buffer[index] = 0x55
    listener.feed(frames.on_the_wire(frames.bytes_of(ALL_GOOD[0])))
    assert listener.bodies[0] == HEARTBEAT[:-1]
    assert isinstance(listener.bodies[0], bytes)


def test_only_the_given_length_of_the_buffer_counts():
    wire = frames.on_the_wire(HEARTBEAT)
    decoder = frame.Decoder()
    found = []
    decoder.feed(wire + wire, len(wire), 0, lambda body, _: found.append(body))
    assert found == [HEARTBEAT[:-1]]
    decoder.feed(wire, 0, 0, lambda body, _: found.append(body))
    assert decoder.good == 1


def test_captured_broken_frames_are_dropped_and_counted():
    for text, why in frames.CAPTURED_BROKEN:
        listener = Listener()
        assert listener.feed(frames.on_the_wire(frames.bytes_of(text))) == [], why
        assert listener.counts() == (0, 1, 0), why


def test_a_broken_frame_costs_no_other():
    for text, why in frames.CAPTURED_BROKEN:
        good = frames.on_the_wire(HEARTBEAT)
        listener = Listener()
        listener.feed(good + frames.on_the_wire(frames.bytes_of(text)) + good)
        assert listener.bodies == [HEARTBEAT[:-1]] * 2, why
        assert listener.counts() == (2, 1, 0), why


def test_encoding_gives_the_bytes_on_the_wire():
    for text in ALL_GOOD:
        whole = frames.bytes_of(text)
        assert frame.checksum(whole[:-1]) == whole[-1], text
        assert frame.encode(whole[:-1]) == frames.on_the_wire(whole), text


def test_escaped_bytes_as_written_out_by_hand():
    for text, wire, _ in frames.MADE_ESCAPED:
        whole, wire = frames.bytes_of(text), frames.bytes_of(wire)
        assert frame.encode(whole[:-1]) == wire, text
        assert Listener().feed(wire) == [whole[:-1]], text


def test_encoding_takes_any_bytes_like_body():
    body = HEARTBEAT[:-1]
    assert frame.encode(bytearray(body)) == frame.encode(memoryview(body)) == frame.encode(body)


def test_the_checksum_leaves_out_the_first_byte():
    body = bytearray(HEARTBEAT[:-1])
    body[0] = 0xFB
    assert frame.checksum(body) == frame.checksum(HEARTBEAT[:-1]) == 0x7B
    body[14] = 1
    assert frame.checksum(body) == 0x7C


def test_every_value_in_every_position_survives_the_round_trip():
    for length in LENGTHS:
        for position in range(length):
            listener = Listener()
            expected = []
            for value in range(256):
                body = body_with(length, position, value)
                wire = frame.encode(body)
                whole = body + bytes([sum(body[1:]) & 0xFF])
                assert whole[position] == value
                assert wire == frames.on_the_wire(whole), (length, position, value)
                listener.feed(wire)
                expected.append(body)
            assert listener.bodies == expected, (length, position)
            assert listener.counts() == (256, 0, 0), (length, position)


def test_a_frame_in_which_all_is_escaped():
    for value in (0xC0, 0xDB):
        body = bytes([value] * 19)
        wire = frame.encode(body)
        assert len(wire) >= 2 + 2 * 19
        assert wire[1:-1].find(b"\xc0") == -1
        assert Listener().feed(wire) == [body]


def test_any_other_byte_after_an_escape_is_corruption():
    for value in range(256):
        if value in (0xC0, 0xDC, 0xDD):
            continue
        # Whichever of the two the escape is taken for, the checksum would be right.
        for taken_for in (value, 0xDB, 0xC0):
            inside = bytearray(HEARTBEAT[:-1])
            inside[4] = taken_for
            inside.append(sum(inside[1:]) & 0xFF)
            if inside[-1] in (0xC0, 0xDB):
                continue
            wire = b"\xc0" + inside[:4] + bytes([0xDB, value]) + inside[5:] + b"\xc0"
            listener = Listener()
            assert listener.feed(wire) == [], value
            assert listener.counts() == (0, 1, 0), value


def test_an_escape_before_the_mark_does_not_swallow_the_mark():
    good = frames.on_the_wire(HEARTBEAT)
    listener = Listener()
    listener.feed(good[:9] + b"\xdb" + good + good)
    assert listener.bodies == [HEARTBEAT[:-1]] * 2
    assert listener.decoder.bad == 1


def test_each_wrong_checksum_is_dropped():
    for wrong in range(256):
        if wrong in (HEARTBEAT[-1], 0xC0, 0xDB):
            continue
        listener = Listener()
        assert listener.feed(b"\xc0" + HEARTBEAT[:-1] + bytes([wrong, 0xC0])) == []
        assert listener.counts() == (0, 1, 0)


def test_each_length_that_no_frame_has_is_dropped():
    for length in range(3, 60):
        body = bytes([0xFD] + [1] * (length - 2))
        whole = body + bytes([sum(body[1:]) & 0xFF])
        listener = Listener()
        listener.feed(b"\xc0" + whole + b"\xc0")
        if length in LENGTHS:
            assert listener.bodies == [body]
        else:
            assert listener.bodies == [] and listener.counts() == (0, 1, 0), length


def test_the_byte_that_follows_a_frame_is_ignored():
    for byte in (0xFC, 0xFE, 0xF8, 0xFA, 0xFF):
        listener = Listener()
        for _ in range(3):
            listener.feed(frames.on_the_wire(HEARTBEAT) + bytes([byte]))
        assert listener.bodies == [HEARTBEAT[:-1]] * 3
        assert listener.counts() == (3, 0, 0)


def test_too_quick_a_sequence_is_counted_on_its_own():
    listener = Listener()
    listener.feed(b"\xc0\x7c\x00\xc0")
    assert listener.counts() == (0, 0, 1)
    listener.feed(frames.on_the_wire(HEARTBEAT))
    assert listener.counts() == (1, 0, 1)


def test_what_stands_before_the_first_mark_is_ignored():
    listener = Listener()
    listener.feed(HEARTBEAT + b"\xdb")
    listener.feed(HEARTBEAT[:5])
    listener.feed(frames.on_the_wire(HEARTBEAT))
    assert listener.bodies == [HEARTBEAT[:-1]]
    assert listener.counts() == (1, 0, 0)


def test_joining_in_the_middle_costs_one_frame():
    good = frames.on_the_wire(HEARTBEAT)
    for start in range(1, len(good)):
        listener = Listener()
        listener.feed(good[start:] + good + good)
        assert listener.bodies == [HEARTBEAT[:-1]] * 2, start


def test_a_cut_frame_costs_only_itself():
    good = frames.on_the_wire(HEARTBEAT)
    for start in range(len(good)):
        for end in range(start + 1, len(good) + 1):
            listener = Listener()
            listener.feed(good + good[:start] + good[end:] + good)
            # A lost mark is made good by the neighbour's. (What is left of a cut frame may
            # pass the checksum by chance, so only the whole ones are counted.)
            lost_marks_only = (start, end) in ((0, 1), (len(good) - 1, len(good)))
            whole = listener.bodies.count(HEARTBEAT[:-1])
            assert whole == (3 if lost_marks_only else 2), (start, end)


def test_any_chunks_give_the_same():
    wire = frames.bytes_of(frames.MADE_ESCAPED[0][1])
    body = frames.bytes_of(frames.MADE_ESCAPED[0][0])[:-1]
    for first in range(len(wire) + 1):
        for second in range(first, len(wire) + 1):
            listener = Listener()
            listener.feed(wire[:first])
            listener.feed(wire[first:second], 20)
            listener.feed(wire[second:], 20)
            assert listener.bodies == [body], (first, second)


def test_two_seconds_of_silence_drop_an_unfinished_frame():
    good = frames.on_the_wire(HEARTBEAT)
    for cut in range(2, len(good)):
        listener = Listener()
        listener.feed(good[:cut])
        listener.feed(good[cut:], 2001)
        assert listener.bodies == [], cut
        listener.feed(good)
        assert listener.bodies == [HEARTBEAT[:-1]], cut


def test_a_shorter_silence_does_not():
    good = frames.on_the_wire(HEARTBEAT)
    for cut in range(1, len(good)):
        listener = Listener()
        listener.feed(good[:cut])
        listener.feed(good[cut:], 1900)
        assert listener.bodies == [HEARTBEAT[:-1]], cut


def test_silence_is_measured_from_the_last_byte():
    good = frames.on_the_wire(HEARTBEAT)
    listener = Listener()
    for index in range(len(good)):
        listener.feed(good[index : index + 1], 500)
    assert listener.bodies == [HEARTBEAT[:-1]]


def test_an_unfinished_frame_counts_as_bad_after_silence():
    # Also one of which nothing but the closing mark is missing: it was not delivered.
    good = frames.on_the_wire(HEARTBEAT)
    for cut in range(4, len(good)):
        listener = Listener()
        listener.feed(good[:cut])
        listener.feed(good, 3000)
        assert listener.bodies == [HEARTBEAT[:-1]]
        assert listener.counts() == (1, 1, 0), cut


def test_silence_drops_an_escape_that_was_begun():
    # The body would be complete with the byte after the silence.
    body = frames.bytes_of("FD E0 C0 DB 77 77 01 0C 80 0B DB 00 00 00 00 DC")[:-1]
    body = bytes([0xC0]) + body[1:]
    wire = frame.encode(body)
    assert wire[:3] == b"\xc0\xdb\xdc"
    listener = Listener()
    listener.feed(wire[:2])
    listener.feed(wire[2:], 2001)
    assert listener.bodies == []


def test_noise_never_raises_never_grows_and_costs_nothing_after():
    good = frames.on_the_wire(HEARTBEAT)
    listener = Listener()
    state = 1
    for alphabet in (
        bytes(range(256)),
        b"\xc0\xdb\xdc\xdd\x00",
        b"\x00",
        b"\xdb",
        b"\x00\xdb\xdc",
    ):
        noise = bytearray(500)
        for _ in range(20):
            for index in range(len(noise)):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                noise[index] = alphabet[(state >> 16) % len(alphabet)]
            listener.feed(noise)
            listener.bodies.clear()
            listener.feed(good)
            assert listener.bodies == [HEARTBEAT[:-1]]


def test_a_frame_that_never_ends_takes_no_memory():
    if not hasattr(gc, "mem_alloc"):
        return  # CPython; test_frame_stream.py looks there
    listener = Listener()
    noise = bytes([0x55] * 400)
    listener.feed(b"\xc0" + noise)
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(200):
        listener.feed(noise)
    gc.collect()
    assert gc.mem_alloc() - before < 400
    listener.feed(frames.on_the_wire(HEARTBEAT))
    assert listener.bodies == [HEARTBEAT[:-1]] and listener.decoder.bad == 1

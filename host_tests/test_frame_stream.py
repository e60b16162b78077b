"""A stream of frames with garbage between, cut anywhere, in any chunks."""

import tracemalloc

from hypothesis import example, given, settings
from hypothesis import strategies as st
from properties import steady

from twc import answers, frame

# The same examples each time, and no time limit for one: other tests may run beside.

BODIES = st.sampled_from([12, 13, 14, 15, 19]).flatmap(
    # Marks and escapes more often than chance would have it.
    lambda length: st.lists(
        st.one_of(st.integers(0, 255), st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0])),
        min_size=length,
        max_size=length,
    ).map(bytes)
)
GARBAGE = st.one_of(
    st.just(b""),
    st.sampled_from([b"\xfc", b"\xfe", b"\xdb", b"\xc0", b"\xdb\xdc", b"\x7c\x00"]),
    st.binary(max_size=60),
    st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xFD, 0x00]), max_size=60).map(bytes),
)
STREAMS = st.lists(st.tuples(GARBAGE, BODIES), min_size=1, max_size=8)


class Reader:
    """A decoder, what it found, and how."""

    def __init__(self):
        self.decoder = frame.Decoder()
        self.bodies = []
        self.now_ms = 0

    def feed(self, data, after_ms=0):
        self.now_ms += after_ms
        self.decoder.feed(data, len(data), self.now_ms, self._take)
        assert self.decoder.good == len(self.bodies)

    def _take(self, body, now_ms):
        self.bodies.append(body)

    def check(self):
        """Whatever came: every body has a length that frames have and can be decoded."""
        for body in self.bodies:
            assert len(body) in (12, 13, 14, 15, 19)
            assert answers.decode(body)["type"]


def keep_in(found):
    """What puts each body into the list `found`."""
    return lambda body, now_ms: found.append(body)


def laid_out(stream):
    """The bytes of a stream, and (start, end, body) of each frame in it, marks included."""
    data = b""
    places = []
    for garbage, body in stream:
        data += garbage
        wire = frame.encode(body)
        places.append((len(data), len(data) + len(wire), body))
        data += wire
    return data, places


def chunks(data, cuts):
    """`data` cut at the places `cuts` (fractions of its length)."""
    at = sorted({0, len(data), *(int(cut * len(data)) for cut in cuts)})
    return [data[start:end] for start, end in zip(at, at[1:], strict=False)]


def has_in_order(found, wanted):
    """Whether all of `wanted` are in `found`, in order; garbage may look like a frame too."""
    rest = iter(found)
    return all(any(one == body for body in rest) for one in wanted)


CUTS = st.lists(st.floats(0, 1), max_size=12)


@settings(steady, max_examples=200)
@given(STREAMS, GARBAGE, CUTS)
def test_garbage_between_frames_costs_none(stream, tail, cuts):
    data, places = laid_out(stream)
    reader = Reader()
    for chunk in chunks(data + tail, cuts):
        reader.feed(chunk, 20)
    reader.check()
    assert has_in_order(reader.bodies, [body for _, _, body in places])


@settings(steady, max_examples=200)
@given(STREAMS, st.floats(0, 1), st.floats(0, 1), CUTS)
def test_a_missing_piece_costs_the_frames_it_was_cut_from(stream, start, end, cuts):
    data, places = laid_out(stream)
    start, end = sorted((int(start * len(data)), int(end * len(data))))
    reader = Reader()
    for chunk in chunks(data[:start] + data[end:], cuts):
        reader.feed(chunk, 20)
    reader.check()
    whole = [body for first, last, body in places if last <= start or first >= end]
    assert has_in_order(reader.bodies, whole)


@settings(steady, max_examples=200)
@given(STREAMS, st.floats(0, 1), st.binary(min_size=1, max_size=30), st.booleans(), CUTS)
def test_garbled_bytes_cost_the_frames_they_hit(stream, at, noise, insert, cuts):
    data, places = laid_out(stream)
    at = int(at * len(data))
    end = at if insert else min(len(data), at + len(noise))
    reader = Reader()
    for chunk in chunks(data[:at] + noise + data[end:], cuts):
        reader.feed(chunk, 20)
    reader.check()
    whole = [body for first, last, body in places if last <= at or first >= end]
    assert has_in_order(reader.bodies, whole)


@settings(steady, max_examples=200)
@given(st.binary(max_size=600), CUTS)
def test_joining_anywhere_costs_at_most_one_frame(data, cuts):
    body = b"\xfd\xe0\x24\x33\x77\x77\x01\xc0\xdb\x05\xc0\x11\x22\x33\x44"
    reader = Reader()
    for chunk in chunks(data, cuts):
        reader.feed(chunk, 20)
    before = len(reader.bodies)
    for _ in range(2):
        reader.feed(frame.encode(body))
    reader.check()
    assert reader.bodies[before:].count(body) == 2


@settings(steady, max_examples=200)
@given(STREAMS, CUTS)
def test_one_byte_at_a_time_finds_the_same(stream, cuts):
    data, _ = laid_out(stream)
    whole, pieces, single = Reader(), Reader(), Reader()
    whole.feed(data)
    for chunk in chunks(data, cuts):
        pieces.feed(chunk, 1)
    for index in range(len(data)):
        single.feed(data[index : index + 1], 1)
    assert whole.bodies == pieces.bodies == single.bodies
    counts = [(r.decoder.good, r.decoder.bad, r.decoder.short) for r in (whole, pieces, single)]
    assert counts[0] == counts[1] == counts[2]


@settings(steady, max_examples=200)
@given(
    st.lists(st.tuples(st.binary(max_size=80), st.integers(0, 6000)), max_size=20),
    BODIES,
    st.integers(0, 6000),
)
@example(  # all but the closing mark, then silence
    [(b"\xc0" + bytes(13), 0), (b"", 3000)], bytes(15), 3000
)
def test_arbitrary_bytes_and_pauses_never_raise_and_cost_nothing_after(pieces, body, pause_ms):
    reader = Reader()
    for data, after_ms in pieces:
        reader.feed(data, after_ms)
    before = len(reader.bodies)
    reader.feed(frame.encode(body), pause_ms)
    reader.check()
    assert reader.bodies[before:][-1:] == [body]


@settings(steady, max_examples=200)
@given(BODIES, st.floats(0, 1), st.integers(2001, 10**9), BODIES)
def test_silence_drops_an_unfinished_frame(body, at, pause_ms, after):
    wire = frame.encode(body)
    cut = 2 + int(at * (len(wire) - 3))  # at least one byte of it, and not the closing mark
    reader = Reader()
    reader.feed(wire[:cut])
    reader.feed(wire[cut:], pause_ms)
    assert reader.bodies == []
    reader.feed(frame.encode(after))
    assert reader.bodies == [after]
    # Counted, if it was more than the stray bytes that follow frames.
    lost = len(wire[1:cut].replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb"))
    assert reader.decoder.good == 1
    if lost >= 3:
        assert reader.decoder.bad == 1


@settings(steady, max_examples=200)
@given(BODIES, st.floats(0, 1), st.integers(0, 1999))
def test_a_shorter_silence_costs_nothing(body, at, pause_ms):
    wire = frame.encode(body)
    cut = int(at * len(wire))
    reader = Reader()
    reader.feed(wire[:cut])
    reader.feed(wire[cut:], pause_ms)
    assert reader.bodies == [body]


def test_endless_noise_takes_no_memory():
    for noise in (bytes([0x55]) * 4096, bytes([0xDB]) * 4096, b"\xdb\xdc" * 2048):
        decoder = frame.Decoder()
        found = []
        decoder.feed(b"\xc0" + noise, len(noise) + 1, 0, keep_in(found))
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for _ in range(50):
                decoder.feed(noise, len(noise), 0, keep_in(found))
            after, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert after - before < 500 and peak - before < 2000
        assert found == []
        decoder.feed(b"\xc0", 1, 0, keep_in(found))
        assert (decoder.good, decoder.bad) == (0, 1)

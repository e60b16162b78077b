"""The decoder, the master and all that hears the line, searched for bytes that they can't bear.

The same with dice, and what it does to memory: pure/test_any_bytes.py, under MicroPython too.
"""

import sys
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from properties import steady

sys.path.append(str(Path(__file__).parent / "pure"))

from fuzz_bench import CODES, IDS, Line, heals

from twc import answers, frame, message, raw

# The same examples each time, and no time limit for one: other tests may run beside.

ids = st.sampled_from(IDS).map(lambda number: number.to_bytes(2, "big"))
field = st.one_of(
    st.integers(0, 0xFFFF), st.sampled_from([0, 25, 99, 600, 1200, 3200, 3520, 0xFFFF])
).map(lambda number: number.to_bytes(2, "big"))
# Any fields in a frame whose checksum is right.
frames = st.builds(
    lambda code, sender, receiver, state, maximum, actual, rest, length: (
        code.to_bytes(2, "big") + sender + receiver + state + maximum + actual + rest
    )[:length],
    st.sampled_from(CODES) | st.integers(0, 0xFFFF),
    ids,
    ids,
    st.binary(min_size=1, max_size=1),
    field,
    field,
    st.binary(min_size=10, max_size=10),
    st.sampled_from([12, 13, 14, 15, 19]),
)
linking = st.builds(
    lambda sender, maximum, length: (b"\xfd\xe2" + sender + b"\x11" + maximum + bytes(10))[
        :length
    ],
    ids,
    field,
    st.sampled_from([13, 15]),
)
pieces = st.one_of(
    st.binary(max_size=80).map(lambda data: ("bytes", data)),
    st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0xFD, 0xE0]), max_size=30).map(
        lambda data: ("bytes", bytes(data))
    ),
    frames.map(lambda body: ("bytes", frame.encode(body))),
    frames.map(lambda body: ("bytes", frame.encode(body))),
    linking.map(lambda body: ("bytes", frame.encode(body))),
    st.tuples(frames, st.integers(0, 39), st.integers(0, 255)).map(
        lambda parts: ("bytes", spoiled(*parts))
    ),
    st.sampled_from([20, 150, 1000, 3000, 12000]).map(lambda ms: ("run", ms)),
    st.sampled_from([2100, 27000, 61000, 4000000]).map(lambda ms: ("stall", ms)),
)


def spoiled(body, at, value):
    """A frame on the wire with one byte that is another."""
    wire = bytearray(frame.encode(body))
    wire[at % len(wire)] = value
    return bytes(wire)


@settings(steady, max_examples=400)
@given(st.lists(pieces, max_size=40))
@example([("bytes", frame.encode(b"\xfd\xe2\x11\x11\x11" + bytes(10)))] * 2 + [("run", 3000)])
def test_nothing_that_is_heard_makes_it_fail_grow_or_stay_broken(stream):
    line = Line()
    for kind, what in stream:
        if kind == "bytes":
            line.hear(what)
        elif kind == "run":
            line.run(what)
        else:
            line.now_ms += what
        line.bounded()
    heals(line)


@settings(steady, max_examples=500)
@given(st.lists(frames | st.binary(max_size=24), min_size=1, max_size=30))
def test_bodies_of_any_kind_and_length(bodies):
    line = Line()
    for body in bodies:
        assert line.master.heard(body, line.now_ms) in (True, False)
        assert line.questions.heard(body, line.now_ms) in (True, False)
        assert answers.decode(body)["type"]
        fields = message.decode(body)
        assert fields is None or fields["type"]
        line.recorder.note(line.now_ms, "<", body)
        line.run(50)
        line.bounded()
    assert len(list(line.recorder.lines())) <= 21


@settings(steady, max_examples=500)
@given(frames | st.binary(max_size=24))
def test_the_gate_bears_any_proposal(body):
    line = Line()
    why = line.gate.refusal(body, 0)
    assert why is None or why


words = st.sampled_from([b"FBEB", b"FC19", b"FCB2", b"fb1a", b"2433", b" ", b"\t", b"\xc3", b"0x"])


@settings(steady, max_examples=500)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(words, max_size=6).map(b"".join),
    )
)
def test_raw_commands_of_any_kind(payload):
    body, why = raw.parse(payload, "7777", ["2433"], lambda unit_id: True)
    assert (body is None) != (why is None)
    if body is not None:
        assert message.function(body) not in (0xFC19, 0xFC1A, 0xFBE8, 0xFBE0, 0xFCE1, 0xFBE2)
        assert Line().gate.refusal(body, 0) is None or body[0] == 0xFC

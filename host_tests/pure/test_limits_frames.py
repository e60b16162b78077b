"""What the gate lets through at all: an allow-list of functions, commands and lengths.

Plain functions and bare asserts: they run under CPython and under MicroPython. Source: "Who says
what", "Never send" and "Heartbeat commands" of the protocol notes.
"""

from gate_bench import OPEN_MS, gate, hear, link, most, pair, say

from twc import message

LINK_READY = (0xFBE2, 0xFCE1)
OLD_QUESTIONS = (0xFB19, 0xFB1A, 0xFB1B)
QUESTIONS = (0xFBB4, 0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1)
CONTACTORS = (0xFCB1, 0xFCB2)
HEARTBEAT = 0xFBE0


def passing(g, rest, length, sender="7777"):
    """All functions, of 65 536, that pass in a body of this length with these bytes after the
    sender."""
    body = bytearray(message.encode(0, sender, rest, length))
    found = []
    for high in range(256):
        body[0] = high
        for low in range(256):
            body[1] = low
            if g.refusal(body, OPEN_MS) is None:
                found.append(high << 8 | low)
    return found


def switching():
    """A gate with a linked slave AAAA, whose contactors may be switched, and BBBB."""
    g = gate(switched=("AAAA",))
    for slave_id in ("AAAA", "BBBB"):
        link(g, slave_id, OPEN_MS)
        hear(g, slave_id, 0, 0, OPEN_MS, 0)
    return g


def test_of_all_long_frames_to_a_slave_only_these_leave():
    g = switching()
    assert passing(g, (0xBB, 0xBB), 15) == sorted(QUESTIONS + (HEARTBEAT,))


def test_contactors_only_where_they_are_allowed():
    g = switching()
    found = passing(g, (0xAA, 0xAA), 15)
    assert found == sorted(QUESTIONS + CONTACTORS + (HEARTBEAT,))
    for code in CONTACTORS:
        for slave_id, passes in (("AAAA", True), ("BBBB", False), ("1234", False)):
            why = g.refusal(message.to_slave(code, "7777", slave_id), OPEN_MS)
            assert (why is None) == passes
            assert passes or f"{code:04X}" in why


def test_of_all_short_frames_only_these_leave():
    # With an id in it no old question is one; a heartbeat of protocol 1 is as short.
    assert passing(switching(), (0xAA, 0xAA), 13) == sorted(LINK_READY + (HEARTBEAT,))


def test_old_questions_carry_nothing_but_zeros():
    g = switching()
    assert passing(g, (), 13, "0000") == sorted(OLD_QUESTIONS + LINK_READY)
    for code in OLD_QUESTIONS:
        for at in range(2, 13):
            body = bytearray(13)
            body[0] = code >> 8
            body[1] = code & 255
            assert g.refusal(body, OPEN_MS) is None
            body[at] = 1
            assert f"{code:04X}" in g.refusal(body, OPEN_MS), (code, at)


def test_what_writes_or_crashes_never_leaves_in_any_length():
    g = switching()
    for code in (0xFC19, 0xFC1A, 0xFBE8):
        for length in range(4, 24):
            for rest in ((), (0xAA, 0xAA)):
                body = (message.encode(code, "7777", rest, 15) + bytes(10))[:length]
                assert g.refusal(body, OPEN_MS), (code, length)


def test_the_refusal_names_the_function():
    g = pair()
    for code in (0xFC19, 0xFC1A, 0xFBE8, 0xFCB1, 0xFCB2, 0xFC1D, 0xFDE0, 0xFDE2, 0xFDEB):
        for length in (13, 15):
            why = g.refusal(message.encode(code, "7777", (0xAA, 0xAA), length), OPEN_MS)
            assert why and f"{code:04X}" in why, (code, why)


def test_a_frame_of_a_wrong_length_is_refused_whatever_it_is():
    g = switching()
    codes = (HEARTBEAT,) + LINK_READY + OLD_QUESTIONS + QUESTIONS + CONTACTORS
    for code in codes:
        body = message.encode(code, "7777", (0xAA, 0xAA), 15) + bytes(15)
        for length in range(31):
            if length not in (13, 15):
                assert g.refusal(body[:length], OPEN_MS), (code, length)


def test_long_questions_do_not_leave_short_nor_short_ones_long():
    g = switching()
    for code in QUESTIONS + CONTACTORS:
        assert g.refusal(message.encode(code, "7777", (0xAA, 0xAA), 13), OPEN_MS), code
    for code in LINK_READY + OLD_QUESTIONS:
        assert g.refusal(message.encode(code, "0000", (), 15), OPEN_MS), code


def test_questions_pass_from_the_first_moment_and_change_no_books():
    # They offer nothing, so the 40 s, a second master and the sum of claims are not theirs.
    g = gate(6)
    link(g, "AAAA", 0)
    g.hold_raises(90000)
    claim = g.claims["AAAA"]
    before = (claim.ca(), claim.sent_ca, claim.heartbeat_ms)
    for code in QUESTIONS:
        assert g.refusal(message.to_slave(code, "7777", "AAAA"), 1000) is None
    assert (claim.ca(), claim.sent_ca, claim.heartbeat_ms) == before


def test_link_ready_passes():
    g = gate()
    for which in (1, 2):
        assert g.refusal(message.link_ready(which, "7777", 0x77), 0) is None


# Heartbeats.


def test_only_three_commands_leave():
    g = pair()
    allowed = []
    for command in range(256):
        body = message.heartbeat("7777", "AAAA", command, 600 if command else 0)
        if g.refusal(body, OPEN_MS) is None:
            allowed.append(command)
    assert allowed == [0x00, 0x05, 0x09]


def test_no_change_carries_no_current():
    g = pair()
    body = message.heartbeat("7777", "AAAA", message.NO_CHANGE, 1200)
    assert "00" in g.refusal(body, OPEN_MS)


def test_heartbeats_of_a_wrong_length_are_refused():
    g = pair()
    whole = message.heartbeat("7777", "AAAA", message.LIMIT_2, 3200)
    for length in range(2, 24):
        body = (whole + bytes(10))[:length]
        why = g.refusal(body, OPEN_MS)
        assert (why is None) == (length in (13, 15)), (length, why)


def test_a_stranger_gets_nothing():
    g = pair()
    assert g.refusal(message.heartbeat("7777", "1234", message.NO_CHANGE, 0), OPEN_MS)
    assert "1234 is not linked" in say(g, "1234", 0, OPEN_MS)
    assert most(g, "1234", OPEN_MS) == 0


def test_answers_of_strangers_open_no_books():
    g = pair()
    hear(g, "1234", 32, 32, OPEN_MS)
    assert sorted(g.claims) == ["AAAA", "BBBB"]

"""Linking frames and heartbeats: bodies <-> fields."""

import frames

from twc import message

OURS = ("master_link_ready_1", "master_link_ready_2", "master_heartbeat")
LINKING = OURS + ("slave_link_ready", "slave_heartbeat")
ROWS = [(row[0], row[-1]) for row in frames.CAPTURED + frames.MADE + frames.MADE_ESCAPED]


def encode(fields, length):
    """The body that we would send for decoded fields."""
    if fields["type"] == "master_heartbeat":
        return message.heartbeat(
            fields["sender"],
            fields["receiver"],
            fields["command"],
            fields["amps_ca"],
            length == 15,
        )
    which = int(fields["type"][-1])
    return message.link_ready(which, fields["sender"], fields["sign"])


def test_linking_frames_and_heartbeats_decode_to_their_fields():
    seen = set()
    for text, fields in ROWS:
        if fields["type"] in LINKING:
            seen.add(fields["type"])
            assert message.decode(frames.bytes_of(text)[:-1]) == frames.in_hundredths(fields)
    assert seen == set(LINKING)


def test_everything_else_is_left_to_answers():
    for text, fields in ROWS:
        if fields["type"] not in LINKING:
            assert message.decode(frames.bytes_of(text)[:-1]) is None, text


def test_what_we_send_is_encoded_to_the_captured_bytes():
    seen = set()
    for text, fields in ROWS:
        if fields["type"] in OURS:
            seen.add(fields["type"])
            body = frames.bytes_of(text)[:-1]
            assert encode(frames.in_hundredths(fields), len(body)) == body, text
    assert seen == set(OURS)


def test_heartbeats_of_both_lengths():
    short = message.heartbeat("7777", "022C", message.LIMIT_1, 1600, False)
    long = message.heartbeat("7777", "022C", message.LIMIT_2, 1600)
    assert short == frames.bytes_of("FB E0 77 77 02 2C 05 06 40 00 00 00 00")
    assert long == frames.bytes_of("FB E0 77 77 02 2C 09 06 40 00 00 00 00 00 00")
    assert isinstance(short, bytes) and isinstance(long, bytes)


def test_heartbeats_carry_every_current():
    for amps_ca in (0, 1, 255, 256, 600, 3200, 8000, 65535):
        body = message.heartbeat("7777", "2433", message.LIMIT_2, amps_ca)
        assert message.decode(body)["amps_ca"] == amps_ca


def test_ids_are_two_opaque_bytes():
    for given in ("0000", "0001", "00FF", "C0DB", "FFFF", "0A0b"):
        body = message.heartbeat(given, given, 0, 0)
        fields = message.decode(body)
        assert fields["sender"] == fields["receiver"] == given.upper()
    assert message.id_text(b"\x00\x0a\xbc", 1) == "0ABC"


def test_our_plug_flag_is_zero():
    assert message.heartbeat("7777", "2433", 9, 3200)[9:] == bytes(6)


def test_protocol_comes_from_the_length():
    for function in ((0xFD, 0xE2), (0xFD, 0xE0)):
        for length in range(30):
            body = bytes((function + (1,) * 30)[:length])
            fields = message.decode(body)
            if length in (13, 15):
                assert fields["protocol"] == (1 if length == 13 else 2)
            else:
                assert fields is None, length


def test_no_bytes_make_it_raise():
    state = 7
    for first in (0xFB, 0xFC, 0xFD, 0x00):
        for second in range(256):
            for length in (0, 1, 2, 3, 12, 13, 14, 15, 19, 40):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                body = bytes(([first, second] + [state >> 16 & 0xFF] * 40)[:length])
                fields = message.decode(body)
                assert fields is None or fields["type"] in LINKING


def test_the_lowest_limit_of_each_protocol():
    assert message.lowest_amps(1) == 5
    assert message.lowest_amps(2) == 6
    assert message.lowest_amps(None) == 6


def test_every_state_that_is_known_has_a_name():
    for state in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10):
        assert message.STATE_NAMES[state]
    assert message.STATE_NAMES[message.READY] == "ready"
    assert message.STATE_NAMES[message.ERROR] == "error"
    assert message.STATE_NAMES[message.PLUGGED_IN] == "plugged in"
    assert message.STATE_NAMES[message.WANTS_LIMIT] == "wants a limit"
    assert message.STATE_NAMES[message.STARTING] == "starting"


def test_numbers_of_functions_and_commands():
    # From the protocol; a mistake in one of these could write into a unit for ever.
    assert message.MASTER_LINK_READY_1 == 0xFCE1
    assert message.MASTER_LINK_READY_2 == 0xFBE2
    assert message.MASTER_HEARTBEAT == 0xFBE0
    assert (message.NO_CHANGE, message.LIMIT_1, message.LIMIT_2) == (0, 5, 9)
    assert message.function(b"\xfb\xe0\x00") == 0xFBE0

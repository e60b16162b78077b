"""What units say about themselves: bodies -> fields."""

import frames

from twc import answers

ROWS = [(row[0], row[-1]) for row in frames.CAPTURED + frames.MADE + frames.MADE_ESCAPED]


def test_every_frame_decodes_to_its_fields():
    for text, fields in ROWS:
        decoded = answers.decode(frames.bytes_of(text)[:-1])
        assert decoded == frames.in_hundredths(fields), text


def test_text_ends_at_the_first_zero_and_is_printable():
    # Made from the description, as no capture of a serial number exists.
    for inside, text in (
        (b"AB\0CD", "AB"),
        (b"\0AB", ""),
        (b"A\x07\x80\xffB", "A???B"),
        (b"ABCDEFGHIJKLMNO", "ABCDEFGHIJKLMNO"),
        (b' "<&>~\x7f', ' "<&>~?'),
    ):
        body = b"\xfd\xed\x24\x33" + inside + bytes(15 - len(inside))
        assert answers.decode(body)["text"] == text


def test_a_part_of_a_vin_is_seven_characters_at_most():
    # Made: what stands behind the seventh is no part of it.
    body = b"\xfd\xee\x24\x33ABCDEFGHIJKLMNO"
    assert answers.decode(body)["text"] == "ABCDEFG"


def test_a_meter_of_another_length_is_unknown():
    for length in (12, 13, 14, 15):
        body = (b"\xfd\xeb\x25\x87" + bytes(20))[:length]
        assert answers.decode(body)["type"] == "unknown"


def test_the_largest_meter_values():
    fields = answers.decode(b"\xfd\xeb\x25\x87" + b"\xff" * 15)
    assert fields["energy_raw"] == 0xFFFFFFFF
    assert fields["volts"] == [65535] * 3
    assert fields["phase_ca"] == [12750] * 3


def test_idle_and_unknown_need_no_ids():
    assert answers.decode(b"\xfc\x1d" + bytes(11)) == {"type": "idle"}
    assert answers.decode(b"\x7c\x00")["type"] == "unknown"
    assert answers.decode(b"\xaa" * 15)["type"] == "unknown"


def test_no_bytes_make_it_raise():
    state = 3
    for first in (0xFB, 0xFC, 0xFD, 0x00):
        for second in range(256):
            for length in (0, 1, 2, 3, 5, 11, 12, 13, 14, 15, 19, 40):
                state = (state * 1103515245 + 12345) & 0x7FFFFFFF
                body = bytes(([first, second] + [state >> 16 & 0xFF] * 40)[:length])
                assert isinstance(answers.decode(body)["type"], str)

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
    for length in (12, 13, 14, 15, 17, 18):
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


# Made from the description of one source (see answers.py), as no capture of old units exists:
# no ids, the value right after the function.
OLD = (
    ("FD 19 41 31 37 49 30 30 33 39 33 39 33", {"type": "serial", "text": "A17I0039393"}),
    ("FD 1A 45 56 57 54 53 38 30 48 4C 00 00", {"type": "model", "text": "EVWTS80HL"}),
    ("FD 1B 03 02 0A 00 00 00 00 00 00 00 00", {"type": "firmware", "version": "3.2.10"}),
    ("FB 19 00 00 00 00 00 00 00 00 00 00 00", {"type": "serial_request"}),
    ("FB 1A 00 00 00 00 00 00 00 00 00 00 00", {"type": "model_request"}),
    ("FB 1B 00 00 00 00 00 00 00 00 00 00 00", {"type": "firmware_request"}),
)


def test_old_units_ask_and_answer_without_ids():
    for text, fields in OLD:
        assert answers.decode(frames.bytes_of(text)) == fields, text
        # With two bytes more, as protocol 2 has them.
        assert answers.decode(frames.bytes_of(text) + bytes(2)) == fields, text


def test_each_question_is_told_from_its_answer():
    for kind, name, more in (
        (0xEB, "meter", {}),
        (0xEC, "firmware", {}),
        (0xED, "serial", {}),
        (0xB4, "plug_state", {}),
        (0xEE, "vin", {"part": 1}),
        (0xEF, "vin", {"part": 2}),
        (0xF1, "vin", {"part": 3}),
    ):
        for length in (12, 13, 15):
            body = (bytes((0xFB, kind)) + b"\x77\x77\x24\x33" + bytes(9))[:length]
            expected = {"type": name + "_request", "sender": "7777", "receiver": "2433"}
            expected.update(more)
            assert answers.decode(body) == expected
        answer = answers.decode(bytes((0xFD, kind)) + b"\x24\x33" + bytes(15))
        assert answer["type"] == name and answer["sender"] == "2433"
        assert answer.get("part") == more.get("part") and "receiver" not in answer


def test_what_must_never_be_sent_has_no_name():
    # FC 19, FC 1A and FB E8.
    for text in ("FC 19", "FC 1A", "FB E8"):
        assert answers.decode(frames.bytes_of(text) + bytes(13))["type"] == "unknown"


def test_contactor_commands_and_their_answers():
    for first, kind, name in (
        (0xFC, 0xB1, "close_contactors"),
        (0xFC, 0xB2, "open_contactors"),
        (0xFD, 0xB1, "contactors_closed"),
        (0xFD, 0xB2, "contactors_opened"),
    ):
        fields = answers.decode(bytes((first, kind)) + b"\x77\x77\x24\x33" + bytes(9))
        assert fields["type"] == name and fields["sender"] == "7777"
        assert fields.get("receiver") == ("2433" if first == 0xFC else None)

"""The raw-frame command: an allow-list, and sentences for the rest.

Plain functions and bare asserts: they run under CPython and under MicroPython. Source of what
must never leave: "Never send" of the protocol notes.
"""

from gate_bench import Settings

from charging.limits import Gate
from twc import message, raw

LINKED = ["2433", "A001"]
ASKED = {0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4}
ALONE = {0xFB19, 0xFB1A, 0xFB1B}
SWITCH = {0xFCB1, 0xFCB2}


def parse(payload, switched=("2433",)):
    return raw.parse(payload, "7777", LINKED, lambda unit_id: unit_id in switched)


def refused(payload, *words):
    body, why = parse(payload)
    assert body is None and why.endswith("."), payload
    for word in words:
        assert word in why, why
    return True


def test_a_question_with_its_id():
    assert parse(b"FBEB 2433") == (message.encode(0xFBEB, "7777", (0x24, 0x33), 15), None)
    for text in (b"fbeb2433", b" F B E B 2 4 3 3 ", b"FbEb2433"):
        assert parse(text) == parse(b"FBEB 2433")
    assert parse(b"FBEC a001")[0] == message.to_slave(0xFBEC, "7777", "A001")


def test_an_old_question_alone():
    for last in (0x19, 0x1A, 0x1B):
        body, why = parse(f"FB{last:02X}".encode())
        assert why is None and body == bytes((0xFB, last)) + bytes(11)
    assert refused(b"FB19 2433", "not on the list")


def test_contactors_only_where_the_configuration_allows_them():
    for code in (0xFCB1, 0xFCB2):
        assert parse(f"{code:04X} 2433".encode()) == (message.to_slave(code, "7777", "2433"), None)
        assert refused(f"{code:04X} A001".encode(), "units.A001.contactors", "config.json")


def test_what_writes_or_crashes_is_refused():
    for code in (b"FC19", b"FC1A", b"FBE8"):
        for rest in (b"", b"2433", b" 2433", b"2433000000", b"FBEB2433"):
            assert refused(code + rest, code.decode(), "not on the list")


def test_heartbeats_and_linking_are_not_for_the_curious():
    for code in (b"FBE0", b"FCE1", b"FBE2", b"FC1D", b"FDE0", b"FDE2"):
        assert refused(code + b"2433", "not on the list")


def test_of_all_functions_only_these():
    with_id = set()
    alone = set()
    for code in range(0x10000):
        text = f"{code:04X}"
        body, why = parse(f"{text}2433".encode())
        if body is not None:
            with_id.add(code)
            assert len(body) == 15 and body[2:6] == b"\x77\x77\x24\x33" and not any(body[6:])
            assert message.function(body) == code
        body, why = parse(text.encode())
        if body is not None:
            alone.add(code)
            assert message.function(body) == code and body[2:] == bytes(11)
    assert with_id == ASKED | SWITCH and alone == ALONE


def test_the_gate_agrees_with_all_of_them():
    settings = Settings(32, switched=("2433",))
    gate = Gate(32, settings, {}, 0)
    for code in ASKED | SWITCH:
        body, _ = raw.parse(f"{code:04X}2433".encode(), "7777", LINKED, settings.contactors)
        assert gate.refusal(body, 0) is None, code
    for code in ALONE:
        body, _ = raw.parse(f"{code:04X}".encode(), "7777", LINKED, settings.contactors)
        assert gate.refusal(body, 0) is None, code


def test_an_id_that_is_not_linked():
    for rest in (b"", b"1234", b"243", b"24330", b"2433 0", b"ZZZZ", b"7777"):
        assert refused(b"FBEB" + rest, "needs the id of a linked wall connector: 2433 A001")


def test_anything_else_gets_a_sentence():
    for payload in (
        b"",
        b" ",
        b"hello",
        b"FBEB 2433" + bytes(80),
        b"\xff\xfe\x00",
        "FBEB 2433 ä".encode(),
        "ﬀEB2433".encode(),  # a letter that is two in capitals
        b"0xFBEB2433",
        b"FBEB\n2433",
        b"FBEB2433" * 20,
        b"FBEB" + b" " * 57 + b"2433",
    ):
        assert refused(payload)


def test_a_payload_as_it_comes_from_the_wire():
    assert parse(bytearray(b"FBEB2433"))[1] is None
    assert parse(memoryview(b"FBEB2433"))[1] is None


def test_ids_of_nobody():
    body, why = raw.parse(b"FBEB2433", "7777", [], lambda unit_id: True)
    assert body is None and "linked wall connector" in why

"""The name server of the access point: what it answers, and what it does not.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

from firmware.captive_dns import answer

IP = bytes((192, 168, 4, 1))
NAME = b"\7connect\7example\3com\0"
A = b"\0\1\0\1"


def question(name=NAME, kind=A, flags=b"\1\0", counts=b"\0\1\0\0\0\0\0\0", more=b""):
    return b"\xab\xcd" + flags + counts + name + kind + more


def test_an_address_is_the_boards():
    # RFC 1035, 4.1: header, the question as it was, a pointer to its name, type, class, seconds.
    found = answer(question(), IP)
    assert found == (
        b"\xab\xcd\x85\x80\0\1\0\1\0\0\0\0" + NAME + A + b"\xc0\x0c" + A + b"\0\0\0\5\0\4" + IP
    ), found


def test_who_does_not_want_recursion_is_told_so():
    assert answer(question(flags=b"\0\0"), IP)[2:4] == b"\x84\x80"


def test_what_comes_behind_the_question_is_left_out():
    # As a phone does it: with an OPT record (RFC 6891).
    opt = b"\0\0\x29\4\xd0\0\0\0\0\0\0"
    counts = b"\0\1\0\0\0\0\0\1"
    assert answer(question(counts=counts, more=opt), IP) == answer(question(), IP)


def test_other_types_and_classes_get_an_empty_answer():
    # AAAA, HTTPS, and an address of class CH.
    for kind in (b"\0\x1c\0\1", b"\0\x41\0\1", b"\0\1\0\3"):
        found = answer(question(kind=kind), IP)
        assert found == b"\xab\xcd\x85\x80\0\1\0\0\0\0\0\0" + NAME + kind, found


def test_garbage_is_dropped():
    whole = question()
    for size in range(len(whole)):
        assert answer(whole[:size], IP) is None, size
    # An answer, a status request, an update, no question, two questions.
    for flags in (b"\x81\x80", b"\x11\0", b"\x29\0"):
        assert answer(question(flags=flags), IP) is None
    for counts in (b"\0\0\0\0\0\0\0\0", b"\0\2\0\0\0\0\0\0", b"\1\1\0\0\0\0\0\0"):
        assert answer(question(counts=counts), IP) is None
    # A pointer, to itself even; a name longer than any can be; one that never ends.
    assert answer(question(name=b"\xc0\x0c"), IP) is None
    assert answer(question(name=(b"\x3f" + b"a" * 63) * 4 + b"\0"), IP) is None
    assert answer(question(name=b"\5abc"), IP) is None
    assert answer(question(name=(b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0"), IP)

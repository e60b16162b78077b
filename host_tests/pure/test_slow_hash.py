"""The slow hash: PBKDF2-HMAC-SHA256 step by step. A comparison with Python's own stands in
test_firmware_lock.py."""

from binascii import unhexlify

import slow_hash

# (password, salt, iterations, block, hex digits); RFC 7914, section 11. Of the second one, which
# takes long, the first half.
VECTORS = (
    (
        b"passwd",
        b"salt",
        1,
        1,
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc",
    ),
    (
        b"passwd",
        b"salt",
        1,
        2,
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
    ),
    (
        b"Password",
        b"NaCl",
        80000,
        1,
        "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56",
    ),
)


def after(count, password, salt, block=1):
    """32 bytes of PBKDF2 with so many iterations."""
    steps = slow_hash.steps(password, salt, block)
    result = 0
    for _ in range(count):
        result = next(steps)
    return slow_hash.as_bytes(result)


def test_vectors_of_rfc_7914():
    for password, salt, count, block, expected in VECTORS:
        assert after(count, password, salt, block) == unhexlify(expected), (password, block)


def test_a_result_that_begins_with_zeros_has_32_bytes():
    assert slow_hash.as_bytes(1) == bytes(31) + b"\x01"


def test_two_at_a_time_do_not_mix():
    first, second = slow_hash.steps(b"one", b"salt"), slow_hash.steps(b"two", b"pepper")
    for _ in range(3):
        given = next(first), next(second)
    assert slow_hash.as_bytes(given[0]) == after(3, b"one", b"salt")
    assert slow_hash.as_bytes(given[1]) == after(3, b"two", b"pepper")


class Looks:
    """Bytes that count how often somebody looks at one."""

    def __init__(self, data):
        self.data = data
        self.count = 0

    def __len__(self):
        return len(self.data)

    def __getitem__(self, at):
        self.count += 1
        return self.data[at]


def test_a_comparison_looks_at_all_bytes_wherever_they_differ():
    right = bytes(range(32))
    for at in (None, 0, 15, 31):
        tried = bytearray(right)
        if at is not None:
            tried[at] ^= 0x80
        looks = Looks(bytes(tried))
        assert slow_hash.same(looks, right) is (at is None), at
        assert looks.count == 32, at
    assert not slow_hash.same(right, right[:31]) and not slow_hash.same(b"", right)
    assert slow_hash.same(b"", b"")

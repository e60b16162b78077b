"""A slow hash for passwords: PBKDF2 with HMAC-SHA256, one step at a time.

Source: RFC 8018, section 5.2, with HMAC of RFC 2104; vectors in RFC 7914, section 11. It is slow
so that whoever reads a stored hash has to work as long for each guess.
"""

from hashlib import sha256

_BLOCK = 64  # bytes that SHA-256 takes at a time; longer keys of HMAC are hashed first


def steps(password, salt, block=1):
    """Generator without end: after the n-th step it gives PBKDF2 with n iterations, as an int of
    32 bytes (see as_bytes).

    `password`, `salt`: bytes; `block`: which 32 bytes of the result, from 1. Each step takes two
    SHA-256 of 96 bytes and leaves some 500 bytes to collect.
    """
    if len(password) > _BLOCK:
        password = sha256(password).digest()
    key = password + bytes(_BLOCK - len(password))
    # The key with the inner and the outer pad, and behind it what is hashed with it.
    inner = bytearray([byte ^ 0x36 for byte in key]) + bytes(32)
    outer = bytearray([byte ^ 0x5C for byte in key]) + bytes(32)
    first = inner[:_BLOCK] + salt + block.to_bytes(4, "big")
    outer[_BLOCK:] = sha256(first).digest()
    result = 0
    while True:
        last = sha256(outer).digest()
        result ^= int.from_bytes(last, "big")
        yield result
        inner[_BLOCK:] = last
        outer[_BLOCK:] = sha256(inner).digest()


def as_bytes(result):
    """The 32 bytes of what a step gave."""
    return result.to_bytes(32, "big")


def same(left, right):
    """Whether two bytes are equal, in a time that does not tell where they differ."""
    if len(left) != len(right):
        return False
    differ = 0
    for i in range(len(left)):
        differ |= left[i] ^ right[i]
    return differ == 0

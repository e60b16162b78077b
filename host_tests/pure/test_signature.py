"""Signatures of releases: what openssl signs is taken, and nothing else."""

from binascii import unhexlify
from hashlib import sha256

import release_bench as bench

import signature

TEXT = b"twc-bridge 0.2.0\n"
DIGEST = sha256(TEXT).digest()
GOOD = unhexlify(bench.BY_OPENSSL)
MODULUS, SIZE = signature.key(bench.MODULUS + "\n")


def fits(given, digest=DIGEST, modulus=MODULUS, size=SIZE):
    return signature.fits(modulus, size, digest, given)


def why_not(text):
    try:
        signature.key(text)
    except ValueError as error:
        return str(error)
    raise AssertionError("taken")


def test_what_openssl_has_signed_is_taken():
    assert SIZE == 256 and fits(GOOD)
    # And that is what the other tests sign with.
    assert bench.sign(TEXT) == GOOD


def test_another_text_another_key_or_a_changed_byte_is_not():
    assert not fits(GOOD, sha256(TEXT + b" ").digest())
    assert not fits(GOOD, modulus=MODULUS - 2)
    for at in (0, 1, 100, 255):
        changed = bytearray(GOOD)
        changed[at] ^= 1
        assert not fits(bytes(changed)), at


def test_a_wrong_size_is_not_even_looked_at():
    for given in (b"", GOOD[:-1], GOOD + b"\0", b"\0" + GOOD, bytes(384)):
        assert not fits(given), len(given)
    assert not fits(GOOD, DIGEST[:-1])
    # The same number again, plus the modulus: RFC 8017, 5.2.2 wants it below.
    more = int.from_bytes(GOOD, "big") + MODULUS
    if more < 1 << 2048:
        assert not fits(more.to_bytes(256, "big"))
    for number in (0, 1, MODULUS - 1):
        assert not fits(number.to_bytes(256, "big")), number


def test_each_byte_of_the_padded_block_counts():
    block = bench.padded(TEXT)
    assert len(block) == 256 and fits(bench.sign_block(block))
    # One after the other: the two in front, padding, its end, each byte of the DER, the digest.
    for at in (1, 60, 204, 205, 223, 255):
        changed = bytearray(block)
        changed[at] ^= 0x10
        assert not fits(bench.sign_block(bytes(changed))), at


def test_shorter_padding_with_anything_behind_is_not_taken():
    # How signatures are forged where only the beginning is looked at (CVE-2006-4339).
    block = bench.padded(TEXT)
    tail = block[204:]
    for filler in (8,):
        forged = b"\0\1" + b"\xff" * filler + tail
        forged += b"\x11" * (256 - len(forged))
        assert not fits(bench.sign_block(forged))
    # Without the DER, and with that of another hash of the same length (SHA-512/256).
    assert not fits(bench.sign_block(b"\0\1" + b"\xff" * 221 + b"\0" + DIGEST))
    other = bytearray(block)
    other[219] = 6
    assert not fits(bench.sign_block(bytes(other)))


def test_keys_that_are_none_are_told():
    for text in ("", "no key", bench.MODULUS[2:], bench.MODULUS + "00", "0" + bench.MODULUS[1:]):
        assert "release.pub" in why_not(text) and why_not(text)[-1] == ".", text
    assert "even" in why_not(bench.MODULUS[:-1] + "0")
    large = "f" * 767 + "1"
    assert signature.key(large)[1] == 384

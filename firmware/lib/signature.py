"""Checks signatures of releases: RSA, PKCS#1 v1.5, SHA-256, exponent 65537.

Source: RFC 8017, 8.2.2 (verification) and 9.2 with its note 1 (the padded block).
"""

from binascii import unhexlify

from micropython import const

_EXPONENT = const(65537)
_SMALL_BYTES = const(256)
_LARGE_BYTES = const(384)

# The DER of "SHA-256, and 32 bytes".
_SHA256 = b"3031300d060960864801650304020105000420"


def key(text):
    """(modulus, its bytes) of a public key of 2048 or 3072 bits; `text`: the modulus as hex
    digits. Raises ValueError with a sentence."""
    text = text.strip()
    size = len(text) // 2
    try:
        modulus = int(text, 16)
    except ValueError:
        modulus = 0
    if size not in (_SMALL_BYTES, _LARGE_BYTES) or len(text) % 2 or modulus >> (8 * size - 1) != 1:
        raise ValueError(
            "release.pub is no modulus of 2048 or 3072 bits in hex digits: see make key."
        )
    if not modulus & 1:
        raise ValueError("release.pub is an even number, which no key is: see make key.")
    return modulus, size


def fits(modulus, size, digest, signature):
    """Whether `signature` (bytes) is that of a text with this SHA-256 `digest` (32 bytes) by the
    key; `modulus` and `size` as key() gives them."""
    if len(signature) != size or len(digest) != 32:
        return False
    number = int.from_bytes(signature, "big")
    if number >= modulus:
        return False
    block = pow(number, _EXPONENT, modulus).to_bytes(size, "big")
    tail = b"\0" + unhexlify(_SHA256) + digest
    wanted = b"\0\1" + b"\xff" * (size - 2 - len(tail)) + tail
    # All of it, padding too, and wherever it differs.
    different = 0
    for at in range(size):
        different |= block[at] ^ wanted[at]
    return different == 0

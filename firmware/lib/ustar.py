"""Reads the headers of a tar file, as far as a release has such: plain files with short names.

Source: POSIX.1-2017, pax, "ustar Interchange Format".
"""

from micropython import const

BLOCK_BYTES = const(512)
_SUM_AT = const(148)
_TYPE_AT = const(156)
_MAGIC_AT = const(257)
_PREFIX_AT = const(345)


def member(block):
    """(name as text, size in bytes) of a header, 512 bytes. Raises ValueError with a sentence."""
    block = bytes(block)
    # The checksum counts with spaces in its own place.
    found = sum(block) - sum(block[_SUM_AT : _SUM_AT + 8]) + 8 * 32
    if block[_MAGIC_AT : _MAGIC_AT + 5] != b"ustar" or _octal(block, _SUM_AT, 8) != found:
        raise ValueError(
            "This is no release file, or it is damaged: a header of the tar is wrong."
        )
    name = block[:100].split(b"\0")[0]
    plain = block[_TYPE_AT] in (0, 48) and not block[_PREFIX_AT]
    for byte in name:
        plain = plain and 32 < byte < 127
    if not plain or not name:
        raise ValueError("This is no release file: there are other things in it than plain files.")
    return str(name, "ascii"), _octal(block, 124, 12)


def _octal(block, at, length):
    text = block[at : at + length].strip(b"\0 ")
    value = 0
    for byte in text:
        if not 48 <= byte < 56:
            return -1
        value = 8 * value + byte - 48
    return value


def padding(size):
    """How many bytes follow a file of `size` bytes up to the next header."""
    return -size % BLOCK_BYTES

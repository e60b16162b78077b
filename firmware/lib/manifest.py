"""The manifest of a release: which version, for which board, and of each file hash, size and
path, in the order of the tar file.

    twc-bridge 0.2.0
    boot 1
    mpy 6
    <SHA-256 in hex> <bytes> firmware/__init__.mpy
    ...
    end <SHA-256 in hex of all lines before this one>
"""

from binascii import hexlify
from hashlib import sha256

from micropython import const

HEAD_LINES = const(3)
_LONGEST_LINE = const(160)
_LONGEST_PATH = const(72)
_LONGEST_VERSION = const(24)
_MOST_FILES = const(250)
_LARGEST_FILE = const(200000)
_BLOCK = const(512)
_FLASH_BLOCK = const(4096)
_AT_ONCE = const(8)  # lines

_DAMAGED = "The manifest of the release is damaged."
_NEEDED = "firmware/start.mpy"


def entry(line):
    """(hash in hex, as bytes; size in bytes; path, text) of one file; `line`: bytes. Raises
    ValueError with a sentence, also for a path that leads out of firmware/."""
    parts = line.rstrip(b"\n").split(b" ")
    if len(parts) != 3 or len(parts[0]) != 64 or not parts[1].isdigit() or len(parts[1]) > 6:
        raise ValueError(_DAMAGED)
    for byte in parts[0]:
        if not (48 <= byte < 58 or 97 <= byte < 103):
            raise ValueError(_DAMAGED)
    path = parts[2]
    good = path.startswith(b"firmware/") and len(path) <= _LONGEST_PATH
    before = 47
    # Letters, digits, "_", "-", and neither "." nor "/" at the beginning of a part or at the end.
    for byte in path:
        if byte == 46 or byte == 47:
            good = good and before != 46 and before != 47
        elif not (
            97 <= byte < 123 or 65 <= byte < 91 or 48 <= byte < 58 or byte == 95 or byte == 45
        ):
            good = False
        before = byte
    if not good or before == 46 or before == 47:
        raise ValueError("The release has a file that does not belong below firmware/.")
    size = int(parts[1])
    if size > _LARGEST_FILE:
        raise ValueError(f"The release has a file of {size} bytes: {_LARGEST_FILE} are taken.")
    return parts[0], size, str(path, "ascii")


def look(file, boot, mpy):
    """Goes through all of it, some lines at a time: generates None, and at last (version, bytes
    that its files take on flash, bytes that they take in the tar file with what ends it). Raises
    ValueError with a sentence.

    `file`: opened in binary; `boot`, `mpy`: the numbers of this board's boot.py and MicroPython.
    """
    every = sha256()
    flash = tar = count = 0
    last = version = ""
    found = False
    while True:
        line = file.readline(_LONGEST_LINE)
        if line[-1:] != b"\n":
            raise ValueError(_DAMAGED)
        if line.startswith(b"end "):
            break
        every.update(line)
        if count < HEAD_LINES:
            said = _head(line, count, boot, mpy)
            version = version or said
        else:
            _, size, path = entry(line)
            if path <= last:
                raise ValueError(_DAMAGED)
            last = path
            found = found or path == _NEEDED
            flash += -(-size // _FLASH_BLOCK) * _FLASH_BLOCK
            tar += _BLOCK + size + -size % _BLOCK
        count += 1
        if count > _MOST_FILES:
            raise ValueError(f"The release has more than {_MOST_FILES} files.")
        if count % _AT_ONCE == 0:
            yield None
    if line != b"end " + hexlify(every.digest()) + b"\n" or file.readline(1) or not found:
        raise ValueError(_DAMAGED)
    yield version, flash, tar + 2 * _BLOCK


def _head(line, number, boot, mpy):
    """The version, from line 0; what the others say has to fit."""
    try:
        name, _, value = str(line, "utf-8").rstrip("\n").partition(" ")
    except UnicodeError:
        raise ValueError(_DAMAGED)
    if name != ("twc-bridge", "boot", "mpy")[number]:
        raise ValueError(_DAMAGED)
    if number == 0:
        good = 0 < len(value) <= _LONGEST_VERSION
        for byte in value.encode():
            # Digits, letters, "+", "-" and ".".
            good = good and (48 <= byte < 58 or 97 <= byte < 123 or byte in (43, 45, 46))
        if not good:
            raise ValueError(_DAMAGED)
        return value
    if number == 1 and value != str(boot):
        raise ValueError(
            f"The release needs boot {value}, the board has {boot}: bring it once by cable, with "
            "make deploy."
        )
    if number == 2 and value != str(mpy):
        raise ValueError(
            f"The release is for MicroPython with mpy {value}, the board has {mpy}: make the "
            "release for it, or update MicroPython by cable."
        )
    return ""

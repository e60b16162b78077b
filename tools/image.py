"""Whether a file is an image that makes an ESP32 a board with MicroPython.

Sources: docs.espressif.com, esptool, "Firmware Image Format" (a header of 8 bytes, then an
extended one whose bytes 4 and 5 are the chip's id: bytes 12 and 13 of the file; segments, a
checksum and a SHA-256 follow), esp_app_format.h of ESP-IDF (the ids), and ESP-IDF, "Partition
Tables" (the table is at 0x8000 of the flash, an entry begins with AA 50). Looked at: the official
ESP32_GENERIC-20240602-v1.23.0.bin.
"""

import hashlib
import re

from tools.fits import DOWNLOAD, MICROPYTHON

# Where an ESP32 starts, and so where byte 0 of an image goes.
OFFSET = 0x1000

_FIRST_BYTE = 0xE9
_CHIP_AT = 12
_TABLE_AT = 0x8000 - OFFSET
_ENTRY = b"\xaa\x50"
_HEADER = 24
CHIPS = {
    0x00: "ESP32",
    0x02: "ESP32-S2",
    0x05: "ESP32-C3",
    0x09: "ESP32-S3",
    0x0C: "ESP32-C2",
    0x0D: "ESP32-C6",
    0x10: "ESP32-H2",
    0x12: "ESP32-P4",
}
_GET = f"Download {DOWNLOAD} (the .bin of a release)."


def problem(path):
    """A sentence about why ``path`` (a pathlib.Path) can't be flashed, or None if it can."""
    if not path.is_file():
        return f"IMAGE={path}: there is no such file. {_GET}"
    data = path.read_bytes()
    said = _problem(data)
    return f"IMAGE={path}: {said} {_GET}" if said else None


def version(data):
    """MicroPython's version in an image (bytes) as a tuple of three numbers, or None."""
    found = re.search(rb"MicroPython[ -]v?(\d+)\.(\d+)(?:\.(\d+))?", data)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def _problem(data):
    if data[:15].lower().lstrip().startswith((b"<!doctype html", b"<html")):
        return "this is a page of the web, not an image: take the link to the .bin on it."
    if data[:4] == b"UF2\n":
        return "this is an UF2 file, for another kind of board."
    if data[:1] != bytes([_FIRST_BYTE]) or len(data) < _HEADER:
        return "this is no ESP32 image (its first byte is not E9)."
    chip = int.from_bytes(data[_CHIP_AT : _CHIP_AT + 2], "little")
    if chip != 0:
        name = CHIPS.get(chip, f"chip {chip:#x}")
        return f"this image is for an {name}, not for an ESP32."
    # The part that is for updates of a running board (.app-bin) has no partition table in it.
    if data[_TABLE_AT : _TABLE_AT + 2] != _ENTRY:
        return (
            "this is only a part of an image: no partition table is at its place (the .app-bin"
            " file is not enough, or the download was cut)."
        )
    end, app = _partitions(data)
    if len(data) <= app + _HEADER or data[app] != _FIRST_BYTE:
        return f"this image ends before its program ({len(data)} bytes): the download was cut."
    if (whole := _end_of_app(data, app)) > len(data):
        return f"this image is cut: {len(data)} bytes of {whole}. Download it again."
    if not _is_whole(data, app, whole):
        return "this image is damaged: its program has not the SHA-256 that stands at its end."
    if end and len(data) > end - OFFSET:
        return f"this image is larger than its own partition ({len(data)} bytes)."
    found = version(data)
    if found is None:
        return "this image has no MicroPython in it."
    if found < MICROPYTHON:
        wanted = ".".join(map(str, MICROPYTHON[:2]))
        return f"this is MicroPython {'.'.join(map(str, found))}: {wanted} or newer is needed."
    return None


def _partitions(data):
    """(end of the program's partition in flash, place of the program in the file), in bytes: of
    the first entry of type 0. An entry: AA 50, type, subtype, offset and size, four bytes each."""
    for at in range(_TABLE_AT, min(_TABLE_AT + 0xC00, len(data)), 32):
        entry = data[at : at + 32]
        if entry[:2] != _ENTRY or len(entry) < 32:
            break
        if entry[2] == 0:
            offset = int.from_bytes(entry[4:8], "little")
            return offset + int.from_bytes(entry[8:12], "little"), offset - OFFSET
    return 0, 0x10000 - OFFSET


def _end_of_app(data, app):
    """How long the file has to be at least, by the lengths of the program's segments: each has a
    header of 8 bytes whose second half is its length."""
    at = app + _HEADER
    for _ in range(data[app + 1]):
        if at + 8 > len(data):
            return at + 8
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    return at


def _is_whole(data, app, end):
    """Whether the program has the digest that byte 23 of its header promises: after the segments
    and a checksum, filled up to 16 bytes."""
    if data[app + 23] != 1:
        return True
    end = app + (end - app) // 16 * 16 + 16
    return hashlib.sha256(data[app:end]).digest() == data[end : end + 32]

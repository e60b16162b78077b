"""Manifests and tar headers of releases: what is taken, and why all else is not."""

import io
from binascii import hexlify
from hashlib import sha256

import release_bench as bench

import manifest
import ustar

FILES = (
    ("firmware/__init__.mpy", b"M\x06" * 300),
    ("firmware/lib/twc/frame.mpy", b""),
    ("firmware/start.mpy", bytes(5000)),
    ("firmware/web/index.html.gz", b"page"),
)


def look(data, boot=1, mpy=6):
    """What manifest.look() finds at last."""
    return list(manifest.look(io.BytesIO(data), boot, mpy))[-1]


def why_not(data, **board):
    try:
        look(data, **board)
    except ValueError as error:
        assert str(error)[-1] == ".", error
        return str(error)
    raise AssertionError("taken")


def with_end(text):
    return text + b"end " + hexlify(sha256(text).digest()) + b"\n"


def entry_refused(path, size="1"):
    try:
        manifest.entry(b"0" * 64 + f" {size} {path}\n".encode())
    except ValueError as error:
        return str(error)
    raise AssertionError(path)


def test_a_good_one_tells_version_and_sizes():
    version, flash, tar = look(bench.manifest(FILES))
    assert version == "0.2.0"
    assert flash == 4096 * (1 + 0 + 2 + 1)
    whole = bench.release(FILES)
    begin = 512 + len(bench.manifest(FILES))
    assert tar == len(whole) - begin - -begin % 512


def test_what_does_not_fit_the_board_is_told_with_what_to_do():
    assert "needs boot 2, the board has 1" in why_not(bench.manifest(FILES, boot=2))
    assert "make deploy" in why_not(bench.manifest(FILES), boot=0)
    assert "mpy 5, the board has 6" in why_not(bench.manifest(FILES, mpy=5))
    for version in ("", "0.2 0", "../../x", "x" * 25, "<b>"):
        assert "damaged" in why_not(bench.manifest(FILES, version=version)), version


def test_every_byte_of_it_counts():
    good = bench.manifest(FILES)
    for at in range(0, len(good), 3):
        changed = bytearray(good)
        changed[at] ^= 1
        why_not(bytes(changed))
    for end in (0, 1, 20, len(good) // 2, len(good) - 66, len(good) - 1):
        assert "damaged" in why_not(good[:end]), end
    assert "damaged" in why_not(good + b"\n")
    assert "damaged" in why_not(b"\xff\xfe" + good)


def test_files_are_in_order_each_once_and_what_starts_is_among_them():
    for files in (FILES[2:] + FILES[:2], FILES[:1] + FILES, FILES[:2], ()):
        assert "damaged" in why_not(bench.manifest(files))


def test_paths_lead_nowhere_else():
    assert manifest.entry(b"a" * 64 + b" 12 firmware/web/a-b_C.9.js.gz\n") == (
        b"a" * 64,
        12,
        "firmware/web/a-b_C.9.js.gz",
    )
    for path in (
        "boot.py", "main.py", "/firmware/x", "firmware", "firmware/", "firmware//x", "lib/x.mpy",
        "firmware/../boot.py", "firmware/./x", "firmware/.x", "firmware/x.", "firmware/x/",
        "firmware/a..b", "firmware/x\\y", "firmware/x y", "firmware/\u00e4", "../firmware/x",
        "firmwarex/y", "firmware/x\0", "firmware/" + "x" * 64, "config.json", "",
    ):  # fmt: skip
        entry_refused(path)
    for size in ("", "-1", "1.5", "0x10", "9999999", "200001", "1 1"):
        entry_refused("firmware/x", size)
    assert "200000" in entry_refused("firmware/x", "200001")
    for digest in ("0" * 63, "0" * 65, "G" * 64, "A" * 64):
        try:
            manifest.entry(digest.encode() + b" 1 firmware/x\n")
        except ValueError:
            continue
        raise AssertionError(digest)


def test_endless_lines_and_lists_end():
    why_not(bench.manifest((("firmware/" + "x" * 9000, b""),)))
    many = [(f"firmware/a{number:04}", b"") for number in range(300)]
    assert "more than 250" in why_not(bench.manifest(many))


def test_headers_of_plain_files_only():
    block = bench.header("firmware/start.mpy", 5000)
    assert ustar.member(memoryview(block)) == ("firmware/start.mpy", 5000)
    assert ustar.padding(5000) == 120 and ustar.padding(512) == ustar.padding(0) == 0
    for kind in (b"1", b"2", b"5", b"x", b"g", b"L"):
        refused(bench.header("firmware/start.mpy", 5, kind))
    refused(bench.header("a", 5, magic=b"gnu  \x0000"))
    refused(bench.header("", 5))
    refused(bench.header("a b", 5))
    refused(bytes(512))
    for at in range(512):
        changed = bytearray(block)
        changed[at] ^= 4
        refused(bytes(changed))


def refused(block):
    try:
        name, size = ustar.member(block)
    except ValueError as error:
        assert str(error)[-1] == ".", error
        return
    raise AssertionError((name, size))

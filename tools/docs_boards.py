"""The table of boards in docs/*.md, made from firmware/boards.txt.

Called by tools/docs_tables.py. It stands between the lines ``<!-- boards -->`` and
``<!-- end of boards -->``.
"""

import re
from pathlib import Path

BOARDS = "firmware/boards.txt"
NAMES = (
    "name",
    "uart",
    "tx",
    "rx",
    "driver_enable",
    "stop_pin",
    "hold",
    "ethernet",
    "title",
    "source",
)

_TABLE = re.compile(r"(<!-- boards -->\n).*?(<!-- end of boards -->)", re.S)
_HEAD = (
    "| `board.profile` | board | TX | RX | driver enable | stop pin | held | Ethernet | source |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


class BoardsError(Exception):
    """A sentence for the reader: what is wrong with a document or with boards.txt."""


def rows(path):
    """The lines of the table at ``path`` as dictionaries of texts. Raises BoardsError."""
    found = []
    for line in Path(path).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            fields = line.split("|")
            if len(fields) != len(NAMES):
                raise BoardsError(
                    f"{path}: {line[:30]}… has {len(fields)} fields, not {len(NAMES)}."
                )
            found.append(dict(zip(NAMES, fields, strict=True)))
    return found


def renewed(text, path):
    """A document with its table made anew from the file ``path``. Raises BoardsError."""
    if "<!-- boards -->" not in text and "<!-- end of boards" not in text:
        return text
    lines = "".join([_line(row) for row in rows(path)])
    text, count = _TABLE.subn(lambda found: found[1] + _HEAD + lines + found[2], text)
    if not count == text.count("<!-- boards -->") == text.count("<!-- end of boards -->"):
        raise BoardsError("The table of boards has no end, or an end no table.")
    return text


def _line(row):
    held = [f"{pin} {'high' if level == '1' else 'low'}" for pin, level in _pairs(row["hold"])]
    sources = [f"[{n}]({one})" for n, one in enumerate(row["source"].split(" "), 1)]
    cells = (
        f"`{row['name']}`",
        row["title"],
        row["tx"],
        row["rx"],
        _pin(row["driver_enable"]),
        _pin(row["stop_pin"]),
        ", ".join(held) or "–",
        _ethernet(row["ethernet"]),
        " ".join(sources),
    )
    return "| " + " | ".join(cells) + " |\n"


def _pairs(text):
    return [one.split("=") for one in text.split(" ") if one]


def _pin(text):
    return "–" if text == "null" else text


def _ethernet(text):
    if not text:
        return "–"
    mdc, mdio, power, clock, address = text.split(" ")
    pin, way = clock.split("=")
    parts = [f"MDC {mdc}", f"MDIO {mdio}", f"clock {way} at {pin}", f"address {address}"]
    if power != "-":
        parts.append(f"power {power}")
    return ", ".join(parts)

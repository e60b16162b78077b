"""The tables of settings in README.md and docs/*.md, made from firmware/settings.txt.

Called by tools/docs_tables.py. A table stands between two lines, ``<!-- settings: wires, supply
-->`` and ``<!-- end of settings -->``: which sections it has, in this order.
"""

import re
from pathlib import Path

SETTINGS = "firmware/settings.txt"
COLUMNS = 8

_TABLE = re.compile(r"(<!-- settings: (.*?) -->\n).*?(<!-- end of settings -->)", re.S)
_HEAD = "| key | default | may be | meaning |\n| --- | --- | --- | --- |\n"
_KINDS = {
    "text": "text, {high} characters",
    "secret": "text, {high} characters, never sent out",
    "name": "{high} letters, digits, - and _",
    "prefix": "topic, {high} characters",
    "id": "four hex digits",
    "switch": "`true`, `false`",
    "list": "list",
}


class SettingsError(Exception):
    """A sentence for the reader: what is wrong with a document or with settings.txt."""


def rows(path):
    """The rows of the table at ``path`` as dictionaries: section, key, kind, default, low, high,
    unit, meaning (texts). Raises SettingsError."""
    names = ("section", "key", "kind", "default", "low", "high", "unit", "meaning")
    found = []
    for line in Path(path).read_text("utf-8").splitlines():
        if not line.startswith("#"):
            fields = line.split("|")
            if len(fields) != COLUMNS:
                raise SettingsError(f"{path}: {line[:30]}… has {len(fields)} fields, not 8.")
            found.append(dict(zip(names, fields, strict=True)))
    return found


def key(row):
    """What a row is called: ``wires.max_amps``, ``units.<id>.name``, ``name``."""
    section = row["section"].replace("*", "<id>")
    return f"{section}.{row['key']}" if row["key"] else section


def renewed(text, path):
    """A document with its tables made anew from the file ``path``. Raises SettingsError."""
    if "<!-- settings:" not in text and "<!-- end of settings" not in text:
        return text
    table = rows(path)
    known = {row["section"] for row in table}

    def made(found):
        lines = []
        for section in found[2].split(", "):
            if section not in known:
                raise SettingsError(f"There is no section {section!r} in {SETTINGS}.")
            lines += [_line(row) for row in table if row["section"] == section]
        return found[1] + _HEAD + "".join(lines) + found[3]

    text, count = _TABLE.subn(made, text)
    if text.count("<!-- settings:") != count or text.count("<!-- end of settings -->") != count:
        raise SettingsError("A table of settings has no end, or an end no table.")
    return text


def _line(row):
    default = "" if row["default"] in ("", "null") else f"`{row['default']}`"
    unit = f" {row['unit']}" if row["unit"] else ""
    if row["kind"] == "choice":
        allowed = ", ".join([f"`{word}`" for word in row["low"].split(" ")])
    elif row["kind"] in _KINDS:
        allowed = _KINDS[row["kind"]].format(**row)
    else:
        allowed = f"{row['low']} to {row['high']}{unit}"
        if row["kind"] in ("maybe", "pin"):
            allowed += ", `null`"
    return f"| `{key(row)}` | {default} | {allowed} | {row['meaning']} |\n"

"""Writes the file that POST /api/config leaves for the next start. Loaded by config_asked.py, and
dropped.
"""

import json
import os

from micropython import const

from configured_table import sections
from firmware.config_asked import merged

_FLASH_SLOT_MS = const(150)
_LARGEST_FILE = const(8192)
_PIECE = const(1024)


def merge(config, given, nulls):
    """Changes `config` as `given` says, which has been checked. `nulls`: paths of keys whose value
    is to be null; other nulls take away."""
    for path in given:
        part = given[path]
        if path == "units" and part is not None:
            units = config.get(path)
            units = config[path] = dict(units) if isinstance(units, dict) else {}
            for unit_id in part:
                # As it is written in the file, which may be in lower case.
                name = unit_id.upper()
                for other in units:
                    if other.upper() == name:
                        name = other
                if part[unit_id] is None:
                    units.pop(name, None)
                else:
                    units[name] = merged(units.get(name), part[unit_id], "", nulls)
        elif part is None:
            config.pop(path, None)
        elif isinstance(part, dict):
            config[path] = merged(config.get(path), part, path, nulls)
        else:
            config[path] = part


async def write(app, config):
    """Writes config.new, whole or not at all; returns None, or (status, sentence) why not."""
    size = 0
    left = 0  # bytes until the chip may be stopped again
    try:
        # MicroPython's text is UTF-8.
        with open("config.tmp", "w") as file:
            for piece in _pieces(config):
                if left <= 0:
                    await app.bus.slot(_FLASH_SLOT_MS, "flash")
                    left = _PIECE
                count = len(piece.encode())
                size += count
                left -= count
                file.write(piece)
        if size > _LARGEST_FILE:
            os.remove("config.tmp")
            sentence = f"config.json would have more than {_LARGEST_FILE} bytes."
            return "413 Payload Too Large", sentence
        os.rename("config.tmp", "config.new")
    except OSError as error:
        sentence = f"config.json can not be written ({error}): is the flash full?"
        return "507 Insufficient Storage", sentence
    return None


def _pieces(config):
    """Generates the text: a line for each section, in the order of the table, with its keys in
    that order."""
    mark = "{\n  "
    known = []
    for path, rows in sections(config, 2):
        path = path.split(".")[0]
        known.append(path)
        if path in config:
            yield mark
            yield from _section(path, config[path], rows)
            mark = ",\n  "
    for key in sorted(config):
        if key not in known:
            yield mark
            yield from _section(key, config[key], ())
            mark = ",\n  "
    yield "{}\n" if mark[0] == "{" else "\n}\n"


def _section(path, value, rows):
    """A section, or, if it has entries of its own, a line for each of them."""
    yield json.dumps(path) + ": "
    mark = "\n    "
    if isinstance(value, list) and value:
        yield "["
        for one in value:
            yield mark + json.dumps(one)
            mark = ",\n    "
        yield "\n  ]"
    elif not isinstance(value, dict) or not value:
        yield json.dumps(value)
    elif path == "units":
        yield "{"
        for unit_id in sorted(value):
            yield mark
            yield from _section(unit_id, value[unit_id], rows)
            mark = ",\n    "
        yield "\n  }"
    else:
        keys = [row[1] for row in rows if row[1] in value]
        mark = "{ "
        for key in keys + [key for key in sorted(value) if key not in keys]:
            yield f"{mark}{json.dumps(key)}: {json.dumps(value[key])}"
            mark = ", "
        yield " }"

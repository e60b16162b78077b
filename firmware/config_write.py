"""Writes the file that POST /api/config leaves for the next start. Loaded by config_asked.py, and
dropped.
"""

import json

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
    from firmware import forget, whole

    forget("firmware.whole")
    left = 0  # bytes since the chip was stopped
    try:
        await app.bus.slot(_FLASH_SLOT_MS, "flash")
        for count in whole.steps("config.new", _bounded(_pieces(config)), "config.tmp"):
            left += count
            if left >= _PIECE:
                await app.bus.slot(_FLASH_SLOT_MS, "flash")
                left = 0
    except ValueError:
        sentence = f"config.json would have more than {_LARGEST_FILE} bytes."
        return "413 Payload Too Large", sentence
    except OSError as error:
        sentence = f"config.json can not be written ({error}): is the flash full?"
        return "507 Insufficient Storage", sentence
    return None


def _bounded(pieces):
    """Raises ValueError when there are more bytes than config.json may have."""
    size = 0
    for piece in pieces:
        data = piece.encode()
        size += len(data)
        if size > _LARGEST_FILE:
            raise ValueError
        yield data


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

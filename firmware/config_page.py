"""GET /api/config: what config.json says, made in pieces of JSON text. Loaded for such a request,
and dropped.

Only what the table of settings knows is told: a misspelt key may hold a password.
"""

import json

from configured_table import sections
from firmware import forget

forget("configured_table")  # it is dropped with this module


def pieces(app):
    """Generates them: the sections that there are, in the order of the table, with the keys that
    there are; of a secret only true. What was saved and waits for a restart counts. With a file
    that can't be read there is one member, "error", a sentence."""
    from firmware import settings

    config, problem = settings.current()
    del settings
    forget("firmware.settings")
    if problem:
        yield json.dumps({"error": problem})
        return
    mark = "{"
    for path, rows in sections(config, 3):
        said = config.get(path.split(".")[0])
        if said is None:
            continue
        text = None
        if path == "units.*" and isinstance(said, dict):
            units = [f"{json.dumps(i)}: {_members(said[i], rows)}" for i in sorted(said)]
            path, text = "units", "{" + ", ".join(units) + "}"
        elif not rows[0][1]:
            text = json.dumps(said) if isinstance(said, (str, list)) else None
        elif isinstance(said, dict):
            text = _members(said, rows)
        if text:
            yield f'{mark}"{path}": {text}'
            mark = ", "
    yield "}" if mark == ", " else "{}"


def _members(said, rows):
    """What a section or a unit says, as JSON."""
    if not isinstance(said, dict):
        return "null"
    found = []
    for row in rows:
        key = row[1]
        if key in said:
            value = bool(said[key]) if row[2] == "secret" else said[key]
            if key == "networks":
                value = _networks(value)
            found.append(f'"{key}": {json.dumps(value)}')
    return "{" + ", ".join(found) + "}"


def _networks(said):
    """A list of networks with true in the place of each password."""
    found = []
    for one in said if isinstance(said, list) else ():
        if isinstance(one, dict):
            found.append({key: one[key] for key in ("ssid",) if key in one})
            if "password" in one:
                found[-1]["password"] = bool(one["password"])
    return found

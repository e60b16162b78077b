"""The rows of config.json: whether a value is what its row allows, what stands where it is missing
or wrong, and the sentence about it.

Used by configuration.py and by what takes changes from the page, and dropped with them. The rows
come from configured_table.py, as lists of text.
"""

import json

from micropython import const

from written import is_id, is_number, shown

# Kinds of values: where each one begins in this text.
_KINDS = "number whole maybe pin text secret prefix name choice id switch list"
_WHOLE = const(7)
_MAYBE = const(13)
_PIN = const(19)
_TEXT = const(23)
_SECRET = const(28)
_PREFIX = const(35)
_NAME = const(42)
_CHOICE = const(47)
_ID = const(54)
_SWITCH = const(57)
_LIST = const(64)

_NAME_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

# Where a value is wrong, its default stands, but for these, whose defaults would lead to more:
# more current, or more frames than were wanted (a switch is only written to turn it).
SAFE = {
    "supply": {"volts": 300, "phases": 3},
    "bus": {"questions": False, "raw": False},
    "mqtt": {"tls": True},
    "guard": {"amps": 6, "watts": 500, "mean_watts": 500},
    "battery": {"first": "battery", "soc": None},
}
UNIT_SAFE = {"max_amps": 6, "min_amps": 6, "phases": 3, "energy_limit_kwh": 5, "soc_limit": 50}

# Where a value is wrong, and a smaller one was wanted than stands in its place, it is 0.
_LOWERED = ("max_amps", "amps", "watts", "mean_watts", "energy_limit_kwh", "soc_limit")


def section(path, rows, given, problems, safe=None):
    """The values of a section or unit, {key: value} with all keys; what is wrong is told in
    `problems`. `rows`: as configured_table.sections gives them; `given`: what stands there;
    `safe`: what stands in place of wrong values, by key."""
    safe = safe or {}
    values = {row[1]: default(row) for row in rows}
    if not isinstance(given, dict):
        # What it is is not shown: it may be a password.
        problems.append(f"config.json: {path} is no object: write {{ ... }}.")
        values.update(safe)
        given = {}
    for key in sorted(given):
        row = find(rows, key)
        if row is None:
            meant = unknown(key, path + ".", sorted(values), problems)
            if meant in safe and meant not in given:
                values[meant] = safe[meant]
            continue
        value = given[key]
        want = _wanted(row, value)
        if want is None:
            values[key] = value
            continue
        if key in safe:
            values[key] = safe[key]
        if key in _LOWERED and is_number(value) and value < (values[key] or 0):
            values[key] = 0
        problems.append(_wrong(f"{path}.{key}", value, want, row, values[key]))
    return values


def single(row, value, problems):
    """What counts of a section that is a value itself, such as "name"."""
    want = _wanted(row, value)
    if want is None:
        return value
    problems.append(_wrong(row[0], value, want, row, default(row)))
    return default(row)


def find(rows, key):
    """The row of a key, or None."""
    for row in rows:
        if row[1] == key:
            return row
    return None


def default(row):
    """What counts where the key is missing."""
    said = row[3]
    kind = _KINDS.find(row[2])
    if said == "null" or kind == _LIST:
        return None
    return said if _TEXT <= kind <= _ID else json.loads(said)


def can_be_null(row):
    """Whether null says something else than a missing key."""
    return _KINDS.find(row[2]) == _PIN


def _wanted(row, value):
    """None if the value is allowed, else what should be written instead."""
    _, _, kind, _, low, high, _ = row
    kind = _KINDS.find(kind)
    if kind == _CHOICE:
        choices = [None if word == "null" else word for word in low.split(" ")]
        if value in choices:
            return None
        return "one of " + ", ".join([shown(choice) for choice in choices])
    if _TEXT <= kind <= _NAME:
        fits = isinstance(value, str) and len(value) <= int(high)
        if kind == _NAME:
            fits = fits and value and all([byte in _NAME_LETTERS for byte in value.encode()])
            want = f'up to {high} letters, digits, "-" and "_" (it is part of the MQTT topics)'
        elif kind == _PREFIX and fits:
            # A broker drops whoever publishes to a wildcard.
            wild = "+" in value or "#" in value
            fits = value and not wild and value.strip("/") == value
            want = "the beginning of topics, without + and #, and without a slash at its ends"
        else:
            want = f'text in quotes, at most {high} characters, "..."'
        return None if fits else want
    if kind == _ID:
        fits = is_id(value) and value not in ("0000", "FFFF")
        return None if fits else 'four hex digits in quotes, upper case, such as "7777"'
    if kind == _SWITCH:
        return None if value is True or value is False else "true or false, without quotes"
    if kind == _LIST:
        return None if isinstance(value, (list, tuple)) else "a list, [ ... ]"
    nullable = kind in (_PIN, _MAYBE)
    if nullable and value is None:
        return None
    whole = kind in (_WHOLE, _PIN)
    fits = is_number(value) and (isinstance(value, int) or not whole)
    if fits and int(low) <= value <= int(high):
        return None
    number = "a whole number" if whole else "a number"
    return f"{number} from {low} to {high}" + (" or null" if nullable else "")


def _wrong(path, value, want, row, used):
    instead = f"using {shown(used)}"
    if used is None:
        instead = "not used"
    elif is_number(used) and row[6]:
        instead += " " + row[6]
    # What should have been a password is nobody else's business.
    said = "not usable" if _KINDS.find(row[2]) == _SECRET else shown(value)
    return f"config.json: {path} is {said}: write {want}; {instead} until you do."


def unknown(key, path, known, problems):
    """Tells that a key is unknown, the whole of it `path` and `key`; returns the one that was
    meant, or None."""
    for name in reversed(known):  # "phases" before "phase", since that may mean more current
        if _alike(key, name):
            problems.append(
                f"config.json: {path}{key[:40]} is unknown: did you mean {path}{name}?"
            )
            return name
    problems.append(
        f"config.json: {path}{key[:40]} is unknown and not used. Known are: {', '.join(known)}."
    )
    return None


def _alike(key, name):
    """Whether two words differ by little: a letter more, fewer or other, or upper case."""
    a, b = key.lower().replace("-", "_"), name
    if a == b or a + "s" == b or a == b + "s":
        return True
    if abs(len(a) - len(b)) > 1 or len(b) < 4:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    return rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:]

"""The rows of config.json: what each key may be, what stands where it is missing or wrong, and
the sentence about it.

Used by configuration.py, with which it is dropped again.
"""

from micropython import const

from written import is_id, is_number, shown

# Kinds of values.
_NUMBER = const(0)
_WHOLE = const(1)
_TEXT = const(2)
_CHOICE = const(3)
_PIN = const(4)  # a whole number or null
_ID = const(5)  # four hex digits, as on the bus
_SWITCH = const(6)  # true or false
_MAYBE = const(7)  # a number or null

# The sections and their keys: (key, kind, default, lowest or choices, highest or longest text).
# The default stands where the key is missing.
SECTIONS = {
    "wires": (("max_amps", _WHOLE, 6, 6, 240),),
    "supply": (
        # More volts or phases than there are lead to fewer amperes; so 240 rather than 230.
        ("volts", _NUMBER, 240, 90, 300),
        ("phases", _WHOLE, 1, 1, 3),
    ),
    "surplus": (
        ("start_hold_s", _NUMBER, 60, 0, 3600),
        # How much of the minimum may come from the grid, in percent.
        ("grid_share", _NUMBER, 0, 0, 100),
        # What may be imported before a charge falls back or stops.
        ("budget_wh", _NUMBER, 10, 0, 500),
    ),
    # Of one kWh, in any currency; they can be negative.
    "price": (
        ("import", _MAYBE, None, -1000, 1000),
        ("feed_in", _MAYBE, None, -1000, 1000),
        ("fast_below", _MAYBE, None, -1000, 1000),
        ("solar_above", _MAYBE, None, -1000, 1000),
    ),
    "share": (("by", _CHOICE, "equal", ("equal", "rotation"), None),),
    "plan": (
        ("mode", _CHOICE, "solar", ("off", "solar", "minimum", "fast"), None),
        ("manual_s", _NUMBER, 300, 0, 86400),
        ("manual_then", _CHOICE, "solar", ("solar", "minimum"), None),
    ),
    "guard": (
        ("amps", _MAYBE, None, 6, 200),
        ("watts", _MAYBE, None, 500, 100000),
        ("mean_watts", _MAYBE, None, 500, 100000),
        ("max_age_s", _NUMBER, 30, 5, 300),
    ),
    "battery": (
        ("first", _CHOICE, "battery", ("battery", "car"), None),
        ("soc", _MAYBE, None, 0, 100),
    ),
    "clock": (
        ("zone", _TEXT, None, None, 64),
        ("ntp", _TEXT, "pool.ntp.org", None, 64),
    ),
    "relay": (
        ("min_on_s", _NUMBER, 600, 0, 86400),
        ("min_off_s", _NUMBER, 600, 0, 86400),
        ("starts_a_day", _WHOLE, 20, 1, 200),
    ),
    "inputs": (
        ("max_age_s", _NUMBER, 120, 1, 3600),
        ("lost", _CHOICE, "off", ("off", "minimum"), None),
    ),
    "wifi": (
        ("ssid", _TEXT, "", None, 32),
        ("password", _TEXT, "", None, 64),
        ("hostname", _TEXT, "twc-bridge", None, 32),
    ),
    "mqtt": (
        ("host", _TEXT, "", None, 64),
        ("port", _WHOLE, 1883, 1, 65535),
        ("user", _TEXT, "", None, 64),
        ("password", _TEXT, "", None, 64),
        ("tls", _SWITCH, False, None, None),
        # A file on the board, and the SHA-256 of the broker's certificate in hex digits.
        ("ca", _TEXT, "", None, 64),
        ("pin", _TEXT, "", None, 95),
    ),
    "homeassistant": (
        ("discovery", _CHOICE, "device", ("device", "entity", "off"), None),
        ("prefix", _TEXT, "homeassistant", None, 32),
    ),
    "twcmanager": (
        ("mqtt", _SWITCH, False, None, None),
        ("http", _SWITCH, False, None, None),
        ("prefix", _TEXT, "TWC", None, 32),
    ),
    "bus": (
        ("id", _ID, "7777", None, None),
        ("questions", _SWITCH, True, None, None),
        ("recording", _WHOLE, 50, 0, 400),
        ("raw", _SWITCH, True, None, None),
    ),
    "board": (
        ("uart", _WHOLE, 2, 1, 2),
        ("tx", _WHOLE, 17, 0, 39),
        ("rx", _WHOLE, 16, 0, 39),
        ("driver_enable", _PIN, 4, 0, 39),
        ("stop_pin", _PIN, 0, 0, 39),
    ),
}

# What one unit may have, under "units" and its id. None: nothing is said, or, where that is the
# same for all units, its default.
UNIT = (
    ("name", _TEXT, None, None, 32),
    ("max_amps", _WHOLE, None, 5, 80),
    ("min_amps", _WHOLE, None, 5, 80),
    ("phases", _WHOLE, None, 1, 3),
    ("priority", _WHOLE, 5, 1, 9),
    ("contactors", _SWITCH, False, None, None),
    ("spike_cure", _SWITCH, False, None, None),
    ("energy", _CHOICE, "auto", ("auto", "kWh", "Wh"), None),
    # The phase that a unit with one phase hangs on; null: not known, so it counts on all.
    ("phase", _CHOICE, None, ("L1", "L2", "L3", None), None),
    ("energy_limit_kwh", _MAYBE, None, 1, 200),
    ("soc_limit", _MAYBE, None, 1, 100),
)

# Units of values, by the end of their keys.
_ENDS = (("amps", " A"), ("_s", " s"), ("watts", " W"), ("_wh", " Wh"), ("_kwh", " kWh"))

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


def section(path, rows, given, problems, safe):
    """The values of a section or unit. `safe`: what stands in place of wrong values, by key."""
    safe = safe or {}
    values = {row[0]: row[2] for row in rows}
    if not isinstance(given, dict):
        # What it is is not shown: it may be a password.
        problems.append(f"config.json: {path} is no object: write {{ ... }}.")
        values.update(safe)
        given = {}
    for key in sorted(given):
        row = _find(rows, key)
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
        if key in _LOWERED and is_number(value) and value < values[key]:
            values[key] = 0
        problems.append(_wrong(f"{path}.{key}", value, want, row, values[key]))
    return values


def _find(rows, key):
    for row in rows:
        if row[0] == key:
            return row
    return None


def _wanted(row, value):
    """None if the value is allowed, else what should be written instead."""
    _, kind, _, low, high = row
    if kind == _CHOICE:
        return None if value in low else "one of " + ", ".join([shown(c) for c in low])
    if kind == _TEXT:
        fits = isinstance(value, str) and len(value) <= high
        return None if fits else f'text in quotes, at most {high} characters, "..."'
    if kind == _ID:
        fits = is_id(value) and value not in ("0000", "FFFF")
        return None if fits else 'four hex digits in quotes, upper case, such as "7777"'
    if kind == _SWITCH:
        return None if value is True or value is False else "true or false, without quotes"
    nullable = kind in (_PIN, _MAYBE)
    if nullable and value is None:
        return None
    whole = kind in (_WHOLE, _PIN)
    if is_number(value) and (isinstance(value, int) or not whole) and low <= value <= high:
        return None
    number = "a whole number" if whole else "a number"
    return f"{number} from {low} to {high}" + (" or null" if nullable else "")


def _wrong(path, value, want, row, used):
    unit = ""
    for end, name in _ENDS:
        if row[0].endswith(end):
            unit = name
    instead = f"using {used}{unit}" if unit else f"using {shown(used)}"
    if used is None:
        instead = "not used"
    # What should have been a password is nobody else's business.
    said = "not usable" if row[0] == "password" else shown(value)
    return f"config.json: {path} is {said}: write {want}; {instead} until you do."


def unknown(key, path, known, problems):
    """Tells that a key is unknown; returns the one that was meant, or None."""
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

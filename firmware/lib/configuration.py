"""What config.json may say, from one table, and what to do where it says something else.

Every value that is missing, of the wrong type or out of range is replaced by one that leads to
less current, and told in a sentence; nothing here raises. Needed once, at the start: the caller
drops the module again (settings.py). What the running parts ask of the result is in units.py.
"""

from micropython import const

# Kinds of values.
_NUMBER = const(0)
_WHOLE = const(1)
_TEXT = const(2)
_CHOICE = const(3)
_PIN = const(4)  # a whole number or null
_ID = const(5)  # four hex digits, as on the bus

# The sections and their keys: (key, kind, default, lowest or choices, highest or longest text).
# The default stands where the key is missing.
_SECTIONS = {
    "wires": (("max_amps", _WHOLE, 6, 6, 240),),
    "supply": (
        # More volts or phases than there are lead to fewer amperes; so 240 rather than 230.
        ("volts", _NUMBER, 240, 90, 300),
        ("phases", _WHOLE, 1, 1, 3),
    ),
    "surplus": (("start_hold_s", _NUMBER, 60, 0, 3600),),
    "relay": (
        ("min_on_s", _NUMBER, 600, 0, 86400),
        ("min_off_s", _NUMBER, 600, 0, 86400),
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
    ),
    "bus": (("id", _ID, "7777", None, None),),
    "board": (
        ("uart", _WHOLE, 2, 1, 2),
        ("tx", _WHOLE, 17, 0, 39),
        ("rx", _WHOLE, 16, 0, 39),
        ("driver_enable", _PIN, 4, 0, 39),
        ("stop_pin", _PIN, 0, 0, 39),
    ),
}

# What one unit may have, under "units" and its id. None: nothing is said.
_UNIT = (
    ("name", _TEXT, None, None, 32),
    ("max_amps", _WHOLE, None, 5, 80),
    ("min_amps", _WHOLE, None, 5, 80),
    ("phases", _WHOLE, None, 1, 3),
)

# Where a value of a unit is wrong, these lead to less.
_UNIT_SAFE = {"max_amps": 6, "min_amps": 6, "phases": 3}

_DEFAULT_NAME = "garage"

# Shorter times than these are for tests only.
_SHORTEST_RELAY_S = const(300)
_LONGEST_NAME = const(24)
_HEX = "0123456789ABCDEF"
_NAME_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


def check(given):
    """Checks the parsed config.json (None: there is none that can be read).

    Returns (configuration, sentences): a dictionary of all sections with all their keys,
    "name" and "units" ({id: {key: value or None}}), and what is wrong, for the reader.
    """
    problems = []
    if given is not None and not isinstance(given, dict):
        problems.append(
            'config.json: has to be an object, { "wires": ... }; '
            "using safe values, 6 A, until it is."
        )
        given = None
    given = given or {}
    config = {"name": _name(given.get("name", _DEFAULT_NAME), problems)}
    for section in _SECTIONS:
        config[section] = _section(
            section, _SECTIONS[section], given.get(section, {}), problems, None
        )
    config["units"] = _units(given.get("units", {}), problems)
    for key in given:
        if key not in config:
            problems.append(_unknown(key, "", list(config)))
    _contradictions(config, given, problems)
    return config, problems


def _section(path, rows, given, problems, safe):
    values = {row[0]: row[2] for row in rows}
    if not isinstance(given, dict):
        problems.append(f"config.json: {path} is {_shown(given)}: write an object, {{ ... }}.")
        given = {}
        if safe:
            values.update(safe)
    for key in given:
        row = _find(rows, key)
        if row is None:
            problems.append(_unknown(key, path + ".", list(values)))
            continue
        want = _wanted(row, given[key])
        if want is None:
            values[key] = given[key]
            continue
        if safe and key in safe:
            values[key] = safe[key]
        problems.append(_wrong(f"{path}.{key}", given[key], want, row, values[key]))
    return values


def _units(given, problems):
    units = {}
    if not isinstance(given, dict):
        problems.append(
            f"config.json: units is {_shown(given)}: write an object with one entry for each "
            'wall connector, { "2433": { "max_amps": 16 } }.'
        )
        return units
    for unit_id in given:
        upper = unit_id.upper()
        if _is_id(upper):
            units[upper] = _section(
                "units." + unit_id, _UNIT, given[unit_id], problems, _UNIT_SAFE
            )
        else:
            problems.append(
                f'config.json: units has "{unit_id[:20]}": an id is four hex digits such as '
                "2433, as the page shows it. This entry is not used."
            )
    return units


def _contradictions(config, given, problems):
    wires = config["wires"]["max_amps"]
    if not isinstance(given.get("wires"), dict) or "max_amps" not in given["wires"]:
        problems.append(
            "config.json: wires.max_amps is not set: 6 A for all wall connectors together. "
            "Set it to what wires and breaker carry continuously."
        )
    for unit_id in sorted(config["units"]):
        unit = config["units"][unit_id]
        path = f"units.{unit_id}"
        most = unit["max_amps"]
        if most is not None and most > wires:
            problems.append(
                f"config.json: {path}.max_amps is {most}, but wires.max_amps allows {wires} "
                f"for all together; using {wires}."
            )
        least = unit["min_amps"]
        allowed = wires if most is None else min(most, wires)
        if least is not None and least > allowed:
            problems.append(
                f"config.json: {path}.min_amps is {least}, but only {allowed} A are allowed: "
                "this wall connector gets 0 A. Lower min_amps or raise the limits."
            )
    for key in ("min_on_s", "min_off_s"):
        seconds = config["relay"][key]
        if seconds < _SHORTEST_RELAY_S:
            problems.append(
                f"config.json: relay.{key} is {seconds} s: so short a time wears the relays of "
                "wall connector and car; 600 is the usual value."
            )


def _name(given, problems):
    if isinstance(given, str) and 0 < len(given) <= _LONGEST_NAME:
        if all(c in _NAME_LETTERS for c in given):
            return given
    problems.append(
        f"config.json: name is {_shown(given)}: write up to {_LONGEST_NAME} letters, digits, "
        f'"-" and "_" (it is part of the MQTT topics); using "{_DEFAULT_NAME}".'
    )
    return _DEFAULT_NAME


def _is_id(value):
    return isinstance(value, str) and len(value) == 4 and all(c in _HEX for c in value)


def _find(rows, key):
    for row in rows:
        if row[0] == key:
            return row
    return None


def _wanted(row, value):
    """None if the value is allowed, else what should be written instead."""
    _, kind, _, low, high = row
    if kind == _CHOICE:
        return None if value in low else "one of " + ", ".join([f'"{c}"' for c in low])
    if kind == _TEXT:
        fits = isinstance(value, str) and len(value) <= high
        return None if fits else f'text in quotes, at most {high} characters, "..."'
    if kind == _ID:
        fits = _is_id(value) and value not in ("0000", "FFFF")
        return None if fits else 'four hex digits in quotes, upper case, such as "7777"'
    if kind == _PIN and value is None:
        return None
    whole = kind in (_WHOLE, _PIN)
    if isinstance(value, int if whole else (int, float)) and not isinstance(value, bool):
        if low <= value <= high:
            return None
    number = "a whole number" if whole else "a number"
    return f"{number} from {low} to {high}" + (" or null" if kind == _PIN else "")


def _wrong(path, value, want, row, used):
    unit = " A" if row[0].endswith("amps") else " s" if row[0].endswith("_s") else ""
    shown = f"{used}{unit}" if unit else _shown(used)
    # What should have been a password is nobody else's business.
    said = "not usable" if row[0] == "password" else _shown(value)
    return f"config.json: {path} is {said}: write {want}; using {shown} until you do."


def _unknown(key, path, known):
    for name in known:
        if _alike(key, name):
            return f"config.json: {path}{key[:40]} is unknown: did you mean {path}{name}?"
    return (
        f"config.json: {path}{key[:40]} is unknown and not used. Known are: "
        + ", ".join(sorted(known))
        + "."
    )


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


def _shown(value):
    if isinstance(value, str):
        return f'"{value[:40]}"'
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return str(value)[:40]

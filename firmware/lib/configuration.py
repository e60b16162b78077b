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
_SWITCH = const(6)  # true or false

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
    "bus": (
        ("id", _ID, "7777", None, None),
        ("questions", _SWITCH, True, None, None),
        ("recording", _WHOLE, 200, 0, 400),
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
_UNIT = (
    ("name", _TEXT, None, None, 32),
    ("max_amps", _WHOLE, None, 5, 80),
    ("min_amps", _WHOLE, None, 5, 80),
    ("phases", _WHOLE, None, 1, 3),
    ("priority", _WHOLE, 5, 1, 9),
    ("contactors", _SWITCH, False, None, None),
    ("spike_cure", _SWITCH, False, None, None),
    ("energy", _CHOICE, "auto", ("auto", "kWh", "Wh"), None),
)

# Where a value is wrong, its default stands, but for these, whose defaults would lead to more:
# more current, or more frames than were wanted (a switch is only written to turn it).
_SAFE = {
    "supply": {"volts": 300, "phases": 3},
    "bus": {"questions": False, "raw": False},
}
_UNIT_SAFE = {"max_amps": 6, "min_amps": 6, "phases": 3}

# Of two entries for the same unit: what gives less. Values that are not here and differ fall
# back to the default.
_LESS = {
    "max_amps": min,
    "min_amps": max,
    "phases": max,
    "priority": min,
    "contactors": min,
    "spike_cure": min,
}

# The maximum of units that have none of their own: no limit, or, where someone limited a unit
# and which one can't be told, the least.
_UNLIMITED_AMPS = const(240)
_LEAST_AMPS = const(6)

_DEFAULT_NAME = "garage"

# Shorter times than these are for tests: (section, key, seconds, what they do).
_SHORT_TIMES = (
    ("relay", "min_on_s", 300, "wears the relays of wall connector and car; 600 is usual"),
    ("relay", "min_off_s", 300, "wears the relays of wall connector and car; 600 is usual"),
    ("inputs", "max_age_s", 30, "loses readings that are only a little late; 120 is usual"),
    ("surplus", "start_hold_s", 30, "starts a car on every gap in the clouds; 60 is usual"),
)

# Pins of an ESP32: 6 to 11 belong to its flash, 34 to 39 can't send.
_FLASH_PINS = (6, 7, 8, 9, 10, 11)
_LAST_OUTPUT = const(33)
_LONGEST_NAME = const(24)

# The least that the spike cure offers ("Heartbeat commands" of the protocol notes).
_SPIKE_AMPS = const(16)
_HEX = b"0123456789ABCDEF"
_NAME_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


def check(given):
    """Checks the parsed config.json (None: there is none that can be read).

    Returns (configuration, sentences): a dictionary of all sections with all their keys,
    "name", "units" ({id: {key: value or None}}) and "units_max_amps" (the maximum of units that
    have none of their own), and what is wrong, for the reader.
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
    for section in sorted(_SECTIONS):
        rows = _SECTIONS[section]
        values = given.get(section, {})
        config[section] = _section(section, rows, values, problems, _SAFE.get(section))
    config["units_max_amps"] = _UNLIMITED_AMPS
    config["units"] = _units(given.get("units", {}), problems, config)
    known = sorted(_SECTIONS) + ["name", "units"]
    for key in sorted(given):
        if key not in known:
            meant = _unknown(key, "", known, problems)
            if meant == "units":
                config["units_max_amps"] = _LEAST_AMPS
            elif meant in _SAFE and meant not in given:
                config[meant].update(_SAFE[meant])
    _contradictions(config, given, problems)
    return config, problems


def _section(path, rows, given, problems, safe):
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
            meant = _unknown(key, path + ".", sorted(values), problems)
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
        if key == "max_amps" and _is_number(value) and value < values[key]:
            values[key] = 0  # someone wanted less than what stands in its place
        problems.append(_wrong(f"{path}.{key}", value, want, row, values[key]))
    return values


def _units(given, problems, config):
    units = {}
    if not isinstance(given, dict):
        config["units_max_amps"] = _LEAST_AMPS
        problems.append(
            "config.json: units is no object: write one with an entry for each wall connector, "
            '{ "2433": { "max_amps": 16 } }; at most 6 A for each until you do.'
        )
        return units
    for unit_id in sorted(given):
        upper = unit_id.upper()
        if not _is_id(upper):
            config["units_max_amps"] = _LEAST_AMPS
            problems.append(
                f'config.json: units has "{unit_id[:20]}": an id is four hex digits such as '
                "2433, as the page shows it; at most 6 A for units without a limit of their own "
                "until this is mended."
            )
            continue
        unit = _section("units." + unit_id, _UNIT, given[unit_id], problems, _UNIT_SAFE)
        if upper in units:
            for row in _UNIT[1:]:
                key = row[0]
                both = [u[key] for u in (unit, units[upper]) if u[key] is not None]
                if key in _LESS and both:
                    unit[key] = _LESS[key](both)
                elif both and both[0] != both[-1]:
                    unit[key] = row[2]
            problems.append(f"config.json: units has {upper} twice; what gives less counts.")
        units[upper] = unit
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
        if unit["spike_cure"] and allowed < _SPIKE_AMPS:
            problems.append(
                f"config.json: {path}.spike_cure is true, but only {allowed} A are allowed: it "
                f"needs {_SPIKE_AMPS} A or more and does nothing here."
            )
    for section, key, shortest, what in _SHORT_TIMES:
        seconds = config[section][key]
        if seconds < shortest:
            problems.append(
                f"config.json: {section}.{key} is {seconds} s: so short a time {what}."
            )
    _check_pins(config["board"], problems)


def _check_pins(board, problems):
    taken = {}
    for name in ("tx", "rx", "driver_enable", "stop_pin"):
        pin = board[name]
        if pin is None:
            continue
        if pin in _FLASH_PINS:
            problems.append(f"config.json: board.{name} is {pin}: pins 6 to 11 are the flash's.")
        elif pin > _LAST_OUTPUT and name != "rx":
            problems.append(
                f"config.json: board.{name} is {pin}: pins 34 to 39 can neither send nor pull "
                "up; take one from 0 to 33."
            )
        elif pin in taken:
            problems.append(
                f"config.json: board.{name} and board.{taken[pin]} are both {pin}: "
                "give each its own pin."
            )
        taken[pin] = name


def _name(given, problems):
    if isinstance(given, str) and 0 < len(given) <= _LONGEST_NAME:
        if all([byte in _NAME_LETTERS for byte in given.encode()]):
            return given
    problems.append(
        f"config.json: name is {_shown(given)}: write up to {_LONGEST_NAME} letters, digits, "
        f'"-" and "_" (it is part of the MQTT topics); using "{_DEFAULT_NAME}".'
    )
    return _DEFAULT_NAME


def _is_id(value):
    # Bytes, because MicroPython keeps each letter that a loop over text has met.
    hexes = isinstance(value, str) and [byte in _HEX for byte in value.encode()]
    return hexes == [True] * 4


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
    if kind == _SWITCH:
        return None if value is True or value is False else "true or false, without quotes"
    if kind == _PIN and value is None:
        return None
    whole = kind in (_WHOLE, _PIN)
    if _is_number(value) and (isinstance(value, int) or not whole) and low <= value <= high:
        return None
    number = "a whole number" if whole else "a number"
    return f"{number} from {low} to {high}" + (" or null" if kind == _PIN else "")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _wrong(path, value, want, row, used):
    unit = " A" if row[0].endswith("amps") else " s" if row[0].endswith("_s") else ""
    instead = "not used" if used is None else f"using {used}{unit}" if unit else ""
    instead = instead or f"using {_shown(used)}"
    # What should have been a password is nobody else's business.
    said = "not usable" if row[0] == "password" else _shown(value)
    return f"config.json: {path} is {said}: write {want}; {instead} until you do."


def _unknown(key, path, known, problems):
    """Tells that a key is unknown; returns the one that was meant, or None."""
    for name in known:
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

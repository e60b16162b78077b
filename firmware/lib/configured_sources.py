"""Checks the section "sources" of config.json: a list of other people's topics and what they
send. Needed once, at the start."""

from micropython import const

from written import is_id, is_number, shown

# Kinds: (units that it may be sent in, the first is the default; what its signs may be called;
# default age in seconds, None: inputs.max_age_s).
_POWER = ("W", "kW")
_GRID = ("W", "kW", "A", "mA")
_SIDES = ("import", "export")
_KINDS = {
    "surplus": (_POWER, (), None),
    "grid": (_GRID, _SIDES, None),
    "grid_l1": (_GRID, _SIDES, None),
    "grid_l2": (_GRID, _SIDES, None),
    "grid_l3": (_GRID, _SIDES, None),
    "generation": (_POWER, (), 900),
    "consumption": (_POWER, (), None),
    "battery": (_POWER, ("charging", "discharging"), None),
    "battery_soc": (("%",), (), 21600),
    "car_soc": (("%",), (), 21600),
    "car_limit": (("%",), (), 21600),
    "car_plugged": ((), (), 21600),
    "car_home": ((), (), 21600),
    "price": (("/kWh", "/MWh"), (), 21600),
    "feed_in": (("/kWh", "/MWh"), (), 21600),
    "volts": (("V",), (), None),
}
_ORDER = (
    "surplus, grid, grid_l1, grid_l2, grid_l3, generation, consumption, battery, battery_soc, "
    "car_soc, car_limit, car_plugged, car_home, price, feed_in, volts"
)

# What is added up, or makes a surplus together: without one of them the others tell another sum.
# Without the battery its discharge would pass for sun.
_FAMILIES = {
    "surplus": ("surplus",),
    "grid": ("grid", "grid_l1", "grid_l2", "grid_l3"),
    "sun": ("generation", "consumption"),
}

_KEYS = (
    "kind, topic, path, unit, positive, factor, offset, max_age_s, on_change, alive, "
    "alive_payload, with_cars, unit_id, vin, home"
)

# Of these there can be one only (of what a car tells: one for each car).
_CARS = ("car_soc", "car_limit", "car_plugged", "car_home")
_SINGLE = ("battery_soc", "price", "feed_in", "volts") + _CARS

_MOST = const(16)
# umqtt's SUBSCRIBE breaks at 123 bytes.
_LONGEST_TOPIC = const(100)
_LONGEST_TEXT = const(64)


def check(given, guard_uses_grid, problems, battery_soc=None, advice=None):
    """Checks the parsed list. `guard_uses_grid`: whether the grid guard goes by the grid meter;
    `battery_soc`: the value of battery.soc; sentences are appended to `problems`, and those that
    only give advice to the list `advice`, if there is one, too.

    Returns a list of dictionaries for charging.sources.Source, with all keys. A source that is
    wrong is not in it, and neither is what would tell more than there is without it.
    """
    if not isinstance(given, list):
        problems.append(
            'config.json: sources is no list: write [ { "kind": "grid", "topic": "..." } ]; '
            "none is used until you do."
        )
        return []
    found = []
    lost = []  # families, and None: it may be any of them
    for number in range(len(given)):
        if number >= _MOST:
            problems.append(
                f"config.json: sources has {len(given)} entries: at most {_MOST} are used; none "
                "that gives a surplus is until the list is shorter."
            )
            lost.append(None)
            break
        entry = given[number]
        path = f"source {number + 1}"
        kind = entry.get("kind") if isinstance(entry, dict) else None
        if not isinstance(kind, str) or kind not in _KINDS:
            if isinstance(entry, dict):
                _wrong(problems, path + ": kind", kind, "one of " + _ORDER)
            else:
                _wrong(problems, path, entry, '{ "kind": "grid", "topic": "..." }')
            lost.append(None)
            continue
        source = _source(entry, kind, f"{path} ({kind})", guard_uses_grid, problems)
        if source is not None and _fits(source, found, f"{path} ({kind})", problems):
            found.append(source)
        else:
            lost.append(_family(kind))
    found = _without(lost, found, problems)
    start = len(problems)
    _together(found, battery_soc, problems)
    if advice is not None:
        advice += problems[start:]
    return found


def _source(entry, kind, path, guard_uses_grid, problems):
    """The entry with all its keys, or None if it is wrong."""
    units, signs, age_s = _KINDS[kind]
    fine = True
    known = _KEYS.split(", ")
    for key in sorted(entry):
        if key not in known:
            problems.append(
                f"config.json: {path}: {key[:40]} is unknown; the source is not used until this "
                f"is mended. Known are: {_KEYS}."
            )
            fine = False
    for key, default, is_fine, want in (
        ("topic", None, _is_topic, f"a topic of up to {_LONGEST_TOPIC} bytes without # and +"),
        ("path", None, _is_path, 'names with dots between them, such as "ENERGY.Power"'),
        (
            "unit",
            units[0] if units else "",
            lambda value: value in units,
            _one_of(units) if units else "nothing: it is told in words",
        ),
        (
            "positive",
            signs[0] if signs else "",
            lambda value: value in signs,
            _one_of(signs) if signs else "nothing: its sign is known",
        ),
        (
            "factor",
            1,
            lambda value: units and is_number(value) and value and -1e6 <= value <= 1e6,
            "a number from -1000000 to 1000000, not 0"
            if units
            else "nothing: it is told in words",
        ),
        (
            "offset",
            0,
            lambda value: units and is_number(value) and -100000 <= value <= 100000,
            "a number from -100000 to 100000" if units else "nothing: it is told in words",
        ),
        (
            "max_age_s",
            age_s,
            lambda value: is_number(value) and 1 <= value <= 86400,
            "a number from 1 to 86400",
        ),
        ("on_change", False, _is_switch, "true or false, without quotes"),
        ("alive", None, _is_topic, f"a topic of up to {_LONGEST_TOPIC} bytes without # and +"),
        ("alive_payload", "online", _is_text, "the text that is sent there while it lives"),
        (
            "with_cars",
            False,
            _is_switch if kind == "consumption" else lambda value: False,
            "true or false, without quotes"
            if kind == "consumption"
            else "nothing: it belongs to a consumption",
        ),
        (
            "unit_id",
            None,
            is_id if kind in _CARS else lambda value: False,
            'four hex digits in quotes, upper case, such as "2433"'
            if kind in _CARS
            else "nothing: it belongs to a car",
        ),
        (
            "vin",
            None,
            _is_vin if kind in _CARS else lambda value: False,
            "the 17 characters of the VIN, upper case, in quotes"
            if kind in _CARS
            else "nothing: it belongs to a car",
        ),
        (
            "home",
            "home" if kind == "car_home" else None,
            _is_text if kind == "car_home" else lambda value: False,
            "what is sent while the car is at home"
            if kind == "car_home"
            else "nothing: it belongs to a car_home",
        ),
    ):
        if key not in entry or (entry[key] is None and key != "topic"):
            entry = _with(entry, key, default)
        elif not is_fine(entry[key]):
            _wrong(problems, f"{path}: {key}", entry[key], want)
            fine = False
    if fine and entry["vin"] and entry["unit_id"]:
        problems.append(
            f"config.json: {path} has a unit_id and a vin: write one of the two; the source is "
            "not used until you do."
        )
        fine = False
    if fine and entry["topic"] is None:
        problems.append(
            f"config.json: {path} has no topic: write the topic that it is sent on; the source "
            "is not used until you do."
        )
        fine = False
    if not fine:
        return None
    if entry["on_change"]:
        why = None
        if guard_uses_grid and kind in _FAMILIES["grid"]:
            why = (
                "the grid guard goes by this meter, and an unchanged value may be a meter that "
                "is gone"
            )
        elif entry["alive"] is None or entry["alive"] == entry["topic"]:
            why = "alive has to be another topic, which tells whether the sender lives"
        if why:
            entry = _with(entry, "on_change", False)
            problems.append(
                f"config.json: {path}: on_change is not followed: {why}. A reading is good for "
                "its maximum age only."
            )
    elif entry["alive"] is not None:
        problems.append(f'config.json: {path}: alive does nothing without "on_change": true.')
    return entry


def _fits(source, found, path, problems):
    """Whether a source can stand beside those before it."""
    for other in found:
        if other["kind"] != source["kind"]:
            continue
        if other["unit_id"] != source["unit_id"] or other["vin"] != source["vin"]:
            continue
        if other["topic"] == source["topic"] and other["path"] == source["path"]:
            problems.append(
                f"config.json: {path} is there twice: delete one; none of this kind is used "
                "until you do."
            )
            return False
        if source["kind"] in _SINGLE:
            problems.append(
                f"config.json: {path} is a second one: there can be one {source['kind']} only"
                f"{' for a car' if source['kind'] in _CARS else ''}; the first is used."
            )
            return False
        if ("A" in source["unit"]) != ("A" in other["unit"]):
            problems.append(
                f"config.json: {path} is in {source['unit']} and another one in "
                f"{other['unit']}: they can't be added up. None of this kind is used until you "
                "write one of the two."
            )
            return False
    return True


def _family(kind):
    for family in _FAMILIES:
        if kind in _FAMILIES[family]:
            return family
    return None if kind == "battery" else ""


def _without(lost, found, problems):
    """What can be used if something of each of these families is missing."""
    kept = []
    dropped = []
    for source in found:
        family = _family(source["kind"])
        if family and (None in lost or family in lost):
            if source["kind"] not in dropped:
                dropped.append(source["kind"])
        else:
            kept.append(source)
    if dropped:
        problems.append(
            f"config.json: sources: until that is mended {', '.join(dropped)} "
            f"{'is' if len(dropped) == 1 else 'are'} not used either: without it the surplus "
            "could be too high."
        )
    return kept


def _together(found, battery_soc, problems):
    """Tells what makes no sense without another one."""
    kinds = [source["kind"] for source in found]
    surplus = "surplus" in kinds or any([kind.startswith("grid") for kind in kinds])
    for one, other in (("generation", "consumption"), ("consumption", "generation")):
        if one in kinds and other not in kinds and not surplus:
            problems.append(
                f"config.json: sources has {one}, but no {other}: a surplus takes both."
            )
    if battery_soc is not None and "battery" in kinds and "battery_soc" not in kinds:
        problems.append(
            f"config.json: battery.soc is {battery_soc}, but no source tells battery_soc: the "
            "battery is first until one does."
        )


def _with(entry, key, value):
    entry = dict(entry)
    entry[key] = value
    return entry


def _is_topic(value):
    if not isinstance(value, str) or not value:
        return False
    raw = value.encode()
    return len(raw) <= _LONGEST_TOPIC and not any([byte in b"#+\0" for byte in raw])


def _is_path(value):
    return _is_text(value) and "" not in value.split(".")


def _is_text(value):
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT


def _is_vin(value):
    if not isinstance(value, str) or len(value) != 17:
        return False
    return all([48 <= byte <= 57 or 65 <= byte <= 90 for byte in value.encode()])


def _is_switch(value):
    return value is True or value is False


def _one_of(words):
    return "one of " + ", ".join([f'"{word}"' for word in words])


def _wrong(problems, path, value, want):
    told = "missing" if value is None else shown(value)
    problems.append(
        f"config.json: {path} is {told}: write {want}; the source is not used until you do."
    )

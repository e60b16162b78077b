"""What config.json may say, from one table, and what to do where it says something else.

Every value that is missing, of the wrong type or out of range is replaced by one that leads to
less current, and told in a sentence; nothing here raises. Needed once, at the start: the caller
drops it again, and all configured_… modules with it (settings.py). What the running parts ask
of the result is in units.py.
"""

from micropython import const

from configured_rows import SAFE, SECTIONS, UNIT, UNIT_SAFE, section, unknown
from configured_together import check_together
from written import is_id, shown

# Of two entries for the same unit: what gives less. Values that are not here and differ fall
# back to the default.
_LESS = {
    "max_amps": min,
    "min_amps": max,
    "phases": max,
    "priority": min,
    "contactors": min,
    "spike_cure": min,
    "energy_limit_kwh": min,
    "soc_limit": min,
}

# The maximum of units that have none of their own: no limit, or, where someone limited a unit
# and which one can't be told, the least.
_UNLIMITED_AMPS = const(240)
_LEAST_AMPS = const(6)

_DEFAULT_NAME = "garage"

_LONGEST_NAME = const(24)

_GUARDED = ("amps", "watts", "mean_watts")

# Letters of a vehicle identification number (ISO 3779).
_VIN_LETTERS = b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_LENGTH = const(17)
_NO_CAR = {"allow": ("?",), "deny": (), "unknown": "deny"}
_FEW = "only cars on vins.allow get power until you do."

_NAME_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"


def check(given):
    """Checks the parsed config.json (None: there is none that can be read).

    Returns (configuration, sentences): a dictionary of all sections with all their keys,
    "name", "units" ({id: {key: value or None}}), "units_max_amps" (the maximum of units that
    have none of their own), "vins" (see _vins), "sources" and "timetable" (lists, see
    configured_sources.check and configured_times.check_timetable), and what is wrong, for the
    reader.
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
    for path in sorted(SECTIONS):
        wrong = len(problems)
        config[path] = section(path, SECTIONS[path], given.get(path, {}), problems, SAFE.get(path))
        if path == "battery" and len(problems) > wrong:
            # Either of its two keys alone may mean more.
            config[path].update(SAFE[path])
    config["units_max_amps"] = _UNLIMITED_AMPS
    config["units"] = _units(given.get("units", {}), problems, config)
    config["vins"] = _vins(given.get("vins", {}), problems)
    config["sources"] = config["timetable"] = ()
    known = sorted(SECTIONS) + ["name", "sources", "timetable", "units", "vins"]
    for key in sorted(given):
        if key not in known:
            meant = unknown(key, "", known, problems)
            if meant == "units":
                config["units_max_amps"] = _LEAST_AMPS
            elif meant == "vins" and meant not in given:
                config[meant] = dict(_NO_CAR)
            elif meant in SAFE and meant not in given:
                config[meant].update(SAFE[meant])
    if "sources" in given:
        import configured_sources

        guarded = [key for key in _GUARDED if config["guard"][key] is not None]
        config["sources"] = configured_sources.check(
            given["sources"], bool(guarded), problems, config["battery"]["soc"]
        )
    _times(config, given, problems)
    check_together(config, given, problems)
    return config, problems


def _vins(given, problems):
    """{"allow": tuple, "deny": tuple, "unknown": "allow" or "deny"}: the VINs that may charge
    (empty: all others), those that may not, and what a car is that tells none. A mistake leaves
    those that can be read on the list of the allowed, and nobody else."""
    vins = {"allow": (), "deny": (), "unknown": "allow"}
    wrong = len(problems)
    if not isinstance(given, dict):
        problems.append(
            "config.json: vins is no object: write { ... }; no car is allowed until you do."
        )
        return dict(_NO_CAR)
    for key in sorted(given):
        value = given[key]
        if key not in vins:
            unknown(key, "vins.", sorted(vins), problems)
        elif key == "unknown":
            if value in ("allow", "deny"):
                vins[key] = value
            else:
                problems.append(
                    f'config.json: vins.unknown is {shown(value)}: write one of "allow", '
                    f'"deny"; {_FEW}'
                )
        else:
            good = []
            if not isinstance(value, (list, tuple)):
                problems.append(
                    f'config.json: vins.{key} is {shown(value)}: write a list, [ "5YJ…" ]; {_FEW}'
                )
                value = ()
            for vin in value:
                upper = vin.upper() if isinstance(vin, str) else ""
                letters = [byte in _VIN_LETTERS for byte in upper.encode()]
                if letters == [True] * _VIN_LENGTH:
                    good.append(upper)
                else:
                    problems.append(
                        f"config.json: vins.{key} has {shown(vin)}: a VIN is {_VIN_LENGTH} "
                        f"letters and digits, without I, O and Q; {_FEW}"
                    )
            vins[key] = tuple(good)
    if len(problems) > wrong:
        vins["allow"] = vins["allow"] or _NO_CAR["allow"]
        vins["unknown"] = "deny"
    return vins


def _times(config, given, problems):
    """Time zone and timetable. Without a zone nothing is guessed: nothing goes by the clock."""
    clock = config["clock"]
    said = clock["zone"]
    if said is not None or "timetable" in given:
        import configured_times

        why = said is not None and configured_times.check_zone(said)
        if why:
            problems.append(why)
            clock["zone"] = None
        if "timetable" in given:
            config["timetable"] = configured_times.check_timetable(given["timetable"], problems)
    if config["timetable"] and said is None:
        problems.append(
            "config.json: clock.zone is not set, so the timetable is not followed: write one such "
            'as "CET-1CEST,M3.5.0,M10.5.0/3" (Paris).'
        )


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
        if not is_id(upper):
            config["units_max_amps"] = _LEAST_AMPS
            problems.append(
                f'config.json: units has "{unit_id[:20]}": an id is four hex digits such as '
                "2433, as the page shows it; at most 6 A for units without a limit of their own "
                "until this is mended."
            )
            continue
        unit = section("units." + unit_id, UNIT, given[unit_id], problems, UNIT_SAFE)
        said = given[unit_id]
        if not isinstance(said, dict):
            # Nobody wished for limits of a charge.
            unit["energy_limit_kwh"] = unit["soc_limit"] = None
        elif said.get("phase") not in ("L1", "L2", "L3", None) and "phases" not in said:
            unit["phases"] = UNIT_SAFE["phases"]  # that is what a number of phases would be
        if upper in units:
            for row in UNIT[1:]:
                key = row[0]
                both = [u[key] for u in (unit, units[upper]) if u[key] is not None]
                if key in _LESS and both:
                    unit[key] = _LESS[key](both)
                elif both and both[0] != both[-1]:
                    unit[key] = row[2]
            problems.append(f"config.json: units has {upper} twice; what gives less counts.")
        units[upper] = unit
    return units


def _name(given, problems):
    if isinstance(given, str) and 0 < len(given) <= _LONGEST_NAME:
        if all([byte in _NAME_LETTERS for byte in given.encode()]):
            return given
    problems.append(
        f"config.json: name is {shown(given)}: write up to {_LONGEST_NAME} letters, digits, "
        f'"-" and "_" (it is part of the MQTT topics); using "{_DEFAULT_NAME}".'
    )
    return _DEFAULT_NAME

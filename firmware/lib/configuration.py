"""What config.json may say, from one table, and what to do where it says something else.

Every value that is missing, of the wrong type or out of range is replaced by one that leads to
less current, and told in a sentence; nothing here raises. Needed once, at the start: the caller
drops it again, and all configured_… modules with it (settings.py). What the running parts ask
of the result is in units.py.
"""

from micropython import const

from configured_rows import SAFE, UNIT_SAFE, default, section, single, unknown
from configured_table import sections
from configured_together import check_together
from written import is_id

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

_GUARDED = ("amps", "watts", "mean_watts")


def check(given):
    """Checks the parsed config.json (None: there is none that can be read).

    Returns (configuration, sentences): a dictionary of all sections with all their keys,
    "name", "units" ({id: {key: value or None}}), "units_max_amps" (the maximum of units that
    have none of their own), "vins" (see configured_vins.py), "sources" and "timetable" (lists,
    see configured_sources.check and configured_times.check_timetable), and what is wrong, for the
    reader.
    """
    return _checked(given, [])


def mistakes(given):
    """The sentences of check() on what is wrong, without those that only give advice."""
    advice = []
    return [one for one in _checked(given, advice)[1] if one not in advice]


def _checked(given, advice):
    problems = []
    if given is not None and not isinstance(given, dict):
        problems.append(
            'config.json: has to be an object, { "wires": ... }; '
            "using safe values, 6 A, until it is."
        )
        given = None
    given = given or {}
    config = {"units_max_amps": _UNLIMITED_AMPS}
    config["vins"] = {"allow": (), "deny": (), "unknown": "allow"}
    known = []
    for path, rows in sections():
        path = path.split(".")[0]
        known.append(path)
        wrong = len(problems)
        if path == "name":
            config[path] = single(rows[0], given.get(path, default(rows[0])), problems)
        elif path == "units":
            config[path] = _units(given.get(path, {}), rows, problems, config)
        elif path == "vins":
            if path in given:
                from configured_vins import check_vins

                config[path] = check_vins(given[path], problems)
        elif not rows[0][1]:
            config[path] = ()  # a list: further below
        else:
            config[path] = section(path, rows, given.get(path, {}), problems, SAFE.get(path))
        if path == "battery" and len(problems) > wrong:
            # Either of its two keys alone may mean more.
            config[path].update(SAFE[path])
    known.sort()
    for key in sorted(given):
        if key not in known:
            meant = unknown(key, "", known, problems)
            if meant == "units":
                config["units_max_amps"] = _LEAST_AMPS
            elif meant == "vins" and meant not in given:
                from configured_vins import nobody

                config[meant] = nobody()
            elif meant in SAFE and meant not in given:
                config[meant].update(SAFE[meant])
    if "sources" in given:
        import configured_sources

        guarded = [key for key in _GUARDED if config["guard"][key] is not None]
        config["sources"] = configured_sources.check(
            given["sources"], bool(guarded), problems, config["battery"]["soc"], advice
        )
    _times(config, given, problems, advice)
    check_together(config, given, problems, advice)
    return config, problems


def _times(config, given, problems, advice):
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
        advice.append(
            "config.json: clock.zone is not set, so the timetable is not followed: write one such "
            'as "CET-1CEST,M3.5.0,M10.5.0/3" (Paris).'
        )
        problems.append(advice[-1])


def _units(given, rows, problems, config):
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
        unit = section("units." + unit_id, rows, given[unit_id], problems, UNIT_SAFE)
        said = given[unit_id]
        if not isinstance(said, dict):
            # Nobody wished for limits of a charge.
            unit["energy_limit_kwh"] = unit["soc_limit"] = None
        elif said.get("phase") not in ("L1", "L2", "L3", None) and "phases" not in said:
            unit["phases"] = UNIT_SAFE["phases"]  # that is what a number of phases would be
        if upper in units:
            for row in rows[1:]:
                key = row[1]
                both = [u[key] for u in (unit, units[upper]) if u[key] is not None]
                if key in _LESS and both:
                    unit[key] = _LESS[key](both)
                elif both and both[0] != both[-1]:
                    unit[key] = default(row)
            problems.append(f"config.json: units has {upper} twice; what gives less counts.")
        units[upper] = unit
    return units

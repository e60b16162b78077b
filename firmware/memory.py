"""state.json on the board's flash: what has to outlive a reset.

Which slaves were linked, whether their relays were on or resting, what they might be offered at
most, their energy and how often their relays closed; and what people chose. Written whole or not
at all. A charge costs up to six writes for each unit (link, start, stop, the end of the minimum
off time, its energy), and one each half hour while it lasts: on a cloudy day with a dozen charges
under a hundred. A choice costs one, and while it has an end one more for each quarter of an hour
and each kWh. Flash of this kind bears some 100 000 erasures of each block, and the file system
spreads them: decades.
"""

import json
import os


def load(path="state.json"):
    """What was remembered, {id: {"rating_ca": …, "protocol": …, "relay": …, "linked": …,
    "max_amps": …, "energy": {…} or None, "starts": …, "today": …}}, or None if there is a file
    that can't be used. {} if there is none: a board that is new here."""
    try:
        with open(path) as file:
            units = json.load(file)["units"]
        for unit_id in units:
            unit = units[unit_id]
            if not (
                len(unit_id) == 4
                and unit["relay"] in ("on", "resting", "free")
                and unit["protocol"] in (1, 2)
                and 0 <= unit["rating_ca"] <= 0xFFFF
            ):
                return None
            # What an earlier version did not write.
            for key, value in (
                ("linked", True),
                ("max_amps", 0),
                ("energy", None),
                ("starts", 0),
                ("today", 0),
            ):
                if key not in unit:
                    unit[key] = value
            energy = unit["energy"]
            if not (
                unit["linked"] in (True, False)
                and isinstance(unit["max_amps"], int)
                and _is_whole(unit["starts"])
                and _is_whole(unit["today"])
                and (energy is None or _is_energy(energy))
            ):
                return None
        return units
    except OSError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def load_plan(path="state.json"):
    """What Plan.memory() gave before the restart, or {}: there is none, or it can't be used."""
    try:
        with open(path) as file:
            plan = json.load(file)["plan"]
        for key in list(plan):
            if not _PLAN[key](plan[key]):
                return {}
        return plan
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _is_switch(value):
    return value is True or value is False


def _are(value, *kinds):
    """Whether a list has one value of each kind, or None in its place."""
    if not isinstance(value, list) or len(value) != len(kinds):
        return False
    return all([value[i] is None or kinds[i](value[i]) for i in range(len(kinds))])


def _are_limits(limits):
    return all([_are(limit, _is_whole, _is_number) for limit in limits.values()])


def _is_own(own):
    return all([_are(said, _is_switch, _is_whole, _is_priority) for said in own.values()])


def _is_priority(value):
    return _is_whole(value) and 1 <= value <= 9


_PLAN = {
    "mode": lambda mode: mode in ("off", "solar", "minimum", "fast", "manual"),
    "then": lambda mode: mode in ("off", "solar", "minimum"),
    "amps": _is_whole,
    "left_s": _is_whole,
    # Seconds left, Wh left, whether until unplugged, and amperes if there are any.
    "boost": lambda boost: (
        _are(boost[:3], _is_whole, _is_whole, _is_switch)
        and _are(boost[3:4] or [None], _is_whole)
        and len(boost) <= 4
        and any(boost[:3])
    ),
    # Amperes, seconds left.
    "limit": lambda limit: _are(limit, _is_whole, _is_whole) and limit[0] is not None,
    "limits": _are_limits,
    # See charging.own.Own.memory.
    "own": _is_own,
    "timetable": _is_switch,
    # See firmware.conditions.Conditions.memory.
    "since": lambda since: _are(since, _is_whole, lambda wh: isinstance(wh, int) and wh <= 0),
}


def _is_energy(energy):
    whole = all([isinstance(value, int) and value >= 0 for value in energy.values()])
    return whole and energy["unit"] <= 3


def known_slaves(remembered, settings):
    """The slaves linked before the restart, {id: {"rating_ca", "protocol", "first_amps"}}, with
    what their first heartbeat carries: None, "no change", if they may have been charging; the
    minimum if they may have been given more than is configured now; 0 A if they rested, where
    "no change" would make the relay click. `settings`: units.Units."""
    known = {}
    for unit_id in remembered:
        unit = remembered[unit_id]
        if not unit["linked"]:
            continue
        first_amps = 0
        if unit["relay"] == "on":
            most = settings.max_amps(unit_id)
            # The gate does not know its protocol before it answers, and allows 6 A at least.
            least = settings.min_amps(unit_id, None)
            first_amps = None
            if most < unit["max_amps"]:
                first_amps = least if least <= most else 0
        known[unit_id] = {
            "rating_ca": unit["rating_ca"],
            "protocol": unit["protocol"],
            "first_amps": first_amps,
        }
    return known


def save(units, plan=None, path="state.json"):
    """Writes what load and load_plan return: whole or not at all. Raises OSError if flash is full
    or damaged."""
    with open(path + ".new", "w") as file:
        json.dump({"units": units, "plan": plan or {}}, file)
    os.rename(path + ".new", path)

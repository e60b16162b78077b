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
from binascii import hexlify
from hashlib import sha256

from micropython import const

_FILE = "state.json"
_ABSENT = const(2)  # ENOENT
_LARGEST = const(16384)
_CHECK = b', "check": "'


def load(path=_FILE):
    """What was remembered, {id: {"rating_ca": …, "protocol": …, "relay": …, "linked": …,
    "max_amps": …, "energy": {…} or None, "starts": …, "today": …}}, or None if there is a file
    that can't be used. {} if there is none: a board that is new here."""
    try:
        units = _read(path)["units"]
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
    except OSError as error:
        # A flash that can't be read is no reason to start a relay that may have to rest.
        return {} if error.errno == _ABSENT else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def load_plan(path=_FILE):
    """What Plan.memory() gave before the restart, {} if there is none. If it can't be used: mode
    Off, as whatever was chosen may have been less than what counts without a choice."""
    try:
        plan = _read(path).get("plan", {})
        for key in list(plan.keys()):
            if key not in _PLAN:
                del plan[key]  # of another version
            elif not _PLAN[key](plan[key]):
                return {"mode": "off"}
        return plan
    except OSError as error:
        return {} if error.errno == _ABSENT else {"mode": "off"}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"mode": "off"}


def _read(path):
    """What the file says. Raises OSError, and ValueError if it is not as it was written. Earlier
    versions wrote no check."""
    with open(path, "rb") as file:
        # Asked for more, it would take as much memory first.
        raw = file.read(min(os.stat(path)[6], _LARGEST))
    at = raw.rfind(_CHECK)
    if at >= 0 and raw[at + len(_CHECK) :] != _digits(sha256(raw[:at])) + b'"}':
        raise ValueError
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise ValueError
    return found


def _digits(hashed):
    return hexlify(hashed.digest()[:4])


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


def save(units, plan=None, path=_FILE):
    """Writes what load and load_plan return: whole or not at all. Raises OSError if flash is full
    or damaged."""
    from firmware import forget, whole

    forget("firmware.whole")
    whole.write(path, _pieces(units, plan or {}))


def keep(app, units, plan):
    """Does so, and tells if it can not be done. `app`: the firmware.app.App."""
    from firmware import forget, whole

    forget("firmware.whole")
    try:
        save(units, plan)
        whole.trouble(app, _FILE, None)
    except OSError as error:
        lost = "the relay times would not outlive a reset: "
        whole.trouble(app, _FILE, error, lost)


def _pieces(units, plan):
    """Generates the text, and at its end the first bytes of its SHA-256: JSON with a wrong bit may
    be JSON still."""
    check = sha256()
    for piece in _parts(units, plan):
        piece = piece.encode()
        check.update(piece)
        yield piece
    yield _CHECK + _digits(check) + b'"}'


def _parts(units, plan):
    mark = '{"units": {'
    for unit_id in units:
        yield f"{mark}{json.dumps(unit_id)}: {json.dumps(units[unit_id])}"
        mark = ", "
    if not units:
        yield mark
    yield '}, "plan": ' + json.dumps(plan)

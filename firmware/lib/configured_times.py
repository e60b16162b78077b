"""What config.json may say under "timetable" and as "clock.zone".

Needed once, at the start, and only where a timetable is configured; the caller drops the module
again. Mistakes are sentences in the style of configuration.py. A window with a mistake is not
used at all: what is left of it might charge when nobody meant it to.
"""

from micropython import const

import zones
from written import is_number, shown

_MOST_WINDOWS = const(8)
_MOST_AMPS = const(80)
_LEAST_AMPS = const(5)
_MOST_KWH = const(200)

_MODES = ("off", "solar", "minimum", "fast")
_WHENS = ("early", "late", "spread")
_KEYS = ("days", "from", "to", "mode", "amps", "energy_kwh", "when")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALL_DAYS = const(127)


def check_timetable(given, problems):
    """The windows of a timetable, as charging.timetable.Timetable takes them.

    `given`: what stands under "timetable". Each window is a tuple (days, from, to, mode, amps,
    energy_wh, when): bits of the days on which it begins, 1 for Monday to 64 for Sunday; minutes
    of the day, 0 to 1439, where `to` is on the day after unless it is later than `from`; a mode
    ("manual" where amperes are given) and whole amperes or None; Wh, 0 for no target; "early",
    "late" or "spread". Sentences on what is wrong are added to the list `problems`.
    """
    windows = []
    if not isinstance(given, list):
        problems.append(
            "config.json: timetable is no list: write "
            '[ { "from": "22:00", "to": "06:00", "mode": "fast" } ]; there is no timetable '
            "until you do."
        )
        return windows
    for number, one in enumerate(given):
        if number == _MOST_WINDOWS:
            problems.append(
                f"config.json: timetable has {len(given)} windows: only the first "
                f"{_MOST_WINDOWS} are used."
            )
            break
        try:
            windows.append(_window(one))
        except ValueError as error:
            problems.append(
                f"config.json: timetable, window {number + 1}: {error}; "
                "this window is not used until you do."
            )
    return windows


def check_zone(text):
    """None for a time zone that can be used, else a sentence on what is wrong with it."""
    try:
        zones.parse(text)
    except ValueError as error:
        return (
            f"config.json: clock.zone is {shown(text)}: {error}: write one such as "
            '"CET-1CEST,M3.5.0,M10.5.0/3" (Paris), "GMT0BST,M3.5.0/1,M10.5.0" (London) or '
            '"EST5EDT,M3.2.0,M11.1.0" (New York); the timetable is not followed until you do.'
        )
    return None


def _window(given):
    """The tuple of one window; raises ValueError with the end of a sentence."""
    if not isinstance(given, dict):
        raise ValueError('write an object, { "from": "22:00", "to": "06:00", "mode": "fast" }')
    for key in sorted(given):
        if key not in _KEYS:
            raise ValueError(f"{key[:40]} is unknown: write one of {', '.join(_KEYS)}")
    days = _days(given.get("days"))
    first = _minute(given, "from", 1439)
    last = _minute(given, "to", 1440) % 1440
    mode, amps = _mode(given)
    energy_wh = _energy_wh(given.get("energy_kwh"))
    when = given.get("when", "early")
    if when not in _WHENS:
        raise _wrong("when", when, '"early", "late" or "spread"')
    if energy_wh and mode == "off":
        raise ValueError("energy_kwh stands beside off: write another mode, or leave it out")
    if when != "early" and not energy_wh:
        raise ValueError(f"when is {when}, but energy_kwh is missing: write how many kWh")
    if when != "early" and mode in ("solar", "minimum"):
        raise ValueError(f'when is {when}, and the sun does not wait: write "mode": "fast"')
    if when == "spread" and amps is not None:
        raise ValueError('when is spread, which finds the amperes itself: write "mode": "fast"')
    return (days, first, last, mode, amps, energy_wh, when)


def _days(given):
    if given is None:
        return _ALL_DAYS
    found = 0
    if isinstance(given, str) and len(given) <= 80:
        for part in given.lower().split(","):
            first, dash, last = part.partition("-")
            one, other = _day(first), _day(last if dash else first)
            if one is None or other is None:
                found = 0
                break
            # "fr-mo" goes over the end of the week.
            for step in range((other - one) % 7 + 1):
                found |= 1 << (one + step) % 7
    if not found:
        raise _wrong("days", given, 'days such as "mo-fr" or "sa,su", or leave it out')
    return found


def _day(word):
    word = word.strip()
    for number, name in enumerate(_DAYS):
        if len(word) >= 2 and name.startswith(word):
            return number
    return None


def _minute(given, key, most):
    """ "6:05" or "06:05" as a minute of the day."""
    value = given.get(key)
    if isinstance(value, str):
        hours, colon, minutes = value.partition(":")
        if colon and _digits(hours) and _digits(minutes) and len(minutes) == 2:
            minute = int(hours) * 60 + int(minutes)
            if int(minutes) < 60 and minute <= most:
                return minute
    if value is None:
        raise ValueError(f'{key} is missing: write a time such as "22:00"')
    raise _wrong(key, value, 'a time such as "22:00"')


def _digits(text):
    return 0 < len(text) < 3 and all([48 <= byte < 58 for byte in text.encode()])


def _mode(given):
    mode, amps = given.get("mode"), given.get("amps")
    if (mode is None) == (amps is None):
        there = "missing: write" if mode is None else "given beside amps: write only one of"
        raise ValueError(f'mode is {there} "mode": "fast" or "amps": 16')
    if amps is None:
        if mode not in _MODES:
            raise _wrong("mode", mode, "one of " + ", ".join([f'"{name}"' for name in _MODES]))
        return mode, None
    if not is_number(amps) or amps != amps // 1 or not _LEAST_AMPS <= amps <= _MOST_AMPS:
        raise _wrong("amps", amps, f"a whole number from {_LEAST_AMPS} to {_MOST_AMPS}")
    return "manual", int(amps)


def _energy_wh(given):
    if given is None:
        return 0
    if not is_number(given) or not 0.1 <= given <= _MOST_KWH:
        raise _wrong("energy_kwh", given, f"a number from 0.1 to {_MOST_KWH}")
    return round(given * 1000)


def _wrong(key, value, want):
    return ValueError(f"{key} is {shown(value)}: write {want}")

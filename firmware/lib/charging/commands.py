"""What people and their machines send: text or JSON -> the plan.

Loaded when a command comes and dropped after, with say_modes.py, say_boost.py or say_limits.py,
which know what each command means. Numbers may be written as `16`, `16.0`, `"16"` or `16 A`;
words in any case; on and off also as yes and no, true and false, 1 and 0. A command that can't be
understood changes nothing, and one that is said again changes nothing either, but for how long it
lasts.
"""

import json

from micropython import const

from written import is_number, shown

# As in plan.py.
_MAY = const(1)
_URGENT = const(2)

_LONGEST = const(200)
_MOST_S = const(604800)  # a week
_MOST_KWH = const(200)

_NUMERALS = b"0123456789.-+"
_UNITS_WH = {"kwh": 1000, "wh": 1}

_MODES = " mode manual "
_BOOSTS = " boost boost_minutes "
_LIMITS = " limit charge_limit ask allow timetable "
_OF_UNIT = " limit charge_limit ask allow priority "
_ALL = "allow, ask, boost, charge_limit, forget, latest, limit, manual, mode, relink, restart, "
_ALL += "timetable; and limit, charge_limit, allow, ask, priority below the id of a wall connector"


def command(plan, name, payload, now_ms, zone=None, utc_s=None):
    """Carries a command out: None, or a sentence why it was not.

    `plan`: charging.plan.Plan. `name`: as in the table, below the id of a unit ("2433/limit")
    where it is about one only; `payload`: text as it came. `zone` (of zones.parse) and `utc_s`
    (Unix time), for times of the day; None: not known.

    | name         | payloads                                                                  |
    | mode         | off, solar, solar + minimum, fast, manual, manual 16,                     |
    |              | {"mode": "manual", "amps": 16, "seconds": 300, "then": "solar"}           |
    | manual       | 16, {"amps": 16, "seconds": 300}                                          |
    | boost        | off, 2 h, 90 min, 90 (minutes), on (2 h), 8 kWh, 07:00, unplugged,        |
    |              | {"seconds": 7200}, {"kwh": 8}, {"until": "07:00"}, {"until": "unplugged"} |
    | limit        | 10, none, {"amps": 10}; for all also {"amps": 10, "seconds": 600}         |
    | charge_limit | 20 kWh, 80 %, none, {"kwh": 20, "soc": 80}, for all with "unit": "2433"   |
    | allow        | on, off, {"allow": true}; {"allow": true, "seconds": 120} for a machine   |
    | timetable    | on, off                                                                   |
    | priority     | 1 to 9, none; of one unit only                                            |
    | ask          | anything for all, or the id of a unit                                     |

    An object may have "at", the Unix time at which it was sent.
    """
    unit_id, _, word = name.rpartition("/")
    unit_id = unit_id.upper()
    text = payload.strip()
    if len(text) > _LONGEST:
        return f"{name} is longer than {_LONGEST} characters."
    listed = f" {word} "
    if (
        listed not in (_OF_UNIT if unit_id else _MODES + _BOOSTS + _LIMITS)
        or " " in word
        or not word
    ):
        return f"{name} is no command: there are {_ALL}."
    try:
        if unit_id and unit_id not in plan.known:
            raise no_unit(plan, unit_id)
        given, blind = opened(text, utc_s)
        if listed in _MODES:
            from charging import say_modes

            say_modes.say(plan, word, given, now_ms, blind)
        elif listed in _BOOSTS:
            from charging import say_boost

            say_boost.say(plan, given, now_ms, blind, zone, utc_s)
        else:
            from charging import say_limits

            say_limits.say(plan, unit_id, word, given, now_ms, blind)
    except ValueError as error:
        return sentence(name, error)
    return None


def sentence(name, error):
    """What to tell of a ValueError: it has the end of a sentence, or a whole one."""
    why = str(error)
    return why if why.startswith("this command ") else f"{name} {why}."


def opened(text, utc_s):
    """(what was sent: a dictionary, or text; whether nobody can tell how old it is, though it says
    when it was sent). Raises ValueError."""
    if text[:1] not in ("{", '"'):
        return text, False
    try:
        given = json.loads(text)
    except ValueError:
        raise ValueError(f"is no valid JSON: {text[:40]}") from None
    if isinstance(given, str):
        return given.strip(), False
    if given.pop("at", None) is None:
        return given, False
    from charging import sent_at

    sent_at.check(text, utc_s)
    return given, utc_s is None


def check_blind(blind):
    """Raises ValueError if nobody can tell how old a command is: for what could start a charge."""
    if blind:
        raise ValueError(
            'has "at", but the time is not known here, and it could start a charge: write it '
            "without, or set clock.zone"
        )


# What is written in several of them.


def only(given, keys):
    """Raises ValueError if there are other keys than these, one text with spaces between."""
    for key in sorted(given, key=str):  # MicroPython reads { 1: 2 }, too
        if f" {key} " not in f" {keys} ":
            raise ValueError(f"has {shown(key)}: known are {keys.replace(' ', ', ')}")


def number(value):
    """A number from what was sent, or None. NaN and infinity are left to the ranges."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not is_number(value):
        return None
    return value


def measure(text):
    """("2.5 kWh") -> (2.5, "kwh"); (None, "") if it is no number with a unit."""
    text = text.lower()
    data = text.encode()
    end = 0
    while end < len(data) and data[end] in _NUMERALS:
        end += 1
    return number(text[:end]), text[end:].strip()


def switch(value):
    """True or False of what means on or off, else None."""
    word = str(value).strip().lower()
    if word and " " not in word:
        if f" {word} " in " on true 1 yes ":
            return True
        if f" {word} " in " off false 0 no ":
            return False
    return None


def is_none(value):
    """Whether this says that there is to be none."""
    return value is None or isinstance(value, str) and value.lower() in ("none", "null")


def amps(value, most, more=""):
    """Whole amperes, rounded down. Raises ValueError."""
    found = None
    if isinstance(value, str):
        found, unit = measure(value.strip())
        if unit not in ("", "a"):
            found = None
    else:
        found = number(value)
    if found is None or not 0 <= found <= most:
        raise ValueError(f"is {shown(value)}: write whole amperes from 0 to {most}{more}")
    return int(found)


def seconds_of(given):
    """Those of an object, or None. Raises ValueError."""
    value = given.get("seconds")
    return None if value is None else positive(number(value), value)


def positive(seconds, value):
    """Seconds of which `value` tells, if they can be. Raises ValueError."""
    if seconds is None or not 1 <= seconds <= _MOST_S:
        raise ValueError(f"has a time of {shown(value)}: it can be from 1 s to 168 h")
    return seconds


def wh_of(found, unit, value):
    """Whole Wh of `found` in a unit, None if it is no energy. Raises ValueError."""
    if unit not in _UNITS_WH:
        return None
    kwh = None if found is None else found * _UNITS_WH[unit] / 1000
    if kwh is None or not 0.1 <= kwh <= _MOST_KWH:
        raise ValueError(f"has an energy of {shown(value)}: it can be 0.1 to {_MOST_KWH} kWh")
    return round(kwh * 1000)


def no_unit(plan, unit_id):
    """A ValueError for an id that there is not."""
    known = ", ".join(sorted(plan.known)) or "none yet"
    return ValueError(f"names {shown(unit_id)}, but the wall connectors are: {known}")


def after(now_ms, seconds):
    """When it is over; None: `seconds` is."""
    return None if seconds is None else now_ms + int(seconds * 1000)


def spoken(plan):
    """Notes that a person has said something: all cars may be started."""
    plan.spoke = True
    for known in plan.known.values():
        known[_MAY] = True


def hurry(plan, now_ms):
    """Notes that a person wants it now."""
    plan.seen = False
    plan.urgent_ms = now_ms
    for known in plan.known.values():
        known[_URGENT] = True

"""What people and their machines send: text or JSON -> the plan.

Loaded when a command comes and dropped after. Numbers may be written as `16`, `16.0`, `"16"` or
`16 A`; words in any case. A command that can't be understood changes nothing.
"""

import json

from micropython import const

from written import is_number, shown

_LONGEST = const(200)
_MOST_AMPS = const(80)  # of one unit
_MOST_TOTAL_AMPS = const(240)
_MOST_S = const(604800)  # a week
_MOST_KWH = const(200)

_NUMERALS = b"0123456789.-+"
_MODES = {
    "off": "off",
    "solar": "solar",
    "minimum": "minimum",
    "solar+minimum": "minimum",
    "fast": "fast",
    "manual": "manual",
}
_UNITS_S = {"h": 3600, "hour": 3600, "hours": 3600, "min": 60, "minutes": 60, "s": 1}
_UNITS_WH = {"kwh": 1000, "wh": 1}
_NONE = ("none", "null", "")


def command(plan, name, payload, now_ms, zone=None, utc_s=None):
    """Carries a command out: None, or a sentence why it was not.

    `plan`: charging.plan.Plan. `name`: "mode", "manual", "boost", "limit", "charge_limit" or
    "ask"; `payload`: text as it came. `zone` (of zones.parse) and `utc_s` (Unix time), for
    times of the day; None: not known.

    | name         | payloads                                                                  |
    | mode         | off, solar, solar + minimum, fast, manual 16,                             |
    |              | {"mode": "manual", "amps": 16, "seconds": 300, "then": "solar"}           |
    | manual       | 16, {"amps": 16, "seconds": 300}                                          |
    | boost        | off, 2 h, 90 min, 8 kWh, 07:00, unplugged, {"seconds": 7200},             |
    |              | {"kwh": 8}, {"until": "07:00"}, {"until": "unplugged"}                    |
    | limit        | 10, none, {"amps": 10, "seconds": 600}                                    |
    | charge_limit | 20 kWh, 80 %, none, {"unit": "2433", "kwh": 20, "soc": 80}                |
    | ask          | anything for all, or the id of a unit                                     |
    """
    given = text = payload.strip()
    if len(text) > _LONGEST:
        return f"{name} is longer than {_LONGEST} characters."
    if name not in _COMMANDS:
        return f"{name} is no command: there are {', '.join(sorted(_COMMANDS))}."
    try:
        if text[:1] in ("{", '"'):
            try:
                given = json.loads(text)
            except ValueError:
                raise ValueError(f"is no valid JSON: {text[:40]}") from None
            if isinstance(given, str):
                given = given.strip()
        if name == "boost":
            _boost(plan, given, now_ms, zone, utc_s)
        else:
            _COMMANDS[name](plan, given, now_ms)
    except ValueError as error:
        return f"{name} {error}."
    return None


def _mode(plan, given, now_ms):
    if isinstance(given, dict):
        _only(given, ("mode", "amps", "seconds", "then"))
    else:
        words = given.lower().replace(" ", "")
        given = {"mode": given}
        if words.startswith("manual") and len(words) > len("manual"):
            given = {"mode": "manual", "amps": words[len("manual") :]}
    word = given.get("mode")
    mode = _MODES.get(word.lower().replace(" ", "")) if isinstance(word, str) else None
    if mode is None:
        raise ValueError(f"is {shown(word)}: write off, solar, solar + minimum, fast or manual 16")
    then = given.get("then")
    if then is not None:
        then = _MODES.get(then.lower().replace(" ", "")) if isinstance(then, str) else None
        if then not in ("off", "solar", "minimum"):
            raise ValueError(
                f"has then {shown(given['then'])}: write off, solar or solar + minimum"
            )
    amps = given.get("amps")
    if mode == "manual":
        if amps is None:
            if plan.mode != "manual":
                raise ValueError("needs amperes: write manual 16")
            amps = plan.amps
        amps = _amps(amps, _MOST_AMPS)
    elif amps is not None:
        raise ValueError(f"{mode} has no amperes: write manual 16, or leave them out")
    plan.choose(mode, amps, _seconds(given), then, now_ms)


def _manual(plan, given, now_ms):
    if not isinstance(given, dict):
        given = {"amps": given}
    _only(given, ("amps", "seconds", "then"))
    given["mode"] = "manual"
    given["amps"] = _amps(given.get("amps"), _MOST_AMPS)
    _mode(plan, given, now_ms)


def _boost(plan, given, now_ms, zone, utc_s):
    wh = None
    if isinstance(given, dict):
        _only(given, ("seconds", "kwh", "until"))
        seconds = _seconds(given)
        kwh = given.get("kwh")
        if kwh is not None:
            wh = _wh(_number(kwh), kwh)
        until = given.get("until")
        if until is not None and not isinstance(until, str):
            raise ValueError(f'has until {shown(until)}: write "07:00" or "unplugged"')
        if seconds is None and wh is None and until is None:
            raise ValueError('has no end: write {"seconds": 7200}, {"kwh": 8} or off')
        until = until and until.strip().lower()
    else:
        until = given.lower()
        if until in ("off", "0", "none"):
            plan.boost(None, None, False, now_ms)
            return
        if until.startswith("until"):
            until = until[len("until") :].strip()
        number, unit = _measure(given)
        seconds = None
        if number is not None and unit in _UNITS_WH:
            wh = _wh(number * _UNITS_WH[unit] / 1000, given)
        elif number is not None and unit in _UNITS_S:
            seconds = _positive(number * _UNITS_S[unit], given)
        if wh is not None or seconds is not None:
            until = None
    unplugged = until == "unplugged"
    if until is not None and not unplugged:
        end_s = _until_s(until, zone, utc_s)
        seconds = end_s if seconds is None else min(seconds, end_s)
    plan.boost(seconds, wh, unplugged, now_ms)


def _limit(plan, given, now_ms):
    seconds = None
    if isinstance(given, dict):
        _only(given, ("amps", "seconds"))
        seconds = _seconds(given)
        if "amps" not in given:
            raise ValueError('has no amps: write {"amps": 10}, or {"amps": null} for none')
        given = given["amps"]
    none = given is None or isinstance(given, str) and given.lower() in ("none", "null")
    plan.limit(None if none else _amps(given, _MOST_TOTAL_AMPS, " or none"), seconds, now_ms)


def _charge_limit(plan, given, now_ms):
    unit_id = wh = soc = None
    if isinstance(given, dict):
        _only(given, ("unit", "kwh", "soc"))
        unit_id = given.get("unit")
        if unit_id is not None:
            unit_id = str(unit_id).upper()
        if given.get("kwh") is not None:
            wh = _wh(_number(given["kwh"]), given["kwh"])
        if given.get("soc") is not None:
            soc = _percent(_number(given["soc"]), given["soc"])
    elif given.lower() not in _NONE:
        number, unit = _measure(given)
        if unit in _UNITS_WH and number is not None:
            wh = _wh(number * _UNITS_WH[unit] / 1000, given)
        elif unit == "%" and number is not None:
            soc = _percent(number, given)
        else:
            raise ValueError(f"is {shown(given)}: write 20 kWh, 80 % or none")
    if not plan.charge_limit(unit_id, wh, soc):
        raise _no_unit(plan, unit_id)


def _ask(plan, given, now_ms):
    unit_id = given.get("unit") if isinstance(given, dict) else None
    if isinstance(given, str) and given.upper() in plan.units():
        unit_id = given
    if unit_id is not None:
        unit_id = str(unit_id).upper()
    if not plan.ask(unit_id):
        raise _no_unit(plan, unit_id)


_COMMANDS = {
    "mode": _mode,
    "manual": _manual,
    "boost": _boost,
    "limit": _limit,
    "charge_limit": _charge_limit,
    "ask": _ask,
}


def _only(given, keys):
    for key in sorted(given):
        if key not in keys:
            raise ValueError(f"has {shown(key)}: known are {', '.join(keys)}")


def _number(value):
    """A number from what was sent, or None. NaN and infinity are left to the ranges."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not is_number(value):
        return None
    return value


def _measure(text):
    """("2.5 kWh") -> (2.5, "kwh"); (None, "") if it is no number with a unit."""
    text = text.lower()
    data = text.encode()
    end = 0
    while end < len(data) and data[end] in _NUMERALS:
        end += 1
    return _number(text[:end]), text[end:].strip()


def _amps(value, most, more=""):
    number = None
    if isinstance(value, str):
        number, unit = _measure(value.strip())
        if unit not in ("", "a"):
            number = None
    else:
        number = _number(value)
    if number is None or not 0 <= number <= most:
        raise ValueError(f"is {shown(value)}: write whole amperes from 0 to {most}{more}")
    return int(number)  # rounded down


def _seconds(given):
    value = given.get("seconds")
    return None if value is None else _positive(_number(value), value)


def _positive(seconds, value):
    if seconds is None or not 1 <= seconds <= _MOST_S:
        raise ValueError(f"has a time of {shown(value)}: it can be from 1 s to 168 h")
    return seconds


def _wh(kwh, value):
    if kwh is None or not 0.1 <= kwh <= _MOST_KWH:
        raise ValueError(f"has an energy of {shown(value)}: it can be 0.1 to {_MOST_KWH} kWh")
    return round(kwh * 1000)


def _percent(number, value):
    if number is None or not 1 <= number <= 100:
        raise ValueError(f"has a state of charge of {shown(value)}: it can be 1 to 100 %")
    return int(number)


def _until_s(until, zone, utc_s):
    """Seconds until a time of the day."""
    hours, colon, minutes = until.partition(":")
    minute = None
    if colon and hours.isdigit() and minutes.isdigit() and len(minutes) == 2:
        if int(hours) < 24 and int(minutes) < 60:
            minute = int(hours) * 60 + int(minutes)
    if minute is None:
        raise ValueError(f"is {shown(until)}: write 2 h, 8 kWh, 07:00, unplugged or off")
    if zone is None or utc_s is None:
        raise ValueError(
            f"until {until} needs the time, which is not known: write how long, such as 2 h, or "
            "set clock.zone"
        )
    import localtime

    return localtime.until_s(zone, utc_s, minute)


def _no_unit(plan, unit_id):
    known = ", ".join(sorted(plan.units())) or "none yet"
    return ValueError(f"names {shown(unit_id)}, but the wall connectors are: {known}")

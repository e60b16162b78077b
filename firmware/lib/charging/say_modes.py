"""Mode, Manual and boost: from what people send to the plan. Loaded by commands.py."""

from micropython import const

from charging.commands import (
    amps as _amps,
)
from charging.commands import (
    check_blind,
    measure,
    number,
    only,
    positive,
    seconds_of,
    switch,
    wh_of,
)
from charging.wishes import NAMES
from written import shown

_MOST_AMPS = const(80)  # of one unit
_MOST_TOTAL_AMPS = const(240)
_FIRST_AMPS = const(6)  # of Manual without any, for the first time
_BOOST_S = const(7200)  # of a boost without an end

# As in plan.py.
_MAY = const(1)
_URGENT = const(2)

_MODES = {"solar+minimum": "minimum"}
_UNITS_S = {"h": 3600, "hour": 3600, "hours": 3600, "minutes": 60, "min": 60, "": 60, "s": 1}


def say(plan, word, given, now_ms, blind, zone, utc_s):
    """Carries out "mode", "manual", "boost" or "boost_minutes", see commands.command. Raises
    ValueError with the end of a sentence."""
    if word == "mode":
        _mode(plan, given, now_ms, blind)
    elif word == "manual":
        if not isinstance(given, dict):
            given = {"amps": given}
        only(given, "amps seconds then")
        given["amps"] = _amps(given.get("amps"), _MOST_AMPS)
        given["mode"] = "manual"
        _mode(plan, given, now_ms, blind)
    else:
        _boost(plan, given, now_ms, blind, zone, utc_s)


def _mode_of(word):
    if not isinstance(word, str):
        return None
    word = word.lower().replace(" ", "")
    word = _MODES.get(word, word)
    return word if word in NAMES else None


def _mode(plan, given, now_ms, blind):
    if isinstance(given, dict):
        only(given, "mode amps seconds then")
    else:
        words = given.lower().replace(" ", "")
        given = {"mode": given}
        if words.startswith("manual") and len(words) > len("manual"):
            given = {"mode": "manual", "amps": words[len("manual") :]}
    word = given.get("mode")
    mode = _mode_of(word)
    if mode is None:
        raise ValueError(f"is {shown(word)}: write off, solar, solar + minimum, fast or manual 16")
    then = given.get("then")
    if then is not None:
        then = _mode_of(then)
        if then not in ("off", "solar", "minimum"):
            raise ValueError(
                f"has then {shown(given['then'])}: write off, solar or solar + minimum"
            )
    amps = given.get("amps")
    if mode == "manual":
        if amps is not None:
            amps = _amps(amps, _MOST_AMPS)
        else:
            amps = plan.amps
            if plan.mode != "manual":
                amps = amps or _FIRST_AMPS
    elif amps is not None:
        raise ValueError(f"{mode} has no amperes: write manual 16, or leave them out")
    seconds = seconds_of(given)
    if mode != "off" or seconds is not None:
        check_blind(blind)
    choose(plan, mode, amps, seconds, then, now_ms)


def _boost(plan, given, now_ms, blind, zone, utc_s):
    wh = seconds = until = amps = None
    if isinstance(given, dict):
        only(given, "seconds kwh until amps")
        amps = given.get("amps")
        if amps is not None:
            amps = _amps(amps, _MOST_TOTAL_AMPS)
        seconds = seconds_of(given)
        kwh = given.get("kwh")
        if kwh is not None:
            wh = wh_of(number(kwh), "kwh", kwh)
        until = given.get("until")
        if until is not None and not isinstance(until, str):
            raise ValueError(f'has until {shown(until)}: write "07:00" or "unplugged"')
        if seconds is None and wh is None and until is None:
            raise ValueError('has no end: write {"seconds": 7200}, {"kwh": 8} or off')
        until = until and until.strip().lower()
    else:
        found, unit = measure(given)
        if found is not None:
            wh = wh_of(found, unit, given)
            if unit in _UNITS_S:
                seconds = found * _UNITS_S[unit]
                if seconds:
                    positive(seconds, given)
        on = switch(given)
        if seconds == 0 or found is None and (on is False or given.lower() == "none"):
            boost(plan, None, None, False, now_ms)
            return
        if found is None and on:
            if plan.boosted:
                return
            seconds = _BOOST_S
        if wh is None and seconds is None:
            until = given.lower()
            if until.startswith("until"):
                until = until[len("until") :].strip()
    check_blind(blind)
    unplugged = until == "unplugged"
    if until is not None and not unplugged:
        end_s = _until_s(until, zone, utc_s)
        seconds = end_s if seconds is None else min(seconds, end_s)
    boost(plan, seconds, wh, unplugged, now_ms, amps)


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


# What it does to the plan.


def choose(plan, mode, amps, seconds, then, now_ms):
    """Takes a mode. `amps`: of "manual"; `seconds`: after which it ends, or None; `then`: "off",
    "solar" or "minimum", what follows, or None: what was before. Said again it only lasts
    longer."""
    before = plan.mode
    if then is not None:
        plan.then = then
    elif mode != before:
        if mode == "manual":
            plan.then = plan.manual_then
        elif before in ("off", "solar", "minimum") and plan.until_ms is None:
            plan.then = before
    if mode == "manual" and seconds is None and plan.manual_ms:
        plan.until_ms = now_ms + plan.manual_ms
    else:
        plan.until_ms = _after(now_ms, seconds)
    if mode == "manual":
        if mode != before:
            plan.kept_amps = amps
        if amps > plan.amps:
            plan.steady_ms = now_ms
        plan.amps = amps
    plan.mode = mode
    plan.chosen = True
    _spoken(plan)
    if mode != before or mode == "off" and plan.boosted:
        plan.boosted = None
        _hurry(plan, now_ms)
        plan.tell("info", f"Mode {NAMES[mode]}.")


def boost(plan, seconds, wh, unplugged, now_ms, amps=None):
    """Starts a boost until the first of: after `seconds`, after `wh`, all `unplugged`; with none
    of them ends it. The same boost said again lasts longer; its energy stays. `amps`: whole
    amperes for all units together, or None: as many as they can have."""
    until_ms = _after(now_ms, seconds)
    if until_ms is None and not wh and not unplugged:
        if plan.boosted:
            plan.boosted = None
            plan.tell("info", "Boost ended.")
        return
    _spoken(plan)
    if plan.boosted and plan.boosted.again(until_ms, wh, unplugged, amps):
        return
    from charging.boost import Boost

    plan.boosted = Boost(until_ms, wh, plan.taken_wh, unplugged, amps)
    _hurry(plan, now_ms)
    plan.tell("info", "Boost.")


def _after(now_ms, seconds):
    return None if seconds is None else now_ms + int(seconds * 1000)


def _spoken(plan):
    plan.spoke = True
    for known in plan.known.values():
        known[_MAY] = True


def _hurry(plan, now_ms):
    plan.seen = False
    plan.urgent_ms = now_ms
    for known in plan.known.values():
        known[_URGENT] = True

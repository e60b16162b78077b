"""Boosts: from what people send to the plan. Loaded by commands.py."""

from micropython import const

from charging.commands import (
    after,
    check_blind,
    hurry,
    measure,
    number,
    only,
    positive,
    seconds_of,
    spoken,
    switch,
    wh_of,
)
from charging.commands import (
    amps as _amps,
)
from written import shown

_MOST_TOTAL_AMPS = const(240)
_BOOST_S = const(7200)  # of a boost without an end
_UNITS_S = {"h": 3600, "hour": 3600, "hours": 3600, "minutes": 60, "min": 60, "": 60, "s": 1}


def say(plan, given, now_ms, blind, zone, utc_s):
    """Carries out "boost" or "boost_minutes", see commands.command. Raises ValueError with the end
    of a sentence."""
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


def boost(plan, seconds, wh, unplugged, now_ms, amps=None):
    """Starts a boost until the first of: after `seconds`, after `wh`, all `unplugged`; with none
    of them ends it. The same boost said again lasts longer; its energy stays. `amps`: whole
    amperes for all units together, or None: as many as they can have."""
    until_ms = after(now_ms, seconds)
    if until_ms is None and not wh and not unplugged:
        if plan.boosted:
            plan.boosted = None
            plan.tell("info", "Boost ended.")
        return
    spoken(plan)
    if plan.boosted and plan.boosted.again(until_ms, wh, unplugged, amps):
        return
    from charging.boost import Boost

    plan.boosted = Boost(until_ms, wh, plan.taken_wh, unplugged, amps)
    hurry(plan, now_ms)
    plan.tell("info", "Boost.")

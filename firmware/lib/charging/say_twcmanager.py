"""What clients of TWCManager ask for: its commands, in our words. Loaded for each, and dropped.

Source: MQTTControl.py and HTTPControl.py in lib/TWCManager/Control of
github.com/ngardiner/TWCManager, v1.3.3 and after. docs/twcmanager.md says what each does there and
here.
"""

import json

from micropython import const

from written import is_number, shown

_MOST_AMPS = const(80)  # of one unit
_MOST_TOTAL_AMPS = const(240)
_WEEK_S = const(604800)
_MOST_MINUTES = const(1440)

# In the order of the bits of a window's days.
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"


def meaning(plan, name, given, windows=()):
    """What a command is here: (command, payload) for commands.command(); (None, None) if there is
    nothing to do, (None, a sentence) if that can't be had here.

    `plan`: charging.plan.Plan. `name`: that of the topic below control/, or of the HTTP call;
    `given`: text as it came over MQTT, or the dictionary of an HTTP call. `windows`: those of the
    timetable, see configured_times.check_timetable(). Raises ValueError with a sentence on what is
    wrong with `given`.
    """
    if name == "chargeNow":
        if isinstance(given, dict):
            return _charge_now(given.get("chargeNowRate"), given.get("chargeNowDuration"))
        amps, _, seconds = given.partition(",")
        return _charge_now(amps, seconds)
    if name == "chargeNowEnd" or name == "cancelChargeNow":
        return "boost", "off"
    if name == "stop":
        return "mode", "off"
    if name == "nonScheduledAmpsMax":
        return _amps_max(plan, given)
    if name == "nonScheduledAction":
        return _action(plan, given)
    return _schedule(plan, given, windows)


def _charge_now(amps, seconds):
    rate, duration = _whole(amps), _whole(seconds)
    if rate is None or duration is None:
        raise ValueError("write amperes and seconds, 8,3600")
    if not 1 <= rate <= _MOST_TOTAL_AMPS or not 1 <= duration <= _WEEK_S:
        raise ValueError(
            f"{rate} A for {duration} s: it can be 1 to {_MOST_TOTAL_AMPS} A, 1 s to a week"
        )
    return "boost", json.dumps({"seconds": duration, "amps": rate})


def _amps_max(plan, given):
    """The amperes of "non-scheduled charging": they are at work while its action is 1, and kept
    otherwise."""
    amps = _whole(given)
    if amps is None or not 0 <= amps <= _MOST_AMPS:
        raise ValueError(f"is {shown(given)}: write whole amperes from 0 to {_MOST_AMPS}")
    if plan.mode == "manual" or plan.mode == "fast":
        return _fixed(plan, amps)
    plan.amps = plan.kept_amps = amps
    return None, None


def _action(plan, given):
    action = _whole(given)
    if action == 1:
        if not plan.amps:
            return None, "there are no amperes to charge with: set nonScheduledAmpsMax first"
        return _fixed(plan, plan.amps)
    if action == 2:
        return "mode", "off"
    if action != 3:
        raise ValueError(
            f"is {shown(given)}: write 1 (charge at nonScheduledAmpsMax), 2 (do not charge) or "
            "3 (track green energy)"
        )
    if plan.mode == "minimum":
        return None, None  # that goes by the sun, too
    return "mode", "solar"


def _fixed(plan, amps):
    """Manual, for as long as it can be. With 0 A nothing begins by itself after that."""
    words = {"mode": "manual", "amps": amps, "seconds": _WEEK_S}
    words["then"] = plan.manual_then if amps else "off"
    return "mode", json.dumps(words)


def _schedule(plan, given, windows):
    """The timetable can be switched from here, but its windows stand in config.json."""
    start, end = _minute(given, "startingMinute"), _minute(given, "endingMinute")
    amps = _whole(given.get("amps", -1))
    if amps is None or amps > _MOST_AMPS:
        raise ValueError(f"amps is {shown(given['amps'])}: write whole amperes to {_MOST_AMPS}")
    days = 0
    names = _DAYS.split(" ")
    for day in range(7):
        if given.get(names[day]):
            days |= 1 << day
    if not given.get("enabled") or start < 0 or end < 0 or amps <= 0 or not days:
        # So it is there: whatever is incomplete switches scheduled charging off.
        return ("timetable", "off") if plan.timetable_on else (None, None)
    start, end = start % _MOST_MINUTES, end % _MOST_MINUTES
    for window in windows:
        if window[:3] == (days, start, end):
            late = given.get("flexStartEnabled") and window[6] == "late"
            if window[4] == amps or late:
                return (None, None) if plan.timetable_on else ("timetable", "on")
    wanted = ",".join([names[day][:2] for day in range(7) if days >> day & 1])
    return None, (
        "the timetable stands in config.json, and nothing was changed: write this window there, "
        + '{"days": "' + wanted + '", "from": "' + _clock(start) + '", "to": "' + _clock(end)
        + '", "amps": ' + str(amps) + "}"
    )  # fmt: skip


def _minute(given, key):
    """A minute of the day; negative: none."""
    minute = _whole(given.get(key, -1))
    if minute is None or minute > _MOST_MINUTES:
        raise ValueError(f"{key} is {shown(given[key])}: write minutes from midnight, 0 to 1439")
    return minute


def _clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _whole(value):
    """A whole number of what people write (8, 8.0, "8"), rounded down, or None."""
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    if not is_number(value) or not -1000000 < value < 1000000:
        return None
    return int(value)

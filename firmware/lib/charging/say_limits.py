"""Limits, priorities, what is allowed, the timetable, asking: from what people send to the plan.
Loaded by commands.py.
"""

from micropython import const

from charging.commands import (
    after,
    check_blind,
    is_none,
    measure,
    no_unit,
    number,
    only,
    seconds_of,
    switch,
    wh_of,
)
from charging.commands import (
    amps as _amps,
)
from written import shown

_MOST_AMPS = const(80)  # of one unit
_MOST_TOTAL_AMPS = const(240)
_MOST_PRIORITY = const(9)

# As in plan.py.
_MAY = const(1)
_URGENT = const(2)
_SESSION = const(3)


def say(plan, unit_id, word, given, now_ms, blind):
    """Carries out one of the other commands, see commands.command; `unit_id`: "" for all. Raises
    ValueError with the end of a sentence."""
    if word == "limit":
        _limit(plan, unit_id, given, now_ms, blind)
    elif word == "allow":
        seconds = None
        if isinstance(given, dict):
            only(given, "allow seconds")
            seconds = seconds_of(given)
        allowed = _on(given, word)
        if allowed:
            check_blind(blind)
        allow(plan, unit_id, allowed, seconds, now_ms)
    elif word == "timetable":
        if plan.timetable_on is None:
            raise ValueError("can't be switched: there is none in config.json")
        if isinstance(given, dict):
            only(given, word)
        on = _on(given, word)
        check_blind(blind)
        timetable(plan, on)
    else:
        check_blind(blind)
        if word == "priority":
            _priority(plan, unit_id, given)
        elif word == "charge_limit":
            _charge_limit(plan, unit_id, given)
        else:
            _ask(plan, unit_id, given)


def _on(given, key):
    value = given.get(key) if isinstance(given, dict) else given
    on = switch(value)
    if on is None:
        raise ValueError(f"is {shown(value)}: write on or off")
    return on


def _limit(plan, unit_id, given, now_ms, blind):
    seconds = None
    if isinstance(given, dict):
        only(given, "amps" if unit_id else "amps seconds")
        seconds = seconds_of(given)
        if "amps" not in given:
            raise ValueError('has no amps: write {"amps": 10}, or {"amps": null} for none')
        given = given["amps"]
    amps = None
    if not is_none(given):
        amps = _amps(given, _MOST_AMPS if unit_id else _MOST_TOTAL_AMPS, " or none")
    before = plan.own(unit_id)[1] if unit_id else plan.limit_amps
    if amps is None or before is not None and amps > before or seconds:
        check_blind(blind)
    limit(plan, unit_id, amps, seconds, now_ms)


def _priority(plan, unit_id, given):
    if isinstance(given, dict):
        only(given, "priority")
        given = given.get("priority")
    priority = None
    if not is_none(given):
        priority = number(given)
        if priority is None or not 1 <= priority <= _MOST_PRIORITY or priority != int(priority):
            raise ValueError(f"is {shown(given)}: write 1 to {_MOST_PRIORITY}, or none")
        priority = int(priority)
    prefer(plan, unit_id, priority)


def _charge_limit(plan, unit_id, given):
    wh = soc = None
    if isinstance(given, dict):
        only(given, "kwh soc" if unit_id else "unit kwh soc")
        unit_id = _named(given, unit_id)
        if given.get("kwh") is not None:
            wh = wh_of(number(given["kwh"]), "kwh", given["kwh"])
        if given.get("soc") is not None:
            soc = _percent(number(given["soc"]), given["soc"])
    elif given and not is_none(given):
        found, unit = measure(given)
        if found is not None and unit == "%":
            soc = _percent(found, given)
        else:
            wh = wh_of(found, unit, given) if found is not None else None
            if wh is None:
                raise ValueError(f"is {shown(given)}: write 20 kWh, 80 % or none")
    charge_limit(plan, unit_id, wh, soc)


def _percent(found, value):
    if found is None or not 1 <= found <= 100:
        raise ValueError(f"has a state of charge of {shown(value)}: it can be 1 to 100 %")
    return int(found)


def _ask(plan, unit_id, given):
    if isinstance(given, dict):
        if not unit_id:
            unit_id = _named(given, "")
    elif not unit_id and given.upper() in plan.known:
        unit_id = given.upper()
    ask(plan, unit_id)


def _named(given, unit_id):
    unit = given.get("unit")
    return unit_id if unit is None else str(unit).upper() or "?"


# What it does to the plan. `unit_id`: "" for all units.


def limit(plan, unit_id, amps, seconds, now_ms):
    """Sets what a unit, or all together, may be offered, or None: no such limit; `seconds`: after
    which the one of all ends, or None."""
    if unit_id:
        _own(plan).limit(unit_id, amps, now_ms)
        return
    plan.limit_amps = amps
    plan.limit_ms = None if amps is None else after(now_ms, seconds)


def allow(plan, unit_id, allowed, seconds, now_ms):
    """Switches charging on or off. With `seconds` it is a machine's permission, which is over when
    it is not renewed by then, and no reason to hurry."""
    before = plan.own(unit_id)[0]
    new = _own(plan).allow(unit_id, allowed, after(now_ms, seconds))
    if not unit_id:
        plan.allowed = allowed
    if before is not allowed:
        which = f"{unit_id}: charging" if unit_id else "Charging"
        plan.tell("info", f"{which} is {'' if allowed else 'not '}allowed.")
    urgent = new and not allowed and seconds is None
    if urgent:
        plan.urgent_ms = now_ms
    for known in plan.known:
        if known == unit_id or not unit_id:
            if urgent:
                plan.known[known][_URGENT] = True
            if allowed:
                # Who allows it now, after a restart, means a start.
                plan.known[known][_MAY] = True


def prefer(plan, unit_id, priority):
    """Sets the priority of a unit, 1 to 9, or None: as configured."""
    _own(plan).prefer(unit_id, priority)


def timetable(plan, on):
    """Whether the timetable is followed."""
    if on is not plan.timetable_on:
        plan.timetable_on = on
        plan.tell("info", f"Timetable {'on' if on else 'off'}.")


def charge_limit(plan, unit_id, wh, soc):
    """Sets when this session of a unit ends, in Wh and in percent; None: as configured. Raises
    ValueError if there is no such unit."""
    _check(plan, unit_id)
    if plan.limits is None:
        from charging.allowed import Allowed

        plan.limits = Allowed(plan.settings, plan.vins, {})
    for known in plan.known:
        if known == unit_id or not unit_id:
            plan.limits.set(known, wh, soc)


def ask(plan, unit_id):
    """A person asks that a unit's car is offered power again; energy counts anew. Raises
    ValueError if there is no such unit."""
    _check(plan, unit_id)
    plan.asked = unit_id or True
    for known in plan.known:
        if known == unit_id or not unit_id:
            plan.known[known][_MAY] = True
            if plan.limits:
                plan.limits.ask(known, plan.known[known][_SESSION] or 0)


def _own(plan):
    if plan.said is None:
        from charging.own import Own

        plan.said = Own({})
    return plan.said


def _check(plan, unit_id):
    if unit_id and unit_id not in plan.known:
        raise no_unit(plan, unit_id)

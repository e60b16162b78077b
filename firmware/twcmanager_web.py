"""What TWCManager's HTTP calls tell, for those who come from there. Loaded with the first of them,
and dropped with the page; only where twcmanager.http is true. Its POSTs are in twcmanager_post.py.

Source of names, types and codes: lib/TWCManager/Control/HTTPControl.py and TWCMaster.getStatus of
github.com/ngardiner/TWCManager, v1.3.3; docs/twcmanager.md has them in a table.
"""

import json

from micropython import const

from firmware.report import surplus
from firmware.twcmanager_values import policy, shared_amps

_CHARGING_CA = const(100)
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"


def pieces(app, path):
    """Generates the JSON text of a GET; None if there is no such call. `app`: firmware.app.App;
    `path`: bytes."""
    if path == b"/api/getStatus":
        return _status(app)
    if path == b"/api/getSlaveTWCs":
        return _slaves(app)
    return None


def _json(keys, values):
    """Both in the same order; the keys in one text, because as names they would stay for ever."""
    keys = keys.split(" ")
    return json.dumps({keys[index]: values[index] for index in range(len(keys))})


def _two(value):
    return f"{value:.2f}"


def _status(app):
    decisions = app.decisions
    plan, units = decisions.plan, decisions.units
    now_ms = app.clock.ms()
    load = sum([unit.energy.watts(unit.draw_ca) for unit in units])
    draw = sum([unit.draw_ca for unit in units]) / 100
    name = policy(plan)
    yield (
        _json(
            "carsCharging chargerLoadWatts chargerLoadAmps currentPolicy isGreenPolicy "
            "maxAmpsToDivideAmongSlaves",
            (
                len([unit for unit in units if unit.draw_ca >= _CHARGING_CA]),
                _two(load),
                # In a list of one: so it is there.
                [_two(draw)],
                name,
                "Yes" if name == "Track Green Energy" else "No",
                _two(shared_amps(app)),
            ),
        )[:-1]
        + ", "
    )
    watts, _, _, lost = surplus(decisions, now_ms)
    watts = 0 if lost or watts is None else watts
    per_amp = max([1] + [unit.watts_per_amp for unit in units])
    values = []
    for side in (max(0, -watts), max(0, watts)):
        values += [[_two(side / per_amp)] if side else "0.00", _two(side)]
    yield _json("consumptionAmps consumptionWatts generationAmps generationWatts", values)[1:-1]
    left_ms = amps = None
    for wish in plan.wishes:
        if wish[1] == "boost":
            left_ms, amps = wish[6], wish[4]
    if amps:
        yield ', "chargeNowAmps": ' + str(amps)
    conditions = decisions.conditions
    utc_s = conditions.utc_s() if conditions else None
    if left_ms is not None and utc_s:
        yield ', "chargeNowTimeEnd": ' + str(utc_s + left_ms // 1000)
    yield ", " + _scheduled(conditions and conditions.timetable, plan.timetable_on)[1:]


def _scheduled(timetable, is_on):
    """The first window of the timetable in which it charges at full power or fixed amperes."""
    start = end = -1
    amps, days, late = 0, 127, 0
    for window in timetable.windows if timetable and is_on else ():
        if window[3] == "fast" or window[3] == "manual":
            days, start, end = window[:3]
            amps = window[4] or 0
            late = int(window[6] == "late")
            break
    enabled = start >= 0
    begin, over = (start / 60, end / 60) if enabled else (-1, -1)
    names = _DAYS.split(" ")
    on = [bool(days >> day & 1) for day in range(7)]
    flex = " ".join(["flex" + day[0].upper() + day[1:] for day in names])
    return (
        _json(
            "scheduledChargingStartHour scheduledChargingFlexStart scheduledChargingEndHour",
            (begin, begin, over),
        )[:-1]
        + ', "ScheduledCharging": '
        + _json(
            "enabled amps startingMinute endingMinute flexStartEnabled flexStartingMinute "
            "flexEndingMinute flexBatterySize " + _DAYS + " " + flex,
            [enabled, amps, start, end, late, start, end, 100] + on + on,
        )
        + "}"
    )


def _slaves(app):
    now_ms = app.clock.ms()
    total_kwh = charging = offered = draw_ca = 0
    most = 0
    yield "{"
    for unit in list(app.decisions.units):
        slave = app.master.find(unit.id)
        if slave is None or slave.heard_ms is None:
            continue
        yield '"' + unit.id + '": ' + _slave(app, unit, slave, now_ms) + ", "
        charging += slave.draw_ca >= _CHARGING_CA
        offered += unit.offer_amps
        draw_ca += slave.draw_ca
        total_kwh += (unit.energy.total_wh or 0) // 1000
        rating = slave.rating_ca / 100
        most = min(most, rating) if most else rating
    yield (
        '"total": '
        + _json(
            "carsCharging lastAmpsOffered lifetimekWh maxAmps reportedAmpsActual TWCID",
            (charging, offered, total_kwh, most, round(draw_ca / 100, 2), "total"),
        )
        + "}"
    )


def _slave(app, unit, slave, now_ms):
    charging = slave.draw_ca >= _CHARGING_CA
    volts = unit.energy.volts or (0, 0, 0)
    time = "--:--:--"
    if charging:
        seconds = (now_ms - unit.began_ms) // 1000
        time = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    vins = app.twcmanager and app.twcmanager.last_vins.get(unit.id)
    keys = (
        "carsCharging chargerLoadInW currentVIN lastAmpsOffered lastHeartbeat lastVIN lifetimekWh "
        "maxAmps reportedAmpsActual state version voltsPhaseA voltsPhaseB voltsPhaseC TWCID "
        "chargeTime"
    )
    values = (
        int(charging),
        unit.energy.watts(slave.draw_ca),
        unit.vin or "",
        unit.offer_amps,
        round((now_ms - slave.heard_ms) / 1000, 2),
        vins[1] if vins else "",
        (unit.energy.total_wh or 0) // 1000,
        slave.rating_ca / 100,
        slave.draw_ca / 100,
        slave.state,
        slave.protocol,
        volts[0],
        volts[1],
        volts[2],
        unit.id,
        time,
    )
    if unit.soc is not None:
        keys += " lastBatterySOC"
        values += (unit.soc,)
    return _json(keys, values)

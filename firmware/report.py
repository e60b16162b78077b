"""What the broker is told, as topics; page and topics share what is found here.

The names stand in the table (values.txt), the values are made here, in the same order, from the
live parts whenever they are asked for, so that page, topics and bus agree at each moment. What
only the page shows is in document.py.
"""

import gc
import random

from micropython import const

from firmware import VERSION, forget, make_room, watchdog
from twc.message import STATE_NAMES

_REPUBLISH_MS = const(30000)
_LONGEST_WARNING = const(600)
_KWH = const(19)  # the first of a connector's values that is in kWh, with two decimals
_CHARGING_CA = const(100)

# After a birth message Home Assistant is busy: it gets its time, and not all devices come at once.
_AFTER_BIRTH_MS = const(1000)


def bridge(app):
    """The values of all wall connectors together, in the order of the table, up to the last one
    that /api/status has outside of its parts."""
    decisions = app.decisions
    law, units, plan = decisions.law, decisions.units, decisions.plan
    words, minutes = "off", 0
    for wish in plan.wishes:
        if wish[1] == "boost":
            words = wish[5][5:].strip(", ")
            minutes = 0 if wish[6] is None else (wish[6] + 59999) // 60000
    wires = app.gate.wires_amps
    limit = plan.limit_amps
    amps = draw_ca = watts = 0
    for unit in units:
        amps += unit.offer_amps
        draw_ca += unit.draw_ca
        watts += unit.energy.watts(unit.draw_ca)
    return (
        law.state,
        law.reason,
        plan.mode,
        amps,
        tenths(draw_ca),
        watts,
        wires,
        wires if limit is None else min(limit, wires),
        min(plan.amps, wires) if plan.mode == "manual" else None,
        words,
        minutes,
        plan.timetable_on,
        plan.allowed,
        bool(app.warnings(app.clock.ms())),
    )


def surplus(decisions, now_ms):
    """(watts, age in s, kind of its source, whether it is lost), None before the first."""
    inputs = decisions.inputs
    reading = inputs.newest(now_ms)
    if reading is None or decisions.shown_watts is None:
        return None, None, None, False
    return (
        # As of the last decision, so that it fits the sentence that stands beside it.
        round(decisions.shown_watts),
        max(0, now_ms - reading.at_ms) // 1000,
        reading.kind,
        inputs.surplus_watts(now_ms) is None,
    )


def _slow(app, now_ms):
    """What is told every 30 s only, in the order of the table."""
    bus = app.bus
    return (
        surplus(app.decisions, now_ms)[1],
        bus.decoder.bad,
        bus.gap_ms,
        bus.late_ms,
        gc.mem_free(),
        app.wifi.signal(),
        now_ms // 1000,
        watchdog.restarted() or None,
        VERSION,
    )


def connector(app, unit, now_ms):
    """The values of one wall connector, in the order of the table."""
    slave = app.master.find(unit.id)
    state = "unknown"
    if slave is not None and slave.heard_ms is not None:
        state = STATE_NAMES.get(slave.state) or f"state {slave.state:02X}"
    energy, draw_ca, plugged = unit.energy, unit.draw_ca, unit.plugged
    allowed, limit = app.decisions.plan.own(unit.id)
    draws = draw_ca >= _CHARGING_CA
    amps = tenths(draw_ca)
    fault = unit.fault is not None or slave is None
    # Without a word about the plug there may be a car: who asks shall be able to offer it power.
    status = "F" if fault else "C" if draws else "A" if plugged is False else "B"
    mask = unit.phases
    if mask == 7:
        mask = (1 << (energy.phases or round(unit.watts_per_amp / app.decisions.volts))) - 1
    return (
        unit.name,
        state,
        unit.reason,
        unit.offer_amps,
        amps,
        "lost" if slave is None else slave.link(now_ms),
        energy.watts(draw_ca),
        unit.maximum_amps if limit is None else min(limit, unit.maximum_amps),
        unit.priority,
        allowed,
        status,
        plugged,
        draws,
        fault,
        energy.volts and energy.volts[0],
        [amps if draws and mask >> phase & 1 else 0.0 for phase in range(3)],
        unit.relay.today,
        unit.soc,
        energy.solar_percent(),
        _kwh(energy.session_wh),
        _kwh(energy.total_wh),
    )


class Report:
    """`app`: the firmware.app.App whose parts are told about. Used by Mqtt."""

    def __init__(self, app):
        from firmware import table

        self._app = app
        # In one text each: as texts of their own they would take three times as much.
        self._names = (
            table.names("bridge", 0),
            table.names("bridge slow", 0),
            table.names("connector", 0),
        )
        del table
        forget("firmware.table")
        self._marks = []
        self._again_ms = 0
        self._ids = None  # that Home Assistant was told about
        self._due_ms = None

    def changes(self, first):
        """Generates what has changed since it was last told the broker, as (topic, text), and
        everything every 30 s or when the broker is new to us (`first`)."""
        app = self._app
        now_ms = app.clock.ms()
        ids = [unit.id for unit in app.decisions.units]
        if first or ids != self._ids:
            self._ids = ids
            self._due_ms = now_ms
            self._again_ms = 0
        if now_ms >= self._again_ms:
            self._again_ms = now_ms + _REPUBLISH_MS
            self._marks.clear()
            for pair in self._changed(self._names[1], _slow(app, now_ms), None, ""):
                yield pair
            if app.latest:
                yield "latest", app.latest
        watts, _, _, lost = surplus(app.decisions, now_ms)
        warning = " ".join(app.warnings(now_ms))[:_LONGEST_WARNING] or "none"
        told = bridge(app) + (warning, None if lost else watts)
        for pair in self._changed(self._names[0], told, 0, ""):
            yield pair
        at = len(told)
        for unit in list(app.decisions.units):
            told = connector(app, unit, app.clock.ms())
            for pair in self._changed(self._names[2], told, at, unit.id + "/"):
                yield pair
            at += len(told)

    def again(self, name):
        """Sees to it that the values of a command ("limit", "2433/limit") are told again: who
        asked for a change is waiting, also if there is none. Those that begin alike are told,
        too: "boost" is "boost_minutes" as well."""
        unit_id, slash, topic = name.partition("/")
        at, names = 0, self._names[0]
        if slash:
            at = len(names.split(" "))
            names = self._names[2]
            for known in self._ids or ():
                if known == unit_id:
                    break
                at += len(names.split(" "))
        else:
            topic = name
        for word in names.split(" "):
            if word.startswith(topic) and at < len(self._marks):
                self._marks[at] = None
            at += 1

    def born(self, now_ms):
        """Home Assistant has started: it is told again what there is."""
        self._due_ms = now_ms + _AFTER_BIRTH_MS + random.getrandbits(11)

    def has_news(self, now_ms):
        """Whether announcement() has something to say."""
        return self._due_ms is not None and now_ms >= self._due_ms

    def announcement(self):
        """Generates the packets that tell Home Assistant what there is, in pieces."""
        self._due_ms = None
        self._app.moving += 1
        make_room()
        try:
            from firmware import homeassistant

            for piece in homeassistant.pieces(self._app):
                yield piece
            del homeassistant
        finally:
            self._app.moving -= 1
            forget("firmware.homeassistant")
            forget("firmware.table")

    def _changed(self, names, values, at, under):
        """Generates (topic, text) of the values that have changed; `at`: the place of the first
        among all, None: whether they have changed or not."""
        start = 0
        for index in range(len(values)):
            end = names.find(" ", start)
            if end < 0:
                end = len(names)
            value = values[index]
            if at is None or self._has_changed(at + index, value):
                yield under + names[start:end], _text(value, index)
            start = end + 1

    def _has_changed(self, at, value):
        """Whether the value in place `at` of all that is published is another than before.

        Only its hash is remembered, to save memory: the change of a sentence that it misses, one
        in 65 000, is made good within 30 s; numbers are their own.
        """
        mark = hash(str(value) if isinstance(value, (float, list)) else value)
        if at == len(self._marks):
            self._marks.append(mark)
            return True
        changed = self._marks[at] != mark
        self._marks[at] = mark
        return changed


def _text(value, index=0):
    if value is None:
        return "unknown"
    if value is True or value is False:
        return "ON" if value else "OFF"
    if isinstance(value, float):
        return f"{value:.2f}" if index >= _KWH else f"{value:.1f}"
    return str(value)


def _kwh(watt_hours):
    return None if watt_hours is None else round(watt_hours / 1000, 2)


def tenths(hundredths):
    """1183 -> 11.8."""
    return (hundredths + 5) // 10 / 10

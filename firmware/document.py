"""The one document of /api/status (see README), made in pieces of JSON text.

Loaded and dropped with pages.py. The names of what the topics tell, too, come from the table;
the others stand in lines of text, because as names of their own MicroPython would keep them for
ever.
"""

import gc
import json

from charging.wishes import listing
from firmware import VERSION, forget
from firmware.report import bridge, connector, surplus, tenths


def _keys(section):
    """The names in /api/status of the values of a section of the table, in its order."""
    from firmware import table

    rows = [row[1] for row in table.rows(section) if table.has_value(row)]
    return " ".join([name for name in rows if "." not in name])


_BRIDGE = _keys("bridge")
_CONNECTOR = _keys("connector")
forget("firmware.table")

_PLUGS = {0: "unplugged", 1: "charging", 3: "plugged in"}


def pieces(app):
    """Generates them. `app`: the firmware.app.App."""
    decisions = app.decisions
    inputs = decisions.inputs
    now_ms = app.clock.ms()
    yield (
        _json(
            "name version uptime_s max_age_s",
            (app.name, VERSION, now_ms // 1000, inputs.max_age_ms // 1000),
        )[:-1]
        + ", "
    )
    yield _json(_BRIDGE, bridge(app))[1:-1] + ', "surplus": '
    yield _json(
        "watts age_s source lost unusable note",
        surplus(decisions, now_ms) + (inputs.unusable(), inputs.note(now_ms)),
    )
    comma = ', "connectors": ['
    for unit in list(decisions.units):
        for piece in _connector(app, unit, now_ms):
            yield comma + piece
            comma = ""
        comma = ", "
    yield '], "wishes": [' if decisions.units else ', "connectors": [], "wishes": ['
    comma = ""
    for wish in listing(_wishes(app, now_ms)):
        yield comma + json.dumps(wish)
        comma = ", "
    yield '], "warnings": ' + json.dumps(app.warnings(now_ms)) + ', "mqtt": '
    mqtt = app.mqtt
    told = (mqtt.state, mqtt.broker, mqtt.note) if mqtt else ("off", "", "")
    yield _json("state broker note", told) + ', "wifi": '
    wifi = app.wifi
    yield _json("state ip rssi", (wifi.state, wifi.addresses()[0], wifi.signal())) + ', "bus": '
    yield _bus(app, now_ms) + ', "memory": '
    yield _json("free used", (gc.mem_free(), gc.mem_alloc())) + ', "events": ['
    comma = ""
    # A copy: between two pieces more may happen.
    for event in list(app.journal.events):
        yield comma + json.dumps(event)
        comma = ", "
    yield "]}"


def _wishes(app, now_ms):
    """Who wants what now: the plan's wishes, and those of guard, faults and wires."""
    decisions, law = app.decisions, app.decisions.law
    found = list(decisions.plan.wishes)
    guard = decisions.conditions and decisions.conditions.guard
    if guard:
        words = guard.words(now_ms) or "grid guard: nothing is held back"
        found.append((70, "grid guard", None, None, min(law.room[:3]), words, None))
    for unit in decisions.units:
        if unit.fault:
            found.append((80, "fault", unit.id, "off", None, unit.fault, None))
    wires = app.gate.wires_amps
    words = law.held or f"wires: {wires} A for all"
    found.append((90, "safety", None, None, wires, words, None))
    return found


def _json(keys, values):
    keys = keys.split(" ")
    return json.dumps({keys[i]: values[i] for i in range(len(keys))})


def _bus(app, now_ms):
    bus, lookout = app.bus, app.master.lookout
    decoder, questions = bus.decoder, bus.questions
    return _json(
        "frames rate bad short sent echoes refused noisy gap_max_ms gaps gap_cause late_max_ms "
        "second_master note asked answered recording",
        (
            decoder.good,
            round(lookout.rate, 1),
            decoder.bad,
            decoder.short,
            bus.sent,
            lookout.echoes,
            bus.refused,
            bus.noisy,
            bus.gap_ms,
            bus.gaps,
            bus.gap_cause,
            bus.late_ms,
            lookout.second_master(now_ms),
            lookout.note,
            questions.asked if questions else 0,
            questions.answered if questions else 0,
            bus.recorder.frames if bus.recorder else 0,
        ),
    )


def _connector(app, unit, now_ms):
    """Generates the part about one wall connector."""
    relay = unit.relay
    yield _json(_CONNECTOR, connector(app, unit, now_ms))[:-1] + ", "
    yield (
        _json(
            "id max_amps min_amps starts starts_life mode wants volts phases contactors",
            (
                unit.id,
                unit.maximum_amps,
                unit.minimum_amps,
                relay.starts,
                relay.life,
                unit.mode,
                unit.wants,
                unit.energy.volts,
                unit.energy.phases,
                unit.stopping.contactors,
            ),
        )[1:-1]
        + ", "
    )
    slave = app.master.find(unit.id)
    if slave is not None:
        claim = app.gate.claims.get(unit.id)
        yield (
            _json(
                "rating_amps protocol reply_ms missed claim_amps",
                (
                    slave.rating_ca // 100,
                    slave.protocol,
                    slave.reply_ms,
                    slave.unanswered,
                    tenths(claim.ca()) if claim else 0.0,
                ),
            )[1:-1]
            + ", "
        )
    else:
        yield '"rating_amps": null, "protocol": null, '
    code = heard_s = echo_amps = None
    if slave is not None and slave.heard_ms is not None:
        code = slave.state
        heard_s = tenths((now_ms - slave.heard_ms) // 10)
        echo_amps = tenths(slave.echo_ca)
    questions = app.bus.questions
    details = questions.of(unit.id) if questions else None
    told = (None,) * 5
    if details is not None:
        amps = details.meter and [tenths(ca) for ca in details.meter[2]]
        plug = _PLUGS.get(details.plug)
        told = details.serial, details.firmware, details.vin, plug, amps
    yield _json(
        "code heard_s echo_amps serial firmware vin plug phase_amps",
        (code, heard_s, echo_amps) + told,
    )[1:]

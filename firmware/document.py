"""The one document of /api/status (see README), made in pieces of JSON text.

Loaded and dropped with pages.py. The names of what the topics tell, too, come from the table;
the others stand in lines of text, because as names of their own MicroPython would keep them for
ever.
"""

import gc
import json

from charging.wishes import listing
from firmware import VERSION, forget, watchdog
from firmware.report import bridge, connector, surplus, tenths


def _keys(section):
    """The names in /api/status of the values of a section of the table, in its order."""
    from firmware import table

    names = table.names(section, 1).split(" ")
    return " ".join([name for name in names if "." not in name])


_BRIDGE = _keys("bridge")
_CONNECTOR = _keys("connector")
forget("firmware.table")

_PLUGS = {0: "unplugged", 1: "charging", 3: "plugged in"}


def pieces(app):
    """Generates them. `app`: the firmware.app.App."""
    decisions = app.decisions
    inputs = decisions.inputs
    now_ms = app.clock.ms()
    yield "{"
    yield from _members(
        "name version latest update uptime_s max_age_s restarted",
        (
            app.name,
            VERSION,
            app.latest,
            app.update,
            now_ms // 1000,
            inputs.max_age_ms // 1000,
            watchdog.restarted(),
        ),
    )
    yield ", "
    yield from _members(_BRIDGE, bridge(app))
    yield ', "surplus": {'
    yield from _members(
        "watts age_s source lost unusable note",
        surplus(decisions, now_ms) + (inputs.unusable(), inputs.note(now_ms)),
    )
    yield '}, "connectors": ['
    comma = "{"
    for unit in list(decisions.units):
        yield comma
        yield from _connector(app, unit, now_ms)
        comma = "}, {"
    yield '}], "wishes": [' if decisions.units else '], "wishes": ['
    comma = ""
    for wish in listing(_wishes(app, now_ms)):
        yield comma + json.dumps(wish)
        comma = ", "
    yield '], "warnings": ' + json.dumps(app.warnings(now_ms)) + ', "mqtt": {'
    mqtt = app.mqtt
    told = (mqtt.state, mqtt.broker, mqtt.note) if mqtt else ("off", "", "")
    yield from _members("state broker note", told)
    wifi = app.wifi
    yield '}, "wifi": {'
    yield from _members(
        "state ip rssi ssid channel",
        (wifi.state, wifi.addresses()[0], wifi.signal()) + _joined(wifi),
    )
    yield '}, "bus": {'
    yield from _bus(app, now_ms)
    yield '}, "memory": {'
    yield from _members("free used", (gc.mem_free(), gc.mem_alloc()))
    yield '}, "events": ['
    comma = ""
    # A copy: between two pieces more may happen.
    for event in list(app.journal.events):
        yield comma + json.dumps(event)
        comma = ", "
    yield "]}"


def _joined(wifi):
    """(the name of the network, or "Ethernet"; its channel), or nulls."""
    if wifi.state != "connected":
        return None, None
    if wifi.station is wifi.wired:
        return "Ethernet", None
    try:
        return wifi.ssid, wifi.station.config("channel")
    except (ValueError, OSError, TypeError):
        return wifi.ssid, None


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


def _members(keys, values):
    """Generates what stands in an object, one value after the other. `keys`: names with a space
    between."""
    start = 0
    comma = '"'
    for value in values:
        end = keys.find(" ", start)
        if end < 0:
            end = len(keys)
        yield comma + keys[start:end] + '": ' + json.dumps(value)
        comma = ', "'
        start = end + 1


def _bus(app, now_ms):
    bus, lookout = app.bus, app.master.lookout
    decoder, questions = bus.decoder, bus.questions
    return _members(
        "frames rate bad short sent echoes refused noisy gap_max_ms gaps gap_cause late_max_ms "
        "first_ms second_master note asked answered recording",
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
            bus.first_ms,
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
    yield from _members(_CONNECTOR, connector(app, unit, now_ms))
    yield ", "
    yield from _members(
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
    )
    yield ", "
    slave = app.master.find(unit.id)
    rating_amps = protocol = code = heard_s = echo_amps = None
    if slave is not None:
        rating_amps, protocol = slave.rating_ca // 100, slave.protocol
        claim = app.gate.claims.get(unit.id)
        yield from _members(
            "reply_ms missed claim_amps",
            (slave.reply_ms, slave.unanswered, tenths(claim.ca()) if claim else 0.0),
        )
        yield ", "
        if slave.heard_ms is not None:
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
    yield from _members(
        "rating_amps protocol code heard_s echo_amps serial firmware vin plug phase_amps",
        (rating_amps, protocol, code, heard_s, echo_amps) + told,
    )

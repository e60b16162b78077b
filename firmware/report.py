"""What the outside is told: one document, for the page as JSON and for MQTT as topics.

Made from the live parts whenever it is asked for, so that page, topics and bus agree at each
moment; and made in parts, because the whole of it would be the largest thing in memory.
"""

import gc
import json

from micropython import const

from firmware import VERSION
from twc.message import STATE_NAMES

_REPUBLISH_MS = const(30000)
_LONGEST_WARNING = const(600)

# What is published of the bridge and of each connector; the topic is the key without its unit.
_TOPICS = (
    "state",
    "reason",
    "offer_amps",
    "draw_amps",
    "power_watts",
    "wires_amps",
    "surplus",
    "warning",
)
_CONNECTOR_TOPICS = (
    "name",
    "state",
    "reason",
    "offer_amps",
    "draw_amps",
    "link",
    "power_watts",
    "session_kwh",
    "total_kwh",
)
_PLUGS = {0: "unplugged", 1: "charging", 3: "plugged in"}


class Report:
    """`app`: the firmware.app.App whose parts are told about."""

    def __init__(self, app):
        self._app = app
        self._marks = []
        self._again_ms = 0

    def document(self):
        """Generates the document of /api/status (see README) as pieces of JSON text."""
        app = self._app
        mqtt, wifi = app.mqtt, app.wifi
        now_ms = app.clock.ms()
        dumps = json.dumps
        yield dumps(self._basics())[:-1] + ', "surplus": '
        yield dumps(self._surplus(now_ms)) + ', "connectors": ['
        comma = ""
        for unit in list(app.decisions.units):
            yield comma + dumps(self._connector(unit, now_ms))
            comma = ", "
        yield '], "warnings": ' + dumps(app.warnings(now_ms)) + ', "mqtt": '
        if mqtt is None:
            yield '{"state": "off", "broker": "", "note": ""}'
        else:
            yield dumps({"state": mqtt.state, "broker": mqtt.broker, "note": mqtt.note})
        rssi = wifi.signal()
        yield ', "wifi": ' + dumps({"state": wifi.state, "ip": wifi.addresses()[0], "rssi": rssi})
        yield ', "bus": ' + dumps(self._bus(now_ms)) + ', "memory": '
        yield dumps({"free": gc.mem_free(), "used": gc.mem_alloc()}) + ', "events": ['
        comma = ""
        # A copy: between two pieces more may happen.
        for event in list(app.journal.events):
            yield comma + dumps(event)
            comma = ", "
        yield "]}"

    def _bus(self, now_ms):
        bus, lookout = self._app.bus, self._app.master.lookout
        decoder, questions = bus.decoder, bus.questions
        return {
            "frames": decoder.good,
            "rate": round(lookout.rate, 1),
            "bad": decoder.bad,
            "short": decoder.short,
            "sent": bus.sent,
            "echoes": lookout.echoes,
            "refused": bus.refused,
            "noisy": bus.noisy,
            "gap_max_ms": bus.gap_ms,
            "gaps": bus.gaps,
            "gap_cause": bus.gap_cause,
            "late_max_ms": bus.late_ms,
            "second_master": lookout.second_master(now_ms),
            "note": lookout.note,
            "asked": questions.asked if questions else 0,
            "answered": questions.answered if questions else 0,
            "recording": bus.recorder.frames if bus.recorder else 0,
        }

    def _basics(self):
        app = self._app
        decisions = app.decisions
        law, units = decisions.law, decisions.units
        return {
            "name": app.name,
            "version": VERSION,
            "uptime_s": app.clock.ms() // 1000,
            "state": law.state,
            "reason": law.reason,
            "max_age_s": decisions.inputs.max_age_ms // 1000,
            "wires_amps": app.gate.wires_amps,
            "offer_amps": sum([unit.offer_amps for unit in units]),
            "draw_amps": _tenths(sum([unit.draw_ca for unit in units])),
            "power_watts": sum([unit.energy.watts(unit.draw_ca) for unit in units]),
        }

    def _surplus(self, now_ms):
        decisions = self._app.decisions
        inputs = decisions.inputs
        reading = inputs.newest(now_ms)
        told = {
            "watts": None,
            "age_s": None,
            "source": None,
            "lost": False,
            "unusable": inputs.unusable(),
        }
        if reading is not None and decisions.shown_watts is not None:
            # As of the last decision, so that it fits the sentence that stands beside it.
            told["watts"] = round(decisions.shown_watts)
            told["age_s"] = max(0, now_ms - reading.at_ms) // 1000
            told["source"] = reading.kind
            told["lost"] = inputs.surplus_watts(now_ms) is None
        return told

    def _connector(self, unit, now_ms):
        slave = self._app.master.find(unit.id)
        told = {
            "id": unit.id,
            "name": unit.name,
            "state": "unknown",
            "code": None,
            "link": "lost",
            "heard_s": None,
            "offer_amps": unit.offer_amps,
            "draw_amps": _tenths(unit.draw_ca),
            "echo_amps": None,
            "max_amps": unit.maximum_amps,
            "rating_amps": None,
            "min_amps": unit.minimum_amps,
            "protocol": None,
            "starts": unit.relay.starts,
            "reason": unit.reason,
            "priority": unit.priority,
            "power_watts": unit.energy.watts(unit.draw_ca),
            "session_kwh": _kwh(unit.energy.session_wh),
            "total_kwh": _kwh(unit.energy.total_wh),
            "volts": unit.energy.volts,
            "phases": unit.energy.phases,
            "contactors": unit.stopping.contactors,
        }
        if slave is not None:
            told["link"] = slave.link(now_ms)
            told["rating_amps"] = slave.rating_ca // 100
            told["protocol"] = slave.protocol
            told["reply_ms"] = slave.reply_ms
            told["missed"] = slave.unanswered
            claim = self._app.gate.claims.get(unit.id)
            told["claim_amps"] = _tenths(claim.ca()) if claim else 0.0
            if slave.heard_ms is not None:
                told["state"] = STATE_NAMES.get(slave.state) or f"state {slave.state:02X}"
                told["code"] = slave.state
                told["heard_s"] = _tenths((now_ms - slave.heard_ms) // 10)
                told["echo_amps"] = _tenths(slave.echo_ca)
        questions = self._app.bus.questions
        details = questions.of(unit.id) if questions else None
        told["serial"] = told["firmware"] = told["vin"] = told["plug"] = None
        told["phase_amps"] = None
        if details is not None:
            told["serial"] = details.serial
            told["firmware"] = details.firmware
            told["vin"] = details.vin
            told["plug"] = _PLUGS.get(details.plug)
            if details.meter:
                told["phase_amps"] = [_tenths(ca) for ca in details.meter[2]]
        return told

    def changes(self, first):
        """Generates what has changed since it was last told the broker, as (topic, text), and
        everything every 30 s or when the broker is new to us (`first`)."""
        app = self._app
        now_ms = app.clock.ms()
        surplus = self._surplus(now_ms)
        if first or now_ms >= self._again_ms:
            self._again_ms = now_ms + _REPUBLISH_MS
            self._marks.clear()
            age_s = surplus["age_s"]
            yield "surplus_age", "unknown" if age_s is None else str(age_s)
        basics = self._basics()
        known = surplus["watts"] is not None and not surplus["lost"]
        basics["surplus"] = surplus["watts"] if known else "unknown"
        basics["warning"] = " ".join(app.warnings(now_ms))[:_LONGEST_WARNING] or "none"
        at = 0
        for key in _TOPICS:
            text = _text(key, basics[key])
            if self._has_changed(at, text):
                yield key.split("_")[0], text
            at += 1
        for unit in list(app.decisions.units):
            connector = self._connector(unit, app.clock.ms())
            for key in _CONNECTOR_TOPICS:
                text = _text(key, connector[key])
                if self._has_changed(at, text):
                    yield unit.id + "/" + key.split("_")[0], text
                at += 1
        if app.raw_answer:
            yield "raw", app.raw_answer
            app.raw_answer = None

    def _has_changed(self, at, text):
        """Whether the text in place `at` of all that is published is another than before.

        Only its hash is remembered, to save memory: the change of a sentence that it misses, one
        in 65 000, is made good within 30 s; numbers are too short to be missed.
        """
        mark = hash(text)
        if at == len(self._marks):
            self._marks.append(mark)
            return True
        changed = self._marks[at] != mark
        self._marks[at] = mark
        return changed


def _text(key, value):
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}" if key.endswith("kwh") else f"{value:.1f}"
    return str(value)


def _kwh(watt_hours):
    return None if watt_hours is None else round(watt_hours / 1000, 2)


def _tenths(hundredths):
    """1183 -> 11.8."""
    return (hundredths + 5) // 10 / 10

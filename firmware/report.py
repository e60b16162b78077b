"""What the broker is told, as topics; page and topics share what is found here.

Made from the live parts whenever it is asked for, so that page, topics and bus agree at each
moment. What only the page shows is in document.py.
"""

from micropython import const

from twc.message import STATE_NAMES

_REPUBLISH_MS = const(30000)
_LONGEST_WARNING = const(600)

# The topics for what bridge() and connector() give, and two more.
_TOPICS = ("state", "reason", "mode", "offer", "draw", "power", "wires", "surplus", "warning")
_CONNECTOR_TOPICS = (
    "name",
    "state",
    "reason",
    "offer",
    "draw",
    "link",
    "power",
    "session",
    "total",
)
_KWH = const(7)  # the first of these in kWh, with two decimals


def bridge(app):
    """(state, reason, mode, offer in A, draw in A, power in W, maximum of the wires in A) of all
    wall connectors together."""
    decisions = app.decisions
    law, units = decisions.law, decisions.units
    return (
        law.state,
        law.reason,
        decisions.plan.mode,
        sum([unit.offer_amps for unit in units]),
        tenths(sum([unit.draw_ca for unit in units])),
        sum([unit.energy.watts(unit.draw_ca) for unit in units]),
        app.gate.wires_amps,
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


def connector(app, unit, now_ms):
    """(name, state, reason, offer in A, draw in A, link, power in W, energy of the session and in
    all in kWh) of one wall connector."""
    slave = app.master.find(unit.id)
    state = "unknown"
    if slave is not None and slave.heard_ms is not None:
        state = STATE_NAMES.get(slave.state) or f"state {slave.state:02X}"
    return (
        unit.name,
        state,
        unit.reason,
        unit.offer_amps,
        tenths(unit.draw_ca),
        "lost" if slave is None else slave.link(now_ms),
        unit.energy.watts(unit.draw_ca),
        _kwh(unit.energy.session_wh),
        _kwh(unit.energy.total_wh),
    )


class Report:
    """`app`: the firmware.app.App whose parts are told about."""

    def __init__(self, app):
        self._app = app
        self._marks = []
        self._again_ms = 0

    def changes(self, first):
        """Generates what has changed since it was last told the broker, as (topic, text), and
        everything every 30 s or when the broker is new to us (`first`)."""
        app = self._app
        now_ms = app.clock.ms()
        watts, age_s, _, lost = surplus(app.decisions, now_ms)
        if first or now_ms >= self._again_ms:
            self._again_ms = now_ms + _REPUBLISH_MS
            self._marks.clear()
            yield "surplus_age", "unknown" if age_s is None else str(age_s)
        warning = " ".join(app.warnings(now_ms))[:_LONGEST_WARNING] or "none"
        told = bridge(app) + (None if lost else watts, warning)
        for at in range(len(_TOPICS)):
            text = _text(told[at])
            if self._has_changed(at, text):
                yield _TOPICS[at], text
        at = len(_TOPICS)
        for unit in list(app.decisions.units):
            told = connector(app, unit, app.clock.ms())
            for index in range(len(_CONNECTOR_TOPICS)):
                text = _text(told[index], index)
                if self._has_changed(at, text):
                    yield unit.id + "/" + _CONNECTOR_TOPICS[index], text
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


def _text(value, index=0):
    if value is None:
        return "unknown"
    if isinstance(value, float):
        return f"{value:.2f}" if index >= _KWH else f"{value:.1f}"
    return str(value)


def _kwh(watt_hours):
    return None if watt_hours is None else round(watt_hours / 1000, 2)


def tenths(hundredths):
    """1183 -> 11.8."""
    return (hundredths + 5) // 10 / 10

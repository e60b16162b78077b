"""What the tests of the gate share: a gate, and what slaves and master do to it.

Runs under CPython and under MicroPython.
"""

from charging.limits import Gate
from twc import message

READY, CHARGING, PLUGGED_IN = 0x00, 0x01, 0x03
OPEN_MS = 40000


class Settings:
    """What is configured for each unit, as units.Units says it: `own` {id: maximum in A}, for
    all others `others_amps`; `minimum` {id: A}; `switched`: ids whose contactors may be;
    `phases` {id: bits}, for all others all three."""

    def __init__(self, others_amps, own=None, switched=(), minimum=None, phases=None):
        self._others_amps = others_amps
        self._own = own or {}
        self._switched = switched
        self._minimum = minimum or {}
        self._phases = phases or {}

    def phases_mask(self, unit_id):
        return self._phases.get(unit_id, 7)

    def max_amps(self, unit_id):
        return self._own.get(unit_id, self._others_amps)

    def min_amps(self, unit_id, protocol):
        return max(self._minimum.get(unit_id, 0), message.lowest_amps(protocol))

    def contactors(self, unit_id):
        return unit_id in self._switched


def gate(wires=32, own=None, known=None, now_ms=0, switched=(), phases=None):
    """A gate; `own`: {id: configured maximum in A}, for all others the wires'; `known`: {id:
    rating in 0.01 A, or that and what it may be told before it has answered}; `phases`: {id:
    bits}, for all others all three."""
    known = {i: unit if type(unit) is tuple else (unit, 0) for i, unit in (known or {}).items()}
    return Gate(wires, Settings(wires, own, switched, None, phases), known, now_ms)


def most(g, slave_id, now_ms, relief_ca=0):
    """The ceiling for a slave, in A; `relief_ca`: on all phases, or one number for each."""
    relief_ca = relief_ca if type(relief_ca) is tuple else (relief_ca,) * 3
    return g.ceiling_amps(slave_id, relief_ca, now_ms)


def link(g, slave_id, now_ms, rating=32, protocol=2):
    g.linked({"sender": slave_id, "max_ca": rating * 100, "protocol": protocol, "sign": 1}, now_ms)


def hear(g, slave_id, echo, draw, now_ms, state=CHARGING, protocol=2):
    fields = {"sender": slave_id, "receiver": "7777", "state": state, "protocol": protocol}
    fields["max_ca"] = round(echo * 100)
    fields["actual_ca"] = round(draw * 100)
    g.heard(fields, now_ms)


def say(g, slave_id, amps, now_ms, command=None, long=True):
    """Asks the gate for a heartbeat with a limit of `amps`; None as amps: no change."""
    if amps is None:
        body = message.heartbeat("7777", slave_id, message.NO_CHANGE, 0, long)
    else:
        command = message.LIMIT_2 if command is None else command
        body = message.heartbeat("7777", slave_id, command, round(amps * 100), long)
    return g.refusal(body, now_ms)


def given(g, slave_id, amps, now_ms, draw=None):
    """The slave is sent a limit, takes it and draws that much (or `draw`)."""
    assert say(g, slave_id, amps, now_ms) is None
    hear(g, slave_id, amps, amps if draw is None else draw, now_ms)


def quiet(g, slave_id, now_ms, times=3, echo=6):
    """The slave is sent 0 A and shows so many times that it is off."""
    for _ in range(times):
        assert say(g, slave_id, 0, now_ms) is None
        hear(g, slave_id, echo, 0, now_ms, PLUGGED_IN)


def pair(wires=32, now_ms=OPEN_MS, phases=None):
    """A gate that is open, with idle slaves that have answered: those of `phases`, else two,
    "AAAA" and "BBBB"."""
    g = gate(wires, phases=phases)
    for slave_id in sorted(phases or ("AAAA", "BBBB")):
        link(g, slave_id, now_ms)
        assert say(g, slave_id, None, now_ms) is None
        hear(g, slave_id, 0, 0, now_ms, READY)
    return g


def refused(g, slave_id, amps, now_ms, word):
    """The limit is refused with a sentence in which `word` occurs, and nothing is booked."""
    claim = g.claims[slave_id]
    before = (claim.ca(), claim.sent_ca)
    why = say(g, slave_id, amps, now_ms)
    assert why and word in why, why
    assert (claim.ca(), claim.sent_ca) == before
    return True

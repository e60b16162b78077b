"""Once a second: what is known -> what each unit is to be offered, and why.

The glue between the pure parts: the law wishes, the strategies of each unit have their say, the
master carries it to the bus. Nothing here waits for anything.
"""

from micropython import const

import text
from charging import relay
from charging.energy import Energy
from charging.inputs import Inputs
from charging.stopping import Stopping
from charging.surplus import Law, Unit
from twc import message

# A car that is offered something else needs a moment to begin to follow.
_FOLLOWS_MS = const(5000)

# Units that are gone are kept, with their relay times, up to this many.
_MOST_UNITS = const(6)

# Between two words about readings of a meter that can't be right.
_METER_TOLD_MS = const(600000)

_CLOSED = const(0xFDB1)
_OPENED = const(0xFDB2)


class Decisions:
    """`config`: the checked configuration; `settings`: units.Units; `remembered`: what memory.py
    loaded, None if it was damaged; `bus`, `master` and `gate` as built; `tell(level, sentence)`.

    `units`: a charging.surplus.Unit for each wall connector, with its `energy`, `stopping` and
    `spike` (or None). `shown_watts`: the newest reading as of the last decision.
    """

    def __init__(self, config, settings, remembered, bus, gate, tell):
        self.settings = settings
        self.inputs = Inputs(int(config["inputs"]["max_age_s"] * 1000))
        self.law = Law(
            int(config["surplus"]["start_hold_s"] * 1000),
            config["inputs"]["lost"] == "minimum",
            gate.wires_amps,
        )
        self.units = []
        self.shown_watts = None
        self._remembered = remembered
        self._saved = remembered or {}
        self._min_on_ms = int(config["relay"]["min_on_s"] * 1000)
        self._min_off_ms = int(config["relay"]["min_off_s"] * 1000)
        self._bus = bus
        self._master = bus.master
        self._gate = gate
        self._tell = tell
        self._told_ms = None

    def decide(self, now_ms):
        """Renews the wishes and the sentences."""
        master, gate, bus = self._master, self._gate, self._bus
        for slave in master.slaves:
            if self.find(slave.id) is None:
                self._add_unit(slave, now_ms)
        states = [unit.state for unit in self.units]
        for unit in self.units:
            slave = master.find(unit.id)
            if slave is None or slave.heard_ms is None:
                unit.follow(False, 0, 0, now_ms)
            else:
                unit.minimum_amps = slave.minimum_amps
                unit.maximum_amps = gate.maximum_amps(unit.id)
                # More than it is built for it can't draw, whatever it says.
                draw_ca = min(slave.draw_ca, slave.rating_ca)
                unit.follow(True, slave.offer_amps or 0, draw_ca, now_ms)
                unit.fault = slave.fault_sentence() if slave.fault == 2 else None
                self._measure(unit, now_ms)
        reading = self.inputs.newest(now_ms)
        self.shown_watts = None if reading is None else reading.watts
        second = master.lookout.second_master(now_ms)
        self.law.held = f"a second master, {second}, is on the line" if second else None
        self.law.limit_amps = min(gate.wires_amps, gate.limit_amps)
        self.law.decide(
            self.inputs.surplus_watts(now_ms),
            self._without(now_ms),
            self.units,
            gate.opens_in_ms(now_ms),
            now_ms,
        )
        for index in range(len(self.units)):
            unit = self.units[index]
            if unit.ready:
                # A slave that has not answered yet is decided on by its answer.
                master.wish(unit.id, self._amps(unit, now_ms), now_ms)
            if unit.state != states[index]:
                self._tell("info", f"{unit.name}: {unit.reason}")
        master.lookout.watch(bus.decoder, bus.sent, bus.noisy, now_ms)

    def limit(self, amps, now_ms):
        """Sets the limit in force for all units together, whole amperes (the wires' stays the
        highest), and makes the wishes anew at once: else the unit whose heartbeat comes first
        would give way for all."""
        self._gate.limit_amps = amps
        self.decide(now_ms)

    def find(self, unit_id):
        """The unit with this id, or None."""
        for unit in self.units:
            if unit.id == unit_id:
                return unit
        return None

    def other(self, body, now_ms):
        """Takes an answer to a question or contactor command."""
        code = message.function(body)
        if code == _CLOSED or code == _OPENED:
            unit = self.find(message.id_text(body, 2))
            if unit is not None:
                unit.stopping.answered("close" if code == _CLOSED else "open", now_ms)
        elif self._bus.questions:
            self._bus.questions.heard(body, now_ms)

    def reading(self, kind, payload, retained, now_ms):
        """Takes a message of a kind; returns None, or a sentence why it is no reading."""
        moving = False
        for slave in self._master.slaves:
            if slave.changed_ms is not None and now_ms - slave.changed_ms < _FOLLOWS_MS:
                moving = True
        return self.inputs.receive(kind, payload, retained, self.draw_watts(), now_ms, moving)

    def draw_watts(self):
        """What all cars draw, in watts."""
        return sum([unit.draw_watts() for unit in self.units])

    def to_remember(self, now_ms):
        """What has to outlive a reset (see memory.py), or None if saved() was told the same
        before and nobody's energy is due."""
        current = {}
        due = False
        for unit in self.units:
            slave = self._master.find(unit.id)
            before = self._saved.get(unit.id)
            if slave is not None and slave.heard_ms is not None:
                told = {"rating_ca": slave.rating_ca, "protocol": slave.protocol}
            elif before is not None:
                told = {"rating_ca": before["rating_ca"], "protocol": before["protocol"]}
            else:
                continue
            told["relay"] = unit.relay.memory(now_ms)
            told["linked"] = slave is not None
            told["max_amps"] = self.settings.max_amps(unit.id)
            told["energy"] = before and before["energy"]
            current[unit.id] = told
            due = due or unit.energy.due(now_ms)
        for unit_id in self._saved:
            # Not on the line at present; its energy is kept.
            if unit_id not in current and len(current) < _MOST_UNITS:
                current[unit_id] = self._saved[unit_id]
        if current == self._saved and not due:
            return None
        for unit in self.units:
            if unit.id in current:
                current[unit.id]["energy"] = unit.energy.memory()
        return current

    def saved(self, current):
        """Notes what was written."""
        self._saved = current

    # Inside.

    def _add_unit(self, slave, now_ms):
        before = None if self._remembered is None else self._remembered.get(slave.id)
        remembered = relay.RESTING if self._remembered is None else None
        if before is not None:
            remembered = before["relay"]
        # Units that are gone make room for new ones: ids can change.
        for unit in list(self.units):
            gone = not unit.ready and unit.relay.memory(now_ms) == relay.FREE
            if gone and len(self.units) >= _MOST_UNITS:
                self.units.remove(unit)
        settings = self.settings
        name = settings.name(slave.id)
        unit = Unit(
            slave.id,
            name,
            settings.watts_per_amp(slave.id),
            relay.Relay(self._min_on_ms, self._min_off_ms, remembered, now_ms),
            settings.priority(slave.id),
        )
        unit.energy = Energy(
            settings.energy_unit(slave.id),
            unit.watts_per_amp,
            before and before.get("energy"),
            now_ms,
        )
        unit.stopping = Stopping(name, settings.contactors(slave.id), self._tell)
        unit.spike = None
        if settings.spike_cure(slave.id):
            from charging.spike import Spike

            unit.spike = Spike(slave.rating_ca // 100, name, self._tell)
        unit.meter_ms = None
        self.units.append(unit)

    def _measure(self, unit, now_ms):
        """What the unit says of itself -> its energy, and the watts of one ampere."""
        plugged = None
        questions = self._bus.questions
        details = questions.of(unit.id) if questions else None
        if details is not None:
            plugged = None if details.plug is None else details.plug != 0
            if plugged is False and unit.spike:
                unit.spike.unplugged()
            meter = details.meter
            if meter is not None and meter[3] != unit.meter_ms:
                unit.meter_ms = meter[3]
                why = unit.energy.measure(meter[0], meter[1], meter[2], meter[3])
                if why and (self._told_ms is None or now_ms - self._told_ms >= _METER_TOLD_MS):
                    self._told_ms = now_ms
                    self._tell("warning", f"{unit.name}: {why}")
        unit.energy.follow(unit.draw_ca, plugged, now_ms)
        unit.watts_per_amp = self.settings.watts_per_amp(unit.id, unit.energy.phases)

    def _amps(self, unit, now_ms):
        """What a unit is to be offered: the law's wish, after the strategies of the unit."""
        slave = self._master.find(unit.id)
        if slave.missed:
            return unit.amps  # what it does is not known: no strategy goes by what it did
        wish_amps = unit.amps
        command = unit.stopping.follow(
            slave.offer_amps, wish_amps, unit.draw_ca, slave.state, now_ms
        )
        if command:
            code = message.CLOSE_CONTACTORS if command == "close" else message.OPEN_CONTACTORS
            self._bus.ask(message.to_slave(code, self._master.own_id, unit.id))
        if not unit.stopping.may_offer:
            wish_amps = 0
        if unit.spike:
            most = min(unit.maximum_amps, self._gate.ceiling_amps(unit.id, 0, now_ms))
            spike = unit.spike.amps(
                slave.offer_amps or 0, wish_amps, unit.draw_ca, most, slave.changed_ms, now_ms
            )
            return wish_amps if spike is None else spike
        return wish_amps

    def _without(self, now_ms):
        """What to call it when there is no reading to go by: (state, words)."""
        reading = self.inputs.newest(now_ms)
        unusable = self.inputs.unusable()
        because = f" ({unusable})" if unusable else ""
        if reading is None:
            return "waiting", "no surplus reading yet" + because
        return "lost", f"no surplus reading for {text.age(now_ms - reading.at_ms)}{because}"

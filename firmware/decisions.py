"""Once a second: what is known -> what each unit is to be offered, and why.

The glue between the pure parts: inputs tell the surplus, the plan tells who wants what, the law
wishes, the strategies of each unit have their say, the master carries it to the bus. Nothing here
waits for anything.
"""

from micropython import const

from charging import relay
from firmware import forget
from twc import message

# A car that is offered something else tells a moment later that it follows.
_FOLLOWS_MS = const(3000)
# Below this it has not begun at all.
_BEGINS_CA = const(100)

# Units that are gone are kept, with their relay times, up to this many.
_MOST_UNITS = const(6)

# Between two words about readings of a meter that can't be right.
_METER_TOLD_MS = const(600000)

_CLOSED = const(0xFDB1)
_OPENED = const(0xFDB2)


class Decisions:
    """`config`: the checked configuration; `settings`: units.Units; `remembered`: (units, plan)
    as memory.py loaded them, units None if they were damaged; `bus` and `gate` as built;
    `tell(level, sentence)`.

    `units`: a charging.unit.Unit for each wall connector, with its `energy`, `stopping` and
    `spike` (or None), and `plugged`, `vin`, `soc` (None or "" where not known). `plan`:
    charging.plan.Plan. `conditions`: firmware.conditions.Conditions, or None where none are
    configured. `shown_watts`: the newest reading as of the last decision. `remembered`: the units
    that a slave that turns up is looked for in, or None; `kept`: what saved() was told last.
    `volts`: of the supply, as configured.
    """

    def __init__(self, config, settings, remembered, bus, gate, tell, now_ms):
        from firmware import building

        self.settings = settings
        self.remembered, plan = remembered
        self.kept = self.remembered or {}, plan
        self.inputs, self.plan, self.law, self.conditions = building.decisions(
            config, settings, plan, gate.wires_amps, tell, now_ms
        )
        del building
        forget("firmware.building")
        self.units = []
        self.shown_watts = None
        self.volts = config["supply"]["volts"]
        self._grid_share = config["surplus"]["grid_share"] / 100
        on_s, off_s = config["relay"]["min_on_s"], config["relay"]["min_off_s"]
        self._relay_ms = int(on_s * 1000), int(off_s * 1000)
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
        solar = self._solar_share(now_ms)
        for unit in self.units:
            slave = master.find(unit.id)
            if slave is None or slave.heard_ms is None:
                unit.follow(False, 0, 0, now_ms)
                unit.plugged = None
            else:
                unit.minimum_amps = slave.minimum_amps
                unit.maximum_amps = min(self.settings.max_amps(unit.id), slave.rating_ca // 100)
                # More than it is built for it can't draw, whatever it says.
                draw_ca = min(slave.draw_ca, slave.rating_ca)
                present = self._measure(unit, draw_ca, solar, now_ms)
                if present is None:
                    present = slave.state == message.READY
                unit.follow(True, slave.offer_amps or 0, draw_ca, now_ms, present)
                unit.fault = slave.fault_sentence() if slave.fault == 2 else None
        self.inputs.follow(self.draw_watts(), now_ms)
        self._follow_plan(now_ms)
        self._make_room(now_ms)
        reading = self.inputs.newest(now_ms)
        self.shown_watts = None if reading is None else reading.watts
        second = master.lookout.second_master(now_ms)
        self.law.held = f"a second master, {second}, is on the line" if second else None
        self.law.decide(
            self.inputs.surplus_watts(now_ms),
            None if reading is None else reading.at_ms,
            self.inputs.without(now_ms),
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

    def reading(self, topic, payload, retained, now_ms):
        """Takes a message on "surplus/set", "grid/set" or a topic of the sources; returns None,
        or a sentence why it is no reading. What the grid guard has to act on is decided on at
        once."""
        moving = False
        for unit in self.units:
            slave = self._master.find(unit.id)
            if slave is None or not unit.ready:
                continue
            # A quick meter shows what was drawn in this moment: what the car has told since the
            # last decision belongs to it.
            unit.draw_ca = min(slave.draw_ca, slave.rating_ca)
            if slave.changed_ms is not None and now_ms - slave.changed_ms < _FOLLOWS_MS:
                moving = True
            elif slave.offer_amps and unit.takes_more and unit.draw_ca < _BEGINS_CA:
                moving = True  # it may begin at any moment
        draw_watts = self.draw_watts()
        if topic == "surplus/set" or topic == "grid/set":
            kind = topic[:-4]
            why = self.inputs.receive(kind, payload, retained, draw_watts, now_ms, moving)
        else:
            why = self.inputs.heard(topic, payload, retained, draw_watts, now_ms, moving)
            if self.inputs.cars:
                forget("charging.car_words")
        if self.conditions and self.conditions.grid(self.units, now_ms, moving):
            self.decide(now_ms)
        return why

    def draw_watts(self):
        """What all cars draw, in watts."""
        watts = 0
        for unit in self.units:
            watts += unit.draw_watts()
        return watts

    def warnings(self, now_ms):
        """Sentences about what a person should see to."""
        found = self.inputs.warnings(now_ms)
        for unit in self.units:
            most = self.law.starts_a_day
            if unit.relay.today >= most:
                found.append(
                    f"{unit.name} has started {unit.relay.today} times in a day, of {most}: the "
                    "sun starts it no more until tomorrow. Raise surplus.start_hold_s, or "
                    "relay.starts_a_day."
                )
        if self.conditions:
            self.conditions.warn(found, now_ms, self.plan.timetable_on)
        return found

    def to_remember(self, now_ms, due=False):
        """What has to outlive a reset, (units, plan), see memory.py; or None if saved() was told
        the same before and nobody's energy is `due`."""
        current = {}
        saved, saved_plan = self.kept
        for unit in self.units:
            slave = self._master.find(unit.id)
            before = saved.get(unit.id)
            if slave is not None and slave.heard_ms is not None:
                told = {"rating_ca": slave.rating_ca, "protocol": slave.protocol}
            elif before is not None:
                told = {"rating_ca": before["rating_ca"], "protocol": before["protocol"]}
            else:
                continue
            told["relay"] = unit.relay.memory(now_ms)
            if slave and slave.offer_amps == 0 and told["relay"] == relay.ON:
                # It opens any moment: after a reset "no change" would close it once more.
                told["relay"] = relay.RESTING
            told["starts"] = unit.relay.life
            told["today"] = unit.relay.today
            told["linked"] = slave is not None
            told["max_amps"] = self.settings.max_amps(unit.id)
            told["energy"] = before and before["energy"]
            current[unit.id] = told
            due = due or unit.energy.due(now_ms)
        for unit_id in saved:
            # Not on the line at present; its energy is kept.
            if unit_id not in current and len(current) < _MOST_UNITS:
                current[unit_id] = saved[unit_id]
        plan = self.plan.memory(now_ms)
        since = self.conditions and self.conditions.memory(self.plan.taken_wh)
        if since:
            plan["since"] = since
        if current == saved and plan == saved_plan and not due:
            return None
        for unit in self.units:
            if unit.id in current:
                current[unit.id]["energy"] = unit.energy.memory()
        return current, plan

    def saved(self, current):
        """Notes what was written."""
        self.kept = current

    # Inside.

    def _add_unit(self, slave, now_ms):
        from firmware import new_unit

        remembered, before = relay.RESTING, None
        if self.remembered is not None:
            before = self.remembered.get(slave.id)
            remembered = before and before["relay"]
        # Units that are gone make room for new ones: ids can change.
        for unit in list(self.units):
            gone = not unit.ready and unit.relay.memory(now_ms) == relay.FREE
            if gone and len(self.units) >= _MOST_UNITS:
                self.units.remove(unit)
        self.units.append(
            new_unit.make(
                slave, before, remembered, self._relay_ms, self.settings, self._tell, now_ms
            )
        )
        del new_unit
        forget("firmware.new_unit")
        self.plan.add(slave.id, remembered == relay.ON)

    def _measure(self, unit, draw_ca, solar, now_ms):
        """What the unit says of itself, and its car -> its car, its energy, and the watts of one
        ampere. `solar`: the part of all draws that is of the sun. Returns whether the unit says
        that a car is plugged in, or None."""
        unit.plugged = unit.vin = None
        questions = self._bus.questions
        details = questions.of(unit.id) if questions else None
        if details is not None:
            unit.plugged = None if details.plug is None else details.plug != 0
            unit.vin = details.vin
            meter = details.meter
            if meter is not None and meter[3] != unit.meter_ms:
                unit.meter_ms = meter[3]
                why = unit.energy.measure(meter[0], meter[1], meter[2], meter[3])
                if why and (self._told_ms is None or now_ms - self._told_ms >= _METER_TOLD_MS):
                    self._told_ms = now_ms
                    self._tell("warning", f"{unit.name}: {why}")
        told = unit.plugged
        if self.inputs.cars:
            # Not asked, or asked twice in vain.
            silent = not questions or details is not None and details.missed[0] > 1
            self.inputs.cars.tell(unit, silent, now_ms)
        if unit.plugged is False and unit.spike:
            unit.spike.unplugged()
        unit.energy.follow(draw_ca, unit.plugged, now_ms, solar)
        if unit.vin:
            unit.energy.vin = unit.vin  # it is asked for no more when the car has gone
        unit.watts_per_amp = self.settings.watts_per_amp(unit.id, unit.energy.phases)
        return told

    def _solar_share(self, now_ms):
        """Which part of what all cars draw comes from the sun, 0 to 1; none of it while no surplus
        is known."""
        surplus, drawn = self.inputs.surplus_watts(now_ms) or 0, self.draw_watts()
        if surplus <= 0:
            return 0
        return surplus / drawn if surplus < drawn else 1

    def _follow_plan(self, now_ms):
        """Who wants what -> each unit's mode, and the part that the grid may give."""
        plan, law = self.plan, self.law
        timetable = price = None
        law.grid_share = self._grid_share
        if self.conditions:
            timetable, price = self.conditions.wanted(self.units, plan.taken_wh, now_ms)
            law.grid_share = self.conditions.grid_share(self._grid_share, now_ms)
        plan.follow(self.units, now_ms, timetable, price)
        if plan.sun_only:
            law.grid_share = 0
        said = plan.said
        for unit in self.units:
            unit.priority = said and said.priority(unit.id) or self.settings.priority(unit.id)
            unit.mode, unit.limit_amps, unit.words, unit.urgent, unit.limit_words = plan.order(
                unit.id
            )
            if plan.asked is True or plan.asked == unit.id:
                unit.ask()
        plan.asked = None

    def _make_room(self, now_ms):
        """What all units together may be offered, on each phase: the wires' maximum, what was
        set from outside, and what the grid guard leaves."""
        gate, law = self._gate, self.law
        limit = gate.wires_amps
        law.room_words = ""
        amps, words = self.plan.limit_amps, "remote limit"
        boost = self.plan.boosted
        if boost and boost.amps is not None and (amps is None or boost.amps < amps):
            amps, words = boost.amps, "boost"
        if amps is not None and amps < limit:
            limit = amps
            law.room_words = f"{words} of {limit} A for all"
        room = [limit] * 3
        if self.conditions:
            self.conditions.room(room, self.units, now_ms)
        law.room = room
        # So that nothing silent or slow is forgotten, the gate holds it too.
        gate.limit_amps = max(room[:3])

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

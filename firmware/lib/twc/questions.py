"""What units are asked beside their heartbeats, when, and what they said.

Source: "Timing on the line" and "Who says what" of the protocol notes. A question goes out only
into time that no heartbeat needs: at most one a second on the whole line, slaves in turn, not
within 300 ms of that slave's answer, and only if question and answer end 100 ms before the next
heartbeat is due. One that stays unanswered is asked ever more rarely and costs nothing else.
"""

from micropython import const

from twc import answers, message

# Question (19 ms), answer (begins within 100 ms, lasts 23 ms), and 100 ms to spare.
_NEEDED_MS = const(242)
_GAP_MS = const(1000)  # between any two questions
_GAP_MOST_MS = const(64000)
_GAP_RECOVERS_MS = const(600000)  # without "too fast" the gap is halved after so long
_AFTER_ANSWER_MS = const(300)  # of the slave that is asked
_PATIENCE_MS = const(1000)  # the slave in turn is waited for so long, then another is asked
_LOOK_MS = const(250)  # nothing to ask: not looked for again before

# What is asked, by the second byte of the function (FB before it). The last three are those of
# old units; they carry no ids, so every unit on the line would answer at once.
_KINDS = b"\xb4\xeb\xed\xec\xee\xef\xf1\x19\x1a\x1b"
_PLUG = const(0)
_METER = const(1)
_SERIAL = const(2)
_FIRMWARE = const(3)
_VIN = const(4)  # and the two after it
_OLD = const(7)  # serial, model, firmware

# How often, in seconds: small numbers, as each of another size takes heap of its own.
_PLUG_EVERY_S = const(10)
_METER_DRAWING_S = const(5)
_METER_IDLE_S = const(60)
_UNKNOWN_EVERY_S = const(10)  # serial, firmware and VIN until they are answered
_KNOWN_EVERY_S = const(86400)
_VIN_EVERY_S = const(600)  # answered with zeros, and a car may be there
_VIN_SOON_S = const(60)  # so at first: cars take a while to say who they are
_VIN_SOON_FOR_S = const(300)
_RAREST_S = const(3600)  # how rare unanswered questions become
_AWAY_S = const(60)  # a unit that was not linked for so long may have another car
_DOUBTFUL = const(3)  # so often unanswered in a row: the unit may not know the question

_DRAWING_CA = const(100)
_MOST_UNITS = const(6)


class Unit:
    """What one unit said: `serial`, `firmware`, `model` (text, None: not said), `vin` (17
    characters, "" if it is unknown to the unit, None: not said yet), `plug` (0 unplugged,
    1 charging, 2 ?, 3 plugged in and not charging, None: not said) and `plug_ms` (when),
    `meter` (energy as the unit counts it, [V, V, V], three currents in 0.01 A, when) or None."""

    def __init__(self, unit_id, now_ms):
        now_s = now_ms // 1000
        self.id = unit_id
        self.serial = self.firmware = self.model = self.vin = None
        self.plug = self.plug_ms = self.meter = None
        self._parts = [None, None, None]  # of the VIN
        self._state = None
        self._came_s = now_s - _VIN_SOON_FOR_S
        self.seen_s = now_s
        # When each question was asked last, and how often in a row for nothing.
        self.asked_s = [now_s - _METER_IDLE_S] * len(_KINDS)
        self.missed = bytearray(len(_KINDS))

    def follow(self, slave, now_s):
        """Takes what the heartbeats of the slave say; now and then while it is linked."""
        starts = self._state == message.READY and slave.state != message.READY
        if now_s - self.seen_s >= _AWAY_S or starts and self.plug is None:
            self._came(now_s)
        self.seen_s = now_s
        self._state = slave.state

    def due(self, slave, alone, now_s):
        """The question that is overdue for the longest time, or -1. `alone`: no other slave is
        linked."""
        drawing = slave.draw_ca >= _DRAWING_CA
        best = -1
        most_s = -1
        for kind in range(len(_KINDS)):
            every_s = _UNKNOWN_EVERY_S
            if kind == _PLUG:
                every_s = _PLUG_EVERY_S
            elif kind == _METER:
                every_s = _METER_DRAWING_S if drawing else _METER_IDLE_S
            elif kind >= _OLD:
                silent = min(self.missed[_SERIAL], self.missed[_FIRMWARE]) >= _DOUBTFUL
                if not (alone and slave.protocol == 1 and silent):
                    break
                if (self.serial, self.model, self.firmware)[kind - _OLD] is not None:
                    every_s = _KNOWN_EVERY_S
            elif kind >= _VIN:
                if self.plug == 0 and not drawing:
                    continue
                if self.vin:
                    every_s = _KNOWN_EVERY_S
                elif self._parts[kind - _VIN] is not None:
                    recent = now_s - self._came_s < _VIN_SOON_FOR_S
                    every_s = _VIN_SOON_S if recent else _VIN_EVERY_S
            elif (self.serial if kind == _SERIAL else self.firmware) is not None:
                every_s = _KNOWN_EVERY_S
            if self.missed[kind]:
                every_s = max(every_s, min(every_s << self.missed[kind], _RAREST_S))
            overdue_s = now_s - self.asked_s[kind] - every_s
            if overdue_s > most_s:
                best = kind
                most_s = overdue_s
        return best

    def take(self, kind, fields, now_ms):
        """Takes an answer."""
        self.missed[kind] = 0
        if kind == _PLUG:
            before = self.plug
            self.plug = fields["plug"] if fields["plug"] <= 3 else None
            self.plug_ms = now_ms
            if self.plug == 0:
                self._forget_vin()
            elif before == 0:
                self._came(now_ms // 1000)
        elif kind == _METER:
            self.meter = (fields["energy_raw"], fields["volts"], fields["phase_ca"], now_ms)
        elif "version" in fields:
            self.firmware = fields["version"]
        elif fields["type"] == "serial":
            self.serial = fields["text"]
        elif fields["type"] == "model":
            self.model = fields["text"]
        else:
            self._take_vin(kind - _VIN, fields["text"], now_ms // 1000)

    def _take_vin(self, index, text, now_s):
        if self.vin:
            if not text or text == self._parts[index]:
                return  # zeros: the car sleeps; that it is gone the plug tells
            # Another car: the other parts are those of the one before.
            self._forget_vin()
            self._came(now_s)
        self._parts[index] = text
        if None not in self._parts:
            vin = "".join(self._parts)
            self.vin = vin if len(vin) == 17 and "?" not in vin else ""

    def _came(self, now_s):
        """A car may have come: whose it is is asked at once, if the unit knows the question."""
        if now_s - self._came_s >= _VIN_SOON_S:
            self._came_s = now_s
            self._forget_vin()
            for kind in range(_VIN, _OLD):
                if self.missed[kind] < _DOUBTFUL:
                    self.asked_s[kind] = now_s - _VIN_SOON_S

    def _forget_vin(self):
        self.vin = None
        self._parts = [None, None, None]


class Questions:
    """Chooses questions and keeps the answers of at most six units: for a new one, the one that
    is gone for the longest time is forgotten.

    `own_id`: our own id on the bus; `tell(level, sentence)`: for the journal. Counters: `asked`
    questions, and how many of them were `answered`.
    """

    def __init__(self, own_id, tell):
        self.asked = 0
        self.answered = 0
        self._own_id = own_id
        self._tell = tell
        self._units = []
        self._alone = None  # the only unit linked: the one that an answer without ids is from
        self._turn = 0
        self._pending = None  # the unit asked last, until it answers
        self._kind = 0
        self._asked_ms = None
        self._look_ms = 0
        self._gap_ms = _GAP_MS
        self._gap_changed_ms = 0

    def next(self, slaves, free_ms, now_ms):
        """The body of the question to send now, which counts as asked, or None.

        `slaves`: the linked ones (twc.slave.Slave); `free_ms`: how long nothing is due on the
        line, which has to be idle now.
        """
        since_ms = _GAP_MOST_MS if self._asked_ms is None else now_ms - self._asked_ms
        if free_ms < _NEEDED_MS or since_ms < self._gap_ms or now_ms < self._look_ms:
            return None
        if self._gap_ms > _GAP_MS and now_ms - self._gap_changed_ms >= _GAP_RECOVERS_MS:
            self._gap_ms //= 2
            self._gap_changed_ms = now_ms
        if self._pending is not None:
            missed = self._pending.missed
            missed[self._kind] = min(missed[self._kind] + 1, 20)
            self._pending = None
        self._look_ms = now_ms + _LOOK_MS
        now_s = now_ms // 1000
        alone = len(slaves) == 1
        self._alone = None
        for slave in slaves:
            unit = self.of(slave.id) or self._add(slave.id, slaves, now_ms)
            unit.follow(slave, now_s)
            if alone:
                self._alone = unit
        for step in range(len(slaves)):
            index = (self._turn + step) % len(slaves)
            slave = slaves[index]
            if slave.missed or slave.waiting or slave.heard_ms is None:
                continue
            unit = self.of(slave.id)
            kind = unit.due(slave, alone, now_s)
            if kind < 0:
                continue
            if now_ms - slave.heard_ms < _AFTER_ANSWER_MS:
                self._look_ms = slave.heard_ms + _AFTER_ANSWER_MS
                if since_ms < self._gap_ms + _PATIENCE_MS:
                    return None
                continue
            self._turn = index + 1
            self._pending = unit
            self._kind = kind
            unit.asked_s[kind] = now_s
            self._asked_ms = now_ms
            self.asked += 1
            code = 0xFB00 | _KINDS[kind]
            if kind >= _OLD:
                return message.encode(code, "0000", (), 13)
            return message.to_slave(code, self._own_id, slave.id)
        return None

    def wait_ms(self, now_ms):
        """How long next() need not be called, in ms."""
        asked_ms = self._look_ms if self._asked_ms is None else self._asked_ms + self._gap_ms
        return max(0, asked_ms - now_ms, self._look_ms - now_ms)

    def heard(self, body, now_ms):
        """Takes a body that arrived. True: it was an answer of a unit that was linked lately,
        asked for by us or not."""
        if len(body) < 13 or body[0] != 0xFD:
            return False
        kind = _KINDS.find(body[1:2])
        if kind < 0:
            return False
        unit = self._alone if kind >= _OLD else self.of(message.id_text(body, 2))
        if unit is None:
            return False
        fields = answers.decode(body)
        if fields["type"] == "unknown":
            return False
        if unit is self._pending and kind == self._kind:
            self._pending = None
            self.answered += 1
        knew = unit.serial and unit.firmware
        unit.take(kind, fields, now_ms)
        if not knew and unit.serial and unit.firmware:
            self._tell("info", f"{unit.id}: serial {unit.serial}, firmware {unit.firmware}")
        return True

    def too_fast(self, now_ms):
        """7C 00 was heard, perhaps for "too fast": halves the questions, for 10 min at least."""
        self._gap_changed_ms = now_ms
        if self._gap_ms < _GAP_MOST_MS:
            self._gap_ms *= 2
            seconds = self._gap_ms // 1000
            self._tell("warning", f"7C 00 heard: at most a question every {seconds} s now")

    def of(self, unit_id):
        """The Unit with this id, or None."""
        for unit in self._units:
            if unit.id == unit_id:
                return unit
        return None

    def _add(self, unit_id, slaves, now_ms):
        if len(self._units) >= _MOST_UNITS:
            gone = None
            for unit in self._units:
                for slave in slaves:
                    if slave.id == unit.id:
                        break
                else:
                    if gone is None or unit.seen_s < gone.seen_s:
                        gone = unit
            self._units.remove(gone)
        unit = Unit(unit_id, now_ms)
        self._units.append(unit)
        return unit

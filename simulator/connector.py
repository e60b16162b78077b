"""A Gen2 wall connector set to follow a master, with its car.

Pure (time passed in) and runs under CPython and MicroPython. It hears bytes, and says when it
wants to say something: `hear(chunk, now_ms)`, `due(now_ms)`, `next_event_ms(now_ms)`. It does as
little checking as the real one: a limit of 655.35 A is taken like any other.
"""

from simulator import answers
from simulator.car import Car
from simulator.wire import Decoder, encode, read_amps, read_id

LINK_READY_EVERY_MS = 10000
LINK_LOST_MS = 10000
BURST_AFTER_MS = 200
BURST_EVERY_MS = 100
BURST_SIZE = 5
BUSY_MS = 1000
STARTING_MS = 2000
FLIP_MS = 1000
UP_MS = 44000
DOWN_MS = 10000
NUDGE_AMPS = 2.0
SLICE_MS = 100

CONTACTORS_SINCE = (4, 5, 3)
"""Firmware from which the contactor commands are known."""


class Connector:
    """One unit.

    id: "2433". rating_amps: what its link ready says. protocol: 1 or 2.
    min_amps: 5 (protocol 1) or 6 (protocol 2) unless given.
    answer_ms: from the last bit of a heartbeat to the first bit of the answer (3 to 100).
    volts: of three phases, 0 where nothing is wired.
    firmware: a tuple. serial: up to 15 characters. kwh: counter of its life at the start;
    energy_in_wh: its meter tells Wh. sign: one byte of its link ready.
    stale_answers: how many answers after a stop still show the current from before it.
    stop_after_s: 20 to 30 s without a heartbeat until it stops the car.
    idle_amps: what it reports with no current. takes_lengths: heartbeats it understands, by
    length with checksum; a protocol 2 unit wants 16, a protocol 1 unit takes both.

    Faults to switch on: `mute` (hears, never speaks), `deaf` (hears nothing), `answer_every`
    (answers each n-th heartbeat), `lie_echo_amps` (echoes this instead of its limit).
    For tests: `state`, `linked`, `limit_amps` (None: none since power-up or since it lost its
    master), `shown_amps`, `draw_amps`, `relay_closed`, `relay_closes`, and `relay_events`, a
    list of (ms, closed).
    """

    def __init__(
        self,
        id="2433",
        rating_amps=32,
        protocol=2,
        car=None,
        min_amps=None,
        answer_ms=20,
        volts=(240, 0, 0),
        firmware=(4, 5, 3, 2),
        serial="",
        kwh=842.0,
        energy_in_wh=False,
        sign=None,
        stop_after_s=25,
        idle_amps=0.0,
        stale_answers=2,
        takes_lengths=None,
    ):
        self._id = bytes.fromhex(id)
        self.rating_amps = rating_amps
        self.protocol = protocol
        self.car = Car(plugged=False) if car is None else car
        self.min_amps = (5 if protocol == 1 else 6) if min_amps is None else min_amps
        self.answer_ms = answer_ms
        self.volts = volts
        self.firmware = firmware
        self.serial = serial or "A16B000" + id
        self.kwh = kwh
        self.energy_in_wh = energy_in_wh
        self.sign = self._id[1] ^ 0x5A if sign is None else sign
        self.stop_after_ms = stop_after_s * 1000
        self.idle_amps = idle_amps
        self.stale_answers = stale_answers
        self.takes_lengths = takes_lengths or ((14, 16) if protocol == 1 else (16,))
        self.answers_questions = protocol == 2
        self.mute = False
        self.deaf = False
        self.answer_every = 1
        self.lie_echo_amps = None
        self.relay_closes = 0
        self.relay_events = []
        self._seed = self._id[0] << 8 | self._id[1]
        self._now = None
        self._power_up()

    @property
    def id(self):
        """Its id as text, "2433". It changes after a clash with a master's."""
        return read_id(self._id)

    @property
    def draw_amps(self):
        """What the car really draws, in amperes a phase."""
        return self.car.draw_amps

    @property
    def shown_amps(self):
        """The maximum that the next answer will show: an echo, never a promise."""
        if self.lie_echo_amps is not None:
            return self.lie_echo_amps
        if self.limit_amps is None:
            return 0.0
        return 6.0 if self.limit_amps == 0 else self._limit_now()

    @property
    def state(self):
        """The state byte that the next answer will carry."""
        if self._failed or self._lost_master:
            return 0x02
        if self._confirm is not None:
            return self._confirm
        if self._now is not None and self._now < self._busy_until:
            return 0x05
        if not self.car.plugged:
            return 0x00
        if self._flip_at is not None:
            return 0x01 if self.relay_closed else 0x03
        if self._phase == "charging":
            return 0x01
        if self._phase == "starting":
            return 0x08
        if self.limit_amps == 0:
            return 0x03
        if not self.car.shows_itself:
            return 0x00
        return 0x04 if self.limit_amps is None and self.car.wants else 0x03

    def reset(self):
        """Power off and on: the limit, the link and an error are forgotten, the id is kept."""
        self._open(False)
        self._power_up()

    def hear(self, chunk, now_ms):
        """Take bytes from the line; the last one ended at `now_ms`."""
        self._begin(now_ms)
        if self.deaf:
            return
        for body in self._decoder.feed(chunk, now_ms):
            self._advance(now_ms)
            if not self._failed:
                self._take(body)

    def due(self, now_ms):
        """Let time pass up to `now_ms`; return the frames (bytes for the line) to send now."""
        self._advance(now_ms)
        lines = []
        while self._outbox and self._outbox[0][0] <= now_ms:
            lines.append(self._outbox.pop(0)[1])
        if not self.linked and self._link_at <= now_ms:
            lines.append(None)
            self._link_at = now_ms + LINK_READY_EVERY_MS + self._random(200)
        if self.mute or self._failed:
            return []
        return [encode(self._link_ready() if line is None else line) for line in lines]

    def next_event_ms(self, now_ms):
        """When `due` has to be called next, possibly in the past; None: only after a `hear`.

        Between its events nothing goes to the line, but the car moves on; call `due` as often as
        you want to look at it.
        """
        self._begin(now_ms)
        event = self._link_at
        if self.linked:
            event = self._heard_ms + LINK_LOST_MS
        if self._outbox and self._outbox[0][0] < event:
            event = self._outbox[0][0]
        return event

    # -- what it hears

    def _take(self, body):
        function = body[0] << 8 | body[1]
        if function in (0xFCE1, 0xFBE2):
            self._hear_link_ready(function, body)
        elif body[4:6] != self._id:
            return
        elif function == 0xFBE0:
            if len(body) + 1 in self.takes_lengths:
                self._hear_heartbeat(body)
        elif function in (0xFCB1, 0xFCB2):
            self._hear_contactors(function)
        elif 12 <= len(body) <= 15 and self.answers_questions:
            answer = answers.to_question(self, function)
            if answer is not None:
                self._post(self._now + self.answer_ms, answer)

    def _hear_link_ready(self, function, body):
        if body[2:4] == self._id:
            while body[2:4] == self._id:
                self._id = bytes((self._random(256), self._random(256)))
            self.linked = False
            self._link_at = self._now + BURST_AFTER_MS + self._random(500)
        if function != 0xFBE2 or self.linked:
            return
        recent = self._now - self._link_ready_ms < 5000
        self._link_readies = self._link_readies + 1 if recent else 1
        self._link_ready_ms = self._now
        if self._link_readies == 2:
            for i in range(BURST_SIZE):
                after_ms = BURST_AFTER_MS + i * BURST_EVERY_MS + self._random(60)
                self._post(self._now + after_ms, None)

    def _hear_heartbeat(self, body):
        self._heard_ms = self._now
        if not self.linked:
            self.linked = True
            self._outbox = [entry for entry in self._outbox if entry[1] is not None]
        self.heartbeats += 1
        self._command(body[6], read_amps(body[7:9]))
        if self._failed or self.heartbeats % self.answer_every:
            return
        self._post(self._now + self.answer_ms, self._heartbeat(body[2:4]))
        self._lost_master = False
        self._confirm = None

    def _heartbeat(self, master_id):
        draw = self.draw_amps or self.idle_amps
        if self._stale_left:
            self._stale_left -= 1
            draw = self._stale_amps
        elif self._phase == "charging":
            self._stale_amps = draw
        return answers.heartbeat(
            self._id, master_id, self.state, self.shown_amps, draw, self.protocol
        )

    def _command(self, command, amps):
        if command == 0x00:
            if self.limit_amps == 0 and self.car.plugged and self._flip_at is None:
                self._flip_at = self._now + FLIP_MS
        elif command == 0x02:
            self._failed = True
            self._open(False)
        elif command == 0x05 and (self.protocol == 1 or self._phase != "charging"):
            self._set_limit(amps)
        elif command == 0x09 and self.protocol == 2:
            if self._phase == "charging" and amps != self.limit_amps:
                self._confirm = 0x09
            self._set_limit(amps)
        elif command in (0x06, 0x07) and self.protocol == 2 and self.limit_amps:
            up = command == 0x06
            self._nudge_amps = NUDGE_AMPS if up else -NUDGE_AMPS
            self._nudge_until = self._now + (UP_MS if up else DOWN_MS)
            self._confirm = command

    def _set_limit(self, amps):
        self.limit_amps = amps
        self._nudge_amps = 0.0
        if self._flip_at is not None:
            self._flip_at = None
            self._relay(False)

    def _hear_contactors(self, function):
        if self.firmware[:3] < CONTACTORS_SINCE:
            return
        self.contactor_allowed = function == 0xFCB1
        if not self.contactor_allowed:
            self._open(False)
        self._post(self._now + self.answer_ms, answers.contactors(self._id, function))

    # -- what time does to it

    def _power_up(self):
        self.limit_amps = None
        self.linked = False
        self.relay_closed = False
        self.contactor_allowed = True
        self.heartbeats = 0
        self.link_losses = 0
        self._decoder = Decoder()
        self._outbox = []
        self._failed = False
        self._lost_master = False
        self._confirm = None
        self._phase = "idle"
        self._phase_until = 0
        self._busy_until = 0
        self._flip_at = None
        self._nudge_amps = 0.0
        self._nudge_until = 0
        self._stale_amps = 0.0
        self._stale_left = 0
        self._heard_ms = None
        self._link_at = 0
        self._link_readies = 0
        self._link_ready_ms = -10000
        self._was_plugged = self.car.plugged
        if self._now is not None:
            self._link_at = self._now + 500 + self._random(1500)

    def _begin(self, now_ms):
        if self._now is None:
            self._now = now_ms
            self._link_at = now_ms + 500 + self._random(1500)

    def _advance(self, now_ms):
        self._begin(now_ms)
        if self._now >= now_ms:
            self._tick(0)  # a plug may have been pulled since
        while self._now < now_ms:
            slice_ms = min(SLICE_MS, now_ms - self._now)
            self._now += slice_ms
            self._tick(slice_ms)

    def _tick(self, slice_ms):
        if self._heard_ms is not None:
            silent_ms = self._now - self._heard_ms
            if self.linked and silent_ms >= LINK_LOST_MS:
                self.linked = False
                self.link_losses += 1
                self._link_at = self._heard_ms + LINK_LOST_MS
            if silent_ms >= self.stop_after_ms and self.limit_amps is not None:
                self.limit_amps = None
                self._lost_master = True
                self._open(True)
        if self._nudge_amps and self._now >= self._nudge_until:
            self._nudge_amps = 0.0
            self._confirm = 0x0A
        if self.car.plugged != self._was_plugged:
            self._was_plugged = self.car.plugged
            self._busy_until = self._now + BUSY_MS
            self._flip_at = None
        self._charge()
        phases = min(self.car.phases, len([1 for phase in self.volts if phase]))
        self.kwh += self.draw_amps * self.volts[0] * phases * slice_ms / 3.6e9
        if self._flip_at is not None and self._now >= self._flip_at and self._phase == "idle":
            self._flip_at = self._now + FLIP_MS
            self._relay(not self.relay_closed)

    def _charge(self):
        car = self.car
        offered = self._offered()
        draw = car.step(self._now, offered, self._phase == "charging")
        if self._phase == "charging":
            if draw <= 0 and not (car.asks and offered):
                self._phase = "idle"
                self._stale_left = self.stale_answers if car.plugged else 0
                self._relay(False)
        elif not car.asks or not offered:
            self._phase = "idle"
        elif self._phase == "idle" and self._now >= self._busy_until:
            self._phase = "starting"
            self._phase_until = self._now + STARTING_MS
        elif self._phase == "starting" and self._now >= self._phase_until and car.begins:
            self._phase = "charging"
            self._relay(True)

    def _offered(self):
        if self._failed or self.limit_amps is None or not self.contactor_allowed:
            return 0.0
        amps = self._limit_now()
        return amps if amps >= self.min_amps else 0.0

    def _limit_now(self):
        return max(0.0, self.limit_amps + self._nudge_amps)

    def _open(self, fault):
        self._flip_at = None
        if self._phase != "idle":
            self._phase = "idle"
            self.car.cut(fault)
        self._relay(False)

    def _relay(self, closed):
        if closed == self.relay_closed:
            return
        self.relay_closed = closed
        self.relay_events.append((self._now, closed))
        if closed:
            self.relay_closes += 1

    def _post(self, at_ms, body):
        self._outbox.append((at_ms, body))
        self._outbox.sort(key=lambda entry: entry[0])

    def _link_ready(self):
        return answers.link_ready(self._id, self.sign, self.rating_amps, self.protocol)

    def _random(self, below):
        # A small generator of its own: the same id gives the same run on both interpreters.
        self._seed = (self._seed * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._seed >> 16) % below

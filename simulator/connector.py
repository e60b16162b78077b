"""A Gen2 wall connector set to follow a master, with its car: its side of the bus.

Pure (time passed in) and runs under CPython and MicroPython. It hears bytes, and says when it
wants to say something: `hear(chunk, now_ms)`, `due(now_ms)`, `next_event_ms(now_ms)`. It does as
little checking as the real one: a limit of 655.35 A is taken like any other.
"""

from simulator import answers
from simulator.car import Car
from simulator.charger import Charger
from simulator.wire import Decoder, encode, read_amps, read_id

LINK_READY_EVERY_MS = 10000
LINK_LOST_MS = 10000
BURST_AFTER_MS = 200
BURST_EVERY_MS = 100
BURST_SIZE = 5
# Between two answers to one heartbeat.
TWICE_MS = 30
SLICE_MS = 100

CONTACTORS_SINCE = (4, 5, 3)
"""Firmware from which the contactor commands are known."""


class Connector(Charger):
    """One unit.

    id: "2433". rating_amps: what its link ready says. protocol: 1 or 2.
    min_amps: 5 (protocol 1) or 6 (protocol 2) unless given.
    answer_ms: from the end of a heartbeat to the beginning of the answer (3 to 100).
    volts: of three phases, 0 where nothing is wired.
    firmware: a tuple. serial: up to 15 characters. model: of an old unit, up to 11 characters.
    kwh: counter of its life at the start; energy_in_wh: its meter tells Wh.
    sign: one byte of its link ready.
    stale_answers: how many answers after a stop still show the current from before it.
    stop_after_s: 20 to 30 s without a heartbeat until it stops the car.
    idle_amps: what it reports with no current. takes_lengths: heartbeats it understands, by
    length with checksum; a protocol 2 unit wants 16, a protocol 1 unit takes both.

    Faults to switch on, at any time: `mute` (hears, never speaks), `deaf` (hears nothing),
    `answer_every` (answers each n-th heartbeat), `late_ms` and `late_every` (each n-th answer
    comes so much later), `twice_every` (each n-th comes twice), `reset_every_s` (it starts anew
    by itself), `lie_echo_amps` (echoes this instead of its limit), `lie_draw_amps` (reports this
    current), `lie_states` (shows these states in turn), `too_fast_ms` (a question that comes
    sooner than this after the frame before it gets 7C 00 instead of an answer),
    `unanswered` (questions that it does not know: (0xFBB4,) tells no plug state). `reset` and
    `change_id` do it once.
    For tests: what a Charger has, `linked`, `resets`, `questions` (heard), `too_fasts` (said).
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
        model="",
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
        self.model = model or "1457768-01"
        self.kwh = kwh
        self.energy_in_wh = energy_in_wh
        self.sign = self._id[1] ^ 0x5A if sign is None else sign
        self.stop_after_ms = stop_after_s * 1000
        self.idle_amps = idle_amps
        self.stale_answers = stale_answers
        self.takes_lengths = takes_lengths or ((14, 16) if protocol == 1 else (16,))
        self.answers_questions = protocol == 2
        self.answers_old_questions = protocol == 1
        self.mute = False
        self.deaf = False
        self.answer_every = 1
        self.late_ms = 0
        self.late_every = 1
        self.twice_every = 0
        self.reset_every_s = None
        self.lie_echo_amps = None
        self.lie_draw_amps = None
        self.lie_states = ()
        self.too_fast_ms = 0
        self.unanswered = ()
        self.relay_closes = 0
        self.relay_events = []
        self.resets = 0
        self.questions = 0
        self.too_fasts = 0
        self._seed = self._id[0] << 8 | self._id[1]
        self._now = None
        self._power_up()

    @property
    def id(self):
        """Its id as text, "2433". It changes after a clash with a master's."""
        return read_id(self._id)

    def reset(self):
        """Power off and on: the limit, the link and an error are forgotten, the id is kept."""
        self._open(False)
        self.resets += 1
        self._power_up()

    def change_id(self, id):
        """From now on it has this id, and is linked to nobody; the limit and the car stay."""
        self._id = bytes.fromhex(id)
        self._unlink(BURST_AFTER_MS)

    def hear(self, chunk, now_ms):
        """Take bytes from the line; the last one ended at `now_ms`."""
        self._begin(now_ms)
        if self.deaf:
            return
        for body in self._decoder.feed(chunk, now_ms):
            self._advance(now_ms)
            if not self._failed:
                self._take(body)
            self._frame_ms = now_ms

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

        Between its events nothing goes to the line, but the car moves on: call `due` to look.
        """
        self._begin(now_ms)
        event = self._heard_ms + LINK_LOST_MS if self.linked else self._link_at
        if self._outbox and self._outbox[0][0] < event:
            event = self._outbox[0][0]
        return event

    # -- what it hears

    def _take(self, body):
        function = body[0] << 8 | body[1]
        if function in (0xFCE1, 0xFBE2):
            self._hear_link_ready(function, body)
        elif function in answers.OLD_QUESTIONS and not any(body[2:]):
            self._hear_question(self.answers_old_questions, function)
        elif body[4:6] != self._id:
            return
        elif function == 0xFBE0:
            if len(body) + 1 in self.takes_lengths:
                self._hear_heartbeat(body)
        elif function in (0xFCB1, 0xFCB2):
            if self.firmware[:3] >= CONTACTORS_SINCE:
                self._allow_contactor(function == 0xFCB1)
                self._post(self._now + self.answer_ms, answers.contactors(self._id, function))
        elif 12 <= len(body) <= 15:
            self._hear_question(self.answers_questions, function)

    def _hear_question(self, answers_it, function):
        answer = answers.to_question(self, function)
        if answer is None:
            return
        self.questions += 1
        if self._frame_ms is not None and self._now - self._frame_ms < self.too_fast_ms:
            self.too_fasts += 1
            self._post(self._now + self.answer_ms, answers.TOO_FAST)
        elif answers_it and function not in self.unanswered:
            self._post(self._now + self.answer_ms, answer)

    def _hear_link_ready(self, function, body):
        if body[2:4] == self._id:
            while body[2:4] == self._id:
                self._id = bytes((self._random(256), self._random(256)))
            self._unlink(BURST_AFTER_MS + self._random(500))
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
        at_ms = self._now + self.answer_ms
        if self.late_ms and self.heartbeats % self.late_every == 0:
            at_ms += self.late_ms
        answer = self._heartbeat(body[2:4])
        self._post(at_ms, answer)
        if self.twice_every and self.heartbeats % self.twice_every == 0:
            self._post(at_ms + TWICE_MS, answer)
        self._lost_master = False
        self._confirm = None

    def _heartbeat(self, master_id):
        draw = self.draw_amps or self.idle_amps
        if self._stale_left:
            self._stale_left -= 1
            draw = self._stale_amps
        elif self._phase == "charging":
            self._stale_amps = draw
        if self.lie_draw_amps is not None:
            draw = self.lie_draw_amps
        state = self.state
        if self.lie_states:
            state = self.lie_states[self.heartbeats % len(self.lie_states)]
        return answers.heartbeat(self._id, master_id, state, self.shown_amps, draw, self.protocol)

    # -- what time does to it

    def _power_up(self):
        self._power_on()
        self.linked = False
        self.heartbeats = 0
        self.link_losses = 0
        self._decoder = Decoder()
        self._outbox = []
        self._heard_ms = None
        self._frame_ms = None
        self._link_at = 0
        self._link_readies = 0
        self._link_ready_ms = -10000
        self._up_ms = self._now
        if self._now is not None:
            self._link_at = self._now + 500 + self._random(1500)

    def _begin(self, now_ms):
        if self._now is None:
            self._now = self._up_ms = now_ms
            self._link_at = now_ms + 500 + self._random(1500)

    def _unlink(self, call_after_ms):
        self.linked = False
        self._link_at = (self._now or 0) + call_after_ms

    def _advance(self, now_ms):
        self._begin(now_ms)
        if self._now >= now_ms:
            self._tick(0)  # a plug may have been pulled since
        while self._now < now_ms:
            slice_ms = min(SLICE_MS, now_ms - self._now)
            self._now += slice_ms
            self._tick(slice_ms)

    def _tick(self, slice_ms):
        if self.reset_every_s is not None and self._now - self._up_ms >= self.reset_every_s * 1000:
            self.reset()
        if self._heard_ms is not None:
            silent_ms = self._now - self._heard_ms
            if self.linked and silent_ms >= LINK_LOST_MS:
                self.linked = False
                self.link_losses += 1
                self._link_at = self._heard_ms + LINK_LOST_MS
            if silent_ms >= self.stop_after_ms and self.limit_amps is not None:
                self._lose_master()
        self._pass(slice_ms)

    def _post(self, at_ms, body):
        self._outbox.append((at_ms, body))
        self._outbox.sort(key=lambda entry: entry[0])

    def _link_ready(self):
        return answers.link_ready(self._id, self.sign, self.rating_amps, self.protocol)

    def _random(self, below):
        # A small generator of its own: the same id gives the same run on both interpreters.
        self._seed = (self._seed * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._seed >> 16) % below

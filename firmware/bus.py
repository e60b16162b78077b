"""UART <-> frames: the heartbeat clock, the quiet line, and the gate before the bytes.

The only place where the firmware puts bytes on the bus.
"""

import asyncio
import gc
import sys
import time

from micropython import const

from twc import frame, message

# "Timing on the line" of the protocol notes: start when the line was quiet for 2 ms; if that
# does not come within 40 ms, send anyway.
_QUIET_MS = const(2)
_NOISE_PATIENCE_MS = const(40)

# A question, and its answer of at most 20 bytes that begins within 100 ms, have to end 100 ms
# before the next heartbeat; at most one a second on the whole line.
_QUESTION_MS = const(242)
_AFTER_ANSWER_MS = const(300)  # of the slave that is asked
_QUESTIONS_EVERY_MS = const(1000)
_LOOK_MS = const(20)  # for such a moment

# Who waits for the moment to stop the chip waits some 3 s at most, 5 ms a look: on a machine that
# is too slow for such a moment decisions and settings have to go on as well.
_MOST_LOOKS = const(600)
_MOST_EXTRA = const(4)

# Heartbeats further apart than this are counted, with what kept the chip from sending, and those
# further apart than the second are told. Up to 1.2 s is how a slave comes back to its place in
# the second.
_GAP_MS = const(1300)
_GAP_TOLD_MS = const(1500)

# A frame takes 10 bits a byte at 9600 baud.
_BYTE_US = const(1042)

# While the driver is enabled nothing may come between: memory is collected before, this often.
_COLLECT_EVERY_MS = const(5000)


class Bus:
    """Sends what the master has to say, and gives it what was heard.

    `uart`: machine.UART or alike; `driver_enable`: a Pin, or None for transceivers that switch
    by themselves; `now_ms()`: the monotonic clock; `tell(level, sentence)`: the journal.
    `questions`: may be set, a twc.questions.Questions. `recorder`: may be set, see record().

    Counters: `sent` frames, `noisy` ones that went out on a line that would not fall quiet,
    `refused` ones that the gate held back, `gap_ms` the longest time between two heartbeats
    to the same slave, `gaps` those of more than 1.3 s, `gap_cause` what the last one was due
    to, `late_ms` the longest that anything kept this loop from its turn since all was started.

    `first_ms`: when the first frame left, in ms since the reset (on an ESP32; elsewhere since the
    firmware was started), None before; `spoke_ms`: when the last one did, or when there was
    nobody to send to. `on_cause(now_ms, cause)`: may be set, is told what because() is.
    """

    def __init__(self, uart, driver_enable, master, gate, now_ms, tell):
        self.master = master
        self.decoder = frame.Decoder()
        self.questions = None
        self.recorder = None
        self.sent = 0
        self.noisy = 0
        self.refused = 0
        self.gap_ms = 0
        self.gaps = 0
        self.gap_cause = ""
        self.late_ms = 0
        self.first_ms = self.on_cause = None
        self.spoke_ms = 0
        self._uart = uart
        self._driver_enable = driver_enable
        self._gate = gate
        self._now_ms = now_ms
        self._tell = tell
        self._heard_ms = -_QUIET_MS
        self._collected_ms = 0
        self._extra = []  # questions and commands from outside, first in line
        self._asked_ms = 0
        self._short = 0
        self._cause = ""
        self._cause_ms = 0

    async def listen(self):
        """Task: takes every byte that arrives, for ever."""
        stream = asyncio.StreamReader(self._uart)
        buffer = bytearray(64)
        while True:
            length = await stream.readinto(buffer)
            if length:
                self._heard_ms = self._now_ms()
                self.decoder.feed(buffer, length, self._heard_ms, self._heard)

    def record(self, recorder):
        """Gives every frame to `recorder.note(now_ms, mark, bytes)` from now on; mark: ">" sent,
        "<" heard, "=" our own echo, "!" broken. None: no more."""
        self.recorder = recorder
        self.decoder.on_bad = recorder and self._heard_broken

    def ask(self, body):
        """Queues a question or contactor command, to be sent as soon as the heartbeats leave
        room for it. Returns whether there was room in the queue."""
        if len(self._extra) >= _MOST_EXTRA:
            return False
        if body not in self._extra:
            self._extra.append(body)
        return True

    def because(self, cause):
        """Says what stops the chip now, for the count of gaps."""
        self._cause = cause
        self._cause_ms = self._now_ms()
        if self.on_cause:
            self.on_cause(self._cause_ms, cause)

    async def slot(self, ms, cause):
        """Returns right after a heartbeat was answered, or missed, with at least `ms` (up to
        150) until the next one: the moment for calls that stop the whole chip. `cause`: what
        the call is ("flash", "TLS", "scan")."""
        patience = _MOST_LOOKS
        while patience and self.master.slaves and self.master.free_ms(self._now_ms()) < ms:
            patience -= 1
            await asyncio.sleep_ms(5)
        self.because(cause)

    async def speak(self):
        """Task: sends each frame when it is due, for ever."""
        while True:
            start_ms = now_ms = self._now_ms()
            wait_ms = self.master.wait_ms(now_ms)
            if not self.master.slaves:
                self.spoke_ms = now_ms
            if wait_ms:
                body = self._question(wait_ms, now_ms)
                if body is None:
                    if self._extra:
                        wait_ms = min(wait_ms, _LOOK_MS)
                    elif self.questions:
                        look_ms = max(_LOOK_MS, self.questions.wait_ms(now_ms))
                        wait_ms = min(wait_ms, look_ms)
                    await asyncio.sleep_ms(wait_ms)
                    self.late_ms = max(self.late_ms, self._now_ms() - now_ms - wait_ms)
                    continue
                self._asked_ms = now_ms
                self.master.asked(now_ms)
            else:
                while not self._is_quiet(now_ms):
                    if now_ms - start_ms >= _NOISE_PATIENCE_MS:
                        self.noisy += 1
                        break
                    await asyncio.sleep_ms(1)
                    now_ms = self._now_ms()
                body = self.master.next(now_ms)
            if body is not None:
                body = self._allowed(body, now_ms)
            if body is None:
                await asyncio.sleep_ms(1)
                continue
            self._note_gap(now_ms)
            if self.recorder:
                self.recorder.note(now_ms, ">", body)
            self.master.lookout.sent(body, now_ms)
            self.spoke_ms = now_ms
            if self.first_ms is None:
                self.first_ms = time.ticks_ms() if sys.platform == "esp32" else now_ms
            await self._send(frame.encode(body))

    def _is_quiet(self, now_ms):
        if self._uart.any():
            # After a stall the listener has not had its turn yet.
            self._heard_ms = now_ms
        return now_ms - self._heard_ms >= _QUIET_MS

    def _question(self, free_ms, now_ms):
        """What to ask now, if there is room for question and answer; heartbeats come first."""
        if free_ms < _QUESTION_MS or now_ms - self._asked_ms < _QUESTIONS_EVERY_MS:
            return None
        if not self.master.free_ms(now_ms) or not self._is_quiet(now_ms):
            return None
        if self._extra:
            slave = self.master.find(message.id_text(self._extra[0], 4))
            if slave is None or now_ms - (slave.heard_ms or 0) >= _AFTER_ANSWER_MS:
                return self._extra.pop(0)
        elif self.questions:
            if self.decoder.short != self._short:
                self._short = self.decoder.short
                self.questions.too_fast(now_ms)
            return self.questions.next(self.master.slaves, free_ms, now_ms)
        return None

    def _heard(self, body, now_ms):
        echo = self.master.heard(body, now_ms)
        if self.recorder:
            self.recorder.note(now_ms, "=" if echo else "<", body)

    def _heard_broken(self, data):
        self.recorder.note(self._heard_ms, "!", data)

    def _note_gap(self, now_ms):
        gap_ms = self.master.last_gap_ms
        self.master.last_gap_ms = 0
        self.gap_ms = max(self.gap_ms, gap_ms)
        if gap_ms > _GAP_MS:
            self.gaps += 1
            known = self._cause and now_ms - self._cause_ms <= gap_ms
            self.gap_cause = self._cause if known else "unknown"
            if gap_ms > _GAP_TOLD_MS:
                self._tell(
                    "warning", f"No heartbeat for {gap_ms / 1000:.1f} s, because: {self.gap_cause}"
                )

    def _allowed(self, body, now_ms):
        """What the gate lets through. A heartbeat that it holds back still goes out, as "no
        change": a slave must not lose its master."""
        why = self._gate.refusal(body, now_ms)
        if why:
            self.refused += 1
            self._tell("error", f"Held back by the gate: {why}.")
            heartbeat = message.function(body) == message.MASTER_HEARTBEAT
            body = self.master.without_limit(body) if heartbeat else None
            if body is not None and self._gate.refusal(body, now_ms):
                body = None
        return body

    async def _send(self, wire):
        self.sent += 1
        pin = self._driver_enable
        if pin is None:
            self._uart.write(wire)
            await asyncio.sleep_ms(len(wire) * _BYTE_US // 1000 + 1)
            return
        # With a driver-enable pin a frame leaves in one piece, without yielding: anything
        # that came between (a collection, a flash write) would keep the driver on while the
        # slave already answers.
        now_ms = self._now_ms()
        if now_ms - self._collected_ms >= _COLLECT_EVERY_MS:
            self._collected_ms = now_ms
            gc.collect()
        pin.value(1)
        self._uart.write(wire)
        self._uart.flush()
        pin.value(0)

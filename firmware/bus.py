"""UART <-> frames: the heartbeat clock, the quiet line, and the gate before the bytes.

The only place where the firmware puts bytes on the bus.
"""

import asyncio
import gc

from micropython import const

from twc import frame, message

# "Timing on the line" of the protocol notes: start when the line was quiet for 2 ms; if that
# does not come within 40 ms, send anyway.
_QUIET_MS = const(2)
_NOISE_PATIENCE_MS = const(40)

# A frame takes 10 bits a byte at 9600 baud.
_BYTE_US = const(1042)

# While the driver is enabled nothing may come between: memory is collected before, this often.
_COLLECT_EVERY_MS = const(5000)


class Bus:
    """Sends what the master has to say, and gives it what was heard.

    `uart`: machine.UART or alike; `driver_enable`: a Pin, or None for transceivers that switch
    by themselves; `now_ms()`: the monotonic clock; `tell(level, sentence)`: the journal.

    Counters: `sent` frames, `noisy` ones that went out on a line that would not fall quiet,
    `refused` ones that the gate held back, `gap_ms` the longest time between two heartbeats
    to the same slave.
    """

    def __init__(self, uart, driver_enable, master, gate, now_ms, tell):
        self.master = master
        self.decoder = frame.Decoder()
        self.sent = 0
        self.noisy = 0
        self.refused = 0
        self.gap_ms = 0
        self._uart = uart
        self._driver_enable = driver_enable
        self._gate = gate
        self._now_ms = now_ms
        self._tell = tell
        self._heard_ms = -_QUIET_MS
        self._collected_ms = 0

    async def listen(self):
        """Task: takes every byte that arrives, for ever."""
        stream = asyncio.StreamReader(self._uart)
        buffer = bytearray(64)
        while True:
            length = await stream.readinto(buffer)
            if length:
                self._heard_ms = self._now_ms()
                self.decoder.feed(buffer, length, self._heard_ms, self.master.heard)

    async def speak(self):
        """Task: sends each frame when it is due, for ever."""
        while True:
            wait_ms = self.master.wait_ms(self._now_ms())
            if wait_ms:
                await asyncio.sleep_ms(wait_ms)
                continue
            start_ms = now_ms = self._now_ms()
            if self._uart.any():
                # After a stall the listener has not had its turn yet.
                self._heard_ms = now_ms
            while now_ms - self._heard_ms < _QUIET_MS:
                if now_ms - start_ms >= _NOISE_PATIENCE_MS:
                    self.noisy += 1
                    break
                await asyncio.sleep_ms(1)
                now_ms = self._now_ms()
            body = self.master.next(now_ms)
            if body is not None:
                body = self._allowed(body, now_ms)
            if body is not None:
                self.gap_ms = max(self.gap_ms, self.master.last_gap_ms)
                await self._send(frame.encode(body))
            else:
                await asyncio.sleep_ms(1)

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

    async def slot(self, ms):
        """Returns right after a heartbeat was answered, or missed, with at least `ms` (up to
        150) until the next one: the moment for calls that stop the whole chip."""
        while self.master.slaves and self.master.free_ms(self._now_ms()) < ms:
            await asyncio.sleep_ms(5)

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

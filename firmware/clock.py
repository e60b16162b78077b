"""The time of day: asked of an NTP server, without blocking.

Wall time is kept as a difference to the monotonic clock, so that nothing that is measured in
durations ever sees it jump. Source of the format: RFC 4330 (SNTP), sections 4 and 5, and RFC 5905,
section 7.3. Loaded only where a timetable is configured.
"""

import asyncio
import os
import select
import socket

from micropython import const

from firmware import board, forget

_PORT = const(123)
_AGAIN_S = const(21600)  # once it is set
_FIRST_PAUSE_S = const(15)  # after a failure, then twice as long each time, up to:
_LONGEST_PAUSE_S = const(900)
_WAIT_MS = const(3000)
_POLL_MS = const(20)
_CLIENT = const(0x23)  # no warning, version 4, mode 3

# NTP counts from 1900 in 32 bits, and from 0 again in February 2036 (RFC 4330, section 3).
_NTP_EPOCH_S = 2208988800
_NTP_ERA_S = 1 << 32
_EARLIEST_S = 1704067200  # 2024: who tells less does not know
_TELL_MS = const(5000)  # being so far off is told


class Clock:
    """`server`: name or address of an NTP server; `wifi`: a firmware.wifi.Wifi; `now_ms()`: the
    monotonic clock; `tell(level, sentence)`: the journal."""

    def __init__(self, server, wifi, now_ms, tell):
        self._server = server
        self._wifi = wifi
        self._now_ms = now_ms
        self._tell = tell
        self._answered = False
        # Unix time in ms when the monotonic clock was 0, or None: not known.
        self._zero_ms = None
        utc_s = board.utc_s()
        if utc_s is not None:
            self._zero_ms = utc_s * 1000 - now_ms()

    def utc_s(self):
        """Unix time in whole seconds, or None as long as nobody has told it."""
        if self._zero_ms is None:
            return None
        return (self._zero_ms + self._now_ms()) // 1000

    async def run(self):
        """Task: asks the server, each 6 hours once it has answered, for ever."""
        pause_s = _FIRST_PAUSE_S
        told = False
        while True:
            while self._wifi.state != "connected":
                await asyncio.sleep_ms(500)
            try:
                await self._ask()
            except OSError as error:
                if not told:
                    told = True
                    why = error.args[0]
                    if not isinstance(why, str):
                        why = f"{self._server} can not be asked (error {why})"
                    self._tell("warning", f"Clock: {why}; trying again.")
                await asyncio.sleep(pause_s)
                pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
            else:
                told = False
                pause_s = _FIRST_PAUSE_S
                await asyncio.sleep(_AGAIN_S)

    async def _ask(self):
        """Sets the clock by one question; raises OSError with a sentence."""
        from firmware import resolve

        try:
            address = await resolve.resolve(self._server, self._wifi.addresses()[3])
        finally:
            del resolve
            forget("firmware.resolve")
        packet = bytearray(48)
        packet[0] = _CLIENT
        # Our own time is nobody's business: any number will do to know the answer by, and one
        # that can't be guessed keeps others from answering.
        packet[40:48] = os.urandom(8)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            poller = select.poll()
            poller.register(sock, select.POLLIN)
            asked_ms = self._now_ms()
            sock.sendto(packet, socket.getaddrinfo(address, _PORT)[0][-1])
            while self._now_ms() - asked_ms < _WAIT_MS:
                await asyncio.sleep_ms(_POLL_MS)
                if poller.poll(0):
                    utc_ms = read(sock.recv(68), packet)
                    if utc_ms:
                        # What was told held when half of the way was behind it.
                        now_ms = self._now_ms()
                        self._set(utc_ms + (now_ms - asked_ms) // 2 - now_ms)
                        return
        finally:
            sock.close()
        raise OSError(f"{self._server} does not tell the time")

    def _set(self, zero_ms):
        off_ms = 0 if self._zero_ms is None else zero_ms - self._zero_ms
        self._zero_ms = zero_ms
        if not self._answered:
            self._answered = True
            self._tell("info", f"Clock: set by {self._server}")
        elif abs(off_ms) >= _TELL_MS:
            self._tell("warning", f"Clock: was {abs(off_ms) // 1000} s off, set anew")


def read(data, packet):
    """Unix time in ms from the answer to `packet`, or None if it is no answer to it, or the
    server does not know the time itself."""
    if len(data) < 48 or data[24:32] != packet[40:48]:
        return None
    # Mode 4 is a server's; warning 3, stratum 0 or 16, or no time at all say that its clock is not
    # set, or that it does not want to be asked.
    if data[0] & 7 != 4 or data[0] >> 6 == 3 or not 1 <= data[1] <= 15:
        return None
    if data[40:48] == bytes(8):
        return None
    seconds = int.from_bytes(data[40:44], "big")
    if seconds < 1 << 31:
        seconds += _NTP_ERA_S
    utc_s = seconds - _NTP_EPOCH_S
    if utc_s < _EARLIEST_S:
        return None
    return utc_s * 1000 + (data[44] << 8 | data[45]) * 1000 // 65536

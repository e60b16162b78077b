"""Stand-in for MicroPython's `machine` of the ESP32, for the unix port.

The UART is the serial device named by TWC_SERIAL. TWC_DE_PIN: number of the pin that switches the
RS-485 driver on (empty: the module switches by itself). TWC_STOP_PIN_LOW: number of an input that
is held low. It has what the firmware uses and no more, because it lives in the same heap.

What the harness (simulator/board.py) has to play for it: TWC_RESET_CAUSE is the number that
reset_cause() gives (1 without). TWC_RTC_FILE keeps the RTC's memory; whoever cuts the power
removes it. TWC_WDT_FILE is written with the watchdog's time in ms when that is made, and again
each time it is fed: whoever runs the process ends it when the file gets older than that, as a
reset by the watchdog. Without these files the memory lasts as long as the process, and nothing is
watched.
"""

import io
import os
import select
import sys
import termios
import time

from micropython import const

# The exit code by which the process asks to be started again, as a chip does by itself.
_EXIT_RESET = const(42)
# 9600 baud, 8N1: ten bits.
_BYTE_US = const(1042)

_levels = {}
_uart = None


def _number(name):
    text = os.getenv(name)
    return int(text) if text else None


_DRIVER = _number("TWC_DE_PIN")
_HELD_LOW = _number("TWC_STOP_PIN_LOW")


# As on the ESP32 (ports/esp32/modmachine.c): machine.reset() is a HARD_RESET, and so is a panic of
# the chip; the reset button and a brownout are PWRON_RESET; Ctrl-D at the prompt is SOFT_RESET.
PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5


def reset_cause():
    return _number("TWC_RESET_CAUSE") or PWRON_RESET


def reset():
    """End the process; whoever runs it starts it again. As on the chip, nothing comes after."""
    sys.exit(_EXIT_RESET)


def unique_id():
    return b"\x24\x0a\xc4\x00\x24\x33"


class WDT:
    """The watchdog; making it again changes its time and feeds it, as on the ESP32
    (ports/esp32/machine_wdt.c). There is no way to switch it off."""

    def __init__(self, id=0, timeout=5000):
        self._timeout = str(timeout)
        self.feed()

    def feed(self):
        path = os.getenv("TWC_WDT_FILE")
        if path:
            # Not by the builtin name: a write to flash takes 80 ms, and this is none.
            with io.open(path, "w") as file:
                file.write(self._timeout)


class RTC:
    """The memory that outlives a reset, but no power cut (2048 bytes; machine_rtc.c)."""

    _kept = b""

    def memory(self, data=None):
        path = os.getenv("TWC_RTC_FILE")
        if data is None:
            if path:
                try:
                    with io.open(path, "rb") as file:
                        return file.read()
                except OSError:
                    return b""
            return RTC._kept
        if len(data) > 2048:
            raise ValueError("buffer too long")
        RTC._kept = bytes(data)
        if path:
            with io.open(path, "wb") as file:
                file.write(data)


class Pin:
    """A pin; objects of the same number are the same pin."""

    IN = 1
    OUT = 3
    PULL_UP = 2

    def __init__(self, id, mode=-1, pull=-1, *, value=None):
        self._id = id
        if pull == self.PULL_UP:
            _levels.setdefault(id, 1)
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return 0 if self._id == _HELD_LOW else _levels.get(self._id, 0)
        if self._id == _DRIVER and _uart:
            # Settle what came until now by the old level: kept if we listened, lost if we drove.
            _uart._take()
        _levels[self._id] = 1 if level else 0


class UART(io.IOBase):
    """9600 8N1 with timeout=0, as the ESP32's: reads and writes never wait, flush() does.

    Bytes are handed to the device at once and count as sent 1.04 ms each. What arrives while the
    driver-enable pin is on is lost, and so is what does not fit into rxbuf. A device that is not
    there (yet, or any more) is a wire that nobody answers on; it is tried again each second.
    """

    def __init__(self, id, *, baudrate, tx, rx, timeout=0, timeout_char=0, rxbuf=256):
        global _uart
        if (baudrate, timeout, timeout_char) != (9600, 0, 0):
            raise ValueError("the stand-in UART does 9600 8N1 with timeout=0, timeout_char=0 only")
        self._received = bytearray(rxbuf)
        self._chunk = bytearray(64)
        self._count = 0
        self._file = None
        self._tried_ms = None
        self._sent_us = time.ticks_us()
        self._open()
        _uart = self

    def any(self):
        self._take()
        return self._count

    def readinto(self, buffer):
        self._take()
        size = min(len(buffer), self._count)
        if not size:
            return None
        buffer[:size] = self._received[:size]
        left = self._count - size
        self._received[:left] = self._received[size : self._count]
        self._count = left
        return size

    def write(self, data):
        if self._open() and self._state.poll(0):
            # Without room the other end has stopped reading: on a real wire the bytes go nowhere.
            try:
                self._file.write(data)
            except OSError:
                self._lost()
        now = time.ticks_us()
        start = now if time.ticks_diff(now, self._sent_us) > 0 else self._sent_us
        self._sent_us = time.ticks_add(start, len(data) * _BYTE_US)
        return len(data)

    def txdone(self):
        return time.ticks_diff(self._sent_us, time.ticks_us()) <= 0

    def flush(self):
        left = time.ticks_diff(self._sent_us, time.ticks_us())
        if left > 0:
            time.sleep_us(left)

    def ioctl(self, request, argument):
        if request == 3:  # poll; 1: readable, 4: writable
            ready = argument & 4
            if argument & 1 and self.any():
                ready |= 1
            return ready
        if request == 10 and not self._count and self._open():
            # The file descriptor, so that poll() sleeps until it is readable. Without one the
            # unix port polls each ms, and dies when its poll set has to grow (extmod/modselect.c,
            # poll_set_add_fd, spoils the entry of an object without a descriptor).
            return self._file.fileno()
        return 0 if request == 4 else -22  # close; EINVAL

    def _take(self):
        if not self._open():
            return
        room = len(self._received)
        deaf = _DRIVER is not None and _levels.get(_DRIVER)
        while True:
            try:
                n = self._file.readinto(self._chunk)
            except OSError:
                return self._lost()
            if not n:
                # A tty whose other end is gone gives nothing too, for ever; only poll tells.
                for _, event in self._state.ipoll(0):
                    if event & (select.POLLHUP | select.POLLERR):
                        self._lost()
                return
            if not deaf:
                n = min(n, room - self._count)
                self._received[self._count : self._count + n] = memoryview(self._chunk)[:n]
                self._count += n

    def _open(self):
        if self._file:
            return True
        now = time.ticks_ms()
        if self._tried_ms is not None and time.ticks_diff(now, self._tried_ms) < 1000:
            return False
        first = self._tried_ms is None
        self._tried_ms = now
        path = os.getenv("TWC_SERIAL")
        if not path:
            return False
        try:
            file = open(path, "r+b")
            _raw(file.fileno())
        except OSError as error:
            if first:
                print("serial device %s: %s; trying again each second" % (path, error))
            return False
        self._file = file
        self._state = select.poll()
        self._state.register(file.fileno(), select.POLLOUT)
        if not first:
            print("serial device %s is there" % path)
        return True

    def _lost(self):
        print("serial device %s is gone; trying again each second" % os.getenv("TWC_SERIAL"))
        self._file.close()
        self._file = None
        self._tried_ms = time.ticks_ms()


def _raw(fd):
    # A reading tty must not wait for a first byte (VMIN = 0): that would stop the whole VM. The
    # two integers among the control characters are VMIN and VTIME, on every system.
    termios.setraw(fd)
    mode = termios.tcgetattr(fd)
    mode[0] = 0
    mode[4] = mode[5] = termios.B9600
    mode[6] = [0 if isinstance(c, int) else c for c in mode[6]]
    termios.tcsetattr(fd, termios.TCSANOW, mode)

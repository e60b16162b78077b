"""The line as a pseudo-terminal: what a USB RS-485 adapter would be, at 9600 baud timing.

CPython only. `wire.Medium` decides who hears what and when; this file gives it a clock, a
thread, and a pty whose other end the firmware opens.
"""

import array
import errno
import fcntl
import os
import select
import termios
import threading
import time
import tty

from simulator.wire import Medium

RECEIVE_BUFFER = 256
"""Bytes a master may leave unread before the next ones are lost, as in its UART."""
REFRESH_S = 0.1
SHORTEST_NAP_S = 0.001


class Line:
    """Connectors on a pty.

    connectors: list of Connector; also a fourth or fifth. referee: gets every byte.
    noise: a weather.Weather, see `wire.Medium`. echo: the master gets its own bytes back.
    `path` is the device that the master opens. Use it as a context manager, or `start` and
    `stop`. Change cars and connectors only inside `with line.lock:`; time there is `now_ms()`.
    """

    def __init__(self, connectors, referee=None, noise=None, echo=False):
        self.lock = threading.RLock()
        self.medium = Medium(connectors, referee, noise, echo)
        self.referee = referee
        self.lost = 0
        self._thread = None
        self._running = False
        self._error = None
        self._began = time.monotonic()
        self._master_end, self._slave_end = os.openpty()
        tty.setraw(self._slave_end)
        os.set_blocking(self._master_end, False)
        self._wake_read, self._wake_write = os.pipe()
        self.path = os.ttyname(self._slave_end)

    @property
    def connectors(self):
        """The connectors on the line; append one under the lock and it is there."""
        return self.medium.connectors

    def now_ms(self):
        """Milliseconds on the line's own clock, the one the referee's times are in."""
        return self._now_us() // 1000

    def start(self):
        """Begin; returns the line."""
        if self._master_end is None:
            raise RuntimeError("this line was stopped and its pty is closed: make a new Line")
        self._running = True
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)
        self._thread.start()
        return self

    def stop(self):
        """End, close the pty, and raise what the thread died of, if it did."""
        if self._master_end is None:
            return
        self._running = False
        if self._thread is not None:
            os.write(self._wake_write, b".")
            self._thread.join(5)
        for descriptor in (self._master_end, self._slave_end, self._wake_read, self._wake_write):
            os.close(descriptor)
        self._master_end = None
        if self._error is not None:
            raise self._error

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def say(self, data, source="other"):
        """Put bytes on the line as if a third party (a second master, noise) had sent them."""
        with self.lock:
            self.medium.send(source, data, self._now_us())
        os.write(self._wake_write, b".")

    def _now_us(self):
        return int((time.monotonic() - self._began) * 1e6)

    def _run(self):
        try:
            nap_s = 0
            while self._running:
                woken, _, _ = select.select([self._master_end, self._wake_read], [], [], nap_s)
                if self._wake_read in woken:
                    os.read(self._wake_read, 64)
                with self.lock:
                    nap_s = self._turn()
        except Exception as error:  # told by stop(): a thread has nobody else to tell
            self._error = error

    def _turn(self):
        now_us = self._now_us()
        written = self._read()
        heard = self.medium.run(now_us)
        if written:
            self.medium.send("master", written, now_us)
        self.medium.refresh(now_us)
        if heard:
            self._write(heard)
        next_us = self.medium.next_event_us(now_us)
        if next_us is None:
            return REFRESH_S
        return min(REFRESH_S, max(SHORTEST_NAP_S, (next_us - self._now_us()) / 1e6))

    def _read(self):
        try:
            return os.read(self._master_end, 4096)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno == errno.EIO:  # a moment without any opener
                return b""
            raise

    def _write(self, heard):
        unread = array.array("i", [0])
        fcntl.ioctl(self._slave_end, termios.FIONREAD, unread)
        room = max(0, RECEIVE_BUFFER - unread[0])
        self.lost += max(0, len(heard) - room)
        if room:
            os.write(self._master_end, heard[:room])

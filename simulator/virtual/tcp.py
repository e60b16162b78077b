"""The firmware's TCP socket in memory, with the limits of lwIP on the ESP32."""

from simulator.virtual.board import board
from simulator.virtual.clock import clock
from simulator.virtual.net import Peer, net

EAGAIN = 11
EINPROGRESS = 115
EADDRINUSE = 98
EBADF = 9
ENOTCONN = 107
ETIMEDOUT = 110
ECONNREFUSED = 111
EHOSTUNREACH = 113

SEND_BUFFER_BYTES = 5744
"""lwIP's TCP_SND_BUF as ESP-IDF sets it: more than this unread by the peer makes writes wait."""

ABSENT_HOST_US = 58_000_000
"""How long connect() to an absent host takes on the ESP32."""


class Socket:
    """The firmware's TCP socket; its methods are those of MicroPython's."""

    def __init__(self):
        self.peer = None
        self.received = bytearray()
        self.unread = 0
        self.error = 0
        self.connected = False
        self.ended = False
        self.closed = False
        self.gone = False
        self.port = None
        self.backlog = 0
        self.waiting = []
        self._timeout_ms = None

    def open(self, peer):
        self.peer = peer
        self.connected = True
        peer.socket = self
        net.sockets.append(self)

    def fail(self, error):
        self.error = error
        self.ended = True

    # Life

    def connect(self, address):
        ip, port = address
        net.sockets.append(self)
        if not board.online():
            raise OSError(EHOSTUNREACH)
        if ip in net.hosts:
            net.later(self._connect, ip, port)
        else:
            clock.after(ABSENT_HOST_US, self.fail, EHOSTUNREACH)
        if self._timeout_ms == 0:
            raise OSError(EINPROGRESS)
        self._wait(lambda: self.connected or self.ended)
        self._check()

    def _connect(self, ip, port):
        service = net.services.get((ip, port))
        if self.closed or self.gone:
            return
        if service is None:
            net.later(self.fail, ECONNREFUSED)
            return
        peer = Peer(service)
        peer.socket = self
        self.peer = peer
        net.later(self._opened)
        service.opened(peer)

    def _opened(self):
        self.connected = True

    def bind(self, address):
        self.port = address[1]
        if self.port in net.listening:
            raise OSError(EADDRINUSE)

    def listen(self, backlog=5):
        self.backlog = backlog
        net.listening[self.port] = self
        net.sockets.append(self)

    def accept(self):
        self._wait(lambda: self.waiting)
        if not self.waiting:
            raise OSError(EAGAIN)
        socket = self.waiting.pop(0)
        return socket, socket.peer.address

    def close(self):
        if self.closed:
            return
        self.closed = True
        clock.changes += 1
        if self in net.sockets:
            net.sockets.remove(self)
        if net.listening.get(self.port) is self:
            del net.listening[self.port]
        if self.peer is not None and not self.gone:
            self.peer.later(self.peer.hear_close, bool(self.received))

    # Settings

    def setblocking(self, on):
        self._timeout_ms = None if on else 0

    def settimeout(self, seconds):
        self._timeout_ms = None if seconds is None else int(seconds * 1000)

    def setsockopt(self, *args):
        pass

    def fileno(self):
        return 3

    # Bytes

    def recv(self, count):
        self._wait(self._readable)
        self._check()
        if not self.received and not self.ended:
            raise OSError(EAGAIN)
        return self._take(count)

    def read(self, count=-1):
        """As MicroPython's streams: blocking, all `count` bytes or the end; else what is there."""
        if count is None or count < 0:
            self._wait(lambda: self.ended)
            count = len(self.received)
        self._wait(lambda: self.ended or len(self.received) >= count)
        self._check()
        if not self.received and not self.ended:
            return None
        return self._take(count)

    def readinto(self, buffer, count=None):
        data = self.read(len(buffer) if count is None else min(count, len(buffer)))
        if data is None:
            return None
        buffer[: len(data)] = data
        return len(data)

    def readline(self):
        self._wait(lambda: self.ended or b"\n" in self.received)
        self._check()
        if not self.received and not self.ended:
            return None
        end = self.received.find(b"\n")
        return self._take(end + 1 if end >= 0 else len(self.received))

    def send(self, data):
        self._wait(self._writable)
        self._check()
        if not self._writable():
            raise OSError(EAGAIN)
        data = bytes(data[: SEND_BUFFER_BYTES - self.unread])
        self.unread += len(data)
        self.peer.later(self.peer.hear, data)
        return len(data)

    def write(self, data, count=None):
        data = memoryview(data)[: len(data) if count is None else count]
        sent = 0
        while sent < len(data):
            try:
                sent += self.send(data[sent:])
            except OSError as error:
                if error.errno != EAGAIN:
                    raise
                return sent or None
        return sent

    def sendall(self, data):
        self.write(data)

    def ioctl(self, request, flags):
        if request != 3:
            return 0
        if self.closed:
            return 32
        if self.error:
            return (flags & 5) | 24
        return flags & ((1 if self.waiting or self._readable() else 0) | self._writable() * 4)

    def _readable(self):
        return self.ended or len(self.received) > 0

    def _writable(self):
        return self.ended or (self.connected and self.unread < SEND_BUFFER_BYTES)

    def _take(self, count):
        data = bytes(self.received[:count])
        self.received = self.received[count:]
        return data

    def _check(self):
        if self.closed:
            raise OSError(EBADF)
        if self.error:
            raise OSError(self.error)
        if self.peer is None and not self.ended and self._timeout_ms is None:
            raise OSError(ENOTCONN)

    def _wait(self, ready):
        """Block in virtual time, as a socket that was not set to non-blocking does."""
        if self._timeout_ms == 0:
            return
        start_us = clock.now_us
        limit_us = None if self._timeout_ms is None else start_us + self._timeout_ms * 1000
        while not self.closed and not ready():
            if not clock.step(limit_us):
                raise OSError(ETIMEDOUT)
        clock.note_wait(start_us)

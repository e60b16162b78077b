"""The firmware's UDP socket in memory: packets arrive once, or not at all."""

from simulator.virtual.board import board
from simulator.virtual.net import net

EAGAIN = 11
EBADF = 9
EADDRINUSE = 98
EHOSTUNREACH = 113

QUEUE_PACKETS = 6
"""lwIP's DEFAULT_UDP_RECVMBOX_SIZE as ESP-IDF sets it: more than this unread are dropped."""


class Datagrams:
    """A socket for packets that was set to non-blocking; its methods are those of MicroPython's.

    It answers to no packets but those that come back to it, unless it is bound to a port.
    """

    def __init__(self):
        self.gone = False
        net.sockets.append(self)
        self._packets = []
        self._blocking = True
        self._closed = False
        self._port = None

    def setblocking(self, on):
        self._blocking = on

    def bind(self, address):
        if address[1] in net.bound:
            raise OSError(EADDRINUSE)
        self._port = address[1]
        net.bound[self._port] = self

    def sendto(self, data, address):
        if self._closed:
            raise OSError(EBADF)
        if address in net.phones:
            net.over_point(net.phones[address], bytes(data))
            return len(data)
        if not board.online():
            raise OSError(EHOSTUNREACH)
        net.send_packet(self._arrive, address, bytes(data))
        return len(data)

    def recv(self, count):
        return self.recvfrom(count)[0]

    def recvfrom(self, count):
        if self._closed:
            raise OSError(EBADF)
        if not self._packets:
            if self._blocking:
                raise RuntimeError("a UDP socket of the firmware has to be non-blocking")
            raise OSError(EAGAIN)
        data, address = self._packets.pop(0)
        return data[:count], address

    def close(self):
        self._closed = True
        if net.bound.get(self._port) is self:
            del net.bound[self._port]
        if self in net.sockets:
            net.sockets.remove(self)

    def ioctl(self, request, flags):
        if request != 3:
            return 0
        if self._closed:
            return 32
        return flags & (4 | (1 if self._packets else 0))

    def push(self, data, address=None):
        """A packet comes in from the network."""
        if not self._closed and not self.gone and len(self._packets) < QUEUE_PACKETS:
            self._packets.append((data, address))

    def _arrive(self, address, data):
        service = net.udp_services.get(address)
        for answer in service.asked(data) if service else ():
            net.send_packet(self.push, bytes(answer))

"""A name server that gives the board's address for every name: so that phones which have joined
the access point find its page by themselves.

Source of the format: RFC 1035, section 4. Loaded while the access point is open.
"""

import select
import socket

from micropython import const

_PORT = const(53)
_LARGEST = const(512)  # of a question by UDP (section 2.3.4)
_AT_ONCE = const(4)
_FOR_S = const(5)  # so long an answer may be kept: soon there are the real ones


class Names:
    """A socket at `address`, the board's own as text. Raises OSError."""

    def __init__(self, address):
        self._ip = bytes([int(part) for part in address.split(".")])
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._sock.setblocking(False)
            self._sock.bind(socket.getaddrinfo(address, _PORT)[0][-1])
        except OSError:
            self._sock.close()
            raise
        self._poller = select.poll()
        self._poller.register(self._sock, select.POLLIN)

    def look(self):
        """Answers the questions that have come, without waiting."""
        for _ in range(_AT_ONCE):
            if not self._poller.poll(0):
                return
            try:
                data, peer = self._sock.recvfrom(_LARGEST)
                found = answer(data, self._ip)
                if found:
                    self._sock.sendto(found, peer)
            except OSError:
                return  # one that is lost is asked again

    def close(self):
        self._sock.close()


def answer(data, ip):
    """The packet that answers the question in `data`, bytes, with the four bytes `ip` if it is
    for an IPv4 address, else with nothing; None if it is no question."""
    # A question, of the usual kind, and one only.
    if len(data) < 17 or data[2] & 0xF8 or data[4:6] != b"\0\1":
        return None
    at = 12
    while at < len(data) and data[at]:
        if data[at] > 63:
            return None  # no letters of a name (section 4.1.4): a question needs no such
        at += 1 + data[at]
    at += 5
    if at > len(data) or at > 12 + 255 + 4:
        return None
    wanted = data[at - 4 : at] == b"\0\1\0\1"
    # An answer of who knows for sure (AA), with recursion (RA) as stubs want it.
    head = data[:2] + bytes((0x84 | data[2] & 1, 0x80, 0, 1, 0, int(wanted), 0, 0, 0, 0))
    packet = head + data[12:at]
    if wanted:
        packet += bytes((0xC0, 12, 0, 1, 0, 1, 0, 0, 0, _FOR_S, 0, 4)) + ip
    return packet

"""What tells the firmware the time: an NTP server, and a name server to find it by.

    time_server = TimeServer(world.net, utc_s=1743246000)
    names = NameServer(world.net, {"pool.ntp.org": ["10.0.0.3"]})

The sources are those of the firmware: RFC 4330 and RFC 1035; nothing is shared with its code.
"""

import struct

from simulator.virtual.clock import clock

NTP_EPOCH_S = 2_208_988_800


class TimeServer:
    """An NTP server at `ip`. `utc_s`: Unix time when the world began, or was at `set()`.

    `asked_s`: when it was asked, in seconds of the world. What it answers may be spoilt:
    `silent`: not at all; `change`: a function from the right answer to another one, or to a list.
    """

    def __init__(self, net, utc_s, ip="10.0.0.3"):
        self.asked_s = []
        self.silent = False
        self.change = None
        self.set(utc_s)
        net.offer_udp(ip, 123, self)

    def set(self, utc_s):
        """From now on it is this time."""
        self._zero_s = utc_s - clock.now_us / 1e6

    def utc_s(self):
        """The right time, with fractions."""
        return self._zero_s + clock.now_us / 1e6

    def asked(self, data):
        self.asked_s.append(clock.now_us / 1e6)
        # Version 3 or 4, mode 3; servers answer with the version they were asked in.
        if self.silent or len(data) < 48 or data[0] & 7 != 3 or data[0] >> 3 & 7 not in (3, 4):
            return []
        now = self.utc_s()
        seconds, part = int(now), int(now % 1 * (1 << 32))
        stamp = struct.pack("!II", (seconds + NTP_EPOCH_S) & 0xFFFFFFFF, part)
        answer = bytearray(
            struct.pack("!BBbbII4s", data[0] & 0x38 | 4, 2, 6, -20, 50, 90, b"time")
        )
        # Reference, originate (what the client sent as its transmit time), receive, transmit.
        answer += stamp + data[40:48] + stamp + stamp
        changed = self.change(answer) if self.change else answer
        return changed if isinstance(changed, list) else [changed]


class NameServer:
    """The router's name server. `names`: addresses by name; each question gets the next one."""

    def __init__(self, net, names, ip="10.0.0.1"):
        self.names = names
        self.questions = []
        net.offer_udp(ip, 53, self)

    def asked(self, data):
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        name = ".".join(labels)
        self.questions.append(name)
        addresses = self.names.get(name)
        question = data[12 : at + 5]
        if not addresses:
            return [data[:2] + b"\x81\x83\x00\x01\x00\x00\x00\x00\x00\x00" + question]
        address = addresses.pop(0)
        addresses.append(address)
        head = data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04"
        record += bytes([int(part) for part in address.split(".")])
        return [head + question + record]

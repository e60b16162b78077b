"""A master's voice for one connector, for the tests of connectors."""

from simulator.car import Car
from simulator.connector import Connector
from simulator.wire import Decoder, encode, read_amps, write_amps


class Bench:
    """One connector, a master's voice, and a clock in milliseconds."""

    def __init__(self, connector, master="7777"):
        self.connector = connector
        self.master = bytes.fromhex(master)
        self.now_ms = 0
        self.log = []

    def wait(self, seconds):
        """Let time pass by the connector's own events; returns the bodies it sent."""
        end_ms = self.now_ms + int(seconds * 1000)
        said = []
        while True:
            event_ms = self.connector.next_event_ms(self.now_ms)
            if event_ms is None or event_ms > end_ms:
                break
            self.now_ms = max(self.now_ms, event_ms)
            said += self._collect()
        self.now_ms = end_ms
        said += self._collect()
        return said

    def _collect(self):
        bodies = []
        for line in self.connector.due(self.now_ms):
            bodies += Decoder().feed(line, self.now_ms)
        self.log += [(self.now_ms, body) for body in bodies]
        return bodies

    def send(self, text, wait_s=0.1):
        """Send a body given in hex; returns what it said in the next `wait_s`."""
        self.connector.hear(encode(bytes.fromhex(text)), self.now_ms)
        return self.wait(wait_s)

    def beat(self, command=0, amps=0, seconds=1, long=None):
        """Heartbeats once a second; returns the last answer's body, or None."""
        answer = None
        long = self.connector.protocol == 2 if long is None else long
        for _ in range(seconds):
            head = b"\xfb\xe0" + self.master + bytes.fromhex(self.connector.id)
            body = head + bytes((command,)) + write_amps(amps) + bytes(6 if long else 4)
            said = self.send(body.hex(), 1)
            answer = said[-1] if said else None
        return answer


def state(answer):
    return answer[6]


def shown(answer):
    return read_amps(answer[7:9])


def actual(answer):
    return read_amps(answer[9:11])


def charging(amps=16, protocol=2, **more):
    bench = Bench(Connector("2433", protocol=protocol, car=Car(), **more))
    answer = bench.beat(9 if protocol == 2 else 5, amps, 20)
    assert state(answer) == 1
    return bench

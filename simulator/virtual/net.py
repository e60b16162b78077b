"""TCP and UDP in memory between the firmware and what the world offers: a broker, web clients.

A service of TCP has three callbacks: `opened(peer)`, `received(peer, data)` and
`closed(peer, reset)`; one of UDP has `asked(data)`, which returns a list of packets. The
firmware's side is `tcp.Socket` or `udp.Datagrams`, which the stand-in for `socket` hands out.
"""

from simulator.virtual.board import board
from simulator.virtual.clock import clock

ECONNRESET = 104

DEAD_RESOLVER_US = 7_000_000
"""How long getaddrinfo() blocks with a dead name server on the ESP32."""


class Net:
    """The network: who listens where, how long a packet takes, and whether any get through."""

    def __init__(self):
        self.clear()

    def clear(self):
        self.device_ip = "10.0.0.50"
        self.latency_us = 1000
        self.services = {}
        self.udp_services = {}
        self.hosts = set()
        self.names = {}
        self.listening = {}
        self.sockets = []
        self._hole = False
        self._held = []

    def offer(self, ip, port, service):
        """Let the firmware connect to `service`; None: the host is there but refuses."""
        self.hosts.add(ip)
        self.services[(ip, port)] = service

    def offer_udp(self, ip, port, service):
        """Let the firmware's packets to this address reach `service`."""
        self.udp_services[(ip, port)] = service

    def black_hole(self, on):
        """Swallow all packets; when it ends they arrive, as TCP repeats them."""
        self._hole = on
        if not on:
            held, self._held = self._held, []
            for call, args in held:
                self.later(call, *args)

    def send_packet(self, call, *args):
        """Run `call(*args)` when a packet sent now arrives; one that is lost is not repeated."""
        if not self._hole and board.wifi_up():
            clock.after(self.latency_us, call, *args)

    def later(self, call, *args):
        """Run `call(*args)` when a packet sent now arrives."""
        clock.after(self.latency_us, self._arrive, call, args)

    def _arrive(self, call, args):
        if self._hole or not board.wifi_reachable:
            self._held.append((call, args))
        else:
            call(*args)

    def power_off(self):
        """The device is gone without a word: its peers learn of it when they next send."""
        for socket in self.sockets:
            socket.gone = True
        self.sockets = []
        self.listening = {}

    def connect_to_device(self, port, client):
        """A client of the world connects to the firmware; answers the Peer."""
        peer = Peer(client)
        self.later(self._accept, port, peer)
        return peer

    def _accept(self, port, peer):
        # Late, because a Socket needs this network.
        from simulator.virtual.tcp import Socket

        listener = self.listening.get(port)
        if listener is None or len(listener.waiting) >= listener.backlog:
            self.later(peer.service.closed, peer, True)
            return
        socket = Socket()
        socket.open(peer)
        listener.waiting.append(socket)
        self.later(peer.service.opened, peer)


class Peer:
    """The far end of one connection of the firmware."""

    def __init__(self, service):
        self.service = service
        self.socket = None
        self.reading = True
        self.open = True
        self._unread = []

    def send(self, data):
        """Send bytes to the firmware."""
        net.later(self._deliver, bytes(data))

    def close(self):
        """End the connection in order: the firmware reads b"" after what was sent before."""
        if self.open:
            self.open = False
            net.later(self._end, 0)

    def reset(self):
        """Cut the connection: the firmware gets ECONNRESET."""
        if self.open:
            self.open = False
            net.later(self._end, ECONNRESET)

    def resume(self):
        """Read again after `reading = False`."""
        self.reading = True
        unread, self._unread = self._unread, []
        for data in unread:
            self.hear(data)

    def hear(self, data):
        """Bytes of the firmware arrive here."""
        if not self.reading:
            self._unread.append(data)
            return
        if self.socket is not None:
            self.socket.unread -= len(data)
        if self.open:
            self.service.received(self, data)

    def hear_close(self, reset):
        if self.open:
            self.open = False
            self.service.closed(self, reset)

    def _deliver(self, data):
        socket = self.socket
        if socket is None or socket.gone or socket.closed:
            self.hear_close(True)
        else:
            socket.received += data

    def _end(self, error):
        if self.socket is not None:
            self.socket.ended = True
            self.socket.error = error


net = Net()
"""The one network of this VM."""

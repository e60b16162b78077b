"""TCP and UDP in memory between the firmware and what the world offers: a broker, web clients.

A service of TCP has three callbacks: `opened(peer)`, `received(peer, data)` and
`closed(peer, reset)`; one of UDP has `asked(data)`, which returns a list of packets. The
firmware's side is `tcp.Socket` or `udp.Datagrams`, which the stand-in for `socket` hands out.
"""

from simulator.virtual.board import board
from simulator.virtual.clock import clock

ECONNRESET = 104

PHONE_IP = "192.168.4.2"
"""Of who has joined the board's own access point."""

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
        self.bound = {}
        self.phones = {}
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
        if not self._hole and board.online():
            clock.after(self.latency_us, call, *args)

    def later(self, call, *args):
        """Run `call(*args)` when a packet sent now arrives."""
        clock.after(self.latency_us, self._arrive, call, args)

    def _arrive(self, call, args):
        if self._hole or not (board.wifi_reachable or board.cable_up()):
            self._held.append((call, args))
        else:
            call(*args)

    def over_point(self, call, *args):
        """Run `call(*args)` when a packet sent now by way of the board's own access point
        arrives; it never does if that is closed."""
        clock.after(self.latency_us, self._arrive_over_point, call, args)

    def _arrive_over_point(self, call, args):
        if board.point is not None:
            call(*args)

    def power_off(self):
        """The device is gone without a word: its peers learn of it when they next send."""
        for socket in self.sockets:
            socket.gone = True
        self.sockets = []
        self.listening = {}
        self.bound = {}

    def connect_to_device(self, port, client, point=False):
        """A client of the world connects to the firmware; answers the Peer. `point`: it has
        joined the board's own access point."""
        peer = Peer(client, point)
        peer.later(self._accept, port, peer)
        return peer

    def ask_device(self, port, data, heard):
        """A phone at the board's access point sends a UDP packet; `heard(data)` for answers."""
        address = (PHONE_IP, 40000 + len(self.phones))
        self.phones[address] = heard
        self.over_point(self._ask, port, bytes(data), address)

    def _ask(self, port, data, address):
        socket = self.bound.get(port)
        if socket is not None:
            socket.push(data, address)

    def _accept(self, port, peer):
        # Late, because a Socket needs this network.
        from simulator.virtual.tcp import Socket

        listener = self.listening.get(port)
        if listener is None or len(listener.waiting) >= listener.backlog:
            peer.later(peer.service.closed, peer, True)
            return
        socket = Socket()
        socket.open(peer)
        listener.waiting.append(socket)
        peer.later(peer.service.opened, peer)


class Peer:
    """The far end of one connection of the firmware."""

    def __init__(self, service, point=False):
        self.service = service
        self.later = net.over_point if point else net.later
        self.address = (PHONE_IP if point else "10.0.0.7", 50000)
        self.socket = None
        self.reading = True
        self.open = True
        self._unread = []

    def send(self, data):
        """Send bytes to the firmware."""
        self.later(self._deliver, bytes(data))

    def close(self):
        """End the connection in order: the firmware reads b"" after what was sent before."""
        if self.open:
            self.open = False
            self.later(self._end, 0)

    def reset(self):
        """Cut the connection: the firmware gets ECONNRESET."""
        if self.open:
            self.open = False
            self.later(self._end, ECONNRESET)

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

"""Brokers that misbehave: what a session has to survive without a heartbeat lost.

The cases are those in which a plain client hangs, stalls or dies: no CONNACK, half a packet, bytes
that come one by one, a length without end, no MQTT at all, RST, a packet of a megabyte, lengths
that lie, a peer that never reads, and more messages than a small board can carry out.
"""

import contextlib
import socket
import struct
import threading
import time


class HostileBroker:
    """A TCP server that does to each connection what the next behaviour does, a function that
    takes the socket and the root of the topics ("twc/test"), and closes it then. After the last
    one it stops listening, so that a good broker can take the port. ``done`` is the number of
    connections that are over."""

    host = "127.0.0.1"

    def __init__(self, behaviours, root, port=0):
        self._root = root
        self.done = 0
        self._behaviours = behaviours
        self._server = socket.socket()
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # What is not read piles up at the sender soon.
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self._server.bind((self.host, port))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._connection = None

    def __enter__(self):
        self._server.listen(1)
        self._thread.start()
        return self

    def __exit__(self, *_):
        for end in (self._server, self._connection):
            with contextlib.suppress(OSError, AttributeError):
                end.shutdown(socket.SHUT_RDWR)
        self._thread.join(15)

    @property
    def over(self):
        return self.done == len(self._behaviours) and not self._thread.is_alive()

    def _run(self):
        with self._server, contextlib.suppress(OSError):
            for behave in self._behaviours:
                self._connection, _ = self._server.accept()
                with self._connection, contextlib.suppress(OSError):
                    behave(self._connection, self._root)
                self.done += 1


# What brokers do.


def part(connection, seconds, heard=None):
    """Go as a good peer does: all that came is read, so that the connection ends with FIN.
    Some seconds later, or when bytes have been heard."""
    end = time.monotonic() + seconds
    connection.settimeout(0.1)
    while time.monotonic() < end:
        try:
            piece = connection.recv(4096)
            if not piece or (heard and heard in piece):
                return
        except TimeoutError:
            pass


def silent(connection, root):
    take_connect(connection)
    part(connection, 20)  # until the firmware has had enough


def byte_by_byte(connection, root):
    take_connect(connection)
    for byte in CONNACK:
        time.sleep(0.3)
        connection.sendall(bytes([byte]))
    packet = _reading(root, b"3000")
    connection.sendall(packet[: len(packet) // 2])
    part(connection, 4)


def endless_length(connection, root):
    accept(connection)
    connection.sendall(b"\x30\xff\xff\xff\xff\xff\xff\xff\xff")
    part(connection, 1)


def not_mqtt(connection, root):
    take_connect(connection)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)
    part(connection, 1)


def reset_after_connack(connection, root):
    accept(connection)
    time.sleep(0.3)
    reset(connection)


def megabyte(connection, root):
    accept(connection)
    connection.sendall(_reading(root, b"3" * (1 << 20)))
    connection.sendall(_reading(root, b"2345"))
    part(connection, 50, heard=b"/surplus2345")


def longer_topic_than_packet(connection, root):
    accept(connection)
    connection.sendall(b"\x30\x04\xff\xff12")
    connection.sendall(_reading(root, b"3000"))
    part(connection, 1)


def empty_publish(connection, root):
    accept(connection)
    connection.sendall(b"\x30\x00")
    part(connection, 1)


def never_reads(connection, root):
    accept(connection)
    for number in range(500):
        connection.sendall(_reading(root, b"%d" % (number * 7)))
        time.sleep(0.02)


def fifty_a_second(connection, root):
    accept(connection)
    connection.settimeout(0)
    for _ in range(500):
        connection.sendall(_reading(root, b"3000"))
        try:
            while connection.recv(4096):
                pass
        except BlockingIOError:
            pass
        time.sleep(0.02)


def commands_without_end(connection, root):
    """Fifty commands a second, each of which has to be loaded, answered and refused."""
    accept(connection)
    connection.settimeout(0)
    for _ in range(500):
        with contextlib.suppress(BlockingIOError):
            connection.sendall(publish_packet(f"{root}/mode/set".encode(), b"sunny"))
        with contextlib.suppress(BlockingIOError):
            while connection.recv(4096):
                pass
        time.sleep(0.02)


# Packets.

CONNACK = b"\x20\x02\x00\x00"


def take_connect(connection):
    """Read the client's first packet; it is the one that says CONNECT."""
    connection.settimeout(20)
    assert connection.recv(1024)[:1] == b"\x10"


def accept(connection):
    """Begin as a good broker does."""
    take_connect(connection)
    connection.sendall(CONNACK)


def reset(connection):
    """Close with RST, as a router does that has forgotten the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def publish_packet(topic, payload):
    """The bytes of a PUBLISH of quality 0."""
    body = struct.pack("!H", len(topic)) + topic + payload
    length = len(body)
    head = bytearray(b"\x30")
    while True:
        head.append(length & 0x7F | (0x80 if length > 0x7F else 0))
        length >>= 7
        if not length:
            return bytes(head) + body


def _reading(root, payload):
    return publish_packet(f"{root}/surplus/set".encode(), payload)

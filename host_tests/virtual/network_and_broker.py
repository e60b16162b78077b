"""TCP and MQTT in memory: retained messages, last will, keepalive, broker gone and back."""

import asyncio
import errno
import socket
import struct

import network

from simulator.virtual.clock import clock
from simulator.virtual.world import World


def packet(first, *fields, tail=b""):
    """A packet with a short body: fields with length before each, then the tail."""
    body = b"".join(struct.pack("!H", len(field)) + field for field in fields) + tail
    assert len(body) < 128
    return bytes([first, len(body)]) + body


def connect_packet(name, keepalive_s=0, user=None):
    fields = [name, b"will/" + name, b"gone"] + ([user, b"secret"] if user else [])
    flags = 0x04 | 0x20 | 0x02 | (0xC0 if user else 0)
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + struct.pack("!H", keepalive_s)
    body += b"".join(struct.pack("!H", len(field)) + field for field in fields)
    return bytes([0x10, len(body)]) + body


def subscribe_packet(topic):
    return packet(0x82, tail=b"\x00\x05" + struct.pack("!H", len(topic)) + topic + b"\x00")


def publish_packet(topic, text, retain=False, packet_id=b""):
    return packet(0x30 | retain | (2 if packet_id else 0), topic, tail=packet_id + text)


class Client:
    """A client that connects, subscribes and writes down what it gets, and when it lost it."""

    def __init__(self, name=b"unit", keepalive_s=0, user=None, address=("10.0.0.2", 1883)):
        self.hello = connect_packet(name, keepalive_s, user)
        self.address = address
        self.got = []
        self.lost = []
        self.stream = None

    async def main(self):
        wlan = network.WLAN(network.STA_IF)
        wlan.active(True)
        wlan.connect("somewhere", "secret")
        while not wlan.isconnected():
            await asyncio.sleep_ms(50)
        while True:
            try:
                await self.session()
            except (OSError, EOFError) as error:
                self.lost.append((world.now_s, getattr(error, "errno", None)))
            await asyncio.sleep(1)

    async def session(self):
        stream, _ = await asyncio.open_connection(*self.address)
        stream.write(self.hello)
        await stream.drain()
        self.stream = stream
        try:
            while True:
                head = await stream.readexactly(2)
                body = await stream.readexactly(head[1])
                self.got.append((head[0], body))
                if head[0] == 0x20 and body[1] == 0:
                    stream.write(subscribe_packet(b"in/+/set"))
                    await stream.drain()
        finally:
            await stream.wait_closed()


# Connect, subscribe; a retained message carries its bit, a live one does not.
world = World()
broker = world.broker
broker.publish("in/a/set", "old", retain=True)
client = Client(keepalive_s=10)
world.start(client.main)
world.run(1)
assert broker.clients() == ["unit"]
assert client.got == [
    (0x20, b"\x00\x00"),
    (0x90, b"\x00\x05\x00"),
    (0x31, b"\x00\x08in/a/setold"),
], client.got
broker.publish("in/b/set", "now", retain=True)
broker.publish("in/b/other", "no")
broker.publish("in/b/c/set", "no")
world.run(1.1)
assert client.got[3:] == [(0x30, b"\x00\x08in/b/setnow")], client.got

# Publishing, with an acknowledgement for QoS 1; the record has times and flags.
heard = []
broker.watch("out/#", lambda message: heard.append(message.text))
client.stream.s.write(publish_packet(b"out/x", b"1", retain=True))
client.stream.s.write(publish_packet(b"out/x", b"2", packet_id=b"\x00\x09") + b"\xc0\x00")
world.run(1.2)
assert client.got[4:] == [(0x40, b"\x00\x09"), (0xD0, b"")], client.got
assert heard == ["1", "2"] and broker.last("out/x") == "2"
assert broker.retained["out/x"] == b"1"
first = broker.seen("out/+")[0]
assert (first.at_s, first.retain, first.sender) == (1.101, True, "unit"), first

# No packet for 1.5 keepalives: the broker closes, the will is published.
world.run(17)
assert broker.last("will/unit") == "gone" and client.lost == [(16.102, None)], client.lost
assert 16 < broker.seen("will/unit")[0].at_s < 16.2

# The broker dies: ECONNRESET, then refusals, until it is back with what it retained.
world.run(18)
wills = len(broker.seen("will/unit"))
client.got.clear()
client.lost.clear()
broker.stop()
world.run(21)
assert [number for _, number in client.lost[:2]] == [errno.ECONNRESET, errno.ECONNREFUSED]
assert client.got == [] and len(broker.seen("will/unit")) == wills
broker.start()
world.run(24)
assert broker.clients() == ["unit"] and broker.connects == 3
assert (0x31, b"\x00\x08in/b/setnow") in client.got, client.got

# A black hole: no error, nothing arrives; when it ends everything does.
client.got.clear()
world.net.black_hole(True)
broker.publish("in/a/set", "late")
world.run(27)
assert client.got == []
world.net.black_hole(False)
world.run(28)
assert client.got == [(0x30, b"\x00\x08in/a/setlate")]

# A broker that reads nothing: writes stop at the size of the send buffer.
for session in broker._sessions.values():
    session.peer.reading = False
sent = client.stream.s.write(bytes(10_000))
assert sent == 5744 and client.stream.s.write(b"x") is None, sent

# Wrong password; nobody at that address; no Wi-Fi.
world = World(user="bridge", password="other")
client = Client(user=b"bridge")
world.start(client.main)
world.run(3)
assert client.got[0] == (0x20, b"\x00\x05") and world.broker.refused >= 2
assert world.broker.clients() == []

world = World()
client = Client(address=("10.0.0.99", 1883))
world.start(client.main)
world.run(60)
assert client.lost and client.lost[0][0] > 58 and client.lost[0][1] == 113, client.lost

world = World()
client = Client()
world.wifi(False)
world.start(client.main)
world.run(5)
assert world.broker.connects == 0
world.wifi(True)
world.run(6)
assert world.broker.clients() == ["unit"]

# A name without a name server blocks, as on the ESP32, and fails.
start_us = clock.now_us
try:
    socket.getaddrinfo("broker.local", 1883)
except OSError:
    assert clock.now_us - start_us == 7_000_000
else:
    raise SystemExit("a name was resolved without a name server")
try:
    socket.socket(socket.AF_INET, socket.SOCK_RAW)
except OSError:
    pass
else:
    raise SystemExit("raw sockets are not part of this world")
world.finish()

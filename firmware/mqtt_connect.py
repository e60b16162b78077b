"""How a session with the broker begins. Loaded for it, and dropped when it is connected."""

import asyncio
import errno
import select
import socket

import umqtt.simple as umqtt
from micropython import const

from firmware import forget
from firmware.mqtt import ProtocolError

_CONNECT_MS = const(10000)
_POLL_MS = const(20)
_IMPORT_SLOT_MS = const(150)
_CONNACK = const(0x20)


async def reach(settings, wifi, opened, packet, slot):
    """A stream to the broker of the "mqtt" section of the configuration, on which `packet`, the
    first one, is under way. `opened(sock)` gets its socket, to be closed when all is over;
    `slot(ms, cause)`: see Bus. Raises OSError."""
    address = settings["host"]
    if address.count(".") != 3 or not all([part.isdigit() for part in address.split(".")]):
        from firmware import resolve

        address = await resolve.resolve(address, wifi.addresses()[3])
        del resolve
        forget("firmware.resolve")
    address = socket.getaddrinfo(address, settings["port"])[0][-1]
    sock = await _connected(address, opened)
    if settings["tls"]:
        await slot(_IMPORT_SLOT_MS, "TLS")
        from firmware import mqtt_tls

        try:
            secured = await mqtt_tls.secure(sock, settings, packet, slot)
            if secured is None:
                sock.close()
                sock = await _connected(address, opened)
                secured = await mqtt_tls.secure(sock, settings, packet, slot)
        finally:
            del mqtt_tls
            forget("firmware.mqtt_tls")
        if secured is None:
            raise OSError(errno.ETIMEDOUT)
        opened(secured)
        return asyncio.StreamReader(secured)
    stream = asyncio.StreamReader(sock)
    stream.write(packet)
    return stream


async def _connected(address, opened):
    # connect() on a blocking socket would stop the loop for up to a minute.
    sock = socket.socket()
    opened(sock)
    sock.setblocking(False)
    try:
        sock.connect(address)
    except OSError as error:
        if error.errno != errno.EINPROGRESS:
            raise
    poller = select.poll()
    poller.register(sock, select.POLLOUT)
    for _ in range(_CONNECT_MS // _POLL_MS):
        ready = poller.poll(0)
        if ready:
            if ready[0][1] & (select.POLLERR | select.POLLHUP):
                raise OSError(errno.ECONNREFUSED)
            return sock
        await asyncio.sleep_ms(_POLL_MS)
    raise OSError(errno.ETIMEDOUT)


def client(settings, client_id, root, keepalive_s, memory, received):
    """A umqtt client that has written its CONNECT into `memory`, a mqtt.Memory."""
    # Bytes throughout: umqtt counts characters and sends bytes.
    umqtt.socket = memory
    user = settings["user"].encode() or None
    found = umqtt.MQTTClient(
        client_id.encode(),
        settings["host"],
        settings["port"],
        user,
        settings["password"].encode() if user else None,
        keepalive_s,
    )
    found.set_callback(received)
    found.set_last_will(f"{root}/availability".encode(), b"offline", True)
    memory.to_read = b"\x20\x02\0\0"
    found.connect()
    found.sock = memory
    return found


def check(head, body):
    """Takes the broker's first packet. Raises mqtt.ProtocolError."""
    if head[0] != _CONNACK or not body or len(body) != 2:
        raise ProtocolError("it did not answer as a broker does")
    if body[1]:
        raise ProtocolError(body[1])


def announce(client, memory, root, topics):
    """Generates what is to be sent first: the subscriptions, and that we are here."""
    for topic in topics:
        client.subscribe(topic.encode())
        yield memory.take()
    client.publish(f"{root}/availability".encode(), b"online", True)
    yield memory.take()

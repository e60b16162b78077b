"""Names to addresses without stopping the loop.

`getaddrinfo` stops everything for seconds when the name server is away (7 s) or the name ends
in .local (12 s); one UDP question on a non-blocking socket does not. Source: RFC 1035 for the
format, RFC 6762 for .local names (multicast to 224.0.0.251, port 5353; with the top bit of the
class set the answer comes straight to us).
"""

import asyncio
import select
import socket

from micropython import const

_TRIES = const(3)
_WAIT_MS = const(1500)
_POLL_MS = const(20)


def is_address(host):
    """Whether `host` is a dotted IPv4 address."""
    parts = host.split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)


async def resolve(host, name_server):
    """The IPv4 address of `host`, as text. `name_server`: its address as text.

    Raises OSError with a sentence if there is no answer or no such name.
    """
    if is_address(host):
        return host
    if host == "localhost":
        return "127.0.0.1"
    if host.endswith(".local"):
        server, port, unicast = "224.0.0.251", 5353, 0x80
    elif is_address(name_server):
        server, port, unicast = name_server, 53, 0
    else:
        raise OSError(f"no name server to ask for {host}")
    packet = question(host, unicast)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        address = socket.getaddrinfo(server, port)[0][-1]
        poller = select.poll()
        poller.register(sock, select.POLLIN)
        for _ in range(_TRIES):
            sock.sendto(packet, address)
            for _ in range(_WAIT_MS // _POLL_MS):
                await asyncio.sleep_ms(_POLL_MS)
                if poller.poll(0):
                    found = answer(sock.recv(512), packet)
                    if found:
                        return found
    finally:
        sock.close()
    raise OSError(f"no address found for {host}")


def question(host, unicast):
    """The packet that asks for the IPv4 address of `host`. Raises OSError for a name that no
    packet can carry."""
    # The length of the name and its letters make an identifier that is good enough: answers
    # are also compared with the question itself.
    mark = sum([ord(c) for c in host]) * 31 + len(host)
    packet = bytearray((mark >> 8 & 0xFF, mark & 0xFF, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    for label in host.split("."):
        if not 0 < len(label) < 64:
            raise OSError(f"{host} is no host name")
        packet.append(len(label))
        packet.extend(label.encode())
    packet.extend(bytes((0, 0, 1, unicast, 1)))
    return packet


def answer(data, packet):
    """The first IPv4 address in the answer to our question, as text, or None."""
    try:
        if len(data) < 12 or data[2] & 0x80 == 0 or data[3] & 0x0F:
            return None
        asked = data[4] << 8 | data[5]
        # A name server repeats identifier and question; multicast answers need not.
        if asked and (data[:2] != packet[:2] or data[12 : len(packet) - 4] != packet[12:-4]):
            return None
        at = 12
        for _ in range(asked):
            at = _skip_name(data, at) + 4
        for _ in range(data[6] << 8 | data[7]):
            at = _skip_name(data, at)
            kind, length = data[at + 1], data[at + 9]
            if data[at] == 0 and kind == 1 and length == 4:
                return ".".join([str(byte) for byte in data[at + 10 : at + 14]])
            at += 10 + (data[at + 8] << 8 | length)
    except IndexError:
        pass
    return None


def _skip_name(data, at):
    while True:
        length = data[at]
        if length == 0:
            return at + 1
        if length >= 0xC0:
            return at + 2
        at += 1 + length

"""Stand-in for `socket`: TCP and UDP in memory."""

from simulator.virtual.clock import clock
from simulator.virtual.net import DEAD_RESOLVER_US, net
from simulator.virtual.tcp import Socket
from simulator.virtual.udp import Datagrams

AF_INET = 2
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
SOL_SOCKET = 1
SO_REUSEADDR = 2
SO_KEEPALIVE = 9
IPPROTO_TCP = 6
IPPROTO_IP = 0
IP_ADD_MEMBERSHIP = 35
TCP_NODELAY = 1


def socket(family=AF_INET, kind=SOCK_STREAM, protocol=0):
    if family != AF_INET or kind not in (SOCK_STREAM, SOCK_DGRAM):
        raise OSError(94)
    return Socket() if kind == SOCK_STREAM else Datagrams()


def getaddrinfo(host, port, *more):
    ip = net.names.get(host, host)
    if not all(part.isdigit() for part in ip.split(".")):
        clock.wait_until(clock.now_us + DEAD_RESOLVER_US)
        raise OSError(-202)
    return [(AF_INET, SOCK_STREAM, 0, "", (ip, port))]

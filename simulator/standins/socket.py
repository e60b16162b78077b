"""The built-in `socket`, but a server meant for port 80 listens on TWC_HTTP_PORT, and one for
questions at the access point, port 53, on TWC_DNS_PORT (any, if that is not set) of this machine.

Ports below 1024 are for root only, and several simulated boards run on one machine.

TWC_SEND_BUFFER: how many bytes of what was sent the system may keep for each client; without it
the desktop takes a whole file at once, as the TCP of a board never does.
"""

import os

import usocket
from usocket import *

_SO_SNDBUF = 7  # of Linux


def socket(*more):
    made = usocket.socket(*more)
    wanted = os.getenv("TWC_SEND_BUFFER")
    if wanted:
        # Those that a server accepts have what it has.
        made.setsockopt(usocket.SOL_SOCKET, _SO_SNDBUF, int(wanted))
    return made


def getaddrinfo(host, port, *more):
    wanted = os.getenv("TWC_HTTP_PORT")
    if port == 80 and host == "0.0.0.0" and wanted:
        port = int(wanted)
    if port == 53 and host == "192.168.4.1":
        host = "127.0.0.1"
        port = int(os.getenv("TWC_DNS_PORT") or 0)
    return usocket.getaddrinfo(host, port, *more)

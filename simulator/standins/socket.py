"""The built-in `socket`, but a server meant for port 80 listens on TWC_HTTP_PORT.

Ports below 1024 are for root only, and several simulated boards run on one machine.
"""

import os

import usocket
from usocket import *


def getaddrinfo(host, port, *more):
    wanted = os.getenv("TWC_HTTP_PORT")
    if port == 80 and host == "0.0.0.0" and wanted:
        port = int(wanted)
    return usocket.getaddrinfo(host, port, *more)

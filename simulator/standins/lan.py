"""Stand-in for Ethernet in MicroPython's `network` of the ESP32: a LAN8720 with an address half a
second after its link. See network.py."""

import os
import time

from micropython import const

PHY_LAN8720 = 1
ETH_DISCONNECTED = 4
ETH_GOT_IP = 5

# Looked up in ESP-IDF: active() waits for the negotiation of the link, 4 s where there is none.
_LINK_MS = const(2000)
_NO_LINK_MS = const(4000)
_DHCP_MS = const(500)


class LAN:
    """The pins and the rest of how it is called are not looked at."""

    def __init__(self, **settings):
        self._active = False
        self._fixed = None
        self._linked_ms = None

    def active(self, on=None):
        if on:
            time.sleep_ms(_LINK_MS if _is_in() else _NO_LINK_MS)
            self._active = True
        return self._active

    def status(self):
        return ETH_GOT_IP if self._up() else ETH_DISCONNECTED

    def ifconfig(self, given=None):
        if given:
            self._fixed = given
        if self._fixed:
            return self._fixed
        if not self._up():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", os.getenv("TWC_NAME_SERVER") or "127.0.0.1")

    def _up(self):
        if not self._active or not _is_in():
            self._linked_ms = None
            return False
        if self._linked_ms is None:
            self._linked_ms = time.ticks_ms()
        return time.ticks_diff(time.ticks_ms(), self._linked_ms) >= _DHCP_MS


def _is_in():
    try:
        with open(os.getenv("TWC_CABLE_FILE")) as file:
            return "in" in file.read()
    except OSError:
        return False

"""Stand-in for MicroPython's `network` of the ESP32: a station that joins 0.2 s after connect().

TWC_WIFI=down: there is no access point. TWC_WIFI_FILE names a file that says so while it contains
"down". TWC_NAME_SERVER: the address that the router gives out. The desktop's own network is always
there: only what this module tells changes. It has what the firmware uses and no more, because it
lives in the same heap.
"""

import os
import time

from micropython import const

_JOIN_MS = const(200)
# Measured: 2 to 3 s, in which the whole chip stands still.
_SCAN_MS = const(2500)

STA_IF = 0

_hostname = "mpy-esp32"


def hostname(name=None):
    global _hostname
    if name is None:
        return _hostname
    _hostname = name


class WLAN:
    """The station; all objects share its state."""

    _on = False
    _asked_ms = None

    def __init__(self, interface):
        if interface != STA_IF:
            raise ValueError("this stand-in has a station only")

    def active(self, on=None):
        if on is not None:
            WLAN._on = bool(on)
            if not on:
                WLAN._asked_ms = None
        return WLAN._on

    def connect(self, ssid, key):
        if not WLAN._on:
            raise OSError("Wifi Not Started")
        WLAN._asked_ms = time.ticks_ms()

    def isconnected(self):
        if WLAN._asked_ms is None:
            return False
        if _down():
            # The chip goes on trying by itself: joined again some time after the radio is back.
            WLAN._asked_ms = time.ticks_ms()
            return False
        return time.ticks_diff(time.ticks_ms(), WLAN._asked_ms) >= _JOIN_MS

    def scan(self):
        if not WLAN._on:
            raise OSError("STA must be active")
        time.sleep_ms(_SCAN_MS)
        return []

    def status(self, what):
        if what != "rssi" or not self.isconnected():
            raise OSError("STA must be connected")
        return -61

    def ifconfig(self):
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", os.getenv("TWC_NAME_SERVER") or "127.0.0.1")


def _down():
    path = os.getenv("TWC_WIFI_FILE")
    if path:
        try:
            with open(path) as file:
                return "down" in file.read()
        except OSError:
            pass
    return os.getenv("TWC_WIFI") == "down"

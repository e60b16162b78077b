"""Stand-in for MicroPython's `network` of the ESP32: a station that joins 0.2 s after connect().

TWC_WIFI=down: there is no access point. TWC_WIFI_FILE names a file that says so while it contains
"down". The desktop's own network is always there: only what this module tells changes. It has
what the firmware uses and no more, because it lives in the same heap.
"""

import os
import time

from micropython import const

_JOIN_MS = const(200)

STA_IF = 0

STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201

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

    def disconnect(self):
        WLAN._asked_ms = None

    def isconnected(self):
        if WLAN._asked_ms is None:
            return False
        if _down():
            # The chip goes on trying by itself: joined again some time after the radio is back.
            WLAN._asked_ms = time.ticks_ms()
            return False
        return time.ticks_diff(time.ticks_ms(), WLAN._asked_ms) >= _JOIN_MS

    def status(self, what=None):
        if what == "rssi":
            if not self.isconnected():
                raise OSError("STA must be connected")
            return -61
        if self.isconnected():
            return STAT_GOT_IP
        if WLAN._asked_ms is None:
            return STAT_IDLE
        return STAT_NO_AP_FOUND if _down() else STAT_CONNECTING

    def ifconfig(self):
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", _name_server())


def _down():
    path = os.getenv("TWC_WIFI_FILE")
    if path:
        try:
            with open(path) as file:
                return "down" in file.read()
        except OSError:
            pass
    return os.getenv("TWC_WIFI") == "down"


def _name_server():
    try:
        with open("/etc/resolv.conf") as file:
            for line in file:
                words = line.split()
                # IPv4 only, as on the ESP32.
                if len(words) > 1 and words[0] == "nameserver" and "." in words[1]:
                    return words[1]
    except OSError:
        pass
    return "127.0.0.1"

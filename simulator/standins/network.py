"""Stand-in for MicroPython's `network` of the ESP32: a station that joins 0.2 s after connect(),
and an access point.

TWC_WIFI=down: nothing is on the air. TWC_WIFI_FILE names a file that says so while it contains
"down". TWC_NETWORKS="home:password;guest:;~cellar:password": the networks there are, the
strongest first, and what joining them takes; one with ~ is hidden; without it every network lets
everybody in.
TWC_CABLE_FILE names a file: then there is Ethernet (lan.py), with a link while the file contains
"in". TWC_NAME_SERVER: the address that the router gives out.
The desktop's own network is always there: only what this module tells changes. It has what the
firmware uses and no more, because it lives in the same heap.
"""

import os
import time

from micropython import const

_JOIN_MS = const(200)
# Measured: 2 to 3 s, in which the whole chip stands still.
_SCAN_MS = const(2500)
# One try of the chip: until all channels were heard, or until the handshake was given up.
_FAIL_MS = const(1500)

_CHANNEL = const(6)

_IDLE = const(1000)
_CONNECTING = const(1001)
_GOT_IP = const(1010)
_NO_AP_FOUND = const(201)
_WRONG_PASSWORD = const(202)

STA_IF = 0
AP_IF = 1
AUTH_WPA2_PSK = 3

_hostname = "mpy-esp32"


def hostname(name=None):
    global _hostname
    if name is None:
        return _hostname
    _hostname = name


class WLAN:
    """The station or the access point; all objects of one kind share its state."""

    _on = [False, False]
    _asked_ms = None
    _wanted = None  # (ssid, key)
    _failed = 0  # status of the last failure, until something succeeds: as the chip tells it
    _reconnects = -1
    _joined = False
    _fixed = None  # a static address
    _point_ip = "192.168.4.1"

    def __init__(self, interface):
        self._interface = interface

    def active(self, on=None):
        if on is not None:
            WLAN._on[self._interface] = bool(on)
            if not on and self._interface == STA_IF:
                WLAN._asked_ms = None
        return WLAN._on[self._interface]

    def config(self, name=None, **settings):
        if name == "channel":
            return _CHANNEL
        if "reconnects" in settings:
            WLAN._reconnects = settings["reconnects"]
        elif self._interface != AP_IF or not 8 <= len(settings["key"]) <= 63:
            raise ValueError("unknown config param")

    def connect(self, ssid, key):
        if not WLAN._on[STA_IF]:
            raise OSError("Wifi Not Started")
        WLAN._wanted = ssid, key
        WLAN._joined = False
        WLAN._asked_ms = time.ticks_ms()

    def disconnect(self):
        if not WLAN._on[STA_IF]:
            raise OSError("Wifi Not Started")
        WLAN._asked_ms = None

    def isconnected(self):
        if self._interface == AP_IF or WLAN._asked_ms is None:
            return False
        failure = _failure()
        waited_ms = time.ticks_diff(time.ticks_ms(), WLAN._asked_ms)
        if failure:
            if WLAN._joined:
                WLAN._joined = False
                WLAN._asked_ms = time.ticks_ms()
            elif waited_ms >= _FAIL_MS:
                WLAN._failed = failure
                # The chip goes on trying by itself, unless it was told not to: joined again some
                # time after what was wrong is right.
                WLAN._asked_ms = time.ticks_ms() if WLAN._reconnects < 0 else None
            return False
        if waited_ms < _JOIN_MS:
            return False
        WLAN._failed = 0
        WLAN._joined = True
        return True

    def scan(self):
        if not WLAN._on[STA_IF]:
            raise OSError("STA must be active")
        time.sleep_ms(_SCAN_MS)
        if _down():
            return []
        found = []
        for name, key in _networks() or ():
            security = AUTH_WPA2_PSK if key else 0
            told = b"" if name[0] == "~" else name.encode()
            found.append((told, bytes(6), 1, -50 - 12 * len(found), security, False))
        return found

    def status(self, what=None):
        joined = self.isconnected()
        if what is None:
            if joined or not WLAN._failed:
                return _GOT_IP if joined else _IDLE if WLAN._asked_ms is None else _CONNECTING
            return WLAN._failed
        if what != "rssi" or not joined:
            raise OSError("STA must be connected")
        return -61

    def ifconfig(self, given=None):
        if self._interface == AP_IF:
            if given:
                WLAN._point_ip = given[0]
            return (WLAN._point_ip, "255.255.255.0", WLAN._point_ip, "0.0.0.0")
        if given:
            WLAN._fixed = given
        if WLAN._fixed:
            return WLAN._fixed
        if not self.isconnected():
            return ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", os.getenv("TWC_NAME_SERVER") or "127.0.0.1")


def _networks():
    """(name, key) of each network there is, or None: any."""
    text = os.getenv("TWC_NETWORKS")
    return [entry.split(":", 1) for entry in text.split(";")] if text else None


def _failure():
    """The status that joining what is wanted ends with, or 0."""
    if _down():
        return _NO_AP_FOUND
    networks = _networks()
    if networks is None:
        return 0
    for name, key in networks:
        if name.lstrip("~") == WLAN._wanted[0]:
            # A key is not looked at where there is none.
            return 0 if not key or key == WLAN._wanted[1] else _WRONG_PASSWORD
    return _NO_AP_FOUND


def _down():
    path = os.getenv("TWC_WIFI_FILE")
    if path:
        try:
            with open(path) as file:
                return "down" in file.read()
        except OSError:
            pass
    return os.getenv("TWC_WIFI") == "down"


if os.getenv("TWC_CABLE_FILE"):
    from lan import ETH_DISCONNECTED, ETH_GOT_IP, LAN, PHY_LAN8720  # noqa: F401

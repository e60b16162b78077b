"""Stand-in for `network`: a station that joins 0.2 s after connect(), unless the world says no."""

from simulator.virtual.board import board
from simulator.virtual.net import net

STA_IF = 0
AP_IF = 1
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_BEACON_TIMEOUT = 200
STAT_ASSOC_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204

_settings = {"hostname": "esp32", "country": "XX"}


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, interface=STA_IF):
        self._interface = interface

    def active(self, on=None):
        if on is None:
            return board.wifi_active
        board.wifi_active = bool(on)
        if not on:
            board.wifi_joined_us = None
        return board.wifi_active

    def connect(self, ssid=None, password=None, **more):
        if not board.wifi_active:
            raise OSError("Wifi Not Started")
        board.wifi_join()

    def disconnect(self):
        board.wifi_joined_us = None

    def isconnected(self):
        return board.wifi_up()

    def status(self, what=None):
        if what == "rssi":
            return -61
        if board.wifi_up():
            return STAT_GOT_IP
        if board.wifi_joined_us is None:
            return STAT_IDLE
        return STAT_CONNECTING if board.wifi_reachable else STAT_NO_AP_FOUND

    def config(self, *names, **settings):
        _settings.update(settings)
        if names:
            return b"\x24\x0a\xc4\x00\x24\x33" if names[0] == "mac" else _settings.get(names[0])

    def ifconfig(self, *settings):
        ip = net.device_ip if board.wifi_up() else "0.0.0.0"
        return (ip, "255.255.255.0", "10.0.0.1", "10.0.0.1")

    def scan(self):
        return []


def hostname(name=None):
    if name is not None:
        _settings["hostname"] = name
    return _settings["hostname"]


def country(code=None):
    if code is not None:
        _settings["country"] = code
    return _settings["country"]

"""Stand-in for `network`: a station that joins 0.2 s after connect(), unless the world says no,
and an access point."""

from simulator.virtual.board import board
from simulator.virtual.clock import clock
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
PHY_LAN8720 = 1
ETH_INITIALIZED = 0
ETH_STARTED = 1
ETH_STOPPED = 2
ETH_CONNECTED = 3
ETH_DISCONNECTED = 4
ETH_GOT_IP = 5
AUTH_OPEN = 0
AUTH_WPA2_PSK = 3

SCAN_US = 2_500_000
"""Measured: 2 to 3 s, in which the whole chip stands still."""

LINK_US = 2_000_000
NO_LINK_US = 4_000_000
DHCP_US = 1_000_000
"""Of Ethernet: until there is a link, is given up, and until there is an address."""

CHANNEL = 6

_settings = {"hostname": "esp32", "country": "XX"}


class WLAN:
    """Station or access point; all objects of one kind share what `board` keeps of it."""

    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, interface=STA_IF):
        self._point = interface == AP_IF

    def active(self, on=None):
        if self._point:
            if on is not None:
                # Until it is configured it is open to all.
                opened = {"ssid": "ESP_C400", "key": "", "security": AUTH_OPEN}
                opened["ip"] = "192.168.4.1"
                board.point = opened if on else None
            return board.point is not None
        if on is None:
            return board.wifi_active
        board.wifi_active = bool(on)
        if not on:
            board.wifi_joined_us = None
        return board.wifi_active

    def connect(self, ssid=None, password=None, **more):
        if not board.wifi_active:
            raise OSError("Wifi Not Started")
        board.wifi_join(ssid, password)

    def disconnect(self):
        if not board.wifi_active:
            raise OSError("Wifi Not Started")
        board.wifi_joined_us = None

    def isconnected(self):
        return not self._point and board.wifi_up()

    def status(self, what=None):
        if what == "rssi":
            return -61
        if board.wifi_up():
            return STAT_GOT_IP
        # Told until something succeeds, also while the next try is under way.
        failed = board.wifi_failed()
        if failed:
            return failed
        return STAT_IDLE if board.wifi_joined_us is None else STAT_CONNECTING

    def config(self, *names, **settings):
        if self._point:
            if board.point is None:
                raise OSError("Wifi Invalid Mode")
            board.point.update(settings)
            return None
        if "reconnects" in settings:
            board.wifi_reconnects = settings["reconnects"]
        _settings.update(settings)
        if names:
            if names[0] == "channel":
                return CHANNEL
            return b"\x24\x0a\xc4\x00\x24\x33" if names[0] == "mac" else _settings.get(names[0])

    def ifconfig(self, *settings):
        if self._point:
            ip = board.point["ip"] if board.point else "192.168.4.1"
            if settings:
                board.point["ip"] = settings[0][0]
                return None
            return (ip, "255.255.255.0", ip, "0.0.0.0")
        if settings:
            # A static address ends DHCP; "dhcp" begins it again.
            board.fixed = None if settings[0] == "dhcp" else settings[0]
            return None
        if board.fixed:
            return board.fixed
        ip = net.device_ip if board.wifi_up() else "0.0.0.0"
        return (ip, "255.255.255.0", "10.0.0.1", "10.0.0.1")

    def scan(self):
        if not board.wifi_active:
            raise OSError("STA must be active")
        board.scans += 1
        clock.wait_until(clock.now_us + SCAN_US)
        if board.scan_fails:
            raise OSError("Wifi Internal Error")
        found = []
        if board.wifi_reachable and board.wifi_joined_us is None:
            for name in sorted(board.networks or ()):
                security = AUTH_WPA2_PSK if board.networks[name] else AUTH_OPEN
                rssi = board.strengths.get(name, -50 - 12 * len(found))
                # One that is hidden has no name here.
                told = b"" if name in board.hidden else name.encode()
                # In no order, as the chip tells them.
                found.insert(0, (told, bytes(6), 1, rssi, security, False))
        return found


class Lan:
    """What network.LAN() returns: Ethernet by a LAN8720, as v1.23.0 has it."""

    def active(self, on=None):
        if on:
            # The negotiation keeps the whole chip, until it is given up without a cable.
            link = board.cable == "in"
            clock.wait_until(clock.now_us + (LINK_US if link else NO_LINK_US))
            board.lan_active_us = clock.now_us + DHCP_US
        return board.lan_active_us is not None

    def status(self):
        if board.cable_up():
            return ETH_GOT_IP
        return ETH_CONNECTED if board.cable == "in" else ETH_DISCONNECTED

    def ifconfig(self, *settings):
        if settings:
            board.lan_fixed = settings[0]
            return None
        if board.lan_fixed:
            return board.lan_fixed
        ip = net.device_ip if board.cable_up() else "0.0.0.0"
        return (ip, "255.255.255.0", "10.0.0.1", "10.0.0.1")


def _lan(id=None, *, phy_type, phy_addr, mdc=None, mdio=None, **more):
    """The constructor, network.LAN, where the image has it."""
    if mdc is None or mdio is None:
        raise ValueError("mdc and mdio must be specified")
    clock.wait_until(clock.now_us + 200_000)
    board.lan = dict(more, phy_type=phy_type, phy_addr=phy_addr, mdc=mdc, mdio=mdio)
    if phy_addr != 0:
        raise OSError("esp_eth_driver_install failed")
    return Lan()


def __getattr__(name):
    if name == "LAN" and board.cable:
        return _lan
    raise AttributeError(name)


def hostname(name=None):
    if name is not None:
        _settings["hostname"] = name
    return _settings["hostname"]


def country(code=None):
    if code is not None:
        _settings["country"] = code
    return _settings["country"]

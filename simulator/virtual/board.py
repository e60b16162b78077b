"""Pins, Wi-Fi and the reset cause of the simulated board."""

from simulator.virtual.clock import clock

WIFI_JOIN_US = 200_000
WIFI_FAIL_US = 1_500_000
"""After so long a try of the chip to join fails."""

WIFI_NOT_FOUND = 201
WIFI_WRONG_PASSWORD = 202


class Board:
    """What the stand-ins for `machine` and `network` share. One for each VM.

    `de_pin`: number of the driver-enable pin, or None. `low_pins`: inputs held low from outside.
    `life` counts the starts, `reset_cause` is that of the last one, `rtc_memory` outlives all but
    a power cut; `fed_ms`: how long at most the watchdog was not fed in this life. `networks`:
    {name: password}, "" for none; None: whatever is asked for lets the board in, after
    `wifi_join_us`. `strengths`: {name: dBm} of those that do not follow each other in steps of
    12 dB; `hidden`: names that a scan does not tell; `scan_fails`: whether scans end in an error.
    `point`: {"ssid", "key", "security", "ip"} of the board's own access point, None while that is
    closed. `scans` counts; `joins`: (second, name) of each call of connect(). `cable`: "in" or
    "out" of a LAN8720; None: an image without network.LAN. `fixed`, `lan_fixed`: the address that
    the firmware has given station and LAN8720.
    """

    life = 0

    def __init__(self):
        self.de_pin = None
        self.uarts = []
        self.rtc_memory = b""
        self.power_on()
        self.networks = None
        self.wifi_join_us = WIFI_JOIN_US
        self.scans = 0
        self.joins = []
        self.strengths = {}
        self.hidden = set()
        self.scan_fails = False
        self.cable = None
        self.wifi_reachable = True
        self.low_pins = set()

    def power_on(self, cause=1):
        """Pins, radio and UARTs as after a reset; `cause` as in `machine.reset_cause()`."""
        if self.de_pin is not None:
            for uart in self.uarts:
                uart.driver_off()
        self.reset_cause = cause
        self.wdt_timeout_us = self.wdt_fed_us = self.wdt_due_us = None
        self.fed_ms = 0
        self.life += 1
        self.uarts = []
        self._levels = {}
        self.wifi_active = False
        self.wifi_joined_us = None
        self.wifi_wanted = None
        self.wifi_reconnects = -1
        self.point = None
        self.fixed = None
        self.lan = None  # how network.LAN was called
        self.lan_active_us = None
        self.lan_fixed = None
        self._asked_us = 0
        self._wifi_failed = 0

    def level(self, number):
        """0 or 1 as the firmware reads it; pins in `low_pins` are held low from outside."""
        if number in self.low_pins:
            return 0
        return self._levels.get(number, 0)

    def pull_up(self, number):
        self._levels.setdefault(number, 1)

    def set_level(self, number, level):
        if self._levels.get(number, 0) == level:
            return
        if number == self.de_pin:
            for uart in self.uarts:
                uart.settle()
                if not level:
                    uart.driver_off()
        self._levels[number] = level

    def driving(self):
        """True while the RS-485 driver is on; without a driver-enable pin the module decides."""
        return self.de_pin is None or self._levels.get(self.de_pin, 0) == 1

    def wifi_up(self):
        joined = self.wifi_joined_us
        if not self.wifi_reachable or joined is None or joined > clock.now_us:
            return False
        return self.networks is None or not self._refusal()

    def cable_up(self):
        """Whether there is a link by cable, and an address: a while after active()."""
        active_us = self.lan_active_us
        return self.cable == "in" and active_us is not None and clock.now_us >= active_us

    def online(self):
        """Whether packets get through, by whatever way."""
        return self.wifi_up() or self.cable_up()

    def wifi_join(self, ssid=None, key=None):
        self.wifi_wanted = ssid, key
        self.joins.append((clock.now_us / 1e6, ssid))
        self._asked_us = clock.now_us
        self.wifi_joined_us = clock.now_us + self.wifi_join_us

    def wifi_failed(self):
        """Status of the last failure to join, 0 if there was none since it succeeded."""
        joined = self.wifi_joined_us
        if self.wifi_up():
            self._wifi_failed = 0
        elif joined is not None and clock.now_us - self._asked_us >= WIFI_FAIL_US:
            failed = WIFI_NOT_FOUND
            if self.wifi_reachable:
                failed = self._refusal() if self.networks is not None else 0
            if failed:
                self._wifi_failed = failed
                if self.wifi_reconnects >= 0:
                    self.wifi_joined_us = None
        return self._wifi_failed

    def _refusal(self):
        ssid, key = self.wifi_wanted
        wanted = self.networks.get(ssid)
        if wanted is None:
            return WIFI_NOT_FOUND
        return WIFI_WRONG_PASSWORD if wanted and wanted != key else 0


board = Board()
"""The one simulated board of this VM."""

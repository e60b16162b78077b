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
    `life` counts the starts, `reset_cause` is that of the last one. `networks`: {name: password},
    "" for none; None: whatever is asked for lets the board in, after `wifi_join_us`. `point`:
    {"ssid", "key", "security"} of the board's own access point, None while that is closed.
    `scans` counts.
    """

    life = 0

    def __init__(self):
        self.de_pin = None
        self.uarts = []
        self.power_on()
        self.networks = None
        self.wifi_join_us = WIFI_JOIN_US
        self.scans = 0
        self.wifi_reachable = True
        self.low_pins = set()

    def power_on(self, cause=1):
        """Pins, radio and UARTs as after a reset; `cause` as in `machine.reset_cause()`."""
        if self.de_pin is not None:
            for uart in self.uarts:
                uart.driver_off()
        self.reset_cause = cause
        self.life += 1
        self.uarts = []
        self._levels = {}
        self.wifi_active = False
        self.wifi_joined_us = None
        self.wifi_wanted = None
        self.wifi_reconnects = -1
        self.point = None
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

    def wifi_join(self, ssid=None, key=None):
        self.wifi_wanted = ssid, key
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

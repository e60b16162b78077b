"""Pins, Wi-Fi and the reset cause of the simulated board."""

from simulator.virtual.clock import clock

WIFI_JOIN_US = 200_000


class Board:
    """What the stand-ins for `machine` and `network` share. One for each VM.

    `de_pin`: number of the driver-enable pin, or None. `low_pins`: inputs held low from outside.
    `life` counts the starts, `reset_cause` is that of the last one.
    """

    life = 0

    def __init__(self):
        self.de_pin = None
        self.uarts = []
        self.power_on()
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
        return self.wifi_reachable and joined is not None and joined <= clock.now_us

    def wifi_join(self):
        self.wifi_joined_us = clock.now_us + WIFI_JOIN_US


board = Board()
"""The one simulated board of this VM."""

"""One configured source: a number from somebody else's topic, as it is sent there.

What is wrong with a message is told and never read as 0, and the last good number goes on ageing.
"""

from micropython import const

import text
from charging.inputs import parse_number

# How long a value that is sent on change only is good while its sender lives. A parked car does
# not change for days.
_UNCHANGED_MS = const(1800000)
_CAR_UNCHANGED_MS = const(259200000)

# For whom a number is new.
FOR_SURPLUS = const(1)
FOR_NEWS = const(2)

# The units: (what is counted in, how many of it one is); "": true or false, told in words.
_UNITS = {
    "": ("", 1),
    "W": ("W", 1),
    "kW": ("W", 1000),
    "A": ("A", 1),
    "mA": ("A", 0.001),
    "%": ("%", 1),
    "V": ("V", 1),
    "/kWh": ("/kWh", 1),
    "/MWh": ("/kWh", 0.001),
}
_LIMITS = {
    "W": (-200000, 200000),
    "A": (-1000, 1000),
    "%": (0, 100),
    "V": (50, 500),
    "/kWh": (-1000, 1000),
}

# Prices, states of charge and what else cars tell hold for hours and change seldom, so their
# senders have them retained; a wrong one costs a little money, and no safety. The cars' are here.
_RETAINED = ("battery_soc", "price", "feed_in")
_CAR = "car_"


class Source:
    """One of the entries that configured_sources.check() returns.

    `whose`: of which unit or VIN it tells, None: of all. `value`: its last good number, in `unit`
    and with its sign as in Inputs.value() (True or False where `unit` is ""), `at_ms`: when it
    was heard, both None before the first; `raw`: what the newest message began with, set by the
    caller; `unusable`: a sentence about that message, if it was no number; `new`: bits, for whom
    it is a new one; `alive`: whether its sender has said so.
    """

    def __init__(self, given, max_age_ms):
        self.kind = given["kind"]
        self.topic = given["topic"]
        self.whose = given["unit_id"] or given["vin"]
        self.with_cars = given["with_cars"]
        self.alive_topic = given["alive"] if given["on_change"] else None
        self.alive_payload = given["alive_payload"].encode()
        self.unit, one = _UNITS[given["unit"]]
        self.max_age_ms = max_age_ms
        if given["max_age_s"] is not None:
            self.max_age_ms = int(given["max_age_s"] * 1000)
        self._path = given["path"]
        self._factor = one * given["factor"]
        if given["positive"] in ("export", "discharging"):
            self._factor = -self._factor
        self._offset = given["offset"]
        if given["home"]:
            self._home = given["home"].encode().strip().lower()
        self.value = None
        self.at_ms = None
        self.unusable = self.raw = None
        self.new = 0
        self.alive = False
        self.sender = None  # another source, by which it is known whether the sender lives

    def is_live(self, now_ms):
        if self.at_ms is None:
            return False
        age_ms = now_ms - self.at_ms
        if age_ms <= self.max_age_ms:
            return True
        # What was followed by "unavailable" is not unchanged.
        most_ms = _CAR_UNCHANGED_MS if self.is_car() else _UNCHANGED_MS
        if age_ms > most_ms or self.unusable:
            return False
        sender = self.sender
        if sender:
            return sender.at_ms is not None and now_ms - sender.at_ms <= sender.max_age_ms
        return self.alive

    def heard(self, payload, retained, now_ms):
        """Takes a message; returns None, or a sentence why it is no reading."""
        value, why = self._read(payload)
        if why is None and retained and not self.is_car() and self.kind not in _RETAINED:
            if self.alive_topic and value == self.value:
                return None  # after a reconnect: what is known still stands, and goes on ageing
            why = f"retained message of unknown age: {self._shown(value)}"
        self.unusable = why
        if why is None:
            self.value = value
            self.at_ms = now_ms
            self.new = FOR_SURPLUS | FOR_NEWS
        return why

    def is_car(self):
        """Whether it tells of a car."""
        return self.kind.startswith(_CAR)

    def name(self):
        """What sentences call it: "grid", "grid L1", "battery"."""
        return self.kind.replace("_l", " L").replace("_soc", " state of charge").replace("_", "-")

    def _read(self, payload):
        """(number, None) or (None, sentence)."""
        path = self._path
        if not self.unit:
            from charging.car_words import word

            return word(payload, path, self._home if self.kind == "car_home" else None)
        if path is None:
            value, why = parse_number(payload)
        else:
            from charging.json_number import number_at

            value, why = number_at(payload, path)
        if why:
            return None, why
        value = value * self._factor + self._offset
        low, high = _LIMITS[self.unit]
        if low <= value <= high:
            return value, None
        if self.unit == "W":
            return None, f"the last number is beyond {high // 1000} kW: {value}"
        return None, f"the last number is not from {low} to {high}: {value}"

    def _shown(self, value):
        if self.unit == "W":
            return text.watts(value)
        return f"{round(value, 3)}{'' if self.unit == '/kWh' else ' ' + self.unit}"

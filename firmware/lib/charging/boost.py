"""Fast on top of any mode, until a time, an energy, or all cars are unplugged.

Loaded when there is one.
"""

import text
from charging.wishes import kwh, steps

# Amperes that rise are remembered after so long: who follows the sun with them would wear the
# flash.
_STEADY_MS = 600000


class Boost:
    """`until_ms`: when it ends, or None; `wh`: after how much, or None; `taken_wh`: what all cars
    took so far; `unplugged`: whether it ends when they are all unplugged; `amps`: whole amperes
    for all of them together, or None."""

    def __init__(self, until_ms, wh, taken_wh, unplugged, amps=None):
        self.amps = self._kept_amps = amps
        self._higher_ms = None  # since when more amperes than those remembered are wanted
        self._until_ms = until_ms
        self._wh = wh
        self._end_wh = wh and taken_wh + wh
        self._unplugged = unplugged

    def again(self, until_ms, wh, unplugged, amps=None):
        """Whether this is the same boost said again: then it lasts longer, with these amperes;
        its energy stays."""
        if self._wh != wh or self._unplugged != unplugged:
            return False
        if (self._until_ms is None) is not (until_ms is None):
            return False
        self._until_ms = until_ms
        self.amps = amps
        return True

    def over(self, taken_wh, gone, now_ms):
        """Whether it has ended. `gone`: whether all cars were unplugged."""
        if self._until_ms is not None and now_ms >= self._until_ms:
            return True
        return bool(self._wh and taken_wh >= self._end_wh or self._unplugged and gone)

    def wish(self, priority, taken_wh, now_ms):
        """The wish, see wishes.py."""
        words = "boost" if self.amps is None else f"boost, {self.amps} A"
        left_ms = None
        if self._wh:
            words += f", {kwh(self._wh - self._end_wh + taken_wh)} of {kwh(self._wh)} kWh"
        if self._unplugged:
            words += " until unplugged"
        if self._until_ms is not None:
            left_ms = self._until_ms - now_ms
            words += f", {text.remaining(left_ms)} more"
        return (priority, "boost", None, "fast", self.amps, words, left_ms)

    def memory(self, taken_wh, now_ms):
        """What is left: [seconds or None, Wh or None, whether until unplugged], and the amperes if
        there are any."""
        wh = self._wh and steps(self._end_wh - taken_wh, 1000)
        left_s = self._until_ms and steps(self._until_ms - now_ms, 900000) // 1000
        left = [left_s, wh, self._unplugged]
        if self.amps is None:
            self._kept_amps = None
            return left
        if self._kept_amps is None or self.amps <= self._kept_amps:
            self._kept_amps, self._higher_ms = self.amps, None
        elif self._higher_ms is None:
            self._higher_ms = now_ms
        elif now_ms - self._higher_ms >= _STEADY_MS:
            self._kept_amps, self._higher_ms = self.amps, None
        return left + [self._kept_amps]

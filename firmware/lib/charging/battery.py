"""The house battery: who is served first, and what of it is no sun.

What a meter shows is what is left after the battery has taken its share or given some. A car must
not live on what the battery gives: it would empty the battery into the car, and start on it. Nor
may it keep what it once had when the sun falls and the battery is first: the battery only gets
what is left over by the car, and the meter shows nothing of that.
"""

from micropython import const

# So that a state of charge that stands at the limit does not change sides all the time.
_BACK_PERCENT = const(2)

# While so much is fed in the battery takes all it wants; it needs some seconds to follow, so it
# counts as wanting less only after a while.
_FED_IN_WATTS = const(100)
_WANTS_LESS_MS = const(60000)


class Battery:
    """`first`: "battery" or "car": who comes first below a state of charge of `soc` percent, and
    second from there on; soc None: who comes first always.

    `car_first`: how it is at present. While the state of charge is not known the battery is
    first: that gives the cars less.
    """

    def __init__(self, first, soc):
        self._first_is_car = first == "car"
        self._soc = soc
        self._above = None
        self.car_first = self._first_is_car and soc is None
        self._wants_watts = 0  # what it takes if nobody takes anything from it
        self._fed_in_ms = None  # since when it takes less than that, and there is enough for it

    def follow(self, soc):
        """Takes the state of charge, percent, or None: not known."""
        if self._soc is None:
            return
        if soc is None:
            self._above = None
            self.car_first = False
            return
        limit = self._soc - _BACK_PERCENT if self._above else self._soc
        self._above = soc >= limit
        self.car_first = self._above != self._first_is_car

    def matters(self, kind):
        """Whether the surplus of this kind can't be told without the battery's power."""
        return kind != "generation" or not self.car_first

    def added_watts(self, kind, charging_watts):
        """What is to be added to the surplus (less than 0: taken off). `kind`: how that was
        found; `charging_watts`: what the battery takes, negative: gives.

        "grid"        the meter shows the house with the battery: what it gives is always taken
                      off; what it takes is added if the car is first
        "surplus"     as somebody calculated it: taken off the same, but nothing is added
        "generation"  sun minus consumption has no battery in it: what it takes is taken off if
                      the battery is first
        """
        if kind == "generation":
            return 0 if self.car_first or charging_watts < 0 else -charging_watts
        if charging_watts > 0 and (kind == "surplus" or not self.car_first):
            return 0
        return charging_watts

    def gap_watts(self, kind, charging_watts, draw_watts, fed_in_watts, now_ms):
        """What cars that draw so much keep from a battery that is first, to be taken off the
        surplus as well. `fed_in_watts`: what is left over by all."""
        # What the battery itself gives them they keep from nobody.
        kept_watts = max(0, draw_watts + min(0, charging_watts))
        charging_watts = max(0, charging_watts)
        if charging_watts >= self._wants_watts:
            self._wants_watts = charging_watts
            self._fed_in_ms = None
        elif fed_in_watts < _FED_IN_WATTS:
            self._fed_in_ms = None
        elif self._fed_in_ms is None:
            self._fed_in_ms = now_ms
        elif now_ms - self._fed_in_ms >= _WANTS_LESS_MS:
            self._wants_watts = charging_watts
        if self.car_first or kind == "surplus":
            return 0
        return min(self._wants_watts - charging_watts, kept_watts)

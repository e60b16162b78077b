"""What cars tell of themselves: how full they are and up to where they charge, whether they are
plugged in, and at home. Loaded only if a source tells of one.

The numbers are hours old at times, and nobody knows how old a retained one is. So all that follows
from them is a stop, the end of such a stop, or words; and none of it from a message that stays
away.
"""

from micropython import const

# A car that has left says nothing of the next one, which is asked after so long.
_LEFT_MS = const(3600000)

# By the fifth letter of the kind: soc, limit, plugged, home.
_KINDS = b"slph"


class Cars:
    """`sources`: the charging.source.Source that tell of cars, each of the one with a VIN, of the
    one at a unit, or, with neither, of whichever is there."""

    def __init__(self, sources):
        self._cars = {}
        self._plugged_ms = {}  # when a unit's car last said that it is plugged in
        for source in sources:
            car = self._cars.setdefault(source.whose, [None] * 4)
            car[_KINDS.find(source.kind.encode()[4:5])] = source

    def tell(self, unit, silent, now_ms):
        """Sets `soc` and `full` of a unit, and `plugged` if its wall connector is `silent`: tells
        nothing of that.

        The car with its VIN goes before the one of its id, and that before the one of any. A
        car that is known to be unplugged or away from home is at no unit.
        """
        car = None
        left = False
        for whose in (unit.vin or unit.id, unit.id, None):
            found = self._cars.get(whose)
            if found and unit.plugged is not False:
                at_home, plugged = _value(found[3], now_ms), _value(found[2], now_ms)
                if at_home is not False and plugged is not False:
                    car = found
                    break
                left = True
        if silent and unit.plugged is None:
            # The message may be old: one that says "unplugged" counts only after one that said
            # "plugged in". Else the next one would be a car that is plugged in anew, for which
            # a person's wish from before a restart may start.
            if car:
                if plugged and (at_home or not car[3]):
                    unit.plugged = True
                    self._plugged_ms[unit.id] = now_ms
            elif left and unit.id in self._plugged_ms:
                if unit.draw_watts():
                    del self._plugged_ms[unit.id]  # there is another one
                elif now_ms - self._plugged_ms[unit.id] < _LEFT_MS:
                    unit.plugged = False
        soc = _value(car[0], now_ms) if car else None
        most = _value(car[1], now_ms) if car else None
        if not car:
            unit.full = ""
        elif soc is not None and most is not None:
            if soc >= most:
                unit.full = f"the car's own limit of {most:g} % is reached: {soc:g} %"
            elif unit.full:
                unit.full = ""
                unit.ask()
        # Else it is lost, and nothing is resumed by that.
        unit.soc = soc


def _value(source, now_ms):
    return source.value if source and source.is_live(now_ms) else None

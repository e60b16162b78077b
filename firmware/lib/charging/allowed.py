"""Which car may charge, and how much: VIN lists, limits of energy and of the state of charge.

Loaded only where one of these is configured or was asked for.
"""

from micropython import const

from charging.wishes import kwh

_LIMIT = const(50)
_CAR = const(60)

# Where the state of charge has fallen this far below its limit, in percent, charging goes on:
# less is rounding, and what the car itself uses.
_FALLS_PERCENT = const(3)


class Allowed:
    """`settings`: units.Units; `vins`: as configured; `limits`: what people set for the session
    that is on, {unit_id: [Wh or None, percent or None]}, which goes before what is configured."""

    def __init__(self, settings, vins, limits):
        self.limits = limits
        self._settings = settings
        self._vins = vins
        self._full = []  # the units whose car has reached its state of charge
        self._base_wh = {}  # from where the energy counts, where a person asked for more

    def set(self, unit_id, wh, soc):
        """Takes a person's limits for this session; None: as configured. So it is also when
        another car is plugged in."""
        self.limits.pop(unit_id, None)
        if wh is not None or soc is not None:
            self.limits[unit_id] = [wh, soc]
        self.ask(unit_id, 0)

    def ask(self, unit_id, session_wh):
        """A person asks for more: energy counts from here."""
        self._base_wh[unit_id] = session_wh
        if unit_id in self._full:
            self._full.remove(unit_id)

    def add_wishes(self, wishes, unit):
        """Adds the wishes about one unit, see Plan.follow."""
        if unit.plugged is False:
            if self._vins["unknown"] == "deny":
                # With power offered the next car would begin at once, whoever it is.
                why = "no car is plugged in"
                wishes.append((_CAR, "car", unit.id, "off", None, why, None))
            return
        why = self._not_allowed(unit.vin)
        if why:
            wishes.append((_CAR, "car", unit.id, "off", None, why, None))
        most_wh, most_soc = self.limits.get(unit.id) or (None, None)
        if most_wh is None:
            most_wh = self._settings.energy_limit_wh(unit.id)
        if most_soc is None:
            most_soc = self._settings.soc_limit(unit.id)
        if most_wh is not None:
            done_wh = unit.energy.session_wh
            base_wh = self._base_wh.get(unit.id, 0)
            if base_wh <= done_wh:
                done_wh -= base_wh
            else:
                self._base_wh[unit.id] = 0  # a new session
            if done_wh >= most_wh:
                words = f"energy limit: {kwh(done_wh)} of {kwh(most_wh)} kWh"
                wishes.append((_LIMIT, "energy limit", unit.id, "off", None, words, None))
        if most_soc is not None:
            self._add_soc(wishes, unit, most_soc)

    def _add_soc(self, wishes, unit, most):
        full = unit.id in self._full
        if unit.soc is None:
            words = "reached" if full else "but no state of charge is known"
            words = f"charge limit: {most} %, {words}"
        else:
            words = f"charge limit: {unit.soc:g} % of {most} %"
            reached = unit.soc >= (most - _FALLS_PERCENT if full else most)
            if reached and not full:
                self._full.append(unit.id)
            elif full and not reached:
                self._full.remove(unit.id)
            full = reached
        mode = "off" if full else None
        wishes.append((_LIMIT, "charge limit", unit.id, mode, None, words, None))

    def _not_allowed(self, vin):
        """Words why the car with this VIN gets nothing, or None."""
        vins = self._vins
        if not vin:
            return "car not known (no VIN)" if vins["unknown"] == "deny" else None
        if vin in vins["deny"]:
            return f"car not allowed: VIN {vin} is denied"
        if vins["allow"] and vin not in vins["allow"]:
            return f"car not allowed: VIN {vin} is not on the list"
        return None

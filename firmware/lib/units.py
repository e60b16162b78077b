"""What the configuration says of each unit, as the running parts ask for it."""

from twc.message import lowest_amps


class Units:
    """`config`: a configuration as configuration.check returns it."""

    def __init__(self, config):
        self._units = config["units"]
        self._wires_amps = config["wires"]["max_amps"]
        self._others_amps = config["units_max_amps"]
        self._supply = config["supply"]

    def _own(self, unit_id, key):
        unit = self._units.get(unit_id)
        return None if unit is None else unit[key]

    def name(self, unit_id):
        """The name of a unit: its own, else its id."""
        return self._own(unit_id, "name") or unit_id

    def watts_per_amp(self, unit_id, phases=None):
        """Volts times phases of a unit: the watts of one ampere. `phases`: that its car is known
        to use, if it is known."""
        phases = phases or self._own(unit_id, "phases") or self._supply["phases"]
        return self._supply["volts"] * phases

    def phases_mask(self, unit_id):
        """The phases that a unit's draw counts on: bits 1 (L1), 2 (L2) and 4 (L3); all three
        where it has several, or where nobody said which one it hangs on."""
        return {"L1": 1, "L2": 2, "L3": 4}.get(self._own(unit_id, "phase"), 7)

    def limits_charges(self):
        """Whether any unit has a limit of energy or state of charge."""
        for unit in self._units.values():
            if unit["energy_limit_kwh"] is not None or unit["soc_limit"] is not None:
                return True
        return False

    def energy_limit_wh(self, unit_id):
        """After how much of a session the unit's car gets no more, whole Wh, or None."""
        limit = self._own(unit_id, "energy_limit_kwh")
        return None if limit is None else int(limit * 1000)

    def soc_limit(self, unit_id):
        """At which state of charge the unit's car gets no more, in percent, or None."""
        return self._own(unit_id, "soc_limit")

    def max_amps(self, unit_id):
        """What the configuration allows one unit, whole amperes."""
        own = self._own(unit_id, "max_amps")
        return min(self._others_amps if own is None else own, self._wires_amps)

    def min_amps(self, unit_id, protocol):
        """The least that a unit is offered above 0, whole amperes: its own minimum, but never
        below the protocol's (5 A in protocol 1, 6 A in protocol 2 or if unknown)."""
        return max(self._own(unit_id, "min_amps") or 0, lowest_amps(protocol))

    def priority(self, unit_id):
        """1 to 9: higher ones start first, get amperes first and stop last; 5 unless said."""
        return self._own(unit_id, "priority") or 5

    def contactors(self, unit_id):
        """Whether the unit may be sent the commands that open and close its contactors."""
        return self._own(unit_id, "contactors") is True

    def spike_cure(self, unit_id):
        """Whether a car that is stuck at 6 A may be offered a short spike."""
        return self._own(unit_id, "spike_cure") is True

    def energy_unit(self, unit_id):
        """What the unit's meter counts in: "kWh", "Wh", or "auto": to be found out."""
        return self._own(unit_id, "energy") or "auto"

    def rating_problem(self, unit_id, rating_amps):
        """A sentence if the configuration gives a unit more than the unit says it can, else
        None. `rating_amps`: what the slave reports."""
        own = self._own(unit_id, "max_amps")
        rating = int(rating_amps)
        if own is None or own <= rating:
            return None
        return (
            f"config.json: units.{unit_id}.max_amps is {own}, but this unit says {rating} at "
            f"most; using {min(rating, self._wires_amps)}."
        )

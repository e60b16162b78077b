"""Whole amperes among the cars that charge."""


def share(units, watts, wires_amps):
    """Splits `watts` among `units`, each of which has at least its minimum, and sets their
    `amps`.

    What is above the minimums goes to the highest `priority` as far as it goes, then to the
    next; among equal ones equal amperes, one at a time, always to the first of those that have
    least. Never above a unit's maximum, never more than `wires_amps` in all, and never rounded
    up. A car that is offered power and draws none stays at its minimum. What the minimums need
    may be more than there is: they stay.
    """
    left_watts = watts
    left_amps = wires_amps
    for unit in units:
        unit.amps = unit.minimum_amps
        left_watts -= unit.amps * unit.watts_per_amp
        left_amps -= unit.amps
    while left_amps > 0:
        found = None
        for unit in units:
            if unit.amps >= unit.maximum_amps or not unit.takes_more:
                continue
            if left_watts < unit.watts_per_amp:
                continue
            if found is not None:
                if unit.priority < found.priority:
                    continue
                if unit.priority == found.priority and unit.amps >= found.amps:
                    continue
            found = unit
        if found is None:
            return
        found.amps += 1
        left_watts -= found.watts_per_amp
        left_amps -= 1

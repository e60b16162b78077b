"""Whole amperes among the cars that charge."""


def share(units, watts, wires_amps):
    """Splits `watts` among `units`, each of which has at least its minimum, and sets their
    `amps`.

    Equal amperes as far as they go, one at a time, starting with the unit that has waited
    longest for one; never above a unit's maximum, never more than `wires_amps` in all, and
    never rounded up. A car that is offered power and draws none stays at its minimum. What
    the minimums need may be more than there is: they stay.
    """
    left_watts = watts
    left_amps = wires_amps
    for unit in units:
        unit.amps = unit.minimum_amps
        left_watts -= unit.amps * unit.watts_per_amp
        left_amps -= unit.amps
    raised = True
    while raised and left_amps > 0:
        raised = False
        for unit in sorted(units, key=_amps):
            if (
                unit.amps < unit.maximum_amps
                and unit.takes_more
                and left_watts >= unit.watts_per_amp
                and left_amps > 0
            ):
                unit.amps += 1
                left_watts -= unit.watts_per_amp
                left_amps -= 1
                raised = True
                break


def _amps(unit):
    return unit.amps

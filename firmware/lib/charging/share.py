"""Whole amperes among the cars that charge."""


def free_amps(room, unit):
    """What is left for a unit in `room`: amperes of L1, L2 and L3 and, where there is a limit for
    it, watts of all together."""
    free = min([room[phase] for phase in range(3) if unit.phases >> phase & 1])
    return min(free, int(room[3] // unit.watts_per_amp)) if len(room) > 3 else free


def take(room, unit, amps):
    """Takes amperes of a unit out of `room`."""
    for phase in range(3):
        if unit.phases >> phase & 1:
            room[phase] -= amps
    if len(room) > 3:
        room[3] -= amps * unit.watts_per_amp


def taken(unit, ready):
    """What those that run take of the surplus before a unit may have it, in watts: those that
    stop later their minimum, those that do not wait for the sun all that they draw. `ready`: all
    units in the order of the law."""
    watts = 0
    before = True
    for other in ready:
        if other is unit:
            before = not unit.amps  # one that is off comes after all that run
        elif other.amps:
            if other.mode == "fast" or other.mode == "manual":
                watts += other.keeps_watts()
            elif before or other.mode == "minimum":
                watts += other.draw_watts() if other.wants is False else other.needs_watts()
    return watts


def by_sun_of(ready):
    """Those that run by the sun; the last one stops first."""
    return [unit for unit in ready if unit.amps and unit.mode == "solar"]


def share(units, watts, room, round_up=1):
    """Splits `watts` among `units`, each of which has at least its minimum, and sets their
    `amps`.

    What is above the minimums goes first to those that get it whatever the sun does ("fast",
    "manual"), then to the highest `priority` as far as it goes, then to the next; among equal
    ones equal amperes, one at a time, always to the first of those that have least. Never above
    a unit's maximum or limit, and never more than `room` (amperes of L1, L2, L3) on any phase.
    The last ampere is given if this part of it, `round_up`, is there. A car that is offered
    power and draws none stays at its minimum, which is not counted once it is known not to want
    it; one that takes less than it is offered leaves the rest to others, if there are any. One
    that is to stop stays at its minimum. What the minimums need may be more than there is: they
    stay. Returns what is left of the room.
    """
    left_watts = watts
    room = list(room)
    for unit in units:
        unit.amps = unit.minimum_amps
        if unit.wants is not False:
            left_watts -= unit.amps * unit.watts_per_amp
        take(room, unit, unit.amps)
    while True:
        found = None
        rank = None
        for unit in units:
            most = unit.most_amps()
            if unit.takes_amps is not None and len(units) > 1:
                most = min(most, unit.takes_amps)
            if unit.amps >= most or not unit.takes_more or unit.is_off():
                continue
            if free_amps(room, unit) < 1:
                continue
            fast = unit.mode == "fast" or unit.mode == "manual"
            if not fast and left_watts < unit.watts_per_amp * round_up:
                continue
            new = (fast, unit.priority, -unit.amps)
            if found is None or new > rank:
                found = unit
                rank = new
        if found is None:
            return room
        found.amps += 1
        left_watts -= found.watts_per_amp
        take(room, found, 1)

"""Sentences about who is on the line and how it is, for people who wire.

Loaded by lookout.py when there is something to say, and dropped again.
"""


def second(master_id):
    """Of a second master."""
    return (
        f"A second master, {master_id}, is on the line: a wall connector whose rotary switch "
        "is not on F, or another controller. Nothing is raised or started until it has "
        "been silent for 60 s. Set every rotary switch to F."
    )


def refused(slave_id, slaves, now_ms):
    """Of a slave for which there is no room beside the linked `slaves`."""
    silent = [slave.id for slave in slaves if slave.link(now_ms) == "silent"]
    if silent:
        instead = f"It takes the place of {silent[0]}, which is silent, when that is dropped."
    else:
        instead = "Disconnect one of the four."
    return f"{slave_id} refused: the bus carries three wall connectors at most. {instead}"


def appeared(new_id, slave_id):
    """Of one that may be a linked one under another id."""
    return (
        f"{slave_id} is silent and {new_id} has appeared: if this is the same wall connector "
        f"under a new id, rename units.{slave_id} in config.json to units.{new_id}; its settings "
        "are kept by id."
    )


def line(new, foreign, broken, echoed):
    """What is wrong with a line of which something is.

    `new`: (good, bad, sent, noisy, echoes) of the last window; since the start: `foreign` frames
    heard that are not our own, whether there were `broken` ones, whether our own were `echoed`.
    """
    good, bad, sent, noisy, echoes = new
    if foreign <= 0 and broken:
        return (
            "Only broken frames heard since the start: A and B swapped, a second sender, or "
            "no termination. Check the two wires and 120 ohms at each end."
        )
    if foreign <= 0:
        heard = "Only our own echo" if echoed else "Nothing"
        return (
            f"{heard} heard since the start: check A and B, termination, the power of the "
            "wall connector, and that its rotary switch is on F."
        )
    if echoes and 2 * echoes > sent:
        return (
            "Our own frames come back: an adapter that echoes, or a driver-enable pin that "
            "is wrong (DE and RE have to be tied together). It is borne, but not meant to be."
        )
    if noisy and 2 * noisy > sent:
        return (
            "The line is hardly ever quiet: a floating line or a stuck sender. Check the "
            "termination, 120 ohms at each end, and the wires."
        )
    return (
        f"Broken frames: {bad} of {good + bad} in the last 10 s. Check termination, a twisted "
        "pair, and its distance to mains wires."
    )

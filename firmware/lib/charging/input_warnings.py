"""Sentences about inputs that contradict themselves. Loaded when the first of them does."""

from micropython import const

_STEPS_NOTICED = const(3)


def found(own, readings, now_ms):
    """A list of them. `own`: whether surplus/set and grid/set are being sent; `readings`: all
    charging.inputs.Readings."""
    said = []
    if all(own):
        said.append(
            "Both surplus/set and grid/set are being sent: the one that gives less counts. "
            "Send only one of them."
        )
    elif any(own) and len(readings) > len(own):
        said.append(
            f"{'surplus' if own[0] else 'grid'}/set is being sent beside the configured "
            "sources: the one that gives less counts. Send only one of them."
        )
    for reading in readings:
        if reading.steps >= _STEPS_NOTICED and reading.is_live(now_ms):
            if reading.kind == "generation":
                said.append(
                    "Generation minus consumption falls by what the cars take: the "
                    'consumption seems to contain them. Write "with_cars": true at it.'
                )
            else:
                said.append(
                    "The surplus falls by what the cars take: it seems to contain them. Send "
                    "sun minus house without the cars, or send the grid meter to grid/set "
                    "instead."
                )
    return said

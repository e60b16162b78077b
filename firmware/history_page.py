"""/api/history: the last hours in steps of three minutes, as JSON. Loaded for a request, and
dropped."""

from micropython import const

# As history.py has them.
_STEP_S = const(180)
_UNKNOWN = const(-32768)


def pieces(app):
    """Generates them: surplus, offer and draw in watts, null where not known, the oldest first;
    `now_s`: the uptime at the end of the last one."""
    rows, sums = app.history.rows, app.history.sums
    steps = len(rows) // 3
    end = sums[0]
    first = max(0, end - steps)
    yield f'{{"step_s": {_STEP_S}, "now_s": {end * _STEP_S}'
    place = 0
    for key in ("surplus", "offer", "draw"):
        yield f', "{key}": ['
        for step in range(first, end):
            # Between two pieces a step may end: it takes the place of the oldest one.
            tens = rows[step % steps * 3 + place] if step >= sums[0] - steps else _UNKNOWN
            comma = ", " if step > first else ""
            yield comma + ("null" if tens == _UNKNOWN else str(tens * 10))
        yield "]"
        place += 1
    yield "}"

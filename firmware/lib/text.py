"""Numbers and times as people read them, for the sentences of the decisions."""


def watts(value):
    """1440 -> "1 440 W"; `value` in watts, rounded to whole ones."""
    digits = str(abs(round(value)))
    text = digits[-3:]
    while len(digits) > 3:
        digits = digits[:-3]
        text = digits[-3:] + " " + text
    return ("-" if round(value) < 0 else "") + text + " W"


def remaining(ms):
    """A countdown, rounded up so that it never promises too much: in steps of 5 s up to a
    minute, of 10 s up to three, then in whole minutes. Coarse on purpose: each step is a
    message to everyone who listens."""
    seconds = (ms + 999) // 1000
    if seconds > 180:
        return f"{(seconds + 59) // 60} min"
    step = 5 if seconds <= 60 else 10
    return f"{(seconds + step - 1) // step * step} s"


def age(ms):
    """How old something is, rounded down: "40 s", "12 min", "5 h"; in steps of 10 s from one
    to three minutes."""
    seconds = ms // 1000
    if seconds >= 7200:
        return f"{seconds // 3600} h"
    if seconds > 180:
        return f"{seconds // 60} min"
    return f"{seconds // 10 * 10 if seconds > 60 else seconds} s"

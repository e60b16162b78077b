"""Whether a command that says when it was sent has come in time. Loaded for one that does."""

from micropython import const

import text as words

# It may have been on its way for so long, and no clock is wrong by more.
_LATE_S = const(60)
_MILLISECONDS = const(100000000000)  # from here on it is no Unix time in seconds


def check(text, utc_s):
    """Raises ValueError if the "at" of a JSON text, in Unix seconds, is not about now. `utc_s`:
    Unix time, or None: not known."""
    # Not from what json made of it: with a fraction it is good to a minute or two on a board.
    _, _, rest = text.partition('"at"')
    digits = rest.lstrip(': "').encode()
    at_s = end = 0
    while end < len(digits) and 48 <= digits[end] <= 57:
        at_s = at_s * 10 + digits[end] - 48
        end += 1
    if not 0 < at_s < _MILLISECONDS:
        raise ValueError('has no Unix time in seconds in "at"')
    age_s = 0 if utc_s is None else utc_s - at_s
    if age_s > _LATE_S:
        raise ValueError(f"this command is {words.age(1000 * age_s)} old: not carried out.")
    if age_s < -_LATE_S:
        age = words.age(-1000 * age_s)
        raise ValueError(
            f"this command is from {age} in the future by its clock: not carried out."
        )

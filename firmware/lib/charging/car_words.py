"""What a message says of a car in words. Loaded for such a message and dropped again by who hands
it in."""

from charging.inputs import beginning

_YES = b"true on yes 1"
_NO = b"false off no 0"
_NOT_KNOWN = b"unavailable unknown none null"  # Home Assistant's words, and JSON's


def word(payload, path, home):
    """What a message says of a car in words, in any case, at a path if it is JSON. `home`: the
    word for "at home" (bytes, lower case), then any other place is not at home, and so is an
    empty message; None: it has to be one of the clear words.

    Returns (True or False, None) or (None, sentence).
    """
    if path is None:
        raw = payload.encode() if isinstance(payload, str) else bytes(payload)
    else:
        from charging.json_number import found_at

        raw, why = found_at(payload, path)
        if why:
            return None, why
        raw = b"unknown" if isinstance(raw, (dict, list)) else str(raw).encode()
    said = raw.strip().lower()
    if said == home or said in _YES.split():
        return True, None
    if said in _NO.split() or home and said not in _NOT_KNOWN.split():
        return False, None
    return None, f'the last text was neither true nor false: "{beginning(raw)}"'

"""A number, or something else, in a message that is JSON. Loaded only if a source has a path."""

import json

from micropython import const

from charging.inputs import beginning, parse_number

_LARGEST = const(1024)  # bytes


def number_at(payload, path):
    """The number at a path, see found_at().

    Returns (number, None) or (None, sentence): other JSON, or what stands there and is no number
    and no number in quotes, is no reading, and never 0.
    """
    found, why = found_at(payload, path)
    if why:
        return None, why
    if isinstance(found, str):
        return parse_number(found)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or found != found:
        return None, f'"{path}" is no number in the last message'
    return found, None


def found_at(payload, path):
    """What stands at a path: names (which may contain dots: the longest one counts) and places in
    lists, from 0, with dots between them. Returns (what json.loads makes of it, None) or
    (None, sentence)."""
    raw = payload.encode() if isinstance(payload, str) else bytes(payload)
    if len(raw) > _LARGEST:
        return None, "the last message is longer than 1 KB"
    try:
        # Lists nested too deeply are a RuntimeError, lists as keys may be a TypeError.
        found = json.loads(str(raw, "utf-8"))
    except (ValueError, UnicodeError, TypeError, RuntimeError):
        return None, f'the last message was not JSON: "{beginning(raw)}"'
    try:
        return _find(found, path), None
    except KeyError:
        return None, f'the last message has no "{path}"'


def _find(found, path):
    """What stands at a path; raises KeyError."""
    if isinstance(found, list):
        place, _, rest = path.partition(".")
        if not place.isdigit() or int(place) >= len(found):
            raise KeyError
        found = found[int(place)]
        return _find(found, rest) if rest else found
    if not isinstance(found, dict):
        raise KeyError
    if path in found:
        return found[path]
    end = path.rfind(".")
    while end > 0:
        if path[:end] in found:
            return _find(found[path[:end]], path[end + 1 :])
        end = path[:end].rfind(".")
    raise KeyError

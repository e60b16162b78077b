"""What people wrote in config.json or in a command: what kind of value it is, and how to show it.

Dropped again with what needs it: the check of config.json, and the commands.
"""

_HEX = b"0123456789ABCDEF"


def is_id(value):
    """Whether this is an id as on the bus: four hex digits, upper case."""
    # Bytes, because MicroPython keeps each letter that a loop over text has met.
    hexes = isinstance(value, str) and [byte in _HEX for byte in value.encode()]
    return hexes == [True] * 4


def is_number(value):
    """Whether this is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def shown(value):
    """A value as people write it in JSON, shortened."""
    if isinstance(value, str):
        return f'"{value[:40]}"'
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return str(value)[:40]

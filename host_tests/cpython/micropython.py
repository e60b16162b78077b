"""What the pure part needs of MicroPython's module of this name, for CPython."""


def const(value):
    """MicroPython's compiler puts the value where the name stands; here it is just the value."""
    return value

"""The boards whose pins are known, from firmware/boards.txt: what board.profile stands for.

Loaded when somebody needs it and dropped again; the file is held for no longer than a search. What
the columns mean is said at its head.
"""

from micropython import const

# Beside the folder of this module, on the board as in a checkout.
_FILE = __file__.rsplit("/", 2)[0] + "/boards.txt"

# Places of columns.
_FIRST_PIN = const(1)
_HOLD = const(6)
_ETHERNET = const(7)

# The columns that are keys of "board", in their order.
_KEYS = "uart tx rx driver_enable stop_pin"


def profile(name):
    """The fields of a board's line as texts, or None for one that has none ("free"), also where
    the file can't be read."""
    try:
        with open(_FILE) as file:
            text = "\n" + file.read()
    except OSError:
        return None
    start = text.find("\n" + name + "|")
    if start < 0:
        return None
    end = text.find("\n", start + 1)
    return text[start + 1 : end if end > 0 else len(text)].split("|")


def fill(board, given):
    """Puts the profile's pins where config.json says none. `board`: all values of the section;
    `given`: what the file says there. Returns whether the profile is known."""
    # What stands there otherwise is the generic board's, so the file need not be read for it.
    if board["profile"] in ("generic", "free"):
        return True
    fields = profile(board["profile"])
    if not fields:
        return False
    place = _FIRST_PIN
    for key in _KEYS.split(" "):
        if key not in given:
            board[key] = _number(fields[place])
        place += 1
    return True


def hold(name):
    """What the board's transceiver needs all the time: a list of (pin, level)."""
    fields = None if name in ("generic", "free") else profile(name)
    if not fields or not fields[_HOLD]:
        return []
    return [(int(pin), int(level)) for pin, level in _pairs(fields[_HOLD])]


def ethernet(name):
    """(mdc, mdio, power or None, clock pin, whether the ESP32 drives the clock, address) of the
    board's LAN8720, or None for a board that has no Ethernet."""
    fields = None if name in ("generic", "free") else profile(name)
    if not fields or not fields[_ETHERNET]:
        return None
    mdc, mdio, power, clock, address = fields[_ETHERNET].split(" ")
    pin, way = clock.split("=")
    return int(mdc), int(mdio), _number(power), int(pin), way == "out", int(address)


def _pairs(text):
    return [one.split("=") for one in text.split(" ")]


def _number(text):
    return None if text in ("null", "-") else int(text)

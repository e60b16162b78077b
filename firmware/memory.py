"""state.json on the board's flash: what has to outlive a reset.

Which slaves were linked, and whether their relays were on or resting. Written whole or not at
all, and only when something in it changes: at most four times for each charge and unit (start,
stop, and the end of the minimum off time).
"""

import json
import os


def load(path="state.json"):
    """What was remembered: {id: {"rating_ca": …, "protocol": …, "relay": …}}, or None if
    there is a file that can't be used. {} if there is none: a board that is new here."""
    try:
        with open(path) as file:
            units = json.load(file)["units"]
        for unit_id in units:
            unit = units[unit_id]
            if not (
                len(unit_id) == 4
                and unit["relay"] in ("on", "resting", "free")
                and unit["protocol"] in (1, 2)
                and 0 <= unit["rating_ca"] <= 0xFFFF
            ):
                return None
        return units
    except OSError:
        return {}
    except (ValueError, KeyError, TypeError):
        return None


def save(units, path="state.json"):
    """Writes what load returns: whole or not at all. Raises OSError if flash is full or
    damaged."""
    with open(path + ".new", "w") as file:
        json.dump({"units": units}, file)
    os.rename(path + ".new", path)

"""From its import on, opening a file to write stops everything as a flash write on the chip does.

80 ms is what 4 KB take, and more than that the firmware writes at no time. Small, because it
lives in the heap of the firmware.
"""

import builtins
import time

_open = open


def _slow(name, mode="r"):
    if "w" in mode or "a" in mode:
        time.sleep_ms(80)
    return _open(name, mode)


builtins.open = _slow

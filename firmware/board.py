"""The board: nothing but this and the board_….py beside it imports machine, network or esp32.

Whatever differs between an ESP32 and a desktop hides behind these calls.
"""

import gc
import sys
import time

import machine

# reset(): starts the board anew and does not return. reset_cause(): why it was started. RTC, WDT:
# see watchdog.py. unique_id(): bytes no other board has.
from machine import RTC, WDT, reset, reset_cause, unique_id  # noqa: F401


class Monotonic:
    """Milliseconds since the start, as an int that never wraps.

    `time.ticks_ms()` wraps (after 12.4 days on the ESP32); reading this at least once in six
    days, as the heartbeats do, keeps count of it.
    """

    def __init__(self):
        self._ticks = time.ticks_ms()
        self._ms = 0

    def ms(self):
        ticks = time.ticks_ms()
        self._ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._ms


def own_name():
    """What no other board is called: "twc-" and its id in hex digits."""
    return "twc-" + "".join([f"{byte:02x}" for byte in unique_id()])


def heap_left():
    """Bytes that the program may still take before it needs memory of the network's.

    The heap of an ESP32 begins with 56 000 bytes and doubles once, which leaves Wi-Fi and sockets
    what they need; the step after that does not (micropython.mem_info() on v1.23.0). Elsewhere
    the heap does not grow.
    """
    if sys.platform == "esp32":
        return 112000 - gc.mem_alloc()
    return gc.mem_free()


def utc_s():
    """Unix time in whole seconds by the machine's own clock, or None where that can't be trusted.

    A desktop's is trusted from 2024 on. An ESP32's begins at 2000 with each power-up, and tools
    that upload files may set it to the local time of wherever they run.
    """
    if sys.platform == "esp32":
        return None
    now_s = time.time_ns() // 1000000000
    return now_s if now_s > 1704067200 else None


def set_date(parts):
    """Sets the chip's own clock to (year, month, day, hour, minute, second) of UTC and returns
    True; elsewhere the machine's is not ours to set: False."""
    if sys.platform != "esp32":
        return False
    year, month, day, hour, minute, second = parts
    machine.RTC().datetime((year, month, day, 0, hour, minute, second, 0))
    return True


def station(hostname):
    """The Wi-Fi station interface; `hostname` is what the board calls itself on the network.
    Imported late: the bus does not wait for it."""
    import network

    network.hostname(hostname)
    return network.WLAN(network.STA_IF)

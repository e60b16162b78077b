"""The watchdog: the chip resets itself unless this feeds it, and this does so only while the bus
and the decisions really run. And what goes on is noted where it outlives such a reset.

The RTC's memory has two lines, the head and the sentence why the board was started, then an empty
one: last_words.py writes them. What follows is noted here: the uptime in s, the free bytes, and
what was begun last, or why the dog is not fed: 1 the bus was silent, 2 nothing was decided.

Sources: ports/esp32 of MicroPython, machine_wdt.c (making it again changes its time; nothing ends
it) and machine_rtc.c (the memory outlives all resets but a power cut; 2048 bytes).
"""

import gc

from micropython import const

from firmware import board

_SILENT_MS = const(5000)

dog = None  # machine.WDT, if there is one: last_words.py begins it


def look(app, now_ms):
    """Feeds it if, in the last 5 s, the bus task of a firmware.app.App has sent a frame (or had
    its turn, while there is nobody to send to), and the decisions have run, if they are there. To
    be called once a second by the loop, which breathes if that happens."""
    why = 0
    if now_ms - app.bus.spoke_ms > _SILENT_MS:
        why = 1
    elif app.decisions and now_ms - app.turn_ms > _SILENT_MS:
        why = 2
    elif dog:
        dog.feed()
    note(now_ms, why or "")
    # Whatever is begun then is not the reason.
    app.bus.on_cause = None if why else note


def note(now_ms, what):
    """Notes what is begun now, and may stop the chip ("TLS")."""
    kept = board.RTC().memory()
    now = f"{now_ms // 1000} {gc.mem_free()} {what}"
    board.RTC().memory(kept[: kept.find(b"\n\n") + 2] + now.encode())


def restarted():
    """Why the board was started, a sentence; "" if that is not known."""
    return board.RTC().memory().partition(b"\n")[2].partition(b"\n")[0].decode()

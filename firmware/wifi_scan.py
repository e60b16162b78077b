"""Which of several networks is the strongest here. Loaded for a look around, and dropped.

A look stops the whole chip for 2 to 3 s (WLAN.scan() of MicroPython waits for it), so it is only
taken without Wi-Fi, right after a round of heartbeats, not soon after the one before, and not
while a car charges.
"""

import asyncio

from micropython import const

_SLOT_MS = const(150)
_SWITCH_MS = const(100)
_AGAIN_MS = const(300000)

# From so much on a unit may be charging, in 0.01 A. One that was there before a restart and has
# not been heard yet may be, too, for so long.
_DRAWS_CA = const(100)
_HEARD_MS = const(40000)


async def strongest_first(app, station, networks, scanned_ms):
    """(`networks`, a list of (ssid, password), in the order in which they should be tried; when
    the last look around was, in ms of the app's clock, or None).

    `station`: network.WLAN; `scanned_ms`: as this returned it before. Those that were not seen
    come last: a hidden network is joined by its name only. Without a look they keep their order.
    """
    now_ms = app.clock.ms()
    if scanned_ms is not None and now_ms - scanned_ms < _AGAIN_MS or may_charge(app, now_ms):
        return networks, scanned_ms
    try:
        station.active(True)
        station.disconnect()  # while it is connecting nothing would be found
        await asyncio.sleep_ms(_SWITCH_MS)
        await app.bus.slot(_SLOT_MS, "scan")
        seen = station.scan()
    except (OSError, RuntimeError, MemoryError) as error:
        app.journal.tell("warning", f"Wi-Fi: no look around ({error}): networks tried in turn.")
        seen = ()
    return ordered(networks, seen), app.clock.ms()


def may_charge(app, now_ms):
    """Whether a car charges, or may do so as far as it is known: in safe mode nobody decides."""
    if app.decisions is None:
        return True
    for unit in app.decisions.units:
        if unit.draw_ca >= _DRAWS_CA or unit.offer_amps:
            return True
        if not unit.ready and now_ms < _HEARD_MS:
            return True
    return False


def ordered(networks, seen):
    """The networks by strength. `seen`: tuples of scan(): name as bytes, BSSID, channel, dBm, …;
    of several that are called alike the strongest counts."""
    best = {}
    for entry in seen:
        best[entry[0]] = max(entry[3], best.get(entry[0], -999))
    # Equal ones, such as two that were not seen, stay in order: MicroPython's sorted() alone would
    # not keep it.
    order = [(-best.get(networks[i][0].encode(), -999), i) for i in range(len(networks))]
    return [networks[i] for _, i in sorted(order)]

"""Safe mode: what runs after three crashes in a row, or when it was asked for. Only the bus, Wi-Fi
and a bare page (safe_page.py); after an hour, by the page or by power the board starts normally.

Whoever charged goes on with the minimum current, whoever rested gets 0 A, and nothing is ever
raised. Nobody decides here: that is what the master does by itself with a wish that is not
renewed (twc/master.py). Loaded in place of services.py.
"""

import asyncio
import sys

from micropython import const

from firmware import forget, watchdog

_IMPORT_SLOT_MS = const(150)
_FLASH_SLOT_MS = const(150)
_LONGEST_MS = const(3600000)


async def start(app):
    """Runs it for ever. `app`: the firmware.app.App, of which the bus is running."""
    units = (app.remembered and app.remembered[0]) or {}
    now_ms = app.clock.ms()
    for slave in app.master.slaves:
        unit = units.get(slave.id)
        if unit and unit["relay"] == "on":
            # Also a car that takes nothing just now keeps its relay closed.
            app.master.wish(slave.id, slave.minimum_amps, now_ms)
    if app.wifi is None:
        app.journal.tell("warning", watchdog.restarted())
        app.journal.tell("warning", "Safe mode: no car gets more than the minimum current.")
        # No access point: whoever is near has a plug to pull.
        app.config["wifi"]["setup_after_min"] = 0
        await _load(app, "firmware.wifi")
        from firmware.wifi import Wifi

        app.wifi = Wifi(app)
        asyncio.create_task(app.keep("wifi", app.wifi.run))
        await _load(app, "firmware.lock", "firmware.lock_file")
        from firmware import lock_file

        lock_file.begin(app)
        forget("firmware.lock_file")
        await _load(app, "firmware.safe_page")
        from firmware import safe_page

        asyncio.create_task(app.keep("page", safe_page.Page(app).run))
    while True:
        await asyncio.sleep(1)
        if app.clock.ms() >= _LONGEST_MS and app.ended is None:
            app.restart("Restart: an hour of safe mode is over.")
        if rest(app.master, units):
            await app.bus.slot(_FLASH_SLOT_MS, "flash")
            from firmware import memory

            memory.keep(app, units, app.remembered[1])
            forget("firmware.memory")
        if app.journal.due(app.ended is not None):
            await app.bus.slot(_FLASH_SLOT_MS, "flash")
            from firmware import journal_keep

            journal_keep.write(app)
            forget("firmware.journal_keep")


def rest(master, units):
    """Sees to it that nobody is started again who once got 0 A. Returns whether one of `units`,
    as memory.load() gives them, has come to rest that did not."""
    found = False
    for slave in master.slaves:
        if slave.heard_ms is None or slave.offer_amps:
            continue
        if slave.offer_amps == 0:
            slave.wish_amps = 0
            unit = units.get(slave.id)
            if unit and unit["relay"] == "on":
                # Else the next start would say "no change" to it, and its relay would click.
                unit["relay"] = "resting"
                found = True
    return found


async def _load(app, *names):
    for name in names:
        if name not in sys.modules:
            await app.bus.slot(_IMPORT_SLOT_MS, "start")
            __import__(name)

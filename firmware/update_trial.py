"""What comes of an update: a new version stays after a healthy minute, or the one before comes
back; what is left over is removed. Loaded at a start that finds something of that in flash, and
dropped.

Here a version on trial confirms itself: bus, decisions, page and network have worked for a
minute. If that does not happen in ten minutes it starts anew; boot.py counts the starts in
update.try, and brings the one before back with the fourth. update.bad, which was update.try,
tells the latter why.
"""

import asyncio
import os

from micropython import const

from firmware import forget

_LOOK_S = const(1)
_HEALTHY_MS = const(60000)
_MOST_MS = const(600000)
_RECENT_MS = const(5000)
_CALM_S = const(30)  # after the start, before things are removed
_FLASH_SLOT_MS = const(150)

_TRIED = "update.try"
_CAME_BACK = "update.bad"


async def watch(app):
    """Task of a firmware.app.App."""
    there = os.listdir()
    if "update.go" in there:
        # It stood there before boot.py had its turn, which could not do it.
        await app.bus.slot(_FLASH_SLOT_MS, "flash")
        os.remove("update.go")
        app.update = "The update could not be put in place: this is the version before."
        app.journal.tell("error", app.update)
    if _CAME_BACK in there:
        app.update = _why(_read(_CAME_BACK))
        # Until the next update a warning as well.
        app.problems.append(app.update)
        app.journal.tell("error", app.update)
    if _TRIED in there and not await _trial(app):
        return
    await asyncio.sleep(_CALM_S)
    await app.bus.slot(150, "page")
    from firmware import update_clean

    forget("firmware.update_clean")
    await update_clean.leftovers(app)


def _read(name):
    """(version, what boot.py and this have noted)."""
    try:
        with open(name) as file:
            version, _, marks = file.read(80).partition("\n")
            return version, marks
    except (OSError, UnicodeError):
        return "", ""


async def _trial(app):
    """Returns True when the version that runs has confirmed itself, False if it starts anew."""
    version, marks = _read(_TRIED)
    now_ms = app.clock.ms
    app.update = f"Version {version} is on trial: it stays after a healthy minute."
    app.journal.tell("info", app.update)
    well_ms = end_ms = now_ms() + _HEALTHY_MS
    end_ms += _MOST_MS - _HEALTHY_MS
    ill = "b"
    while now_ms() < well_ms:
        await asyncio.sleep(_LOOK_S)
        found = _ill(app)
        if found:
            ill, well_ms = found, now_ms() + _HEALTHY_MS
        if now_ms() >= end_ms and well_ms > now_ms():
            await app.bus.slot(_FLASH_SLOT_MS, "flash")
            with open(_TRIED, "a") as file:
                file.write(ill)
            app.restart(f"Restart: version {version} was not well for 10 minutes: {_words(ill)}.")
            return False
    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    os.remove(_TRIED)
    app.update = None
    app.journal.tell("info", f"Version {version} has run for a healthy minute: it stays.")
    return True


def _ill(app):
    """What does not work, as a letter; "" if all does."""
    now_ms = app.clock.ms()
    # The last frame, or turn, while there is nobody to send to.
    if now_ms - app.bus.spoke_ms > _RECENT_MS:
        return "b"
    if now_ms - app.turn_ms > _RECENT_MS:
        return "d"
    if not app.listening:
        return "p"
    wifi = app.wifi
    # Where none is configured it came by our own access point.
    if wifi.state != "connected" and (wifi.state != "off" or not wifi.portal):
        return "w"
    return ""


def _words(mark):
    """What a mark in update.try means: a letter of _ill(), or a number of machine.reset_cause()
    (source: ports/esp32/modmachine.c)."""
    at = "bdpw1345".find(mark)
    if at < 0:
        return "a new start"
    words = "no frame on the bus,no decisions,no page,no network,power,the watchdog,sleep,"
    return (words + "a new start").split(",")[at]


def _why(read):
    """The sentence why the version before runs."""
    version, marks = read
    # The first mark is that of the switch itself. After a letter the new start was asked for.
    told = ""
    for at in range(1, len(marks)):
        if marks[at - 1] < ":" or marks[at] > ":":
            told += (", " if told else "") + _words(marks[at])
    return (
        f"Version {version} has not run for a healthy minute in 3 starts ({told}): the one before "
        "is back."
    )

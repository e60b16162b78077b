"""Removes what an update leaves behind, a file at a time, between heartbeats. Loaded for it, and
dropped."""

import os

from micropython import const

_FLASH_SLOT_MS = const(150)
_AT_ONCE = const(8)  # names in memory
_FOLDER = const(0x4000)


async def leftovers(app, later=True):
    """Removes the slots that do not run, for a firmware.app.App. `later`: also the manifest of an
    upload that ended half-way, and nothing any more when there is another one."""
    there = os.listdir()
    if later:
        if "update.try" in there or not await _may(app, later):
            return
        if "update.new" in there:
            _remove(os.remove, "update.new")
    for name in ("firmware.new", "firmware.bad", "firmware.old"):
        if name in there and not await _empty(app, name, later):
            return


async def _may(app, later):
    """Waits for the moment to remove something; returns whether it is to be removed still."""
    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    if not later:
        return True
    if app.large > 1:
        return False
    try:
        os.stat("update.go")
        return False
    except OSError:
        return True


async def _empty(app, folder, later):
    """Removes a folder and all that is in it; returns whether that is done."""
    while True:
        # All entries are gone through: a folder of flash that is left half-way stays open.
        found = []
        for entry in os.ilistdir(folder):
            if len(found) < _AT_ONCE:
                found.append((folder + "/" + entry[0], entry[1]))
        for path, kind in found:
            if kind & _FOLDER:
                if not await _empty(app, path, later):
                    return False
            elif not await _may(app, later) or not _remove(os.remove, path):
                return False
        if not found:
            return await _may(app, later) and _remove(os.rmdir, folder)


def _remove(how, path):
    try:
        how(path)
        return True
    except OSError:
        return False  # who is uploading has done it, or it is tried again after the next start

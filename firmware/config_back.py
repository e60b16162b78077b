"""The way back from a configuration that passes every check, but needs more memory than there is:
who saved it on the page could not open the page to mend it.

config.try is there, empty, from the start on at which a new configuration is taken (config_new.py)
until it has run for two minutes; after a way back (App.no_memory) it has a word in it, until the
next one is taken. Loaded at a start at which it is there, and dropped.
"""

import asyncio
import os

from micropython import const

_TRIED_MS = const(120000)
_FLASH_SLOT_MS = const(150)

_FILE = "config.try"
_SENTENCE = (
    "The configuration that was saved last needs more memory than there is: the one before is "
    "used, and that one kept as config.bad. Leave out what is not needed (README, Memory)."
)


def begin():
    """At the start, when there is a config.try: returns None, or a sentence about the way back
    that was gone (App.no_memory), also if the power was cut on it."""
    try:
        if os.stat(_FILE)[6]:
            return _SENTENCE
        try:
            os.stat("config.json")
        except OSError:
            os.rename("config.bak", "config.json")
        try:
            os.stat("config.bak")
        except OSError:
            # It is config.json again, so the new one is config.bad.
            os.stat("config.bad")
            with open(_FILE, "w") as file:
                file.write("back\n")
            return _SENTENCE
    except OSError:
        pass  # there was none before, or the one who reads config.json tells
    return None


async def watch(app):
    """Task: notes, after a while, that a firmware.app.App runs with its new configuration."""
    await asyncio.sleep_ms(_TRIED_MS)
    await app.bus.slot(_FLASH_SLOT_MS, "flash")
    try:
        if not os.stat(_FILE)[6]:
            os.remove(_FILE)
    except OSError:
        pass

"""What `make check-board` wants to know before the firmware runs: interpreter, chip, flash,
memory, and the settings that a test depends on. Loaded by check.py and dropped."""

import gc
import os
import sys

import machine

from firmware import VERSION, check, settings


def tell_all(tell):
    """Tells each with `tell(key, value)`."""
    gc.collect()
    # Wi-Fi must not be touched: asking for its interface takes its memory.
    tell("before", [gc.mem_alloc(), gc.mem_free(), check.shared()])
    what = sys.implementation
    tell(
        "interpreter",
        [what[0], list(what[1])[:3], getattr(what, "_machine", ""), _build(), sys.platform],
    )
    tell("firmware", VERSION)
    tell("chip", [_of(machine, "freq"), _flash_bytes(), _of(machine, "reset_cause")])
    space = os.statvfs("/")
    tell("flash", [space[0] * space[2], space[0] * space[3]])
    tell("id", "".join([f"{byte:02x}" for byte in machine.unique_id()[-2:]]))
    for name in ("last_words.txt", "update.bad"):
        try:
            with open(name) as file:
                tell("words", [name, file.read(800)])
        except OSError:
            pass
    config, problems = settings.load()
    pins = config["board"]
    tell("pins", [[key, pins[key]] for key in pins])
    on = [bool(config["wifi"]["ssid"]), bool(config["mqtt"]["host"]), config["mqtt"]["tls"]]
    on += [len(config["sources"]), len(config["timetable"]), config["web"]["read"]]
    tell("settings", on)
    for problem in problems:
        tell("problem", problem)


def _build():
    """Version and date of the image, or ""."""
    try:
        return os.uname()[3]
    except AttributeError:
        return ""


def _flash_bytes():
    try:
        import esp

        return esp.flash_size()
    except (ImportError, AttributeError):
        return None


def _of(module, name):
    """What a function of the chip says, or None where there is none."""
    function = getattr(module, name, None)
    return function and function()

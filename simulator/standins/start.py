"""Run boot.py and then main.py from the current folder, as an ESP32 does at power-up.

If boot.py raises, main.py is not run. When main.py ends or raises, a real board sits at its prompt
for ever; here the process ends (0: main.py ended, 1: something raised) and the harness tells.
Writing a file takes as long as on the chip. TWC_STALLS: see stalls.py; TWC_MEMORY: see
tell_memory.py. TWC_MARK=1: says when main.py begins, in seconds of the epoch.
"""

import os
import sys

# MicroPython's table of names has room for 620, then for 1260. The firmware brings 900 or so; with
# these, the first 620 are there when the bus is.
_NAMES = 250


def _grow_names():
    """Lets the table of names grow while there is room for it in one piece. An ESP32 has hundreds
    of names in its image that are new here (tools/names_on_board.txt): its table does not grow."""
    for number in range(_NAMES):
        getattr(os, "%x" % (number + 256), None)


def run():
    if sys.path[0] == "":
        # Put there by the unix port before MICROPYPATH; the stand-ins come first.
        sys.path.pop(0)
    import slow_flash  # noqa: F401

    _grow_names()

    if os.getenv("TWC_STALLS"):
        import stalls

        stalls.install()
    if os.getenv("TWC_MEMORY"):
        import tell_memory

        tell_memory.install()
    scope = {"__name__": "__main__"}
    for name in ("boot.py", "main.py"):
        if name not in os.listdir():
            continue
        if name == "main.py" and os.getenv("TWC_MARK"):
            import time

            print("main.py begins", time.time())
        try:
            execfile(name, scope)
        except SystemExit:
            # On the chip this is what machine.soft_reset() raises.
            sys.exit(42)
        except BaseException as error:
            sys.print_exception(error)
            print("%s ended with an exception: a real board would sit at its prompt now." % name)
            sys.exit(1)


run()

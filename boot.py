# Runs first. Nothing here may fail: if boot.py raises, main.py is not run.
import sys

# Which boot.py and main.py these are. An update over the air brings neither: it says which it
# needs, and the board looks here (docs/update.md).
BOOT = 1

if sys.platform == "esp32":
    # What is built in is looked for on flash first, in three folders, nine accesses for each
    # module: time in which no heartbeat leaves. So it is taken while there are no folders.
    path = sys.path[:]
    sys.path[:] = [".frozen"]
    try:
        import asyncio, binascii, errno, hashlib, io, json, machine, network, os  # noqa
        import random, select, socket, time, tls  # noqa
    except ImportError:
        pass
    sys.path[:] = path
    del path
import os  # noqa: E402


def slots():
    # Power may fail between any two lines: each start goes on where the one before was cut.
    there = os.listdir()
    if "update.go" in there:
        # All of firmware.new was checked.
        if "firmware.new" in there:
            if "firmware" in there:
                os.rename("firmware", "firmware.old")
            os.rename("firmware.new", "firmware")
        os.rename("update.go", "update.try")
    elif "update.try" not in there:
        return
    # On trial: a version, and a digit for each start, why there was one. Only the new version
    # ends its trial. Until it has set up the watchdog, this one sees to a version that hangs.
    import machine

    try:
        machine.WDT(timeout=60000)
    except Exception:
        pass
    try:
        with open("update.try") as file:
            starts = file.read().split("\n")[-1].encode()
        with open("update.try", "a") as file:
            file.write(str(machine.reset_cause()))
        if sum([byte < 58 for byte in starts]) < 3:
            return
    except OSError:
        pass  # who can't count goes back
    there = os.listdir()
    if "firmware.old" in there:
        if "firmware" in there:
            os.rename("firmware", "firmware.bad")
        os.rename("firmware.old", "firmware")
    os.rename("update.try", "update.bad")


try:
    slots()
except Exception as error:
    sys.print_exception(error)
try:
    if "firmware" not in os.listdir():
        os.rename("firmware.old", "firmware")
except Exception as error:
    sys.print_exception(error)
del slots
# First, because most of what is imported is there.
sys.path.insert(0, "firmware/lib")

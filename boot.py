# Runs first. Nothing here may fail: if boot.py raises, main.py is not run.
import sys

if sys.platform == "esp32":
    # What is built in is looked for on flash first, in three folders, nine accesses for each
    # module: time in which no heartbeat leaves. So it is taken while there are no folders.
    path = sys.path[:]
    sys.path[:] = [".frozen"]
    try:
        import asyncio, errno, io, json, machine, network, os, random, select, socket, time  # noqa
    except ImportError:
        pass
    sys.path[:] = path
    del path
# First, because most of what is imported is there.
sys.path.insert(0, "firmware/lib")

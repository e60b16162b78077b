# Runs first. Nothing here may fail: if boot.py raises, main.py is not run.
import sys

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
# First, because most of what is imported is there.
sys.path.insert(0, "firmware/lib")

"""Short programs that run on the board, sent there by mpremote: see remote.program and in_pieces,
which put the lists in capitals before them. Paths are absolute."""

# The watchdog that the firmware starts outlives it, and would cut everything short; on the ESP32 a
# new time holds when it is made again: 11 days, as in firmware/last_words.py. A reset ends it.
DISARM = """
import machine
try:
    machine.WDT(timeout=1000000000)
except Exception:
    pass
"""

# Forgets how often the firmware failed: the new one is to be tried, not safe mode.
FORGET = """
import machine
try:
    machine.RTC().memory(b'')
except Exception:
    pass
"""

# Removes the files GONE, also if some have gone.
REMOVE = """
import os
for path in GONE:
    try:
        os.remove(path)
    except OSError as error:
        if error.errno != 2:
            raise
"""
# Removes the folders TREES with all that is in them, and EMPTY if they are; makes FOLDERS.
CLEAR = """
import os
def clear(folder):
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return
    for entry in entries:
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            clear(path)
        else:
            os.remove(path)
    os.rmdir(folder)
for path in TREES:
    clear(path)
for path in EMPTY:
    try:
        os.rmdir(path)
    except OSError:
        pass
for path in FOLDERS:
    try:
        os.mkdir(path)
    except OSError as error:
        if error.errno != 17:
            raise
"""
# Fails unless the files WANTED, pairs of path and digest (32 hex digits), are as they should be.
CHECK = """
import hashlib, binascii
buffer = bytearray(1024)
view = memoryview(buffer)
for path, wanted in WANTED:
    total = hashlib.sha256()
    with open(path, 'rb') as file:
        while True:
            count = file.readinto(buffer)
            if not count:
                break
            total.update(view[:count])
    if total.digest()[:16] != binascii.unhexlify(wanted):
        raise OSError('DAMAGED ' + path)
"""

"""Hashes a password, in slices between which the bus goes on, and keeps count of wrong ones.
Loaded when a password is tried or set, and dropped.
"""

import asyncio
import os
import time

from micropython import const

from firmware import forget

# A slice ends after the iteration in which so much time has passed. Within it memory may have to
# be collected, which takes another few ms on the ESP32: together less than 10 ms.
_SLICE_US = const(3000)
_SLICE_STEPS = const(100)  # and not more than that on a fast machine

# A new password is hashed for so long; a board is thought to manage more than the least.
_HASH_US = const(1000000)
_LEAST = const(500)
_MOST = const(20000)

_SALT_BYTES = const(16)

# After the n-th wrong try in a row an address waits 1, 2, 4, ... s. It is remembered for so long
# after that, and of so many addresses.
_LONGEST_PAUSE_S = const(60)
_REMEMBERED_MS = const(900000)
_MOST_ADDRESSES = const(8)

# The journal is told from the third one on, and then not again for so long.
_TOLD_FROM = const(3)
_TOLD_EVERY_MS = const(600000)


async def password(app, peer, tried):
    """None if `tried` (bytes) is the password, else why not: b"basic" or b"damaged". `app`: the
    firmware.app.App, of whose lock a wrong one is held against the address `peer`."""
    import slow_hash
    from firmware import lock_door, lock_file

    forget("firmware.lock_door")
    forget("firmware.lock_file")
    forget("slow_hash")
    lock = app.lock
    found = lock_file.load()
    if found is None:
        lock_file.broken(app)
        return b"damaged"
    try:
        _, result = await _hash(slow_hash, tried, found[1], found[0])
    except asyncio.CancelledError:
        # Who goes away, or is shown out, has tried as well.
        _note_wrong(app, peer)
        raise
    if not slow_hash.same(result, found[2]):
        _note_wrong(app, peer)
        return b"basic"
    lock.basic = lock_door.digest(lock, tried)
    return None


async def new(app, given, was):
    """Makes `given` (bytes) the password: writes lock.txt, in which the token stays. Returns
    whether it was done: not if there is one and none `was` there when the request came. Raises
    OSError if it can't be written: then nothing has changed."""
    import slow_hash
    from firmware import lock_door, lock_file

    forget("firmware.lock_door")
    forget("firmware.lock_file")
    forget("slow_hash")
    lock = app.lock
    while lock.busy:
        await asyncio.sleep_ms(20)
    if lock.closed != was:
        return False
    lock.busy = True
    try:
        salt = os.urandom(_SALT_BYTES)
        count, result = await _hash(slow_hash, given, salt, None)
        await app.bus.slot(150, "flash")
        found = lock_file.load()
        lock_file.save(count, salt, result, found[3] if found else b"")
        lock.closed = True
        lock.sessions.clear()
        lock.basic = lock_door.digest(lock, given)
    finally:
        lock.busy = False
    return True


async def _hash(slow_hash, password, salt, count):
    """(iterations, 32 bytes): so many of them, or as many as fit into _HASH_US."""
    steps = slow_hash.steps(password, salt)
    done = spent_us = 0
    while True:
        start_us = time.ticks_us()
        for _ in range(min(_SLICE_STEPS, (count or _MOST) - done)):
            result = next(steps)
            done += 1
            if time.ticks_diff(time.ticks_us(), start_us) >= _SLICE_US:
                break
        spent_us += time.ticks_diff(time.ticks_us(), start_us)
        if done >= (count or (_LEAST if spent_us >= _HASH_US else _MOST)):
            return done, slow_hash.as_bytes(result)
        await asyncio.sleep_ms(1)


def _note_wrong(app, peer):
    lock = app.lock
    now_ms = app.clock.ms()
    wrong = [entry for entry in lock.wrong if now_ms - entry[2] < _REMEMBERED_MS]
    count = 0
    for entry in wrong:
        if entry[0] == peer:
            count = entry[1]
            wrong.remove(entry)
            break
    else:
        if len(wrong) >= _MOST_ADDRESSES:
            # Who comes with ever new addresses gains nothing: the pauses go on growing.
            first = wrong[0]
            for entry in wrong:
                if entry[2] < first[2]:
                    first = entry
            count = first[1]
            wrong.remove(first)
    count += 1
    pause_s = min(_LONGEST_PAUSE_S, 1 << min(count - 1, 6))
    wrong.append((peer, count, now_ms + 1000 * pause_s))
    lock.wrong = wrong
    if count >= _TOLD_FROM and (lock.told_ms is None or now_ms - lock.told_ms >= _TOLD_EVERY_MS):
        lock.told_ms = now_ms
        app.journal.tell("warning", f"{count} wrong passwords in a row from {peer}.")

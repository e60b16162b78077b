"""Who is let in: by the cookie of a session, by a token, or by a password. Loaded with the first
request that changes something, or looks where that needs a password; dropped with the page.
"""

import asyncio
from binascii import a2b_base64
from hashlib import sha256

from micropython import const

from firmware import forget

_UNUSED_S = const(2592000)  # a session that nobody used for 30 days has ended
_IMPORT_SLOT_MS = const(150)
_ROOM_MS = const(5000)

# What is asked of the lock itself needs a password of its own, or none.
_OWN = b" /api/login /api/logout /api/password "


async def refusal(app, request, writes):
    """What lock.refusal gives, where it asks for a password. `app`: the firmware.app.App."""
    lock = app.lock
    if writes and b" " + request.path + b" " in _OWN:
        # Whoever has to wait is told so before more is read and loaded for him.
        return None if request.path == b"/api/logout" else _wait(app, request.peer)
    if not lock.closed:
        return refuse(b"none")
    by = known(app, request)
    if by == 2 or by and (request.page or not writes):
        return None
    kind, _, secret = request.authorization.strip().partition(b" ")
    kind = kind.lower()
    if by:
        kind = b"cookie"
    elif kind == b"basic":
        try:
            # Any user name will do; a password may have colons.
            secret = a2b_base64(secret.strip()).partition(b":")[2]
        except ValueError:
            secret = b""
        return await try_password(app, request.peer, secret, True)
    elif lock.damaged:
        kind = b"damaged"
    return refuse(kind)


def digest(lock, secret):
    """What stands for a secret (bytes) in memory. Keyed with what nobody knows, so that the time
    of comparing two of them tells nothing about the secret."""
    return sha256(lock.key + secret).digest()


def known(app, request):
    """What lets a request in without a password: 0: nothing, 1: the cookie of a session, 2: the
    token."""
    lock = app.lock
    kind, _, secret = request.authorization.strip().partition(b" ")
    if lock.token and kind.lower() == b"bearer":
        if digest(lock, sha256(secret.strip()).digest()) == lock.token:
            return 2
    now_s = app.clock.ms() // 1000
    for cookie in cookies(lock, request):
        if cookie in lock.sessions:
            if now_s - lock.sessions[cookie] <= _UNUSED_S:
                lock.sessions[cookie] = now_s
                return 1
            del lock.sessions[cookie]
    return 0


def cookies(lock, request):
    """The digests of all that a request calls its session."""
    parts = [part.strip().partition(b"=") for part in request.cookie.split(b";")]
    return [digest(lock, part[2]) for part in parts if part[0] == b"twc"]


async def try_password(app, peer, password, alone=False):
    """None if it (bytes) is the password, else what refusal() gives. `peer`: address of who
    tries; after a wrong one it has to wait. One is hashed at a time. `alone`: nobody has made
    room for that yet, nor is this a visitor for whom others wait."""
    lock = app.lock
    while True:
        why = _wait(app, peer)
        if why:
            return why
        # Not before: who has to wait must not find out whether he guessed right.
        if lock.basic and digest(lock, password) == lock.basic:
            return None
        if not lock.busy:
            break
        await asyncio.sleep_ms(20)
    lock.busy = True
    app.moving += 1
    try:
        if alone:
            await app.room(_ROOM_MS)
        await app.bus.slot(_IMPORT_SLOT_MS, "page")
        from firmware import lock_try

        forget("firmware.lock_try")
        kind = await lock_try.password(app, peer, password)
    except MemoryError:
        kind = b"memory"
    finally:
        app.moving -= 1
        lock.busy = False
    return kind and refuse(kind)


def _wait(app, peer):
    for entry in app.lock.wrong:
        wait_ms = entry[2] - app.clock.ms()
        if entry[0] == peer and wait_ms > 0:
            return refuse(b"wait", wait_ms)
    return None


def refuse(kind, wait_ms=0):
    """(status line, sentence, bytes of header lines) of a refusal: see lock_refused.py."""
    from firmware import lock_refused

    forget("firmware.lock_refused")
    return lock_refused.said(kind, wait_ms)

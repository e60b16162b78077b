"""What is asked of the lock: POST /api/login, /api/logout, /api/password and /api/token. Loaded
for each, and dropped.

Each takes and gives a JSON object:

- /api/login {"password": text} -> {"in": true} and the cookie of a session, which ends with
  /api/logout {} -> {"in": false}, with a new password, or after 30 days without use;
- /api/password {"password": text, "old": text} sets the first password, or changes it ("old"),
  ends all sessions, and begins one for whoever did it;
- /api/token {} -> {"token": text}, a new one in place of any earlier; it is told only here;
  {"remove": true} -> {"token": null}. The request has been let in by lock.refusal() before.
"""

import json
import os
from binascii import hexlify
from hashlib import sha256

from micropython import const

from firmware import forget, lock_door

forget("firmware.lock_door")

_LEAST = const(8)
_MOST = const(64)
_MOST_SESSIONS = const(4)
_SECRET_BYTES = const(16)


async def post(app, request):
    """Carries one out: returns (status line, JSON text, bytes of further header lines)."""
    lock = app.lock
    if request.path == b"/api/logout":
        for digest in lock_door.cookies(lock, request):
            lock.sessions.pop(digest, None)
        return _done({"in": False}, _cookie(b"", b"0"))
    try:
        given = json.loads(str(request.body, "utf-8")) if request.body else {}
    except (ValueError, UnicodeError):
        given = None
    if not isinstance(given, dict):
        return _wrong("400 Bad Request", "Write a JSON object.")
    if lock.off:
        return _wrong("409 Conflict", 'web.lock is "off": nobody is asked for a password here.')
    if lock.damaged:
        return _refused(lock_door.refuse(b"damaged"))
    if request.path == b"/api/token":
        return await _token(app, given)
    password = given.get("password")
    if not isinstance(password, str):
        return _wrong("400 Bad Request", "password: write it as text.")
    if request.path == b"/api/login":
        if not lock.closed:
            return _refused(lock_door.refuse(b"none"))
        why = await lock_door.try_password(app, request.peer, password.encode())
        if why:
            return _refused(why)
        return _begun(app, request)
    return await _password(app, request, password, given.get("old"))


async def _password(app, request, password, old):
    lock = app.lock
    if not _LEAST <= len(password) <= _MOST:
        return _wrong("400 Bad Request", f"password: {_LEAST} to {_MOST} characters.")
    was = lock.closed
    if was:
        if not isinstance(old, str):
            return _wrong("403 Forbidden", "old: the password until now is needed as well.")
        why = await lock_door.try_password(app, request.peer, old.encode())
        if why:
            return _refused(why)
    from firmware import lock_try

    forget("firmware.lock_try")
    try:
        if not await lock_try.new(app, password.encode(), was):
            return _wrong("409 Conflict", "Somebody has set a password meanwhile.")
    except OSError as error:
        return _full(error)
    app.journal.tell("info", f"A new password was set, from {request.peer}.")
    return _begun(app, request)


async def _token(app, given):
    remove = given.get("remove", False)
    if remove is not True and remove is not False:
        return _wrong("400 Bad Request", "remove: write true or false.")
    from firmware import lock_file

    forget("firmware.lock_file")
    lock = app.lock
    token = digest = b""
    if not remove:
        token = hexlify(os.urandom(_SECRET_BYTES))
        digest = sha256(token).digest()
    await app.bus.slot(150, "flash")
    found = lock_file.load()
    if found is None:
        lock_file.broken(app)
        return _refused(lock_door.refuse(b"damaged"))
    try:
        lock_file.save(found[0], found[1], found[2], digest)
    except OSError as error:
        return _full(error)
    lock_file.remember_token(lock, digest)
    return _done({"token": None if remove else str(token, "utf-8")})


def _begun(app, request):
    """A new session; at most so many, the one that was not used for longest goes."""
    lock = app.lock
    # Not when Basic is right: a script that asks all day would forgive a guesser beside it.
    lock.wrong = [entry for entry in lock.wrong if entry[0] != request.peer]
    while len(lock.sessions) >= _MOST_SESSIONS:
        oldest = None
        for digest in lock.sessions:
            if oldest is None or lock.sessions[digest] < lock.sessions[oldest]:
                oldest = digest
        del lock.sessions[oldest]
    secret = hexlify(os.urandom(_SECRET_BYTES))
    lock.sessions[lock_door.digest(lock, secret)] = app.clock.ms() // 1000
    return _done({"in": True}, _cookie(secret, b"2592000"))


def _cookie(secret, age_s):
    """Not for scripts of a page, not for requests from elsewhere. No "Secure": this is HTTP."""
    return (
        b"\r\nSet-Cookie: twc=" + secret + b"; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + age_s
    )


def _done(answer, more=b""):
    return "200 OK", json.dumps(answer), more


def _wrong(status, sentence):
    return status, json.dumps({"error": sentence}), b""


def _refused(why):
    return why[0], json.dumps({"error": why[1]}), why[2]


def _full(error):
    sentence = f"lock.txt can not be written ({error}): is the flash full? Nothing has changed."
    return _wrong("500 Internal Server Error", sentence)

"""The lock on the door: who may change something over HTTP, and who may look.

Only what has to be remembered stays in memory, here, set up by lock_file.begin(). Who is let in
finds lock_door.py, passwords are checked in lock_try.py, sentences of refusals stand in
lock_refused.py, and what is asked of the lock itself (a password, a session, a token) is done in
lock_asked.py: all of them are loaded when needed, and dropped.
"""

app = None  # the firmware.app.App

# Until it is set up it lets nobody in.
off = False  # web.lock says so
guarded = True  # looking needs a password, too: web.read
closed = True  # there is a password
damaged = False  # lock.txt can't be read, so no password lets anybody in
busy = False  # a password is being hashed

key = b""  # of the digests, which lock_door.digest() makes
sessions = ()  # {digest of a cookie: when it was last used, in s}
token = None  # the digest of the token's hash
basic = None  # the digest of a password that was right

# (address, how many wrong tries in a row, until when in ms it has to wait) of several.
wrong = ()
told_ms = None  # when the journal was told of wrong tries


async def refusal(request, writes):
    """None if a firmware.request.Request may be answered, else (status line, sentence, bytes of
    further header lines). `writes`: whether it may change something."""
    if off or not (writes or guarded and closed):
        return None
    await app.before_import("firmware.lock_door")
    from firmware import forget, lock_door

    if not guarded:
        # Else it is needed each second.
        forget("firmware.lock_door")
    return await lock_door.refusal(app, request, writes)

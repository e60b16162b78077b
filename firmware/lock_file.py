"""lock.txt on the board's flash: what a password and a token are recognized by. Neither stands
there itself. Loaded when it is read or written, and dropped.

One line of six words: a version, the iterations of PBKDF2, its salt and its result in hex digits,
the SHA-256 of the token in hex digits or "-", and the first four bytes of the SHA-256 of all that,
by which damage is noticed.
"""

import os
from binascii import hexlify, unhexlify
from hashlib import sha256

_ABSENT = 2  # ENOENT


def begin(app, path="lock.txt"):
    """Gives a firmware.app.App its lock, as its `config` and the file say. No file: there is no
    password yet. One that is damaged locks, and the journal and the app's problems say so."""
    from firmware import lock

    app.lock = lock
    lock.app = app
    lock.off = app.config["web"]["lock"] == "off"
    lock.guarded = app.config["web"]["read"] == "password"
    lock.key = os.urandom(16)
    lock.sessions = {}
    lock.closed = True
    try:
        os.stat(path)
    except OSError as error:
        # Anything but "no such file" is no reason to open.
        if error.errno == _ABSENT:
            lock.closed = False
            return
    found = load(path)
    if found is None:
        broken(app)
    elif found[3]:
        remember_token(lock, found[3])


def remember_token(lock, token):
    """Has firmware.lock let in whoever sends the token with this SHA-256 (bytes; b"": no
    token)."""
    lock.token = sha256(lock.key + token).digest() if token else None  # as lock_door.digest does


def broken(app):
    """Notes that lock.txt can't be read."""
    from firmware import forget, lock_refused

    forget("firmware.lock_refused")
    sentence = lock_refused.damaged()
    if not app.lock.damaged:
        app.lock.damaged = True
        app.problems.append(sentence)
        app.journal.tell("warning", sentence)


def load(path="lock.txt"):
    """(iterations, salt, result, SHA-256 of the token or b""), or None: it can't be used."""
    try:
        with open(path, "rb") as file:
            text = file.read(300)
        text, _, check = text.strip().rpartition(b" ")
        version, count, salt, result, token = text.split(b" ")
        salt, result = unhexlify(salt), unhexlify(result)
        token = b"" if token == b"-" else unhexlify(token)
        count = int(count)
        if (
            check != _check(text)
            or version != b"1"
            or count < 1
            or len(result) != 32
            or len(token) not in (0, 32)
        ):
            return None
        return count, salt, result, token
    except (OSError, ValueError):
        return None


def save(count, salt, result, token, path="lock.txt"):
    """Writes what load gives: whole or not at all. Raises OSError if flash is full or damaged."""
    words = b"1", str(count).encode(), hexlify(salt), hexlify(result), hexlify(token) or b"-"
    text = b" ".join(words)
    from firmware import forget, whole

    forget("firmware.whole")
    whole.write(path, (text + b" " + _check(text) + b"\n",))


def _check(text):
    return hexlify(sha256(text).digest()[:4])

"""What somebody is told whom the lock does not let in. Loaded for each refusal, and dropped.

Nothing here says whether a user name or a password was wrong, or how near it was.
"""

# No "Basic" here: the browser would ask with a dialog of its own, and remember the password.
_WHO = b"\r\nWWW-Authenticate: Bearer"


def said(kind, wait_ms=0):
    """(status line, sentence, bytes of header lines) for what lock.py calls `kind`, or for any
    scheme of Authorization that let nobody in; `wait_ms`: until the next try."""
    if kind == b"none":
        return (
            "403 Forbidden",
            "Set a password first: on the page, or with POST /api/password.",
            b"",
        )
    if kind == b"damaged":
        return "403 Forbidden", damaged(), b""
    if kind == b"cookie":
        return (
            "403 Forbidden",
            "What is asked with a session's cookie needs the header X-TWC: 1 as well.",
            b"",
        )
    if kind == b"wait":
        wait_s = (wait_ms + 999) // 1000
        return (
            "429 Too Many Requests",
            f"Too many wrong tries: wait {wait_s} s.",
            f"\r\nRetry-After: {wait_s}".encode(),
        )
    if kind == b"memory":
        return "503 Service Unavailable", "There is no memory for this now: try again.", b""
    if kind == b"basic":
        return "401 Unauthorized", "Not let in: wrong user name or password.", _WHO
    if kind == b"bearer":
        return "401 Unauthorized", "Not let in: this is not the token.", _WHO
    return (
        "401 Unauthorized",
        "A password is needed: log in on the page, or send it as Basic, or a token as Bearer.",
        _WHO,
    )


def damaged():
    """What is wrong if lock.txt can't be read, and how to mend it."""
    return (
        "lock.txt is damaged, so nobody can log in. Remove it with: mpremote rm :lock.txt; "
        "restart, and set a password again."
    )

"""GET /api/access: whether there is a password, and whether the asker is let in. Loaded for such
a request, and dropped."""

from firmware import forget, lock_door

forget("firmware.lock_door")


def pieces(app, request):
    """The document in pieces of text: {"lock": "off", "none" (no password has been set yet) or
    "set", "read": what web.read says, "in": whether the asker may change something (Basic is not
    looked at: that takes a hash), "token": whether there is one}."""
    lock = app.lock
    state = "off" if lock.off else "set" if lock.closed else "none"
    yield f'{{"lock":"{state}","read":"'
    yield "password" if lock.guarded else "open"
    inside = lock.off or lock.closed and lock_door.known(app, request)
    yield '","in":' + ("true" if inside else "false")
    yield ',"token":' + ("true" if lock.token else "false") + "}"

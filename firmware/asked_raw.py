"""A raw frame that somebody wants to send, see twc/raw.py. Loaded by asked.py for such a message,
and dropped."""

from firmware import forget


def send(app, payload):
    """Queues a frame; returns a sentence why not, or None."""
    if not app.config["bus"]["raw"]:
        return "Raw frames are switched off: bus.raw is false in config.json."
    from twc import raw

    linked = [slave.id for slave in app.master.slaves]
    body, why = raw.parse(payload, app.master.own_id, linked, app.settings.contactors)
    del raw
    forget("twc.raw")
    if why:
        return why
    if not app.bus.ask(body):
        return "Too many frames are waiting: send the next one in some seconds."
    app.raw_code = 0xFD00 | body[1]
    return None

"""What people and machines ask for over MQTT. Loaded for each such message, and dropped."""

from firmware import forget


def command(app, name, payload, retained):
    """Carries out one of app.COMMANDS ("mode", `Fast`; see charging.commands) or "raw", for the
    firmware.app.App; `payload`: bytes. What is wrong with it is told."""
    if name == "raw":
        # The answer to a raw frame comes on a topic of its own.
        if not retained:
            app.raw_answer = _send(app, payload)
        return
    why = "a retained command is not carried out: send it without the retain flag"
    if not retained:
        try:
            why = _carry_out(app.decisions, name, str(payload, "utf-8"), app.clock.ms())
        except UnicodeError:
            why = "bytes that are no text"
    if why:
        app.journal.tell("warning", f"{name}/set: {why}")


def _carry_out(decisions, name, words, now_ms):
    from charging import commands

    zone = utc_s = None
    if decisions.conditions:
        zone, utc_s = decisions.conditions.zone, decisions.conditions.utc_s()
    why = commands.command(decisions.plan, name, words, now_ms, zone, utc_s)
    del commands
    forget("charging.commands")
    forget("written")
    decisions.decide(now_ms)
    return why


def _send(app, payload):
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

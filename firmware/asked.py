"""What people and machines ask for over MQTT. Loaded for each such message, and dropped."""

from firmware import forget

# What is asked of the bridge itself.
_BRIDGE = " restart relink forget latest "

# What is loaded for a command, and dropped again.
_LOADED = "charging.commands charging.say_modes charging.say_boost charging.say_limits "
_LOADED += "charging.sent_at written firmware.asked_bridge"


def command(app, name, payload, retained):
    """Carries out a command: "mode", "2433/limit" (see charging.commands), one of those above
    (see asked_bridge.py) or "raw", for the firmware.app.App; `payload`: bytes. What is wrong with
    it is told, and in any case the state as it is then."""
    if name == "raw":
        # The answer to a raw frame comes on a topic of its own.
        from firmware import asked_raw

        why = None if retained else asked_raw.send(app, payload)
        del asked_raw
        forget("firmware.asked_raw")
        if why:
            app.answer("raw", why)
        return
    why = "a retained command is not carried out: send it without the retain flag"
    # The newest version starts nothing, and is not asked for.
    if not retained or name == "latest":
        try:
            why = carry_out(app, name, str(payload, "utf-8"))
        except UnicodeError:
            why = "bytes that are no text"
    if why:
        app.refuse(name, why)
    if app.report:
        app.report.again(name)


def carry_out(app, name, words):
    """Carries out a command that is neither "raw" nor retained; `words`: text. Returns None, or a
    sentence why not."""
    from charging import commands

    decisions, now_ms = app.decisions, app.clock.ms()
    zone = utc_s = None
    if decisions.conditions:
        zone, utc_s = decisions.conditions.zone, decisions.conditions.utc_s()
    if f" {name} " in _BRIDGE:
        from firmware import asked_bridge

        why = asked_bridge.command(app, name, words.strip(), now_ms, utc_s)
        del asked_bridge
    else:
        why = commands.command(decisions.plan, name, words, now_ms, zone, utc_s)
    del commands
    for module in _LOADED.split(" "):
        forget(module)
    # At once: else the unit whose heartbeat comes first would give way for all.
    decisions.decide(now_ms)
    return why

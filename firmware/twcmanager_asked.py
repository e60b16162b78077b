"""Carries out what a client of TWCManager asks for. Loaded for each command, and dropped."""

from firmware import forget, make_room


def ask(app, name, given):
    """None, or a sentence why that can't be had here; raises ValueError with a sentence on what is
    wrong with `given`: see charging.say_twcmanager.meaning(). `app`: the firmware.app.App."""
    make_room()
    from charging import say_twcmanager

    decisions = app.decisions
    timetable = decisions.conditions and decisions.conditions.timetable
    windows = timetable.windows if timetable else ()
    try:
        command, words = say_twcmanager.meaning(decisions.plan, name, given, windows)
    finally:
        # One after the other: there is no room for both.
        del say_twcmanager
        forget("charging.say_twcmanager")
        forget("written")
    if command is None:
        return words
    from charging import commands

    now_ms = app.clock.ms()
    why = commands.command(decisions.plan, command, words, now_ms)
    del commands
    for module in (
        "charging.commands",
        "charging.say_modes",
        "charging.say_boost",
        "charging.say_limits",
        "written",
    ):
        forget(module)
    # At once: else the unit whose heartbeat comes first would give way for all.
    decisions.decide(now_ms)
    return why

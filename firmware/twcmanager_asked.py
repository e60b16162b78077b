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
    from firmware import asked

    forget("firmware.asked")
    return asked.carry_out(app, command, words)

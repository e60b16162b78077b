"""What is asked of the bridge itself: a new start, new links, to forget a wall connector, and what
the newest version is. Loaded by asked.py for such a message, and dropped."""

from micropython import const

import text
from charging.commands import check_blind, no_unit, only, opened, sentence
from charging.relay import FREE

# Who asks for a new start again and again would keep the cars from charging.
_RESTED_MS = const(60000)

_LONGEST = const(32)  # of a version


def command(app, name, words, now_ms, utc_s):
    """Carries out "restart", "relink", "forget" or "latest"; `words`: text as it came, without
    spaces around. Returns None, or a sentence why not."""
    if name == "latest":
        return _latest(app, words)
    try:
        given, blind = opened(words, utc_s)
        check_blind(blind)
        if name == "forget":
            _forget(app, given, now_ms)
        elif name == "relink":
            if app.master.relink(now_ms):
                app.journal.tell("info", "Link ready again, as asked for.")
        elif now_ms < _RESTED_MS:
            left = text.remaining(_RESTED_MS - now_ms)
            return f"it has just started: a new start may be asked for in {left}."
        elif str(given).lower() == "safe":
            app.restart("Restart in safe mode, as asked for.", 4)
        else:
            app.restart()
    except ValueError as error:
        return sentence(name, error)
    return None


def _latest(app, words):
    data = words.encode()
    if len(data) > _LONGEST or any([not 32 <= byte < 127 for byte in data]):
        return f"latest is no version: write up to {_LONGEST} letters and digits, such as 1.2.0."
    app.latest = words or None
    return None


def _forget(app, given, now_ms):
    """Forgets a wall connector that is gone: relay times, energy, and what was said of it. The
    gate has books of its own, and keeps them until their time is over."""
    if isinstance(given, dict):
        only(given, "unit")
        given = str(given.get("unit"))
    unit_id = given.upper()
    decisions = app.decisions
    units, plan = decisions.kept
    unit = decisions.find(unit_id)
    if unit is None and unit_id not in units:
        raise no_unit(decisions.plan, unit_id)
    if app.master.find(unit_id) or unit and unit.ready:
        raise ValueError(
            f"is for what is gone, but {unit_id} is linked: unplug it half a minute before"
        )
    if unit:
        if unit.relay.memory(now_ms) != FREE:
            # Else it would come back as one that may start at once.
            left = text.remaining(unit.relay.start_in_ms(now_ms))
            raise ValueError(
                f"comes too early: {unit_id} has its minimum off time before it, ask in {left}"
            )
        decisions.units.remove(unit)
    for known in (decisions.remembered, decisions.plan.known):
        if known:
            known.pop(unit_id, None)
    if decisions.plan.said:
        decisions.plan.said.entries.pop(unit_id, None)
    if decisions.plan.limits:
        decisions.plan.limits.set(unit_id, None, None)
    # Without a plan it is another one than is remembered, and so it is written.
    decisions.kept = {known: units[known] for known in units if known != unit_id}, None
    app.forgotten.append(unit_id)
    app.journal.tell("info", f"{unit_id} is forgotten.")

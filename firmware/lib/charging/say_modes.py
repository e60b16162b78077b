"""Mode and Manual: from what people send to the plan. Loaded by commands.py."""

from micropython import const

from charging.commands import (
    after,
    check_blind,
    hurry,
    only,
    seconds_of,
    spoken,
)
from charging.commands import (
    amps as _amps,
)
from charging.wishes import NAMES
from written import shown

_MOST_AMPS = const(80)  # of one unit
_FIRST_AMPS = const(6)  # of Manual without any, for the first time

_MODES = {"solar+minimum": "minimum"}


def say(plan, word, given, now_ms, blind):
    """Carries out "mode" or "manual", see commands.command. Raises ValueError with the end of a
    sentence."""
    if word == "manual":
        if not isinstance(given, dict):
            given = {"amps": given}
        only(given, "amps seconds then")
        given["amps"] = _amps(given.get("amps"), _MOST_AMPS)
        given["mode"] = "manual"
    _mode(plan, given, now_ms, blind)


def _mode_of(word):
    if not isinstance(word, str):
        return None
    word = word.lower().replace(" ", "")
    word = _MODES.get(word, word)
    return word if word in NAMES else None


def _mode(plan, given, now_ms, blind):
    if isinstance(given, dict):
        only(given, "mode amps seconds then")
    else:
        words = given.lower().replace(" ", "")
        given = {"mode": given}
        if words.startswith("manual") and len(words) > len("manual"):
            given = {"mode": "manual", "amps": words[len("manual") :]}
    word = given.get("mode")
    mode = _mode_of(word)
    if mode is None:
        raise ValueError(f"is {shown(word)}: write off, solar, solar + minimum, fast or manual 16")
    then = given.get("then")
    if then is not None:
        then = _mode_of(then)
        if then not in ("off", "solar", "minimum"):
            raise ValueError(
                f"has then {shown(given['then'])}: write off, solar or solar + minimum"
            )
    amps = given.get("amps")
    if mode == "manual":
        if amps is not None:
            amps = _amps(amps, _MOST_AMPS)
        else:
            amps = plan.amps
            if plan.mode != "manual":
                amps = amps or _FIRST_AMPS
    elif amps is not None:
        raise ValueError(f"{mode} has no amperes: write manual 16, or leave them out")
    seconds = seconds_of(given)
    if mode != "off" or seconds is not None:
        check_blind(blind)
    choose(plan, mode, amps, seconds, then, now_ms)


# What it does to the plan.


def choose(plan, mode, amps, seconds, then, now_ms):
    """Takes a mode. `amps`: of "manual"; `seconds`: after which it ends, or None; `then`: "off",
    "solar" or "minimum", what follows, or None: what was before. Said again it only lasts
    longer."""
    before = plan.mode
    if then is not None:
        plan.then = then
    elif mode != before:
        if mode == "manual":
            plan.then = plan.manual_then
        elif before in ("off", "solar", "minimum") and plan.until_ms is None:
            plan.then = before
    if mode == "manual" and seconds is None and plan.manual_ms:
        plan.until_ms = now_ms + plan.manual_ms
    else:
        plan.until_ms = after(now_ms, seconds)
    if mode == "manual":
        if mode != before:
            plan.kept_amps = amps
        if amps > plan.amps:
            plan.steady_ms = now_ms
        plan.amps = amps
    plan.mode = mode
    plan.chosen = True
    spoken(plan)
    if mode != before or mode == "off" and plan.boosted:
        plan.boosted = None
        hurry(plan, now_ms)
        plan.tell("info", f"Mode {NAMES[mode]}.")

"""Why each unit gets what it gets, in one sentence with numbers: made where it is decided.

Only surplus.py calls this, once a second, after it has decided.
"""

from micropython import const

import text
from charging.share import by_sun_of, free_amps, taken

_DRAWING_CA = const(100)
_ASKED_MIN = const(15)
_SOLAR = "mode Solar"
# What goes on changing is told in steps: each is a message to everyone who listens.
_STEP_WH = const(5)
_STEP_WATTS = const(100)


def explain(law, unit, watts, without, ready, opens_in_ms, now_ms):
    """Sets `state` and `reason` of a unit. `watts`: what there is for it, or None; the rest as
    Law.decide has it."""
    if not unit.ready:
        unit.state = "no_connector"
        unit.reason = "No answer from this wall connector."
    elif unit.fault:
        unit.state = "fault"
        unit.reason = unit.fault
    elif unit.amps:
        _explain_on(law, unit, watts, without, ready, now_ms)
    elif unit.draw_ca >= _DRAWING_CA:
        unit.state = "charging"
        unit.reason = f"Stopping: still draws {unit.draw_ca / 100:.1f} A{_because(law, unit)}."
    else:
        by_sun = unit.mode == "solar"
        unit.state = without[0] if by_sun and watts is None else "waiting"
        if unit.is_off():
            unit.state = "off"
        unit.reason = _why_off(law, unit, watts, without[1], opens_in_ms, now_ms)
    if unit.mode == "solar" and unit.ready and not unit.fault and unit.words not in ("", _SOLAR):
        # Who wants it to go by the sun, if it is not just the mode: a timetable, a price.
        unit.reason = f"{unit.reason[:-1]}; {unit.words}."


def sum_up(law, watts, ready):
    """Sets `state` and `reason` of the whole: what runs explains it, else the unit that is
    closest to a start."""
    if not ready:
        law.state = "no_connector"
        law.reason = (
            "No wall connector answers on the bus: check its power, the wires A and B, "
            "and that its rotary switch is on F."
        )
        return
    running = [unit for unit in ready if unit.amps]
    if len(running) < 2:
        unit = running[0] if running else ready[0]
        for other in ready:
            if not running and ", starts in" in other.reason:
                unit = other
        law.state, law.reason = unit.state, unit.reason
        return
    offered = least = 0
    for last in running:
        offered += last.offer_amps
        least += last.minimum_amps
    what = f"{len(running)} cars are offered {offered} A"
    law.state = last.state
    if last.state != "charging" and offered == least:
        law.reason = f"{what}, their minimum. {last.reason}"
    elif last.state == "charging" and last.mode == "solar":
        law.reason = f"{what}: {text.watts(watts)} of surplus."
    else:
        law.reason = f"{what}. {last.reason}"


def _explain_on(law, unit, watts, without, ready, now_ms):
    by_sun = unit.mode == "solar"
    enough = not by_sun or watts is None or watts >= law.enough_watts(unit)
    if unit.is_off():
        unit.state = "minimum"
        stop_in_ms = unit.relay.stop_in_ms(now_ms, unit.urgent)
        why = "60 s on at least" if unit.urgent else "minimum on time"
        words = f"{_because(law, unit)}; stops in {text.remaining(stop_in_ms)} ({why})"
    elif by_sun and watts is None:
        unit.state = without[0]
        words = f": {without[1]}"
        if not law.stay:
            stop_in_ms = unit.relay.stop_in_ms(now_ms)
            words += f"; stops in {text.remaining(stop_in_ms)} (minimum on time)"
    else:
        stops = _stops(law, unit, ready, now_ms) if by_sun and watts is not None else None
        if enough and stops is None:
            unit.state = "charging"
            unit.reason = _charging(law, unit, watts, now_ms)
            return
        unit.state = "minimum"
        if stops is None:
            stops = "goes on when another car has stopped"
        words = f": {_of(law, watts, unit)}, {stops}"
    silent = "" if unit.draw_ca >= _DRAWING_CA or not unit.offer_amps else _silent(unit, now_ms)
    unit.reason = f"At the minimum of {unit.minimum_amps} A{words}{silent}."


def _stops(law, unit, ready, now_ms):
    """When a unit is stopped if the surplus stays as it is, and what for; None: it is not. It
    goes as Law.decide will: whoever lacks surplus stops, the last one first, or the one before
    it whose relay may; then the others have what is left, and the import budget anew."""
    trend = law.trend
    on = by_sun_of(ready)
    fixed = taken(on[0], ready)
    used_wh = trend.used_wh
    at_ms = trend.weighed_ms
    others = ""
    while on:
        last = on[-1]
        before = fixed
        for other in on:
            if other is not last:
                before += other.needs_watts()
        needs = before + law.enough_watts(last)
        if law.watts >= needs:
            return None
        mean_ms = trend.below_ms(law.watts, needs)
        spent_ms = trend.spent_ms(needs - law.watts, used_wh, at_ms)
        wanted_ms = max(at_ms, mean_ms, spent_ms)
        free_ms = [other.relay.stop_in_ms(now_ms) + now_ms for other in on]
        reads_ms = trend.reads_ms(max(wanted_ms, min(free_ms)), now_ms)
        index = len(on) - 1
        while free_ms[index] > reads_ms:
            index -= 1
        if on[index] is unit:
            break
        del on[index]
        used_wh = 0
        at_ms = reads_ms
        others = "after another car, "
    if unit is not last:
        why = "for a car whose minimum on time is not over"
    elif free_ms[-1] > max(now_ms, wanted_ms):
        why = "minimum on time"
    else:
        used = min(trend.budget_wh, int(used_wh) // _STEP_WH * _STEP_WH)
        why = f"{used} of {trend.budget_wh} Wh import used"
        if mean_ms > spent_ms:
            mean = -int((before - trend.mean) // _STEP_WATTS) * _STEP_WATTS
            why = f"mean still {text.watts(mean)}, {why}"
    return f"stops in {text.remaining(reads_ms - now_ms)} unless it returns ({others}{why})"


def _charging(law, unit, watts, now_ms):
    """The sentence of one that charges, or is about to."""
    by_sun = unit.mode == "solar"
    told = "" if by_sun else unit.words
    if (by_sun or unit.mode == "minimum") and watts is not None:
        told = (told + ", " if told else "") + f"{text.watts(watts // 1)} of surplus"
        if by_sun and watts < unit.needs_watts():
            told += f", the rest of {text.watts(unit.needs_watts())} from the grid"
            told += f" (up to {_percent(law)} of the minimum)"
    if not unit.offer_amps:
        return f"Starting at {unit.amps} A: {told}."
    going = f", going to {unit.amps} A" if unit.offer_amps != unit.amps else ""
    if law.held and unit.offer_amps < unit.amps:
        going = f", not raised: {law.held}"
    most = ""
    if unit.amps >= unit.most_amps():
        if unit.amps == unit.maximum_amps:
            most = ", the most allowed"
        elif unit.limit_words:
            most = f" ({unit.limit_words})"
    elif _room_words(law, unit) and free_amps(law.rest, unit) < 1:
        most = f" ({_room_words(law, unit)})"
    if unit.draw_ca >= _DRAWING_CA:
        return f"Charging at {unit.offer_amps} A{going}{most}: {told}."
    return f"Offering {unit.offer_amps} A{going}{most}: {told}{_silent(unit, now_ms)}."


def _silent(unit, now_ms):
    """What is told of one that is offered power and does not draw."""
    if unit.takes_more:
        return "; no car draws yet"
    if unit.full:
        return f"; {unit.full}"
    silent = f"; no draw for {text.age(unit.asked_ms(now_ms))}"
    return silent + (", so no car wants it" if unit.wants is False else f" of {_ASKED_MIN} min")


def _why_off(law, unit, watts, lost, opens_in_ms, now_ms):
    if unit.maximum_amps < unit.minimum_amps:
        return f"Off: needs {unit.minimum_amps} A, but {unit.maximum_amps} A are allowed."
    if unit.mode == "off":
        return f"Off: {unit.words}."
    if unit.is_off():
        return (
            f"Off: needs {unit.minimum_amps} A, but {unit.limit_amps} A are allowed "
            f"({_limit(unit)})."
        )
    start_in_ms = unit.relay.start_in_ms(now_ms, unit.urgent)
    resting = "60 s off at least" if unit.urgent else "minimum off time"
    no_room = ""
    if free_amps(law.left, unit) < unit.minimum_amps:
        no_room = f"the {free_amps(law.room, unit)} A for all are in use"
        if _room_words(law, unit):
            no_room = f"there is no room for {unit.minimum_amps} A ({_room_words(law, unit)})"
    if unit.mode != "solar":
        told = f"Waiting: {unit.words}"
        if no_room or law.held:
            return f"{told}, but {no_room or law.held}."
        if start_in_ms < opens_in_ms:
            return f"{told}, starts in {text.remaining(opens_in_ms)}."
        return f"{told}, starts in {text.remaining(start_in_ms)} ({resting})."
    if watts is None:
        return f"{'Off' if unit.state == 'lost' else 'Waiting'}: {lost}."
    if unit.plugged is False:
        return "Waiting: no car is plugged in."
    if unit.wants is False and unit.full:
        return f"Not wanted: {unit.full}."
    if unit.wants is False:
        return (
            f"Not wanted: {unit.minimum_amps} A were offered for {_ASKED_MIN} min and no car "
            f"drew; asked again in {text.remaining(unit.again_ms(now_ms))}, or when its state "
            "changes."
        )
    sentence = f"Waiting: {_of(law, watts, unit)}"
    if unit.relay.today >= law.starts_a_day:
        return f"{sentence}, but its {law.starts_a_day} starts of this day are used."
    if start_in_ms:
        return f"{sentence}, off for {text.remaining(start_in_ms)} more ({resting})."
    if no_room:
        return f"{sentence}, but {no_room}."
    needs = law.enough_watts(unit)
    if watts < needs:
        return f"{sentence}."
    if unit is not law.next:
        return f"{sentence}, another car starts first."
    if law.held:
        return f"{sentence}, but {law.held}."
    wait_ms = law.trend.starts_in_ms(law.watts, needs + law.watts - watts, now_ms)
    if wait_ms is None:
        return f"{sentence}, waits for steadier sun."
    if wait_ms < opens_in_ms:
        wait_ms = law.trend.reads_ms(now_ms + opens_in_ms, now_ms) - now_ms
    return f"{sentence}, starts in {text.remaining(wait_ms)} if it holds."


def _because(law, unit):
    if unit.cut:
        return f" ({_room_words(law, unit) or 'there is no room for it'})"
    if unit.mode == "off":
        return f": {unit.words}"
    if unit.is_off():
        return f": {unit.limit_amps} A are allowed ({_limit(unit)})"
    # It was cut some seconds ago.
    if _room_words(law, unit) and free_amps(law.left, unit) < unit.minimum_amps:
        return f" ({_room_words(law, unit)})"
    return ""


def _room_words(law, unit):
    """What limits the room for a unit, "" if nothing but the wires does."""
    return unit.room_words or law.room_words


def _limit(unit):
    """The words of what limits a unit: those of its mode, if the limit belongs to that."""
    return unit.limit_words or unit.words


def _percent(law):
    return f"{round(law.grid_share * 100)} %"


def _of(law, watts, unit):
    # Rounded down: 1439.6 is not yet 1440.
    of = f"{text.watts(watts // 1)} of {text.watts(law.enough_watts(unit))} surplus"
    if law.grid_share:
        of += f" ({_percent(law)} of the minimum may come from the grid)"
    return of

"""What TWCManager says of all wall connectors together: for its topics, and its HTTP calls."""

from charging.wishes import strongest


def totals(app):
    """(draw of all in A, what they may have in A, name of the policy, least amperes of a unit), as
    text; the last is None without a unit."""
    units = app.decisions.units
    least = [unit.minimum_amps for unit in units]
    return (
        amps(sum([unit.draw_ca for unit in units])),
        str(shared_amps(app)),
        policy(app.decisions.plan),
        str(min(least)) if least else None,
    )


def policy(plan):
    """What TWCManager calls what is at work now."""
    mode, _ = strongest(plan.wishes, None)
    if mode is None:
        return "Non Scheduled Charging"
    if mode[3] == "solar" or mode[3] == "minimum":
        return "Track Green Energy"
    if mode[1] == "boost":
        return "Charge Now"
    return "Scheduled Charging" if mode[1] == "timetable" else "Non Scheduled Charging"


def shared_amps(app):
    """How many amperes the units share now: those of the mode within all limits, and of the sun
    what the law gives."""
    units = app.decisions.units
    mode, limit = strongest(app.decisions.plan.wishes, None)
    if mode is None or mode[3] == "off":
        return 0
    if mode[3] == "solar" or mode[3] == "minimum":
        return sum([unit.amps for unit in units])
    room = min(app.decisions.law.room[:3])
    if limit is None or limit[1] != "mode" and limit[1] != "timetable":
        return room
    # Those of Manual are for each unit.
    return min(room, limit[4] * max(1, len(units)))


def amps(hundredths):
    """1183 -> "11.83", 1600 -> "16.0"."""
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    return text[:-1] if text.endswith("0") else text

"""Who wants what: a list of wishes, of which for each property the strongest counts.

A wish is a tuple (priority, owner, unit_id, mode, limit_amps, words, left_ms): `unit_id` None is
for all; `mode` "off", "solar", "minimum" (Solar + minimum), "fast" or "manual", or None: none is
wished for; `limit_amps` whole amperes or None, which beside a mode belong to that mode; `left_ms`
until it ends, or None. The owners, weakest first:

  10 mode           what is chosen for all days: Solar, Solar + minimum; or the configuration's
  20 timetable
  22 price
  25 mode           what a person chose for now: Off, Fast, Manual
  30 boost
  40 remote limit   amperes only, for all or for one
  44 not allowed    a machine's permission is over
  45 not allowed    a person has switched charging off, for all or for one
  50 energy limit, charge limit
  60 car            by its VIN
  70 grid guard
  80 fault
  90 safety
"""

# The modes as people read them.
NAMES = {
    "off": "Off",
    "solar": "Solar",
    "minimum": "Solar + minimum",
    "fast": "Fast",
    "manual": "Manual",
}


def strongest(wishes, unit_id, held=False):
    """(mode wish, limit wish) of a unit, each None if nobody wishes: of the modes the one with
    the highest priority, of the limits the smallest. Amperes that belong to a mode count only
    while that mode does. `held`: a unit that only timetable, price and sun may start."""
    mode = limit = None
    for wish in wishes:
        if wish[3] is None or wish[2] is not None and wish[2] != unit_id:
            continue
        if held and starts_at_once(wish):
            continue
        if mode is None or wish[0] > mode[0]:
            mode = wish
    for wish in wishes:
        if wish[4] is None or wish[2] is not None and wish[2] != unit_id:
            continue
        if wish[3] is not None and wish is not mode:
            continue
        if limit is None or wish[4] < limit[4]:
            limit = wish
    return mode, limit


def starts_at_once(wish):
    """Whether it is a person's wish that starts cars without sun."""
    return wish[1] == "boost" or wish[1] == "mode" and wish[3] in ("fast", "manual")


def listing(wishes):
    """The wishes for the outside, the strongest first, one dictionary after the other."""
    left = list(wishes)
    while left:
        best = left[0]
        for wish in left:
            if wish[0] > best[0]:
                best = wish
        left.remove(best)
        yield {
            "owner": best[1],
            "priority": best[0],
            "unit": best[2],
            "mode": best[3],
            "limit": best[4],
            "reason": best[5],
            "left_s": None if best[6] is None else best[6] // 1000,
        }


def kwh(wh):
    """Whole Wh as kWh with one decimal, rounded down: 3290 -> "3.2"."""
    return f"{wh // 1000}.{wh % 1000 // 100}"


def steps(value, step):
    """A whole number rounded up to whole steps: what is left is remembered so, since each change
    is written to the flash."""
    return -(-value // step) * step

"""Local time from UTC and back, with summer time.

A zone is a tuple of numbers that zones.parse() makes of a POSIX TZ text. UTC is in Unix seconds
(since 1970-01-01), days are whole days since then, in the Gregorian calendar.
"""

from micropython import const

_DAY_S = const(86400)
_FEB = const(2)

# What was found last, because it is asked for many times in a row: the zone, where a year begins
# and ends in its standard time, and the changes around that year, (utc_s, 1 for summer time).
_kept = [None, 0, 0, None]


def local(zone, utc_s):
    """(day, weekday with 0 = Monday, minute of the day, second) in this zone."""
    wall_s = utc_s + offset_s(zone, utc_s)
    day, rest = wall_s // _DAY_S, wall_s % _DAY_S
    return day, (day + 3) % 7, rest // 60, rest % 60


def offset_s(zone, utc_s):
    """Seconds that local time is ahead of UTC at this moment."""
    if zone[1] is None:
        return zone[0]
    return zone[_summer(zone, utc_s)]


def utc(zone, day, minute):
    """The Unix time at which local time is `minute` (0 to 1440) of `day`.

    As RFC 5545, section 3.3.5, has it: a time that comes twice is the first of the two, and one
    that is left out is told by the clock from before, so 02:30 becomes 03:30.
    """
    wall_s = day * _DAY_S + minute * 60
    one = wall_s - zone[0]
    if zone[1] is None:
        return one
    other = wall_s - zone[1]
    early, late = min(one, other), max(one, other)
    return early if early + offset_s(zone, early) == wall_s else late


def until_s(zone, utc_s, minute):
    """Seconds until local time is next `minute` of the day (0 to 1439): 1 to some 90 000."""
    day = local(zone, utc_s)[0]
    when = utc(zone, day, minute)
    return (when if when > utc_s else utc(zone, day + 1, minute)) - utc_s


def date(day):
    """(year, month, day of the month) of a day."""
    year = 1970 + day // 366  # never late, and early by a day a year
    while _new_year(year + 1) <= day:
        year += 1
    while _new_year(year) > day:
        year -= 1
    month = 12
    while _first_of(year, month) > day:
        month -= 1
    return year, month, day - _first_of(year, month) + 1


def stamp(utc_s):
    """Unix time as text by UTC (ISO 8601), "2026-06-01T17:05:00Z"."""
    year, month, day = date(utc_s // 86400)
    second = utc_s % 86400
    time = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{year}-{month:02}-{day:02}T{time}Z"


def clock_text(minute):
    """A minute of the day as people write it: 1320 -> "22:00"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


# The calendar.


def _new_year(year):
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 - 719162


def _leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _first_of(year, month):
    # Days before each month; they repeat (31 30 31 30 31) from March on.
    if month <= _FEB:
        return _new_year(year) + 31 * (month - 1)
    return _new_year(year) + (153 * month - 457) // 5 + 59 + _leap(year)


# The rules.


def _summer(zone, utc_s):
    if _kept[0] is not zone or not _kept[1] <= utc_s < _kept[2]:
        year = date((utc_s + zone[0]) // _DAY_S)[0]
        _kept[0], _kept[3] = zone, _changes(zone, year)
        _kept[1] = _new_year(year) * _DAY_S - zone[0]
        _kept[2] = _new_year(year + 1) * _DAY_S - zone[0]
    # The last change until now counts; before the first one it was the other way round.
    now = 1 - _kept[3][0][1]
    for when, summer in _kept[3]:
        if when > utc_s:
            break
        now = summer
    return now


def _changes(zone, year):
    """The changes from the year before to the year after, the oldest first. Where an end and a
    begin fall together the begin is last: so is summer time all year written."""
    found = []
    for y in range(year - 1, year + 2):
        found.append((_moment(y, zone[2]) - zone[0], 1))
        found.append((_moment(y, zone[3]) - zone[1], 0))
    return sorted(found)


def _moment(year, rule):
    """When a rule holds in a year, in seconds of the local time that ends with it."""
    month, week, weekday, time_s = rule
    if month == 0:
        # `week` is the day: 0 to 365, or, where February 29 does not count, 1 to 365.
        day = _new_year(year) + week
        if weekday and not (_leap(year) and week > 59):
            day -= 1
    elif week == 5:
        # The last such day of the month: the first one after its end, less a week.
        after = _new_year(year + 1) if month == 12 else _first_of(year, month + 1)
        day = after + (weekday - after - 4) % 7 - 7
    else:
        first = _first_of(year, month)
        day = first + (weekday - first - 4) % 7 + 7 * (week - 1)
    return day * _DAY_S + time_s

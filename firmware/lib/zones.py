"""Time zones as POSIX writes them: "CET-1CEST,M3.5.0,M10.5.0/3".

Source of the format: POSIX.1-2017, Base Definitions 8.3 (TZ), with hours of change from -167 to
167 and the forms for summer time all year of RFC 8536, section 3.3.1. Needed once, at the start;
the caller drops the module again. What is made of a zone is in localtime.py.
"""

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER = _LETTERS + b"0123456789+-"  # between < and >
_DIGITS = b"0123456789"


def parse(text):
    """A zone from a POSIX TZ text: (offset_s, summer_offset_s or None, first, last).

    Offsets are seconds to add to UTC. `first` and `last` are the rules for the begin and the end
    of summer time, (month, week, weekday with 0 = Sunday, s) or (0, day, 1 where February 29 is
    not counted, s). Raises ValueError with a piece of a sentence that says what is wrong.
    """
    if not isinstance(text, str) or not 3 < len(text) <= 60:
        raise ValueError("it is no text of 4 to 60 characters")
    data = text.encode()
    at = _name(data, 0)
    offset, at = _time(data, at, 24)
    if at == len(data):
        return (-offset, None, None, None)
    at = _name(data, at)
    summer = offset - 3600
    if at < len(data) and data[at] != 0x2C:
        summer, at = _time(data, at, 24)
    if at == len(data):
        raise ValueError("the dates on which summer time begins and ends are missing")
    first, at = _rule(data, at)
    last, at = _rule(data, at)
    if at != len(data):
        raise ValueError(f'"{text[at:]}" at its end is too much')
    return (-offset, -summer, first, last)


# Reading the text, as bytes: each of these returns where it ends.


def _name(data, at):
    start = at
    quoted = data[at : at + 1] == b"<"
    letters = _INNER if quoted else _LETTERS
    at += quoted
    while at < len(data) and data[at] in letters:
        at += 1
    if at - start - quoted < 3:
        raise ValueError("a name has three letters or more (CET), or stands in < > (<+03>)")
    if quoted:
        if data[at : at + 1] != b">":
            raise ValueError("a name that begins with < ends with >")
        at += 1
    return at


def _number(data, at, low, high):
    start = at
    while at < len(data) and data[at] in _DIGITS:
        at += 1
    number = int(data[start:at]) if start < at < start + 4 else -1
    if not low <= number <= high:
        left = data[start:].decode() or "nothing"
        raise ValueError(f"a number from {low} to {high} is needed where {left} stands")
    return number, at


def _time(data, at, hours):
    """[+-]h[:m[:s]] in seconds."""
    sign = -1 if data[at : at + 1] == b"-" else 1
    if data[at : at + 1] in (b"-", b"+"):
        at += 1
    number, at = _number(data, at, 0, hours)
    seconds = number * 3600
    unit = 60
    while unit and data[at : at + 1] == b":":
        number, at = _number(data, at + 1, 0, 59)
        seconds += number * unit
        unit = 1 if unit == 60 else 0
    return sign * seconds, at


def _rule(data, at):
    if data[at : at + 1] != b",":
        raise ValueError("two dates are needed, each after a comma")
    at += 1
    kind = data[at : at + 1]
    if kind == b"M":
        month, at = _number(data, at + 1, 1, 12)
        week, at = _number(data, _dot(data, at), 1, 5)
        weekday, at = _number(data, _dot(data, at), 0, 6)
    elif kind == b"J":
        month, weekday = 0, 1
        week, at = _number(data, at + 1, 1, 365)
    else:
        month, weekday = 0, 0
        week, at = _number(data, at, 0, 365)
    time_s = 7200
    if data[at : at + 1] == b"/":
        time_s, at = _time(data, at + 1, 167)
    return (month, week, weekday, time_s), at


def _dot(data, at):
    if data[at : at + 1] != b".":
        raise ValueError("a date is written as M3.5.0: month, week, day")
    return at + 1

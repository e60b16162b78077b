"""sessions.csv on the board's flash: a line for each session that has ended.

Loaded for that moment and dropped. A line costs one write of the flash, and that of state.json
before it another: from that one a session is known of whose line the power failure was quicker
than. A few sessions a day are usual; more than 30 lines a day are not written.
"""

from micropython import const

_FILE = "sessions.csv"
_HEADER = "ended,connector,name,vin,minutes,kwh,solar_percent\n"

# A larger file loses its oldest half; what is left fits in one block of the flash.
_LARGEST = const(8000)
_LEFT = const(3800)
_PIECE = const(256)

# Each line takes so much of a day's 30.
_LINE_MS = const(2880000)
_DAY_MS = const(86400000)

_FULL = const(28)  # ENOSPC

# A session that ended so soon after the start ended before it, and nobody knows when.
_START_MS = const(60000)

# What a spreadsheet takes for a formula if a cell begins with it (OWASP, "CSV Injection").
_FORMULA = b"=+-@\t\r"


def note(app, unit):
    """Writes the line about the session of a charging.unit.Unit; the flash is written now. What
    can not be written is told in the journal, and nothing else happens."""
    from firmware import forget, whole

    forget("firmware.whole")
    energy = unit.energy
    again = energy.open == 4
    energy.open = 0
    now_ms = app.clock.ms()
    solar = energy.solar_percent()
    numbers = (
        f",{(energy.charged_ms + 30000) // 60000},{energy.session_wh / 1000:.2f},"
        f"{'' if solar is None else solar}\n"
    )
    line = f"{_ended(app, now_ms)},{unit.id},{cell(unit.name)},{cell(energy.vin)}{numbers}"
    try:
        if again and _is_noted(whole.size(_FILE), f",{unit.id},".encode(), numbers.encode()):
            return
        app.noted_ms = max(app.noted_ms, now_ms)
        if app.noted_ms + _LINE_MS > now_ms + _DAY_MS:
            app.journal.tell("warning", f"{_FILE}: more than 30 sessions in a day: not noted.")
            return
        app.noted_ms += _LINE_MS
        _append(whole, line.encode())
        whole.trouble(app, _FILE, None)
    except OSError as error:
        whole.trouble(app, _FILE, error)
        app.journal.tell("warning", f"{_FILE} lacks: {line.strip()}")


def cell(text):
    """A text as a cell of a CSV file (RFC 4180) that no spreadsheet takes for a formula."""
    raw = (text or "").encode()
    if raw and raw[0] in _FORMULA:
        raw = b"'" + raw
    if any([mark in raw for mark in (b",", b'"', b"\n", b"\r", b";")]):
        raw = b'"' + raw.replace(b'"', b'""') + b'"'
    return raw.decode()


def _ended(app, now_ms):
    """The time of day by UTC, "2026-06-01T17:05:00Z", or "" if it is not known."""
    conditions = app.decisions.conditions
    utc_s = conditions.utc_s() if conditions else None
    if utc_s is None or now_ms < _START_MS:
        return ""
    import localtime  # where the time is known it is loaded

    return localtime.stamp(utc_s)


def _is_noted(size, unit_id, numbers):
    """Whether one of the last lines is about this unit and ends with these numbers."""
    if not size:
        return False
    with open(_FILE, "rb") as file:
        file.seek(max(0, size - 4 * _PIECE))
        for line in file:
            if unit_id in line and line.endswith(numbers):
                return True
    return False


def _append(whole, line):
    size = whole.size(_FILE)
    if size and size + len(line) <= _LARGEST and _ends_whole(size):
        with open(_FILE, "ab") as file:
            if file.write(line) != len(line):
                raise OSError(_FULL)
        return
    whole.write(_FILE, _renewed(size, line))


def _ends_whole(size):
    """Whether no power cut, or full flash, has left a part of a line at the end."""
    with open(_FILE, "rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


def _renewed(size, line):
    """Generates the file anew: what of it is to stay, and a line."""
    yield _HEADER
    if size:
        with open(_FILE, "rb") as old:
            old.seek(size - _LEFT if size > _LARGEST - _PIECE else 0)
            old.readline()  # the header, or the rest of a line
            for one in old:
                if one.endswith(b"\n"):
                    yield one
    yield line

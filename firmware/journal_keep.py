"""journal.txt and journal.old on the board's flash: the events that outlive a reset.

A line for each warning and error, and one for each start: the number of the start, the uptime in
s, Unix time or "-", the level, and the sentence. The file grows up to 4 KB, then it takes the
place of the old one. How often it is written says journal.due(). Loaded for that, and dropped.

Lines are added at the end, so a power cut, or a full flash, leaves a part of one at most: it has
no line end. Before more is written that part gets a mark, by which it is known for ever.
"""

import os

from micropython import const

_FILE = "journal.txt"
_OLD = "journal.old"
_HALF = const(4096)
_PIECE = const(512)  # longer than any line
_TORN = b"\x18\n"  # CAN of ASCII: what stands before it is not to be used
_FULL = const(28)  # ENOSPC
_LEVELS = (b"info", b"warning", b"error")


def write(app):
    """Writes what the journal of a firmware.app.App has for the flash, now. What the flash does
    not take is told, and lost."""
    from firmware import forget, whole

    journal = app.journal
    number(journal)
    lines = [line.encode() for line in _lines(journal)]
    journal.kept = journal.count
    try:
        _append(whole, lines)
        whole.trouble(app, _FILE, None)
    except OSError as error:
        whole.trouble(app, _FILE, error)
    del whole
    forget("firmware.whole")


def number(journal):
    """The number of this start: one more than that of the last one that is noted."""
    if not journal.start:
        journal.start = 1 + max([event[0] for event in kept()] or [0])
    return journal.start


def kept():
    """Generates what the flash has: (start, uptime in s, Unix time or None, level, sentence), the
    oldest first; whatever is damaged is left out. Neither file is open between two."""
    for path in (_OLD, _FILE):
        at = 0
        while True:
            try:
                with open(path, "rb") as file:
                    file.seek(at)
                    data = file.read(_PIECE)
            except OSError:
                break
            end = data.rfind(b"\n") + 1
            if not end and len(data) < _PIECE:
                break
            at += end or _PIECE
            for line in data[:end].split(b"\n"):
                event = _event(line)
                if event:
                    yield event


def _event(line):
    """A line as kept() gives it, or None."""
    parts = line.split(b" ", 4)
    try:
        start, seconds, utc_s, level, text = parts
        if level not in _LEVELS or min(text or b"\0") < 32:
            return None
        utc_s = None if utc_s == b"-" else int(utc_s)
        start, seconds = int(start), int(seconds)
        if start < 1 or seconds < 0 or utc_s is not None and not 0 < utc_s < 1 << 40:
            return None
        return start, seconds, utc_s, level.decode(), text.decode()
    except ValueError:  # and UnicodeError
        return None


def _lines(journal):
    from firmware import forget, journal_line, watchdog

    forget("firmware.journal_line")
    events = journal.after(journal.kept)
    why = None
    if not journal.kept:
        # The first time: why it was started, even if that is long ago.
        why = watchdog.restarted() or "Started."
        if why not in [event[2] for event in events]:
            events.insert(0, (0, "info", why))
    for seconds, level, text in events:
        if level != "info" or text == why:
            utc_s = journal_line.utc_s(journal, seconds) or "-"
            # Each of them on one line, and no control character, whatever a broker has sent.
            text = bytes([max(32, byte) for byte in text.encode()]).decode()
            yield f"{journal.start} {seconds} {utc_s} {level} {text}\n"


def _append(whole, lines):
    size = whole.size(_FILE)
    if size + sum([len(line) for line in lines]) > _HALF and size:
        os.rename(_FILE, _OLD)
        size = 0
    if size:
        with open(_FILE, "rb") as file:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                lines.insert(0, _TORN)
    with open(_FILE, "ab") as file:
        for line in lines:
            if file.write(line) != len(line):
                raise OSError(_FULL)

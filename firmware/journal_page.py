"""/api/journal: the events that flash and memory have, as JSON. Loaded for a request, and
dropped."""

from firmware import forget, journal_keep, journal_line

forget("firmware.journal_keep")
forget("firmware.journal_line")


def pieces(app):
    """Generates them, the oldest first."""
    journal = app.journal
    start = journal_keep.number(journal)
    yield f'{{"start": {start}, "uptime_s": {journal.uptime_s()}, "events": ['
    comma = ""
    # What memory has is not told twice; and while this is read more may be written.
    events = list(journal.events)
    first_s = events[0][0] if events else 0
    for event in journal_keep.kept():
        if event[0] != start or event[1] < first_s:
            yield comma + journal_line.line(*event)
            comma = ", "
    for seconds, level, text in events:
        utc_s = journal_line.utc_s(journal, seconds)
        yield comma + journal_line.line(start, seconds, utc_s, level, text)
        comma = ", "
    yield "]}"

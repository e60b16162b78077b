"""An event of the journal as JSON: of the API, and of the topic `journal`. Loaded for a moment,
and dropped."""

import json


def unsent(journal):
    """The oldest event that the broker has not been told, as JSON: it counts as told; None if
    there is none. journal.Journal."""
    journal.sent = max(journal.sent, journal.count - len(journal.events))
    events = journal.after(journal.sent)
    if not events:
        return None
    journal.sent += 1
    seconds, level, text = events[0]
    return line(journal.start or None, seconds, utc_s(journal, seconds), level, text)


def line(start, seconds, utc_s, level, text):
    """{"start": number of the start or null, "uptime_s": …, "time": UTC or null, "level": …,
    "text": …}."""
    start = "null" if start is None else start
    time = "null"
    if utc_s is not None:
        import localtime  # where the time is known it is loaded

        time = f'"{localtime.stamp(utc_s)}"'
    head = f'{{"start": {start}, "uptime_s": {seconds}, "time": {time}, "level": "{level}"'
    return f'{head}, "text": {json.dumps(text)}}}'


def utc_s(journal, seconds):
    """Unix time of an event of this start, from its uptime, or None: the clock is not known. An
    event of before the clock was set has its time, too."""
    now_s = journal.utc_s() if journal.utc_s else None
    return None if now_s is None else now_s - journal.uptime_s() + seconds

"""Checks what is a list with rules of its own in POST /api/config: timetable (and time zone), and
sources. Loaded by config_asked.py, and dropped before what comes next.
"""

from firmware import forget

_GUARDED = "amps watts mean_watts"


def check_times(given, problems):
    """Checks the time zone and the timetable."""
    clock = given.get("clock")
    zone = clock.get("zone") if isinstance(clock, dict) else None
    windows = given.get("timetable")
    if zone is None and windows is None:
        return
    import configured_times

    why = zone is not None and configured_times.check_zone(zone)
    if why:
        problems.append(why)
    if windows is not None:
        configured_times.check_timetable(windows, problems)
    del configured_times
    forget("configured_times")
    forget("zones")


def check_sources(config, problems):
    """Checks the sources, with the guard and the battery that there are."""
    guard, battery = config.get("guard"), config.get("battery")
    guard = guard if isinstance(guard, dict) else {}
    battery = battery if isinstance(battery, dict) else {}
    guarded = any([guard.get(key) is not None for key in _GUARDED.split(" ")])
    import configured_sources

    advice = []
    configured_sources.check(config["sources"], guarded, problems, battery.get("soc"), advice)
    for one in advice:
        problems.remove(one)
    del configured_sources
    forget("configured_sources")

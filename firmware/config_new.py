"""What the page has saved becomes config.json at the next start: config.new is there whole or not
at all, and is checked with all of the memory that there is then.

config.json and config.bak are the new one and the one before. Wherever the power is cut, the next
start finds config.json, or else config.new and the config.bak that it was compared with. Loaded
by settings.py when there is a config.new, and dropped.
"""

import os

import configuration
from firmware import settings


def take():
    """Makes config.new config.json, or, if it has mistakes that config.json has not, config.bad.
    Returns None, or a sentence why it is not used."""
    # Between the two renames below only config.bak is there.
    before = "config.json" if settings.exists("config.json") else "config.bak"
    given, problem = settings.read("config.new")
    if problem is None:
        had = configuration.mistakes(settings.read(before)[0])
        for mistake in configuration.mistakes(given):
            if mistake not in had:
                problem = mistake.rstrip(".")
                break
    try:
        if problem:
            os.rename("config.new", "config.bad")
            return (
                "The saved configuration is not used, but the one before; it is kept as "
                f"config.bad: {problem}."
            )
        # Until it is known to fit into memory: see config_back.py.
        open("config.try", "w").close()
        if before == "config.json":
            os.rename("config.json", "config.bak")
        os.rename("config.new", "config.json")
    except OSError as error:
        return f"The saved configuration can not be used: config.new can not be renamed ({error})."
    return None

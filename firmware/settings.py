"""config.json on the board's flash, read and checked at the start. It is written by nobody here:
what the page saves is config.new, which the next start takes (config_new.py).

The caller drops this module, and the check, after use (firmware.forget).
"""

import io
import json
import os

from micropython import const

_LARGEST_FILE = const(8192)

_loaded = None  # whoever looks for the stop pin has just checked it


class _Counted(io.IOBase):
    """A file that counts the lines read, to say where JSON is broken."""

    def __init__(self, file):
        self.line = 1
        self._file = file

    def readinto(self, buffer):
        count = self._file.readinto(buffer)
        for index in range(count or 0):
            if buffer[index] == 10:
                self.line += 1
        return count


def start():
    """load(), after config.new, if there is one, has become config.json or was refused."""
    from firmware import forget

    if exists("config.new"):
        from firmware import config_new

        why = config_new.take()
        del config_new
        forget("firmware.config_new")
    elif exists("config.try"):
        from firmware import config_back

        why = config_back.begin()
        del config_back
        forget("firmware.config_back")
    else:
        return _loaded or load()
    config, problems = load()
    if why:
        problems.append(why)
    return config, problems


def load(path="config.json"):
    """Reads and checks config.json. Returns (configuration, sentences), see
    configuration.check; a file that is missing, unreadable or broken gives safe values."""
    global _loaded
    import configuration

    given, problem = read(path)
    config, problems = configuration.check(given)
    if problem:
        problems = [problem + "; using safe values, 6 A, until it is mended."]
    _loaded = config, problems
    return _loaded


def current():
    """(what config.json says, a dictionary, or None; what is wrong with it, or None): that which
    the next start goes by. A board that has none has an empty one."""
    path = "config.new" if exists("config.new") else "config.json"
    if not exists(path):
        return {}, None
    config, problem = read(path)
    if problem is None and not isinstance(config, dict):
        config, problem = None, path + " is no object"
    return config, problem and problem + ": mend it with mpremote first."


def exists(path):
    """Whether there is such a file."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def read(path="config.json"):
    """(what the file says, None), or (None, what is wrong with it: a sentence without its end)."""
    try:
        if os.stat(path)[6] > _LARGEST_FILE:
            return None, f"{path} is larger than {_LARGEST_FILE} bytes"
        with open(path, "rb") as file:
            counted = _Counted(file)
            try:
                given = json.load(counted)
                if not has_text_keys(given):
                    return None, f"{path} is not valid JSON: a key has no quotes"
                return given, None
            # Too deep brackets are a RuntimeError.
            except (ValueError, UnicodeError, RuntimeError):
                return None, (
                    f"{path} is not valid JSON: look for a missing or extra quote, comma or "
                    f"bracket in or before line {counted.line}"
                )
    except OSError as error:
        return None, f"{path} can not be read ({error})"


def has_text_keys(value):
    """Whether all keys are text: MicroPython takes { 1: 2 } for JSON."""
    below = value if isinstance(value, list) else ()
    if isinstance(value, dict):
        if not all([isinstance(key, str) for key in value]):
            return False
        below = value.values()
    return all([has_text_keys(one) for one in below])

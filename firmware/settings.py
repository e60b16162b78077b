"""config.json on the board's flash: read once at the start, never written.

The caller drops this module, and the check, after use (firmware.forget).
"""

import io
import json
import os

from micropython import const

import configuration

_LARGEST_FILE = const(8192)


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


def load(path="config.json"):
    """Reads and checks config.json. Returns (configuration, sentences), see
    configuration.check; a file that is missing, unreadable or broken gives safe values."""
    given = None
    problem = None
    try:
        if os.stat(path)[6] > _LARGEST_FILE:
            problem = f"{path} is larger than {_LARGEST_FILE} bytes"
        else:
            with open(path, "rb") as file:
                counted = _Counted(file)
                try:
                    given = json.load(counted)
                except (ValueError, UnicodeError):
                    problem = (
                        f"{path} is not valid JSON: look for a missing or extra quote, comma or "
                        f"bracket in or before line {counted.line}"
                    )
    except OSError as error:
        problem = f"{path} can not be read ({error})"
    config, problems = configuration.check(given)
    if problem:
        return config, [problem + "; using safe values, 6 A, until it is mended."]
    return config, problems

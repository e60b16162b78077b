"""Show what a board says: ``python -m tools.monitor --port /dev/ttyUSB0 [--log FILE]``.

Nothing is sent to the board, so the firmware goes on, also after Ctrl-C here. Names that were
shortened on the way to the board (tools/shorten.py) are told beside the short ones in a traceback.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path

from tools import port as ports
from tools.stage import ROOT

BAUD = 115200
NAMES = ROOT / "build" / "names.txt"

_PLACE = re.compile(r'^(\s*File "([^"]+)", line \d+, in )(\S+)(\s*)$')
_QUOTED = re.compile(r"'([A-Za-z_]\w*)'")
_ERROR = re.compile(r"^[A-Za-z_]\w*(Error|Exception|Interrupt|Iteration|Exit)\b")


class Names:
    """Tells what short names in tracebacks stand for; ``line`` is given each line in turn."""

    def __init__(self, text):
        """text: of build/names.txt, lines of file, short name, name."""
        self._known = {}
        for line in text.splitlines():
            words = line.split()
            if len(words) == 3:
                self._known[words[0], words[1]] = words[2]
        self._file = None

    def line(self, text):
        """The line, with names in brackets behind short ones."""
        if place := _PLACE.match(text):
            start, self._file, short, end = place.groups()
            known = self._known.get((self._file, short))
            return f"{start}{short} ({known}){end}" if known else text
        if self._file and _ERROR.match(text):
            # Of the function that raised, which was told last.
            file, self._file = self._file, None
            return _QUOTED.sub(lambda found: self._quoted(file, found), text)
        if not text.startswith((" ", "\t")):
            self._file = None
        return text

    def _quoted(self, file, found):
        known = self._known.get((file, found[1]))
        return f"{found[0]} ({known})" if known else found[0]


def main():
    parser = argparse.ArgumentParser(description="Show what a board says.")
    parser.add_argument("--port", required=True)
    parser.add_argument("--log", type=Path, help="also write it to this file, with the time")
    options = parser.parse_args()
    names = Names(NAMES.read_text("utf-8") if NAMES.exists() else "")
    try:
        with open(options.log or os.devnull, "a", encoding="utf-8") as log:
            ports.check(options.port)
            print(f"What the board on {options.port} says; Ctrl-C ends this, and not the board.")
            watch(options.port, names, log)
    except ports.PortError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"LOG={options.log} can not be written ({error.strerror}).")
    except KeyboardInterrupt:
        print("\nThe board goes on.")


def watch(port, names, log, write=sys.stdout.write):
    """Pass on what comes from ``port``, for ever; a board that is unplugged is waited for.

    names: a Names. log: an open text file. write: gets the text. Raises PortError when somebody
    else takes the port.
    """
    import serial

    while True:
        try:
            # Opening raises DTR and RTS together, which does not reset the usual boards.
            with serial.serial_for_url(port, BAUD, timeout=0.2, exclusive=True) as line:
                _pass_on(line, names, log, write)
        except (OSError, serial.SerialException) as error:
            if ports.holders(port):
                raise ports.PortError(ports.busy(port)) from error
            write(f"[{port} is gone; waiting until it is back]\n")
            sys.stdout.flush()
        while True:
            time.sleep(0.5)
            try:
                ports.check(port)
                break
            except ports.PortError:
                continue


def _pass_on(line, names, log, write):
    left = b""
    try:
        while True:
            data = line.read(line.in_waiting or 1)
            left += data
            *whole, left = left.split(b"\n")
            if left and not data:
                # A prompt, or the beginning of a line that takes its time.
                whole.append(left)
                left = b""
            for text in whole:
                text = names.line(text.rstrip(b"\r").decode("utf-8", "replace"))
                write(text + "\n")
                sys.stdout.flush()
                log.write(time.strftime("%Y-%m-%d %H:%M:%S ") + text + "\n")
                log.flush()
    finally:
        ports.let_go(line)


if __name__ == "__main__":
    main()

"""Test a board on its own: ``python -m tools.check_board --port /dev/ttyUSB0``.

Starts the board anew and runs its firmware from the prompt with firmware/check.py, which watches
it for a minute while this program uses the page; then there is a table, a verdict, and a file for
whoever is asked for help, without passwords. The board is left running, as it was found, also
after Ctrl-C; if even that fails it starts anew by itself some minutes later. Nothing is sent on
the bus but what the firmware sends by itself.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

from tools import check_report, remote
from tools.check_page import Visitor, first_frame_ms
from tools.stage import ROOT

LOG = ROOT / "build" / "check-board.log"

# Which of these is on the board, whether a new version is on trial, and what must not get into the
# file. The watchdog is given time first: the firmware's would end this.
_LOOK = """
import machine, os, json
try:
    machine.WDT(timeout=600000)
except Exception:
    pass
found = []
def walk(value, key):
    if isinstance(value, dict):
        for name in value:
            walk(value[name], name)
    elif isinstance(value, list):
        for one in value:
            walk(one, key)
    elif isinstance(value, str) and key in ('password', 'ssid', 'user', 'token', 'key'):
        found.append(value)
try:
    with open('config.json') as file:
        walk(json.load(file), '')
except (OSError, ValueError):
    pass
try:
    with open('access.txt') as file:
        found.append(file.read(80).strip())
except (OSError, ValueError):
    pass
there = os.listdir()
ready = 'firmware' in there and bool([n for n in os.listdir('firmware') if n[:6] == 'check.'])
print('LOOK' + json.dumps([ready, 'update.try' in there or 'update.go' in there, found]))
"""

_RESTART = """
import machine
machine.reset()
"""

# What a board tells repeatedly.
MANY = ("sample", "gaps", "slave", "warning", "problem", "event", "words", "short")

# A chip that starts is deaf for about so long.
_STARTS_S = 1.5
_SHORTEST_SECRET = 3
# Of a car: its VIN.
_VIN = re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b")


class CheckError(Exception):
    """A sentence for the reader."""


def main():
    parser = argparse.ArgumentParser(description="Test a board on its own.")
    parser.add_argument("--port", required=True)
    parser.add_argument("--seconds", type=int, default=60, help="how long the bus is watched")
    parser.add_argument("--host", default="", help="where its page is, if not where it says")
    parser.add_argument("--log", type=Path, default=LOG, help="the file for support")
    options = parser.parse_args()
    if not 5 <= options.seconds <= 3600:
        sys.exit(f"SECONDS={options.seconds}: write 5 to 3600.")
    try:
        report = check(options.port, options.seconds, options.host, options.log)
    except (CheckError, remote.RemoteError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The board starts anew.")
    sys.exit(1 if report.failed else 0)


def check(port, seconds=60, host="", log=LOG, *, wait_s=16, patience_s=90, pause_s=25):
    """Test the board at ``port`` for ``seconds``; print the table and write it to ``log``; return
    the check_report.Report.

    host: "address" or "address:port" of its page. wait_s: for a board that does not answer;
    patience_s, pause_s: for its page after the last start, see check_page. Raises RemoteError or
    CheckError; the board is started anew in any case.
    """
    print(f"Looking at the board on {port}...", flush=True)
    remote.contact(port, wait_s)
    try:
        ready, trial, secrets = _look(port)
        if not ready:
            raise CheckError(
                f"There is no firmware on the board, or an old one: make deploy PORT={port}"
            )
        if trial:
            raise CheckError(
                "The board has just taken a new version and is trying it: each start counts"
                " against that. Try again in ten minutes."
            )
        # Wi-Fi keeps its memory until the chip itself starts anew.
        _restart(port)
        time.sleep(_STARTS_S)
        remote.contact(port, wait_s)
        session = _Session(seconds, host)
        print(f"Its firmware runs for {seconds} s under observation...", flush=True)
        try:
            session.run(port)
        finally:
            session.end()
    finally:
        _restart(port)
    base = session.base
    if base:
        print("Waiting for its next start, as usual...", flush=True)
    session.findings["started"] = first_frame_ms(base, patience_s, pause_s) if base else None
    report = check_report.Report(session.findings, session.visitor)
    text = report.text()
    print("\n" + text)
    raw = "\n".join(without(line, secrets) for line in session.lines)
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"{without(text, secrets)}\n\n{raw}\n", "utf-8")
        print(f"For support, without passwords: {log}")
    except OSError as error:
        print(f"{log} can not be written ({error.strerror}).")
    return report


def _look(port):
    for line in remote.run(port, ["exec", _LOOK]).splitlines():
        if line.startswith("LOOK"):
            return json.loads(line.removeprefix("LOOK"))
    raise CheckError("The board did not say what it holds.")


def _restart(port):
    """Starts the board anew, from whatever it does."""
    for attempt in range(3):
        try:
            remote.run(port, ["exec", "--no-follow", _RESTART], quiet_s=30)
            return
        except remote.RemoteError:
            if attempt == 2:
                print("The board could not be started anew: press its reset button (EN).")
            time.sleep(_STARTS_S)


def without(text, secrets):
    """A text without secrets (a list of texts) and without what tells whose board it is."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "(removed)").replace(json.dumps(secret)[1:-1], "(removed)")
    # One that was made since.
    text = re.sub(r"(, password ).*", r"\1(removed)", text)
    return _VIN.sub("(a VIN)", text)


class _Session:
    """The run on the board: ``findings`` {key: value, or a list of those that come repeatedly},
    ``lines`` printed, ``visitor`` of its page or None, ``base`` of its page or ""."""

    def __init__(self, seconds, host):
        self.findings = {key: [] for key in MANY}
        self.findings["seconds"] = seconds
        self.lines = []
        self.visitor = None
        self.base = f"http://{host}" if host else ""
        self._seconds = seconds

    def run(self, port):
        program = f"from firmware import check\ncheck.main({self._seconds})"
        try:
            # Without resume: MicroPython starts anew, without main.py.
            remote.run(port, ["exec", program], resume=False, on_line=self._line, quiet_s=90)
        except remote.RemoteError as error:
            # What was found until then is worth telling.
            if "before" not in self.findings:
                raise
            self.findings["ended"] = str(error)

    def end(self):
        if self.visitor:
            self.visitor.stop()

    def _line(self, line):
        self.lines.append(line)
        words = line.split(" ", 2)
        if len(words) < 3 or words[0] != "CHECK":
            return
        try:
            value = json.loads(words[2])
        except ValueError:
            return
        if words[1] in MANY:
            self.findings[words[1]].append(value)
        else:
            self.findings[words[1]] = value
        if words[1] == "after":
            # The firmware has ended, and nobody answers any more.
            self.end()
        if words[1] == "sample" and value[4] and not self.base:
            self.base = f"http://{value[4]}"
        if self.base and "ready" in self.findings and self.visitor is None:
            self.visitor = Visitor(self.base).start()


if __name__ == "__main__":
    main()

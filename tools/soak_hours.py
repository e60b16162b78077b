"""``make soak HOURS=24``: hours of simulated time, the firmware and all around it in one VM.

What happens is in simulator/virtual/long_day.py; this runs it, shows a line an hour, and makes
the table of what was survived.
"""

import re
import subprocess
import sys
import tempfile
import time

from simulator.board import BoardError, find_micropython
from simulator.virtual.launch import ROOT, command, environment, lay_out

SCRIPT = ROOT / "simulator" / "virtual" / "long_day.py"


def main(hours, seed):
    """Runs so many whole hours; returns the exit code. `seed`: a text; one of digits is taken as
    that number."""
    if hours != int(hours):
        print(f"HOURS={hours:g}: write whole hours, such as HOURS=24.", file=sys.stderr)
        return 2
    try:
        micropython = find_micropython()
    except BoardError as error:
        print(error, file=sys.stderr)
        return 1
    number = int(seed) if seed.isdigit() else sum(seed.encode())
    print(f"make soak HOURS={hours:g} SEED={seed}: simulated hours, some half a minute each.")
    began_s = time.monotonic()
    lines = []
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        lay_out(folder)
        process = subprocess.Popen(
            command(SCRIPT, str(int(hours)), str(number), micropython=micropython),
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                if line.startswith("hour "):
                    print("  " + line.rstrip(), flush=True)
            code = process.wait()
        finally:
            process.kill()
            process.wait()
    survived = code == 0 and lines and lines[-1] == "ok"
    report(lines, time.monotonic() - began_s)
    if not survived:
        print("FAILED. The last lines:\n" + "\n".join(lines[-40:]))
        print(f"To see it again: make soak HOURS={hours:g} SEED={seed}")
        return 1
    print(f"Survived, seed {seed}.")
    return 0


def report(lines, took_s):
    """Prints the table."""
    events = [line[6:] for line in lines if line.startswith("event ")]
    memory = [int(found[1]) for line in lines if (found := re.match(r"hour \d+: (\d+)", line))]
    print(f"Survived in {took_s:.0f} s: " + ", ".join(events or ["nothing that was counted"]))
    if memory:
        # Beside the firmware's own, what is around it lives in this VM too: only growth counts.
        print(
            f"  memory in use after the first hour {memory[0]} bytes, after the last {memory[-1]},"
            f" at most {max(memory)} (64 bits, and all that is simulated with it)"
        )
    for line in lines:
        if line.startswith(("told ", "referee ")):
            print("  " + line)

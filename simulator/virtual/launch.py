"""CPython side: runs a script inside the virtual world's MicroPython."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STANDINS = ROOT / "simulator" / "virtual" / "standins"

HEAP = "16M"
"""Enough for hours of records. Each collection goes over all of it, used or not."""


def find_micropython():
    """Path of the unix port: $MICROPYTHON, else the checkout's .venv, else PATH; or None."""
    wanted = os.environ.get("MICROPYTHON")
    if wanted:
        return wanted
    own = ROOT / ".venv" / "bin" / "micropython"
    return str(own) if own.exists() else shutil.which("micropython")


def command(script, *arguments, micropython=None, heap=HEAP):
    """The command line for a script; it needs `environment()`."""
    return [micropython or find_micropython(), "-X", f"heapsize={heap}", str(script), *arguments]


def environment(folder, libraries=(ROOT / "build",)):
    """os.environ with MICROPYPATH: stand-ins, checkout, firmware's libraries, `folder`.

    `folder` plays the board's flash. `libraries`: more folders; the default is the one that
    holds umqtt/simple.py after the set-up (tools/fetch_umqtt.py).
    """
    folders = [STANDINS, ROOT, ROOT / "firmware" / "lib", *libraries, folder]
    path = ":".join([str(Path(entry).resolve()) for entry in folders] + [".frozen"])
    return dict(os.environ, MICROPYPATH=path)


def run_script(script, folder, *arguments, timeout_s=120, heap=HEAP, **more):
    """Run a script with `folder` as the board's flash; returns its output (stdout, stderr).

    `more` goes to `environment()`.

    AssertionError with the whole output unless it ends with exit code 0 and the line "ok".
    """
    lay_out(folder)
    done = subprocess.run(
        command(Path(script).resolve(), *arguments, heap=heap),
        cwd=folder,
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines or lines[-1] != "ok":
        raise AssertionError(f"{script} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def lay_out(folder):
    """Put the firmware's tables where it looks for them on a board."""
    target = Path(folder) / "firmware"
    target.mkdir(exist_ok=True)
    for table in (ROOT / "firmware").glob("*.txt"):
        shutil.copy(table, target)


def main():
    """`python -m simulator.virtual.launch script [arguments]`, from the checkout."""
    with tempfile.TemporaryDirectory() as folder:
        lay_out(folder)
        run = subprocess.run(
            command(Path(sys.argv[1]).resolve(), *sys.argv[2:]),
            cwd=folder,
            env=environment(folder),
        )
    return run.returncode


if __name__ == "__main__":
    sys.exit(main())

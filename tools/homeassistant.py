"""Install a Home Assistant for ``make test-ha``: ``python3 tools/homeassistant.py [2024|2025]``.

Each version has a folder of its own in the checkout (.venv-ha-2025/, 700 MB), made once and again
when its requirements change. Without a version: the newest for which a Python is at hand. Needs
nothing but Python 3.10 and, the first time, a network.

Exit codes: 0 it is there; 69 (EX_UNAVAILABLE of sysexits.h) it can't be had here and why, which is
no fault of the project; 2 wrong arguments.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNAVAILABLE = 69

# The newest first. Home Assistant runs on the one or two newest Pythons of its time only.
PYTHONS = {"2025": "3.12", "2024": "3.11"}


def folder_of(version):
    """Where this version is installed."""
    return ROOT / f".venv-ha-{version}"


def requirements_of(version):
    """The file with its pinned packages."""
    return ROOT / f"requirements-homeassistant-{version}.txt"


def installed(version):
    """Whether this version is there, as its requirements want it."""
    folder = folder_of(version)
    try:
        same = (folder / "ha.stamp").read_text() == requirements_of(version).read_text()
    except OSError:
        return False
    return same and (folder / "bin" / "hass").exists()


def choose(version=""):
    """``version``, or the newest that is installed or has a Python here; None if there is none."""
    if version:
        return version
    return next((each for each in PYTHONS if installed(each) or find_python(PYTHONS[each])), None)


def find_python(wanted):
    """A path of Python ``wanted`` ("3.12") that runs: on PATH or under ~/.pyenv; None."""
    places = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    places += sorted(Path.home().glob(f".pyenv/versions/{wanted}.*/bin"), reverse=True)
    script = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2])"
    for place in places:
        python = place / f"python{wanted}"
        if not os.access(python, os.X_OK):
            continue
        # A shim of pyenv is there also for versions that are not switched on.
        try:
            result = subprocess.run([python, "-c", script], capture_output=True, text=True)
        except OSError:
            continue
        if result.returncode == 0 and result.stdout.strip() == wanted:
            return str(python)
    return None


def install(version):
    """Install it; return None, or sentences about why it can't be had."""
    wanted = PYTHONS[version]
    folder = folder_of(version)
    pip = [str(folder / "bin" / "python"), "-m", "pip"]
    if run([*pip, "--version"]) is not None:
        # Not there, or its Python is gone; what was begun and broken off goes on.
        python = find_python(wanted)
        if not python:
            return (
                f"Home Assistant {version} needs Python {wanted} (with venv), and there is none"
                f" on PATH or under ~/.pyenv/versions.\nWith pyenv: pyenv install {wanted}"
            )
        problem = run([python, "-m", "venv", "--clear", str(folder)])
        if problem is not None:
            return f"{problem}\n{python} could not make a virtual environment."
    say(f"Installing Home Assistant {version} into {folder.name} (once, some minutes, 700 MB)...")
    name = requirements_of(version)
    problem = run([*pip, "install", "--quiet", "--only-binary", "homeassistant", "-r", str(name)])
    if problem is not None:
        return f"{problem}\n\nHome Assistant {version} could not be installed: see above."
    (folder / "ha.stamp").write_text(name.read_text())
    return None


def run(command):
    """None if it went well, else the end of what it said."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    try:
        result = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
    except OSError as error:
        return str(error)
    lines = [line for line in result.stdout.splitlines() if not line.startswith("WARNING")]
    return None if result.returncode == 0 else "\n".join(lines[-20:])


def main(version):
    """Install a version unless it is there; return the exit code."""
    version = choose(version)
    if version is None:
        wanted = " or ".join(PYTHONS.values())
        say(f"There is no Python {wanted} here, so no Home Assistant to test with.")
        return UNAVAILABLE
    problem = None if installed(version) else install(version)
    if problem is not None:
        say(problem)
        return UNAVAILABLE
    return 0


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 2 or sys.argv[1:] not in ([], *[[version] for version in PYTHONS]):
        say("usage: homeassistant.py [" + "|".join(PYTHONS) + "]")
        sys.exit(2)
    sys.exit(main("".join(sys.argv[1:])))

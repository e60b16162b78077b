"""What the tests share: MicroPython, simulated boards, a real mosquitto, and what is missing.

Tests that need a program that is not there are skipped with a reason; the head and the foot of
the run name what was missing.
"""

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from virtual_scripts import virtual_scripts  # noqa: F401  (begins with the session)

from simulator.board import Board, BoardError, compiled_standins, find_micropython
from simulator.broker import Mosquitto, find_mosquitto
from tools.stage import stage

ROOT = Path(__file__).resolve().parent.parent
UMQTT = ROOT / "build" / "umqtt" / "simple.py"


@pytest.fixture(scope="session")
def project():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def micropython():
    """Path of MicroPython's unix port."""
    if not _micropython():
        pytest.skip(_MISSING["micropython"])
    return _micropython()


@pytest.fixture(scope="session")
def chromium_path():
    """Path of an installed Chromium."""
    if not _chromium():
        pytest.skip(_MISSING["chromium"])
    return _chromium()


@pytest.fixture
def run_micropython(micropython, tmp_path):
    """``run_micropython(script, environment=None, ...)`` runs source text to its end under the
    unix port, stand-ins first on its path, in tmp_path, and returns what it printed. Fails the
    test with that text if the exit code is not ``code`` (0)."""

    def run(script, environment=None, *, code=0, timeout_s=120, heapsize="112wK", path=()):
        process = start_script(micropython, tmp_path, script, environment, heapsize, path)
        output, _ = process.communicate(timeout=timeout_s)
        assert process.returncode == code, output
        return output

    return run


@pytest.fixture
def start_micropython(micropython, tmp_path):
    """Like run_micropython, but returns the running subprocess.Popen, with pipes to talk to it."""
    started = []

    def start(script, environment=None, *, heapsize="112wK", path=()):
        process = start_script(micropython, tmp_path, script, environment, heapsize, path)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def staged(tmp_path_factory):
    """A folder with the firmware as it lies on a board, to copy: staging takes some seconds."""
    folder = tmp_path_factory.mktemp("staged") / "board"
    stage(folder, umqtt=UMQTT if UMQTT.exists() else None)
    return folder


@pytest.fixture
def stage_board(request, micropython, project, tmp_path):
    """``stage_board(config=None, **more)`` stages the firmware and returns a Board, not started.

    config: the contents of config.json: a dictionary, or text for a broken one; None: no file.
    project: another tree to stage. The rest goes to simulator.board.Board (serial=, http_port=,
    environment=, heapsize=, ...). All boards end with the test.
    """
    boards = []

    def make(config=None, *, project=project, **more):
        folder = tmp_path / (f"board{len(boards)}" if boards else "board")
        if project == ROOT:
            shutil.copytree(request.getfixturevalue("staged"), folder)
        else:
            stage(folder, project=project, umqtt=UMQTT if UMQTT.exists() else None)
        if config is not None:
            text = config if isinstance(config, str) else json.dumps(config)
            (folder / "config.json").write_text(text)
        more.setdefault("micropython", micropython)
        board = Board(folder, **more)
        boards.append(board)
        return board

    yield make
    for board in boards:
        board.stop()


@pytest.fixture
def start_mosquitto(tmp_path):
    """``start_mosquitto(user=None, password=None, port=0)`` starts a real one on a free port and
    returns a simulator.broker.Mosquitto: .host, .port, .stop(), .kill(), .start(), .restart(),
    .publish(topic, payload, retain=False)."""
    if not find_mosquitto():
        pytest.skip(_MISSING["mosquitto"])
    brokers = []

    def start(user=None, password=None, port=0):
        folder = tmp_path / f"mosquitto{len(brokers)}"
        broker = Mosquitto(folder, port, user, password)
        brokers.append(broker)
        broker.start()
        return broker

    yield start
    for broker in brokers:
        broker.stop()


@pytest.fixture
def mosquitto(start_mosquitto):
    """A real mosquitto that lets everybody in; see start_mosquitto for what it can do."""
    return start_mosquitto()


def start_script(micropython, folder, script, environment, heapsize, path):
    """Popen of the unix port running ``script`` in ``folder``, as run_micropython says."""
    source = folder / "script.py"
    source.write_text(script)
    places = [str(compiled_standins()), *map(str, path), ".frozen"]
    # A module name, not a file: a file's folder would come first on the path.
    places.insert(1, str(folder))
    variables = dict(os.environ, MICROPYPATH=":".join(places), **(environment or {}))
    return subprocess.Popen(
        [micropython, "-X", f"heapsize={heapsize}", "-m", "script"],
        cwd=folder,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


_MISSING = {
    "micropython": (
        "MicroPython's unix port is not installed (make test MICROPYTHON=/path/to/micropython)"
    ),
    "mosquitto": "mosquitto is not installed (Debian: apt-get install mosquitto)",
    "chromium": "Chromium is not installed (Debian: apt-get install chromium)",
}


@functools.cache
def _micropython():
    try:
        return find_micropython(ROOT)
    except BoardError:
        return None


@functools.cache
def _chromium():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


def _found():
    return {"micropython": _micropython(), "mosquitto": find_mosquitto(), "chromium": _chromium()}


def pytest_report_header(config):
    return [f"{name}: {path or _MISSING[name]}" for name, path in _found().items()]


def pytest_terminal_summary(terminalreporter):
    missing = [name for name, path in _found().items() if not path]
    if missing:
        terminalreporter.section("left out")
        for name in missing:
            terminalreporter.line(_MISSING[name])

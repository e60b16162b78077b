"""What the tests of deploying share: a small tree to deploy, and played boards to deploy it to.

A pytest plugin: modules name it in ``pytest_plugins``. PYTEST_DONT_REWRITE: they import it first.
"""

import time

import pytest
from fake_esp32 import FakeEsp32

from simulator.board import compiled_standins
from tools.stage import find_mpy_cross

# What sys.platform may be where the tests run.
HERE = ("linux", "darwin")

# A firmware that never ends by itself, as the real one.
MAIN = """
import time
import firmware.app
open("ran", "w").write(firmware.app.VERSION)
while True:
    time.sleep(1)
"""


@pytest.fixture
def tree(tmp_path):
    """A checkout in small."""
    folder = tmp_path / "tree"
    (folder / "firmware/web").mkdir(parents=True)
    (folder / "boot.py").write_text("import sys\nsys.path.append('firmware/lib')\n")
    (folder / "main.py").write_text(MAIN)
    (folder / "firmware/__init__.py").write_text('VERSION = "0.9"\n')
    (folder / "firmware/app.py").write_text("VERSION = 'one'\n")
    (folder / "firmware/web/index.html").write_text("<html>page</html>")
    (folder / "config.json").write_text('{"name": "from the checkout"}')
    return folder


@pytest.fixture
def umqtt(tmp_path):
    library = tmp_path / "fetched.py"
    library.write_text("class MQTTClient:\n    pass\n")
    return library


@pytest.fixture
def chip(micropython, tmp_path):
    """``chip(builtin=True)`` starts one; its flash is empty, or the one of the chip before."""
    pytest.importorskip("mpremote", reason="mpremote is not installed (make setup)")
    chips = []

    def start(builtin=True):
        flash = tmp_path / "flash"
        flash.mkdir(exist_ok=True)
        image = None
        if builtin:
            image = tmp_path / "image"
            (image / "umqtt").mkdir(parents=True, exist_ok=True)
            (image / "umqtt/simple.py").write_text("class MQTTClient:\n    pass\n")
        chip = FakeEsp32(
            micropython, flash, compiled_standins(), tmp_path / "start_chip.py", image
        )
        chips.append(chip)
        return chip.__enter__()

    yield start
    for chip in chips:
        chip.__exit__()


def files(folder):
    """Paths of all files, relative, as a set of texts."""
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def wait_for(condition, timeout_s=120):
    """Wait until ``condition()`` is true."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def module(path):
    """A module's name on the board, compiled if the compiler is here."""
    return path + (".mpy" if find_mpy_cross() else ".py")

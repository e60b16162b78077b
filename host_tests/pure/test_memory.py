"""state.json: what of it is used again, from this version and from older ones."""

import json
import os
import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

from firmware import memory

FILE = f"state_for_test_memory_{sys.implementation.name}.json"
UNIT = {"rating_ca": 3200, "protocol": 2, "relay": "on"}
PLAN = {
    "mode": "manual",
    "then": "solar",
    "amps": 16,
    "left_s": 900,
    "boost": [None, 8000, False],
    "limit": [10, None],
    "limits": {"2433": [5000, None], "5850": [None, 80.5]},
    "own": {"": [False, None, None], "2433": [None, 10, 9], "5850": [True, 0, None]},
    "timetable": False,
    "since": [1711832400, -3000],
}


def written(document):
    """What load and load_plan make of a file."""
    with open(FILE, "w") as file:
        file.write(document if isinstance(document, str) else json.dumps(document))
    try:
        return memory.load(FILE), memory.load_plan(FILE)
    finally:
        os.remove(FILE)


def test_no_file_is_a_new_board():
    assert memory.load(FILE) == {} and memory.load_plan(FILE) == {}


def test_what_was_saved_comes_back():
    unit = dict(UNIT, linked=True, max_amps=16, energy=None, starts=1234, today=3)
    for plan in (PLAN, {}, None):
        memory.save({"2433": unit}, plan, FILE)
        try:
            assert memory.load(FILE) == {"2433": unit}
            assert memory.load_plan(FILE) == (plan or {})
        finally:
            os.remove(FILE)
    memory.save({"2433": unit}, path=FILE)
    assert memory.load(FILE) == {"2433": unit}
    os.remove(FILE)


def test_files_of_older_versions_are_used():
    units, plan = written({"units": {"2433": UNIT}})
    assert plan == {}
    assert units["2433"] == dict(UNIT, linked=True, max_amps=0, energy=None, starts=0, today=0)


def test_energy_of_this_and_of_older_versions():
    energy = {"session_wh": 5000, "unit": 1, "open": 1, "total_wh": 842000}
    for more in ({}, {"solar_wh": 2500}, {"solar_wh": 0}):
        kept = dict(UNIT, energy=dict(energy, **more))
        assert written({"units": {"2433": kept}})[0]["2433"]["energy"] == kept["energy"]
    for solar_wh in (-1, 2.5, "2500", None, []):
        kept = dict(UNIT, energy=dict(energy, solar_wh=solar_wh))
        assert written({"units": {"2433": kept}})[0] is None, solar_wh


def test_what_is_damaged_is_not_used():
    for starts in (-1, 1.5, "3", None, True, []):
        assert written({"units": {"2433": dict(UNIT, starts=starts)}})[0] is None
        assert written({"units": {"2433": dict(UNIT, today=starts)}})[0] is None
    for document in ("", "{", "[]", "5", '{"units": {}, "plan": [1]}', '{"units": {}, "plan": 5}'):
        assert written(document)[1] == {"mode": "off"}, document


def test_one_wrong_bit_is_noticed_wherever_it_is():
    unit = dict(UNIT, relay="resting", linked=True, max_amps=16, energy=None, starts=3, today=3)
    memory.save({"2433": unit}, PLAN, FILE)
    with open(FILE, "rb") as file:
        good = file.read()
    assert json.loads(good)["plan"] == PLAN
    whole = {"2433": unit}, PLAN
    spared = 0
    for at in range(len(good)):
        for bit in (0, at % 8):
            raw = bytearray(good)
            raw[at] ^= 1 << bit
            with open(FILE, "wb") as file:
                file.write(raw)
            found = memory.load(FILE), memory.load_plan(FILE)
            if found != (None, {"mode": "off"}):
                # In the name of the check nothing is lost.
                assert found == whole, (at, bit, found)
                assert at >= good.rfind(b', "check": "'), at
                spared += 1
    assert spared < 30, spared
    # Nor is a part of it taken for the whole.
    for size in range(len(good)):
        with open(FILE, "wb") as file:
            file.write(good[:size])
        assert (memory.load(FILE), memory.load_plan(FILE)) == (None, {"mode": "off"}), size
    os.remove(FILE)


class _Broken:
    """A flash of which nothing can be read."""

    def __enter__(self):
        def broken(*_):
            raise OSError(5)

        memory.open = broken

    def __exit__(self, *_):
        del memory.open


def test_what_can_not_be_read_is_not_a_new_board():
    with _Broken():
        assert memory.load(FILE) is None and memory.load_plan(FILE) == {"mode": "off"}


def test_a_plan_with_a_mistake_is_forgotten_whole():
    assert written({"units": {}, "plan": PLAN})[1] == PLAN
    for key, values in (
        ("mode", ("faster", None, 3, ["off"])),
        ("then", ("fast", "manual", None)),
        ("amps", (-1, 1.5, "16", None, True)),
        ("left_s", (-1, 1.5, "16", True)),
        ("boost", ([], [None, None, False], [0, 0, False], [1, 2], [1.5, None, True], 5, "abc")),
        ("limit", ([None, 5], [10], [-1, None], [10, "x"], None, {})),
        ("limits", ([], {"2433": [1]}, {"2433": ["x", None]}, {"2433": 5}, 5)),
        (
            "own",
            (
                [],
                {"2433": [1, None, None]},
                {"2433": [True, -1, None]},
                5,
                {"2433": [True]},
                {"2433": [None, 6.5, None]},
                {"2433": [None, 6, 0]},
                {"2433": [None, 6, 10]},
            ),
        ),
        ("timetable", (None, 0, 1, "on", [])),
        ("since", (5, [1], ["x", -1], [1, "x"], [1, 3000], [1, -0.5], None)),
    ):
        for value in values:
            plan = dict(PLAN)
            plan[key] = value
            units, loaded = written({"units": {"2433": UNIT}, "plan": plan})
            assert loaded == {"mode": "off"}, (key, value)
            assert units is not None and "2433" in units
    # What another version has remembered is left out.
    assert written({"units": {}, "plan": dict(PLAN, colour="red")})[1] == PLAN
    for boost in ([60, None, False], [None, None, True], [None, 1, False]):
        assert written({"units": {}, "plan": {"boost": boost}})[1] == {"boost": boost}

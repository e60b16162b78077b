"""firmware/settings.txt: every row can be used as it stands, and is what the check goes by."""

import json

import configuration
from configured_rows import SAFE, UNIT_SAFE, can_be_null, default, find, section
from configured_table import sections
from configured_together import check_together

HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
FILE = HERE + "/../../firmware/settings.txt"
KINDS = " number whole maybe pin text secret prefix name choice id switch list "
UNITS = ("", "A", "V", "W", "Wh", "kWh", "s", "min", "%")

# What must never be sent out.
SECRETS = ["mqtt.password", "wifi.password"]


def lines():
    """The fields of each row, read in another way."""
    with open(FILE) as file:
        return [line.rstrip("\n").split("|") for line in file if line[0] != "#"]


def test_every_line_of_the_file_is_a_row_and_none_is_lost():
    found = [row for _, rows in sections() for row in rows]
    assert found == [fields[:7] for fields in lines()]
    assert len(found) > 70


def test_only_what_is_wanted_is_read():
    found = dict(sections(("wires", "units"), 2))
    assert sorted(found) == sorted([path for path, _ in sections()])
    assert found.pop("wires") == [["wires", "max_amps"]]
    assert ["units.*", "name"] in found.pop("units.*")
    assert not any(found.values())


def test_a_section_is_there_once_and_its_rows_are_together():
    names = [path for path, _ in sections()]
    assert len(set(names)) == len(names)
    for path, rows in sections():
        keys = [row[1] for row in rows]
        assert len(set(keys)) == len(keys), keys
        assert all([row[0] == path for row in rows]), path
        assert "" not in keys or keys == [""], keys


def test_the_fields_of_each_row():
    for fields in lines():
        assert len(fields) == 8, fields
        _, _, kind, _, low, high, unit, meaning = fields
        assert f" {kind} " in KINDS and unit in UNITS, fields
        # A short sentence for people, without what a page or a document would take for a tag.
        assert 8 < len(meaning) < 170 and meaning.strip() == meaning, fields
        assert "<" not in meaning and not meaning.endswith("."), fields
        if kind in ("number", "whole", "maybe", "pin"):
            assert int(low) < int(high), fields
        elif kind == "choice":
            assert len(low.split(" ")) > 1 and not high, fields
        elif kind in ("text", "secret", "prefix", "name"):
            assert not low and 0 < int(high) < 100, fields
        else:
            assert not low and not high, fields


def test_each_default_is_allowed_and_of_its_kind():
    for path, rows in sections():
        for row in rows:
            value = default(row)
            if row[2] == "list":
                assert value is None
            elif path == "name":
                assert configuration.check({path: value, "wires": {"max_amps": 16}})[1] == []
            elif value is None:
                # Nothing is said: only what may be null may also be written so.
                problems = []
                section(path, rows, {row[1]: None}, problems)
                nullable = row[2] in ("maybe", "pin") or "null" in row[4].split(" ")
                assert (problems == []) == nullable, row
            else:
                problems = []
                assert section(path, rows, {row[1]: value}, problems)[row[1]] == value
                assert problems == [], problems


def test_the_ends_of_each_range():
    for path, rows in sections():
        for row in rows:
            if row[2] not in ("number", "whole", "maybe", "pin"):
                continue
            low, high = int(row[4]), int(row[5])
            for value, fine in ((low, 1), (high, 1), (low - 1, 0), (high + 1, 0)):
                problems = []
                section(path, rows, {row[1]: value}, problems)
                assert len(problems) == 1 - fine, (row, value)
                if problems:
                    assert f"{path}.{row[1]} is {value}: write a " in problems[0]
                    assert f" from {low} to {high}" in problems[0], problems
            problems = []
            section(path, rows, {row[1]: low + 0.5}, problems)
            assert (problems == []) == (row[2] in ("number", "maybe")), row


def test_the_check_returns_what_the_table_says():
    config = configuration.check(None)[0]
    for path, rows in sections():
        if path == "units.*" or path == "vins":
            continue
        if rows[0][2] == "list":
            assert config[path] == ()
        elif not rows[0][1]:
            assert config[path] == default(rows[0])
        else:
            assert config[path] == {row[1]: default(row) for row in rows}, path


def test_only_a_pin_can_be_null_and_have_another_default():
    for _, rows in sections():
        for row in rows:
            assert can_be_null(row) == (row[2] == "pin"), row
            if row[2] == "maybe" or "null" in row[4].split(" "):
                assert default(row) is None, row


def test_secrets_are_known_and_not_shown():
    found = [row[0] + "." + row[1] for _, rows in sections() for row in rows if row[2] == "secret"]
    assert sorted(found) == SECRETS
    for _, rows in sections():
        for row in rows:
            assert row[2] == "secret" or "pass" not in row[1], row
            if row[2] == "secret":
                problems = []
                section(row[0], rows, {row[1]: ["hunter2"]}, problems)
                section(row[0], rows, {row[1]: "hunter2" * 20}, problems)
                assert len(problems) == 2 and "hunter2" not in json.dumps(problems), problems


def test_what_stands_in_place_of_wrong_values_has_rows():
    rows_of = dict(sections())
    for path in SAFE:
        for key in SAFE[path]:
            assert find(rows_of[path], key), (path, key)
    for key in UNIT_SAFE:
        assert find(rows_of["units.*"], key), key


def test_advice_is_no_mistake():
    wires = {"max_amps": 15}
    for given, advice in (
        ({}, 1),
        ({"wires": wires, "relay": {"min_on_s": 1, "min_off_s": 1}}, 2),
        ({"wires": wires, "units": {"2433": {"max_amps": 16}}}, 1),
        ({"wires": wires, "units": {"2433": {"soc_limit": 80}}}, 1),
        ({"wires": wires, "units": {"2433": {"spike_cure": True}}}, 1),
        ({"wires": wires, "price": {"fast_below": 1, "import": 2}}, 2),
        ({"wires": wires, "vins": {"unknown": "deny"}, "bus": {"questions": False}}, 1),
        ({"wires": wires, "mqtt": {"ca": "ca.der", "tls": False}}, 1),
        ({"wires": wires, "mqtt": {"ca": "ca.der"}}, 1),
        ({"wires": wires, "timetable": [{"from": "22:00", "to": "6:00", "mode": "fast"}]}, 1),
        ({"wires": wires, "sources": [{"kind": "generation", "topic": "a"}]}, 1),
    ):
        assert configuration.mistakes(given) == [], given
        assert len(configuration.check(given)[1]) == advice, given
    for given in (
        [],
        {"wires": {"max_amps": 5}},
        {"wires": wires, "wire": {}},
        {"wires": wires, "units": {"2433": {"min_amps": 16}}},
        {"wires": wires, "units": {"2433": {"phase": "L1", "phases": 3}}},
        {"wires": wires, "board": {"tx": 6}},
        {"wires": wires, "board": {"tx": 16}},
        {"wires": wires, "mqtt": {"tls": True}},
        {"wires": wires, "mqtt": {"pin": "12"}},
        {"wires": wires, "vins": {"allow": ["x"]}},
        {"wires": wires, "clock": {"zone": "Paris"}},
        {"wires": wires, "timetable": [{}]},
        {"wires": wires, "sources": [{}]},
    ):
        assert len(configuration.mistakes(given)) == 1, given
    given = {"wires": wires, "sources": [{"kind": "price", "topic": "a"}]}
    given["price"] = {"fast_below": 0.3, "solar_above": 0.2}
    assert len(configuration.mistakes(given)) == 1


def test_pins_and_tls_are_looked_at_where_they_are_written():
    # Nothing else loads what checks them.
    config = configuration.check({"wires": {"max_amps": 16}})[0]
    for given, wrong in (({}, 0), ({"board": {"tx": 6}}, 1)):
        config["board"].update(given.get("board", {}))
        problems = []
        check_together(config, dict(given, wires={"max_amps": 16}), problems, [])
        assert len(problems) == wrong

"""What the running parts ask of the configuration."""

import configuration
from units import Units


def units(**config):
    return Units(configuration.check(config)[0])


def test_a_unit_of_which_nothing_is_said():
    some = units(wires={"max_amps": 48})
    assert some.name("2433") == "2433"
    assert some.max_amps("2433") == 48
    assert some.watts_per_amp("2433") == 240
    assert some.min_amps("2433", 1) == 5
    assert some.min_amps("2433", 2) == some.min_amps("2433", None) == 6
    assert some.rating_problem("2433", 32) is None


def test_nothing_configured_is_six_amperes():
    assert units().max_amps("2433") == 6


def test_a_unit_has_values_of_its_own():
    some = units(
        wires={"max_amps": 48},
        supply={"volts": 230, "phases": 1},
        units={
            "2433": {"name": "left", "max_amps": 16, "min_amps": 8, "phases": 3},
            "c0db": {"name": ""},
        },
    )
    assert some.name("2433") == "left"
    assert some.max_amps("2433") == 16
    assert some.watts_per_amp("2433") == 690
    assert some.min_amps("2433", 1) == some.min_amps("2433", 2) == 8
    # Ids are compared as the bus shows them; an empty name is none.
    assert some.name("C0DB") == "C0DB"
    assert some.watts_per_amp("C0DB") == 230


def test_no_unit_has_more_than_the_wires():
    some = units(wires={"max_amps": 20}, units={"2433": {"max_amps": 32}})
    assert some.max_amps("2433") == 20


def test_no_minimum_is_below_the_protocol():
    some = units(wires={"max_amps": 20}, units={"2433": {"min_amps": 5}})
    assert some.min_amps("2433", 1) == 5
    assert some.min_amps("2433", 2) == 6
    assert some.min_amps("2433", None) == 6


def test_more_than_the_unit_can_is_told():
    some = units(wires={"max_amps": 100}, units={"2433": {"max_amps": 80}})
    assert some.rating_problem("2433", 32.0) == (
        "config.json: units.2433.max_amps is 80, but this unit says 32 at most; using 32."
    )
    assert some.rating_problem("2433", 80.0) is None
    assert some.rating_problem("2433", 79.99) is not None
    assert some.rating_problem("5850", 5.0) is None


def test_what_it_says_is_used_is_what_is_used():
    # The gate cuts hundredths off: 31.99 A are 31 whole amperes.
    some = units(wires={"max_amps": 100}, units={"2433": {"max_amps": 80}})
    assert some.rating_problem("2433", 31.99).endswith("using 31.")


def test_what_it_says_is_used_is_not_more_than_the_wires():
    some = units(wires={"max_amps": 16}, units={"2433": {"max_amps": 80}})
    problem = some.rating_problem("2433", 32.0)
    assert problem is None or "using 32" not in problem


def test_what_else_a_unit_may_have():
    some = units(
        units={
            "2433": {"priority": 9, "contactors": True, "spike_cure": True, "energy": "Wh"},
            "5850": {"priority": 1, "contactors": False, "energy": "kWh"},
            "1839": {},
        },
    )
    for unit_id, expected in (
        ("2433", (9, True, True, "Wh")),
        ("5850", (1, False, False, "kWh")),
        ("1839", (5, False, False, "auto")),
        ("ABCD", (5, False, False, "auto")),
    ):
        assert expected == (
            some.priority(unit_id),
            some.contactors(unit_id),
            some.spike_cure(unit_id),
            some.energy_unit(unit_id),
        )


def test_what_is_written_wrong_allows_nothing():
    for value in ("true", "yes", 1, [True], None, {"on": True}):
        some = units(units={"2433": {"contactors": value, "spike_cure": value}})
        assert some.contactors("2433") is False, value
        assert some.spike_cure("2433") is False, value
    for unit in (True, [], {"contactor": True, "spikecure": True}, {"Contactors": True}):
        some = units(units={"2433": unit})
        assert not some.contactors("2433") and not some.spike_cure("2433"), unit
    some = units(units={"2433": {"priority": "high", "energy": "MWh"}})
    assert some.priority("2433") == 5 and some.energy_unit("2433") == "auto"


def test_the_phases_that_a_unit_counts_on():
    some = units(
        units={
            "2433": {"phase": "L1"},
            "5850": {"phase": "L2"},
            "1839": {"phase": "L3"},
            "C0DB": {"phases": 3},
            "24AB": {"phase": "L1", "phases": 2},
            "24AC": {"phase": "l1"},
        },
    )
    for unit_id, bits in (
        ("2433", 1),
        ("5850", 2),
        ("1839", 4),
        ("C0DB", 7),
        ("24AB", 7),
        ("24AC", 7),
        ("ABCD", 7),
    ):
        assert some.phases_mask(unit_id) == bits, unit_id


def test_limits_of_a_charge():
    some = units(units={"2433": {"energy_limit_kwh": 20.5, "soc_limit": 80}, "5850": {}})
    assert some.energy_limit_wh("2433") == 20500 and some.soc_limit("2433") == 80
    for unit_id in ("5850", "ABCD"):
        assert some.energy_limit_wh(unit_id) is None and some.soc_limit(unit_id) is None

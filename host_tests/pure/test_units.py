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

"""The house battery: who is first, and that no car lives on it."""

import configured_sources
from charging.battery import Battery
from charging.inputs import Inputs

MINUTE_MS = 60000


def first_at(battery, *states):
    """Who is first at each state of charge, one after the other."""
    found = []
    for soc in states:
        battery.follow(soc)
        found.append("car" if battery.car_first else "battery")
    return found


def test_without_a_state_of_charge_the_same_one_is_always_first():
    for first in ("car", "battery"):
        assert first_at(Battery(first, None), 0, 50, 100, None) == [first] * 4


def test_the_other_one_is_first_from_the_state_of_charge_on():
    assert first_at(Battery("battery", 80), 0, 79.9, 80, 100) == ["battery"] * 2 + ["car"] * 2
    assert first_at(Battery("car", 20), 0, 19.9, 20, 100) == ["car"] * 2 + ["battery"] * 2


def test_at_the_limit_it_does_not_change_sides_all_the_time():
    states = (79, 80, 79, 78, 77.9, 79.9, 80)
    sides = ["battery", "car", "car", "car", "battery", "battery", "car"]
    assert first_at(Battery("battery", 80), *states) == sides


def test_while_the_state_of_charge_is_unknown_the_battery_is_first():
    assert first_at(Battery("battery", 80), 90, None, 79) == ["car", "battery", "battery"]
    assert first_at(Battery("car", 80), 10, None, 10) == ["car", "battery", "car"]
    assert Battery("car", 80).car_first is False and Battery("car", None).car_first is True


def test_what_is_added_to_a_surplus_and_what_is_taken_off():
    for kind, first, charging, watts in (
        ("grid", "battery", 1000, 0),
        ("grid", "battery", -1000, -1000),
        ("grid", "car", 1000, 1000),
        ("grid", "car", -1000, -1000),
        ("surplus", "battery", 1000, 0),
        ("surplus", "battery", -1000, -1000),
        ("surplus", "car", 1000, 0),
        ("surplus", "car", -1000, -1000),
        ("generation", "battery", 1000, -1000),
        ("generation", "battery", -1000, 0),
        ("generation", "car", 1000, 0),
        ("generation", "car", -1000, 0),
        ("grid", "car", 0, 0),
    ):
        found = Battery(first, None).added_watts(kind, charging)
        assert found == watts, (kind, first, charging, found)


# With the readings.


def inputs(*kinds, first="battery", soc=None, **more):
    entries = []
    for kind in kinds + ("battery",):
        entry = {"kind": kind, "topic": kind}
        if kind in more:
            entry.update(more[kind])
        entries.append(entry)
    problems = []
    sources = configured_sources.check(entries, False, problems)
    assert problems == []
    return Inputs(120000, sources, {"first": first, "soc": soc})


def hear(some, now_ms, **numbers):
    for kind in sorted(numbers):
        assert some.heard(kind, str(numbers[kind]), False, 0, now_ms) is None
    some.follow(0, now_ms + 1000)


def test_the_surplus_of_the_meter_with_the_battery():
    for first, grid, battery, watts in (
        ("battery", -500, 2000, 500),
        ("car", -500, 2000, 2500),
        # In the evening the battery holds the meter at zero: that is no sun.
        ("battery", 0, -800, -800),
        ("car", 0, -800, -800),
    ):
        some = inputs("grid", first=first)
        hear(some, 0, battery=battery, grid=grid)
        assert some.surplus_watts(0) == watts
        assert some.value("grid", 0) == grid  # the guard goes by what the meter says


def test_a_car_does_not_start_on_what_the_battery_gives():
    # A car draws 1 440 W at night, the battery gives it and the house's 300 W.
    some = inputs("grid")
    for second in range(100):
        some.follow(1440, second * 1000)
    some.heard("battery", "-1740", False, 1440, 100000)
    some.heard("grid", "0", False, 1440, 100000)
    assert some.surplus_watts(100000) == -300


def test_generation_and_consumption_with_the_battery():
    for first, battery, watts in (
        ("battery", 1500, 1000),
        ("battery", -1500, 2500),
        ("car", 1500, 2500),
    ):
        some = inputs("generation", "consumption", first=first)
        hear(some, 0, battery=battery, consumption=500, generation=3000)
        assert some.surplus_watts(0) == watts


def test_a_battery_that_counts_the_other_way():
    some = inputs("grid", battery={"positive": "discharging", "unit": "kW"})
    hear(some, 0, battery=0.8, grid=0)
    assert some.surplus_watts(0) == -800


def test_our_own_topics_with_the_battery():
    some = inputs(first="car")
    some.receive("grid", "-500", False, 0, 0)
    assert some.surplus_watts(0) is None
    assert some.without(0) == ("waiting", "no battery reading yet")
    hear(some, 0, battery=2000)
    some.receive("grid", "-500", False, 0, 1000)
    assert some.surplus_watts(1000) == 2500
    some = inputs(first="car")
    hear(some, 0, battery=-300)
    some.receive("surplus", "1000", False, 0, 0)
    assert some.surplus_watts(0) == 700


def test_the_state_of_charge_changes_sides():
    some = inputs("grid", "battery_soc", soc=80)
    hear(some, 0, battery=2000, battery_soc=70, grid=-500)
    assert some.surplus_watts(0) == 500 and some.warnings(0) == []
    hear(some, 10000, battery_soc=80, grid=-500)
    assert some.surplus_watts(11000) == 2500


def test_an_unknown_state_of_charge_is_told_and_gives_less():
    for first in ("battery", "car"):
        some = inputs("grid", "battery_soc", first=first, soc=80)
        hear(some, 0, battery=2000, grid=-500)
        assert some.surplus_watts(0) == 500
        assert some.warnings(0) == [
            "The state of charge of the house battery is not known: the battery is first."
        ]


def test_without_its_power_the_surplus_is_unknown():
    # Whether sun or battery gives it can't be told.
    some = inputs("grid")
    hear(some, 0, battery=0, grid=-2000)
    for now_ms in (60000, 120000, 180000):
        hear(some, now_ms, grid=-2000)
        assert some.surplus_watts(now_ms) == (2000 if now_ms <= 120000 else None)
    assert some.without(181000) == ("lost", "no battery reading for 3 min")
    some.heard("battery", "unavailable", False, 0, 200000)
    assert some.without(200000) == (
        "lost",
        'no battery reading for 3 min (the last text was not a number: "unavailable")',
    )
    # With its next number all is as new: not what the meter said when it was lost.
    hear(some, 230000, grid=-900)
    hear(some, 240000, battery=-100)
    assert some.surplus_watts(240000) == 800


def test_where_the_battery_does_not_matter_it_is_not_missed():
    some = inputs("generation", "consumption", first="car")
    hear(some, 0, consumption=500, generation=3000)
    assert some.surplus_watts(0) == 2500
    some = inputs("generation", "consumption", first="battery")
    hear(some, 0, consumption=500, generation=3000)
    assert some.surplus_watts(0) is None
    assert some.without(0) == ("waiting", "no battery reading yet")


def test_meter_and_battery_of_two_moments_are_not_mixed():
    # A cloud: the battery goes from charging to giving. Whichever is told first, the meter of now
    # with the battery of before would show 2 000 W that are not there.
    for first in ("grid", "battery"):
        some = inputs("grid", first="car")
        seen = []
        for now_ms, grid, battery in ((0, -500, 2000), (10000, 0, -300), (20000, 100, -900)):
            told = [("grid", grid), ("battery", battery)]
            for kind, watts in told if first == "grid" else told[::-1]:
                some.heard(kind, str(watts), False, 0, now_ms)
                seen.append(some.surplus_watts(now_ms))
            some.follow(0, now_ms + 500)
            assert some.surplus_watts(now_ms + 500) == battery - grid
        assert [watts for watts in seen if watts not in (None, 2500, -300, -1000)] == []
    # A battery that has nothing new to tell is not waited for long.
    some.heard("grid", "300", False, 0, 30000)
    assert some.surplus_watts(30000) == -1000
    some.follow(0, 31000)
    assert some.surplus_watts(31000) == -1200


def test_several_batteries_are_added_up():
    problems = []
    sources = configured_sources.check(
        [
            {"kind": "grid", "topic": "grid"},
            {"kind": "battery", "topic": "one"},
            {"kind": "battery", "topic": "two"},
        ],
        False,
        problems,
    )
    some = Inputs(120000, sources, {"first": "car", "soc": None})
    for topic, payload in (("one", "500"), ("two", "700"), ("grid", "-100")):
        some.heard(topic, payload, False, 0, 0)
    assert problems == [] and some.surplus_watts(0) == 1300


def test_a_car_gives_back_what_it_keeps_from_a_battery_that_is_first():
    # 5 500 W for battery and car, then 4 000: the battery gets what the car leaves, 1 600 of the
    # 3 000 W that it took, and a meter shows nothing of that.
    for kinds, told, after, with_cars in (
        (("grid",), {"grid": -100}, {"grid": 0}, False),
        (
            ("generation", "consumption"),
            {"generation": 6000, "consumption": 2900},
            {"generation": 4500, "consumption": 2900},
            True,
        ),
        (
            ("generation", "consumption"),
            {"generation": 6000, "consumption": 500},
            {"generation": 4500, "consumption": 500},
            False,
        ),
    ):
        for first, watts in (("battery", (2500, 1000)), ("car", (5500, 4000))):
            more = {"consumption": {"with_cars": with_cars}} if with_cars else {}
            some = inputs(*kinds, first=first, **more)
            for now_ms, numbers, battery, wanted in (
                (0, told, 3000, watts[0]),
                (10000, after, 1600, watts[1]),
            ):
                some.heard("battery", str(battery), False, 2400, now_ms)
                for topic in kinds:
                    some.heard(topic, str(numbers[topic]), False, 2400, now_ms)
                found = some.surplus_watts(now_ms)
                assert found == wanted, (kinds, with_cars, first, found, wanted)


def test_cars_keep_no_more_from_a_battery_than_they_draw():
    some = inputs("grid")
    for now_ms, grid, battery, draw, wanted in (
        (0, -500, 3000, 0, 500),
        (10000, 0, 1000, 0, 0),  # nobody took it: there was no more
        (20000, 0, -200, 0, -200),
        (90000, 0, -1640, 1440, -200),  # all that the car gets, and 200 W of the house
        (150000, 0, -440, 1440, 0),  # 1 000 W are left by the house, and the battery wants them
    ):
        some.follow(draw, now_ms - 40000)
        some.heard("battery", str(battery), False, draw, now_ms)
        some.heard("grid", str(grid), False, draw, now_ms)
        assert some.surplus_watts(now_ms) == wanted, (now_ms, some.surplus_watts(now_ms))


def test_a_battery_that_takes_less_though_power_is_fed_in_wants_no_more():
    battery = Battery("battery", None)
    gap = battery.gap_watts
    assert gap("grid", 3000, 1440, 500, 0) == 0
    assert gap("grid", 500, 1440, 2000, 100000) == 1440
    assert gap("grid", 500, 1440, 2000, 159000) == 1440  # it may be about to follow
    assert gap("grid", 500, 1440, 2000, 160000) == 0
    assert gap("grid", 100, 1440, 0, 170000) == 400
    # An interruption begins the minute anew.
    assert gap("grid", 100, 1440, 200, 180000) == 400
    assert gap("grid", 100, 1440, 0, 230000) == 400
    assert gap("grid", 100, 1440, 200, 241000) == 400
    # Whoever calculated a surplus has settled who is first.
    assert gap("surplus", 100, 1440, 0, 250000) == 0

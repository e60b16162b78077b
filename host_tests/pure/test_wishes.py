"""Who wants what, and what of it counts."""

from charging.wishes import kwh, listing, starts_at_once, steps, strongest

SOLAR = (10, "mode", None, "solar", None, "mode Solar", None)
NIGHT = (20, "timetable", None, "manual", 10, "timetable: 10 A until 06:00", 3600000)
CHEAP = (22, "price", None, "fast", None, "price 0.08, below 0.1", None)
OFF = (25, "mode", None, "off", None, "mode Off", None)
MANUAL = (25, "mode", None, "manual", 16, "mode Manual, 16 A", None)
BOOST = (30, "boost", None, "fast", None, "boost, 60 min more", 3600000)
REMOTE = (40, "remote limit", None, None, 12, "remote limit of 12 A for all", None)
FULL = (50, "energy limit", "2433", "off", None, "energy limit: 20.0 of 20.0 kWh", None)
GUARD = (70, "grid guard", "5850", None, 8, "grid guard: 34.2 A on L1 of 25 A allowed", None)
SAFETY = (90, "safety", None, "off", None, "too hot", None)


def test_nobody_wishes():
    assert strongest([], "2433") == (None, None)
    assert list(listing([])) == []


def test_the_highest_priority_has_the_mode():
    wishes = []
    for wish in (SOLAR, NIGHT, CHEAP, OFF, BOOST, FULL, SAFETY):
        wishes.append(wish)
        assert strongest(wishes, "2433")[0] is wish
        assert strongest(list(reversed(wishes)), "2433")[0] is wish


def test_the_smallest_limit_counts_whatever_its_priority():
    assert strongest([SOLAR, REMOTE], "5850") == (SOLAR, REMOTE)
    for wishes in ([SOLAR, REMOTE, GUARD], [GUARD, SOLAR, REMOTE]):
        assert strongest(wishes, "5850") == (SOLAR, GUARD)
        # The guard's is of the other one.
        assert strongest(wishes, "2433") == (SOLAR, REMOTE)
    assert strongest([REMOTE, MANUAL], "2433") == (MANUAL, REMOTE)
    low = (70, "grid guard", None, None, 0, "grid guard: no reading for 31 s", None)
    assert strongest([REMOTE, low, SOLAR], "2433") == (SOLAR, low)


def test_amperes_of_a_mode_count_only_while_it_does():
    assert strongest([SOLAR, NIGHT], "2433") == (NIGHT, NIGHT)
    assert strongest([SOLAR, NIGHT, MANUAL], "2433") == (MANUAL, MANUAL)
    assert strongest([SOLAR, NIGHT, MANUAL, BOOST], "2433") == (BOOST, None)
    assert strongest([NIGHT, BOOST, REMOTE], "2433") == (BOOST, REMOTE)


def test_a_wish_about_one_unit_is_nothing_to_the_others():
    assert strongest([SOLAR, FULL], "2433")[0] is FULL
    assert strongest([SOLAR, FULL], "5850")[0] is SOLAR


def test_a_unit_that_is_held_back_is_started_by_sun_timetable_and_price_only():
    assert [starts_at_once(wish) for wish in (BOOST, MANUAL)] == [True, True]
    for wish in (SOLAR, NIGHT, CHEAP, OFF, REMOTE, FULL, GUARD, SAFETY):
        assert not starts_at_once(wish), wish
    assert strongest([SOLAR, BOOST], "2433", True)[0] is SOLAR
    assert strongest([MANUAL, NIGHT, BOOST], "2433", True) == (NIGHT, NIGHT)
    assert strongest([MANUAL, BOOST], "2433", True) == (None, None)
    assert strongest([MANUAL, FULL], "2433", True)[0] is FULL
    fast = (10, "mode", None, "fast", None, "mode Fast", None)
    assert strongest([fast], "2433", True)[0] is None
    assert strongest([fast], "2433")[0] is fast


def test_the_list_for_the_outside_begins_with_the_strongest():
    wishes = [SOLAR, GUARD, BOOST, REMOTE]
    shown = list(listing(wishes))
    assert [one["owner"] for one in shown] == ["grid guard", "remote limit", "boost", "mode"]
    assert shown[0] == {
        "owner": "grid guard",
        "priority": 70,
        "unit": "5850",
        "mode": None,
        "limit": 8,
        "reason": "grid guard: 34.2 A on L1 of 25 A allowed",
        "left_s": None,
    }
    assert shown[2]["left_s"] == 3600 and shown[2]["mode"] == "fast"
    assert wishes == [SOLAR, GUARD, BOOST, REMOTE]


def test_kilowatt_hours_are_rounded_down():
    for wh, words in ((0, "0.0"), (99, "0.0"), (100, "0.1"), (3290, "3.2"), (20000, "20.0")):
        assert kwh(wh) == words


def test_what_is_left_is_rounded_up_to_steps():
    for value, expected in ((1, 900), (900, 900), (901, 1800), (0, 0), (-5, 0)):
        assert steps(value, 900) == expected

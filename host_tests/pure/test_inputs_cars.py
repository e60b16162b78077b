"""What cars tell of themselves: which one is at which wall connector, and what follows from it."""

from test_inputs_sources import HOUR_MS, MINUTE_MS, entry, inputs

from charging.relay import Relay
from charging.unit import Unit

S = 1000
LEFT, RIGHT = "5YJ3E1EA0KF000001", "5YJ3E1EA0KF000002"
FULL = "the car's own limit of 80 % is reached: 80 %"


def new(unit_id="2433", vin=None, plugged=None):
    unit = Unit(unit_id, "left", 240, Relay(600 * S, 600 * S, None, 0))
    unit.maximum_amps = 32
    unit.vin = vin
    unit.soc = None
    unit.plugged = plugged
    return unit


def hear(some, now_ms=0, retained=False, **payloads):
    """Messages by the kind that is their topic."""
    for topic in payloads:
        assert some.heard(topic, payloads[topic], retained, 0, now_ms) is None, topic


def told(some, unit, now_ms=0, plugged=None, silent=True):
    """(soc, full, plugged) of a unit; `plugged`: what its wall connector says."""
    unit.plugged = plugged
    some.cars.tell(unit, silent, now_ms)
    return unit.soc, unit.full, unit.plugged


def follow(some, unit, seconds, now_ms, offer=0, draw_ca=0, plugged=None, step_s=1):
    """Lets seconds pass; returns when it is then."""
    for _ in range(seconds // step_s):
        told(some, unit, now_ms, plugged)
        unit.follow(True, offer, draw_ca, now_ms)
        now_ms += step_s * S
    return now_ms


def whole_car(**more):
    return [entry(kind, **more) for kind in ("car_soc", "car_limit", "car_plugged", "car_home")]


# Words.


def test_who_tells_of_no_car_has_none():
    assert inputs(entry("grid")).cars is None and inputs().cars is None


def test_plugged_in_takes_clear_words_only():
    some = inputs(entry("car_plugged", "plain", unit_id="2433"))
    for payload, value in (
        ("true", True),
        ("True", True),
        (b"ON", True),
        (" 1\n", True),
        ("yes", True),
        ("false", False),
        ("off", False),
        ("0", False),
        ("No", False),
    ):
        hear(some, plain=payload)
        assert told(some, new())[2] is value, payload
    for payload in ("", "charging", "A", "2", "unavailable", "truefalse", "e", "plugged", b"\xff"):
        some = inputs(entry("car_plugged"))
        said = some.heard("car_plugged", payload, False, 0, 0)
        shown = "bytes that are no text" if payload == b"\xff" else payload
        assert said == (f'car-plugged: the last text was neither true nor false: "{shown}"'), (
            payload
        )
        assert told(some, new()) == (None, "", None)


def test_words_in_json():
    for payload, value in (
        ('{"a":{"b":true}}', True),
        ('{"a":{"b":"on"}}', True),
        ('{"a":{"b":1}}', True),
        ('{"a":{"b":false}}', False),
    ):
        some = inputs(entry("car_plugged", path="a.b"), entry("car_soc"))
        hear(some, car_plugged=payload, car_soc="50")
        assert told(some, new()) == ((50, "", True) if value else (None, "", None)), payload
    some = inputs(entry("car_home", path="a.b"), entry("car_soc"))
    for payload in ('{"a":1}', '{"a":{"b":null}}', '{"a":{"b":{}}}', '{"a":{"b":[1]}}', "x"):
        assert some.heard("car_home", payload, False, 0, 0) is not None, payload
    hear(some, car_home='{"a":{"b":"Home"}}', car_soc="50")
    assert told(some, new())[0] == 50
    hear(some, car_home='{"a":{"b":"not_home"}}')
    assert told(some, new())[0] is None


def test_home_is_a_word_of_ones_own_and_all_else_is_away():
    for word, payload, at_home in (
        ("home", "home", True),
        ("home", "HOME", True),
        ("home", "true", True),
        ("home", "not_home", False),
        ("home", "Supercharger Köln", False),
        ("home", "", False),  # TeslaMate, outside of all geofences
        ("home", "off", False),
        ("🏡 Home", "🏡 home", True),
        ("🏡 Home", "home", False),
    ):
        some = inputs(entry("car_home", home=word), entry("car_soc"))
        hear(some, car_soc="50", car_home=payload)
        assert told(some, new())[0] == (50 if at_home else None), (word, payload)
    # Words of one that does not know are none.
    some = inputs(entry("car_home"), entry("car_soc"))
    hear(some, car_soc="50", car_home="home")
    for payload in ("unavailable", "unknown", "None"):
        assert "neither" in some.heard("car_home", payload, False, 0, 0)
    assert told(some, new())[0] == 50


# Which car.


def test_by_its_place_or_any():
    some = inputs(entry("car_soc", "left", unit_id="2433"), entry("car_soc", "any"))
    hear(some, left="61.5", retained=True)
    assert told(some, new("2433"))[0] == 61.5 and told(some, new("24AB"))[0] is None
    hear(some, any="70")
    assert told(some, new("2433"))[0] == 61.5 and told(some, new("24AB"))[0] == 70
    alone = inputs(entry("car_soc", "left", unit_id="2433"))
    hear(alone, left="61.5")
    assert told(alone, new("2433"))[0] == 61.5 and told(alone, new("24AB"))[0] is None


def test_by_its_vin_wherever_it_is():
    some = inputs(
        entry("car_soc", "one", vin=LEFT),
        entry("car_soc", "two", vin=RIGHT),
        entry("car_soc", "place", unit_id="2433"),
    )
    hear(some, one="41", two="42", place="43")
    for unit_id, vin, soc in (
        ("2433", LEFT, 41),
        ("24AB", LEFT, 41),
        ("2433", RIGHT, 42),
        ("2433", None, 43),
        ("2433", "", 43),
        ("2433", "5YJ3E1EA0KF000003", 43),
        ("24AB", None, None),
        ("24AB", "5YJ3E1EA0KF000003", None),
    ):
        assert told(some, new(unit_id, vin), plugged=True)[0] == soc, (unit_id, vin)


def test_a_car_that_is_elsewhere_is_at_no_connector():
    for kind, away, here in (("car_home", "work", "home"), ("car_plugged", "false", "true")):
        for more, vin in (({"vin": LEFT}, LEFT), ({"unit_id": "2433"}, None), ({}, None)):
            some = inputs(*whole_car(**more))
            unit = new(vin=vin)
            hear(some, car_soc="80", car_limit="80")
            assert told(some, unit, plugged=True) == (80, FULL, True)
            hear(some, **{kind: away})
            assert told(some, unit, plugged=True) == (None, "", True), (kind, more)
            hear(some, **{kind: here})
            assert told(some, unit, plugged=True) == (80, FULL, True)
            # And it is not where nobody is plugged in.
            assert told(some, unit, plugged=False) == (None, "", False)


# Ages.


def test_what_a_car_told_is_good_for_six_hours():
    some = inputs(*whole_car())
    hear(some, car_soc="80", car_limit="80", car_plugged="true", car_home="home", retained=True)
    unit = new()
    assert told(some, unit, 6 * HOUR_MS) == (80, FULL, True)
    # Lost, it resumes nothing.
    assert told(some, unit, 6 * HOUR_MS + 1) == (None, FULL, None)


def test_and_for_three_days_if_its_sender_lives():
    some = inputs(*whole_car(on_change=True, alive="healthy", alive_payload="true"))
    assert some.warnings(0) == []
    hear(some, car_soc="80", car_limit="80", car_plugged="true", car_home="home", healthy="true")
    assert told(some, new(), 72 * HOUR_MS) == (80, FULL, True)
    assert told(some, new(), 72 * HOUR_MS + 1) == (None, "", None)
    some.heard("healthy", "false", False, 0, 0)
    assert told(some, new(), 6 * HOUR_MS) == (80, FULL, True)
    assert told(some, new(), 6 * HOUR_MS + 1) == (None, "", None)


def test_other_kinds_are_held_no_longer_than_before():
    some = inputs(entry("battery_soc", on_change=True, alive="x", max_age_s=60))
    hear(some, battery_soc="55", x="online")
    assert some.value("battery_soc", 30 * MINUTE_MS) == 55
    assert some.value("battery_soc", 30 * MINUTE_MS + 1) is None


# The car's own limit.


def test_words_with_both_numbers():
    some = inputs(entry("car_soc"), entry("car_limit", factor=100))
    unit = new()
    hear(some, car_soc="82.5")
    assert told(some, unit)[1] == ""
    hear(some, car_limit="0.8")
    assert told(some, unit)[1] == "the car's own limit of 80 % is reached: 82.5 %"
    hear(some, car_soc="79.9")
    assert told(some, unit)[1] == ""


def test_a_full_car_is_not_asked_each_hour_but_when_something_changes():
    some = inputs(entry("car_soc"), entry("car_limit"))
    unit = new()
    now_ms = follow(some, unit, 10, 0)
    assert unit.wants is None
    hear(some, now_ms, car_soc="80", car_limit="80")
    now_ms = follow(some, unit, 1, now_ms)
    assert unit.wants is False
    now_ms = follow(some, unit, 2 * 3600, now_ms, step_s=60)
    assert unit.wants is False
    # A person asks: once, for the usual time.
    unit.ask()
    now_ms = follow(some, unit, 900, now_ms, 6)
    assert unit.wants is None
    now_ms = follow(some, unit, 2, now_ms, 6)
    assert unit.wants is False
    now_ms = follow(some, unit, 2 * 3600, now_ms, step_s=60)
    assert unit.wants is False
    # Its limit is raised: it is asked.
    hear(some, now_ms, car_limit="90")
    follow(some, unit, 1, now_ms)
    assert unit.wants is None and unit.full == ""


def test_a_car_that_is_full_no_more_is_asked_at_once():
    for change in ({"car_limit": "90"}, {"car_soc": "79"}):
        some = inputs(entry("car_soc"), entry("car_limit"))
        unit = new()
        hear(some, car_soc="80", car_limit="80")
        now_ms = follow(some, unit, 60, 0)
        assert unit.wants is False
        hear(some, now_ms, **change)
        follow(some, unit, 1, now_ms)
        assert unit.wants is None and unit.full == ""


def test_what_is_lost_asks_nobody():
    some = inputs(entry("car_soc", max_age_s=10), entry("car_limit"))
    unit = new()
    hear(some, car_soc="80", car_limit="80")
    now_ms = follow(some, unit, 2, 0)
    assert unit.wants is False
    follow(some, unit, 4 * 3600, now_ms, step_s=60)
    assert unit.wants is False and unit.soc is None and unit.full == FULL


def test_a_car_that_draws_wants_whatever_is_told_until_it_stops():
    some = inputs(entry("car_soc"), entry("car_limit"))
    unit = new()
    hear(some, car_soc="80", car_limit="80")
    now_ms = follow(some, unit, 5, 0, 16, 1580)
    assert unit.wants is True
    follow(some, unit, 1, now_ms, 16, 25)
    assert unit.wants is False


def test_a_full_car_that_is_plugged_in_is_not_asked():
    some = inputs(*whole_car(vin=LEFT))
    hear(some, car_soc="80", car_limit="80", car_home="home")
    unit = new()
    now_ms = follow(some, unit, 100, 0, plugged=False)
    unit.vin = LEFT
    follow(some, unit, 1, now_ms, plugged=True)
    assert unit.wants is False and unit.full == FULL


# Plugged in.


def test_only_where_the_wall_connector_is_silent():
    some = inputs(*whole_car())
    hear(some, car_plugged="true", car_home="home")
    assert told(some, new())[2] is True
    assert told(some, new(), silent=False)[2] is None
    assert told(some, new(), plugged=True)[2] is True
    assert told(some, new(), plugged=False)[2] is False
    hear(some, car_plugged="false")
    assert told(some, new(), plugged=True)[2] is True
    assert told(some, new(), silent=False)[2] is None


def test_plugged_in_at_an_unknown_place_is_not_plugged_in_here():
    some = inputs(*whole_car())
    hear(some, car_plugged="true")
    assert told(some, new())[2] is None
    hear(some, car_home="home")
    assert told(some, new())[2] is True
    alone = inputs(entry("car_plugged"))
    hear(alone, car_plugged="true")
    assert told(alone, new())[2] is True


def test_unplugged_counts_only_after_plugged_in():
    # Else an old message would make the next one a car that is plugged in anew.
    for away in ({"car_plugged": "false"}, {"car_home": "work"}):
        some = inputs(*whole_car())
        unit = new()
        hear(some, retained=True, **away)
        assert told(some, unit)[2] is None
        hear(some, car_plugged="true", car_home="home")
        assert told(some, unit)[2] is True
        hear(some, **away)
        assert told(some, unit)[2] is False
        # Each wall connector for itself.
        assert told(some, new("24AB"))[2] is None


def test_a_car_that_has_left_says_nothing_of_the_next_one():
    for drawn in (False, True):
        some = inputs(*whole_car())
        unit = new()
        hear(some, car_plugged="true", car_home="home")
        told(some, unit)
        hear(some, car_plugged="false")
        assert told(some, unit, HOUR_MS - 1)[2] is False
        if drawn:
            unit.draw_ca = 600
            assert told(some, unit, 1000)[2] is None
            unit.draw_ca = 0
            assert told(some, unit, 2000)[2] is None
        else:
            assert told(some, unit, HOUR_MS)[2] is None

"""Sources as configured: what a surplus is found from, how long it is good, and what is told."""

import configured_sources
from charging.inputs import Inputs

MINUTE_MS = 60000
HOUR_MS = 3600000


def inputs(*entries, battery=None, volts=240):
    """Inputs with these sources, checked as the configuration is. One half of a surplus alone is
    told, but no mistake."""
    problems = []
    sources = configured_sources.check(list(entries), False, problems)
    assert [said for said in problems if "a surplus takes both" not in said] == []
    return Inputs(120000, sources, battery, volts)


def entry(kind, topic=None, **more):
    more["kind"] = kind
    more["topic"] = topic or kind
    return more


def surplus_of(entries, messages, now_ms=1000):
    """The surplus after some messages, (topic, payload) each, without cars."""
    some = inputs(*entries)
    for topic, payload in messages:
        assert some.heard(topic, payload, False, 0, 0) is None
    some.follow(0, now_ms)
    return some.surplus_watts(now_ms)


# One number: unit, sign, factor, offset, path.


def test_units_signs_factors_and_offsets():
    for more, payload, watts in (
        ({}, "-3000", 3000),
        ({"unit": "kW"}, "-3.25", 3250),
        ({"positive": "export"}, "3000", 3000),
        ({"positive": "export", "unit": "kW"}, "0.5", 500),
        ({"factor": -0.1}, "30000", 3000),
        ({"factor": -1, "positive": "export"}, "-3000", 3000),
        # Keep 100 W of export; a load that the meter does not see.
        ({"offset": 100}, "-3000", 2900),
        ({"offset": 100, "positive": "export"}, "3000", 2900),
        ({"unit": "A"}, "-10", 2400),
        ({"unit": "mA", "positive": "export"}, "10000", 2400),
    ):
        found = surplus_of([entry("grid", **more)], [("grid", payload)])
        assert abs(found - watts) < 0.01, (more, found)


def test_amperes_become_watts_with_the_volts_that_are_known():
    for volts, told, watts in ((230, None, 2300), (240, "232", 2320)):
        some = inputs(entry("grid", unit="A"), entry("volts"), volts=volts)
        if told:
            some.heard("volts", told, False, 0, 0)
        some.heard("grid", "-10", False, 0, 0)
        assert some.surplus_watts(0) == watts
        assert some.value("grid", 0) == -10 and some.unit("grid") == "A"


def test_numbers_are_found_at_their_path():
    for path, payload, watts in (
        ("ENERGY.Power", '{"Time":"2026-06-01T12:00:00","ENERGY":{"Power":250}}', 250),
        ("em.0.power", '{"em":[{"power":251.5},{"power":9}]}', 251.5),
        ("em.1.power", '{"em":[{"power":251.5},{"power":9}]}', 9),
        ("1", "[1, 2, 3]", 2),
        ("a.0", '{"a":{"0":7}}', 7),
        # Names with dots in them, as in OBIS numbers.
        ("eHZ.16.7.0", '{"eHZ":{"16.7.0":-12,"16":{"7":1}}}', -12),
        ("16.7.0", '{"16":5,"16.7":{"0":8}}', 8),
        ("params.em:0.total_act_power", '{"params":{"em:0":{"total_act_power":-5.5}}}', -5.5),
        # A number in quotes is one; spaces and lines are as JSON has them.
        ("a", '{"a":"12.5"}', 12.5),
        ("a", b' {\n"a" : 3e2 }\n', 300),
        ("a", '{"a":0,"b":1}', 0),
    ):
        some = inputs(entry("consumption", path=path))
        assert some.heard("consumption", payload, False, 0, 0) is None, payload
        assert some.value("consumption", 0) == watts, path


def test_what_is_no_number_at_a_path_is_no_reading_and_never_zero():
    for payload, why in (
        ('{"b":5}', 'the last message has no "a.b"'),
        ('{"a":{}}', 'the last message has no "a.b"'),
        ('{"a":[5]}', 'the last message has no "a.b"'),
        ('{"a":5}', 'the last message has no "a.b"'),
        ("5", 'the last message has no "a.b"'),
        ("null", 'the last message has no "a.b"'),
        ('{"a":{"b":null}}', '"a.b" is no number in the last message'),
        ('{"a":{"b":true}}', '"a.b" is no number in the last message'),
        ('{"a":{"b":false}}', '"a.b" is no number in the last message'),
        ('{"a":{"b":{}}}', '"a.b" is no number in the last message'),
        ('{"a":{"b":[1]}}', '"a.b" is no number in the last message'),
        ('{"a":{"b":"unavailable"}}', 'the last text was not a number: "unavailable"'),
        ('{"a":{"b":"NaN"}}', 'the last text was not a number: "NaN"'),
        ('{"a":{"b":""}}', 'the last text was not a number: ""'),
        ("unavailable", 'the last message was not JSON: "unavailable"'),
        ("", 'the last message was not JSON: ""'),
        ('{"a":{"b":5}', 'the last message was not JSON: "{"a":{"b":5}"'),
        (b"\xff\xfe", 'the last message was not JSON: "bytes that are no text"'),
        ("[" * 900, 'the last message was not JSON: "' + "[" * 40 + '"'),
        ('{"a":{"b":5}}' + " " * 1012, "the last message is longer than 1 KB"),
        ('{"a":{"b":1e999}}', "the last number is beyond 200 kW: inf"),
        ('{"a":{"b":-200001}}', "the last number is beyond 200 kW: -200001"),
    ):
        some = inputs(entry("surplus", path="a.b"))
        some.heard("surplus", '{"a":{"b":1500}}', False, 0, 0)
        said = some.heard("surplus", payload, False, 0, 1000)
        assert said == "surplus: " + why, (payload, said)
        assert some.unusable() == said
        # The last good one goes on ageing.
        assert some.value("surplus", 120000) == 1500 and some.value("surplus", 120001) is None
        assert some.without(181000) == ("lost", f"no surplus reading for 3 min ({why})")


def test_not_a_number_of_another_parser_is_no_reading():
    # CPython's JSON has NaN and Infinity, MicroPython's none.
    for word in ("NaN", "Infinity", "-Infinity"):
        some = inputs(entry("surplus", path="a"))
        said = some.heard("surplus", '{"a":' + word + "}", False, 0, 0)
        assert "was not JSON" in said or (
            "is no number" in said if word == "NaN" else "is beyond 200 kW" in said
        )
        assert some.value("surplus", 0) is None


def test_each_kind_has_its_limits():
    for kind, more, good, bad, why in (
        ("grid", {}, "200000", "200001", "beyond 200 kW: 200001.0"),
        ("grid", {"unit": "kW"}, "200", "200.5", "beyond 200 kW: 200500.0"),
        ("grid_l1", {"unit": "A"}, "1000", "1001", "not from -1000 to 1000: 1001.0"),
        ("battery_soc", {}, "100", "100.5", "not from 0 to 100: 100.5"),
        ("car_soc", {}, "0", "-1", "not from 0 to 100: -1.0"),
        ("volts", {}, "50", "23", "not from 50 to 500: 23.0"),
        ("price", {}, "-0.25", "2000", "not from -1000 to 1000: 2000.0"),
    ):
        some = inputs(entry(kind, **more))
        assert some.heard(kind, good, False, 0, 0) is None
        assert some.value(kind, 0) is not None
        assert some.heard(kind, bad, False, 0, 0).endswith("the last number is " + why)


# Ages.


def test_default_ages_by_kind():
    for kind, payload, age_ms in (
        ("surplus", "1", 120000),
        ("grid", "1", 120000),
        ("grid_l3", "1", 120000),
        ("consumption", "1", 120000),
        ("battery", "1", 120000),
        ("volts", "230", 120000),
        ("generation", "1", 15 * MINUTE_MS),
        ("price", "1", 6 * HOUR_MS),
        ("feed_in", "1", 6 * HOUR_MS),
        ("battery_soc", "50", 6 * HOUR_MS),
        ("car_soc", "50", 6 * HOUR_MS),
    ):
        some = inputs(entry(kind))
        assert some.value(kind, 0) is None and some.age_ms(kind, 0) is None
        some.heard(kind, payload, False, 0, 1000)
        assert some.value(kind, 1000 + age_ms) == float(payload), kind
        assert some.value(kind, 1001 + age_ms) is None, kind
        assert some.age_ms(kind, 1001 + age_ms) == age_ms + 1


def test_an_age_of_ones_own():
    some = inputs(entry("grid", max_age_s=2.5))
    some.heard("grid", "-2000", False, 0, 0)
    assert some.surplus_watts(2500) == 2000 and some.surplus_watts(2501) is None


def test_the_age_of_inputs_holds_for_meters_without_one():
    problems = []
    some = Inputs(5000, configured_sources.check([entry("grid")], False, problems))
    some.heard("grid", "-2000", False, 0, 0)
    assert some.surplus_watts(5000) == 2000 and some.surplus_watts(5001) is None


def on_change(kind="generation", **more):
    return entry(kind, on_change=True, alive="ha/status", **more)


def test_an_unchanged_value_is_good_for_30_minutes_while_its_sender_lives():
    some = inputs(on_change(max_age_s=60), entry("consumption", max_age_s=86400))
    assert some.topics() == ["generation", "ha/status", "consumption"]
    some.heard("ha/status", "online", True, 0, 0)
    some.heard("consumption", "500", False, 0, 0)
    some.heard("generation", "3000", False, 0, 0)
    assert some.surplus_watts(30 * MINUTE_MS) == 2500
    assert some.surplus_watts(30 * MINUTE_MS + 1) is None
    assert some.without(31 * MINUTE_MS) == ("lost", "no generation reading for 31 min")


def test_no_longer_than_its_sender_lives():
    for payload in ("offline", "", "Online", "online ", b"\xff"):
        some = inputs(on_change(), entry("consumption", max_age_s=86400))
        some.heard("ha/status", "online", False, 0, 0)
        some.heard("consumption", "500", False, 0, 0)
        some.heard("generation", "3000", False, 0, 0)
        some.heard("ha/status", payload, False, 0, 1000)
        assert some.surplus_watts(15 * MINUTE_MS) == 2500
        assert some.surplus_watts(15 * MINUTE_MS + 1) is None, payload


def test_a_sender_that_has_said_nothing_is_not_known_to_live():
    some = inputs(on_change())
    some.heard("generation", "3000", False, 0, 0)
    assert some.value("generation", 15 * MINUTE_MS + 1) is None
    assert some.warnings(0) == [
        'ha/status does not say "online": a generation reading is good for 15 min only.'
    ]
    some.heard("ha/status", "online", True, 0, 0)
    assert some.value("generation", 15 * MINUTE_MS + 1) == 3000 and some.warnings(0) == []


def test_another_word_for_alive():
    some = inputs(on_change(alive_payload="true"))
    some.heard("generation", "3000", False, 0, 0)
    some.heard("ha/status", "online", True, 0, 0)
    assert some.value("generation", 20 * MINUTE_MS) is None
    some.heard("ha/status", b"true", True, 0, 0)
    assert some.value("generation", 20 * MINUTE_MS) == 3000


def test_when_our_session_ends_nobody_is_known_to_live():
    some = inputs(on_change())
    some.heard("ha/status", "online", True, 0, 0)
    some.heard("generation", "3000", False, 0, 0)
    some.disconnected()
    assert some.value("generation", 20 * MINUTE_MS) is None
    some.heard("ha/status", "online", True, 0, 20 * MINUTE_MS)
    assert some.value("generation", 20 * MINUTE_MS) == 3000


def test_what_became_unavailable_is_not_unchanged():
    # Home Assistant lives, but has lost its inverter.
    some = inputs(on_change())
    some.heard("ha/status", "online", True, 0, 0)
    some.heard("generation", "3000", False, 0, 0)
    some.heard("generation", "unavailable", False, 0, 1000)
    assert some.value("generation", 15 * MINUTE_MS) == 3000
    assert some.value("generation", 15 * MINUTE_MS + 1) is None
    some.heard("generation", "2000", False, 0, 15 * MINUTE_MS + 2)
    assert some.value("generation", 40 * MINUTE_MS) == 2000


def test_after_a_reconnect_the_same_retained_value_still_stands():
    some = inputs(on_change())
    some.heard("generation", "3000", False, 0, 0)
    some.disconnected()
    some.heard("ha/status", "online", True, 0, 5 * MINUTE_MS)
    assert some.heard("generation", "3000", True, 0, 5 * MINUTE_MS) is None
    # It was not renewed, and is not doubted.
    assert some.value("generation", 30 * MINUTE_MS) == 3000
    assert some.value("generation", 30 * MINUTE_MS + 1) is None
    # Another one has changed while nobody listened.
    said = some.heard("generation", "100", True, 0, 6 * MINUTE_MS)
    assert said == "generation: retained message of unknown age: 100 W"
    assert some.value("generation", 16 * MINUTE_MS) is None


def test_another_source_of_the_same_sender_shows_that_it_lives():
    some = inputs(
        entry("battery_soc", on_change=True, alive="power", max_age_s=60),
        entry("consumption", topic="power"),
    )
    some.heard("battery_soc", "55", False, 0, 0)
    assert some.value("battery_soc", 61000) is None
    some.heard("power", "400", False, 0, 600000)
    assert some.value("battery_soc", 720000) == 55
    assert some.value("battery_soc", 720001) is None
    # Its numbers count, not what is no reading.
    some.heard("power", "unknown", False, 0, 720001)
    assert some.value("battery_soc", 720001) is None


# Retained messages.


def test_a_retained_reading_is_shown_and_counts_for_nothing():
    for kind, payload, shown in (
        ("surplus", "3000", "3 000 W"),
        ("grid", "-3000", "-3 000 W"),
        ("grid_l1", "-300", "-300 W"),
        ("generation", "3000", "3 000 W"),
        ("battery", "1500", "1 500 W"),
        ("volts", "231", "231.0 V"),
    ):
        some = inputs(entry(kind))
        said = some.heard(kind, payload, True, 0, 0)
        name = "grid L1" if kind == "grid_l1" else kind
        assert said == f"{name}: retained message of unknown age: {shown}"
        assert some.value(kind, 0) is None and some.surplus_watts(0) is None


def test_a_retained_reading_renews_nothing_even_if_it_is_the_same():
    some = inputs(entry("grid"))
    some.heard("grid", "-3000", False, 0, 0)
    said = some.heard("grid", "-3000", True, 0, 100000)
    assert said == "grid: retained message of unknown age: -3 000 W"
    assert some.surplus_watts(120000) == 3000 and some.surplus_watts(120001) is None


def test_a_retained_price_or_state_of_charge_counts():
    for kind in ("price", "feed_in", "battery_soc", "car_soc"):
        some = inputs(entry(kind))
        assert some.heard(kind, "50", True, 0, 0) is None
        assert some.value(kind, 6 * HOUR_MS) == 50 and some.value(kind, 6 * HOUR_MS + 1) is None


# Which surplus.


def test_a_surplus_is_found_in_each_way():
    for entries, messages, watts in (
        ([entry("surplus")], [("surplus", "1234")], 1234),
        ([entry("grid")], [("grid", "-1234")], 1234),
        (
            [entry("grid_l1"), entry("grid_l2"), entry("grid_l3")],
            [("grid_l1", "-500"), ("grid_l2", "200"), ("grid_l3", "-1000")],
            1300,
        ),
        # Import and export on two topics: what is sent of one kind is added up.
        (
            [entry("grid", "in", unit="kW"), entry("grid", "out", unit="kW", positive="export")],
            [("in", "0.000"), ("out", "1.234")],
            1234,
        ),
        (
            [entry("generation", "east"), entry("generation", "west"), entry("consumption")],
            [("east", "1000"), ("west", "1500"), ("consumption", "700")],
            1800,
        ),
    ):
        assert abs(surplus_of(entries, messages) - watts) < 0.01


def test_a_sum_needs_all_of_its_parts():
    entries = [entry("grid_l1"), entry("grid_l2"), entry("grid_l3")]
    some = inputs(*entries)
    assert some.without(0) == (
        "waiting",
        "no grid L1 reading yet, no grid L2 reading yet, no grid L3 reading yet",
    )
    some.heard("grid_l1", "-500", False, 0, 0)
    some.heard("grid_l3", "-500", False, 0, 0)
    some.follow(0, 5000)
    assert some.surplus_watts(5000) is None
    assert some.without(5000) == ("waiting", "no grid L2 reading yet")
    some.heard("grid_l2", "100", False, 0, 6000)
    assert some.surplus_watts(6000) == 900
    assert some.newest(6000).at_ms == 0  # as old as the oldest of them
    some.heard("grid_l1", "-500", False, 0, 100000)
    some.heard("grid_l3", "-500", False, 0, 100000)
    assert some.surplus_watts(126000) == 900 and some.surplus_watts(126001) is None
    some.heard("grid_l1", "-5000", False, 0, 186000)
    some.heard("grid_l3", "-5000", False, 0, 186000)
    some.follow(0, 187000)
    assert some.surplus_watts(187000) is None and some.newest(187000).watts == 900
    assert some.without(187000) == ("lost", "no grid L2 reading for 3 min")


def test_what_is_sent_together_is_used_together():
    # From 1 200 W of export to 300 W of import: never both at once.
    some = inputs(entry("grid", "in"), entry("grid", "out", positive="export"))
    some.heard("in", "0", False, 0, 0)
    some.heard("out", "1200", False, 0, 0)
    assert some.surplus_watts(0) == 1200
    some.heard("in", "300", False, 0, 10000)
    assert some.surplus_watts(10000) == 1200
    some.heard("out", "0", False, 0, 10010)
    assert some.surplus_watts(10010) == -300
    # A sender that tells changes only says the other one no more: it is not waited for long.
    some.heard("in", "500", False, 0, 20000)
    some.follow(0, 20999)
    assert some.surplus_watts(20999) == -300
    some.follow(0, 21000)
    assert some.surplus_watts(21000) == -500


def test_a_part_that_comes_back_is_used_at_once():
    some = inputs(entry("generation"), entry("consumption"))
    some.heard("generation", "3000", False, 0, 0)
    some.heard("consumption", "500", False, 0, 0)
    some.heard("generation", "900", False, 0, 500000)
    some.follow(0, 500000)
    some.follow(0, 502000)
    assert some.surplus_watts(502000) is None
    some.heard("consumption", "600", False, 0, 510000)
    assert some.surplus_watts(510000) == 300
    # Also beside one that has not changed meanwhile.
    some.heard("consumption", "800", False, 0, 700000)
    assert some.surplus_watts(700000) == 100


def test_the_whole_meter_counts_before_its_phases():
    some = inputs(entry("grid"), entry("grid_l1", unit="A"), entry("grid_l2", unit="A"))
    some.heard("grid", "-2000", False, 0, 0)
    some.heard("grid_l1", "9", False, 0, 0)
    assert some.surplus_watts(0) == 2000
    assert some.value("grid", 0) == -2000
    assert some.value("grid_l1", 0) == 9 and some.unit("grid_l1") == "A"
    assert some.value("grid_l2", 0) is None


def test_phases_alone_are_the_whole_meter():
    some = inputs(entry("grid_l1", unit="A"), entry("grid_l2", unit="kW"))
    some.heard("grid_l1", "-10", False, 0, 0)
    some.heard("grid_l2", "0.5", False, 0, 0)
    assert some.surplus_watts(0) == 1900 and some.value("grid", 0) == -1900


def test_of_two_live_ways_the_one_that_gives_less_counts():
    entries = [entry("surplus"), entry("grid"), entry("generation"), entry("consumption")]
    for surplus, grid, generation, watts, kind in (
        (1000, -2000, 3500, 1000, "surplus"),
        (2000, -1000, 3500, 1000, "grid"),
        (3000, -2000, 1500, 1000, "generation"),
    ):
        some = inputs(*entries)
        for topic, number in (
            ("surplus", surplus),
            ("grid", grid),
            ("generation", generation),
            ("consumption", 500),
        ):
            some.heard(topic, str(number), False, 0, 0)
        assert some.surplus_watts(0) == watts and some.newest(0).kind == kind
        assert some.warnings(0) == []


def test_when_the_meter_is_lost_generation_and_consumption_go_on():
    some = inputs(entry("grid"), entry("generation"), entry("consumption"))
    some.heard("grid", "-1000", False, 0, 0)
    for now_ms in (0, 60000, 120000, 180000):
        some.heard("generation", "3000", False, 0, now_ms)
        some.heard("consumption", "500", False, 0, now_ms)
    assert some.surplus_watts(180000) == 2500
    some.heard("grid", "-800", False, 0, 181000)
    assert some.surplus_watts(181000) == 800


def test_our_own_topics_beside_sources():
    some = inputs(entry("generation"), entry("consumption"))
    some.heard("generation", "3000", False, 0, 0)
    some.heard("consumption", "500", False, 0, 0)
    some.receive("grid", "-1000", False, 0, 0)
    assert some.surplus_watts(0) == 1000
    assert some.warnings(0) == [
        "grid/set is being sent beside the configured sources: the one that gives less counts. "
        "Send only one of them."
    ]
    # What the guard asks for comes from there too.
    assert some.value("grid", 0) == -1000 and some.age_ms("grid", 5000) == 5000
    assert some.value("grid", 120001) is None and some.value("price", 0) is None


def test_what_the_cars_draw_is_added_where_they_are_in_it():
    for entries, messages, watts in (
        ([entry("surplus")], [("surplus", "1000")], 1000),
        ([entry("grid")], [("grid", "1880")], 1000),
        (
            [entry("generation"), entry("consumption", with_cars=True)],
            [("generation", "3000"), ("consumption", "4880")],
            1000,
        ),
        (
            [entry("generation"), entry("consumption")],
            [("generation", "3000"), ("consumption", "2000")],
            1000,
        ),
    ):
        some = inputs(*entries)
        for now_ms in range(0, 100000, 1000):
            some.follow(2880, now_ms)
        for topic, payload in messages:
            some.heard(topic, payload, False, 2880, 100000)
        assert some.surplus_watts(100000) == watts, entries


def test_a_late_meter_does_not_make_a_surplus_of_a_start():
    # The car starts with 2 880 W; the meter shows it 5 s later. Before, draw and meter together
    # would show 2 880 W more than there is.
    for entries, offset in (
        ([entry("grid")], 0),
        ([entry("generation"), entry("consumption", with_cars=True)], 4000),
    ):
        some = inputs(*entries)
        seen = []
        for second in range(120):
            draw = 2880 if second >= 60 else 0
            shown = (2880 if second >= 65 else 0) - 3000
            some.follow(draw, second * 1000)
            if offset:
                some.heard("generation", str(offset), False, draw, second * 1000)
                some.heard("consumption", str(shown + offset), False, draw, second * 1000)
            else:
                some.heard("grid", str(shown), False, draw, second * 1000)
            seen.append(some.surplus_watts(second * 1000))
        assert max(seen) <= 3100 and min(seen) >= 2900, (min(seen), max(seen))


def test_a_slow_meter_has_a_note():
    some = inputs(entry("grid"))
    for second in range(120):
        some.follow(0, second * 1000)
        if second % 20 == 0:
            some.heard("grid", "-1000", False, 0, second * 1000)
    assert "every 20 s" in some.note(119000)
    assert inputs(entry("grid")).note(0) is None


def test_a_consumption_that_contains_the_cars_unknown_to_us_is_told():
    some = inputs(entry("generation"), entry("consumption"))
    now_ms = 0
    for draw in (0, 2880, 0, 2880, 0):
        for _ in range(2):
            now_ms += 10000
            some.heard("generation", "4000", False, draw, now_ms)
            some.heard("consumption", str(500 + draw), False, draw, now_ms)
    assert some.warnings(now_ms) == [
        "Generation minus consumption falls by what the cars take: the consumption seems to "
        'contain them. Write "with_cars": true at it.'
    ]


# Each reading once, for the guard.


def test_news_are_told_once():
    some = inputs(entry("grid"), entry("grid_l1", unit="A"))
    assert some.news("grid", 0) is None and some.news("grid_l1", 0) is None
    some.heard("grid", "-500", False, 0, 0)
    assert some.news("grid", 5) == -500 and some.news("grid", 5) is None
    assert some.news("grid_l1", 5) is None
    some.heard("grid_l1", "4.5", False, 0, 10)
    assert some.news("grid", 10) is None and some.news("grid_l1", 10) == 4.5
    # The same number again is news; what is none, is none.
    some.heard("grid", "-500", False, 0, 20)
    assert some.news("grid", 20) == -500
    some.heard("grid", "unknown", False, 0, 30)
    some.heard("grid", "700", True, 0, 30)
    assert some.news("grid", 30) is None and some.value("grid", 30) == -500


def test_news_of_a_sum_need_all_of_its_parts_anew():
    some = inputs(entry("grid", "in"), entry("grid", "out", positive="export"))
    some.heard("in", "0", False, 0, 0)
    assert some.news("grid", 0) is None
    some.heard("out", "900", False, 0, 3)
    assert some.news("grid", 3) == -900
    # That the surplus is made of them does not hide them, nor the other way round.
    assert some.surplus_watts(3) == 900
    some.heard("in", "400", False, 0, 10000)
    some.follow(0, 11000)
    assert some.surplus_watts(11000) == 500 and some.news("grid", 11000) is None
    some.heard("out", "0", False, 0, 11000)
    assert some.news("grid", 11000) == 400


def test_news_of_phases_that_make_the_whole():
    some = inputs(entry("grid_l1", unit="A"), entry("grid_l2", unit="A"))
    some.heard("grid_l1", "10", False, 0, 0)
    assert some.news("grid", 0) is None
    some.heard("grid_l2", "-2", False, 0, 7)
    assert some.news("grid", 7) == 8 * 240 and some.unit("grid") == "W"


def test_news_on_our_own_topic():
    some = Inputs(120000)
    assert some.news("grid", 0) is None
    some.receive("grid", "800", False, 0, 0)
    assert some.news("grid", 0) == 800 and some.news("grid", 0) is None
    some.receive("grid", "x", False, 0, 0)
    some.receive("grid", "900", True, 0, 0)
    assert some.news("grid", 0) is None and some.news("surplus", 0) is None


# Everything else.


def test_several_sources_may_share_a_topic():
    some = inputs(
        entry("grid", "meter", path="grid"),
        entry("generation", "meter", path="pv"),
        entry("consumption", "meter", path="house"),
        entry("price", "meter", path="price"),
    )
    assert some.topics() == ["meter"]
    payload = '{"grid":-2500,"pv":3000,"house":600,"price":"0.31"}'
    assert some.heard("meter", payload, False, 0, 0) is None
    assert some.surplus_watts(0) == 2400 and some.value("price", 0) == 0.31
    # What one of them lacks does not spoil the others.
    said = some.heard("meter", '{"grid":-1000,"price":"0.32"}', False, 0, 1000)
    assert said == 'generation: the last message has no "pv"'
    assert some.surplus_watts(1000) == 1000 and some.value("price", 1000) == 0.32


def test_a_topic_that_is_nobodys_changes_nothing():
    some = inputs(entry("grid"))
    assert some.heard("grid/other", "-5000", False, 0, 0) is None
    assert some.surplus_watts(0) is None and some.unusable() is None


def test_prices_in_other_units():
    some = inputs(entry("price", unit="/MWh"), entry("feed_in", factor=0.01))
    some.heard("price", "312.5", True, 0, 0)
    some.heard("feed_in", "8.1", True, 0, 0)
    assert abs(some.value("price", 0) - 0.3125) < 1e-6
    assert abs(some.value("feed_in", 0) - 0.081) < 1e-6
    assert some.unit("price") == "/kWh"


def test_without_sources_nothing_is_subscribed_to():
    some = Inputs(120000)
    assert some.topics() == [] and some.value("grid", 0) is None and some.unit("grid") == "W"
    assert some.without(0) == ("waiting", "no surplus reading yet")
    some.receive("surplus", "unknown", False, 0, 0)
    assert some.without(0) == (
        "waiting",
        'no surplus reading yet (surplus: the last text was not a number: "unknown")',
    )
    some.receive("surplus", "3000", False, 0, 0)
    assert some.without(181000) == ("lost", "no surplus reading for 3 min")
    some.disconnected()
    some.follow(0, 0)

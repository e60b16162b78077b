"""The section "sources" of config.json: each mistake has its sentence, and gives no more."""

import configured_sources

WHOLE = {
    "kind": "grid",
    "topic": "meter",
    "path": None,
    "unit": "W",
    "positive": "import",
    "factor": 1,
    "offset": 0,
    "max_age_s": None,
    "on_change": False,
    "alive": None,
    "alive_payload": "online",
    "with_cars": False,
    "unit_id": None,
    "vin": None,
    "home": None,
}
VIN = "5YJ3E1EA0KF000001"

KINDS = (
    "surplus, grid, grid_l1, grid_l2, grid_l3, generation, consumption, battery, battery_soc, "
    "car_soc, car_limit, car_plugged, car_home, price, feed_in, volts"
)


def check(given, guard_uses_grid=False, battery_soc=None):
    problems = []
    found = configured_sources.check(given, guard_uses_grid, problems, battery_soc)
    return found, problems


def source(kind="grid", **more):
    entry = {"kind": kind, "topic": kind}
    entry.update(more)
    return entry


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


def kinds(found):
    return [one["kind"] for one in found]


def test_a_source_comes_back_with_all_keys():
    given = [{"kind": "grid", "topic": "meter"}]
    found, problems = check(given)
    assert found == [WHOLE] and problems == []
    assert given == [{"kind": "grid", "topic": "meter"}]


def test_everything_that_can_be_written():
    for entry in (
        source("surplus", unit="kW", max_age_s=30),
        source("grid", unit="A", positive="export", factor=-0.5, offset=-100.5),
        source("grid", path="a.b.0", on_change=True, alive="x/y", alive_payload="true"),
        source("grid_l1", unit="mA"),
        source("generation", topic="x" * 100),
        source("consumption", with_cars=True, topic="häuser/1"),
        source("battery", positive="discharging"),
        source("battery_soc", unit="%"),
        source("car_soc", unit_id="24AB"),
        source("car_limit", vin=VIN, factor=100),
        source("car_plugged", path="charge.plugged", on_change=True, alive="x"),
        source("car_home", home="🏡 Home", unit_id="24AB"),
        source("price", unit="/MWh", max_age_s=86400),
        source("feed_in", unit="/kWh", factor=0.01),
        source("volts", unit="V", max_age_s=1),
        source("grid", path=None, alive=None, offset=None),
    ):
        found, problems = check([entry])
        assert [said for said in problems if "a surplus takes both" not in said] == []
        assert len(found) == 1
        for key in entry:
            if entry[key] is not None:
                assert found[0][key] == entry[key]
        assert sorted(found[0]) == sorted(WHOLE)


def test_default_units_and_ages():
    for kind, unit, age_s in (
        ("surplus", "W", None),
        ("grid_l2", "W", None),
        ("generation", "W", 900),
        ("consumption", "W", None),
        ("battery", "W", None),
        ("battery_soc", "%", 21600),
        ("car_soc", "%", 21600),
        ("car_limit", "%", 21600),
        ("car_plugged", "", 21600),
        ("car_home", "", 21600),
        ("price", "/kWh", 21600),
        ("feed_in", "/kWh", 21600),
        ("volts", "V", None),
    ):
        found = check([source(kind)])[0]
        assert found[0]["unit"] == unit and found[0]["max_age_s"] == age_s


def test_what_is_no_list():
    for given in ({}, "grid", 5, None, True):
        found, problems = check(given)
        assert found == []
        assert only(problems) == (
            'config.json: sources is no list: write [ { "kind": "grid", "topic": "..." } ]; '
            "none is used until you do."
        )
    assert check([]) == ([], [])


def test_the_sentence_for_each_mistake():
    until = "; the source is not used until you do."
    topic = "write a topic of up to 100 bytes without # and +"
    for entry, sentence in (
        ("meter", 'source 1 is "meter": write { "kind": "grid", "topic": "..." }'),
        ({"topic": "x"}, f"source 1: kind is missing: write one of {KINDS}"),
        ({"kind": "gird"}, f'source 1: kind is "gird": write one of {KINDS}'),
        ({"kind": ["grid"]}, f"source 1: kind is a list: write one of {KINDS}"),
        (source(topic=5), f"source 1 (grid): topic is 5: {topic}"),
        (source(topic=""), f'source 1 (grid): topic is "": {topic}'),
        (source(topic=None), f"source 1 (grid): topic is missing: {topic}"),
        (source(topic="home/#"), f'source 1 (grid): topic is "home/#": {topic}'),
        (source(topic="home/+/x"), f'source 1 (grid): topic is "home/+/x": {topic}'),
        (source(topic="x" * 101), f'source 1 (grid): topic is "{"x" * 40}": {topic}'),
        (source(topic="ä" * 51), f'source 1 (grid): topic is "{"ä" * 40}": {topic}'),
        (
            source(path="a..b"),
            'source 1 (grid): path is "a..b": write names with dots between them, such as '
            '"ENERGY.Power"',
        ),
        (
            source(path=["a"]),
            "source 1 (grid): path is a list: write names with dots between them, such as "
            '"ENERGY.Power"',
        ),
        (
            source(unit="MW"),
            'source 1 (grid): unit is "MW": write one of "W", "kW", "A", "mA"',
        ),
        (
            source("generation", unit="A"),
            'source 1 (generation): unit is "A": write one of "W", "kW"',
        ),
        (
            source(positive="Export"),
            'source 1 (grid): positive is "Export": write one of "import", "export"',
        ),
        (
            source("battery", positive="import"),
            'source 1 (battery): positive is "import": write one of "charging", "discharging"',
        ),
        (
            source("generation", positive="export"),
            'source 1 (generation): positive is "export": write nothing: its sign is known',
        ),
        (
            source(factor=0),
            "source 1 (grid): factor is 0: write a number from -1000000 to 1000000, not 0",
        ),
        (
            source(factor=True),
            "source 1 (grid): factor is true: write a number from -1000000 to 1000000, not 0",
        ),
        (
            source(offset="100"),
            'source 1 (grid): offset is "100": write a number from -100000 to 100000',
        ),
        (
            source(offset=float("nan")),
            "source 1 (grid): offset is nan: write a number from -100000 to 100000",
        ),
        (
            source(max_age_s=0),
            "source 1 (grid): max_age_s is 0: write a number from 1 to 86400",
        ),
        (
            source(on_change="yes"),
            'source 1 (grid): on_change is "yes": write true or false, without quotes',
        ),
        (
            source(alive="#"),
            f'source 1 (grid): alive is "#": {topic}',
        ),
        (
            source(alive_payload=True),
            "source 1 (grid): alive_payload is true: write the text that is sent there while it "
            "lives",
        ),
        (
            source(with_cars=True),
            "source 1 (grid): with_cars is true: write nothing: it belongs to a consumption",
        ),
        (
            source("consumption", with_cars=1),
            "source 1 (consumption): with_cars is 1: write true or false, without quotes",
        ),
        (
            source(unit_id="2433"),
            'source 1 (grid): unit_id is "2433": write nothing: it belongs to a car',
        ),
        (
            source(vin=VIN),
            f'source 1 (grid): vin is "{VIN}": write nothing: it belongs to a car',
        ),
        (
            source("car_home", vin=VIN.lower()),
            f'source 1 (car_home): vin is "{VIN.lower()}": write the 17 characters of the VIN, '
            "upper case, in quotes",
        ),
        (
            source("car_soc", vin=VIN[:16]),
            f'source 1 (car_soc): vin is "{VIN[:16]}": write the 17 characters of the VIN, '
            "upper case, in quotes",
        ),
        (
            source("car_soc", home="home"),
            'source 1 (car_soc): home is "home": write nothing: it belongs to a car_home',
        ),
        (
            source("car_home", home=""),
            'source 1 (car_home): home is "": write what is sent while the car is at home',
        ),
        (
            source("car_plugged", unit="%"),
            'source 1 (car_plugged): unit is "%": write nothing: it is told in words',
        ),
        (
            source("car_home", factor=2),
            "source 1 (car_home): factor is 2: write nothing: it is told in words",
        ),
        (
            source("car_plugged", offset=1),
            "source 1 (car_plugged): offset is 1: write nothing: it is told in words",
        ),
        (
            source("car_soc", unit_id="24ab"),
            'source 1 (car_soc): unit_id is "24ab": write four hex digits in quotes, upper '
            'case, such as "2433"',
        ),
    ):
        found, problems = check([entry])
        assert found == []
        assert only(problems) == "config.json: " + sentence + until, problems


def test_a_source_without_a_topic():
    found, problems = check([{"kind": "grid"}])
    assert found == []
    assert only(problems) == (
        "config.json: source 1 (grid) has no topic: write the topic that it is sent on; the "
        "source is not used until you do."
    )


def test_an_unknown_key_may_have_been_a_sign():
    found, problems = check([source(positiv="export")])
    assert found == []
    assert only(problems) == (
        "config.json: source 1 (grid): positiv is unknown; the source is not used until this is "
        "mended. Known are: kind, topic, path, unit, positive, factor, offset, max_age_s, "
        "on_change, alive, alive_payload, with_cars, unit_id, vin, home."
    )


def test_a_car_is_found_by_its_vin_or_by_its_place():
    found, problems = check([source("car_soc", vin=VIN, unit_id="2433")])
    assert found == []
    assert only(problems) == (
        "config.json: source 1 (car_soc) has a unit_id and a vin: write one of the two; the "
        "source is not used until you do."
    )


def test_home_is_called_home():
    assert [one["home"] for one in check([source("car_home"), source("car_soc")])[0]] == [
        "home",
        None,
    ]


def test_a_wrong_source_leaves_the_others():
    found, problems = check([source(unit="x"), source("price"), source("battery_soc")])
    assert kinds(found) == ["price", "battery_soc"] and len(problems) == 1


def test_of_a_sum_that_lacks_a_part_nothing_is_used():
    # The export alone, or generation alone, would tell more than there is.
    for entries, left, sentence in (
        (
            [source(topic="in", unit="w"), source(topic="out", positive="export")],
            [],
            "grid is",
        ),
        (
            [source("grid_l1"), source("grid_l2", unit="w"), source("grid_l3"), source("surplus")],
            ["surplus"],
            "grid_l1, grid_l3 are",
        ),
        (
            [source("generation"), source("consumption", factor=0), source("price")],
            ["price"],
            "generation is",
        ),
        # Without the battery its discharge would pass for sun.
        (
            [source("battery", unit="x"), source(), source("generation"), source("volts")],
            ["volts"],
            "grid, generation are",
        ),
        # It may have been any of them.
        ([source("batery"), source(), source("surplus")], [], "grid, surplus are"),
        ([5, source("surplus"), source("car_soc")], ["car_soc"], "surplus is"),
    ):
        found, problems = check(entries)
        assert kinds(found) == left
        assert len(problems) == 2
        assert problems[1] == (
            f"config.json: sources: until that is mended {sentence} not used either: without it "
            "the surplus could be too high."
        )


def test_on_change_of_a_meter_that_the_guard_uses():
    for kind in ("grid", "grid_l1", "grid_l3"):
        entry = source(kind, on_change=True, alive="meter/online")
        found, problems = check([entry], guard_uses_grid=True)
        assert found[0]["on_change"] is False
        assert only(problems) == (
            f"config.json: source 1 ({kind}): on_change is not followed: the grid guard goes by "
            "this meter, and an unchanged value may be a meter that is gone. A reading is good "
            "for its maximum age only."
        )
        found, problems = check([entry])
        assert found[0]["on_change"] is True and problems == []
    entry = source("surplus", on_change=True, alive="x")
    assert check([entry], guard_uses_grid=True) == check([entry])


def test_on_change_needs_another_topic_that_shows_life():
    for more in ({}, {"alive": "grid"}):
        found, problems = check([source(on_change=True, **more)])
        assert found[0]["on_change"] is False
        assert only(problems) == (
            "config.json: source 1 (grid): on_change is not followed: alive has to be another "
            "topic, which tells whether the sender lives. A reading is good for its maximum age "
            "only."
        )
    found, problems = check([source(alive="x")])
    assert len(found) == 1
    assert only(problems) == (
        'config.json: source 1 (grid): alive does nothing without "on_change": true.'
    )


def test_two_that_can_not_stand_side_by_side():
    found, problems = check([source(topic="a"), source(topic="a")])
    assert found == []
    assert problems[0] == (
        "config.json: source 2 (grid) is there twice: delete one; none of this kind is used "
        "until you do."
    )
    found, problems = check([source("grid_l1", unit="A"), source("grid_l1", topic="b")])
    assert found == []
    assert problems[0] == (
        "config.json: source 2 (grid_l1) is in W and another one in A: they can't be added up. "
        "None of this kind is used until you write one of the two."
    )
    found, problems = check([source("price", topic="a"), source("price", topic="b")])
    assert [one["topic"] for one in found] == ["a"]
    assert only(problems) == (
        "config.json: source 2 (price) is a second one: there can be one price only; the first "
        "is used."
    )
    found, problems = check(
        [source("car_soc", topic=t, unit_id=u) for t, u in (("a", "2433"), ("b", "2433"))]
    )
    assert len(found) == 1
    assert only(problems).endswith("there can be one car_soc only for a car; the first is used.")
    found, problems = check([source("car_home", topic=t, vin=VIN) for t in ("a", "b")])
    assert len(found) == 1 and "one car_home only for a car" in only(problems)


def test_those_that_can_stand_side_by_side():
    for entries in (
        [source(topic="a"), source(topic="b", positive="export")],
        [source(topic="a", path="x"), source(topic="a", path="y")],
        [source("grid_l1", unit="A"), source("grid_l2")],
        [source("car_soc"), source("car_soc", unit_id="2433"), source("car_soc", unit_id="24AB")],
        [source("car_soc", vin=VIN), source("car_soc", vin=VIN[:16] + "2"), source("car_limit")],
        [source("battery", topic="a"), source("battery", topic="b")],
    ):
        found, problems = check(entries)
        assert len(found) == len(entries) and problems == []


def test_half_a_surplus_is_told():
    for one, other in (("generation", "consumption"), ("consumption", "generation")):
        found, problems = check([source(one)])
        assert kinds(found) == [one]
        assert only(problems) == (
            f"config.json: sources has {one}, but no {other}: a surplus takes both."
        )
        for more in ("surplus", "grid", "grid_l1", other):
            assert check([source(one), source(more)])[1] == []


def test_a_state_of_charge_that_nobody_tells():
    assert only(check([source("battery"), source()], battery_soc=80)[1]) == (
        "config.json: battery.soc is 80, but no source tells battery_soc: the battery is first "
        "until one does."
    )
    for entries, soc in (
        ([source("battery"), source("battery_soc")], 80),
        ([source("battery")], None),
        ([source()], 80),
    ):
        assert check(entries, battery_soc=soc)[1] == []


def test_a_list_that_is_too_long():
    found, problems = check([source(topic=str(number)) for number in range(16)])
    assert len(found) == 16 and problems == []
    entries = [source("price")] + [source(topic=str(number)) for number in range(16)]
    found, problems = check(entries)
    assert kinds(found) == ["price"]
    assert problems[0] == (
        "config.json: sources has 17 entries: at most 16 are used; none that gives a surplus is "
        "until the list is shorter."
    )


def test_nothing_that_is_written_breaks_it():
    odd = (None, True, 5, -1.5, float("inf"), "", "x" * 300, "\0", [], {}, [[]], {"a": 1})
    for key in sorted(WHOLE):
        for value in odd:
            entry = source("consumption")
            entry[key] = value
            found, problems = check([entry])
            assert len(found) == 1 or problems, (key, value)
            for said in problems:
                assert said.startswith("config.json: ") and said.endswith("."), said

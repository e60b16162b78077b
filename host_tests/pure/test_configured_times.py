"""The timetable and the time zone of config.json: what is taken, and what is said of the rest."""

from configured_times import check_timetable, check_zone

NIGHT = {"from": "22:00", "to": "06:00", "mode": "fast"}


def windows(*given):
    problems = []
    found = check_timetable(list(given), problems)
    assert problems == [], problems
    return found


def night(**more):
    one = {key: NIGHT[key] for key in NIGHT}
    one.update(more)
    return {key: one[key] for key in one if one[key] is not Ellipsis}


def test_a_window_as_it_is_passed_on():
    assert windows(NIGHT) == [(127, 1320, 360, "fast", None, 0, "early")]
    assert windows(night(days="mo-fr", mode=..., amps=16, energy_kwh=8, when="late")) == [
        (31, 1320, 360, "manual", 16, 8000, "late")
    ]
    assert windows(night(energy_kwh=7.25, when="spread")) == [
        (127, 1320, 360, "fast", None, 7250, "spread")
    ]


def test_days():
    for text, bits in (
        (None, 127),
        ("mo", 1),
        ("su", 64),
        ("mo-fr", 31),
        ("sa,su", 96),
        ("fr-mo", 16 + 32 + 64 + 1),
        ("mo-we,fr", 7 + 16),
        ("Mo - Fr", 31),
        ("Monday, tue,THURS", 1 + 2 + 8),
        ("mo-su", 127),
        ("tu-tu", 2),
    ):
        assert windows(night(days=text))[0][0] == bits, text


def test_times_of_the_day():
    for text, minute in (("0:00", 0), ("06:05", 365), ("6:05", 365), ("23:59", 1439)):
        assert windows(night(**{"from": text}))[0][1] == minute
        assert windows(night(to=text))[0][2] == minute
    # The end of the day, where a window ends.
    assert windows(night(to="24:00"))[0][2] == 0


def test_modes_and_amperes():
    for mode in ("off", "solar", "minimum", "fast"):
        assert windows(night(mode=mode))[0][3:5] == (mode, None)
    for amps in (5, 16, 16.0, 80):
        found = windows(night(mode=..., amps=amps))[0]
        assert found[3:5] == ("manual", int(amps)) and isinstance(found[4], int)


WRONG = (
    (night(days="mo-xx"), 'days is "mo-xx": write days such as "mo-fr" or "sa,su"'),
    (night(days=""), 'days is "": write days'),
    (night(days="m"), 'days is "m": write days'),
    (night(days="mo,,tu"), 'days is "mo,,tu": write days'),
    (night(days="mo-"), 'days is "mo-": write days'),
    (night(days=["mo"]), "days is a list: write days"),
    (night(days=1), "days is 1: write days"),
    (night(days="mo," * 40), "days is "),
    (night(to=...), 'to is missing: write a time such as "22:00"'),
    (night(to="6"), 'to is "6": write a time such as "22:00"'),
    (night(to="6:5"), 'to is "6:5": write a time'),
    (night(to="24:01"), 'to is "24:01": write a time'),
    (night(to="06:60"), 'to is "06:60": write a time'),
    (night(to="-1:00"), 'to is "-1:00": write a time'),
    (night(to="006:00"), 'to is "006:00": write a time'),
    (night(to="06:00:00"), 'to is "06:00:00": write a time'),
    (night(to=6), "to is 6: write a time"),
    (night(to=True), "to is true: write a time"),
    (night(to={}), "to is an object: write a time"),
    (night(**{"from": "24:00"}), 'from is "24:00": write a time'),
    (night(mode=...), 'mode is missing: write "mode": "fast" or "amps": 16'),
    (night(amps=16), "mode is given beside amps: write only one of"),
    (night(mode="quick"), 'mode is "quick": write one of "off", "solar", "minimum", "fast"'),
    (night(mode="manual"), 'mode is "manual": write one of'),
    (night(mode=3), "mode is 3: write one of"),
    (night(mode=[]), "mode is a list: write one of"),
    (night(mode=..., amps=4), "amps is 4: write a whole number from 5 to 80"),
    (night(mode=..., amps=81), "amps is 81: write a whole number"),
    (night(mode=..., amps=16.5), "amps is 16.5: write a whole number"),
    (night(mode=..., amps="16"), 'amps is "16": write a whole number'),
    (night(mode=..., amps=True), "amps is true: write a whole number"),
    (night(mode=..., amps=float("nan")), "amps is nan: write a whole number"),
    (night(mode=..., amps=float("inf")), "amps is inf: write a whole number"),
    (night(energy_kwh=0), "energy_kwh is 0: write a number from 0.1 to 200"),
    (night(energy_kwh=201), "energy_kwh is 201: write a number"),
    (night(energy_kwh=-1), "energy_kwh is -1: write a number"),
    (night(energy_kwh="8"), 'energy_kwh is "8": write a number'),
    (night(energy_kwh=float("nan")), "energy_kwh is nan: write a number"),
    (night(energy_kwh=True), "energy_kwh is true: write a number"),
    (night(energy_kwh=8, when="soon"), 'when is "soon": write "early", "late" or "spread"'),
    (night(energy_kwh=8, when=None), "when is null: write"),
    (night(energy_kwh=8, mode="off"), "energy_kwh stands beside off"),
    (night(when="late"), "when is late, but energy_kwh is missing"),
    (night(energy_kwh=8, when="late", mode="solar"), "when is late, and the sun does not wait"),
    (night(energy_kwh=8, when="spread", mode="minimum"), "when is spread, and the sun does"),
    (night(energy_kwh=8, when="spread", mode=..., amps=16), "when is spread, which finds the"),
    (night(till="06:00"), "till is unknown: write one of days, from, to, mode, amps"),
    ("22:00-06:00", 'write an object, { "from": "22:00"'),
    (None, "write an object"),
)


def test_a_window_with_a_mistake_is_not_used_and_said():
    for given, why in WRONG:
        problems = []
        # The others are.
        found = check_timetable([NIGHT, given, NIGHT], problems)
        assert len(found) == 2 and len(problems) == 1, (given, found, problems)
        assert problems[0].startswith("config.json: timetable, window 2: " + why), problems
        assert problems[0].endswith("; this window is not used until you do."), problems


def test_what_is_no_list():
    for given in ({}, "mo", 5, None, True):
        problems = []
        assert check_timetable(given, problems) == []
        assert len(problems) == 1
        assert problems[0].startswith("config.json: timetable is no list: write [ {"), problems
        assert problems[0].endswith("there is no timetable until you do.")


def test_eight_windows_and_no_more():
    assert len(windows(*[NIGHT] * 8)) == 8
    problems = []
    assert len(check_timetable([NIGHT] * 9, problems)) == 8
    assert problems == ["config.json: timetable has 9 windows: only the first 8 are used."]
    assert windows() == []


def test_zones():
    assert check_zone("CET-1CEST,M3.5.0,M10.5.0/3") is None
    assert check_zone("UTC0") is None
    for given, why in (
        ("Europe/Paris", 'is "Europe/Paris": a number from 0 to 24 is needed where /Paris stands'),
        (None, "is null: it is no text of 4 to 60 characters"),
        (1, "is 1: it is no text of 4 to 60 characters"),
    ):
        sentence = check_zone(given)
        assert sentence.startswith(f"config.json: clock.zone {why}: write one such as"), sentence
        assert sentence.endswith("the timetable is not followed until you do."), sentence

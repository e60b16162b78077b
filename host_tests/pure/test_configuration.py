"""config.json: every row of the table, and that what is wrong leads to less current."""

import configuration
from units import Units

NAN = float("nan")
INF = float("inf")

# What no number may be.
NO_NUMBERS = ("80A", "16", "", True, False, None, [], {}, [16], NAN, INF, -INF)

# (section, key, default, allowed values, values out of range)
NUMBERS = (
    ("supply", "volts", 240, (90, 120.5, 230, 277, 300), (0, 89.9, 300.1, -240)),
    ("surplus", "start_hold_s", 60, (0, 0.5, 60, 3600), (-1, 3600.5)),
    ("surplus", "grid_share", 0, (0, 0.5, 50, 100), (-1, 100.5)),
    ("surplus", "budget_wh", 10, (0, 0.5, 25, 500), (-1, 500.5)),
    ("plan", "manual_s", 300, (0, 0.5, 86400), (-1, 86401)),
    ("guard", "max_age_s", 30, (5, 7.5, 300), (4.9, 301)),
    ("relay", "min_on_s", 600, (0, 1.5, 300, 86400), (-0.1, 86401)),
    ("relay", "min_off_s", 600, (0, 1.5, 300, 86400), (-0.1, 86401)),
    ("inputs", "max_age_s", 120, (1, 1.5, 120, 3600), (0, 0.9, -5, 3601)),
)
WHOLES = (
    ("wires", "max_amps", 6, (6, 32, 240), (241, 1000000, 32.5)),
    ("supply", "phases", 1, (1, 2, 3), (0, 4, -1, 1.5)),
    ("mqtt", "port", 1883, (1, 8883, 65535), (0, 65536, 1883.5)),
    ("relay", "starts_a_day", 20, (1, 20, 200), (0, 201, 2.5)),
    ("bus", "recording", 50, (0, 1, 400), (-1, 401, 1.5)),
    ("board", "uart", 2, (1, 2), (0, 3, 1.5)),
    # The pins' whole range is in test_pins.
    ("board", "tx", 17, (1, 17, 33), (-1, 40)),
    ("board", "rx", 16, (1, 16, 39), (-1, 40)),
)
# A number or null: (section, key, what stands where it is wrong, allowed, out of range)
MAYBES = (
    ("guard", "amps", 6, (6, 17.5, 200), (5.9, 201)),
    ("guard", "watts", 500, (500, 4600.5, 100000), (499, 100001)),
    ("guard", "mean_watts", 500, (500, 2500, 100000), (499, 100001)),
    ("battery", "soc", None, (0, 55.5, 100), (-1, 101)),
)
CHOICES = (
    ("inputs", "lost", "off", ("off", "minimum")),
    ("share", "by", "equal", ("equal", "rotation")),
    ("plan", "mode", "solar", ("off", "solar", "minimum", "fast")),
    ("plan", "manual_then", "solar", ("solar", "minimum")),
    ("battery", "first", "battery", ("battery", "car")),
)
# (key, default, highest pin that can do it, whether it may be null)
PINS = (
    ("tx", 17, 33, False),
    ("rx", 16, 39, False),
    ("driver_enable", 4, 33, True),
    ("stop_pin", 0, 33, True),
)
TEXTS = (
    ("wifi", "ssid", "", 32),
    ("wifi", "password", "", 64),
    ("mqtt", "host", "", 64),
    ("mqtt", "user", "", 64),
    ("mqtt", "password", "", 64),
)


def check(given=None, **more):
    """The result for a configuration in which nothing else is wrong or missing."""
    config = {"wires": {"max_amps": 48}}
    config.update(given or {})
    config.update(more)
    return configuration.check(config)


def no_more_than(amps, value):
    """What stands in place of a wrong limit: less than `amps` if less was written."""
    return 0 if value == -INF else amps


def problems_of(given=None, **more):
    return check(given, **more)[1]


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


# The shape of the result.


def test_everything_missing_gives_every_section_with_every_key():
    for given in (None, {}):
        config, problems = configuration.check(given)
        assert config == {
            "name": "garage",
            "wires": {"max_amps": 6},
            "supply": {"volts": 240, "phases": 1},
            "units": {},
            "units_max_amps": 240,
            "vins": {"allow": (), "deny": (), "unknown": "allow"},
            "sources": (),
            "timetable": (),
            "surplus": {"start_hold_s": 60, "grid_share": 0, "budget_wh": 10},
            "price": {"import": None, "feed_in": None, "fast_below": None, "solar_above": None},
            "share": {"by": "equal"},
            "plan": {"mode": "solar", "manual_s": 300, "manual_then": "solar"},
            "guard": {"amps": None, "watts": None, "mean_watts": None, "max_age_s": 30},
            "battery": {"first": "battery", "soc": None},
            "clock": {"zone": None, "ntp": "pool.ntp.org"},
            "relay": {"min_on_s": 600, "min_off_s": 600, "starts_a_day": 20},
            "inputs": {"max_age_s": 120, "lost": "off"},
            "wifi": {
                "ssid": "",
                "password": "",
                "networks": None,
                "hostname": "twc-bridge",
                "address": "",
                "mask": "255.255.255.0",
                "gateway": "",
                "dns": "",
                "setup_after_min": 5,
            },
            "ethernet": {
                "use": False,
                "mdc": 23,
                "mdio": 18,
                "power": None,
                "reset": None,
                "clock": "0=in",
                "phy": 1,
            },
            "web": {"lock": "password", "read": "open", "host": ""},
            "mqtt": {
                "host": "",
                "port": 1883,
                "user": "",
                "password": "",
                "tls": False,
                "ca": "",
                "pin": "",
            },
            "homeassistant": {"discovery": "device", "prefix": "homeassistant"},
            "twcmanager": {"mqtt": False, "http": False, "prefix": "TWC"},
            "syslog": {"host": "", "port": 514},
            "bus": {"id": "7777", "questions": True, "recording": 50, "raw": True},
            "board": {
                "profile": "generic",
                "uart": 2,
                "tx": 17,
                "rx": 16,
                "driver_enable": 4,
                "stop_pin": 0,
                "watchdog": True,
            },
        }
        assert only(problems) == (
            "config.json: wires.max_amps is not set: 6 A for all wall connectors together. "
            "Set it to what wires and breaker carry continuously."
        )


def test_a_good_configuration_has_no_problems_and_is_kept():
    given = {
        "name": "car-port_2",
        "wires": {"max_amps": 60},
        "supply": {"volts": 230, "phases": 3},
        "units": {
            "2433": {
                "name": "left",
                "max_amps": 32,
                "min_amps": 8,
                "phases": 1,
                "priority": 9,
                "contactors": True,
                "spike_cure": True,
                "energy": "Wh",
                "phase": "L2",
                "energy_limit_kwh": 12.5,
                "soc_limit": None,
            },
        },
        "vins": {"allow": ["5YJ3E7EB2NF000316"], "deny": [], "unknown": "deny"},
        "surplus": {"start_hold_s": 90, "grid_share": 0, "budget_wh": 40},
        "price": {"import": 0.31, "feed_in": 0.08, "fast_below": None, "solar_above": None},
        "share": {"by": "rotation"},
        "plan": {"mode": "off", "manual_s": 0, "manual_then": "minimum"},
        "guard": {"amps": 25, "watts": 10000, "mean_watts": 2500, "max_age_s": 20},
        "battery": {"first": "car", "soc": 40},
        "relay": {"min_on_s": 900, "min_off_s": 300, "starts_a_day": 12},
        "inputs": {"max_age_s": 300, "lost": "minimum"},
        "wifi": {
            "ssid": "home",
            "password": "12345678",
            "networks": (),
            "hostname": "garage",
            "address": "192.168.1.50",
            "mask": "255.255.0.0",
            "gateway": "192.168.1.1",
            "dns": "192.168.1.2",
            "setup_after_min": 0,
        },
        "ethernet": {
            "use": True,
            "mdc": 16,
            "mdio": 18,
            "power": 5,
            "reset": None,
            "clock": "17=out",
            "phy": 0,
        },
        "web": {"lock": "off", "read": "password", "host": "car.example"},
        "mqtt": {
            "host": "broker.local",
            "port": 8883,
            "user": "me",
            "password": "x",
            "tls": True,
            "ca": "ca.der",
            "pin": "",
        },
        "homeassistant": {"discovery": "entity", "prefix": "home/assistant"},
        "twcmanager": {"mqtt": True, "http": True, "prefix": "old"},
        "syslog": {"host": "logs.local", "port": 5514},
        "bus": {"id": "77AB", "questions": True, "recording": 0, "raw": False},
        "board": {
            "profile": "free",
            "uart": 1,
            "tx": 33,
            "rx": 32,
            "driver_enable": None,
            "stop_pin": None,
            "watchdog": False,
        },
    }
    config, problems = configuration.check(given)
    assert problems == []
    given["units_max_amps"] = 240
    given["vins"] = {"allow": ("5YJ3E7EB2NF000316",), "deny": (), "unknown": "deny"}
    given["clock"] = {"zone": None, "ntp": "pool.ntp.org"}
    given["sources"] = given["timetable"] = ()
    assert config == given


def test_what_was_given_is_not_changed_and_not_shared():
    given = {"wires": {"max_amps": "80A"}, "units": {"24ab": {}}}
    config, _ = configuration.check(given)
    assert given == {"wires": {"max_amps": "80A"}, "units": {"24ab": {}}}
    config["relay"]["min_on_s"] = 1
    assert configuration.check(None)[0]["relay"]["min_on_s"] == 600


def test_a_file_that_is_no_object():
    for given in ([], [1], "x", 5, True, False, 0, ""):
        config, problems = configuration.check(given)
        assert config == configuration.check(None)[0]
        assert problems[0] == (
            'config.json: has to be an object, { "wires": ... }; '
            "using safe values, 6 A, until it is."
        )


# The sentences.


def test_the_sentence_for_a_wrong_current():
    config, problems = configuration.check({"wires": {"max_amps": "80A"}})
    assert config["wires"]["max_amps"] == 6
    assert only(problems) == (
        'config.json: wires.max_amps is "80A": write a whole number from 6 to 240; '
        "using 6 A until you do."
    )


def test_the_sentence_for_an_unknown_key():
    assert only(problems_of(relay={"min_on": 5})) == (
        "config.json: relay.min_on is unknown and not used. Known are: min_off_s, min_on_s, "
        "starts_a_day."
    )
    assert only(problems_of(units={"2433": {"phasen": 3}})) == (
        "config.json: units.2433.phasen is unknown: did you mean units.2433.phases?"
    )


def test_other_sentences():
    for given, sentence in (
        (
            {"inputs": {"lost": "on"}},
            'config.json: inputs.lost is "on": write one of "off", "minimum"; '
            'using "off" until you do.',
        ),
        (
            {"bus": {"id": 7777}},
            "config.json: bus.id is 7777: write four hex digits in quotes, upper case, such as "
            '"7777"; using "7777" until you do.',
        ),
        (
            {"relay": {"min_on_s": True}},
            "config.json: relay.min_on_s is true: write a number from 0 to 86400; "
            "using 600 s until you do.",
        ),
        (
            {"board": {"driver_enable": "none"}},
            'config.json: board.driver_enable is "none": write a whole number from 0 to 39 or '
            "null; using 4 until you do.",
        ),
        (
            {"mqtt": {"host": ["a"]}},
            "config.json: mqtt.host is a list: write text in quotes, at most 64 characters, "
            '"..."; using "" until you do.',
        ),
        (
            {"wifi": None},
            "config.json: wifi is no object: write { ... }.",
        ),
        (
            {"units": [16]},
            "config.json: units is no object: write one with an entry for each wall connector, "
            '{ "2433": { "max_amps": 16 } }; at most 6 A for each until you do.',
        ),
        (
            {"units": {"left": {}}},
            'config.json: units has "left": an id is four hex digits such as 2433, as the page '
            "shows it; at most 6 A for units without a limit of their own until this is mended.",
        ),
        (
            {"units": {"2433": {"max_amps": 100}}},
            "config.json: units.2433.max_amps is 100: write a whole number from 5 to 80; "
            "using 6 A until you do.",
        ),
        (
            {"units": {"2433": {"max_amps": 60}}},
            "config.json: units.2433.max_amps is 60, but wires.max_amps allows 48 for all "
            "together; using 48.",
        ),
        (
            {"units": {"2433": {"max_amps": 16, "min_amps": 20}}},
            "config.json: units.2433.min_amps is 20, but only 16 A are allowed: this wall "
            "connector gets 0 A. Lower min_amps or raise the limits.",
        ),
        (
            {"units": {"2433": {"min_amps": 50}}},
            "config.json: units.2433.min_amps is 50, but only 48 A are allowed: this wall "
            "connector gets 0 A. Lower min_amps or raise the limits.",
        ),
        (
            {"units": {"2433": {"contactors": "yes"}}},
            'config.json: units.2433.contactors is "yes": write true or false, without quotes; '
            "using false until you do.",
        ),
        (
            {"bus": {"raw": 0}},
            "config.json: bus.raw is 0: write true or false, without quotes; using false until "
            "you do.",
        ),
        (
            {"units": {"2433": {"priority": 10}}},
            "config.json: units.2433.priority is 10: write a whole number from 1 to 9; using 5 "
            "until you do.",
        ),
        (
            {"units": {"2433": {"energy": "kwh"}}},
            'config.json: units.2433.energy is "kwh": write one of "auto", "kWh", "Wh"; using '
            '"auto" until you do.',
        ),
        (
            {"bus": {"recording": True}},
            "config.json: bus.recording is true: write a whole number from 0 to 400; using 50 "
            "until you do.",
        ),
        (
            {"units": {"2433": {"spike_cure": True, "max_amps": 15}}},
            "config.json: units.2433.spike_cure is true, but only 15 A are allowed: it needs "
            "16 A or more and does nothing here.",
        ),
        (
            {"name": "my garage"},
            'config.json: name is "my garage": write up to 24 letters, digits, "-" and "_" (it '
            'is part of the MQTT topics); using "garage" until you do.',
        ),
        (
            {"relay": {"min_on_s": 5}},
            "config.json: relay.min_on_s is 5 s: so short a time wears the relays of wall "
            "connector and car; 600 is usual.",
        ),
        (
            {"inputs": {"max_age_s": 29}},
            "config.json: inputs.max_age_s is 29 s: so short a time loses readings that are only "
            "a little late; 120 is usual.",
        ),
        (
            {"wires": {"max_amps": 5}},
            "config.json: wires.max_amps is 5: write a whole number from 6 to 240; "
            "using 0 A until you do.",
        ),
        (
            {"supply": {"phases": "3"}},
            'config.json: supply.phases is "3": write a whole number from 1 to 3; '
            "using 3 until you do.",
        ),
        (
            {"board": {"tx": 6}},
            "config.json: board.tx is 6: pins 6 to 11 are the flash's.",
        ),
        (
            {"board": {"driver_enable": 34}},
            "config.json: board.driver_enable is 34: pins 34 to 39 can neither send nor pull up; "
            "take one from 0 to 33.",
        ),
        (
            {"board": {"tx": 16}},
            "config.json: board.rx and board.tx are both 16: give each its own pin.",
        ),
    ):
        assert only(problems_of(given)) == sentence


def test_a_name_that_can_not_be_used_is_not_replaced_by_null():
    sentence = only(problems_of(units={"2433": {"name": 5}}))
    assert sentence.startswith("config.json: units.2433.name is 5: write text in quotes")
    assert "null" not in sentence, sentence


def test_sentences_stay_short_whatever_was_written():
    long = "x" * 5000
    for given in (
        {long: 1},
        {"wifi": {long: 1}},
        {"name": long},
        {"wires": {"max_amps": long}},
        {"wires": long},
        {"units": long},
        {"units": {long: {}}},
        {"units": {"2433": {long: 1}}},
        {"bus": {"id": long}},
        {"supply": {"volts": 10**300}},
    ):
        for sentence in configuration.check(given)[1]:
            assert len(sentence) < 300, sentence
            assert sentence.startswith("config.json: ")


# Every row.


def test_numbers():
    for section, key, default, allowed, out_of_range in NUMBERS:
        for value in allowed:
            config, _ = check({section: {key: value}})
            assert config[section][key] == value
        for value in NO_NUMBERS + out_of_range:
            config, problems = check({section: {key: value}})
            path = f"config.json: {section}.{key} is "
            assert only(problems).startswith(path), (section, key, value)
            assert ": write a number from " in problems[0]
            used = config[section][key]
            assert isinstance(used, (int, float)) and f"; using {used}" in problems[0]
            if section != "supply":  # see what_is_wrong_leads_to_less
                assert used == default


def test_whole_numbers():
    for section, key, default, allowed, out_of_range in WHOLES:
        for value in allowed:
            config, problems = check({section: {key: value}})
            assert config[section][key] == value
            assert problems == [], problems
        for value in NO_NUMBERS + out_of_range:
            config, problems = check({section: {key: value}})
            path = f"config.json: {section}.{key} is "
            assert only(problems).startswith(path), (section, key, value)
            assert ": write a whole number from " in problems[0]
            if section == "wires":
                assert config[section][key] == no_more_than(default, value)
            elif section != "supply":
                assert config[section][key] == default


def test_a_missing_value_is_the_default_and_no_problem():
    for section, key, default, _, _ in NUMBERS + WHOLES:
        if section != "wires":
            config, problems = check({section: {}})
            assert config[section][key] == default
            assert problems == []


def pins(**changed):
    """A board whose other pins are in nobody's way."""
    board = {"tx": 25, "rx": 26, "driver_enable": None, "stop_pin": None}
    board.update(changed)
    return board


def test_pins():
    for key, default, highest, may_be_null in PINS:
        for value in (0, 5, 12, 33, highest) + ((None,) if may_be_null else ()):
            config, problems = check(board=pins(**{key: value}))
            assert config["board"][key] == value or config["board"][key] is value
            assert problems == [], (key, value)
        for value in (-1, 40, 4.5, "4", True, False, [], NAN):
            config, problems = check(board=pins(**{key: value}))
            assert config["board"][key] == default
            assert only(problems).startswith(f"config.json: board.{key} is ")
            assert (" or null; using " in problems[0]) == may_be_null


def test_pins_that_can_not_do_it_are_told():
    for key, _, highest, _ in PINS:
        for value in range(6, 12):
            assert only(problems_of(board=pins(**{key: value}))) == (
                f"config.json: board.{key} is {value}: pins 6 to 11 are the flash's."
            )
        for value in range(highest + 1, 40):
            assert only(problems_of(board=pins(**{key: value}))) == (
                f"config.json: board.{key} is {value}: pins 34 to 39 can neither send nor pull "
                "up; take one from 0 to 33."
            )


def test_texts():
    for section, key, default, longest in TEXTS:
        for value in ("", "x", "x" * longest, "Küche & Co."):
            config, problems = check({section: {key: value}})
            assert config[section][key] == value
            assert problems == []
        for value in ("x" * (longest + 1), 5, 0, None, True, [], {}, NAN):
            config, problems = check({section: {key: value}})
            assert config[section][key] == default
            said = only(problems)
            assert said.startswith(f"config.json: {section}.{key} is ")
            assert f"at most {longest} characters" in said


def test_choices():
    for section, key, default, choices in CHOICES:
        for value in choices:
            config, problems = check({section: {key: value}})
            assert config[section][key] == value and problems == []
        for value in ("", "Off", "stay", None, True, 0, [], {}, ["off"]):
            config, problems = check({section: {key: value}})
            assert config[section][key] == default
            said = "write one of " + ", ".join([f'"{choice}"' for choice in choices])
            assert said in only(problems), problems


def test_numbers_or_null():
    for section, key, safe, allowed, out_of_range in MAYBES:
        for value in allowed + (None,):
            config, problems = check({section: {key: value}})
            assert config[section][key] == value and problems == [], problems
        for value in NO_NUMBERS + out_of_range:
            if value is None:
                continue
            config, problems = check({section: {key: value}})
            used = safe
            if safe is not None and not isinstance(value, (str, bool, list, dict)):
                used = 0 if value < safe else safe
            assert config[section][key] == used, (section, key, value)
            assert only(problems).startswith(f"config.json: {section}.{key} is ")
            assert ": write a number from " in problems[0] and " or null; " in problems[0]
            assert ("not used" if used is None else f"using {used}") in problems[0]


def test_limits_of_a_charge():
    for key, allowed, wrong, safe in (
        ("energy_limit_kwh", (1, 20.5, 200), ("20", True, 201, NAN, INF, []), 5),
        ("soc_limit", (1, 80, 100), ("80%", True, 101, NAN, INF, []), 50),
    ):
        for value in allowed:
            assert check(units={"2433": {key: value}})[0]["units"]["2433"][key] == value
        assert problems_of(units={"2433": {key: None}}) == []
        for value in wrong:
            config, problems = check(units={"2433": {key: value}})
            assert config["units"]["2433"][key] == safe
            assert problems[0].startswith(f"config.json: units.2433.{key} is ")
        assert check(units={"2433": {key: 0.5}})[0]["units"]["2433"][key] == 0
    assert problems_of(units={"2433": {"soc_limit": 80}}) == [
        "config.json: units.2433.soc_limit does nothing without a source of the kind "
        '"car_soc" for this unit: add one to sources.'
    ]
    assert "; using 5 kWh until you do." in only(
        problems_of(units={"2433": {"energy_limit_kwh": "20"}})
    )


def test_the_phase_of_a_unit():
    for value in ("L1", "L2", "L3", None):
        config, problems = check(units={"2433": {"phase": value}})
        assert config["units"]["2433"]["phase"] == value and problems == []
    assert only(problems_of(units={"2433": {"phase": "1"}})) == (
        'config.json: units.2433.phase is "1": write one of "L1", "L2", "L3", null; not used '
        "until you do."
    )
    # It is for one phase only.
    for more in (
        {"supply": {"phases": 3}, "units": {"2433": {"phase": "L1"}}},
        {"units": {"2433": {"phase": "L1", "phases": 2}}},
    ):
        config, problems = check(more)
        assert only(problems) == (
            "config.json: units.2433.phase is for a unit with one phase, and this one has more: "
            "not used. Write units.2433.phases 1 if its car is charged on one."
        )
        assert config["units"]["2433"]["phase"] is None
    given = {"supply": {"phases": 3}, "units": {"2433": {"phase": "L1", "phases": 1}}}
    assert check(given)[0]["units"]["2433"]["phase"] == "L1" and problems_of(given) == []


def test_a_guard_that_can_not_be_read_guards_most():
    least = {"amps": 6, "watts": 500, "mean_watts": 500, "max_age_s": 30}
    for given in ({"guard": None}, {"guard": 25}, {"guards": {"amps": 25}}):
        config, problems = check(given)
        assert only(problems) and config["guard"] == least, given
    for given in ({"amp": 25}, {"Amps": 25}):
        config, problems = check(guard=given)
        assert config["guard"]["amps"] == 6 and "did you mean guard.amps?" in only(problems)
        assert config["guard"]["watts"] is None
    assert only(problems_of(guard={"amps": 5})) == (
        "config.json: guard.amps is 5: write a number from 6 to 200 or null; using 0 A until "
        "you do."
    )
    assert only(problems_of(guard={"watts": "10 kW"})) == (
        'config.json: guard.watts is "10 kW": write a number from 500 to 100000 or null; using '
        "500 W until you do."
    )


def test_a_battery_that_can_not_be_read_comes_first():
    for given in (
        {"first": "car", "soc": "40"},
        {"first": "cars", "soc": 40},
        "car",
        {"first": "car", "socs": 40},
    ):
        config, problems = check(battery=given)
        assert only(problems) and config["battery"] == {"first": "battery", "soc": None}, given
    assert check(batery={"first": "car"})[0]["battery"]["first"] == "battery"


def source(kind, **more):
    return dict(more, kind=kind, topic="home/" + kind)


def test_prices():
    for key, other in (("import", "feed_in"), ("feed_in", "import")):
        for value in (-1000, -1, 0, 0.31, 1000):
            config, problems = check(price={key: value, other: 0.1})
            assert config["price"][key] == value and problems == []
            config, problems = check(price={key: value})
            assert config["price"][key] == value
            assert only(problems) == (
                f"config.json: price.{key} says nothing about the grid's share without "
                f"price.{other}: write both, or surplus.grid_share."
            )
        for value in NO_NUMBERS + (-1001, 1001):
            if value is not None:
                config, problems = check(price={key: value})
                assert config["price"][key] is None
                assert only(problems).startswith(f"config.json: price.{key} is ")
    both = {"import": 0.31, "feed_in": 0.08}
    assert only(problems_of(price=both, surplus={"grid_share": 50})) == (
        "config.json: surplus.grid_share is 50, but both prices are told, from which it follows: "
        "it is used only while one is not known."
    )
    # Those that a source tells count too.
    assert problems_of(price={"feed_in": 0.08}, sources=[source("price")]) == []
    assert problems_of(price={"import": 0.31}, sources=[source("feed_in")]) == []
    assert problems_of(sources=[source("price")]) == []


def test_sources_are_checked_and_known_to_the_others():
    config, problems = check(sources=[source("price"), source("grid")])
    assert problems == []
    assert [one["kind"] for one in config["sources"]] == ["price", "grid"]
    assert problems_of(price={"fast_below": 0.1}, sources=[source("price")]) == []
    assert "sources is no list" in only(problems_of(sources={}))
    unit = {"2433": {"soc_limit": 80}}
    assert problems_of(units=unit, sources=[source("car_soc")]) == []
    assert problems_of(units=unit, sources=[source("car_soc", unit_id="2433")]) == []
    assert len(problems_of(units=unit, sources=[source("car_soc", unit_id="5850")])) == 1
    # What the guard goes by may not stand still.
    still = source("grid", on_change=True, alive="home/status")
    assert problems_of(sources=[still]) == []
    for key, value in (("amps", 25), ("watts", 5000), ("mean_watts", 2500)):
        assert len(problems_of(guard={key: value}, sources=[still])) == 1, key


def test_prices_that_do_nothing_are_told():
    for key in ("fast_below", "solar_above"):
        assert problems_of(price={key: 0.1}) == [
            f"config.json: price.{key} does nothing without a source of the kind "
            '"price": add one to sources.'
        ]
    config, problems = check(price={"fast_below": 0.3, "solar_above": 0.2})
    assert config["price"]["fast_below"] is None and config["price"]["solar_above"] == 0.2
    assert problems[2] == (
        "config.json: price.fast_below is 0.3, but price.solar_above is 0.2: not used. Charging "
        "fast has to be cheaper than charging with the sun alone."
    )
    for below in (0.2, 0.1, 0, -0.1):
        config, problems = check(price={"fast_below": below, "solar_above": 0.2})
        assert config["price"]["fast_below"] == below and len(problems) == 2


def test_timetable_and_time_zone():
    window = {"from": "22:00", "to": "06:00", "mode": "fast"}
    paris = "CET-1CEST,M3.5.0,M10.5.0/3"
    config, problems = check(timetable=[window], clock={"zone": paris})
    assert problems == [] and config["clock"]["zone"] == paris
    assert config["timetable"] == [(127, 1320, 360, "fast", None, 0, "early")]
    assert only(problems_of(timetable=[window])) == (
        "config.json: clock.zone is not set, so the timetable is not followed: write one such as "
        '"CET-1CEST,M3.5.0,M10.5.0/3" (Paris).'
    )
    config, problems = check(timetable=[window], clock={"zone": "Europe/Paris"})
    assert config["clock"]["zone"] is None
    assert only(problems).startswith('config.json: clock.zone is "Europe/Paris": ')
    assert only(problems_of(timetable=[{}])).startswith("config.json: timetable, window 1: ")
    assert problems_of(timetable=[]) == [] and check(timetable=[])[0]["timetable"] == []
    assert problems_of(clock={"zone": paris, "ntp": "192.168.1.1"}) == []
    assert only(problems_of(time_table=[window])) == (
        "config.json: time_table is unknown: did you mean timetable?"
    )


VIN = "5YJ3E7EB2NF000316"


def test_vins():
    config, problems = check(vins={"allow": [VIN.lower()], "deny": ["LRW3E7FA5LC123456"]})
    assert problems == []
    assert config["vins"] == {"allow": (VIN,), "deny": ("LRW3E7FA5LC123456",), "unknown": "allow"}
    for given, allow in (
        ({"allow": [VIN, VIN[:16]]}, (VIN,)),
        ({"allow": [VIN[:16]]}, ("?",)),
        ({"allow": [VIN + "0"], "deny": [VIN]}, ("?",)),
        ({"allow": VIN}, ("?",)),
        ({"allow": [17]}, ("?",)),
        ({"allow": ["5YJ3E7EB2NF00031O"]}, ("?",)),  # the letter O
        ({"allow": [VIN], "deny": None}, (VIN,)),
        ({"deny": ["?"]}, ("?",)),
        ({"unknown": "no"}, ("?",)),
        ({"allowed": [VIN]}, ("?",)),
        ([VIN], ("?",)),
    ):
        config, problems = check(vins=given)
        assert only(problems).startswith("config.json: vins"), given
        assert config["vins"]["allow"] == allow, given
        assert config["vins"]["unknown"] == "deny"
    config, problems = check(vin={"allow": [VIN]})
    assert config["vins"] == {"allow": ("?",), "deny": (), "unknown": "deny"}
    assert only(problems_of(vins={"deny": ["LRW3"]})) == (
        'config.json: vins.deny has "LRW3": a VIN is 17 letters and digits, without I, O and Q; '
        "only cars on vins.allow get power until you do."
    )
    # One check leaves nothing to the next.
    assert check()[0]["vins"] == {"allow": (), "deny": (), "unknown": "allow"}


def test_vins_that_nobody_asks_for_are_told():
    for given, told in (
        ({"allow": [VIN], "unknown": "deny"}, "deny"),
        ({"deny": [VIN]}, "allow"),
        ({"unknown": "deny"}, "deny"),
    ):
        assert only(problems_of(vins=given, bus={"questions": False})) == (
            "config.json: vins needs bus.questions, which is false: no car tells its VIN, so "
            f"all are unknown, which vins.unknown says to {told}."
        )
    assert problems_of(vins={"allow": []}, bus={"questions": False}) == []


def test_bus_id():
    for value in ("7777", "0001", "ABCD", "FFFE"):
        config, problems = check(bus={"id": value})
        assert config["bus"]["id"] == value and problems == []
    for value in ("77ab", "777", "77777", "0000", "FFFF", "GGGG", "", "+777", " 777", 7777, None):
        config, problems = check(bus={"id": value})
        assert config["bus"]["id"] == "7777"
        assert only(problems).startswith("config.json: bus.id is ")


def test_names():
    for value in ("a", "Garage-2_left", "x" * 24):
        config, problems = check(name=value)
        assert config["name"] == value and problems == []
    for value in ("", "x" * 25, "a b", "a/b", "a+b", "a#", "ä", None, 5, [], {}, True):
        config, problems = check(name=value)
        assert config["name"] == "garage"
        assert only(problems).startswith("config.json: name is ")


def test_prefixes_are_topics():
    for section, default in (("homeassistant", "homeassistant"), ("twcmanager", "TWC")):
        for prefix in ("a", "home/assistant", "TWC"):
            config, problems = check({section: {"prefix": prefix}})
            assert problems == [] and config[section]["prefix"] == prefix
        for prefix in ("", "a/+/b", "#", "/a", "a/"):
            config, problems = check({section: {"prefix": prefix}})
            assert only(problems) == (
                f'config.json: {section}.prefix is "{prefix}": write the beginning of topics, '
                "without + and #, and without a slash at its ends; "
                f'using "{default}" until you do.'
            )
            assert config[section]["prefix"] == default


def test_sections_that_are_no_object():
    good = configuration.check(None)[0]
    # See switches_of_the_bus_that_can_not_be_read_are_off.
    good["bus"].update({"questions": False, "raw": False})
    # See a_guard_that_can_not_be_read_guards_most.
    good["guard"].update({"amps": 6, "watts": 500, "mean_watts": 500})
    good["mqtt"]["tls"] = True
    for section in [
        "homeassistant",
        "twcmanager",
        "surplus",
        "relay",
        "inputs",
        "wifi",
        "mqtt",
        "bus",
        "board",
        "wires",
        "price",
        "share",
        "plan",
        "guard",
        "battery",
        "clock",
    ]:
        for value in (None, 5, "x", [], True, NAN):
            config, problems = check({section: value})
            assert config[section] == good[section]
            assert problems[0] == f"config.json: {section} is no object: write {{ ... }}."
            # Only of the wires is more to say: they are not set.
            assert len(problems) == (2 if section == "wires" else 1), problems


# Units.


def test_unit_ids():
    for given, known in (("2433", "2433"), ("c0db", "C0DB"), ("0A0b", "0A0B")):
        config, problems = check(units={given: {"max_amps": 16}})
        assert list(config["units"]) == [known] and problems == []
        assert config["units"][known] == {
            "name": None,
            "max_amps": 16,
            "min_amps": None,
            "phases": None,
            "priority": 5,
            "contactors": False,
            "spike_cure": False,
            "energy": "auto",
            "phase": None,
            "energy_limit_kwh": None,
            "soc_limit": None,
        }
    for given in ("", "243", "24333", "24G3", "left", " 243", "-433", "２４３３"):
        config, problems = check(units={given: {"max_amps": 16}})
        assert config["units"] == {}
        assert only(problems).startswith("config.json: units has ")


def test_rows_of_a_unit():
    for key, allowed, wrong, safe in (
        ("max_amps", (5, 6, 48), (81, 500, 16.5, 1000000) + NO_NUMBERS, 6),
        ("min_amps", (5, 6, 16), (81, 500, 8.5) + NO_NUMBERS, 6),
        ("phases", (1, 2, 3), (0, 4, -1, 1.5) + NO_NUMBERS, 3),
        ("priority", (1, 5, 9), (0, 10, -1, 1.5) + NO_NUMBERS, 5),
    ):
        for value in allowed:
            config, problems = check(units={"2433": {key: value}})
            assert config["units"]["2433"][key] == value and problems == []
        for value in wrong:
            config, problems = check(units={"2433": {key: value}})
            used = no_more_than(safe, value) if key == "max_amps" else safe
            assert config["units"]["2433"][key] == used, (key, value)
            assert only(problems).startswith(f"config.json: units.2433.{key} is ")
            assert f"; using {used}" in problems[0]


def test_switches_of_a_unit():
    for key in ("contactors", "spike_cure"):
        for value in (True, False):
            config, problems = check(units={"2433": {key: value}})
            assert config["units"]["2433"][key] is value and problems == []
        for value in ("true", "false", "on", "", 0, 1, 1.0, None, [], {}, [True], NAN):
            config, problems = check(units={"2433": {key: value}})
            assert config["units"]["2433"][key] is False, value
            assert only(problems).startswith(f"config.json: units.2433.{key} is ")
            assert problems[0].endswith(
                ": write true or false, without quotes; using false until you do."
            )


def test_units_of_energy():
    for value in ("auto", "kWh", "Wh"):
        config, problems = check(units={"2433": {"energy": value}})
        assert config["units"]["2433"]["energy"] == value and problems == []
    for value in ("", "kwh", "WH", "MWh", None, True, 1, [], {}, ["Wh"]):
        config, problems = check(units={"2433": {"energy": value}})
        assert config["units"]["2433"]["energy"] == "auto"
        assert 'write one of "auto", "kWh", "Wh"' in only(problems)


def test_a_spike_cure_that_can_not_work_is_told():
    for wires, own, told in ((48, 16, 0), (48, 15, 1), (15, 32, 1), (16, None, 0), (15, None, 1)):
        unit = {"spike_cure": True}
        if own:
            unit["max_amps"] = own
        problems = problems_of(wires={"max_amps": wires}, units={"2433": unit})
        assert len([one for one in problems if "does nothing here" in one]) == told
        unit["spike_cure"] = False
        problems = problems_of(wires={"max_amps": wires}, units={"2433": unit})
        assert not any(["does nothing here" in one for one in problems])


def test_names_of_units():
    config, problems = check(units={"2433": {"name": "Küche, links"}})
    assert config["units"]["2433"]["name"] == "Küche, links" and problems == []
    for value in ("x" * 33, 5, None, True, []):
        config, problems = check(units={"2433": {"name": value}})
        assert config["units"]["2433"]["name"] is None
        assert only(problems).startswith("config.json: units.2433.name is ")


def test_a_unit_that_is_no_object_gets_the_least():
    for value in (16, "16", None, [], True):
        config, problems = check(units={"2433": value})
        unit = config["units"]["2433"]
        assert (unit["max_amps"], unit["phases"]) == (6, 3)
        assert only(problems).startswith("config.json: units.2433 is ")


def test_contradictions_name_every_unit():
    problems = problems_of(
        wires={"max_amps": 20},
        units={"2433": {"max_amps": 32}, "5850": {"max_amps": 16, "min_amps": 17}, "1839": {}},
    )
    assert len(problems) == 2
    assert problems[0].startswith("config.json: units.2433.max_amps is 32, but wires.max_amps")
    assert problems[1].startswith("config.json: units.5850.min_amps is 17, but only 16 A")


def test_the_same_unit_twice_gets_the_lower_values_and_is_told():
    # Ids are compared in upper case, so these two are one.
    for first, second in ((6, 32), (32, 6)):
        given = {"24ab": {"max_amps": first}, "24AB": {"max_amps": second}}
        config, problems = check(units=given)
        assert config["units"]["24AB"]["max_amps"] == 6
        assert problems
    low = {"priority": 2, "contactors": False, "spike_cure": False, "energy": "kWh"}
    high = {"priority": 8, "contactors": True, "spike_cure": True, "energy": "Wh"}
    for first, second in ((low, high), (high, low)):
        unit = check(units={"24ab": first, "24AB": second})[0]["units"]["24AB"]
        assert (unit["priority"], unit["contactors"], unit["spike_cure"]) == (2, False, False)
        assert unit["energy"] == "auto"
    unit = check(units={"24ab": high, "24AB": high})[0]["units"]["24AB"]
    assert (unit["priority"], unit["contactors"], unit["energy"]) == (8, True, "Wh")


def test_two_jobs_for_one_pin_are_told():
    keys = [row[0] for row in PINS]
    for index in range(len(keys)):
        for other in keys[:index]:
            assert only(problems_of(board=pins(**{keys[index]: 32, other: 32}))) == (
                f"config.json: board.{keys[index]} and board.{other} are both 32: "
                "give each its own pin."
            )
    # Against what stands where nothing is written: rx 16, tx 17, stop_pin 0.
    for board in ({"tx": 16}, {"driver_enable": 17}, {"driver_enable": 0}, {"stop_pin": 16}):
        assert " are both " in only(problems_of(board=board))
    assert len(problems_of(board={"tx": 5, "rx": 5, "driver_enable": 5, "stop_pin": 5})) == 3


def test_short_times_are_accepted_with_a_warning():
    for section, key, shortest in (
        ("relay", "min_on_s", 300),
        ("relay", "min_off_s", 300),
        ("inputs", "max_age_s", 30),
        ("surplus", "start_hold_s", 30),
    ):
        for value in (1, shortest - 1, shortest - 0.5):
            config, problems = check({section: {key: value}})
            assert config[section][key] == value
            assert only(problems).startswith(
                f"config.json: {section}.{key} is {value} s: so short"
            )
        assert problems_of({section: {key: shortest}}) == []


def test_each_short_time_is_told():
    problems = problems_of(
        relay={"min_on_s": 1, "min_off_s": 2}, inputs={"max_age_s": 3}, surplus={"start_hold_s": 4}
    )
    assert len(problems) == 4
    for path in ("relay.min_on_s", "relay.min_off_s", "inputs.max_age_s", "surplus.start_hold_s"):
        assert any([path in said for said in problems]), path


# Unknown keys.


def test_unknown_keys_are_told_with_what_was_meant():
    for given, meant in (
        ({"wire": {}}, "wires"),
        ({"Wires": {}}, "wires"),
        ({"unit": {}}, "units"),
        ({"input": {}}, "inputs"),
        ({"wifi": {"pasword": "x"}}, "wifi.password"),
        ({"wifi": {"SSID": "x"}}, "wifi.ssid"),
        ({"wifi": {"ssids": "x"}}, "wifi.ssid"),
        ({"mqtt": {"hots": "x"}}, None),
        ({"mqtt": {"hosst": "x"}}, "mqtt.host"),
        ({"relay": {"min-on-s": 600}}, "relay.min_on_s"),
        ({"relay": {"min_on": 600}}, None),
        ({"supply": {"volt": 230}}, "supply.volts"),
        ({"supply": {"phase": 3}}, "supply.phases"),
        ({"units": {"2433": {"max_amp": 16}}}, "units.2433.max_amps"),
        ({"units": {"2433": {"maxamps": 16}}}, "units.2433.max_amps"),
        ({"units": {"2433": {"nam": "x"}}}, "units.2433.name"),
        ({"": {}}, None),
        ({"wifi": {"": 1}}, None),
        ({"_comment": "hello"}, None),
    ):
        said = [one for one in problems_of(given) if " is unknown" in one]
        sentence = only(said)
        if meant:
            assert sentence.endswith(f"is unknown: did you mean {meant}?"), sentence
        else:
            assert "is unknown and not used. Known are: " in sentence, sentence


def test_an_unknown_key_changes_nothing_else():
    config, _ = check({"wifi": {"ssid": "home", "channel": 6}, "comment": "x"})
    assert config["wifi"]["ssid"] == "home"
    assert "channel" not in config["wifi"] and "comment" not in config


# Passwords.


def test_passwords_are_never_shown():
    secret = "hunter2-topsecret"
    for given in (
        {"wifi": {"password": [secret]}},
        {"wifi": {"password": {"value": secret}}},
        {"wifi": {"password": secret * 9}},
        {"mqtt": {"password": secret * 9}},
        {"mqtt": {"password": [secret]}},
        {"wifi": {"pasword": secret}},
        {"wifi": {"Password": secret}},
        {"wifi": {"passphrase": secret}},
        {"mqtt": {"pass": secret}},
        {"password": secret},
        {"wifi": [secret]},
        {"mqtt": [secret, secret]},
        {"wlan": {"password": secret}},
    ):
        config, problems = check(given)
        assert problems
        for sentence in problems:
            assert "hunter2" not in sentence, sentence
    for value in (12345678, 12345678.5):
        assert "12345678" not in only(problems_of(mqtt={"password": value}))


def test_a_password_in_the_place_of_its_section_is_not_shown():
    for section in ("wifi", "mqtt"):
        for value in ("hunter2", 12345678):
            for sentence in problems_of({section: value}):
                assert str(value) not in sentence, sentence


# What is wrong leads to less current.


def test_wires_that_are_wrong_lead_to_six_amperes():
    for value in NO_NUMBERS + (241, 1e9, 32.5, 10**12):
        used = check(wires={"max_amps": value})[0]["wires"]["max_amps"]
        assert used == no_more_than(6, value), value
    for wires in (None, [], 32, "32", {"maxamps": 32}, {"max_amp": 32}, {}):
        assert check(wires=wires)[0]["wires"]["max_amps"] == 6


def test_wires_below_the_range_do_not_get_more_than_was_written():
    # Who writes 5 or 0 must not find 6 A on the wires.
    for value in (-1, 0, 1, 5, 5.9):
        config, problems = check(wires={"max_amps": value})
        assert config["wires"]["max_amps"] == 0, value
        assert "; using 0 A until you do." in only(problems)


def test_a_unit_below_the_range_does_not_get_more_than_was_written():
    # 0 is what people write to switch a unit off.
    for value in (-1, 0, 4, 4.5, 5.9):
        config, problems = check(units={"2433": {"max_amps": value}})
        assert Units(config).max_amps("2433") == 0, value
        assert "; using 0 A until you do." in only(problems)


def test_wrong_phases_of_the_supply_lead_to_less():
    # "3": one phase instead of three would be three times the surplus.
    for value in NO_NUMBERS + (0, 4, 2.5):
        config, problems = check(supply={"phases": value})
        assert problems
        assert config["supply"]["phases"] == 3, value


def test_wrong_volts_of_the_supply_lead_to_less():
    # Gen2 units also run on 277 V: 240 instead of it is 15 % more than the surplus.
    for value in NO_NUMBERS + (0, 89, 301, 480):
        config, problems = check(supply={"volts": value})
        assert problems
        assert config["supply"]["volts"] == 300, value


def test_a_supply_that_is_no_object_leads_to_less():
    for value in (None, [], "3 x 230 V", 230):
        config, problems = check(supply=value)
        assert only(problems) == "config.json: supply is no object: write { ... }."
        assert Units(config).watts_per_amp("2433") == 3 * 300, value


def test_switches_of_the_bus_that_can_not_be_read_are_off():
    # They are on unless said otherwise: whoever writes one wants it off.
    for key in ("questions", "raw"):
        for value in ("off", "false", 0, 1, None, [], {}, NAN, "true"):
            config, problems = check(bus={key: value})
            assert config["bus"][key] is False, (key, value)
            assert only(problems).startswith(f"config.json: bus.{key} is ")
            assert problems[0].endswith("; using false until you do.")
        for value in (True, False):
            config, problems = check(bus={key: value})
            assert config["bus"][key] is value and problems == []
    for given in ({"Raw": False}, {"raws": False}):
        config, _ = check(bus=given)
        assert config["bus"]["raw"] is False and config["bus"]["questions"] is True
    assert check(bus={"question": False})[0]["bus"]["questions"] is False
    for given in ({"bus": []}, {"buss": {"raw": False}}, {"Bus": {"questions": False}}):
        config, _ = check(given)
        assert config["bus"]["raw"] is False and config["bus"]["questions"] is False, given
    assert check(bus={"id": "77AB"})[0]["bus"]["raw"] is True


def test_a_misspelt_limit_of_a_unit_leads_to_less():
    # The sentence says what was meant: then it is not "nothing said".
    for key in ("max_amp", "Max_Amps", "maxamps", "max-amps"):
        config, problems = check(units={"2433": {key: 16}})
        assert "did you mean" in only(problems)
        assert Units(config).max_amps("2433") <= 16, key
    # A number of phases in the place of a phase's name is not "nothing said" either.
    for unit in ({"phase": 3}, {"phasen": 3}, {"phase": "L4"}, {"phase": ["L1"]}):
        config, problems = check(units={"2433": unit})
        assert len(problems) == 1
        assert Units(config).watts_per_amp("2433") == 720
    config, _ = check(units={"2433": {"phase": 3, "phases": 1}})
    assert Units(config).watts_per_amp("2433") == 240
    config, _ = check(supply={"phase": 3})
    assert Units(config).watts_per_amp("2433") >= 720
    # What is spelt right counts, whatever stands beside it.
    config, _ = check(units={"2433": {"max_amp": 6, "max_amps": 16}})
    assert Units(config).max_amps("2433") == 16


def test_a_misspelt_supply_leads_to_less():
    for key in ("suply", "Supply", "supplys"):
        config, problems = check({key: {"volts": 230, "phases": 3}})
        assert only(problems) == f"config.json: {key} is unknown: did you mean supply?"
        assert Units(config).watts_per_amp("2433") == 3 * 300
    config, _ = check({"suply": {}, "supply": {"volts": 230, "phases": 1}})
    assert Units(config).watts_per_amp("2433") == 230


def test_limits_of_units_that_can_not_be_read_lead_to_less():
    # Someone limited a unit, and which one can not be told: no unit gets more than 6 A unless
    # it has a limit of its own that can be read.
    for value in ([16], "2433: 16", None, {"243": {"max_amps": 16}}, {"left": {"max_amps": 16}}):
        config, problems = check(units=value)
        assert problems
        assert config["units_max_amps"] == 6
        assert Units(config).max_amps("2433") == 6, value
    assert Units(check(unit={"2433": {"max_amps": 16}})[0]).max_amps("2433") == 6
    config, _ = check(units={"left": {"max_amps": 16}, "2433": {"max_amps": 20}, "5850": {}})
    assert Units(config).max_amps("2433") == 20
    assert Units(config).max_amps("5850") == Units(config).max_amps("1839") == 6

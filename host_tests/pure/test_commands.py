"""What people and their machines send."""

import configuration
import zones
from charging.commands import command
from charging.plan import Plan
from units import Units

PARIS = zones.parse("CET-1CEST,M3.5.0,M10.5.0/3")
# 2024-03-30 22:00 in Paris, the night before summer time.
EVENING = 1711832400


class Recorder:
    """A plan that notes what it was told."""

    def __init__(self):
        self.mode = "solar"
        self.amps = 0
        self.did = None

    def units(self):
        return ["2433", "5850"]

    def choose(self, mode, amps, seconds, then, now_ms):
        assert now_ms == 7
        self.did = (mode, amps, seconds, then)

    def boost(self, seconds, wh, unplugged, now_ms):
        assert now_ms == 7
        self.did = (seconds, wh, unplugged)

    def limit(self, amps, seconds, now_ms):
        assert now_ms == 7
        self.did = (amps, seconds)

    def charge_limit(self, unit_id, wh, soc):
        self.did = (unit_id, wh, soc)
        return unit_id in (None, "2433", "5850")

    def ask(self, unit_id):
        self.did = (unit_id,)
        return unit_id in (None, "2433", "5850")


def did(name, payload, **more):
    plan = Recorder()
    why = command(plan, name, payload, 7, more.get("zone"), more.get("utc_s"))
    assert why is None, why
    return plan.did


def refused(name, payload, **more):
    plan = Recorder()
    why = command(plan, name, payload, 7, more.get("zone"), more.get("utc_s"))
    assert why is not None, payload
    assert name == "charge_limit" or name == "ask" or plan.did is None, payload
    return why


def test_modes():
    for payload, mode in (
        ("off", "off"),
        ("Off", "off"),
        (" OFF\n", "off"),
        ('"Off"', "off"),
        ("solar", "solar"),
        ("Solar", "solar"),
        ("Solar + minimum", "minimum"),
        ("solar+minimum", "minimum"),
        ("minimum", "minimum"),
        ("Fast", "fast"),
        ('{"mode": "Fast"}', "fast"),
        ('{"mode": "Solar + minimum"}', "minimum"),
    ):
        assert did("mode", payload) == (mode, None, None, None), payload


def test_modes_with_a_time():
    assert did("mode", '{"mode": "off", "seconds": 3600}') == ("off", None, 3600, None)
    assert did("mode", '{"mode": "off", "seconds": "3600"}') == ("off", None, 3600, None)
    assert did("mode", '{"mode": "fast", "seconds": 60.5, "then": "Off"}') == (
        "fast",
        None,
        60.5,
        "off",
    )
    assert did("mode", '{"mode":"manual","amps":16,"seconds":300,"then":"solar"}') == (
        "manual",
        16,
        300,
        "solar",
    )


def test_manual_amperes():
    for payload in ("16", "16.0", '"16"', "16 A", "16A", '"16 A"', " 16 ", "+16", "16.9"):
        assert did("manual", payload) == ("manual", 16, None, None), payload
        if payload[0] != '"':
            assert did("mode", "Manual " + payload.strip()) == ("manual", 16, None, None)
    for payload in ('{"amps": 16}', '{"amps": "16"}', '{"amps": 16.0}', '{"amps": "16 A"}'):
        assert did("manual", payload) == ("manual", 16, None, None), payload
    assert did("manual", '{"amps": 16, "seconds": 60}') == ("manual", 16, 60, None)
    for payload, amps in (("0", 0), ("80", 80), ("0.9", 0)):
        assert did("manual", payload) == ("manual", amps, None, None)
    for payload in ("-1", "81", "nan", "inf", "1e1", "1_6", "", "sixteen", "true", "16 kW", "--"):
        assert refused("manual", payload) == (
            f'manual is "{payload}": write whole amperes from 0 to 80.'
        )
    for payload, shown in (("true", "true"), ("null", "null"), ("[16]", "a list"), ("1e99", None)):
        said = refused("manual", '{"amps": ' + payload + "}")
        if shown:
            assert said == f"manual is {shown}: write whole amperes from 0 to 80."


def test_manual_alone_keeps_its_amperes():
    assert refused("mode", "manual") == "mode needs amperes: write manual 16."
    plan = Recorder()
    plan.mode, plan.amps = "manual", 12
    assert command(plan, "mode", "manual", 7) is None
    assert plan.did == ("manual", 12, None, None)


def test_words_that_are_no_mode_say_what_to_write():
    what = "write off, solar, solar + minimum, fast or manual 16."
    for payload, shown in (
        ("faster", '"faster"'),
        ("", '""'),
        ("16", '"16"'),
        ("unavailable", '"unavailable"'),
        ('{"mode": 3}', "3"),
        ('{"mode": null}', "null"),
        ("{}", "null"),
        ('{"mode": ["off"]}', "a list"),
    ):
        assert refused("mode", payload) == f"mode is {shown}: {what}"
    assert refused("mode", '{"mode": "off", "amp": 3}') == (
        'mode has "amp": known are mode, amps, seconds, then.'
    )
    assert refused("mode", '{"mode": "off", "amps": 3}') == (
        "mode off has no amperes: write manual 16, or leave them out."
    )
    assert refused("mode", '{"mode": "off", "seconds": 0}') == (
        "mode has a time of 0: it can be from 1 s to 168 h."
    )
    for seconds in ("0.9", "604801", "-5", '"soon"', "true", "[]"):
        assert refused("mode", '{"mode": "off", "seconds": ' + seconds + "}").endswith(
            "it can be from 1 s to 168 h."
        )
    for then in ('"fast"', '"manual"', "3", '"x"', "{}"):
        assert refused("mode", '{"mode": "off", "then": ' + then + "}").endswith(
            ": write off, solar or solar + minimum."
        )
    assert refused("mode", '{"mode": ') == 'mode is no valid JSON: {"mode":.'
    assert refused("mode", "x" * 201) == "mode is longer than 200 characters."
    assert refused("modes", "off") == (
        "modes is no command: there are ask, boost, charge_limit, limit, manual, mode."
    )


def test_boosts():
    for payload, expected in (
        ("off", (None, None, False)),
        ("Off", (None, None, False)),
        ("0", (None, None, False)),
        ('"0"', (None, None, False)),
        ("2 h", (7200, None, False)),
        ("2h", (7200, None, False)),
        ("1.5 H", (5400, None, False)),
        ("90 min", (5400, None, False)),
        ("8 kWh", (None, 8000, False)),
        ("8.25kwh", (None, 8250, False)),
        ("500 Wh", (None, 500, False)),
        ("unplugged", (None, None, True)),
        ("until unplugged", (None, None, True)),
        ('{"until": "unplugged"}', (None, None, True)),
        ('{"seconds": 7200}', (7200, None, False)),
        ('{"kwh": 8}', (None, 8000, False)),
        ('{"kwh": "8", "seconds": 60, "until": "Unplugged"}', (60, 8000, True)),
    ):
        assert did("boost", payload) == expected, payload
    for payload in ("2", "on", "", "8 kW", "h", "tomorrow", '{"until": "soon"}', "24:00", "7:5"):
        assert refused("boost", payload).endswith(
            ": write 2 h, 8 kWh, 07:00, unplugged or off."
        ), payload
    for payload in ("0 h", "169 h", "-2 h"):
        assert refused("boost", payload).endswith("it can be from 1 s to 168 h."), payload
    for payload in ("0 kWh", "201 kWh", '{"kwh": true}', '{"kwh": "much"}'):
        assert refused("boost", payload).endswith("it can be 0.1 to 200 kWh."), payload
    assert refused("boost", "{}") == (
        'boost has no end: write {"seconds": 7200}, {"kwh": 8} or off.'
    )
    assert refused("boost", '{"until": 7}') == ('boost has until 7: write "07:00" or "unplugged".')
    assert refused("boost", '{"hours": 7}') == (
        'boost has "hours": known are seconds, kwh, until.'
    )


def test_a_boost_until_a_time_of_the_day():
    # Nine hours on the clock are eight in the night in which summer time begins.
    for payload in ("07:00", "7:00", "until 07:00", '{"until": "07:00"}'):
        assert did("boost", payload, zone=PARIS, utc_s=EVENING) == (8 * 3600, None, False)
    assert did("boost", "23:30", zone=PARIS, utc_s=EVENING) == (5400, None, False)
    assert did("boost", '{"until": "07:00", "seconds": 60}', zone=PARIS, utc_s=EVENING)[0] == 60
    for more in ({}, {"zone": PARIS}, {"utc_s": EVENING}):
        assert refused("boost", "07:00", **more) == (
            "boost until 07:00 needs the time, which is not known: write how long, such as 2 h, "
            "or set clock.zone."
        )


def test_limits():
    for payload, expected in (
        ("10", (10, None)),
        ("10.0", (10, None)),
        ("240", (240, None)),
        ("0", (0, None)),
        ("none", (None, None)),
        ("None", (None, None)),
        ('"null"', (None, None)),
        ('{"amps": 10, "seconds": 600}', (10, 600)),
        ('{"amps": null}', (None, None)),
    ):
        assert did("limit", payload) == expected, payload
    for payload in ("241", "-1", "off", "unavailable", "unknown", "", "nan"):
        assert refused("limit", payload) == (
            f'limit is "{payload}": write whole amperes from 0 to 240 or none.'
        )
    assert refused("limit", '{"seconds": 5}') == (
        'limit has no amps: write {"amps": 10}, or {"amps": null} for none.'
    )


def test_limits_of_a_charge():
    for payload, expected in (
        ("20 kWh", (None, 20000, None)),
        ("80 %", (None, None, 80)),
        ("80%", (None, None, 80)),
        ("none", (None, None, None)),
        ('{"unit": "2433", "kwh": 20}', ("2433", 20000, None)),
        ('{"unit": 2433, "soc": "80"}', ("2433", None, 80)),
        ('{"unit": "2433", "kwh": null}', ("2433", None, None)),
    ):
        assert did("charge_limit", payload) == expected, payload
    assert refused("charge_limit", '{"unit": "c0db", "kwh": 20}') == (
        'charge_limit names "C0DB", but the wall connectors are: 2433, 5850.'
    )
    for payload in ("20", "80 A", "much"):
        assert refused("charge_limit", payload) == (
            f'charge_limit is "{payload}": write 20 kWh, 80 % or none.'
        )
    assert refused("charge_limit", "101 %") == (
        'charge_limit has a state of charge of "101 %": it can be 1 to 100 %.'
    )


def test_asking():
    for payload, expected in (
        ("", None),
        ("PRESS", None),
        ("2433", "2433"),
        ("5850\n", "5850"),
        ('{"unit": "5850"}', "5850"),
        ("{}", None),
    ):
        assert did("ask", payload) == (expected,), payload
    assert refused("ask", '{"unit": "1839"}') == (
        'ask names "1839", but the wall connectors are: 2433, 5850.'
    )


def test_nothing_that_is_sent_raises():
    for name in ("mode", "manual", "boost", "limit", "charge_limit"):
        for payload in (
            "\x00", "ü", "{", '"', "{{{", '{"a": {"b": [1, 2, {"c": null}]}}', "[]", "%", ":", "-",
            "::", "1:2:3", '{"mode": {}}', '{"until": ":"}', '{"amps": {}}', '{"unit": []}',
            "\ufeff", "manual manual", "until", "2 h 30 min", "h 2", '{"kwh": []}', "1.2.3",
            '{"soc": {}}',
        ):  # fmt: skip
            plan = Recorder()
            why = command(plan, name, payload, 7, PARIS, EVENING)
            assert why is not None, (name, payload)
            assert why.startswith(name) and why.endswith(".") and len(why) < 200


def test_they_reach_the_plan():
    config = configuration.check({"wires": {"max_amps": 32}})[0]
    plan = Plan(config, Units(config), {}, print_nothing, 0)
    plan.add("2433", False)
    assert command(plan, "mode", "manual 16", 1000) is None
    assert command(plan, "limit", "10", 1000) is None
    plan.follow([], 1000)
    assert plan.order("2433") == (
        "manual",
        10,
        "mode Manual, 16 A, 5 min more",
        True,
        "remote limit of 10 A for all",
    )
    assert command(plan, "boost", "2 h", 1000) is None
    plan.follow([], 1000)
    assert plan.order("2433")[:2] == ("fast", 10)
    assert command(plan, "charge_limit", '{"unit": "9999", "kwh": 5}', 1000) == (
        'charge_limit names "9999", but the wall connectors are: 2433.'
    )


def print_nothing(level, sentence):
    pass

"""What people and their machines send."""

import configuration
import zones
from charging import say_boost, say_limits, say_modes
from charging.commands import command
from charging.new_plan import make
from units import Units

PARIS = zones.parse("CET-1CEST,M3.5.0,M10.5.0/3")
# 2024-03-30 22:00 in Paris, the night before summer time.
EVENING = 1711832400


class Recorder:
    """As much of a plan as commands look at."""

    def __init__(self):
        self.mode = "solar"
        self.amps = 0
        self.boosted = self.limit_amps = None
        self.known = {"2433": None, "5850": None}
        self.timetable_on = True
        self.limits = {}

    def own(self, unit_id):
        return True, self.limits.get(unit_id)


EFFECTS = (
    (say_modes, ("choose",)),
    (say_boost, ("boost",)),
    (say_limits, ("limit", "allow", "prefer", "timetable", "charge_limit", "ask")),
)
# Where the time stands among what they are told.
TIMED = {"choose": 4, "boost": 3, "limit": 3, "allow": 3}


def carried(name, payload, plan=None, **more):
    """(the sentence, what was to be done to the plan, without the plan and the time)."""
    done = []

    def note(effect):
        def noted(plan, *said):
            if effect in TIMED:
                at = TIMED[effect]
                assert said[at] == 7
                said = said[:at] + said[at + 1 :]
            # A boost has amperes only where they were said.
            done.append(said[:3] if effect == "boost" and said[3:] == (None,) else said)

        return noted

    real = [
        (module, effect, getattr(module, effect)) for module, names in EFFECTS for effect in names
    ]
    for module, effect, _ in real:
        setattr(module, effect, note(effect))
    try:
        why = command(plan or Recorder(), name, payload, 7, more.get("zone"), more.get("utc_s"))
    finally:
        for module, effect, function in real:
            setattr(module, effect, function)
    assert len(done) <= 1
    return why, done[0] if done else None


def did(name, payload, plan=None, **more):
    why, done = carried(name, payload, plan, **more)
    assert why is None, why
    return done


def refused(name, payload, plan=None, **more):
    why, done = carried(name, payload, plan, **more)
    assert why is not None and done is None, payload
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


def test_manual_alone_takes_the_amperes_that_were_used_last():
    assert did("mode", "manual") == ("manual", 6, None, None)
    plan = Recorder()
    plan.amps = 12
    for mode in ("solar", "manual"):
        plan.mode = mode
        for payload in ("manual", "Manual", '{"mode": "manual"}'):
            assert did("mode", payload, plan) == ("manual", 12, None, None), mode
    plan.amps = 0
    assert did("mode", "manual", plan) == ("manual", 0, None, None)


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


def test_boosts():
    for payload, expected in (
        ("off", (None, None, False)),
        ("OFF", (None, None, False)),
        ("no", (None, None, False)),
        ("false", (None, None, False)),
        ("none", (None, None, False)),
        ("0", (None, None, False)),
        ('"0"', (None, None, False)),
        ("0.0", (None, None, False)),
        ("0 min", (None, None, False)),
        ("0 h", (None, None, False)),
        ("on", (7200, None, False)),
        ("ON", (7200, None, False)),
        ("true", (7200, None, False)),
        ("2 h", (7200, None, False)),
        ("2h", (7200, None, False)),
        ("1.5 H", (5400, None, False)),
        ("90 min", (5400, None, False)),
        ("90", (5400, None, False)),
        ("90.0", (5400, None, False)),
        ("1", (60, None, False)),
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
    for payload in ("8 kW", "", "h", "tomorrow", '{"until": "soon"}', "24:00", "7:5", "unknown"):
        assert refused("boost", payload).endswith(
            ": write 2 h, 8 kWh, 07:00, unplugged or off."
        ), payload
    for payload in ("0.2 s", "169 h", "-2 h", "-1", "10081", "inf", "nan"):
        assert refused("boost", payload).startswith("boost "), payload
    for payload in ("0 kWh", "201 kWh", '{"kwh": true}', '{"kwh": "much"}'):
        assert refused("boost", payload).endswith("it can be 0.1 to 200 kWh."), payload
    assert refused("boost", "{}") == (
        'boost has no end: write {"seconds": 7200}, {"kwh": 8} or off.'
    )
    assert refused("boost", '{"until": 7}') == ('boost has until 7: write "07:00" or "unplugged".')
    assert refused("boost", '{"hours": 7}') == (
        'boost has "hours": known are seconds, kwh, until, amps.'
    )


def test_a_boost_with_amperes():
    for payload, expected in (
        ('{"amps": 10, "seconds": 60}', (60, None, False, 10)),
        ('{"amps": "10.5 A", "until": "unplugged"}', (None, None, True, 10)),
        ('{"amps": null, "kwh": 2}', (None, 2000, False)),
    ):
        assert did("boost", payload) == expected, payload
    assert refused("boost", '{"amps": 10}').startswith("boost has no end: write ")
    assert refused("boost", '{"amps": -1, "kwh": 2}').startswith(
        "boost is -1: write whole amperes"
    )


def test_the_minutes_of_a_boost():
    assert did("boost_minutes", "90.0") == (5400, None, False)
    assert did("boost_minutes", "0") == (None, None, False)
    assert refused("boost_minutes", "soon").startswith('boost_minutes is "soon": write ')


def test_on_leaves_a_boost_that_there_is():
    plan = Recorder()
    plan.boosted = "8 kWh"
    assert did("boost", "on", plan) is None
    assert did("boost", "2 h", plan) == (7200, None, False)
    assert did("boost", "off", plan) == (None, None, False)


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
        ("0", (0, None)),
        ("none", (None, None)),
        ("None", (None, None)),
        ('"null"', (None, None)),
        ('{"amps": 10}', (10, None)),
        ('{"amps": null}', (None, None)),
    ):
        assert did("limit", payload) == ("",) + expected, payload
        assert did("2433/limit", payload) == ("2433",) + expected, payload
    assert did("limit", '{"amps": 10, "seconds": 600}') == ("", 10, 600)
    for name, most in (("limit", 240), ("5850/limit", 80)):
        assert did(name, str(most))[1] == most
        for payload in (str(most + 1), "-1", "off", "unavailable", "unknown", "", "nan"):
            assert refused(name, payload) == (
                f'{name} is "{payload}": write whole amperes from 0 to {most} or none.'
            )
    assert refused("limit", '{"seconds": 5}') == (
        'limit has no amps: write {"amps": 10}, or {"amps": null} for none.'
    )
    assert refused("2433/limit", '{"amps": 10, "seconds": 600}') == (
        '2433/limit has "seconds": known are amps.'
    )


def test_limits_of_a_charge():
    for payload, expected in (
        ("20 kWh", ("", 20000, None)),
        ("80 %", ("", None, 80)),
        ("80%", ("", None, 80)),
        ("none", ("", None, None)),
        ("", ("", None, None)),
        ('{"unit": "2433", "kwh": 20}', ("2433", 20000, None)),
        ('{"unit": 2433, "soc": "80"}', ("2433", None, 80)),
        ('{"unit": "2433", "kwh": null}', ("2433", None, None)),
    ):
        assert did("charge_limit", payload) == expected, payload
    for payload, expected in (
        ("20 kWh", ("2433", 20000, None)),
        ("none", ("2433", None, None)),
        ('{"soc": 80, "kwh": 5}', ("2433", 5000, 80)),
    ):
        assert did("2433/charge_limit", payload) == expected, payload
    for payload in ("20", "80 A", "much", "20 W"):
        assert refused("charge_limit", payload) == (
            f'charge_limit is "{payload}": write 20 kWh, 80 % or none.'
        )
    assert refused("charge_limit", "101 %") == (
        'charge_limit has a state of charge of "101 %": it can be 1 to 100 %.'
    )
    assert refused("2433/charge_limit", '{"unit": "5850"}') == (
        '2433/charge_limit has "unit": known are kwh, soc.'
    )


def test_asking():
    for payload, expected in (
        ("", ""),
        ("PRESS", ""),
        ("2433", "2433"),
        ("5850\n", "5850"),
        ('{"unit": "5850"}', "5850"),
        ("{}", ""),
    ):
        assert did("ask", payload) == (expected,), payload
    for payload in ("", "PRESS", "5850", "{}"):
        assert did("2433/ask", payload) == ("2433",), payload


ON = ("on", "ON", "true", "True", "1", "yes", " On ", '"ON"', '"1"')
OFF = ("off", "OFF", "false", "0", "no", "No", '"off"')


def test_whether_charging_is_allowed():
    for name, unit_id in (("allow", ""), ("2433/allow", "2433"), ("5850/allow", "5850")):
        for words, allowed in ((ON, True), (OFF, False)):
            for payload in words:
                assert did(name, payload) == (unit_id, allowed, None), payload
        for payload, expected in (
            ('{"allow": true}', (True, None)),
            ('{"allow": false}', (False, None)),
            ('{"allow": "ON"}', (True, None)),
            ('{"allow": 1}', (True, None)),
            ('{"allow": true, "seconds": 120}', (True, 120)),
            ('{"allow": false, "seconds": "120"}', (False, 120)),
        ):
            assert did(name, payload) == (unit_id,) + expected, payload
        for payload in ("", "2", "on off", "onoff", "maybe", "1.5", "unavailable"):
            assert refused(name, payload) == f'{name} is "{payload}": write on or off.'
        assert refused(name, "{}") == f"{name} is null: write on or off."
        assert refused(name, '{"allow": [true]}') == f"{name} is a list: write on or off."
        assert refused(name, '{"allow": true, "amps": 6}') == (
            f'{name} has "amps": known are allow, seconds.'
        )
        assert refused(name, '{"allow": true, "seconds": 0}').endswith("from 1 s to 168 h.")


def test_the_switch_of_the_timetable():
    for words, on in ((ON, True), (OFF, False)):
        for payload in words:
            assert did("timetable", payload) == (on,), payload
    assert did("timetable", '{"timetable": false}') == (False,)
    assert refused("timetable", "late") == 'timetable is "late": write on or off.'
    assert refused("timetable", '{"on": true}') == 'timetable has "on": known are timetable.'
    plan = Recorder()
    plan.timetable_on = None
    for payload in ("on", "off"):
        assert refused("timetable", payload, plan) == (
            "timetable can't be switched: there is none in config.json."
        )


def test_priorities():
    for payload, expected in (
        ("1", 1),
        ("9", 9),
        ("7.0", 7),
        ('"7"', 7),
        ('{"priority": 7}', 7),
        ("none", None),
        ('{"priority": null}', None),
    ):
        assert did("2433/priority", payload) == ("2433", expected), payload
    for payload in ("0", "10", "5.5", "high", "", "nan", "inf", "true"):
        assert refused("2433/priority", payload) == (
            f'2433/priority is "{payload}": write 1 to 9, or none.'
        )


def test_names_that_are_none():
    for name in (
        "modes", "priority", "", "2433/mode", "2433/manual", "2433/boost", "2433/timetable",
        "2433/", "mode manual", "2433/limit priority", "raw",
    ):  # fmt: skip
        assert refused(name, "off") == (
            f"{name} is no command: there are allow, ask, boost, charge_limit, forget, latest, "
            "limit, manual, mode, relink, restart, timetable; and limit, charge_limit, allow, "
            "ask, priority below the id of a wall connector."
        )


def test_ids_that_are_none():
    known = "but the wall connectors are: 2433, 5850."
    for word, payload in (
        ("limit", "6"),
        ("priority", "5"),
        ("allow", "on"),
        ("ask", ""),
        ("charge_limit", "none"),
    ):
        assert refused("c0db/" + word, payload) == f'c0db/{word} names "C0DB", {known}'
    plan = Recorder()
    plan.known = {}
    assert refused("2433/limit", "6", plan).endswith("but the wall connectors are: none yet.")
    # The real ones look it up themselves.
    for name in ("charge_limit", "ask"):
        for unit in ('"c0db"', '""', "[]"):
            why = command(Recorder(), name, '{"unit": ' + unit + "}", 7)
            assert why.startswith(f'{name} names "') and why.endswith(known), why


# When it was sent.


def at(seconds, rest='"mode": "fast"', name="mode", utc_s=EVENING, plan=None):
    """What becomes of a command that was sent so many seconds before `EVENING`."""
    return carried(name, '{"at": ' + str(EVENING - seconds) + ", " + rest + "}", plan, utc_s=utc_s)


def test_a_late_command_is_not_carried_out():
    for seconds in (0, 1, 59, 60, -1, -60):
        assert at(seconds) == (None, ("fast", None, None, None)), seconds
    for seconds, age in ((61, "60 s"), (300, "5 min"), (7200, "2 h"), (864000, "240 h")):
        assert at(seconds) == (f"this command is {age} old: not carried out.", None)
    assert at(-61)[0] == "this command is from 60 s in the future by its clock: not carried out."
    assert at(-3600)[0].startswith("this command is from 60 min in the future")
    # Whatever it asks for.
    assert at(61, '"mode": "off"')[1] is None
    assert at(61, '"allow": false', "allow")[1] is None


def test_when_it_was_sent_in_other_forms():
    for form in (str(EVENING), str(EVENING) + ".75", f'"{EVENING}"'):
        for text in (
            '{"mode": "fast", "at": ' + form + "}",
            '{"mode":"fast","at":' + form + "}",
            '{ "at" : ' + form + ', "mode":"fast" }',
        ):
            assert did("mode", text, utc_s=EVENING + 60) == ("fast", None, None, None), text
            assert refused("mode", text, utc_s=EVENING + 61), text
    for form in (str(EVENING) + "000", '"now"', "true", "-5", "0", "{}", "[]"):
        assert refused("mode", '{"mode": "fast", "at": ' + form + "}", utc_s=EVENING) == (
            'mode has no Unix time in seconds in "at".'
        )
    assert did("mode", '{"mode": "fast", "at": null}') == ("fast", None, None, None)


def test_without_a_clock_only_what_gives_less_is_carried_out():
    plan = Recorder()
    plan.limit_amps = 10
    plan.limits = {"2433": 8}
    for name, rest, taken in (
        ("mode", '"mode": "off"', True),
        ("mode", '"mode": "off", "seconds": 60', False),
        ("mode", '"mode": "solar"', False),
        ("mode", '"mode": "fast"', False),
        ("manual", '"amps": 0', False),
        ("manual", '"amps": 16', False),
        ("boost", '"seconds": 60', False),
        ("allow", '"allow": false', True),
        ("allow", '"allow": true', False),
        ("allow", '"allow": true, "seconds": 60', False),
        ("2433/allow", '"allow": false, "seconds": 60', True),
        ("limit", '"amps": 9', True),
        ("limit", '"amps": 10', True),
        ("limit", '"amps": 11', False),
        ("limit", '"amps": null', False),
        ("limit", '"amps": 6, "seconds": 60', False),
        ("2433/limit", '"amps": 8', True),
        ("2433/limit", '"amps": 9', False),
        ("5850/limit", '"amps": 32', True),
        ("timetable", '"timetable": true', False),
        ("timetable", '"timetable": false', False),
        ("2433/priority", '"priority": 9', False),
        ("charge_limit", '"kwh": 9', False),
        ("ask", '"unit": "2433"', False),
    ):
        why, done = at(0, rest, name, None, plan)
        assert (done is not None) is taken, (name, rest, why)
        assert taken or why == (
            f'{name} has "at", but the time is not known here, and it could start a charge: write '
            "it without, or set clock.zone."
        )
        # With a clock, or without saying when, all of them are.
        assert at(0, rest, name, EVENING, plan)[1] == carried(name, "{" + rest + "}", plan)[1]


def test_nothing_that_is_sent_raises():
    for name in (
        "mode", "manual", "boost", "limit", "charge_limit", "allow", "timetable", "2433/limit",
        "2433/priority", "2433/charge_limit", "2433/allow",
    ):  # fmt: skip
        for payload in (
            "\x00", "ü", "{", '"', "{{{", '{"a": {"b": [1, 2, {"c": null}]}}', "[]", "%", ":", "-",
            "::", "1:2:3", '{"mode": {}}', '{"until": ":"}', '{"amps": {}}', '{"unit": []}',
            "\ufeff", "manual manual", "until", "2 h 30 min", "h 2", '{"kwh": []}', "1.2.3",
            '{"soc": {}}', '{"at": {}}', '{"at": 5}', '{"allow": {}}', '{"priority": []}',
        ):  # fmt: skip
            why = command(Recorder(), name, payload, 7, PARIS, EVENING)
            assert why is not None, (name, payload)
            assert why.endswith(".") and len(why) < 200, why
            assert why.startswith(name) or '"at": 5' in payload, why


def test_they_reach_the_plan():
    config = configuration.check({"wires": {"max_amps": 32}})[0]
    plan = make(config, Units(config), {}, print_nothing, 0)
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
    assert command(plan, "2433/limit", "8", 1000) is None
    assert command(plan, "2433/priority", "8", 1000) is None
    plan.follow([], 1000)
    assert plan.order("2433")[:2] == ("fast", 8) and plan.said.priority("2433") == 8
    assert command(plan, "allow", "off", 1000) is None
    plan.follow([], 1000)
    assert plan.order("2433")[0] == "off" and plan.allowed is False
    assert command(plan, "timetable", "off", 1000) == (
        "timetable can't be switched: there is none in config.json."
    )
    assert command(plan, "charge_limit", '{"unit": "9999", "kwh": 5}', 1000) == (
        'charge_limit names "9999", but the wall connectors are: 2433.'
    )


def print_nothing(level, sentence):
    pass

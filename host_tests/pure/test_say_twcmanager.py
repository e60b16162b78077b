"""What clients of TWCManager send, and what it does to the plan.

Payloads as in docs/modules/Control_MQTT.md and docs/modules/control_HTTP_API of
github.com/ngardiner/TWCManager, its tests (tests/API/test_chargeNow.py), and its web interface.
"""

import os
import sys

import configuration
from charging import new_plan
from charging.commands import command
from charging.say_twcmanager import meaning
from units import Units

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

from firmware import memory

# As charging.timetable has them: 21:00 to 07:00 on Sunday to Thursday, 20 A.
WINDOWS = [
    (127, 720, 780, "solar", None, 0, "early"),
    (79, 1260, 420, "manual", 20, 0, "early"),
    (3, 60, 300, "fast", None, 8000, "late"),
]
SCHEDULE = {
    "enabled": True, "startingMinute": 1260, "endingMinute": 420, "monday": True, "tuesday": True,
    "wednesday": True, "thursday": True, "friday": False, "saturday": False, "sunday": True,
    "amps": 20, "flexBatterySize": 100, "flexStartEnabled": True,
}  # fmt: skip


def ask(plan, name, given, windows=()):
    """What comes of a command: None, or a sentence why nothing."""
    name, words = meaning(plan, name, given, windows)
    return words if name is None else command(plan, name, words, 1000)


def make(mode="solar", timetable=False):
    config, _ = configuration.check({"wires": {"max_amps": 32}, "plan": {"mode": mode}})
    if timetable:
        config["timetable"] = WINDOWS
    return new_plan.make(config, Units(config), {}, lambda level, text: None, 0)


def done(plan, name, given, **more):
    why = ask(plan, name, given, **more)
    assert why is None, why
    return plan


def wrong(plan, name, given):
    try:
        why = ask(plan, name, given)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{name} {given}: {why}")


def boost(plan):
    """(amperes, seconds) of the boost, or None."""
    if plan.boosted is None:
        return None
    return plan.boosted.amps, plan.boosted.wish(30, 0, 1000)[6] // 1000


def test_charge_now_over_mqtt():
    for text, amps, seconds in (
        ("8,3600", 8, 3600),
        ("16,1200", 16, 1200),
        ("24, 3600", 24, 3600),
        (" 12.0,600.0 ", 12, 600),
    ):
        plan = done(make(), "chargeNow", text)
        assert boost(plan) == (amps, seconds) and plan.mode == "solar", text


def test_charge_now_over_http():
    for rate, duration in ((8, 3600), ("8", "3600"), ("8", 3600), (8.0, 3600.0)):
        plan = done(make(), "chargeNow", {"chargeNowRate": rate, "chargeNowDuration": duration})
        assert boost(plan) == (8, 3600), (rate, duration)


def test_charge_now_said_again_only_changes_amperes_and_time():
    plan = done(make(), "chargeNow", "8,3600")
    same = plan.boosted
    done(plan, "chargeNow", "10,7200")
    assert plan.boosted is same and boost(plan) == (10, 7200)


def test_charge_now_ends_and_what_was_before_goes_on():
    for name, given in (("chargeNowEnd", ""), ("chargeNowEnd", "None"), ("cancelChargeNow", {})):
        plan = done(make("minimum"), "chargeNow", "8,3600")
        assert boost(done(plan, name, given)) is None and plan.mode == "minimum"
        done(plan, name, given)  # without one it is no mistake


def test_what_is_no_charge_now_changes_nothing():
    plan = make()
    for given in (
        "",
        "8",
        "8;3600",
        "eight,3600",
        ",",
        "8,",
        "nan,3600",
        "1e999,3600",
        "8,3600,1",
    ):
        assert wrong(plan, "chargeNow", given) == "write amperes and seconds, 8,3600", given
    for given in ("0,3600", "-10,3600", "24,-3600", "24,0", "241,3600", "24,604801"):
        assert "it can be 1 to 240 A, 1 s to a week" in wrong(plan, "chargeNow", given), given
    for rate in (None, [], {}, True, "x", -10, 0):
        wrong(plan, "chargeNow", {"chargeNowRate": rate, "chargeNowDuration": 3600})
        wrong(plan, "chargeNow", {"chargeNowRate": 8, "chargeNowDuration": rate})
    wrong(plan, "chargeNow", {})
    assert plan.boosted is None and not plan.chosen


def test_stop_stops_charging_also_a_charge_that_was_asked_for():
    plan = done(make(), "chargeNow", "8,3600")
    done(plan, "stop", "")
    assert plan.mode == "off" and plan.boosted is None


def test_amperes_are_kept_until_the_action_asks_for_them():
    plan = make()
    assert "set nonScheduledAmpsMax first" in ask(plan, "nonScheduledAction", "1")
    done(plan, "nonScheduledAmpsMax", "10")
    assert plan.mode == "solar" and not plan.chosen
    done(plan, "nonScheduledAction", "1")
    assert (plan.mode, plan.amps, plan.then) == ("manual", 10, "solar")
    # A setting: it holds, not just for plan.manual_s.
    assert plan.until_ms - 1000 == 604800000
    done(plan, "nonScheduledAmpsMax", "16.0")
    assert (plan.mode, plan.amps) == ("manual", 16)


def test_zero_amperes_stop_and_what_comes_after_does_not_start():
    plan = done(done(make(), "nonScheduledAmpsMax", "10"), "nonScheduledAction", "1")
    done(plan, "nonScheduledAmpsMax", "0")
    assert (plan.mode, plan.amps, plan.then) == ("manual", 0, "off")
    done(plan, "nonScheduledAmpsMax", "7")
    assert (plan.mode, plan.amps, plan.then) == ("manual", 7, "solar")


def test_actions():
    plan = make("minimum")
    done(plan, "nonScheduledAction", "3")
    assert plan.mode == "minimum" and not plan.chosen
    done(plan, "nonScheduledAction", "2")
    assert plan.mode == "off"
    done(plan, "nonScheduledAmpsMax", "12")
    assert plan.mode == "off" and plan.amps == 12
    done(plan, "nonScheduledAction", "3")
    assert plan.mode == "solar"
    for given in ("0", "4", "", "green", "-1"):
        assert "write 1 (charge at nonScheduledAmpsMax)" in wrong(
            plan, "nonScheduledAction", given
        )
    for given in ("81", "-1", "", "many"):
        assert "whole amperes from 0 to 80" in wrong(plan, "nonScheduledAmpsMax", given), given
    assert plan.mode == "solar" and plan.amps == 12


def test_the_schedule_is_switched_where_its_window_is_in_the_timetable():
    plan = make(timetable=True)
    done(plan, "setScheduledChargingSettings", {"enabled": False}, windows=WINDOWS)
    assert plan.timetable_on is False
    done(plan, "setScheduledChargingSettings", SCHEDULE, windows=WINDOWS)
    assert plan.timetable_on is True
    # One that charges late is what flexStartEnabled asks for, whatever the amperes.
    plan.timetable_on = False
    flex = {"enabled": True, "startingMinute": 60, "endingMinute": 300, "monday": True}
    flex.update({"tuesday": True, "amps": 16, "flexStartEnabled": True})
    done(plan, "setScheduledChargingSettings", flex, windows=WINDOWS)
    assert plan.timetable_on is True
    plan.timetable_on = False
    flex["flexStartEnabled"] = False
    assert ask(plan, "setScheduledChargingSettings", flex, WINDOWS) is not None
    assert plan.timetable_on is False


def test_what_is_incomplete_switches_the_schedule_off():
    for key, value in (
        ("enabled", False),
        ("startingMinute", -1),
        ("endingMinute", -1),
        ("amps", 0),
        ("amps", -1),
    ):
        given = dict(SCHEDULE)
        given[key] = value
        plan = done(make(timetable=True), "setScheduledChargingSettings", given, windows=WINDOWS)
        assert plan.timetable_on is False, key
        del given[key]
        plan = done(make(timetable=True), "setScheduledChargingSettings", given, windows=WINDOWS)
        assert plan.timetable_on is False, key
    # Without a timetable there is none to switch off.
    assert done(make(), "setScheduledChargingSettings", {}).timetable_on is None


def test_another_window_is_not_taken_for_the_one_that_was_asked_for():
    for key, value in (
        ("startingMinute", 1290),
        ("endingMinute", 421),
        ("friday", True),
        ("amps", 16),
    ):
        given = dict(SCHEDULE)
        given[key] = value
        plan = make(timetable=True)
        plan.timetable_on = False
        why = ask(plan, "setScheduledChargingSettings", given, WINDOWS)
        assert "the timetable stands in config.json, and nothing was changed" in why, key
        assert plan.timetable_on is False, key
    why = ask(make(), "setScheduledChargingSettings", SCHEDULE)
    assert why.endswith(
        '{"days": "mo,tu,we,th,su", "from": "21:00", "to": "07:00", "amps": 20}'
    ), why


def test_what_is_no_schedule():
    for key, value in (
        ("startingMinute", "soon"),
        ("endingMinute", 1441),
        ("amps", "many"),
        ("amps", 81),
    ):
        given = dict(SCHEDULE)
        given[key] = value
        assert wrong(make(), "setScheduledChargingSettings", given).startswith(key), key


def test_a_boost_with_amperes_outlives_a_restart_without_wearing_the_flash():
    plan = done(make(), "chargeNow", "16,86400")
    assert plan.boosted.memory(0, 1000) == [86400, None, False, 16]
    done(plan, "chargeNow", "10,86400")
    assert plan.boosted.memory(0, 2000)[3] == 10
    # More is remembered after ten minutes.
    done(plan, "chargeNow", "14,86400")
    assert plan.boosted.memory(0, 3000)[3] == 10
    assert plan.boosted.memory(0, 602000)[3] == 10
    assert plan.boosted.memory(0, 603000)[3] == 14
    config, _ = configuration.check({"wires": {"max_amps": 32}})
    remembered = {"boost": [900, None, False, 14]}
    again = new_plan.make(config, Units(config), remembered, lambda level, text: None, 1000)
    assert boost(again) == (14, 900)
    remembered = {"boost": [900, None, False]}
    again = new_plan.make(config, Units(config), remembered, lambda level, text: None, 1000)
    assert boost(again) == (None, 900)


def test_a_boost_with_amperes_is_read_from_the_flash_only_as_it_was_written():
    path = f"state_for_test_twcmanager_{sys.implementation.name}.json"
    try:
        for boost_left, good in (
            ([900, None, False, 14], True),
            ([900, None, False], True),
            ([900, None, False, "14"], False),
            ([None, None, False, 14], False),
            ([900, None, False, 14, 1], False),
            ([900, None], False),
        ):
            memory.save({}, {"boost": boost_left}, path)
            found = memory.load_plan(path)
            # What can't be right may have been less: nothing charges until somebody chooses.
            assert found == ({"boost": boost_left} if good else {"mode": "off"}), boost_left
    finally:
        os.remove(path)

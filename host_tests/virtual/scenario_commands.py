"""What people and machines may say beside the modes: whether charging is allowed, by a person and
by a machine, limits and priorities of single connectors, the timetable's switch, and commands that
say when they were sent. All of it outlives a power cut, but for a permission that has an end.

The relays' times are one and a half minutes here, so that they differ from a person's one minute.
"""

from common.household import Household, unit

from simulator.referee import Referee
from simulator.virtual.time_server import TimeServer

CONFIG = {
    "relay": {"min_on_s": 90, "min_off_s": 90},
    "surplus": {"start_hold_s": 10},
    "clock": {"ntp": "10.0.0.3", "zone": "GMT0BST,M3.5.0/1,M10.5.0"},
    "timetable": [{"from": "22:00", "to": "04:00", "mode": "fast"}],
}
OFF = "charging is not allowed (switched off)"
OVER = "charging is not allowed (its permission is over)"
FAST = "timetable: fast until 04:00"

house = Household(
    [unit("1111"), unit("2222")], config=CONFIG, referee=Referee(32, min_on_s=90, min_off_s=90)
)
world = house.world
left, right = house.units
server = TimeServer(world.net, 1736895600)  # 2025-01-14, 23:00 in London
# A broker keeps what it was sent so; nobody knows when that was.
house.broker.publish("twc/garage/allow/set", "off", retain=True)
house.broker.publish("twc/garage/latest/set", "9.1.0", retain=True)
house.start()


def say(name, text, person=False, **more):
    """Sends a command. `person`: one with which the relays' times are a minute."""
    if person:
        house.referee.person(world.now_s * 1000)
    house.broker.publish(f"twc/garage/{name}/set", text, **more)


def told(left_reason, right_reason, settle_s=3):
    """Asserts the sentence of each; page, topics and bus agree. Returns the page's document."""
    status = house.agree(settle_s)
    found = {one["id"]: one["reason"] for one in status["connectors"]}
    assert found == {"1111": left_reason, "2222": right_reason}, found
    return status


def refused(name, text, why, **more):
    """Asserts that a command is answered with a sentence, and with the state as it is."""
    noted = len(house.notes)
    since_s = world.now_s
    say(name, text, **more)
    world.run_for(1)
    new = [(level, sentence) for _, level, sentence in house.notes[noted:]]
    assert new == [("warning", f"{name}/set: {why}")], new
    assert house.topic("error") == f"{name}/set: {why}", house.topic("error")
    again = house.broker.seen("twc/garage/" + name, since_s)
    assert len(again) == (0 if name.startswith("9999") else 1), (name, again)


def since_on_s():
    """How long both relays have been closed."""
    return world.now_s - max([box.relay_events[-1][0] for box in house.units]) / 1000


def cut():
    """A moment without power; returns when the firmware is back and hears commands."""
    house.referee.max_gap_s += 0.3
    world.power_cut()
    world.run_for(6)
    house.referee.max_gap_s -= 0.3


# What is retained is told, and not carried out; the newest version may be, it starts nothing.
world.run(6)
RETAINED = "allow/set: a retained command is not carried out: send it without the retain flag"
assert house.topic("error") == RETAINED and house.noted(RETAINED)
assert house.topic("allow") == "ON" and house.app.latest == "9.1.0"

# By the sun, the one that is preferred comes first.
say("timetable", "OFF")
house.publish(0, every_s=10)
world.wait_for(lambda: house.topic("timetable") == "OFF", 30, "the switch", 1)
say("2222/priority", "9")
world.run_for(35)
status = told("Waiting: 0 W of 1 440 W surplus.", "Waiting: 0 W of 1 440 W surplus.")
assert not any([wish["owner"] == "timetable" for wish in status["wishes"]]), status["wishes"]
assert house.topic("2222/priority") == "9" and house.topic("1111/priority") == "5"
house.publish(2000)
house.wait_offer(8, 90, "2222")
world.run_for(20)
told(
    "Waiting: 560 W of 1 440 W surplus.",
    "Charging at 8 A: 2 000 W of surplus.",
)
# And with enough for both.
house.publish(4000)
house.wait_offer(6, 90, "1111")
world.run_for(20)
assert house.offer("2222") == 10, house.offer("2222")
say("2222/priority", "none")
house.wait_offer(8, 30, "1111")
assert house.topic("2222/priority") == "5"

# The timetable is followed again: all that the wires give.
say("timetable", '{"timetable": true}')
house.wait_offer(16, 30, "2222")
world.run_for(10)
told(f"Charging at 16 A: {FAST}.", f"Charging at 16 A: {FAST}.")

# A limit for one; the other gets the rest. Said again it changes nothing.
say("1111/limit", "10.0")
house.wait_offer(22, 30, "2222")
world.run_for(12)
limited = f"Charging at 10 A (remote limit of 10 A): {FAST}."
noted = len(house.notes)
say("1111/limit", '"10 A"')
status = told(limited, f"Charging at 22 A: {FAST}.")
assert len(house.notes) == noted
assert house.topic("1111/limit") == "10" and house.topic("2222/limit") == "32"
wish = [wish for wish in status["wishes"] if wish["owner"] == "remote limit"]
assert [(w["unit"], w["limit"], w["priority"]) for w in wish] == [("1111", 10, 40)], wish

# What is no command, names nobody, or is late; and one that is not.
refused("2222/limit", "many", '2222/limit is "many": write whole amperes from 0 to 80 or none.')
known = "but the wall connectors are: 1111, 2222."
refused("9999/limit", "8", f'9999/limit names "9999", {known}')
at_s = int(server.utc_s())
late = "this command is 5 min old: not carried out."
refused("1111/limit", f'{{"amps": 6, "at": {at_s - 300}}}', late)
noted = len(house.notes)
say("1111/limit", f'{{"amps": 9, "at": {at_s - 30}.5}}')
house.wait_offer(9, 10, "1111")
assert len(house.notes) == noted

# A person switches charging off: that has a minute to wait at most, and here it is over.
world.wait_for(lambda: since_on_s() > 61, 60, "a minute", 1)
say("allow", "Off", person=True)
world.wait_for(lambda: not (left.relay_closed or right.relay_closed), 10, "the stop")
status = told(f"Off: {OFF}.", f"Off: {OFF}.", 8)
assert status["state"] == "off" and house.topic("allow") == "OFF"
assert house.topic("1111/allow") == house.topic("2222/allow") == "ON"
found = [(wish["owner"], wish["priority"]) for wish in status["wishes"]]
assert found[:2] == [("safety", 90), ("not allowed", 45)], found
# Allowed again it is the timetable's to start them, which keeps to the relays' times.
say("allow", '{"allow": "yes"}')
told(*[f"Waiting: {FAST}, starts in 90 s (minimum off time)."] * 2, 1)
world.wait_for(lambda: left.relay_closed and right.relay_closed, 130, "the start")
for box in house.units:
    rest_s = (box.relay_events[-1][0] - box.relay_events[-2][0]) / 1000
    assert 88 <= rest_s <= 105, rest_s

# Off again, before the minute is over.
world.wait_for(lambda: since_on_s() > 29, 60, "half a minute", 0.2)
say("allow", "0", person=True)
world.run_for(1)
say("allow", "OFF")
status = house.agree(1)
for one in status["connectors"]:
    reason = one["reason"]
    assert reason.startswith(f"At the minimum of 6 A: {OFF}; stops in "), reason
    assert reason.endswith(" s (60 s on at least)."), reason
world.wait_for(lambda: not (left.relay_closed or right.relay_closed), 40, "the stop")
for box in house.units:
    on_s = (box.relay_events[-1][0] - box.relay_events[-2][0]) / 1000
    assert 60 <= on_s <= 68, on_s
assert len([1 for note in house.notes if note[2] == "Charging is not allowed."]) == 2

# A machine allows it, again and again. It falls silent a minute after the start: what it has
# begun ends by itself, and keeps to the relays' times.
MACHINE = '{"allow": true, "seconds": 30}'
say("allow", "on")
say("1111/allow", MACHINE)
end = world.every(15, say, "2222/allow", MACHINE)
world.run_for(50)
reasons = [one["reason"] for one in house.agree(0)["connectors"]]
assert f"Off: {OVER}." in reasons, reasons
assert any([reason.startswith(f"Waiting: {FAST}, starts in ") for reason in reasons]), reasons
assert house.topic("1111/allow") == "OFF" and house.topic("2222/allow") == "ON"
world.wait_for(lambda: right.relay_closed, 90, "the start")
world.run_for(10)
end()
world.wait_for(lambda: house.topic("2222/allow") == "OFF", 50, "the end of its permission", 1)
status = house.agree(2)
reason = [one["reason"] for one in status["connectors"] if one["id"] == "2222"][0]
assert reason.startswith(f"At the minimum of 6 A: {OVER}; stops in "), reason
assert reason.endswith(" s (minimum on time)."), reason
world.wait_for(lambda: not right.relay_closed, 120, "the stop")
on_s = (right.relay_events[-1][0] - right.relay_events[-2][0]) / 1000
assert 90 <= on_s <= 98, on_s

# What was said outlives a power cut, but a permission that has an end is over.
say("1111/allow", "on")
say("2222/allow", '{"allow": true, "seconds": 3600}')
say("1111/priority", '{"priority": 3}')
say("1111/limit", "7")
house.wait_offer(7, 60, "1111")
world.wait_for(lambda: left.draw_amps > 6.5, 30, "7 A")
world.run_for(8)
assert house.topic("2222/allow") == "ON"
cut()
house.wait_offer(7, 60, "1111")
world.run_for(10)
told(f"Charging at 7 A (remote limit of 7 A): {FAST}.", f"Off: {OVER}.")
assert house.topic("1111/priority") == "3" and house.topic("2222/allow") == "OFF"
assert left.relay_closed and not right.relay_closed
say("timetable", "off")
world.run_for(3)
cut()
world.run_for(15)
assert house.topic("timetable") == "OFF"
house.finish()

"""Power cuts while a person's word holds: what was chosen goes on, and what was charging; nothing
else starts by itself, but for a car that is plugged in anew, or when somebody says so again.

The relays' times are two minutes here.
"""

from common.household import Household, unit

from simulator.referee import Referee

CONFIG = {"relay": {"min_on_s": 120, "min_off_s": 120}}
HELD = (
    "Off: mode Fast, but no car is started by it after a restart: choose it again, or plug the "
    "car in anew."
)

house = Household(
    [unit("1111"), unit("2222")], config=CONFIG, referee=Referee(32, min_on_s=120, min_off_s=120)
)
world = house.world
left, right = house.units
# A broker keeps what it was sent so; nobody knows when that was.
house.broker.publish("twc/garage/mode/set", "off", retain=True)
house.start()


def say(name, text):
    house.referee.person(world.now_s * 1000)
    house.broker.publish(f"twc/garage/{name}/set", text)


def cut(dark_s=0.3):
    """Cuts the power for so long; returns when the firmware is back and hears commands."""
    world._restart_us = round(dark_s * 1e6)
    house.referee.max_gap_s += dark_s
    world.power_cut()
    world.run_for(dark_s + 4)
    house.referee.max_gap_s -= dark_s


def look(mode, settle_s=3):
    """(reason of 1111, reason of 2222, the wishes but for the wires' as (owner, mode, limit,
    sentence)); page, topics and bus agree, and the mode is this one."""
    status = house.agree(settle_s)
    assert status["mode"] == mode == house.topic("mode"), status["mode"]
    reasons = {one["id"]: one["reason"] for one in status["connectors"]}
    wishes = []
    for wish in status["wishes"]:
        if wish["owner"] != "safety":
            wishes.append((wish["owner"], wish["mode"], wish["limit"], wish["reason"]))
    return reasons["1111"], reasons["2222"], wishes


def draw(left_amps, right_amps, timeout_s):
    """Waits until both cars draw so much, give or take an ampere."""
    world.wait_for(
        lambda: abs(left.draw_amps - left_amps) < 1 and abs(right.draw_amps - right_amps) < 1,
        timeout_s,
        f"{left_amps} and {right_amps} A",
        1,
    )


house.publish(0, every_s=10)
world.run(10)
assert house.noted("mode/set: a retained command is not carried out: send it without the retain")
assert look("solar")[2] == [("mode", "solar", None, "mode Solar")]

# Fast, and a limit that leaves room for one car only.
say("limit", "6")
house.referee.change_limit(6, world.now_s * 1000 + 100)
say("mode", "fast")
world.run_for(45)
assert right.relay_closed and not left.relay_closed
WISHES = [
    ("remote limit", None, 6, "remote limit of 6 A for all"),
    ("mode", "fast", None, "mode Fast"),
]
limited = "remote limit of 6 A for all"
left_told, right_told, wishes = look("fast")
assert wishes == WISHES, wishes
assert right_told == f"Charging at 6 A ({limited}): mode Fast.", right_told
no_room = "there is no room for 6 A (remote limit of 6 A for all)"
assert left_told == f"Waiting: mode Fast, but {no_room}.", left_told

# A moment without power: Fast, limit and charging outlive it, and the other is not started.
cut()
world.run_for(15)
left_told, right_told, wishes = look("fast")
assert wishes == WISHES, wishes
assert right_told == f"Charging at 6 A ({limited}): mode Fast.", right_told
assert left_told == HELD, left_told
assert right.relay_closes == 1

# A minute, after which the connectors had given up: the one that was charging goes on when its
# relay has rested. Now there would be room for the other.
cut(60)
say("limit", "none")
house.referee.change_limit(32, world.now_s * 1000)
left_told, right_told, wishes = look("fast")
assert wishes == WISHES[1:], wishes
assert right_told == "Waiting: mode Fast, starts in 120 s (minimum off time).", right_told
assert left_told == HELD, left_told
draw(0, 31.8, 150)
assert right.relay_closes == 2
world.run_for(20)
left_told, right_told, _ = look("fast")
assert right_told == "Charging at 32 A, the most allowed: mode Fast.", right_told
assert left_told == HELD and left.relay_closes == 0, left_told

# Its car goes, and one is plugged in: that one is started.
left.car.unplug()
world.run_for(45)
assert house.offer("1111") == 0
left.car.plug()
draw(15.8, 15.8, 90)
world.run_for(10)
left_told, right_told, _ = look("fast")
assert left_told == right_told == "Charging at 16 A: mode Fast.", left_told
assert left.relay_closes == 1 and right.relay_closes == 2

# Both were charging now. And what Manual was set to is known after the next cut.
cut()
draw(15.8, 15.8, 60)
say("mode", "manual 8")
draw(7.8, 7.8, 20)
cut()
draw(7.8, 7.8, 60)
left_told, right_told, wishes = look("manual")
assert left_told == right_told == "Charging at 8 A: mode Manual, 8 A, 5 min more.", left_told
assert wishes == [("mode", "manual", 8, "mode Manual, 8 A, 5 min more")], wishes

# So does a boost, with the time that is left of it.
say("mode", "Solar + minimum")
say("boost", "3 h")
draw(15.8, 15.8, 40)
cut()
draw(15.8, 15.8, 60)
_, _, wishes = look("minimum")
assert wishes == [
    ("boost", "fast", None, "boost, 180 min more"),
    ("mode", "minimum", None, "mode Solar + minimum"),
], wishes
assert left.relay_closes == 1 and right.relay_closes == 2

# Fast that was waiting for the relays when the power failed starts nothing until it is said again.
say("mode", "off")
world.wait_for(lambda: not (left.relay_closed or right.relay_closed), 80, "the stop")
world.run_for(10)
say("mode", "fast")
for told in look("fast")[:2]:
    assert told.startswith("Waiting: mode Fast, starts in "), told
    assert told.endswith(" s (60 s off at least)."), told
cut()
world.run_for(150)
assert look("fast")[:2] == (HELD, HELD)
say("mode", "fast")
draw(15.8, 15.8, 60)
assert left.relay_closes == 2 and right.relay_closes == 3
world.run_for(45)

# Off stays off, with all the sun.
say("mode", "off")
world.wait_for(lambda: not (left.relay_closed or right.relay_closed), 80, "the stop")
world.run_for(10)
house.publish(9000)
cut()
world.run_for(150)
assert look("off") == ("Off: mode Off.", "Off: mode Off.", [("mode", "off", None, "mode Off")])
assert left.relay_closes == 2 and right.relay_closes == 3
house.finish()

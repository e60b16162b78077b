"""Configured sources: a meter that sends JSON, and generation minus consumption beside it."""

import json

from common.household import Household, unit

METER = "tele/meter/SENSOR"
SUN = "solar/power"
HOUSE = "home/power"

sources = [
    {"kind": "grid", "topic": METER, "path": "SML.Power_curr"},
    {"kind": "generation", "topic": SUN, "unit": "kW"},
    {"kind": "consumption", "topic": HOUSE, "with_cars": True},
]
box = unit()
house = Household([box], config={"sources": sources}).start()
world = house.world
sun = [4100]


def base():
    """What the house takes, with its car."""
    return 700 + 240 * box.draw_amps


def meter():
    text = {"Time": "2026-06-01T12:00:00", "SML": {"Total_in": 4820.1}}
    text["SML"]["Power_curr"] = round(base() - sun[0])
    return json.dumps(text)


def steady(amps, seconds=60):
    """Nothing but so many amperes is offered for a while."""
    since_s = world.now_s
    world.run_for(seconds)
    assert house.offers_since(since_s) in ([], [amps]), (amps, house.offers_since(since_s))


world.run(5)
assert house.agree()["reason"] == "Waiting: no grid reading yet.", house.topic("reason")

# One half of a difference is no surplus.
house.publish(lambda: sun[0] / 1000, SUN)
world.run_for(30)
reason = house.agree()["reason"]
assert reason == "Waiting: no grid reading yet.", reason

# The other one comes: 4100 - 700 W are 14.2 A, the car in the consumption or not.
house.publish(lambda: round(base()), HOUSE)
house.wait_offer(14, 150)
world.run_for(60)
steady(14, 180)
status = house.agree()
assert status["surplus"]["source"] == "generation" and status["warnings"] == [], status["surplus"]
assert abs(status["surplus"]["watts"] - 3400) < 60, status["surplus"]
told = house.topic("surplus")
wanted = f"Charging at 14 A: {told[0]} {told[1:]} W of surplus."
assert status["reason"] == wanted, (status["reason"], wanted)

# The meter begins as well, and misses 250 W of sun that the others see: what gives less counts.
house.publish(lambda: meter().replace('"SML"', '"Old"'), METER)
world.run_for(20)
status = house.agree()
assert status["surplus"]["source"] == "generation", status["surplus"]
told = 'grid: the last message has no "SML.Power_curr"'
assert status["surplus"]["unusable"] == told, status["surplus"]
sun[0] = 4600
house.publish(4.85, SUN)
house.publish(meter, METER)
house.wait_offer(16, 60)  # 4600 - 700 W, and not 4850
world.run_for(60)
steady(16)
status = house.agree()
assert status["surplus"]["source"] == "grid" and status["surplus"]["unusable"] is None
assert abs(status["surplus"]["watts"] - 3900) < 60, status["surplus"]

# The meter falls silent: after two minutes the others go on alone.
house.publish(None, METER)
last_s = house.broker.seen(METER)[-1].at_s
world.run(last_s + 119)
assert house.offer() == 16
house.wait_offer(17, 40)  # 4850 - 700 W: 17.3
world.run_for(60)
steady(17)
status = house.agree()
assert status["surplus"]["source"] == "generation" and status["state"] == "charging", status

# The inverter's box goes to sleep with the sun: its last word is good for a quarter of an hour.
house.publish("unavailable", SUN)
last_s = max([m.at_s for m in house.broker.seen(SUN) if m.text != "unavailable"])
world.run(last_s + 880)
status = house.agree()
assert status["state"] == "charging" and house.offer() == 17, status["reason"]
told = 'generation: the last text was not a number: "unavailable"'
assert status["surplus"]["unusable"] == told, status["surplus"]
house.wait_offer(0, 60)
world.run_for(20)
status = house.agree()
assert status["state"] == "lost" and box.relay_closes == 1 and not box.relay_closed
wanted = 'Off: no generation reading for 15 min (the last text was not a number: "unavailable").'
assert status["reason"] == wanted, status["reason"]

# Then the house as well: both are named, each with its own time.
house.publish(None, HOUSE)
last_s = house.broker.seen(HOUSE)[-1].at_s
world.run(last_s + 305)
wanted = (
    'Off: no generation reading for 20 min (the last text was not a number: "unavailable"), '
    "no consumption reading for 5 min."
)
assert house.agree()["reason"] == wanted, house.topic("reason")

# All is back.
sun[0] = 3150
house.publish(lambda: sun[0] / 1000, SUN)
house.publish(lambda: round(base()), HOUSE)
house.publish(meter, METER)
house.wait_offer(10, 900)  # 2450 W: 10.2
world.run_for(60)
steady(10)
assert box.relay_closes == 2
house.agree()
house.finish()

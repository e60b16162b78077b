"""A house battery that evens out the grid meter: it comes first below its state of charge, the
car above, and no car lives on what it gives."""

from common.household import Household, unit

SUN = "solar/power"
METER = "home/grid"
BATTERY = "battery/power"
SOC = "battery/soc"
MOST = 2880

sources = [
    {"kind": "grid", "topic": METER},
    {"kind": "battery", "topic": BATTERY, "positive": "discharging"},
    {"kind": "battery_soc", "topic": SOC, "max_age_s": 2400},
]
box = unit()
config = {"sources": sources, "battery": {"first": "battery", "soc": 80}}
house = Household([box], config=config).start()
world = house.world
sun = [4000]


def charging():
    """What the battery takes: all that is left by house (500 W) and car, as far as it can."""
    left = sun[0] - 500 - 240 * box.draw_amps
    return max(-MOST, min(MOST, left))


def meter():
    return round(500 + 240 * box.draw_amps + charging() - sun[0])


def steady(amps, seconds=60):
    """Nothing but so many amperes is offered for a while."""
    since_s = world.now_s
    world.run_for(seconds)
    assert house.offers_since(since_s) in ([], [amps]), (amps, house.offers_since(since_s))


house.broker.publish(SOC, 60, retain=True)
house.publish(meter, METER)
world.run(120)
# The battery is configured: without a word from it sun and battery can't be told apart.
wanted = "Waiting: no battery reading yet."
assert house.agree()["reason"] == wanted, house.topic("reason")

# Below 80 % it is first: it takes 2880 of 3500 W, and what is left is not enough for a car.
house.publish(lambda: round(-charging()), BATTERY)
world.run_for(180)
status = house.agree()
assert status["reason"] == "Waiting: 620 W of 1 440 W surplus.", status["reason"]
assert status["surplus"]["source"] == "grid" and status["warnings"] == [], status
assert house.offer() == 0

# 6050 W of sun are enough for both: 2670 W are fed in.
sun[0] = 6050
house.wait_offer(11, 200)
world.run_for(60)
steady(11)
assert charging() == MOST
assert house.agree()["state"] == "charging"

# A cloud leaves 4000 W. The battery would get what the car leaves, and the meter shows nothing of
# that: but it is first, so the car has 1120 W, and not what it draws.
sun[0] = 4500
house.wait_offer(6, 15)
world.run_for(20)
status = house.agree()
assert abs(status["surplus"]["watts"] - 1120) < 20, status["surplus"]
told = f"Attheminimumof6A:{status['surplus']['watts']}Wof1440Wsurplus,stopsin"
assert status["reason"].replace(" ", "").startswith(told), (told, status["reason"])
assert meter() == 0 and charging() > 2500
sun[0] = 6050
house.wait_offer(11, 40)
world.run_for(60)
steady(11)

# From 80 % on the car is first: it gets what the battery takes as well, 5550 W.
house.broker.publish(SOC, 80)
house.wait_offer(23, 60)
world.run_for(60)
steady(23)
status = house.agree()
assert abs(status["surplus"]["watts"] - 5550) < 60, status["surplus"]
assert 0 <= charging() < 120, charging()

# A cloud: the battery fills the gap, and the meter shows none of it. The car gives way.
sun[0] = 2700
house.wait_offer(9, 15)
assert charging() < -1000 or box.draw_amps < 15
world.run_for(20)
assert -60 < charging() < 300 and meter() == 0
sun[0] = 300  # less than the house: 200 W come from the battery, and what the car takes too
house.wait_offer(6, 20)
world.run_for(30)
status = house.agree()
assert status["surplus"]["watts"] in range(-215, -199), status["surplus"]
wanted = f"At the minimum of 6 A: {status['surplus']['watts']} W of 1 440 W surplus, stops in "
assert status["reason"].startswith(wanted), status["reason"]
world.wait_for(lambda: not box.relay_closed, 900, "the stop")

# A battery that could carry car and house for hours starts no car, whoever is first.
world.run_for(1200)
status = house.agree()
assert status["reason"] == "Waiting: -200 W of 1 440 W surplus.", status["reason"]
assert meter() == 0 and box.relay_closes == 1 and charging() == -200

# The battery's reading is lost while the car charges: after two minutes nothing is known.
sun[0] = 3950
house.wait_offer(14, 150)
world.run_for(60)
steady(14)
house.publish("unknown", BATTERY)
last_s = max([m.at_s for m in house.broker.seen(BATTERY) if m.text != "unknown"])
world.run(last_s + 119)
assert house.offer() == 14
house.wait_offer(6, 10)
status = house.agree()
wanted = (
    "At the minimum of 6 A: no battery reading for 2 min (the last text was not a number: "
    '"unknown"); stops in '
)
assert status["reason"].replace("120 s", "2 min").startswith(wanted), status["reason"]
assert status["state"] == "lost" and house.topic("surplus") == "unknown"
house.publish(lambda: round(-charging()), BATTERY)
house.wait_offer(14, 60)

# So is its state of charge, after its own maximum age: then the battery is first, and a warning
# says so. 3450 W are left by the house, and it would take 2880 of them.
last_s = house.broker.seen(SOC)[-1].at_s
assert house.agree()["warnings"] == []
world.run(last_s + 2398)
assert house.offer() == 14
house.wait_offer(6, 20)
status = house.agree()
assert abs(status["surplus"]["watts"] - 570) < 20, status["surplus"]
assert status["warnings"] == [
    "The state of charge of the house battery is not known: the battery is first."
], status["warnings"]
house.broker.publish(SOC, 79)
world.run_for(20)
assert house.offer() == 6  # it was below, as far as is known
house.broker.publish(SOC, 81)
house.wait_offer(14, 60)
world.run_for(60)
steady(14)
assert box.relay_closes == 2
house.finish()

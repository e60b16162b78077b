"""Readings stop: the minimum at once, off after the minimum on time, and off stays off."""

from common.household import Household, unit

house = Household([unit()]).start()
world, box = house.world, house.units[0]
house.publish(3000)
house.wait_offer(12, 130)
world.run_for(30)
on_s = box.relay_events[0][0] / 1000

house.publish(None)
last_s = house.broker.seen("twc/garage/surplus/set")[-1].at_s
world.run(last_s + 119)
assert house.offer() == 12
world.run(last_s + 124)
assert house.offer() == 6
status = house.agree()
assert status["state"] == "lost" and status["surplus"]["lost"]
assert status["reason"].startswith(
    "At the minimum of 6 A: no surplus reading for 2 min; stops in "
) or status["reason"].startswith("At the minimum of 6 A: no surplus reading for 120 s; stops in ")
assert house.topic("surplus") == "unknown"
world.run(on_s + 598)
assert box.relay_closed
world.run(on_s + 615)
assert house.offer() == 0 and not box.relay_closed
status = house.agree()
assert status["state"] == "lost", status["state"]
assert status["reason"].startswith("Off: no surplus reading for "), status["reason"]

# Long after that still nothing, whatever the relay would allow.
world.run_for(900)
assert house.offers_since(on_s + 615) == [0.0] and box.relay_closes == 1
assert house.agree()["surplus"]["age_s"] > 900

# One reading alone starts nothing; readings that hold do.
house.broker.publish("twc/garage/surplus/set", 3000)
world.run_for(5)
assert house.agree()["state"] == "waiting"
house.publish(3000)
house.wait_offer(12, 130)
world.run_for(10)
assert box.relay_closes == 2
house.finish()

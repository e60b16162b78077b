"""A retained 3000 of unknown age: shown as that, over all restarts, and never a start."""

from common.household import Household, unit

SURPLUS = "twc/garage/surplus/set"
house = Household([unit()])
world, box = house.world, house.units[0]
house.broker.publish(SURPLUS, 3000, retain=True)
house.start()


def nothing_starts(seconds):
    since_s = world.now_s
    world.run_for(seconds)
    assert house.offers_since(since_s) in ([], [0.0]), house.offers_since(since_s)
    status = house.agree()
    assert status["state"] == "waiting" and status["surplus"]["watts"] is None, status["surplus"]
    assert status["surplus"]["age_s"] is None and status["surplus"]["source"] is None
    told = status["surplus"]["unusable"]
    assert told == "surplus: retained message of unknown age: 3 000 W", told
    assert status["reason"] == f"Waiting: no surplus reading yet ({told}).", status["reason"]
    assert house.topic("surplus") == "unknown" and house.topic("surplus_age") == "unknown"


nothing_starts(300)
world.power_cut()
nothing_starts(300)
connects = house.broker.connects
house.broker.stop()
world.run_for(30)
house.broker.start()
world.wait_for(lambda: house.broker.connects > connects, 120, "the session")
nothing_starts(300)
house.broker.stop()
world.power_cut()
world.run_for(5)
house.broker.start()
world.wait_for(lambda: house.broker.connects > connects + 1, 120, "the session")
nothing_starts(300)
assert box.relay_closes == 0

# A live one, though its sender sets the retain bit too: the broker passes it on without.
world.every(5, lambda: house.broker.publish(SURPLUS, 3000, retain=True))
house.wait_offer(12, 120)
world.run_for(15)
status = house.agree()
assert status["surplus"]["unusable"] is None and status["state"] == "charging"

# Back from a reconnect, the retained one neither refreshes the reading nor spoils it.
house.broker.kick()
world.run_for(10)
assert house.agree()["state"] == "charging" and house.offer() == 12
house.finish()

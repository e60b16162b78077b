"""A surplus comes, goes and comes back: the amperes, the minimum times, and what is told."""

from common.household import Household, unit

house = Household([unit()]).start()
world, box = house.world, house.units[0]
world.run(3)
status = house.agree()
assert status["state"] == "waiting", status["reason"]
assert status["reason"] == "Waiting: no surplus reading yet.", status["reason"]

# 3000 W at 240 V: 12.5, so 12 A, with the first reading after the mean has reached the 1440 W of
# the minimum and what it may be wrong by: after 42 s. The silence after the start is over by then.
world.run(60)
house.publish(3000)
took_s = house.wait_offer(12, 120)
assert 42 < took_s < 56, took_s
world.run_for(20)
status = house.agree()
assert status["state"] == "charging"
assert status["reason"] == "Charging at 12 A: 3 000 W of surplus.", status["reason"]
assert 11.5 < box.draw_amps <= 12 and box.relay_closes == 1
on_s = box.relay_events[0][0] / 1000

# Nothing is left: down to the minimum at once, off when the minimum on time is over.
house.publish(0)
assert house.wait_offer(6, 10) < 8
status = house.agree()
assert status["state"] == "minimum"
assert status["reason"].startswith("At the minimum of 6 A: 0 W of 1 440 W surplus, stops in ")
world.run(on_s + 598)
assert house.offer() == 6 and box.relay_closed
house.wait_offer(0, 8)
world.run_for(10)
assert not box.relay_closed and box.relay_closes == 1
off_s = box.relay_events[1][0] / 1000
assert 600 <= off_s - on_s < 610, off_s - on_s
status = house.agree()
assert status["state"] == "waiting", status
assert status["reason"].startswith("Waiting: 0 W of 1 440 W surplus, off for 10 min more")

# It returns soon, but the relay rests for its ten minutes.
house.publish(3000)
world.run(off_s + 310)
status = house.agree()
asked = "Waiting: 3 000 W of 1 440 W surplus, off for 5 min more"
assert status["reason"].startswith(asked), status["reason"]
world.run(off_s + 600)
assert house.offers_since(off_s - 2) == [0.0], house.offers_since(off_s - 2)
house.wait_offer(12, 30)  # it has held for long by now
world.run_for(20)
house.agree()
assert box.relay_closes == 2 and box.draw_amps > 11.5

# A cloud: the offer follows, and the relay does not.
house.publish(1900)
house.wait_offer(8, 10)  # 7.92
house.publish(5000)
house.wait_offer(21, 30)
house.publish(9999)
house.wait_offer(32, 30)
assert "the most allowed: 9 999 W of surplus." in house.agree(20)["reason"]
assert box.relay_closes == 2
house.finish()

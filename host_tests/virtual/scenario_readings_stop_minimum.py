"""Readings stop with inputs.lost "minimum": what charges stays, and what is off stays off."""

from common.household import Household, unit

house = Household([unit("1111"), unit("2222")], config={"inputs": {"lost": "minimum"}}).start()
world = house.world
left, right = house.units
house.publish(2500)  # enough for one
world.wait_for(lambda: left.draw_amps > 9 or right.draw_amps > 9, 150, "a start")
world.run_for(30)
running = "1111" if (house.offer("1111") or 0) else "2222"
other = "2222" if running == "1111" else "1111"
assert house.offer(running) == 10 and house.offer(other) == 0

house.publish(None)
house.wait_offer(6, 130, running)
start_s = world.now_s
world.run_for(1200)
assert house.offers_since(start_s + 2, other) == [0.0]
offers = house.offers_since(start_s, running)
assert set(offers) <= {6.0} and house.offer(running) == 6, offers
status = house.agree()
assert status["state"] == "lost"
assert status["reason"] == "At the minimum of 6 A: no surplus reading for 22 min.", status
reasons = {connector["id"]: connector["reason"] for connector in status["connectors"]}
assert reasons[other] == "Off: no surplus reading for 22 min.", reasons

house.publish(2500)
house.wait_offer(10, 30, running)
house.agree()
house.finish()

"""A unit falls silent for 20 s and for 40 s: its claim stays, and the other waits for it."""

from common.household import Household, unit

house = Household([unit("1111"), unit("2222")], wires=16).start()
world = house.world
left, right = house.units
house.publish(6000)
world.wait_for(
    lambda: house.offer("1111") == 8 and house.offer("2222") == 8, 900, "8 A for each", 1
)
world.run_for(15)
assert left.draw_amps > 7 and right.draw_amps > 7
status = house.agree()
assert status["reason"] == "2 cars are offered 16 A: 6 000 W of surplus.", status["reason"]

# 20 s: down to the minimum after 5 s, nothing for the other, and back.
left.mute = True
mute_s = world.now_s
world.run_for(10)
assert house.offer("1111") == 6 and house.offer("2222") == 8
status = world.status()
links = {connector["id"]: connector["link"] for connector in status["connectors"]}
assert links == {"1111": "silent", "2222": "ok"}, links
world.run(mute_s + 20)
assert house.offer("2222") == 8, "raised while the other is silent"
left.mute = False
world.wait_for(lambda: house.offer("1111") == 8, 30, "8 A again")
world.run_for(10)
house.agree()
assert left.relay_closes == right.relay_closes == 1 and left.link_losses == 0

# 40 s: dropped at 26 s. It has heard us, so its car goes on; the claim stays until 60 s after
# our last heartbeat.
left.mute = True
mute_s = world.now_s
world.run(mute_s + 28)
last_s = house.referee.heartbeats_to("1111")[-1].ms / 1000
assert 24 <= last_s - mute_s <= 27, last_s - mute_s
assert house.noted("1111 lost: no answer for 26 s")
world.run(mute_s + 40)
assert house.offers_since(mute_s, "2222") in ([], [8.0]), house.offers_since(mute_s, "2222")
left.mute = False
world.wait_for(lambda: left.linked, 15, "the link")
world.wait_for(lambda: house.offer("1111") in (6, 8), 30, "an offer again")
world.run_for(60)
house.agree()

# For good: only when the claim ends the other one gets all there is.
left.mute = True
mute_s = world.now_s
before = house.offer("2222")
world.run(mute_s + 30)
last_s = house.referee.heartbeats_to("1111")[-1].ms / 1000
world.run(last_s + 59)
assert house.offer("2222") == before, (house.offer("2222"), before)
took_s = house.wait_offer(16, 20, "2222")
assert world.now_s - last_s >= 60
house.agree()
house.finish()

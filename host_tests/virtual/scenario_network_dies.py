"""Broker and Wi-Fi die and return: heartbeats never pause, and the age of the reading decides."""

from common.household import Household, unit

house = Household([unit()]).start()
world, box = house.world, house.units[0]
house.publish(3000)
house.wait_offer(12, 130)
world.run_for(20)
on_s = box.relay_events[0][0] / 1000
began_s = world.now_s

# A short outage of the broker: nothing happens.
house.broker.stop()
world.run_for(20)
assert house.offer() == 12 and world.status()["mqtt"]["state"] != "connected"
house.broker.start()
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
world.run_for(10)
assert house.offer() == 12 and house.agree()["state"] == "charging"

# A long one: the reading grows old, the minimum, then off.
house.broker.stop()
dead_s = world.now_s
world.run(dead_s + 110)
assert house.offer() == 12
world.run(dead_s + 130)
assert house.offer() == 6 and world.status()["state"] == "lost"
world.run(on_s + 615)
assert house.offer() == 0 and not box.relay_closed
house.broker.start()
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
house.wait_offer(12, 800)
world.run_for(20)
assert box.relay_closes == 2, box.relay_events
house.agree()

# The same with the Wi-Fi, as a black hole: no error arrives.
second_s = box.relay_events[2][0] / 1000
world.wifi(False)
dead_s = world.now_s
world.run(dead_s + 110)
assert house.offer() == 12
world.run(dead_s + 130)
assert house.offer() == 6
world.wifi(True)
world.wait_for(lambda: house.offer() == 12, 200, "12 A again")
assert box.relay_closes == 2
assert house.agree()["wifi"]["state"] == "connected"

# A broker that accepts and says nothing.
house.broker.stop()
house.broker.mute = True
house.broker.start()
world.run_for(300)
assert house.offer() == 6
house.broker.stop()
house.broker.mute = False
house.broker.start()
world.wait_for(lambda: house.offer() == 12, 200, "12 A again")
assert box.relay_closes == 2 and second_s
assert house.heartbeat_gap_s(began_s) < 1.3, house.heartbeat_gap_s(began_s)
house.finish()

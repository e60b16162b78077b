"""A surplus as Home Assistant's statestream sends it: retained, on changes only, and with words
where a number should be."""

from common.household import Household, unit

STATE = "states/sensor/surplus/state"
ALIVE = "homeassistant/status"

source = {"kind": "surplus", "topic": STATE, "on_change": True, "alive": ALIVE}
house = Household([unit()], config={"sources": [source]})
world, box, broker = house.world, house.units[0], house.broker


def say(state, topic=STATE):
    broker.publish(topic, state, retain=True)


# What was retained before we came may be from last summer.
say("online", ALIVE)
say("4000")
house.start()
world.run(5)
status = house.agree()
wanted = "Waiting: no surplus reading yet (retained message of unknown age: 4 000 W)."
assert status["reason"] == wanted, status["reason"]
world.run(180)
assert house.offer() == 0 and house.agree()["reason"] == wanted

# "unavailable" is no 0 and no surplus.
say("unavailable")
wanted = 'Waiting: no surplus reading yet (the last text was not a number: "unavailable").'
assert house.agree()["reason"] == wanted, house.topic("reason")

# One message, and no more while the value stays as it is: good for half an hour.
say("2950.0")
world.run_for(5)
status = house.agree()
assert status["reason"].startswith("Waiting: 2 950 W of 1 440 W surplus, starts in "), status
said_s = broker.seen(STATE)[-1].at_s
house.wait_offer(12, 240)
world.run(said_s + 1500)
assert box.draw_amps > 11.5 and box.relay_closes == 1
status = house.agree()
assert status["reason"] == "Charging at 12 A: 2 950 W of surplus.", status["reason"]
assert status["surplus"]["age_s"] >= 1500 and status["warnings"] == [], status

# A word: what was before it is not unchanged, and too old to count without that.
say("unknown")
house.wait_offer(0, 10)  # the minimum on time is over long ago
world.run_for(10)
status = house.agree()
assert status["state"] == "lost" and status["surplus"]["lost"]
assert house.topic("surplus") == "unknown"
wanted = 'Off: no surplus reading for 25 min (the last text was not a number: "unknown").'
assert status["reason"] == wanted, status["reason"]

# A number again.
say("2200")
said_s = broker.seen(STATE)[-1].at_s
house.wait_offer(9, 700)
world.run_for(200)
assert house.agree()["reason"] == "Charging at 9 A: 2 200 W of surplus."
assert box.relay_closes == 2

# Home Assistant stops: its last number is good for two minutes only, and they are over.
assert world.now_s > said_s + 120
say("offline", ALIVE)
house.wait_offer(6, 10)
status = house.agree()
minutes = int(world.now_s - said_s) // 60
words = f"At the minimum of 6 A: no surplus reading for {minutes} min; stops in "
assert status["reason"].startswith(words), (words, status["reason"])
assert status["warnings"] == [
    'homeassistant/status does not say "online": a surplus reading is good for 120 s only.'
], status["warnings"]
# It comes back and says the same state as before, retained as ever.
say("online", ALIVE)
say("2200")
house.wait_offer(9, 200)
world.run_for(30)
status = house.agree()
assert status["reason"] == "Charging at 9 A: 2 200 W of surplus." and status["warnings"] == []

# The broker restarts; it kept what is retained. Who lives, and what is unchanged, still stands.
told_s = world.now_s
broker.stop()
world.run_for(20)
broker.start()
world.run_for(60)
assert broker.connects == 2 and house.offers_since(told_s) in ([], [9.0])
world.run(told_s + 240)
status = house.agree()
assert status["reason"] == "Charging at 9 A: 2 200 W of surplus.", status["reason"]
assert box.relay_closes == 2
house.finish()

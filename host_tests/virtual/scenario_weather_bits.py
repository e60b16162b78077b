"""Bits turn over, bytes get lost and inserted, at 1 in 1000 bytes and at 1 in 100: nothing
dangerous is said, no link is lost at the first, and all is well again afterwards."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

from simulator.weather import Weather

house = household([unit("1111"), unit("2222", protocol=1, answer_ms=90)])
world = house.world
all_charge(house)
world.run_for(20)
kept_rules(house)

# 1 in 1000 of each kind: one frame in 18 is broken, and the next heartbeat heals it.
world.line.weather = Weather(1, flip=0.001, lose=0.001, insert=0.001)
began_s = world.now_s
sent = len(house.referee.heartbeats_to("1111"))
heard = len(house.referee.answers_from("1111"))
closes = [box.relay_closes for box in house.units]
world.run_for(180)
weather = world.line.weather
assert min(weather.flipped, weather.lost, weather.inserted) > 5, weather.flipped
# Frames are really lost, each way.
assert len(house.referee.answers_from("1111")) - heard < 178
assert len(house.referee.heartbeats_to("1111")) - sent >= 178
assert all([box.linked and box.link_losses == 0 for box in house.units])
assert [box.relay_closes for box in house.units] == closes
assert not said(house, "lost", since_s=began_s), sentences(house, began_s)
kept_rules(house)
no_errors(house)

# The surplus goes up and down meanwhile, and the offers follow.
house.publish(3000)
world.wait_for(lambda: sum([house.offer(box.id) for box in house.units]) == 12, 60, "12 A")
house.publish(6000)
world.wait_for(lambda: sum([house.offer(box.id) for box in house.units]) == 25, 90, "25 A")
kept_rules(house)

# Ten times worse: four heartbeats of five stay without an answer.
world.line.weather = Weather(2, flip=0.01, lose=0.01, insert=0.01)
began_s = world.now_s
world.run_for(180)
kept_rules(house)
assert house.heartbeat_gap_s(began_s, "1111") < 4, house.heartbeat_gap_s(began_s, "1111")
assert said(house, "frames", since_s=began_s), sentences(house, began_s)
no_errors(house)

# Fair weather: within a minute as before.
world.line.weather = None
all_charge(house, 120, 11)
world.run_for(15)
status = house.agree()
assert [connector["link"] for connector in status["connectors"]] == ["ok", "ok"], status
house.finish()

"""Bursts of 5 to 300 ms, and noise of a floating line between the frames: links hold, and what
a burst looks like is never taken for a frame."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors

from simulator.talkers import Babbler
from simulator.weather import Weather

noise = Babbler(seed=5, every_ms=370, piece=3)
house = household([unit("1111"), unit("2222")])
world = house.world
world.connect(noise)
all_charge(house)
world.run_for(20)
ids = sorted(house.referee.slaves)

for burst_bytes in (5, 30, 300):
    world.line.weather = Weather(burst_bytes, burst=0.002, burst_bytes=burst_bytes)
    began_s = world.now_s
    world.run_for(60)
    assert world.line.weather.bursts > 2, burst_bytes
    kept_rules(house)
    assert house.heartbeat_gap_s(began_s, "1111") < 1.7, house.heartbeat_gap_s(began_s, "1111")
world.line.weather = None
all_charge(house, 120, 11)

losses = [box.link_losses for box in house.units]

# A floating line: three bytes every 0.37 s, whoever speaks.
noise.begin(world.now_s * 1000, world.now_s * 1000 + 120000)
began_s = world.now_s
world.run_for(120)
assert noise.said > 900 and [box.link_losses for box in house.units] == losses, losses
assert house.heartbeat_gap_s(began_s, "1111") < 1.2, house.heartbeat_gap_s(began_s, "1111")
all_charge(house, 60, 11)
world.run_for(15)

# Nobody was invented.
assert sorted(house.referee.slaves) == ids == ["1111", "2222"]
status = house.agree()
assert sorted([connector["id"] for connector in status["connectors"]]) == ids, status
no_errors(house)
house.finish()

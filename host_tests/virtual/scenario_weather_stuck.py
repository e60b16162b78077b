"""A transmitter that is stuck, and a line that is held: heartbeats go on being tried, cars stop
by themselves if it lasts, and everything comes back without a hand."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

from simulator.talkers import Babbler
from simulator.weather import Weather

stuck = Babbler(seed=9)
house = household([unit("1111"), unit("2222")])
world = house.world
world.connect(stuck)
all_charge(house)
world.run_for(20)


def storm(seconds):
    """The transmitter sticks for so long; returns when it began."""
    began_s = world.now_s
    stuck.begin(began_s * 1000, (began_s + seconds) * 1000)
    world.run_for(seconds)
    return began_s


# 8 s: no link is lost, for a slave waits 10 s.
began_s = storm(8)
world.run_for(5)
assert all([box.linked and box.link_losses == 0 for box in house.units])
assert house.heartbeat_gap_s(began_s, "1111") < 1.2, house.heartbeat_gap_s(began_s, "1111")
kept_rules(house)
all_charge(house, 60, 11)

# 40 s: the slaves lose us and stop their cars, and we lose them.
began_s = storm(40)
assert all([not box.linked and box.draw_amps == 0 for box in house.units])
for box in house.units:
    assert said(house, box.id, "lost", since_s=began_s), sentences(house, began_s)
assert said(house, "line", since_s=began_s) or said(house, "broken", since_s=began_s), sentences(
    house, began_s
)
took_s = all_charge(house, 120)
for box in house.units:
    assert said(house, box.id, "linked", since_s=began_s + 40), sentences(house, began_s)
all_charge(house, 120, 11)
kept_rules(house)

# The line is held for 30 s (a short between A and B is the same): one 00, then silence.
began_s = world.now_s
world.line.weather = Weather(breaks=[(began_s * 1000, (began_s + 30) * 1000)])
world.run_for(30)
assert all([not box.linked for box in house.units])
world.line.weather = None
all_charge(house, 150, 11)
world.run_for(15)
house.agree()
kept_rules(house)
no_errors(house)
house.finish()

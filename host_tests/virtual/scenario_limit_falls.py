"""The limit in force falls while three cars charge: every next heartbeat brings the sum under
it; one that does not take its reduction costs the others theirs; and it rises again."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors

house = household([unit("1111"), unit("2222"), unit("3333")], wires=48, watts=20000)
world = house.world
all_charge(house, 180, 14)
kept_rules(house)


def limit(amps):
    """Sets the limit in force, for the firmware and the referee."""
    house.broker.publish("twc/garage/limit/set", str(amps))
    house.referee.change_limit(amps, world.now_s * 1000 + 100)


def total():
    return sum([house.offer(box.id) for box in house.units])


assert total() == 48
for amps in (47, 30, 18):
    limit(amps)
    world.run_for(1.4)
    assert total() <= amps, (amps, total())
    # All give a little, nobody stops.
    offers = [house.offer(box.id) for box in house.units]
    assert min(offers) >= 6 and max(offers) - min(offers) <= 1, (amps, offers)
    kept_rules(house)
    world.run_for(15)
    assert sum([box.draw_amps for box in house.units]) <= amps
    kept_rules(house)

# Less than three minimums: somebody stops, minimum on time or not.
limit(13)
world.run_for(1.4)
assert total() <= 13, total()
world.run_for(30)
kept_rules(house)
limit(0)
world.run_for(1.4)
assert total() == 0
world.run_for(20)
assert all([box.draw_amps == 0 for box in house.units])
kept_rules(house)

# It rises: as always, no faster than that.
limit(48)
all_charge(house, 180, 14)
kept_rules(house)

# One does not take its reduction: it has 5 s, then the others pay for it.
stubborn = house.units[1]
stubborn.lie_echo_amps = 16
stubborn.car.ignores_less = True
house.publish(7200)  # 30 A
world.wait_for(lambda: [house.offer(box.id) for box in house.units] == [10] * 3, 20, "10 A each")
limit(30)
world.run_for(1)
assert total() == 30, total()
world.run_for(8)
others = sum([house.offer(box.id) for box in house.units if box is not stubborn])
assert 0 < others <= 14, others
kept_rules(house)
stubborn.lie_echo_amps = None
stubborn.car.ignores_less = False
house.publish(20000)
limit(48)
all_charge(house, 120, 14)
kept_rules(house)

# And one is silent.
house.units[0].mute = True
world.run_for(2.5)
limit(30)
world.run_for(9)
others = sum([house.offer(box.id) for box in house.units[1:]])
assert others + 16 <= 30 and house.offer("1111") <= 6, others
kept_rules(house)
house.units[0].mute = False
world.run_for(20)
kept_rules(house)
no_errors(house)
house.finish()

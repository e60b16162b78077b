"""Three units, wires for 32 A, more sun than that: everybody gets a share, the wires no more.

The relays' times are two minutes here.
"""

from common.household import Household, unit

from simulator.referee import Referee

units = [unit("1111"), unit("022C", protocol=1), unit("3333", rating_amps=80)]
config = {"relay": {"min_on_s": 120, "min_off_s": 120}}
referee = Referee(32, min_on_s=120, min_off_s=120)
house = Household(units, 32, config, referee=referee).start()
world = house.world
peak = [0.0]


def look():
    peak[0] = max(peak[0], sum([box.draw_amps for box in units]))


world.every(0.5, look)
house.publish(20000)
world.wait_for(lambda: all([box.draw_amps > 9 for box in units]), 900, "a share for each", 1)
world.run_for(60)
assert sorted([house.offer(box.id) for box in units]) == [10, 11, 11]
status = house.agree()
assert status["reason"] == "3 cars are offered 32 A: 20 000 W of surplus.", status["reason"]

# One is full: the others get what it leaves, after it has had its chance.
units[0].car.fill()
world.wait_for(
    lambda: house.offer("022C") == 13 and house.offer("3333") == 13, 200, "13 A for each", 1
)
assert house.offer("1111") == 6
world.run_for(20)
house.agree()

# One is unplugged and comes back.
units[2].car.unplug()
world.run_for(300)
house.agree()
units[2].car.plug()
units[0].car.drive()
world.wait_for(lambda: all([box.draw_amps > 9 for box in units]), 900, "a share for each", 1)
world.run_for(30)
house.agree()

# Less sun than the minimums of all: those that may stop do, the wires see it first.
house.publish(2000)
world.run_for(30)
offers = [house.offer(box.id) for box in units]
assert max(offers) <= 6, offers
world.run_for(700)
assert sum([1 for box in units if box.relay_closed]) == 1
house.agree()
assert peak[0] <= 32, peak
house.finish()

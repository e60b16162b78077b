"""A restart, and one of two that were known does not answer: nothing is raised for 40 s, wide as
the wires may be, and the journal says who is missed."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

house = household([unit("1111"), unit("2222")], wires=80, watts=4800)
world = house.world
left, right = house.units
all_charge(house, 90, 9)
assert house.offer("1111") == house.offer("2222") == 10

house.publish(12000)  # 50 A from now on
right.mute = True
world.power_cut()
world.run_for(0.3)
back_s = world.now_s
world.run(back_s + 39)
assert max(house.offers_since(back_s, "1111") or [0]) <= 10, house.offers_since(back_s, "1111")
assert left.draw_amps > 5 and left.relay_closes == 1
kept_rules(house)
world.wait_for(lambda: house.offer("1111") > 20, 40, "more, in the end")
assert said(house, "2222", "lost", since_s=back_s), sentences(house, back_s)

# With all of them there, it is a matter of seconds.
right.mute = False
all_charge(house, 120, 20)
world.power_cut()
world.run_for(0.3)
back_s = world.now_s
world.wait_for(lambda: left.draw_amps > 20 and right.draw_amps > 20, 38, "both as before")
assert left.relay_closes == 1, left.relay_events
kept_rules(house)
no_errors(house)
house.finish()

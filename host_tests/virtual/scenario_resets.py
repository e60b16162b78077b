"""A unit that starts anew by itself every 45 s: it is linked again at once, and told its limit;
the other one does not notice."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

house = household([unit("1111"), unit("2222")])
world = house.world
restless, calm = house.units
all_charge(house)
world.run_for(20)
closes = calm.relay_closes
restless.reset_every_s = 45
began_s = world.now_s
for _ in range(4):
    resets = restless.resets
    world.wait_for(lambda before=resets: restless.resets > before, 60, "a reset")
    world.wait_for(lambda: restless.linked, 15, "the link", 0.05)
    assert house.heartbeat_gap_s(began_s, "2222") < 1.2
    kept_rules(house)
assert restless.resets >= 4
assert said(house, "1111", "linked", since_s=began_s), sentences(house, began_s)
assert calm.relay_closes == closes and calm.draw_amps > 5
restless.reset_every_s = None
all_charge(house, 120, 11)
world.run_for(15)
house.agree()
no_errors(house)
house.finish()

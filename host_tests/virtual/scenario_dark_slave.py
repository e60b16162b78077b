"""A wall connector loses its power in a charge, is told to stop meanwhile, and comes back."""

from common.household import Household, unit

from simulator.referee import Referee

MIN_ON_S, MIN_OFF_S = 12, 10

house = Household(
    [unit("6090")],
    config={
        "relay": {"min_on_s": MIN_ON_S, "min_off_s": MIN_OFF_S, "starts_a_day": 200},
        "surplus": {"start_hold_s": 2},
    },
    referee=Referee(wires_amps=32, min_on_s=MIN_ON_S, min_off_s=MIN_OFF_S),
).start()
world = house.world
connector = house.units[0]
house.publish(6000)
world.wait_for(lambda: connector.draw_amps > 20, 120, "a charge")
world.run_for(MIN_ON_S + 15)

connector.reset()
connector.mute = connector.deaf = True
dark_s = world.now_s
house.publish(-3000)
world.run(dark_s + 27)
assert house.noted("6090 lost: no answer for 26 s")
limit = house.referee.limits_sent("6090")[-1]
assert limit[1] == 0 and limit[0] / 1000 > dark_s, limit
house.publish(6000)
world.run(dark_s + 60)

# Its relay has rested for long: it goes on as soon as it is back and the sun has shone.
connector.reset()
connector.mute = connector.deaf = False
connector.car.plug()
world.wait_for(lambda: connector.linked, 15, "the link")
linked_s = world.now_s
world.wait_for(lambda: connector.draw_amps > 5, 20, "a charge again")
assert world.now_s - linked_s < MIN_OFF_S, "it was made to rest once more"
house.finish()

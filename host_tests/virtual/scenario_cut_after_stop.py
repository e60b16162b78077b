"""The power goes just after a car was told to stop, while its current still shows: after the
restart the wall connector is at 0 A, where "no change" would make its relay click."""

from common.household import Household, unit

from simulator.referee import Referee

MIN_ON_S = MIN_OFF_S = 60

house = Household(
    [unit("6090")],
    config={"relay": {"min_on_s": MIN_ON_S, "min_off_s": MIN_OFF_S}},
    referee=Referee(wires_amps=32, min_on_s=MIN_ON_S, min_off_s=MIN_OFF_S, max_gap_s=8),
).start()
world = house.world
connector = house.units[0]
for closes, (after_s, dark_s) in enumerate(((1.5, 0.3), (2.5, 3)), 1):
    house.publish(6000)
    world.wait_for(lambda: connector.draw_amps > 20, 300, "a charge")
    assert connector.relay_closes == closes
    world.run_for(MIN_ON_S + 10)
    house.publish(-3000)
    house.wait_offer(0, 60, "6090")
    stopped_s = world.now_s
    world.run_for(after_s)
    # It has stopped; what it reports is older, and no rest has begun for the firmware.
    assert house.referee.slaves["6090"].draw > 2
    world._restart_us = round(dark_s * 1e6)
    world.power_cut()
    world.run_for(dark_s + 30)
    assert connector.relay_closes == closes, [
        (ms / 1000 - stopped_s, closed) for ms, closed in connector.relay_events
    ]
house.publish(6000)
world.wait_for(lambda: connector.relay_closes == 3, 300, "a charge")
assert world.now_s - stopped_s >= MIN_OFF_S
house.finish()

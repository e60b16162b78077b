"""One old unit alone: the new questions stay unanswered and grow rare, the old ones are asked
and answered, and the link never suffers."""

from common.household import unit
from common.weather import all_charge, household, kept_rules

from simulator.car import Car

NEW = (0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)
OLD = (0xFB19, 0xFB1A, 0xFB1B)

old = unit(
    "022C", protocol=1, serial="A15E0001234", model="1050067-00F", firmware=(2, 9, 1), car=Car()
)
house = household([old])
world = house.world
all_charge(house)


def asked(functions, since_s):
    return len(
        [
            frame
            for frame in house.referee.frames
            if frame.source == "master"
            and frame.function in functions
            and frame.ms > since_s * 1000
        ]
    )


world.wait_for(
    lambda: world.status()["connectors"][0]["serial"] == "A15E0001234", 300, "its serial", 5
)
early = asked(NEW, 0)
assert early > 0 and asked(OLD, 0) > 0
world.run_for(600)
late_s = world.now_s
world.run_for(300)
assert asked(NEW, late_s) * 5 <= 300, asked(NEW, late_s)
assert house.heartbeat_gap_s(0.6, "022C") < 1.6, house.heartbeat_gap_s(0.6, "022C")
assert old.link_losses == 0
kept_rules(house)
house.agree()
house.finish()

"""Questions in their places: three units that answer them, an old one that knows only the old
ones, and one that says 7C 00 when they come too quickly."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors

ASKED = (0xFBEB, 0xFBEC, 0xFBED, 0xFBEE, 0xFBEF, 0xFBF1, 0xFBB4)
OLD = (0xFB19, 0xFB1A, 0xFB1B)


def asked(house, functions, since_s=0):
    """Frames of the master's questions since then."""
    return [
        frame
        for frame in house.referee.frames
        if frame.source == "master" and frame.function in functions and frame.ms > since_s * 1000
    ]


house = household([unit("1111"), unit("2222", answer_ms=100), unit("3333", answer_ms=3)])
world = house.world
all_charge(house)
world.run_for(60)
kept_rules(house)
found = {frame.function for frame in asked(house, ASKED)}
assert found >= {0xFBEB, 0xFBEC, 0xFBED, 0xFBB4}, found
assert asked(house, OLD) == []
assert all([box.questions > 5 for box in house.units]), [box.questions for box in house.units]
for connector in house.agree()["connectors"]:
    assert connector["serial"] == "A16B000" + connector["id"], connector
    assert connector["volts"] and connector["volts"][0] == 240, connector

# Once too quick for one of them: one every 2 s at most from then on; heartbeats do not change.
before_s = world.now_s
world.run_for(60)
usual = len(asked(house, ASKED, before_s))
quick_s = world.now_s
house.units[0].too_fast_ms = 1500
world.wait_for(lambda: house.units[0].too_fasts, 30, "a question to it")
house.units[0].too_fast_ms = 0
slowed_s = world.now_s
world.run_for(60)
rare = len(asked(house, ASKED, slowed_s))
assert 15 < rare <= 31 < usual, (usual, rare)
for box in house.units:
    assert house.heartbeat_gap_s(quick_s, box.id) < 1.2, box.id
kept_rules(house)

# All of them answer so late that hardly any room is left between the heartbeats: rather no
# question than one that is in the way.
for box in house.units:
    box.answer_ms = 100
slow_s = world.now_s
world.run_for(40)
for box in house.units:
    assert house.heartbeat_gap_s(slow_s, box.id) < 1.2, box.id
kept_rules(house)
no_errors(house)
world.finish()

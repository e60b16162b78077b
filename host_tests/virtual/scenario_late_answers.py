"""Slaves that answer too late, twice, or now and then: heartbeats keep their second."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

house = household([unit("1111"), unit("2222", answer_ms=3), unit("3333", answer_ms=100)])
world = house.world
slow, twice, rare = house.units
all_charge(house)
world.run_for(20)


def look(seconds, most_s=1.2):
    """The heartbeats of the next seconds, and the rules."""
    began_s = world.now_s
    world.run_for(seconds)
    for box in house.units:
        gap_s = house.heartbeat_gap_s(began_s, box.id)
        assert gap_s < most_s, (box.id, gap_s)
    kept_rules(house)
    assert all([box.linked and box.link_losses == 0 for box in house.units])
    return began_s


# Every third answer 180 ms late: it still is an answer.
slow.late_ms, slow.late_every = 180, 3
look(60)
# All of them, and later than the next heartbeat of another one is due: the two collide.
slow.late_every = 1
look(60)
slow.late_ms = 320
look(60)
slow.late_ms = 0

# Each answer twice, the second one into what comes next.
twice.twice_every = 1
look(60)
assert "2222" in [connector["id"] for connector in world.status()["connectors"]]
twice.twice_every = 0

# One in four is answered, then none.
rare.answer_every = 4
look(60)
assert not said(house, "3333", "lost"), sentences(house)
rare.mute = True
silent_s = world.now_s
world.run_for(40)
assert said(house, "3333", "lost", since_s=silent_s), sentences(house, silent_s)
rare.mute = False
rare.answer_every = 1
world.wait_for(lambda: rare.linked and rare.draw_amps > 5, 120, "it to charge again")
assert said(house, "3333", "linked", since_s=silent_s), sentences(house, silent_s)
all_charge(house, 120, 7)
no_errors(house)
house.finish()

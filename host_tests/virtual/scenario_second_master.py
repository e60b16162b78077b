"""A second master: heartbeats, link ready, an idle master's frames, questions. Nothing is raised
or started until it has been silent for a minute; reductions and stops go on; it is told."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

from simulator.talkers import SecondMaster

other = SecondMaster("ABCD")
house = household([unit("1111"), unit("2222")], watts=1600)
world = house.world
world.connect(other)
world.wait_for(lambda: max([box.draw_amps for box in house.units]) > 5, 90, "one to charge")
world.run_for(20)
first, second = house.units


def appears(says, seconds):
    """It says these for so long; returns when it began."""
    other.says = says
    began_s = world.now_s
    other.begin(began_s * 1000 + 130, (began_s + seconds) * 1000)
    world.stations[-1].wake()
    return began_s


def offers():
    return [house.offer(box.id) or 0 for box in house.units]


def drawing():
    return [box for box in house.units if box.draw_amps > 5]


for says in (
    ("heartbeat",),
    ("ready 1", "ready 2"),
    ("idle",),
    ("question", "heartbeat", "ready 1"),
):
    began_s = appears(says, 6)
    world.run_for(3)
    # Sun for both: nobody is raised, nobody is started.
    house.publish(9000)
    world.run_for(62)
    assert sum(offers()) <= 7 and len(drawing()) == 1, (says, offers())
    told = said(house, "second master", "rotary", since_s=began_s)
    assert told, (says, sentences(house, began_s))
    # A minute after its last word it goes on.
    world.wait_for(lambda: len(drawing()) == 2 and sum(offers()) == 32, 60, "both to charge")
    kept_rules(house)
    # While it is there, reductions and stops leave at once.
    began_s = appears(says, 240)
    world.run_for(3)
    house.publish(1600)
    world.wait_for(lambda: max(offers()) <= 6, 15, "6 A for each")
    world.wait_for(lambda: len(drawing()) == 1, 230, "one to stop")
    world.run(began_s + 310)
    kept_rules(house)
    assert len(drawing()) == 1, says

# One frame alone, and another one 70 s later, are no master.
began_s = appears(("heartbeat",), 1)
world.run_for(70)
appears(("heartbeat",), 1)
house.publish(9000)
world.run_for(45)
assert not said(house, "second master", since_s=began_s + 10), sentences(house, began_s)
all_charge(house, 60, 10)
kept_rules(house)

# It gives our slave 32 A, and the slave obeys both of us in turn: it draws what it may not, so
# the other one gives way, and it gets nothing any more.
began_s = world.now_s
greedy = SecondMaster("ABCE", "1111", 32)
world.connect(greedy)
greedy.begin(began_s * 1000 + 130, (began_s + 40) * 1000)
world.stations[-1].wake()
most = [0.0]
end = world.every(0.2, lambda: most.append(max(most.pop(), first.draw_amps)))
world.run_for(20)
end()
assert most[0] > 18, most
assert said(house, "1111", "draws", since_s=began_s)
assert first.draw_amps + second.draw_amps <= 32, (first.draw_amps, second.draw_amps)
assert said(house, "ABCE", since_s=began_s), sentences(house, began_s)
world.run_for(90)
assert first.draw_amps == 0 and second.draw_amps > 10, (first.draw_amps, second.draw_amps)
kept_rules(house)
no_errors(house)
house.finish()

"""Starting again with other settings than before: the first heartbeats, and what they carry."""

from common.household import Household, unit

from simulator.referee import Referee

# Wires come before relays here, so no minimum on time is judged.
referee = Referee(wires_amps=32, min_off_s=600)
house = Household([unit("1111"), unit("2222", protocol=1)], wires=32, referee=referee).start()
world = house.world
left, right = house.units
house.publish(6000)
world.wait_for(lambda: left.draw_amps > 11 and right.draw_amps > 11, 900, "12 A for each", 1)
world.run_for(5)


def first(slave_id, since_s):
    """The first heartbeat to a slave since then: (command, amperes)."""
    frame = [f for f in house.referee.heartbeats_to(slave_id) if f.ms >= since_s * 1000][0]
    assert frame.ms - since_s * 1000 < 2000, frame
    return frame.command, frame.amps


def restart(wires):
    world.write_config({"wires": {"max_amps": wires}})
    world.power_cut()
    referee.change_limit(wires, world.now_s * 1000)
    world.run_for(0.3)
    since_s = world.now_s
    world.run_for(5)
    return since_s


# More than before is allowed now: "no change", and the cars go on.
since_s = restart(40)
assert first("1111", since_s) == first("2222", since_s) == (0, 0)
assert 0.0 not in house.offers_since(since_s, "1111")

# Less than before, but room for both minimums: those, at once.
since_s = restart(14)
assert first("1111", since_s) == (9, 6) and first("2222", since_s) == (5, 6)
world.run_for(60)
assert left.relay_closes == right.relay_closes == 1
assert left.draw_amps + right.draw_amps <= 14
house.agree()

# Room for one minimum only: the other one stops, wires before relays.
since_s = restart(8)
amps = [first("1111", since_s)[1], first("2222", since_s)[1]]
assert sorted(amps) == [0, 6], amps
world.run_for(60)
assert left.draw_amps + right.draw_amps <= 8
assert sorted([left.relay_closes, right.relay_closes]) == [1, 1]
house.agree()

# A slave that rested gets 0 A again at once: "no change" would make its relay click.
house.publish(0)
world.wait_for(lambda: left.draw_amps == right.draw_amps == 0, 900, "the stop", 1)
world.run_for(10)
since_s = restart(8)
assert first("1111", since_s) == (9, 0) and first("2222", since_s) == (5, 0)
house.finish()

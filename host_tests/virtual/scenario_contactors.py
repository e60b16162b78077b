"""Stopping and resuming: with 0 A alone, and with the contactors where a unit may use them."""

from common.household import Household, unit

from simulator.referee import Referee

config = {
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "surplus": {"start_hold_s": 10},
    "units": {"1111": {"name": "left", "contactors": True}, "2222": {"name": "right"}},
}
referee = Referee(wires_amps=32, contactors=("1111",))
house = Household([unit("1111"), unit("2222")], config=config, referee=referee).start()
world = house.world
left, right = house.units


def commands(since_s):
    return [
        (frame.function, frame.receiver)
        for frame in referee.frames
        if frame.ms >= since_s * 1000 and frame.function in (0xFCB1, 0xFCB2)
    ]


# The first resume after a start of ours closes the contactors first: nobody knows how they were
# left. Only then the minimum is offered.
house.publish(6000)
world.wait_for(lambda: left.draw_amps > 5 and right.draw_amps > 5, 300, "both to charge", 1)
assert commands(0) == [(0xFCB1, "1111")], commands(0)
closed = [f.ms for f in referee.frames if f.function == 0xFCB1][0]
offered = [ms for ms, amps in referee.limits_sent("1111") if amps][0]
assert closed < offered, (closed, offered)
world.run_for(20)
assert house.noted("left: resume: contactors closed (confirmed)")

# Cars that obey: 0 A is all it takes.
house.publish(0)
world.wait_for(lambda: left.draw_amps == right.draw_amps == 0, 200, "the stop", 1)
world.run_for(20)
assert house.noted("left: stop: 0 A offered") and house.noted("right: stop: 0 A offered")
assert len(commands(0)) == 1

# Cars that draw on at 0 A: the one that may gets its contactors opened, the other one is told of.
house.publish(6000)
world.wait_for(lambda: left.draw_amps > 5 and right.draw_amps > 5, 300, "both to charge", 1)
left.car.ignores_stop = right.car.ignores_stop = True
house.publish(0)
since_s = world.now_s
world.wait_for(lambda: left.draw_amps == 0, 200, "the contactors to open", 1)
assert commands(since_s)[-1] == (0xFCB2, "1111"), commands(since_s)
world.wait_for(lambda: house.noted("right: still draws"), 200, "right to be told of", 1)
assert right.draw_amps > 5
assert house.noted("left: still draws") and house.noted("opening its contactors")
assert house.noted("left: contactors open, confirmed")
assert house.noted("right: still draws") and house.noted("its contactors may not be opened")
told = {c["id"]: c for c in world.status()["connectors"]}
assert told["1111"]["contactors"] == "open" and told["2222"]["contactors"] is None

# And closed again before the next offer.
left.car.ignores_stop = right.car.ignores_stop = False
world.wait_for(lambda: right.draw_amps == 0, 60, "the stop", 1)
house.publish(6000)
since_s = world.now_s
world.wait_for(lambda: left.draw_amps > 5, 1500, "left to charge", 1)
assert commands(since_s)[0] == (0xFCB1, "1111")
assert all([slave_id == "1111" for _, slave_id in commands(0)])
house.finish()

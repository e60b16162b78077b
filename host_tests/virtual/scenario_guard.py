"""The grid guard, per phase: an oven on L1 takes from the car on L1 only and at once, the car
comes back without swinging, and without readings nothing is drawn, minimum on time or not."""

from common.household import MIN_OFF_S, MIN_ON_S, Household, unit

from simulator.referee import Referee

TOPIC = "shelly/emeter/{}/power"
sources = [{"kind": f"grid_l{n + 1}", "topic": TOPIC.format(n)} for n in range(3)]
config = {
    "sources": sources,
    "guard": {"amps": 25},
    "units": {"1111": {"phase": "L1"}, "2222": {"phase": "L2"}},
}
left, right = unit("1111"), unit("2222")
referee = Referee(32, min_on_s=MIN_ON_S, min_off_s=MIN_OFF_S, phases={"1111": 1, "2222": 2})
house = Household([left, right], config=config, referee=referee).start()
world = house.world
base = [2, 3, 1]  # what the house takes on each phase, in A
sends = [True]
over_s = [0, 0]  # how long L1 and L2 were above their limit in one go, and the longest time


def amps(phase):
    return base[phase] + (left.draw_amps, right.draw_amps, 0)[phase]


def send():
    for phase in range(3):
        if sends[0]:
            house.broker.publish(TOPIC.format(phase), f"{240 * amps(phase):.1f}")


def look():
    above = max(amps(0), amps(1)) > 25.2
    over_s[0] = over_s[0] + 0.5 if above else 0
    over_s[1] = max(over_s)


def house_takes(phase, now_amps):
    """From now on the house takes so much; if it is more, the guard may cut within seconds."""
    if now_amps > base[phase]:
        referee.safety(world.now_s * 1000)
    base[phase] = now_amps


def steps(slave_id, since_s):
    """The limits on the bus since then, one for each change."""
    return [amps for ms, amps in referee.limits_sent(slave_id) if ms >= since_s * 1000]


def told(slave_id, status=None):
    """The sentence of a unit."""
    status = status or house.agree()
    return [one["reason"] for one in status["connectors"] if one["id"] == slave_id][0]


# Whoever asks: before the first reading there is nothing.
world.run(5)
house.broker.publish("twc/garage/mode/set", "fast")
world.run(60)
status = house.agree()
assert house.offer("1111") == house.offer("2222") == 0
words = "grid guard: no grid reading on L1 yet"
wanted = f"Waiting: mode Fast, but there is no room for 6 A ({words})."
assert told("1111", status) == told("2222", status) == wanted, told("1111", status)
assert status["warnings"] == ["G" + words[1:] + ": nothing may be drawn."], status["warnings"]
wish = [one for one in status["wishes"] if one["owner"] == "grid guard"][0]
assert (wish["priority"], wish["limit"], wish["reason"]) == (70, 0, words), wish

# 25 A less what the house takes on each phase: 2 A and 3 A, and half an ampere to spare.
world.every(2, send)
world.every(0.5, look)
house.wait_offer(22, 30, "1111")
house.wait_offer(21, 30, "2222")
world.run_for(60)
assert steps("1111", 0) == [0, 22] and steps("2222", 0) == [0, 21], steps("1111", 0)
status = house.agree()
guard = "grid guard: 23.8 A on L2 of 25 A allowed, 21 A left for the cars"
assert told("2222", status) == f"Charging at 21 A ({guard}): mode Fast.", told("2222", status)
assert over_s[1] == 0, over_s

# An oven of 12 A on L1: the car there gives way with the first reading, the other one does not.
from_s = world.now_s
house_takes(0, 14)
house.wait_offer(10, 4, "1111")
shown_ms = [m.at_s * 1000 for m in house.broker.seen(TOPIC.format(0), from_s)][0]
took_ms = referee.limits_sent("1111")[-1][0] - shown_ms
assert 0 < took_ms < 1200, took_ms  # the next heartbeat: there is one in a second
world.run_for(100)
assert steps("1111", from_s) == [10] and steps("2222", from_s) == [], steps("1111", from_s)
assert amps(0) < 25 and over_s[1] <= 5, (amps(0), over_s)
status = house.agree()
guard = "grid guard: 23.8 A on L1 of 25 A allowed, 10 A left for the cars"
assert told("1111", status) == f"Charging at 10 A ({guard}): mode Fast.", told("1111", status)
other = "grid guard: 23.8 A on L2 of 25 A allowed, 21 A left for the cars"
assert told("2222", status) == f"Charging at 21 A ({other}): mode Fast.", told("2222", status)
wish = [one for one in status["wishes"] if one["owner"] == "grid guard"][0]
assert (wish["limit"], wish["reason"]) == (10, guard), wish

# It is done: the car gets all back in one step, after a while.
from_s = world.now_s
house_takes(0, 2)
world.run_for(20)
assert steps("1111", from_s) == [], steps("1111", from_s)
house.wait_offer(22, 60, "1111")
world.run_for(120)
assert steps("1111", from_s) == [22] and steps("2222", from_s) == [], steps("1111", from_s)

# Oven and dryer: 3 A would be left, so 0 A at once, though it is on for less than ten minutes.
on_s = left.relay_events[-1][0] / 1000
assert left.relay_closed and world.now_s - on_s < 590
from_s = world.now_s
over_s[1] = 0
house_takes(0, 21)
house.wait_offer(0, 4, "1111")
off_s = world.now_s
world.run_for(1.5)
reason = told("1111", world.status())
assert reason.startswith("Stopping: still draws "), reason
wanted = " A (grid guard: 42.8 A on L1 of 25 A allowed, 3 A left for the cars)."
assert reason.endswith(wanted), reason
world.wait_for(lambda: amps(0) < 25, 6, "the draw to fall")
assert over_s[1] <= 5, over_s
world.run_for(60)
guard = "grid guard: 21.0 A on L1 of 25 A allowed, 3 A left for the cars"
wanted = f"Waiting: mode Fast, but there is no room for 6 A ({guard})."
assert told("1111") == wanted, told("1111")
house_takes(0, 2)
world.run_for(100)
wanted = "Waiting: mode Fast, starts in 8 min (minimum off time)."
assert told("1111") == wanted, told("1111")
world.run(off_s + 595)
assert steps("1111", from_s) == [0] and steps("2222", from_s) == []
house.wait_offer(22, 30, "1111")
world.run_for(40)
assert left.relay_closes == 2 and right.relay_closes == 1

# The meter falls silent: after 30 s nobody draws anything, minimum on time or not.
sends[0] = False
last_s = house.broker.seen(TOPIC.format(0))[-1].at_s
world.run(last_s + 29)
assert house.offer("1111") == 22 and house.offer("2222") == 21
referee.safety(world.now_s * 1000)
world.run(last_s + 33)
assert house.offer("1111") == house.offer("2222") == 0
world.run(last_s + 91)
words = "grid guard: no grid reading on L1 for 90 s"
wanted = f"Waiting: mode Fast, but there is no room for 6 A ({words})."
status = house.agree()
assert told("1111", status) == told("2222", status) == wanted, told("1111", status)
assert status["warnings"] == ["G" + words[1:] + ": nothing may be drawn."], status["warnings"]

# It is back, and so are the cars, after their relays' ten minutes.
sends[0] = True
from_s = world.now_s
world.wait_for(lambda: left.draw_amps > 21 and right.draw_amps > 20, 700, "both to charge", 1)
world.run_for(40)
assert steps("1111", from_s) == [22] and steps("2222", from_s) == [21]
assert house.agree()["warnings"] == [] and over_s[1] <= 5
house.finish()

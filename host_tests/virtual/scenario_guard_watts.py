"""The grid guard in watts: an import in all that is never exceeded, and a mean of 15 minutes
that is held though the house has its peaks."""

from common.household import GRID, MIN_OFF_S, MIN_ON_S, Household, unit

from simulator.referee import Referee

box = unit()
referee = Referee(32, min_on_s=MIN_ON_S, min_off_s=MIN_OFF_S)
config = {"guard": {"watts": 4500, "mean_watts": 4000}}
house = Household([box], config=config, referee=referee).start()
world = house.world
base = [500]  # what the house takes, in W
minutes = []  # what was imported in each, in Ws
over_s = [0, 0]  # how long 4500 W were exceeded in one go, and the longest time


def watts():
    return base[0] + 240 * box.draw_amps


def second():
    if int(world.now_s) % 60 == 0 or not minutes:
        minutes.append(0)
    minutes[-1] += watts()
    over_s[0] = over_s[0] + 1 if watts() > 4500 else 0
    over_s[1] = max(over_s)


def steps(since_s):
    """The limits on the bus since then, one for each change."""
    return [amps for ms, amps in referee.limits_sent("2433") if ms >= since_s * 1000]


def house_takes(now_watts):
    """From now on the house takes so much; if it is more, the guard may cut within seconds."""
    if now_watts > base[0]:
        referee.safety(world.now_s * 1000)
    base[0] = now_watts
    return world.now_s


def told(begins, left, ends):
    """The sentence, with the mean of 15 minutes in it, which is told roughly."""
    reason = house.agree()["reason"]
    parts = reason.split("mean of 15 min ")
    assert len(parts) == 2 and parts[0] == begins + " (grid guard: ", reason
    said, rest = parts[1].split(" W of 4 000 W allowed, ")
    assert rest == f"{left} left for the cars){ends}", reason
    # What was before the start is not known, and taken for as much as is allowed; what is left of
    # this minute counts as nothing.
    fifteen = ([4000 * 60] * 15 + minutes)[-15:]
    assert abs(int(said.replace(" ", "")) - sum(fifteen) / 900) < 120, (reason, sum(fifteen) / 900)


world.run(5)
house.broker.publish("twc/garage/mode/set", "fast")
world.run_for(5)
wanted = "Waiting: mode Fast, but there is no room for 6 A (grid guard: no grid reading yet)."
assert house.agree()["reason"] == wanted, house.topic("reason")
world.every(1, second)
house.publish(lambda: round(watts()), GRID)

# 4000 W less the house's 500, and half an ampere to spare: 14 A.
house.wait_offer(14, 60)
world.run_for(240)
assert steps(0) == [0, 14], steps(0)
told("Charging at 14 A", "3 360 W", ": mode Fast.")

# 600 W more are ridden out for a moment, then there is less for the car: what the next minutes can
# hold on. All of it comes back in one step when that is over.
from_s = house_takes(1100)
world.run_for(20)
assert steps(from_s) == [], steps(from_s)
house.wait_offer(11, 90)
world.run_for(300)
assert steps(from_s) == [11], steps(from_s)
told("Charging at 11 A", "2 868 W", ": mode Fast.")
from_s = house_takes(500)
house.wait_offer(14, 60)
world.run_for(60)
assert steps(from_s) == [14], steps(from_s)

# A kettle: 5860 W would be above the limit, and the next reading ends it.
from_s = house_takes(2500)
house.wait_offer(6, 8)
world.run_for(60)
assert steps(from_s) == [6], steps(from_s)
told("Charging at 6 A", "1 498 W", ": mode Fast.")
from_s = house_takes(500)
house.wait_offer(14, 60)
world.run_for(30)
assert steps(from_s) == [14], steps(from_s)

# The whole kitchen: nothing is left that a car could do with.
from_s = house_takes(3300)
house.wait_offer(0, 8)
world.run_for(20)
told("Waiting: mode Fast, but there is no room for 6 A", "698 W", ".")
off_s = box.relay_events[-1][0] / 1000
house_takes(500)
world.run_for(60)
assert house.agree()["reason"] == "Waiting: mode Fast, starts in 9 min (minimum off time)."
world.run(off_s + 590)
assert steps(from_s) == [0], steps(from_s)
house.wait_offer(14, 30)
world.run_for(120)
assert steps(from_s) == [0, 14] and box.relay_closes == 2

assert over_s[1] <= 10, over_s  # the time between two readings, and what the car needs
fifteen = [sum(minutes[n : n + 15]) / 900 for n in range(len(minutes) - 14)]
assert len(fifteen) > 5 and 3000 < max(fifteen) <= 4000, fifteen
house.finish()

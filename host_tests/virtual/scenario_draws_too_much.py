"""Cars that draw more than they are offered: 3 A too much, a reduction that is ignored, and 0 A
that is ignored too. The others give way in time, and it is told."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

house = household(
    [unit("1111"), unit("2222")],
    wires=20,
    watts=9000,
    config={"units": {"1111": {"contactors": True}}},
    rules={"contactors": ("1111",)},
)
world = house.world
greedy, modest = house.units
all_charge(house)
world.run_for(30)
assert house.offer("1111") == house.offer("2222") == 10
kept_rules(house)
peak = [0.0]


def look():
    peak[0] = max(peak[0], greedy.draw_amps + modest.draw_amps)


end = world.every(0.5, look)

# 3 A above the offer: after 10 s the other one gives way, after 30 s it is over.
began_s = world.now_s
greedy.car.over_amps = 3
world.wait_for(lambda: house.offer("2222") < 10, 14, "the other one to give way")
world.run_for(4)
assert greedy.draw_amps + modest.draw_amps <= 20, (greedy.draw_amps, modest.draw_amps)
assert said(house, "1111", "draws", since_s=began_s), sentences(house, began_s)
world.wait_for(lambda: house.offer("1111") == 0, 30, "0 A for it")
assert world.now_s - began_s < 36, world.now_s - began_s
world.run_for(20)
assert greedy.draw_amps == 0
kept_rules(house)

# It is not let in again at once, though it behaves now.
greedy.car.over_amps = 0.0
world.run_for(300)
assert house.offer("1111") == 0 and house.offer("2222") >= 10
world.wait_for(lambda: greedy.draw_amps > 9, 420, "it to charge again", 1)
world.run_for(20)
kept_rules(house)

# A reduction that is ignored: the same.
began_s = world.now_s
greedy.car.ignores_less = True
house.publish(2900)
world.wait_for(lambda: (house.offer("1111") or 0) == 6, 30, "6 A for it", 0.2)
world.run_for(4)
assert modest.draw_amps < 7 and greedy.draw_amps > 9
house.publish(9000)
world.run_for(10)
assert greedy.draw_amps > 9 and house.offer("1111") <= 10
kept_rules(house)
greedy.car.ignores_less = False
world.run_for(20)

# Even 0 A is ignored: its contactors are opened, since we may.
began_s = world.now_s
greedy.car.over_amps = 4
greedy.car.ignores_less = greedy.car.ignores_stop = True
world.wait_for(lambda: not greedy.relay_closed, 90, "its contactors to open")
assert said(house, "1111", "contactors", since_s=began_s), sentences(house, began_s)
assert house.offer("1111") == 0
end()
world.run_for(60)
assert greedy.draw_amps == 0 and modest.draw_amps > 5
kept_rules(house)
# Never longer than the ten seconds in which nobody can know.
assert peak[0] <= 27, peak
no_errors(house)
house.finish()

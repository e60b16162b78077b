"""Units that lie: an echo of something else, 655.35 A as their maximum, 300 A as their current,
states that flap. The other one never gets more than the wires have beside them."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

house = household([unit("1111"), unit("2222")], wires=48, watts=9000)
world = house.world
liar, honest = house.units


def share():
    """9000 W are 37 A: half of it for each."""
    return sorted([house.offer(box.id) for box in house.units]) == [18, 19]


all_charge(house)
world.wait_for(share, 90, "half of it for each")
kept_rules(house)

# It shows 655.35 A whatever it is told: no limit is ever taken, so it counts with what it is
# built for, 32 A, and its limit is said again with each heartbeat.
liar.lie_echo_amps = 655.35
began_s = world.now_s
house.publish(3000)
world.wait_for(lambda: house.offer("1111") == 6, 30, "6 A for the liar")
world.run_for(60)
assert house.offer("1111") == house.offer("2222") == 6, house.offer("2222")
last = house.referee.heartbeats_to("1111")[-10:]
assert all([frame.command == 9 and frame.amps == 6 for frame in last]), last
house.publish(9000)
world.run_for(60)
assert 6 <= house.offer("2222") <= 16, house.offer("2222")
kept_rules(house)
liar.lie_echo_amps = None
world.wait_for(share, 60, "half of it for each")
kept_rules(house)

# It reports 300 A, which no wire here could carry: it counts with its rating, the other one
# gives way to that, and after half a minute the liar gets nothing.
began_s = world.now_s
liar.lie_draw_amps = 300
world.run_for(14)
assert 6 <= house.offer("2222") <= 16, house.offer("2222")
assert said(house, "1111", "draws", since_s=began_s), sentences(house, began_s)
world.wait_for(lambda: house.offer("1111") == 0, 30, "0 A for the liar")
world.run_for(60)
assert house.offer("1111") == 0 and house.offer("2222") <= 16
assert liar.draw_amps == 0 and honest.draw_amps > 5
kept_rules(house)
house.agree()

# It comes to its senses, and has to wait.
liar.lie_draw_amps = None
world.run_for(90)
assert house.offer("1111") == 0 and house.offer("2222") >= 18, house.offer("2222")
kept_rules(house)

# States that flap between all there are: no relay follows.
began_s = world.now_s
closes = honest.relay_closes
honest.lie_states = (1, 3, 0, 8, 4, 2, 5, 9)
world.run_for(90)
assert honest.relay_closes == closes and honest.linked
kept_rules(house)
honest.lie_states = ()
world.run_for(60)
assert house.offer("2222") >= 18 and honest.draw_amps > 17, house.offer("2222")
kept_rules(house)

# It echoes the limit of the other one.
honest.lie_echo_amps = 6
house.publish(2400)
world.run_for(60)
honest.lie_echo_amps = None
house.publish(9000)
world.wait_for(lambda: honest.draw_amps > 17, 60, "18 A again")
no_errors(house)
house.finish()

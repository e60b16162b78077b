"""The firmware starts anew while cars charge: heartbeats within a second, never more than
before, and the minimum times outlive it."""

import sys

from common.household import Household, unit

house = Household([unit("1111", answer_ms=100), unit("2222")], wires=32).start()
world = house.world
left, right = house.units
house.publish(6000)
world.wait_for(lambda: left.draw_amps > 11 and right.draw_amps > 11, 900, "12 A for each", 1)
world.run_for(5)


def restart(dark_s=0.3):
    """Cuts the power; returns when the firmware was back."""
    world._restart_us = round(dark_s * 1e6)
    world.power_cut()
    world.run_for(dark_s)
    return world.now_s


# All known ones answer: it may go on at once.
back_s = restart()
world.run_for(1.2)
for slave_id in ("1111", "2222"):
    first = [f for f in house.referee.heartbeats_to(slave_id) if f.ms >= back_s * 1000][0]
    assert first.ms - back_s * 1000 < 1000 and first.command == 0, first
world.run(back_s + 10)
for slave_id in ("1111", "2222"):
    offers = house.offers_since(back_s, slave_id)
    # 13 A: 6000 W are 25 A, and all that were known have answered.
    assert 0.0 not in offers and max(offers) <= 13, (slave_id, offers)
world.wait_for(lambda: left.draw_amps > 11 and right.draw_amps > 11, 40, "12 A for each", 1)
assert left.relay_closes == right.relay_closes == 1
house.agree()

# The minimum on time outlives it: without surplus both stay at the minimum for ten minutes.
house.publish(0)
house.wait_offer(6, 10, "1111")
back_s = restart()
world.run(back_s + 500)
assert left.relay_closed and right.relay_closed
# It shows 6 A already: nothing needs to be said.
assert house.offers_since(back_s, "1111") in ([], [6.0]), house.offers_since(back_s, "1111")
world.wait_for(lambda: not left.relay_closed and not right.relay_closed, 250, "the stop")
off_s = world.now_s

# And so does the minimum off time.
world.run_for(10)
back_s = restart()
house.publish(6000)
world.run(back_s + 590)
assert house.offers_since(back_s, "1111") == [0.0]
assert house.offers_since(back_s, "2222") == [0.0]
world.wait_for(lambda: left.draw_amps > 11 and right.draw_amps > 11, 400, "12 A for each", 1)
assert left.relay_closes == right.relay_closes == 2
house.agree()

# One of two is gone after the restart: the other goes on with what it had, or less, and gets
# more only when the claim of the other is over.
right.mute = True
back_s = restart()
world.run(back_s + 60)
assert 0.0 not in house.offers_since(back_s, "1111"), house.offers_since(back_s, "1111")
assert max(house.offers_since(back_s, "1111")) <= 12
assert left.relay_closes == 2
last_s = house.referee.heartbeats_to("2222")[-1].ms / 1000
world.run(last_s + 58)
assert max(house.offers_since(back_s, "1111")) <= 12
house.wait_offer(25, 30, "1111")
house.agree()
assert "firmware.app" in sys.modules
house.finish()

"""The grid meter with the car in it: the bridge adds what its car draws, and comes to rest."""

from common.household import GRID, Household, unit

sun = [4020]
box = unit()
house = Household([box]).start()
world = house.world


def meter():
    """Import positive, of a house that takes 700 W beside the car."""
    return round(700 + 240 * box.draw_amps - sun[0])


house.publish(meter, GRID)
# 4020 - 700 W: 13.83 A; the last ampere is given from three quarters of it on.
house.wait_offer(14, 150)
world.run_for(60)
since_s = world.now_s
world.run_for(300)
assert house.offers_since(since_s) in ([], [14.0]), house.offers_since(since_s)
status = house.agree()
assert status["surplus"]["source"] == "grid" and status["warnings"] == []
assert abs(status["surplus"]["watts"] - 3320) < 60, status["surplus"]
assert abs(meter()) < 0.25 * 240, meter()

sun[0] = 2500  # 1800 W left: 7.5, so 7 A
house.wait_offer(7, 30)
world.run_for(30)
since_s = world.now_s
world.run_for(120)
assert house.offers_since(since_s) in ([], [7.0]), house.offers_since(since_s)
sun[0] = 500
house.wait_offer(6, 30)
world.run_for(60)
assert house.agree()["state"] == "minimum" and box.relay_closes == 1
sun[0] = 9000  # 8300 W: 34 A, but 32 are allowed
house.wait_offer(32, 60)
world.run_for(60)
house.agree()

# The other topic as well: the one that gives less counts, and a warning says so.
house.publish(2000)
house.wait_offer(8, 20)
status = house.agree()
assert status["surplus"]["source"] == "surplus", status["surplus"]
assert "Both surplus/set and grid/set are being sent" in status["warnings"][0]
assert "Both surplus/set" in house.topic("warning")
house.finish()

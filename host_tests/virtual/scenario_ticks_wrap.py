"""time.ticks_ms() wraps while a car charges: nobody notices."""

from common.household import Household, unit

WRAP = 1 << 30
for before_s in (30, 100, 120):
    house = Household([unit()], ticks_start_ms=WRAP - before_s * 1000).start()
    world, box = house.world, house.units[0]
    house.publish(3000)
    house.wait_offer(12, 130)
    world.run(before_s + 90)
    assert house.heartbeat_gap_s(10) < 1.2, house.heartbeat_gap_s(10)
    status = house.agree()
    assert status["state"] == "charging" and status["uptime_s"] >= before_s + 89, status
    assert box.relay_closes == 1 and box.draw_amps > 11
    house.publish(0)
    house.wait_offer(6, 10)
house.finish()

"""The time of day jumps, by hours and years and through both nights in which clocks change: what
measures durations never sees it. A car that charges, a boost, and the relay's times.

The relays' times are two minutes here.
"""

from common.household import Household, unit

from simulator.referee import Referee
from simulator.virtual.time_server import TimeServer

CONFIG = {
    "relay": {"min_on_s": 120, "min_off_s": 120},
    "clock": {"ntp": "10.0.0.3", "zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
    "timetable": [{"days": "su", "from": "03:00", "to": "03:02", "amps": 10}],
}
SPRING = 1743296400  # 2025-03-30, 01:00 UTC: in Paris 02:00 becomes 03:00
AUTUMN = 1761440400  # 2025-10-26, 01:00 UTC: 03:00 becomes 02:00
ERA = 2085978496  # 2036-02-07: NTP counts from 0 again
WEDNESDAY = 1743595200
H = 3600
# One after the other, each told by the server; all on days without a window.
JUMPS = (
    WEDNESDAY + 3 * H,
    WEDNESDAY - 7 * H,
    WEDNESDAY - 30 * 24 * H,
    ERA - 5,
    ERA + 60,
    4102444800,  # 2100
    1704067200 + 9 * H,  # 2024
    WEDNESDAY,
)

house = Household([unit()], config=CONFIG, referee=Referee(32, min_on_s=120, min_off_s=120))
world = house.world
server = TimeServer(world.net, WEDNESDAY)
house.start()


def clock():
    return house.app.decisions.conditions.clock


def jump(utc_s):
    """The server has another time, and the board asks it (which it else does each six hours)."""
    server.set(utc_s)
    task = clock()._ask()
    asked = len(server.asked_s)
    world.clock.after(0, start, task)
    world.wait_for(lambda: len(server.asked_s) > asked, 5, "the question", 0.01)
    world.run_for(0.2)
    assert abs(clock().utc_s() - server.utc_s()) <= 1, (clock().utc_s(), server.utc_s())


def start(task):
    import asyncio

    asyncio.create_task(task)


def minutes_left():
    return world.status()["boost_minutes"]


def starts():
    return world.status()["connectors"][0]["starts"]


# Charging: nothing of it changes.
house.publish(3000)
house.wait_offer(12, 120)
on_s = world.now_s
assert clock().utc_s() is not None
session = world.status()["connectors"][0]
since_s = world.now_s
for utc_s in JUMPS:
    jump(utc_s)
    world.run_for(4)
    assert house.offer() == 12, utc_s
assert house.offers_since(since_s) in ([], [12]) and starts() == 1
assert house.noted("s off, set anew")

# A boost of ten minutes ends after ten minutes.
world.broker.publish("twc/garage/boost/set", "10 min")
house.wait_offer(32, 10)
began_s = world.now_s
for utc_s in JUMPS:
    jump(utc_s)
    left = 10 - (world.now_s - began_s) / 60
    assert abs(minutes_left() - left) <= 1, (utc_s, minutes_left(), left)
    world.run_for(30)
jump(WEDNESDAY)
assert house.offers_since(began_s + 3) in ([], [32]), house.offers_since(began_s + 3)
house.wait_offer(12, 400)
assert 595 < world.now_s - began_s < 612, world.now_s - began_s
status = house.agree()
energy = status["connectors"][0]
# Ten minutes at 32 A of 240 V are 1.28 kWh; a jump of years adds nothing.
assert 1.1 < energy["session_kwh"] - (session["session_kwh"] or 0) < 1.7, energy["session_kwh"]

# The relay: off for two minutes, whatever the clock on the wall says.
house.publish(-500)
house.wait_offer(0, 300)
off_s = world.now_s
house.publish(3500)
while house.offer() == 0:
    jump(WEDNESDAY + round(world.now_s) % 7 * 5 * H)
    world.run_for(5)
    assert world.now_s - off_s < 200
assert world.now_s - off_s >= 120, world.now_s - off_s

# The nights in which clocks change: in spring 02:00 is 03:00, when the window begins; in autumn
# 03:00 is 02:00, and it begins an hour later. Nothing else sees that.
world.run_for(30)
assert starts() == 2, starts()
since_s = world.now_s
jump(SPRING - 15)
assert house.offer() == 14
world.run_for(25)
assert house.offer() == 10
jump(AUTUMN - 15)
world.run_for(25)
assert house.offer() == 14
jump(AUTUMN + H - 15)
world.run_for(25)
assert house.offer() == 10
jump(WEDNESDAY)
world.run_for(10)
assert house.offers_since(since_s) == [10, 14] and starts() == 2
house.finish()

"""The watchdog: a loop that stands still, a bus that says nothing and decisions that do not come
end in a reset, which tells why; a normal quarter of an hour never comes near one."""

import asyncio

from common.household import unit
from common.lives import Lives

house = Lives([unit()])
world = house.world
house.start()
house.publish(3000)
world.wait_for(lambda: house.units[0].draw_amps > 11, 600, "12 A", 1)
for _ in range(5):
    world.status()
    world.fetch("/")
    world.run_for(60)
# Once a second, give or take what stops the chip.
assert 900 <= world.board.fed_ms < 3000, world.board.fed_ms
print("longest time without food", world.board.fed_ms, "ms")
assert world.resets == []
assert world.status()["restarted"] == "Power came on, or the reset button was pressed."
assert house.topic("restarted") == world.status()["restarted"]
assert world.status()["bus"]["first_ms"] < 1000


def reset_by(what, within_s):
    """Lets the present life be harmed, waits for the reset, and returns what the next one says
    of it."""
    count = len(world.resets)
    house.app.bus.because("flash")
    what(house.app)
    took_s = world.wait_for(lambda: len(world.resets) > count, within_s, "the reset")
    assert world.resets[-1][1] == "watchdog", world.resets
    # Neither at once, nor when cars have been without a heartbeat for longer than they have to.
    assert took_s > 18, took_s
    world.run_for(6)
    why = world.status()["restarted"]
    assert why in [text for _, level, text in house.notes if level == "warning"]
    assert house.topic("restarted") is not None
    print(why)
    return why


def stop_the_loop(app):
    async def forever():
        import time

        while True:
            time.sleep_ms(10)

    world.at(world.now_s, asyncio.create_task, forever())


async def never(*_):
    while True:
        await asyncio.sleep(1)


def stop_the_bus(app):
    app.bus._send = never


def stop_what_decides(app):
    app._remember = never


why = reset_by(stop_the_loop, 22)
assert "nothing ran any more, begun last was: flash" in why, why
assert why.startswith("Reset by the watchdog after "), why
# It lived for more than five minutes: this is no crash, and nothing else has changed.
assert not house.safe[-1]

world.run_for(320)
why = reset_by(stop_the_bus, 28)
assert "the bus has sent nothing for 5 s" in why, why

world.run_for(320)
why = reset_by(stop_what_decides, 28)
assert "nothing was decided for 5 s" in why, why

# A bus that hangs for less than that is not worth a reset.
world.run_for(60)
count = len(world.resets)
send = house.app.bus._send
house.app.bus._send = never
task = house.app.bus
world.run_for(10)
assert len(world.resets) == count

# Switched off, nobody is watched: what stood still goes on.
world.write_config({"board": {"driver_enable": 4, "watchdog": False}, "wires": {"max_amps": 32}})
world.power_cut()
assert world.board.rtc_memory == b""
world.run_for(20)
assert world.status()["restarted"] == "Power came on, or the reset button was pressed."
count = len(world.resets)
house.app.bus._send = never
world.run_for(120)
assert len(world.resets) == count
world.finish()

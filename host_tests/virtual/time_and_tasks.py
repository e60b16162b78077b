"""Virtual time under asyncio: sleeps, order, wrapping ticks, busy loops, errors of tasks."""

import asyncio
import time

from simulator.virtual.clock import clock
from simulator.virtual.world import World

world = World(ticks_start_ms=(1 << 30) - 2500)
ticks = []
log = []


async def every_second():
    while True:
        ticks.append(time.ticks_ms())
        await asyncio.sleep(1)


async def main():
    asyncio.create_task(every_second())
    started = time.time()
    await asyncio.sleep_ms(1500)
    log.append(("slept", time.time() - started, clock.now_us))
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 7)
    except asyncio.TimeoutError:
        log.append(("timeout", clock.now_us))
    time.sleep_ms(300)
    log.append(("blocked", clock.now_us))
    while time.ticks_diff(time.ticks_ms(), ticks[0]) < 10_000:
        pass
    log.append(("looked", clock.now_us // 1000))
    while True:
        await asyncio.sleep(3600)


seen = []
world.every(2, lambda: seen.append(world.now_s))
world.at(5, lambda: seen.append("five"))
world.start(main)
assert world.run(5.5) is True
assert ticks[:4] == [(1 << 30) - 2500, (1 << 30) - 1500, (1 << 30) - 500, 500], ticks
assert seen == [0.0, 2.0, 4.0, "five"], seen
assert time.ticks_diff(ticks[3], ticks[0]) == 3000
assert time.ticks_add(ticks[0], 3000) == ticks[3]

world.run(20)
assert log == [
    ("slept", 1, 1_500_000),
    ("timeout", 8_500_000),
    ("blocked", 8_800_000),
    ("looked", 10_000),
], log
assert world.clock.longest_wait_ms == 300
assert world.clock.spins >= 1000
assert len(ticks) == 20, len(ticks)

try:
    world.wait_for(lambda: False, 3, "nothing")
except AssertionError as error:
    assert "23.0 s: waited 3 s in vain for nothing" in str(error), error
else:
    raise SystemExit("wait_for did not give up")

# An error in a task that nobody waits for must end the script, not scroll by.
world = World()


async def broken():
    await asyncio.sleep(1)
    raise ValueError("a broken task")


async def careless():
    asyncio.create_task(broken())
    await asyncio.sleep(10)


world.start(careless)
try:
    world.run(5)
except ValueError as error:
    assert str(error) == "a broken task" and world.now_s == 1.0
else:
    raise SystemExit("the error of a task was lost")


# A firmware that handles such errors itself goes on; they are written down all the same.
async def careful():
    asyncio.get_event_loop().set_exception_handler(lambda loop, context: None)
    await careless()


world = World()
world.start(careful)
world.run(5)
assert [(at_s, str(error)) for at_s, error in world.task_errors] == [(1.0, "a broken task")]

# A main coroutine that ends is told apart from one that runs on.
world = World()


async def short():
    await asyncio.sleep(1)


world.start(short)
assert world.run(0.5) is True
assert world.run(5) is False
assert world.now_s == 5.0
world.finish()

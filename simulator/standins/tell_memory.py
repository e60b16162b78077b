"""Tells how much memory the firmware has in use, from within: "memory 98304" each second, after a
collection, and "module firmware.bus" for each module that is new since.

TWC_MEMORY=1. Begins with asyncio.run(); "memory before 9216" is what was in use until then
without the firmware.
"""

import asyncio
import gc
import sys

_EVERY_MS = 1000


def install():
    """Lets the telling begin with the firmware."""
    run = asyncio.run

    def run_and_tell(main):
        async def both():
            asyncio.create_task(_tell())
            await main

        return run(both())

    asyncio.run = run_and_tell
    gc.collect()
    print("memory before", gc.mem_alloc())


async def _tell():
    while True:
        await asyncio.sleep_ms(_EVERY_MS)
        gc.collect()
        print("memory", gc.mem_alloc())
        for name in sys.modules:
            print("module", name)
        print("modules told")

"""Calls that stop the whole chip, made in the firmware's own process; for bench and tests.

TWC_STALLS="20 TLS scan flash": every 20 s one of these, in turn, each in a slot of the bus as
the firmware's own would be. Each is printed when it begins: "stall TLS".
"""

import asyncio
import os
import time

from micropython import const

_SLOT_MS = const(150)
# Measured: a handshake takes 1 to 2 s.
_TLS_MS = const(1500)


def install():
    """Lets the stalls begin with the firmware's bus: it is there when asyncio.run() is called,
    and its task calls speak() first."""
    run = asyncio.run

    def run_with_stalls(main):
        try:
            from running import Bus  # as it lies on a board
        except ImportError:
            from firmware.bus import Bus

        speak = Bus.speak
        begun = []

        def speak_and_stall(bus):
            if not begun:
                begun.append(asyncio.create_task(_stall(bus)))
            return speak(bus)

        Bus.speak = speak_and_stall
        return run(main)

    asyncio.run = run_with_stalls


async def _stall(bus):
    kinds = os.getenv("TWC_STALLS").split()
    every_s = float(kinds.pop(0))
    while True:
        for kind in kinds:
            await asyncio.sleep(every_s)
            await bus.slot(_SLOT_MS, kind)
            print("stall", kind)
            _stop_all(kind)


def _stop_all(kind):
    if kind == "TLS":
        time.sleep_ms(_TLS_MS)
    elif kind == "scan":
        import network

        network.WLAN(network.STA_IF).scan()
    else:
        with open("stall.bin", "w") as file:
            file.write(b"4 KB or less")
        os.remove("stall.bin")

"""A restart loads the firmware's modules anew, and what stays up around it notices it."""

import asyncio

from simulator.car import Car
from simulator.connector import Connector
from simulator.virtual.world import World

with open("toy_firmware.py", "w") as file:
    file.write("import machine\nfrom machine import Pin\nstarts = []\n")


async def main():
    import toy_firmware

    toy_firmware.starts.append(1)
    starts.append(len(toy_firmware.starts))
    uart = toy_firmware.machine.UART(2, baudrate=9600)
    pin = toy_firmware.Pin(4, toy_firmware.Pin.OUT, value=0)
    stream = asyncio.StreamReader(uart)
    while True:
        heard.append((world.now_s, bytes(await stream.read(64))))
        assert pin() == 0


starts = []
heard = []
world = World(connectors=[Connector("2433", car=Car())])
world.start(main)
world.run(25)
first = b"".join(data for at_s, data in heard)
assert first.count(b"\xfd\xe2\x24\x33") == 3, first
world.power_cut()
world.run(60)
assert starts == [1, 1], starts
second = b"".join(data for at_s, data in heard if at_s > 25.3)
assert second.count(b"\xfd\xe2\x24\x33") >= 2, second
world.finish()

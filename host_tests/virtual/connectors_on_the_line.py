"""Three simulated connectors and the referee on the line, with a master of a few lines.

The master is not the firmware's: this is about the world. A quarter of an hour passes here.
"""

import asyncio

import machine

from simulator.car import Car
from simulator.connector import Connector
from simulator.referee import Referee
from simulator.virtual.world import World
from simulator.wire import Decoder, encode, write_amps

ME = b"\x77\x77"
limits = {}
answers = {}
linked = []


async def listen(uart):
    decoder = Decoder()
    stream = asyncio.StreamReader(uart)
    while True:
        for body in decoder.feed(await stream.read(64), world.clock.now_us // 1000):
            if body[:2] == b"\xfd\xe2" and body[2:4] not in linked:
                linked.append(body[2:4])
            elif body[:2] == b"\xfd\xe0":
                answers[body[2:4]] = body


async def main():
    uart = machine.UART(2, baudrate=9600, timeout=0, timeout_char=0, rxbuf=256)
    pin = machine.Pin(4, machine.Pin.OUT, value=0)
    asyncio.create_task(listen(uart))

    async def send(body, pause_ms):
        pin(1)
        uart.write(encode(body + bytes(15 - len(body))))
        uart.flush()
        pin(0)
        await asyncio.sleep_ms(pause_ms)

    for function in (b"\xfc\xe1", b"\xfb\xe2"):
        for _ in range(5):
            await send(function + ME + b"\x77", 100)
    while True:
        await asyncio.sleep_ms(100)
        for slave in linked:
            amps = limits.get(slave)
            order = b"\x00" if amps is None else b"\x09" + write_amps(amps)
            await send(b"\xfb\xe0" + ME + slave + order, 280)


cars = [Car(), Car(kind="full"), Car(plugged=False)]
ids = ["2433", "C0DB", "1111"]
world = World(
    connectors=[
        Connector(name, car=car, answer_ms=3)
        for name, car in zip(ids, cars)  # noqa: B905
    ],
    referee=Referee(wires_amps=32),
)
left, middle, right = world.connectors
world.start(main)
took_s = world.wait_for(lambda: len(linked) == 3, 60, "three links")
world.run_for(5)
assert all(unit.linked for unit in world.connectors), took_s
# Only link-ready calls that fell into our own sending may be lost.
dropped = world.line.dropped

limits[b"\x24\x33"] = 12
world.wait_for(lambda: left.draw_amps > 11, 30, "the car to charge")
world.run_for(2)
assert answers[b"\x24\x33"][6] == 1 and left.relay_closes == 1
assert answers[b"\xc0\xdb"][6] in (0, 3, 4) and middle.draw_amps == 0
assert 11 < world.referee.answers_from("2433")[-1].draw_amps < 12

# A dead receiver does not stop the heartbeats; a cut wire does, and the units notice.
world.line.deaf = True
world.run_for(30)
assert left.linked and left.draw_amps > 11
world.line.deaf = False
world.line.spoil = lambda speaker, data: None if speaker is world.board else data
world.wait_for(lambda: not left.linked, 15, "the unit to miss us")
world.wait_for(lambda: left.draw_amps == 0, 25, "the car to stop")
world.line.spoil = None
world.wait_for(lambda: left.draw_amps > 5, 60, "the car to charge again")

world.run(900)
assert all(unit.linked for unit in world.connectors)
assert left.draw_amps > 11 and left.link_losses == 1
assert world.line.dropped == dropped, (dropped, world.line.dropped)
heartbeats = world.referee.heartbeats_to("2433")
assert len(heartbeats) > 800, len(heartbeats)
world.finish()

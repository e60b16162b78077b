"""The web client against a server on asyncio; resets, power cuts and the watchdog."""

import asyncio
import json
import os

import machine

from simulator.virtual import web
from simulator.virtual.world import World

lives = []


class Toy:
    """A firmware of a few lines; the file `state.txt` is its flash."""

    def __init__(self, after=None):
        self.after = after

    async def serve(self, reader, writer):
        line = await reader.readline()
        while await reader.readline() not in (b"\r\n", b""):
            pass
        path = line.split(b" ")[1]
        body = json.dumps({"path": path.decode(), "lives": len(lives)})
        if path != b"/silent":
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            length = "" if path == b"/unsized" else f"Content-Length: {len(body)}\r\n"
            writer.write(head + length + "\r\n" + body)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def main(self):
        lives.append((machine.reset_cause(), world.now_s))
        await asyncio.start_server(self.serve, "0.0.0.0", 80)
        with open("state.txt", "a") as file:
            file.write("x")
        if self.after:
            await self.after()
        while True:
            await asyncio.sleep(1)


def read_state():
    with open("state.txt") as file:
        return file.read()


try:
    os.remove("state.txt")
except OSError:
    pass

world = World()
world.start(Toy().main)
world.run(1)
answer = world.fetch("/some/where")
assert answer.status == 200 and answer.json() == {"path": "/some/where", "lives": 1}
assert answer.headers["content-type"] == "application/json" and answer.took_ms < 20
assert world.fetch("/unsized").json()["path"] == "/unsized"
silent = world.fetch("/silent")
assert silent.done and silent.status is None
assert world.status()["path"] == "/api/status"

# A power cut from outside, and one from an event: fresh start, open connections hang, flash stays.
hanging = web.send("GET /half")
world.run_for(1)
world.power_cut()
world.run_for(1)
assert len(lives) == 2 and not hanging.done
world.at(world.now_s + 1, world.power_cut)
world.run_for(3)
assert len(lives) == 3 and [why for _, why in world.resets] == ["power cut"] * 2
assert world.fetch("/again").json()["lives"] == 3
assert read_state() == "xxx"
assert len(world.net.sockets) == 1, world.net.sockets


# The firmware resets itself once; nobody listens while the board is dark.
async def reset_once():
    if len(lives) == 4:
        await asyncio.sleep(2)
        machine.reset()


world = World(restart_s=0.5)
world.start(Toy(reset_once).main)
world.run(2.2)
refused = world.http_get("/dark")
world.run(4)
assert refused.refused and refused.done
assert lives[3:] == [(machine.PWRON_RESET, 0.0), (machine.HARD_RESET, 2.5)], lives
assert world.resets == [(2.0, "machine.reset()")]


# A watchdog that is no longer fed, by a firmware that hangs in a blocking call.
async def hang():
    watchdog = machine.WDT(timeout=3000)
    for _ in range(4):
        await asyncio.sleep(1)
        watchdog.feed()
    if len(lives) == 6:
        import time

        time.sleep(60)
    while True:
        await asyncio.sleep(1)
        watchdog.feed()


world = World()
world.start(Toy(hang).main)
world.run(30)
assert world.resets == [(7.0, "watchdog")], world.resets
assert lives[-1][0] == machine.WDT_RESET and len(lives) == 7
world.finish()

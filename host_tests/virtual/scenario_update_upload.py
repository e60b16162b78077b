"""A release comes in over the network, slowly, while cars charge: it has the time it needs, nobody
else is answered meanwhile, heartbeats go on, and the board starts anew; one that stands still is
given up, and what it has left is removed.
"""

import os

from common.household import Household, unit
from common.updates import GOOD, MANIFEST, NEW

from simulator.virtual import web

HERE = __file__.rsplit("/", 1)[0]
PIECE = 400


def there(name):
    return name in os.listdir()


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def send(count, pause_s):
    """Begins to send a release: `count` pieces of it, one each `pause_s`."""
    head = f"POST /api/update HTTP/1.1\r\nHost: twc-bridge\r\nContent-Length: {len(GOOD)}\r\n\r\n"
    answer = web.send(head.encode() + GOOD[:PIECE])
    for number in range(1, count):
        piece = GOOD[number * PIECE : number * PIECE + PIECE]
        world.at(world.now_s + number * pause_s, lambda data=piece: answer._peer.send(data))
    return answer


def ask(path):
    answer = web.get(path)
    world.wait_for(lambda: answer.done, 12, path, 0.01)
    return answer


for name in ("update.go", "update.new", "update.try", "update.bad"):
    if there(name):
        os.remove(name)
with open(HERE + "/../../boot.py") as file:
    write("boot.py", file.read())
house = Household([unit("2433"), unit("58A0")], config={"web": {"lock": "off"}})
world = house.world
house.start()
house.publish(6000)
world.wait_for(lambda: house.offer("2433") and house.offer("58A0"), 300, "cars that charge")

# One that stands still: 15 s, then nothing of it stays.
since_s = world.now_s
answer = send(len(GOOD) // PIECE - 3, 0.1)
world.run_for(8)
assert there("firmware.new") and there("update.new")
assert ask("/api/status").status == 503 and ask("/").status == 503
took_s = 8 + world.wait_for(lambda: answer.done, 30, "the end of it")
assert 15 < took_s < 20 and answer.status is None, took_s
world.wait_for(lambda: not there("firmware.new") and not there("update.new"), 20, "tidiness")
assert house.noted("the upload broke off") and not world.resets
assert ask("/api/status").status == 200

# A slow one: longer than any other request may take. Commands are carried out meanwhile.
answer = send(len(GOOD) // PIECE + 1, 2)
world.run_for(20)
assert ask("/api/status").status == 503 and not answer.done
house.referee.person(world.now_s * 1000)
world.broker.publish("twc/garage/mode/set", "fast")
world.wait_for(lambda: house.topic("mode") == "fast", 20, "the mode")
world.wait_for(lambda: answer.done, 60, "the answer")
assert answer.status == 200 and answer.json() == {"version": "0.2.0", "restart": True}
assert there("update.go") and not there("update.new")
for path, data in NEW + (MANIFEST,):
    with open("firmware.new" + path[8:], "rb") as file:
        assert file.read() == data, path
assert not world.resets
# Until then nothing else is taken.
second = web.post("/api/update", b"x" * 2000)
world.wait_for(lambda: second.done, 12, "an answer", 0.01)
assert second.status == 409 and "about to start" in second.json()["error"]
world.wait_for(lambda: world.resets, 5, "a new start")
assert house.noted("to run version 0.2.0")
world.run_for(5)
for id in ("2433", "58A0"):
    assert house.heartbeat_gap_s(since_s, id) < 5, house.heartbeat_gap_s(since_s, id)

# boot.py was not run here, as if it could do nothing: that is told, and tidied up.
assert house.noted("could not be put in place")
assert not there("update.go")
world.wait_for(lambda: not there("firmware.new"), 60, "tidiness")
house.notes = [note for note in house.notes if "put in place" not in note[2]]
house.finish()

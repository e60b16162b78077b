"""Every file on the flash is garbage: the bus goes on, nothing charges until somebody says so, and
that is told; what is written then is whole again."""

import os

from common.household import Household, unit

GARBAGE = b"\xff\x00[[{\x18\n\x80" * 300
FILES = (
    "state.json sessions.csv journal.txt journal.old access.txt homeassistant.txt last_words.txt"
)
for name in FILES.split(" "):
    with open(name, "wb") as file:
        file.write(GARBAGE)

house = Household([unit()], forget=False)
world = house.world
house.start()
house.publish(6000)
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
world.run_for(660)
assert house.heartbeat_gap_s(0) < 2 and house.offer() == 0
warnings = [one for one in world.status()["warnings"] if one.startswith("state.json is damaged")]
assert len(warnings) == 1, world.status()["warnings"]
answer = world.fetch("/api/sessions")
assert answer.status == 200

# The journal begins anew behind it.
told = world.fetch("/api/journal").json()
assert told["start"] == 1 and [one for one in told["events"] if one["text"] == warnings[0]], told
with open("journal.txt", "rb") as file:
    lines = file.read().split(b"\n")
assert lines[-1] == b"" and lines[-2].endswith(b" warning " + warnings[0].encode()), lines[-3:]

# A mode is chosen: then it charges, and the next start remembers it.
house.broker.publish("twc/garage/mode/set", "minimum")
world.wait_for(lambda: house.offer() > 0, 60, "an offer")
world.run_for(60)
world.power_cut()
world.run_for(30)
assert world.status()["mode"] == "minimum"
assert not [one for one in world.status()["warnings"] if "damaged" in one]
for name in FILES.split(" "):
    try:
        os.remove(name)
    except OSError:
        pass
house.finish()

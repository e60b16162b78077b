"""Raw frames: a command works from an allow-list, the answer comes back, and the recording shows
what was on the line."""

from common.household import Household, unit

house = Household([unit("2433"), unit("4F07", protocol=1)]).start()
world = house.world
house.publish(0)
world.run(5)
world.wait_for(lambda: len(world.status()["connectors"]) == 2, 30, "two links", 1)
world.run_for(5)

RAW = "twc/garage/raw"


def ask(payload):
    """Sends a command; returns what came back within some seconds, or None."""
    before_s = world.now_s
    if payload is not None:
        house.broker.publish(RAW + "/set", payload)
    world.run_for(8)
    found = house.broker.seen(RAW, before_s)
    assert len(found) <= 1 and not any([message.retain for message in found]), found
    return found[0].text if found else None


# A question, and what the unit says to it: its firmware 4.5.3.2.
assert ask("FBEC 2433") == "FD EC 24 33 04 05 03 02 00 00 00 00 00 00 00"
assert ask("fbb42433").startswith("FD B4 24 33 03")

# Nothing that is not on the list, and nothing to whom it is not for.
frames = len(house.referee.frames)
for payload in ("FC19 2433", "FC1A", "FBE8 2433", "FBE0 2433", "", "FB", "x" * 300, b"\xff\xfe"):
    said = ask(payload)
    assert "is not on the list of frames that may be sent" in said, (payload, said)
assert "FBEC needs the id of a linked wall connector: " in ask("FBEC 1234")
# The contactors are asked for only where the configuration allows it.
assert "only where units.2433.contactors is true" in ask("FCB2 2433")
for frame in house.referee.frames[frames:]:
    if frame.source == "master":
        assert frame.function >> 8 in (0xFB,) and frame.function not in (0xFBE8,), frame
# A command that the broker kept from earlier is none.
house.broker.publish(RAW + "/set", "FBEC 2433", retain=True)
world.run_for(8)
house.broker.kick()
assert ask(None) is None
assert house.topic("availability") == "online"

# The recording: oldest first, all lines well formed, both directions.
answer = world.fetch("/api/frames")
lines = answer.body.decode().strip().split("\n")
assert lines[0].startswith("#") and len(lines) - 1 == 50, len(lines)
last_s = -1.0
marks = set()
for line in lines[1:]:
    words = line.split()
    assert float(words[0]) >= last_s, line
    last_s = float(words[0])
    marks.add(words[1])
    assert all([len(word) == 2 and int(word, 16) >= 0 for word in words[2:]]), line
assert marks == {">", "<"}, marks
assert last_s > world.now_s - 5, (last_s, world.now_s)
kinds = {line.split()[2] + line.split()[3] for line in lines[1:]}
assert {"FBE0", "FDE0"} <= kinds, kinds
asked = {kind[2:] for kind in kinds if kind[:2] == "FB"} - {"E0"}
assert asked & {kind[2:] for kind in kinds if kind[:2] == "FD"}, kinds
house.finish()

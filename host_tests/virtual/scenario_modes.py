"""What a person says: Off, Solar, Solar + minimum, Fast and Manual, boosts and limits, what
follows when they end, what is refused, and that the same said again changes nothing.

The relays' times are five minutes here, so that they differ from a person's one minute.
"""

from common.household import Household, unit

from simulator.referee import Referee
from simulator.virtual.time_server import TimeServer

CONFIG = {
    "relay": {"min_on_s": 300, "min_off_s": 300},
    "clock": {"ntp": "10.0.0.3", "zone": "GMT0BST,M3.5.0/1,M10.5.0"},
}

box = unit()
house = Household([box], config=CONFIG, referee=Referee(32, min_on_s=300, min_off_s=300))
world, car = house.world, box.car
time_server = TimeServer(world.net, 1736895600)  # 2025-01-14, 23:00 in London
house.start()


def say(name, text, person=False):
    """Sends a command. `person`: one with which the relays' times are a minute."""
    if person:
        house.referee.person(world.now_s * 1000)
    house.broker.publish(f"twc/garage/{name}/set", text)


def limit(amps):
    """Sends a limit for all and has the referee hold us to it at once; None: the wires' again."""
    say("limit", "none" if amps is None else str(amps))
    house.referee.change_limit(house.wires if amps is None else amps, world.now_s * 1000 + 100)


def told(reason, settle_s=3):
    """Asserts the sentence; page, topics and bus agree. Returns the page's document."""
    status = house.agree(settle_s)
    assert status["reason"] == reason, status["reason"]
    return status


def wishes(status):
    """(priority, owner, mode, limit, sentence) of each but the wires', the strongest first."""
    keys = ("priority", "owner", "mode", "limit", "reason")
    found = [tuple([wish[key] for key in keys]) for wish in status["wishes"]]
    assert found[0] == (90, "safety", None, 32, "wires: 32 A for all"), found
    return found[1:]


def infos(words):
    """How often it was noted."""
    return len([text for _, level, text in house.notes if level == "info" and words in text])


# Nothing was said: Solar, and no sun.
house.publish(0, every_s=10)
world.run(12)
status = told("Waiting: 0 W of 1 440 W surplus.")
assert status["mode"] == "solar" and house.topic("mode") == "solar"
assert wishes(status) == [(10, "mode", "solar", None, "mode Solar")], status["wishes"]

# Fast: as soon as raises are allowed after a start, sun or not.
say("mode", "Fast", person=True)
status = told("Waiting: mode Fast, starts in 25 s.")
assert status["mode"] == "fast" and status["state"] == "waiting"
assert wishes(status) == [(25, "mode", "fast", None, "mode Fast")], status["wishes"]
house.wait_offer(32, 40)
world.wait_for(lambda: box.draw_amps > 31, 20, "31 A")
status = told("Charging at 32 A, the most allowed: mode Fast.")
assert status["connectors"][0]["mode"] == "fast"

# Off: not before it was on for a minute, but no later either.
on_s = box.relay_events[0][0] / 1000
assert world.now_s - on_s < 30, on_s
world.run(on_s + 25)
say("mode", "off", person=True)
status = told("At the minimum of 6 A: mode Off; stops in 35 s (60 s on at least).")
assert status["state"] == "minimum" and status["mode"] == "off"
world.wait_for(lambda: not box.relay_closed, 60, "the relay to open")
off_s = box.relay_events[1][0] / 1000
assert 60 <= off_s - on_s <= 70, off_s - on_s
world.run_for(8)
status = told("Off: mode Off.")
assert status["state"] == "off" and wishes(status) == [(25, "mode", "off", None, "mode Off")]

# With all the sun it stays off. Fast: the same for its minute off.
house.publish(9000)
world.run(off_s + 28)
told("Off: mode Off.")
say("mode", "fast", person=True)
told("Waiting: mode Fast, starts in 30 s (60 s off at least).")
world.wait_for(lambda: box.relay_closed, 60, "the relay to close")
on_s = box.relay_events[2][0] / 1000
assert 60 <= on_s - off_s <= 70, on_s - off_s
world.wait_for(lambda: box.draw_amps > 31, 20, "31 A")

# Said again it changes nothing, and neither does what can't be understood: it is told why.
said = infos("Mode Fast.")
assert said == 2, said
before = told("Charging at 32 A, the most allowed: mode Fast.")
since_s = world.now_s
for name, text, why in (
    ("mode", "fast", None),
    ("mode", " FAST ", None),
    ("mode", '{"mode": "fast"}', None),
    ("limit", "none", None),
    ("boost", "off", None),
    ("mode", "turbo", 'mode is "turbo": write off, solar, solar + minimum, fast or manual 16.'),
    ("mode", '{"mode": "fast", "amps": 9}', "mode fast has no amperes: write manual 16, or"),
    ("mode", '{"mode"', 'mode is no valid JSON: {"mode"'),
    ("manual", "many", 'manual is "many": write whole amperes from 0 to 80.'),
    ("boost", "soon", 'boost is "soon": write 2 h, 8 kWh, 07:00, unplugged or off.'),
    ("boost", "900 kWh", 'boost has an energy of "900 kWh": it can be 0.1 to 200 kWh.'),
    ("limit", "-3", 'limit is "-3": write whole amperes from 0 to 240 or none.'),
    ("charge_limit", "much", 'charge_limit is "much": write 20 kWh, 80 % or none.'),
    ("charge_limit", '{"unit": "9999", "kwh": 5}', 'charge_limit names "9999", but the wall con'),
    ("manual", b"\xff\xfe", "bytes that are no text"),
):
    noted = len(house.notes)
    say(name, text)
    world.run_for(0.3)
    new = [(level, sentence) for _, level, sentence in house.notes[noted:]]
    if why is None:
        assert new == [], (name, text, new)
    else:
        start = f"{name}/set: {why}"
        assert len(new) == 1 and new[0][0] == "warning", (name, text, new)
        assert new[0][1].startswith(start), (new[0][1], start)
after = told("Charging at 32 A, the most allowed: mode Fast.")
assert after["mode"] == "fast" and after["wishes"] == before["wishes"]
assert house.offers_since(since_s) in ([], [32.0]) and infos("Mode Fast.") == said

# Solar + minimum: 6 A without sun, and what there is above.
house.publish(0)
say("mode", "Solar + minimum")
house.wait_offer(6, 20)
world.run_for(10)
status = told("Charging at 6 A: mode Solar + minimum, 0 W of surplus.")
assert status["mode"] == "minimum" and house.topic("mode") == "minimum"
assert wishes(status) == [(10, "mode", "minimum", None, "mode Solar + minimum")]
house.publish(3000)
house.wait_offer(12, 30)
world.run_for(8)
told("Charging at 12 A: mode Solar + minimum, 3 000 W of surplus.")

# Manual: as long as it is said again. Then comes what it is configured to end in, Solar.
say("manual", '{"amps": 16, "seconds": 60}')
house.wait_offer(16, 10)
world.run_for(10)
status = told("Charging at 16 A: mode Manual, 16 A, 50 s more.")
assert wishes(status) == [(25, "mode", "manual", 16, "mode Manual, 16 A, 50 s more")]
assert 40 < status["wishes"][1]["left_s"] < 50, status["wishes"]
say("manual", '{"amps": "16.0", "seconds": 60}')
world.run_for(49)
told("Charging at 16 A: mode Manual, 16 A, 10 s more.")
assert infos("Mode Manual.") == 1
world.run_for(9)
assert infos("Mode Manual ended, Solar.") == 1
house.wait_offer(12, 10)
world.run_for(5)
status = told("Charging at 12 A: 3 000 W of surplus.")
assert wishes(status) == [(10, "mode", "solar", None, "mode Solar")] and status["mode"] == "solar"

# And with what follows said beside it; amperes alone hold for the configured five minutes.
say("mode", '{"mode": "manual", "amps": 8, "seconds": 20, "then": "minimum"}')
house.wait_offer(8, 10)
house.publish(0)
world.run_for(22)
assert infos("Mode Manual ended, Solar + minimum.") == 1
told("Charging at 6 A: mode Solar + minimum, 0 W of surplus.", 8)
# Fast for a time: then comes what was before.
say("mode", '{"mode": "fast", "seconds": 30}', person=True)
told("Charging at 32 A, the most allowed: mode Fast, 20 s more.", 12)
world.run_for(20)
assert infos("Mode Fast ended, Solar + minimum.") == 1
told("Charging at 6 A: mode Solar + minimum, 0 W of surplus.", 8)
house.publish(3000)
say("manual", "9")
house.wait_offer(9, 30)
status = told("Charging at 9 A: mode Manual, 9 A, 5 min more.", 8)
assert 285 < status["wishes"][1]["left_s"] < 300, status["wishes"]
say("mode", "solar")
house.wait_offer(12, 20)

# Boosts, on top of the mode, until an energy, a time of the day, or somebody ends them.
say("boost", "0.2 kWh", person=True)
house.wait_offer(32, 20)
status = told("Charging at 32 A, the most allowed: boost, 0.0 of 0.2 kWh.", 14)
assert status["mode"] == "solar"
assert wishes(status) == [
    (30, "boost", "fast", None, "boost, 0.0 of 0.2 kWh"),
    (10, "mode", "solar", None, "mode Solar"),
], status["wishes"]
# The same once more: its energy stays.
world.wait_for(lambda: "0.1 of 0.2" in house.topic("reason"), 60, "half of it", 1)
say("boost", "0.2 kWh")
told("Charging at 32 A, the most allowed: boost, 0.1 of 0.2 kWh.")
kwh = car.kwh
house.wait_offer(12, 60)
assert 0.05 < car.kwh - kwh < 0.11, car.kwh - kwh
assert infos("Boost.") == 1 and infos("Boost ended.") == 1
told("Charging at 12 A: 3 000 W of surplus.", 8)
hours, seconds = divmod(time_server.utc_s() % 86400, 3600)
minute = int(seconds // 60) + 2
say("boost", f"{int(hours)}:{minute:02d}", person=True)
house.wait_offer(32, 20)
world.run_for(minute * 60 - time_server.utc_s() % 3600 - 56)
told("Charging at 32 A, the most allowed: boost, 55 s more.")
house.wait_offer(12, 100)
assert abs(time_server.utc_s() % 3600 - minute * 60) < 5, time_server.utc_s() % 3600
assert infos("Boost ended.") == 2

# Until the car is unplugged; a limit from outside is stronger. When it falls below the minimum
# the car stops at once, and starts again when it rises, after the relay's rest.
say("boost", "unplugged", person=True)
house.wait_offer(32, 20)
told("Charging at 32 A, the most allowed: boost until unplugged.", 12)
limit(10)
house.wait_offer(10, 5)
ten = "remote limit of 10 A for all"
status = told(f"Charging at 10 A ({ten}): boost until unplugged.", 5)
assert wishes(status) == [
    (40, "remote limit", None, 10, ten),
    (30, "boost", "fast", None, "boost until unplugged"),
    (10, "mode", "solar", None, "mode Solar"),
], status["wishes"]
limit(4)
house.wait_offer(0, 5)
world.run_for(10)
off_s = box.relay_events[-1][0] / 1000
status = told("Off: needs 6 A, but 4 A are allowed (remote limit of 4 A for all).")
assert status["state"] == "off" and box.relay_closes == 2
limit(None)
told("Waiting: boost until unplugged, starts in 5 min (minimum off time).")
world.run(off_s + 271)
told("Waiting: boost until unplugged, starts in 30 s (minimum off time).")
house.wait_offer(32, 60)
assert 298 < world.now_s - off_s < 306, world.now_s - off_s
world.run_for(20)
told("Charging at 32 A, the most allowed: boost until unplugged.")
assert box.relay_closes == 3
# The car goes, and the boost with it.
car.unplug()
world.wait_for(lambda: infos("Boost ended.") == 3, 60, "the end of the boost", 1)
status = house.agree()
assert status["connectors"][0]["connected"] is False
assert wishes(status) == [(10, "mode", "solar", None, "mode Solar")], status["wishes"]

# So does Fast: what was before comes then, and the next car waits for the sun.
car.plug()
world.wait_for(lambda: world.status()["connectors"][0]["connected"], 60, "the plug", 5)
say("mode", "fast", person=True)
assert house.agree()["mode"] == "fast" and not infos("Mode Fast ended, Solar.")
car.unplug()
world.wait_for(lambda: infos("Mode Fast ended, Solar."), 60, "the end of Fast", 1)
assert house.agree()["mode"] == "solar"
house.finish()

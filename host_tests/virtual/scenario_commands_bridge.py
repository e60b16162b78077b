"""What is asked of the bridge itself: new links, to forget a connector that is gone, a new start.
What was there before a forgotten one starts as if it were new, and never on what others count on.

The relays' rest is short here, so that a connector can be forgotten whose claim is not over.
"""

import json

from common.household import Household, unit

from simulator.referee import Referee

CONFIG = {"relay": {"min_on_s": 120, "min_off_s": 20}}
house = Household(
    [unit("1111"), unit("2222")], config=CONFIG, referee=Referee(32, min_on_s=120, min_off_s=20)
)
world = house.world
gone, stays = house.units
house.start()


def say(name, text, person=False):
    if person:
        house.referee.person(world.now_s * 1000)
    house.broker.publish(f"twc/garage/{name}/set", text)


def refused(name, text, why):
    """Asserts that a command is answered with a sentence, in the journal and for the sender."""
    noted = len(house.notes)
    say(name, text)
    world.run_for(1)
    new = [(level, sentence) for _, level, sentence in house.notes[noted:]]
    assert new == [("warning", f"{name}/set: {why}")], new
    assert house.topic("error") == new[0][1], house.topic("error")


def link_readies(since_s):
    return [
        f for f in house.referee.frames if f.ms > since_s * 1000 and f.function in (0xFCE1, 0xFBE2)
    ]


def saved():
    with open("state.json") as file:
        return json.load(file)


# Both charge. A new start in the first minute is refused: who says it again and again would keep
# the cars from charging.
world.run(5)
say("mode", "fast", person=True)
say("1111/limit", "10")
say("1111/charge_limit", "50 kWh")
world.run_for(0.5)
refused("restart", "PRESS", "it has just started: a new start may be asked for in 55 s.")
world.wait_for(lambda: stays.draw_amps > 20 and gone.draw_amps > 9, 90, "both to charge", 1)
world.run(62)

# Linking again: the ten frames, and nobody notices.
asked_s = world.now_s
say("relink", "PRESS")
world.run_for(3)
assert len(link_readies(asked_s)) == 10 and house.noted("Link ready again, as asked for.")
assert house.heartbeat_gap_s(asked_s, "2222") < 1.3
assert house.offer("2222") == 22 and house.offer("1111") == 10
assert stays.relay_closes == gone.relay_closes == 1

# What is there can't be forgotten, and neither can what never was.
linked = "but 1111 is linked: unplug it half a minute before."
refused("forget", "1111", f"forget is for what is gone, {linked}")
known = "but the wall connectors are: 1111, 2222."
refused("forget", "9999", f'forget names "9999", {known}')
refused("latest", "1" * 33, (
    "latest is no version: write up to 32 letters and digits, such as 1.2.0."
))  # fmt: skip
say("latest", " 1.2.0\n")
world.run_for(1)
assert house.app.latest == "1.2.0"

# Gone, but too recently: it would come back as one whose relay has rested.
gone.mute = True
world.wait_for(lambda: house.topic("1111/link") == "lost", 40, "its loss", 1)
world.run_for(2)
lost_s = world.now_s
last_s = house.referee.heartbeats_to("1111")[-1].ms / 1000
refused(
    "forget",
    '{"unit": "1111"}',
    "forget comes too early: 1111 has its minimum off time before it, ask in 20 s.",
)
world.run(lost_s + 25)
assert "1111" in saved()["units"] and saved()["plan"]["own"]["1111"] == [True, 10, None]
asked_s = world.now_s
say("forget", "1111")
world.run_for(3)
assert house.noted("1111 is forgotten.") and house.app.forgotten in ([], ["1111"])
status = world.status()
assert [one["id"] for one in status["connectors"]] == ["2222"], status["connectors"]
assert not any([wish["unit"] == "1111" for wish in status["wishes"]]), status["wishes"]
found = saved()
assert list(found["units"]) == ["2222"] and found["plan"] == {"mode": "fast", "then": "solar"}
# What it might be drawing counts until a minute after the last word to it, all the same.
house.wait_offer(32, 90, "2222")
assert 59 <= world.now_s - last_s <= 75, world.now_s - last_s
refused("1111/limit", "8", '1111/limit names "1111", but the wall connectors are: 2222.')

# A new start that was asked for: what is to be remembered is, and the car goes on.
say("2222/limit", "20")
house.wait_offer(20, 10, "2222")
lives = len(world.resets)
house.referee.max_gap_s += 3
say("restart", "")
world.wait_for(lambda: len(world.resets) == lives + 1, 10, "the new start")
world.run_for(10)
house.referee.max_gap_s -= 3
house.wait_offer(20, 60, "2222")
world.run_for(15)
status = house.agree()
told = "Charging at 20 A (remote limit of 20 A): mode Fast."
assert status["reason"] == told, status["reason"]
assert stays.relay_closes == 1

# The forgotten one comes back as one that is new: Fast does not start it before somebody says so.
gone.mute = False
world.wait_for(lambda: house.topic("1111/link") == "ok", 60, "the link", 1)
world.run_for(20)
assert house.topic("1111/limit") == "32" and house.offer("1111") == 0
say("mode", "solar")
say("mode", "fast", person=True)
house.wait_offer(16, 60, "1111")
world.run_for(10)
assert house.agree()["state"] == "charging" and stays.relay_closes == 1

# Gone once more, with nothing that was said of it: that it is forgotten is written all the same.
gone.mute = True
world.wait_for(lambda: house.topic("1111/link") == "lost", 40, "its loss", 1)
world.run_for(25)
before = saved()
say("forget", "1111")
world.run_for(3)
assert list(before["units"]) != list(saved()["units"]) == ["2222"]
assert before["plan"] == saved()["plan"]
house.finish()

"""The API: what is asked for with POST is carried out as over MQTT, and what is wrong changes
nothing; what carries it out is alone in memory. What is no request at all: scenario_requests.py.

The sentences about commands are those of the topics (scenario_commands.py): here it is seen that
they come back, with which status.
"""

import asyncio
import json
import sys

from common.household import Household, unit

from simulator.referee import Referee
from simulator.virtual import web

CONFIG = {
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "web": {"lock": "off"},
    "timetable": [{"days": "mo-su", "from": "21:00", "to": "07:00", "mode": "fast"}],
    "clock": {"zone": "GMT0"},
}
house = Household(
    [unit("2433"), unit("58A0")], config=CONFIG, referee=Referee(32, min_on_s=60, min_off_s=60)
)
world, broker = house.world, house.broker


def post(path, body=b"", *headers):
    """(status, what its JSON says) of a POST below /api/."""
    house.referee.person(world.now_s * 1000)
    answer = web.post("/api/" + path, body, headers)
    world.wait_for(lambda: answer.done, 12, path, 0.01)
    assert answer.status, (path, body, answer.refused)
    assert answer.headers["content-type"] == "application/json", answer.headers
    return answer.status, answer.json() if answer.body else None


def now():
    """All that can be set, and what there was of readings."""
    plan, newest = house.app.decisions.plan, house.app.decisions.inputs.newest(world.now_s * 1000)
    return (
        plan.memory(0),
        plan.amps,
        plan.timetable_on,
        plan.allowed,
        plan.own("2433"),
        plan.own("58A0"),
        newest and newest.watts,
        house.app.latest,
        world.resets,
    )


def refused(path, body, status, words, *headers):
    """Asserts that a POST is answered with this status and sentence, and changes nothing."""
    before = json.dumps(now())
    errors = len(broker.seen("twc/garage/error"))
    got = post(path, body, *headers)
    assert got[0] == status and words in got[1]["error"], (path, body, got)
    assert got[1]["error"].endswith("."), got
    world.run_for(0.3)
    assert json.dumps(now()) == before, (path, body, before, now())
    # Who asks here gets the answer here.
    assert len(broker.seen("twc/garage/error")) == errors, house.topic("error")


house.start()
world.run(10)

# What can be set comes back as it is then, by the names of /api/status.
BRIDGE = {
    "mode": "fast", "limit_amps": 32, "manual_amps": None, "boost": "off", "boost_minutes": 0,
    "timetable": True, "allowed": True,
}  # fmt: skip
got = post("mode", "fast")
assert got == (200, BRIDGE), got
world.wait_for(lambda: (house.offer("2433") or 0) + (house.offer("58A0") or 0) == 32, 90, "32 A")
house.referee.change_limit(20, world.now_s * 1000 + 100)
BRIDGE.update(limit_amps=20)
assert post("limit", '{"amps": 20}') == (200, BRIDGE)
BRIDGE.update(mode="manual", manual_amps=12)
assert post("manual", b" 12.0 A\n") == (200, BRIDGE)
assert post("mode", '"solar"')[1]["mode"] == "solar"
got = post("boost", "90 min")[1]
assert got["boost"] == "90 min more" and got["boost_minutes"] == 90, got
assert post("boost", "off")[1]["boost"] == "off"
assert post("timetable", "off")[1]["timetable"] is False
assert post("allow", "off")[1]["allowed"] is False and post("allow", "on")[1]["allowed"] is True
# One wall connector, its id in any case; what tells no value tells that it was taken.
assert post("2433/limit", "10") == (200, {"limit_amps": 10, "priority": 5, "allowed": True})
assert post("58a0/priority", "9") == (200, {"limit_amps": 32, "priority": 9, "allowed": True})
assert post("2433/charge_limit", "20 kWh") == (200, {"charge_limit": True})
assert post("charge_limit", "none") == (200, {"charge_limit": True})
assert post("ask", "") == (200, {"ask": True})
assert post("latest", "1.2.0") == (200, {"latest": True}) and house.app.latest == "1.2.0"
world.run_for(1)
# Topics and page say the same.
assert house.topic("limit") == "20" and house.topic("2433/limit") == "10"
status = world.status()
assert status["limit_amps"] == 20 and status["connectors"][1]["limit_amps"] == 10, status

# Readings, by the rules of the topics.
assert post("surplus", "4800") == (200, {"surplus": {"watts": 4800, "source": "surplus"}})
world.run_for(1)
assert world.status()["surplus"]["watts"] == 4800
draw = house.app.decisions.draw_watts()
got = post("grid", b"-1500.5")
assert got[0] == 200 and house.app.decisions.inputs.value("grid", world.now_s * 1000) == -1500.5
for path, body, words in (
    ("surplus", "", 'surplus: the last text was not a number: ""'),
    ("surplus", "unavailable", 'the last text was not a number: "unavailable"'),
    ("grid", "NaN", 'grid: the last text was not a number: "NaN"'),
    ("grid", b"\xff\xfe", "bytes that are no text"),
    ("surplus", "3e9", "the last number is beyond 200 kW: 3e9"),
):
    got = post(path, body)
    assert got[0] == 400 and words in got[1]["error"], got
assert house.noted("surplus/set: the last number is beyond 200 kW: 3e9")
post("surplus", "4800")

# What is wrong, with the key and the range; what there is not; what is too large.
for path, body, status, words in (
    ("mode", "faster", 400, 'mode is "faster": '),
    ("mode", "", 400, 'mode is "": '),
    ("mode", b"\xff\xfe", 400, "mode: bytes that are no text"),
    ("limit", "300", 400, "from 0 to 240"),
    ("limit", "{broken", 400, "limit is no valid JSON: {broken"),
    ("limit", '{"amps": 10, "sec": 1}', 400, '"sec"'),
    ("2433/priority", "10", 400, "1 to 9"),
    ("2433/mode", "off", 404, "no such call"),
    ("9999/limit", "10", 400, "but the wall connectors are: 2433, 58A0"),
    ("allow", "maybe", 400, 'allow is "maybe": '),
    ("boost", "x" * 201, 400, "boost is longer than 200 characters"),
    ("boost", "x" * 2049, 413, "A body can have 2048 bytes here."),
    ("forget", "2433", 400, "forget is for what is gone, but 2433 is linked"),
    ("restart", "PRESS", 400, "it has just started"),
    ("raw", "FBE0", 404, "no such call"),
    ("2433/raw", "FBE0", 404, "no such call"),
    ("", "", 404, "no such call"),
    ("mode/off", "", 404, "no such call"),
    ("mode/", "off", 404, "no such call"),
    ("/mode", "off", 404, "no such call"),
    ("/limit", "9", 404, "no such call"),
    ("x/2433/limit", "10", 404, "no such call"),
    ("mode=", "off", 404, "no such call"),
    ("login=lock_asked", "{}", 404, "no such call"),
    ("chargeNow", '{"chargeNowRate": 8, "chargeNowDuration": 60}', 404, "no such call"),
    ("status", "", 405, "Only GET is answered here."),
    ("history", "", 405, "Only GET is answered here."),
):
    refused(path, body, status, words)
assert house.noted('/api/mode: mode is "faster": ')

# GET changes nothing, and asks for nothing that is asked for with POST.
before = json.dumps(now())
for path in ("mode", "mode?off", "2433/limit", "surplus", "login", "restart", "setup/scan"):
    answer = world.fetch("/api/" + path)
    assert answer.status == 405 and answer.headers["allow"] == "POST", (path, answer.status)
    assert "POST" in answer.json()["error"]
for path in ("nothing", "config_page", "config=config_page", "raw", "2433/name", "getStatus"):
    answer = world.fetch("/api/" + path)
    assert answer.status == 404 and answer.json()["error"].endswith("."), (path, answer.status)
assert json.dumps(now()) == before


# Four at once, and a command of the broker in between: what carries out one of them is alone in
# memory, however long it takes, and each has its answer.
class Slow:
    """In the place of a module that takes its time."""

    at_work, most = 0, 0

    @classmethod
    async def post(cls, app, request):
        cls.at_work += 1
        cls.most = max(cls.most, cls.at_work)
        await asyncio.sleep(0.7)
        cls.at_work -= 1
        return "202 Accepted", json.dumps({"length": len(request.body)}), b"\r\nX-More: 1"


def look():
    if "firmware.document" in sys.modules:
        found.append(("a page", Slow.at_work))
    if not told and house.app.decisions.plan.own("58A0")[1] == 9:
        told.append(("a command", Slow.at_work))


for name in ("config_asked", "setup_asked"):
    sys.modules["firmware." + name] = Slow
    setattr(sys.modules["firmware"], name, Slow)
found, told = [], []
answers = [
    web.post("/api/config", "{" + " " * 4000 + "}"),
    web.post("/api/2433/limit", "11"),
    web.post("/api/setup/scan"),
    web.get("/api/status"),
]
end = world.every(0.005, look)
world.run_for(0.3)
broker.publish("twc/garage/58A0/limit/set", "9")
world.wait_for(lambda: all([answer.done for answer in answers]), 12, "all", 0.01)
world.run_for(1)
end()
assert [answer.status for answer in answers] == [202, 200, 202, 200]
assert answers[0].json() == {"length": 4002} and answers[0].headers["x-more"] == "1"
assert answers[2].json() == {"length": 0}
assert Slow.most == 1 and told == [("a command", 0)], (Slow.most, told)
assert found and ("a page", 1) not in found, found
plan = house.app.decisions.plan
assert plan.own("2433")[1] == 11 and plan.own("58A0")[1] == 9
assert house.app.visitors == 0 and house.app.moving == 0
assert "firmware.config_asked" not in sys.modules and "firmware.asked_web" not in sys.modules

# A new start: the answer comes before it.
world.run(62)
house.referee.person(world.now_s * 1000)
assert post("restart", "") == (200, {"restart": True})
world.run_for(20)
assert len(world.resets) == 1 and world.status()["uptime_s"] < 20
assert house.heartbeat_gap_s(62, "58A0") < 5

house.finish()

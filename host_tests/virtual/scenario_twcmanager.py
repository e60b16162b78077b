"""A house that comes from TWCManager: its topics and HTTP calls, with what its clients send.

Where the payloads are from: docs/modules/Control_MQTT.md, docs/modules/control_HTTP_API and the
web interface (themes Default and Modern, jsrefresh.html.j2) of github.com/ngardiner/TWCManager,
its issue 21, and the charge point "twcmanager" of github.com/snaptec/openWB (set-current.sh).
"""

import json
import sys

from common.household import Household, unit

from simulator.referee import Referee
from simulator.virtual import web
from simulator.virtual.time_server import TimeServer

CONFIG = {
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "plan": {"manual_s": 60},
    "clock": {"ntp": "10.0.0.3", "zone": "GMT0BST,M3.5.0/1,M10.5.0"},
    "timetable": [{"days": "su,mo,tu,we,th", "from": "21:00", "to": "07:00", "amps": 20}],
    "units": {"2433": {"priority": 9, "energy": "kWh"}},
    "twcmanager": {"mqtt": True, "http": True},
    # Its clients know no password.
    "web": {"lock": "off"},
}

box, other = unit("2433"), unit("5850")
house = Household([box, other], config=CONFIG, referee=Referee(32, min_on_s=60, min_off_s=60))
world, broker = house.world, house.broker
# Noon in London: outside of the timetable.
TimeServer(world.net, 1736856000)
# Somebody once retained this; a broker says it again to whoever connects.
broker.publish("TWC/control/chargeNow", "32,3600", retain=True)
house.start()


def told(topic):
    """What was last published below TWC/."""
    return broker.last("TWC/" + topic)


def say(name, text=""):
    """Sends a command of TWCManager; the relays' times are a minute here in any case."""
    house.referee.person(world.now_s * 1000)
    broker.publish("TWC/control/" + name, text)


def post(call, body, *more):
    """(status code, what the JSON answer says or None) of one of its HTTP calls."""
    body = body.encode()
    lines = (f"POST /api/{call} HTTP/1.1", "Host: 192.168.1.1", "Accept: */*") + more
    head = "\r\n".join(lines + (f"Content-Length: {len(body)}", "", ""))
    house.referee.person(world.now_s * 1000)
    answer = web.send(head.encode() + body)
    world.wait_for(lambda: answer.done, 10, call, 0.01)
    return answer.status, answer.json() if answer.body else None


def get(call):
    answer = world.fetch("/api/" + call)
    assert answer.status == 200 and answer.headers["content-type"] == "application/json", call
    return answer.json()


def offers(total, timeout_s=90):
    """Waits until both together are offered so much."""
    world.wait_for(
        lambda: (house.offer("2433") or 0) + (house.offer("5850") or 0) == total,
        timeout_s,
        f"{total} A",
        0.5,
    )
    world.run_for(5)


# The sun. What was retained has charged nothing, and said so.
house.publish(4800)
offers(20)
assert house.noted("TWC/control/chargeNow") and house.noted("a retained command is not carried")
assert not house.noted("Boost.")
world.run_for(20)
assert told("all/currentPolicy") == "Track Green Energy", told("all/currentPolicy")
assert told("all/maxAmpsForSlaves") == "20" and told("config/minAmpsPerTWC") == "6"
amps = float(told("2433/ampsInUse"))
assert 18 < amps <= 20 and "." in told("5850/ampsInUse"), amps
assert abs(float(told("all/totalAmpsInUse")) - amps) < 2 and told("2433/power")
assert told("2433/carsCharging") == "1" and told("2433/state") == "1", told("2433/state")
assert told("2433/ampsOffered") == str(int(house.offer("2433"))) == told("2433/ampsDesired")
assert float(told("2433/ampsMax")) == house.offer("2433")
watts = int(told("2433/chargerLoadInW"))
assert abs(watts - 240 * float(told("2433/ampsInUse"))) < 500, watts
assert int(told("2433/voltagePhaseA")) > 200 and "TWC/2433/voltagePhaseA" in broker.retained
assert len(told("2433/currentVehicleVIN")) in (0, 17)
# On change, but at most each two seconds; all of it each 30 s.
seen = [message.at_s for message in broker.seen("TWC/2433/ampsInUse", world.now_s - 20)]
assert all([seen[i + 1] - seen[i] > 1.9 for i in range(len(seen) - 1)]), seen
since_s = world.now_s
world.run_for(32)
assert broker.seen("TWC/config/minAmpsPerTWC", since_s)
status = get("getStatus")
assert status["currentPolicy"] == "Track Green Energy" and status["isGreenPolicy"] == "Yes"
assert status["carsCharging"] == 2 and status["maxAmpsToDivideAmongSlaves"] == "20.00"
assert status["generationWatts"] == "4800.00" and status["consumptionWatts"] == "0.00"
assert 4000 < float(status["chargerLoadWatts"]) < 5000 and "chargeNowAmps" not in status
assert status["generationAmps"] == ["20.00"] and len(status["chargerLoadAmps"]) == 1
assert status["ScheduledCharging"]["enabled"] is True
assert (
    status["ScheduledCharging"]["startingMinute"]
    == 1260
    == status["scheduledChargingStartHour"] * 60
)
assert status["ScheduledCharging"]["amps"] == 20 and status["ScheduledCharging"]["friday"] is False

# Charge now, both together: the example of issue 21. The end sends nothing, or anything.
say("chargeNow", "16,1200")
offers(16)
assert told("all/currentPolicy") == "Charge Now" and told("all/maxAmpsForSlaves") == "16"
status = get("getStatus")
assert status["chargeNowAmps"] == 16 and status["currentPolicy"] == "Charge Now"
# Ends in 1200 s, less what has passed.
assert 1736856000 < status["chargeNowTimeEnd"] < 1736860000, status
assert house.topic("mode") == "solar", house.topic("mode")
slaves = get("getSlaveTWCs")
assert sorted(slaves) == ["2433", "5850", "total"], slaves
slave = slaves["2433"]
assert slave["TWCID"] == "2433" and slave["carsCharging"] == 1 and slave["state"] in (1, 6, 8)
assert slave["lastAmpsOffered"] + slaves["5850"]["lastAmpsOffered"] == 16
assert slaves["total"]["lastAmpsOffered"] == 16 and slaves["total"]["TWCID"] == "total"
assert slave["version"] == 2 and 0 <= slave["lastHeartbeat"] < 3 and slave["maxAmps"] == 32.0
assert slave["chargeTime"].startswith("0:0") and 5 < slave["reportedAmpsActual"] < 17
assert slave["voltsPhaseA"] > 200 and slave["lastVIN"] == "" and slave["lifetimekWh"] >= 0
# A standing limit from elsewhere is neither passed nor lost.
broker.publish("twc/garage/limit/set", "14")
house.referee.change_limit(14, world.now_s * 1000 + 100)
offers(14)
say("chargeNowEnd", "None")
world.run_for(10)
assert house.topic("limit") == "14" and told("all/currentPolicy") == "Track Green Energy"
broker.publish("twc/garage/limit/set", "none")
house.referee.change_limit(32, world.now_s * 1000 + 100)
offers(20)

# By HTTP: as documented, as the web interfaces send it, and openWB, again and again.
done = post("chargeNow", '{ "chargeNowRate": 8, "chargeNowDuration": 3600 }')
assert done == (200, {"status": "success", "rate": 8, "duration": 3600}), done
offers(8)
done = post("chargeNow", '{"chargeNowRate":"12","chargeNowDuration":"7200"}')
assert done == (200, {"status": "success", "rate": 12, "duration": 7200}), done
offers(12)
said = len([note for note in house.notes if note[2] == "Boost."])
for rate in (13, 16, 16, 14):
    done = post("chargeNow", '{ "chargeNowRate": ' + str(rate) + ', "chargeNowDuration": 86400 }')
    assert done[0] == 200, done
    offers(rate)
assert len([note for note in house.notes if note[2] == "Boost."]) == said
assert get("getStatus")["maxAmpsToDivideAmongSlaves"] == "14.00"

# Refused, with nothing changed: what is wrong, too large, unknown, or comes from elsewhere.
own, foreign = "Origin: http://192.168.1.1", "Origin: http://example.org"
for call, body, more, code in (
    ("chargeNow", "", (), 400),
    ("chargeNow", "[8, 3600]", (), 400),
    ("chargeNow", '{"chargeNowRate": -10, "chargeNowDuration": 3600}', (), 400),
    ("chargeNow", '{"chargeNowRate": 24, "chargeNowDuration": -3600}', (), 400),
    ("chargeNow", '{"chargeNowRate": null, "chargeNowDuration": 3600}', (), 400),
    ("chargeNow", '{"chargeNowDuration": 3600}', (), 400),
    ("chargeNow", '{"text": "' + "x" * 2100 + '"}', (), 413),
    ("chargeNow", '{"chargeNowRate": 8, "chargeNowDuration": 3600}', (foreign,), 403),
    ("chargeNow", '{"chargeNowRate": 8, "chargeNowDuration": 3600}', ("Origin: null",), 403),
    ("cancelChargeNow", "", (foreign,), 403),
    ("chargeNow", "{}", ("Transfer-Encoding: chunked",), 411),
    ("sendDebugCommand", "{}", (), 404),
):
    status, answer = post(call, body, *more)
    assert status == code and answer["error"].endswith("."), (call, body, status, answer)
assert world.fetch("/api/chargeNow").status == 405 and world.fetch("/api/getUUID").status == 404
assert get("getStatus")["chargeNowAmps"] == 14
assert post("cancelChargeNow", "", own) == (200, {"status": "success"})
offers(20)
assert "chargeNowAmps" not in get("getStatus")

# What is charged without a schedule. Amperes are kept until they are asked for.
say("nonScheduledAmpsMax", "10")
world.run_for(10)
assert house.topic("mode") == "solar"
say("nonScheduledAction", "1")
offers(20)
assert house.topic("mode") == "manual" and house.topic("manual") == "10"
assert told("all/currentPolicy") == "Non Scheduled Charging"
assert told("all/maxAmpsForSlaves") == "20"
assert get("getStatus")["isGreenPolicy"] == "No"
world.run_for(65)
assert house.topic("mode") == "manual", "a setting holds, longer than plan.manual_s"
say("nonScheduledAmpsMax", "0")
offers(0)
say("nonScheduledAmpsMax", "7")
offers(14)
say("nonScheduledAction", "2")
offers(0)
assert house.topic("mode") == "off" and told("all/maxAmpsForSlaves") == "0"
say("nonScheduledAmpsMax", "16")
world.run_for(70)
assert house.topic("mode") == "off" and not house.offer("2433")
say("nonScheduledAction", "3")
offers(20)
assert house.topic("mode") == "solar"

# Whole kWh, as its meter has them; nothing where it is not known what the meter counts.
total_kwh = int(told("2433/lifetimekWh"))
assert total_kwh == int(box.kwh) > 841, total_kwh
assert told("5850/lifetimekWh") is None
assert get("getSlaveTWCs")["2433"]["lifetimekWh"] == total_kwh

# Stop: what ended that program ends charging here, also a charge that was asked for.
say("chargeNow", "24,3600")
offers(24)
say("stop")
offers(0)
assert house.topic("mode") == "off" and get("getStatus")["maxAmpsToDivideAmongSlaves"] == "0.00"

# Refusals over MQTT come on the error topic, and nothing happens.
for name, text, why in (
    ("chargeNow", "", "write amperes and seconds, 8,3600"),
    ("chargeNow", "12", "write amperes and seconds, 8,3600"),
    ("chargeNow", "0,3600", "0 A for 3600 s: it can be 1 to 240 A, 1 s to a week"),
    ("chargeNow", b"\xff\xfe", "bytes that are no text"),
    ("nonScheduledAction", "4", 'is "4": write 1 (charge at nonScheduledAmpsMax), 2 (do not ch'),
    ("nonScheduledAmpsMax", "lots", 'is "lots": write whole amperes from 0 to 80'),
):
    say(name, text)
    world.run_for(0.5)
    assert house.topic("error").startswith(f"TWC/control/{name}"), house.topic("error")
    assert why in house.topic("error"), house.topic("error")
world.run_for(60)
assert house.topic("mode") == "off" and not house.offer("2433")

# The schedule, with the documented example: its window stands in config.json, so it is switched.
EXAMPLE = {
    "enabled": True, "startingMinute": 1260, "endingMinute": 420, "monday": True, "tuesday": True,
    "wednesday": True, "thursday": True, "friday": False, "saturday": False, "sunday": True,
    "amps": 20, "flexBatterySize": 100, "flexStartEnabled": True,
}  # fmt: skip
assert house.topic("timetable") == "ON"
assert post("setScheduledChargingSettings", json.dumps({"enabled": False})) == (202, None)
world.run_for(2)
assert house.topic("timetable") == "OFF"
assert get("getStatus")["ScheduledCharging"]["enabled"] is False
assert get("getStatus")["scheduledChargingStartHour"] == -1
another = dict(EXAMPLE)
another["startingMinute"] = 1290
status, answer = post("setScheduledChargingSettings", json.dumps(another))
assert status == 501 and answer["error"].endswith(
    '{"days": "mo,tu,we,th,su", "from": "21:30", "to": "07:00", "amps": 20}'
), answer
assert house.topic("timetable") == "OFF"
assert post("setScheduledChargingSettings", json.dumps(EXAMPLE)) == (202, None)
world.run_for(2)
assert house.topic("timetable") == "ON"

# Switched off, nothing of it is there.
CONFIG["twcmanager"] = {}
CONFIG["wires"] = {"max_amps": 32}
world.write_config(CONFIG)
since_s = world.now_s
world.power_cut()
world.run_for(20)
assert world.post("/api/chargeNow", "{}").status == 404
assert world.fetch("/api/getStatus").status == 404
assert house.app.twcmanager is None
assert not [name for name in sys.modules if "twcmanager" in name and "scenario" not in name]
assert not broker.seen("TWC/#", since_s + 1)
house.finish()

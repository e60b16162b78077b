"""What the table says is told, all of it, retained, at least every 30 s; commands are answered:
with the state, and with a sentence if they are refused."""

from common.household import Household, unit

from firmware import table

TOPICS = "twc/garage/"


def names(section):
    return [row[0] for row in table.rows(section) if table.has_value(row)]


house = Household([unit("2433"), unit("4F07")])
world, broker = house.world, house.broker
house.start()
house.publish(6000)
house.wait_offer(12, 200, "2433")
world.run_for(35)

# All that the table has, and nothing else.
expected = ["availability"] + names("bridge") + names("bridge slow")
for unit_id in ("2433", "4F07"):
    expected += [unit_id + "/" + name for name in names("connector")]
told = [topic[len(TOPICS) :] for topic in broker.retained if topic.startswith(TOPICS)]
assert sorted(told) == sorted(expected), (sorted(told), sorted(expected))

status = house.agree()
assert house.topic("limit") == house.topic("wires") == "32"
assert house.topic("manual") == house.topic("timetable") == "unknown"
assert house.topic("allow") == house.topic("2433/allow") == "ON"
assert house.topic("problem") == "OFF" and house.topic("warning") == "none"
assert house.topic("boost") == "off" and house.topic("boost_minutes") == "0"
assert house.topic("2433/status") == "C" and house.topic("2433/charging") == "ON"
assert house.topic("2433/volts") == "240", house.topic("2433/volts")
amps = house.topic("2433/draw")
assert house.topic("2433/currents") == "[" + amps + ", 0.0, 0.0]", house.topic("2433/currents")
assert house.topic("2433/limit") == "32" and house.topic("2433/priority") == "5"
assert house.topic("2433/solar") == "100"
connector = status["connectors"][0]
assert connector["currents"][0] == connector["draw_amps"]
assert status["limit_amps"] == 32 and status["manual_amps"] is None
assert int(house.topic("uptime")) > 60 and int(house.topic("memory")) > 0
assert int(house.topic("gap")) >= 1000 and int(house.topic("surplus_age")) < 10

# At least every 30 s, also what does not change.
since_s = world.now_s
world.run_for(95)
for name in ("wires", "mode", "version", "2433/name", "4F07/total"):
    count = len(broker.seen(TOPICS + name, since_s))
    assert 3 <= count <= 4, (name, count)


def answers(name, since_s):
    return [message.text for message in broker.seen(TOPICS + name, since_s)]


# What was asked for comes back, changed or not.
since_s = world.now_s
for payload, limit in (("16", "16"), ("16.0", "16"), ('"20"', "20"), ('{"amps": 12}', "12")):
    broker.publish(TOPICS + "limit/set", payload)
    world.run_for(2)
    assert house.topic("limit") == limit, (payload, house.topic("limit"))
assert answers("limit", since_s)[:4] == ["16", "16", "20", "12"], answers("limit", since_s)
assert answers("error", since_s) == []
house.wait_offer(6, 60, "4F07")
house.wait_offer(6, 60, "2433")

since_s = world.now_s
broker.publish(TOPICS + "limit/set", "500")
broker.publish(TOPICS + "mode/set", "sunny")
broker.publish(TOPICS + "limit/set", "32", retain=True)
broker.publish(TOPICS + "sunshine/set", "32")
broker.publish(TOPICS + "9999/limit/set", "32")
world.run_for(2)
found = answers("error", since_s)
assert found[0] == 'limit/set: limit is "500": write whole amperes from 0 to 240 or none.', found
assert found[1].startswith('mode/set: mode is "sunny": write off, solar, '), found
assert "retain" not in found[2], found  # to who is connected the broker tells no flag
assert any([text.startswith("sunshine/set: ") for text in found]), found
assert any([text.startswith("9999/limit/set: ") and "2433" in text for text in found]), found
assert "limit" in [message.topic[len(TOPICS) :] for message in broker.seen(TOPICS + "#", since_s)]
assert broker.retained.get(TOPICS + "error") is None

# Who comes back gets the retained one as such, and all states anew.
since_s = world.now_s
broker.kick()
world.run_for(20)
assert [text for text in answers("error", since_s) if "retain flag" in text], answers("error", 0)
for name in expected:
    assert answers(name, since_s), name
broker.publish(TOPICS + "limit/set", "", retain=True)

house.finish()

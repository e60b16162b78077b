"""config.json is changed through /api/config: key by key, checked at once, whole on flash, and
taken at the next start; secrets stay on the board, and heartbeats leave meanwhile."""

import builtins
import json
import os
import sys

from common.household import Household, unit

from simulator.virtual import web

SECRETS = {
    "wifi": {"password": "hunter2-wifi"},
    "mqtt": {"user": "me", "password": "hunter2-mqtt"},
}
MEAN = {"pasword": "hunter2-misspelt"}
PARIS = "CET-1CEST,M3.5.0,M10.5.0/3"
VIN = "5YJ3E7EB2NF000316"

for name in ("config.new", "config.bak", "config.bad", "config.tmp"):
    try:
        os.remove(name)
    except OSError:
        pass
config = {
    "wifi": {"ssid": "virtual", "password": "hunter2-wifi", "pasword": "hunter2-misspelt"},
    "mqtt": {"host": "10.0.0.2", "user": "me", "password": "hunter2-mqtt"},
    "units": {"24ab": {"name": "left"}},
    "web": {"lock": "off"},
    "_comment": "mine",
    "hunter2": {"key": "hunter2"},
}
house = Household([unit("24AB")], config=config).start()
world = house.world


def get():
    answer = world.fetch("/api/config")
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    assert b"hunter2" not in answer.body, answer.body
    return answer.json()


def post(given):
    """(status, what the answer says) of a change."""
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    head = f"POST /api/config HTTP/1.1\r\nHost: 192.168.1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = web.send(head.encode() + body)
    world.wait_for(lambda: answer.done, 20, "an answer", 0.01)
    return answer.status, answer.json()


def read(name="config.json"):
    with open(name) as file:
        return file.read()


def there(name):
    try:
        os.stat(name)
        return True
    except OSError:
        return False


world.run(60)
plain = read()

# What it says, without what must not be told.
said = get()
assert said["wifi"] == {"ssid": "virtual", "password": True}, said
assert said["mqtt"] == {"host": "10.0.0.2", "port": 1883, "user": "me", "password": True} or (
    said["mqtt"] == {"host": "10.0.0.2", "user": "me", "password": True}
), said
assert said["units"] == {"24ab": {"name": "left"}} and said["wires"] == {"max_amps": 32}
assert "_comment" not in said and "hunter2" not in said

# What is wrong is told with key and range, and changes nothing.
for given, sentence in (
    ({"wires": {"max_amps": 5}}, "wires.max_amps is 5: write a whole number from 6 to 240."),
    (
        {"name": "my garage"},
        'name is "my garage": write up to 24 letters, digits, "-" and "_" (it '
        "is part of the MQTT topics).",
    ),
    (
        {"relay": {"min_on": 5}},
        "relay.min_on is unknown and not used. Known are: min_off_s, min_on_s, starts_a_day.",
    ),
    ({"wifi": {"Password": "x"}}, "wifi.Password is unknown: did you mean wifi.password?"),
    ({"wire": {"max_amps": 16}}, "wire is unknown: did you mean wires?"),
    ({"plan": 5}, "plan is no object: write { ... }."),
    (
        {"plan": {"mode": "sun"}},
        'plan.mode is "sun": write one of "off", "solar", "minimum", "fast".',
    ),
    (
        {"wifi": {"password": 12345678}},
        'wifi.password is not usable: write text in quotes, at most 64 characters, "...".',
    ),
    ({"board": {"tx": 6}}, "board.tx is 6: pins 6 to 11 are the flash's."),
    ({"board": {"tx": 16}}, "board.rx and board.tx are both 16: give each its own pin."),
    (
        {"mqtt": {"tls": True, "pin": "12"}},
        'mqtt.pin is "12": not connected. Write the SHA-256 of '
        "the broker's certificate, 64 hex digits.",
    ),
    (
        {"units": {"left": {}}},
        'units has "left": an id is four hex digits such as 2433, as the page shows it.',
    ),
    (
        {"units": {"24AB": {"max_amps": 100}}},
        "units.24AB.max_amps is 100: write a whole number from 5 to 80.",
    ),
    ({"units": []}, "units is no object: write one with an entry for each wall connector."),
    (
        {"vins": {"allow": ["x"]}},
        'vins.allow has "x": a VIN is 17 letters and digits, without I, O and Q.',
    ),
    ({"clock": {"zone": "Paris"}}, None),
    (
        {"timetable": [{"from": "22:00"}]},
        'timetable, window 1: to is missing: write a time such as "22:00".',
    ),
    (
        {"sources": [{"kind": "grid"}]},
        "source 1 (grid) has no topic: write the topic that it is sent on.",
    ),
    ({"sources": {}}, 'sources is no list: write [ { "kind": "grid", "topic": "..." } ].'),
    (
        {"wires": {"max_amps": 16}, "bus": {"id": 1}},
        'bus.id is 1: write four hex digits in quotes, upper case, such as "7777".',
    ),
    ({"restart": 1, "wires": {"max_amps": 16}}, "restart: write true or false, without quotes."),
    (b"[]", 'Invalid JSON: write { "wires": { "max_amps": 16 } }.'),
    (b'{"wires": {"max_amps": 16}', 'Invalid JSON: write { "wires": { "max_amps": 16 } }.'),
    (b'{"wires": {1: 16}}', 'Invalid JSON: write { "wires": { "max_amps": 16 } }.'),
    (b"{1: 2}", 'Invalid JSON: write { "wires": { "max_amps": 16 } }.'),
    (b'{"a": ' + b"[" * 150 + b"]" * 150 + b"}", None),
    (b"\xff", 'Invalid JSON: write { "wires": { "max_amps": 16 } }.'),
):
    status, answer = post(given)
    assert status == 400, (given, status, answer)
    assert list(answer) == ["error"] and "until you do" not in answer["error"], answer
    if sentence:
        assert answer["error"] == sentence, (given, answer["error"], sentence)
assert read() == plain and not there("config.new") and not there("config.tmp")
assert post(b'{"name": "' + b"x" * 4100 + b'"}')[0] == 413

# A change is merged into what there is: nothing else is lost, no secret is needed again.
assert post(
    {
        "name": "carport",
        "wires": {"max_amps": 20},
        "wifi": {"password": True, "hostname": "car"},
        "units": {"24AB": {"max_amps": 16}, "5850": {"phases": 1}},
        "vins": {"deny": [VIN]},
        "clock": {"zone": PARIS},
        "timetable": [{"from": "22:00", "to": "6:00", "mode": "fast"}],
        "sources": [{"kind": "surplus", "topic": "home/surplus"}],
        "board": {"stop_pin": None},
    }
) == (200, {"saved": True, "restart": False})
assert read() == plain
now = json.loads(read("config.new"))
assert now["wifi"] == {
    "ssid": "virtual",
    "password": "hunter2-wifi",
    "hostname": "car",
    "pasword": "hunter2-misspelt",
}, now
assert now["units"] == {"24ab": {"name": "left", "max_amps": 16}, "5850": {"phases": 1}}
assert now["mqtt"]["password"] == "hunter2-mqtt" and now["_comment"] == "mine"
assert now["board"]["stop_pin"] is None and now["board"]["driver_enable"] == 4
# One line for each section, in the order of the table.
lines = read("config.new").split("\n")
assert lines[1:4] == ['  "name": "carport",', '  "wires": { "max_amps": 20 },', '  "units": {']
assert '  "wifi": { "ssid": "virtual", "password": "hunter2-wifi", "hostname": "car", ' in read(
    "config.new"
)
# The page tells what was saved, and that it does not count yet.
assert get()["name"] == "carport"
world.run_for(1)
told = [one for one in world.status()["warnings"] if "saved" in one]
assert len(told) == 1 and "next restart" in told[0], told
assert house.app.name == "garage"

# null takes something away, a whole section, too; and what nobody knows.
assert post({"clock": None, "timetable": None, "sources": None, "_comment": None})[0] == 200
assert post({"wifi": {"pasword": None, "hostname": None}, "units": {"5850": None}})[0] == 200
assert post({"wifi": {"pasword": None}, "_comment": None, "clocks": None})[0] == 200
now = json.loads(read("config.new"))
assert now["wifi"] == {"ssid": "virtual", "password": "hunter2-wifi"}, now
assert list(now["units"]) == ["24ab"]
assert not [key for key in ("clock", "timetable", "sources", "_comment") if key in now]

# A secret can be set, and emptied.
assert post({"mqtt": {"password": "hunter2-new"}, "hunter2": None})[0] == 200
assert json.loads(read("config.new"))["mqtt"]["password"] == "hunter2-new"
assert get()["mqtt"]["password"] is True
assert post({"mqtt": {"password": ""}})[0] == 200 and get()["mqtt"]["password"] is False

# The guard goes by a meter that may stand still: told at once.
grid = {"kind": "grid", "topic": "a", "on_change": True, "alive": "b"}
assert post({"sources": [grid]})[0] == 200
status, answer = post({"guard": {"amps": 25}})
assert status == 400 and "on_change is not followed" in answer["error"], answer
assert post({"guard": {"amps": 25}, "sources": [grid, {"kind": "volts", "topic": "c"}]})[0] == 400
assert post({"guard": {"amps": 25}, "sources": [{"kind": "grid", "topic": "a"}]})[0] == 200
assert post({"guard": None, "sources": None})[0] == 200

# A file that would be too large, or has no room, changes nothing; and neither does too little
# memory for the check.
now = read("config.new")
many = {}
for number in range(60):
    many[f"{0x1000 + number:04X}"] = {"name": "x" * 32}
assert post({"units": many})[0] == 200
more = {}
for unit_id in many:
    more["2" + unit_id[1:]] = many[unit_id]
assert post({"units": more})[0] == 200
for unit_id in many:
    more[unit_id] = {"energy": "auto", "phases": 1}
assert post({"units": more}) == (413, {"error": "A body can have 4096 bytes here."})
for unit_id in many:
    more.pop(unit_id)
    more["2" + unit_id[1:]] = {"energy": "auto", "phases": 1}
full = read("config.new")
assert post({"units": more}) == (
    413,
    {"error": "config.json would have more than 8192 bytes."},
)
assert read("config.new") == full and len(full) < 8192
with open("config.new", "w") as file:
    file.write(now)
os.mkdir("config.tmp")
status, answer = post({"wires": {"max_amps": 24}})
assert status == 507 and "is the flash full?" in answer["error"], answer
os.rmdir("config.tmp")


def scarce(name, *mode):
    if name == "config.tmp":
        raise MemoryError
    return plain_open(name, *mode)


plain_open = open
builtins.open = scarce
status, answer = post({"sources": [], "wires": {"max_amps": 24}})
assert status == 507 and "edit config.json with mpremote" in answer["error"], answer
builtins.open = plain_open
assert read("config.new") == now
loaded = [name for name in sys.modules if "config" in name or "settings" in name]
assert loaded == [], loaded
assert post({}) == (200, {"saved": False, "restart": False})

# The restart takes it.
assert post({"restart": True}) == (200, {"saved": False, "restart": True})
world.wait_for(lambda: world.resets, 10, "a restart")
world.run_for(30)
assert house.app.name == "carport" and house.app.gate.wires_amps == 20
assert not there("config.new") and read("config.bak") == plain
assert house.app.problems == [], house.app.problems
now = read()

# What goes together with nothing is refused then, and the board goes on as before.
assert post({"units": {"24AB": {"min_amps": 30}}, "restart": True})[0] == 200
world.wait_for(lambda: len(world.resets) == 2, 10, "a restart")
world.run_for(30)
assert read() == now and not there("config.new")
assert "30" in read("config.bad")
(problem,) = house.app.problems
assert problem == (
    "The saved configuration is not used, but the one before; it is kept as config.bad: "
    "config.json: units.24AB.min_amps is 30, but only 16 A are allowed: this wall connector gets "
    "0 A. Lower min_amps or raise the limits."
), problem
assert problem in house.agree()["warnings"]

# A file that nobody can read is not written over.
with open("config.json", "w") as file:
    file.write('{\n  "wires": {\n')
assert post({"wires": {"max_amps": 16}}) == (
    409,
    {
        "error": "config.json is not valid JSON: look for a missing or extra quote, comma or "
        "bracket in or before line 3: mend it with mpremote first."
    },
)
assert read() == '{\n  "wires": {\n' and not there("config.new")
assert "not valid JSON" in get()["error"]
# A new board has none, or an empty one.
os.remove("config.json")
for text in (None, "{}"):
    if text:
        with open("config.json", "w") as file:
            file.write(text)
    assert get() == {}
    assert post({"wires": {"max_amps": 16}})[0] == 200
    assert json.loads(read("config.new")) == {"wires": {"max_amps": 16}}
    os.remove("config.new")
with open("config.json", "w") as file:
    file.write(plain)
assert house.heartbeat_gap_s(world.now_s - 15, "24AB") < 1.2
house.finish()

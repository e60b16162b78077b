"""The first five minutes of a new board, as a phone at its access point sees them: password,
networks, a wrong password and the right one, a wrong broker and the right one, what was found
saved, the restart, and a car that charges. The bus never notices, but for the scan."""

import hashlib
import json
import sys

from common.household import Household, unit

from simulator.virtual import web
from simulator.virtual.clock import clock
from simulator.virtual.time_server import NameServer

NETWORKS = {"far away": "12345678", "home": "charge me", "guest": ""}
EMPTY = {"ssid": "", "password": ""}


class SlowHashlib:
    """hashlib, with a SHA-256 that takes as long as an ESP32's: a password's hash is made as slow
    as a second on the board is long."""

    def sha256(self, data=b""):
        if len(data) == 96:
            clock.wait_until(clock.now_us + 900)
        return hashlib.sha256(data)


sys.modules["hashlib"] = SlowHashlib()
house = Household(
    [unit()],
    config={"wires": {"max_amps": 6}, "wifi": EMPTY, "mqtt": {"host": ""}},
    user="bridge",
    password="let me in",
)
world, box, board = house.world, house.units[0], house.world.board
board.networks = NETWORKS
NameServer(world.net, {"broker.lan": ["10.0.0.2"]})
cookie = None


def finished(answer):
    world.wait_for(lambda: answer.done, 20, "an answer", 0.01)
    assert answer.status, answer.refused
    return answer


def look(path="/api/setup", host="192.168.4.1"):
    return finished(web.get(path, host=host, point=True))


def ask(path, body):
    """Posts as the board's page does; returns (status, document)."""
    text = json.dumps(body).encode()
    lines = [f"POST /api/{path} HTTP/1.1", "Host: 192.168.4.1", "Origin: http://192.168.4.1"]
    lines += ["X-TWC: 1", f"Content-Length: {len(text)}"]
    if cookie:
        lines.append("Cookie: " + cookie)
    answer = finished(web.send("\r\n".join(lines + ["", ""]).encode() + text, point=True))
    return answer.status, answer.json(), answer.headers


def told(path, body, status):
    """Posts what is refused with this status; returns the sentence."""
    found = ask("setup/" + path, body)
    assert found[0] == status, found
    return found[1]["error"]


def tried(what, body, timeout_s):
    """Has something tried; returns what has come of it."""
    assert ask("setup/" + what, body)[0] == 202
    began = look().json()
    assert began[what]["state"] == "trying", began
    assert "being tried already" in told(what, body, 409)
    world.wait_for(lambda: look().json()[what]["state"] != "trying", timeout_s, what, 0.5)
    return look().json()[what]


# The access point is open from the start, and stays so; the radio is left alone.
house.start()
world.run(960)
assert board.point["ssid"] == "twc-bridge-2433" and board.point["security"] == 3
assert board.scans == 0 and board.wifi_wanted is None
assert house.offer() == 0 and house.heartbeat_gap_s(40) < 1.3
new = look().json()
assert new["open"] and new["new"] and new["ssid"] == "twc-bridge-2433", new
assert new["wifi"] == {"state": "idle", "ssid": "", "why": "", "ip": ""}, new
assert new["networks"] is None and new["broker"] == {"state": "idle", "why": ""}, new
assert look("/hotspot-detect.html", "captive.apple.com").status == 302
assert look("/", "192.168.4.1").status != 302

# Nobody sets it up before there is a password.
assert "Set a password first" in told("wifi", {"ssid": "home"}, 403)
status, document, headers = ask("password", {"password": "open sesame"})
assert status == 200, document
cookie = headers["set-cookie"].split(";")[0]

# The networks, each look at which stops the chip: once, however often it is asked for.
since_s = world.now_s
assert ask("setup/scan", {})[0] == 202
assert house.app.wifi.trying == "scan"
world.wait_for(lambda: look().json()["networks"], 20, "the networks")
found = look().json()
assert found["networks"] == [["far away", -50, True], ["guest", -62, False], ["home", -74, True]]
assert not found["scanning"]
assert ask("setup/scan", {})[0] == 202
world.run_for(5)
assert board.scans == 1 and look().json()["networks"] == found["networks"]
assert 2 < house.heartbeat_gap_s(since_s) < 4 and house.noted("because: scan")
world.run_for(30)
assert ask("setup/scan", {})[0] == 202 and "networks" not in house.app.wifi.tried
world.run_for(5)
assert board.scans == 2 and look().json()["networks"] == found["networks"]

# What can't be is refused at once, with the key and what may stand there.
assert told("wifi", {"ssid": ""}, 400).startswith("ssid: ")
assert told("wifi", {"ssid": 5}, 400).startswith("ssid: ")
assert told("wifi", {"ssid": "home", "password": "short"}, 400).startswith("password: ")
assert told("wifi", [], 400) == "Invalid JSON: write an object."
assert told("broker", {"host": "10.0.0.2"}, 409).endswith("join one first.")
assert board.wifi_wanted is None

# Not there, wrong, wrong once more (which the chip tells as the same failure), right.
since_s = world.now_s
wifi = tried("wifi", {"ssid": "hom", "password": "charge me"}, 15)
assert wifi["state"] == "failed" and wifi["ssid"] == "hom" and "No network hom was" in wifi["why"]
for wrong in ("charge you", "charge him"):
    wifi = tried("wifi", {"ssid": "home", "password": wrong}, 30)
    assert wifi["state"] == "failed", wifi
    assert wifi["why"] == "home does not let the board in: is the password right?", wifi
assert wifi["ip"] == "" and look("/api/status").json()["wifi"]["state"] == "off"
# The chip tells the failure before as long as it has not joined.
board.wifi_join_us = 6_000_000
wifi = tried("wifi", {"ssid": "home", "password": "charge me"}, 15)
assert wifi == {"state": "joined", "ssid": "home", "why": "", "ip": "10.0.0.50"}, wifi
assert house.heartbeat_gap_s(since_s) < 1.3, house.heartbeat_gap_s(since_s)

# The broker: what can't be, nobody there, nobody listening, the wrong password, the right one.
assert told("broker", {}, 400).startswith("host: ")
assert told("broker", {"host": "10.0.0.2", "port": 0}, 400).startswith("port: ")
assert told("broker", {"host": "10.0.0.2", "port": True}, 400).startswith("port: ")
assert told("broker", {"host": "10.0.0.2", "tls": True}, 400).startswith("tls: ")
broker = tried("broker", {"host": "10.0.0.3"}, 30)
assert broker == {"state": "failed", "why": "10.0.0.3:1883: no answer."}, broker
broker = tried("broker", {"host": "10.0.0.2", "port": 8883}, 30)
assert broker["why"].endswith("is the port right; TLS, usual on this port, is not tried here.")
broker = tried("broker", {"host": "broker.lan", "user": "bridge", "password": "open"}, 30)
assert (
    broker["why"] == "broker.lan:1883: user or password is wrong, or this user is not allowed in."
)
house.broker.mute = True
broker = tried("broker", {"host": "10.0.0.2", "user": "bridge", "password": "let me in"}, 30)
assert broker == {"state": "failed", "why": "10.0.0.2:1883: no answer."}, broker
house.broker.mute = False
broker = tried("broker", {"host": "broker.lan", "user": "bridge", "password": "let me in"}, 30)
assert broker == {"state": "connected", "why": ""}, broker
world.run_for(60)
# Nothing was left there: no session, no last will.
assert house.broker.clients() == [] and house.topic("availability") is None

# All of it saved: the board restarts, joins, and charges.
status, document, _ = ask(
    "config",
    {
        "wifi": {"ssid": "home", "password": "charge me"},
        "mqtt": {"host": "broker.lan", "user": "bridge", "password": "let me in"},
        "wires": {"max_amps": 32},
        "restart": True,
    },
)
assert (status, document) == (200, {"saved": True, "restart": True}), document
lives = board.life
world.wait_for(lambda: board.life > lives, 10, "the restart")
world.wait_for(lambda: len(house.broker.clients()) == 1, 60, "the session")
house.publish(3000)
house.wait_offer(12, 800)
world.run_for(30)
assert board.point is None and board.scans == 2
status = house.agree()
assert status["wifi"]["state"] == "connected" and status["state"] == "charging", status["state"]
assert status["wires_amps"] == 32

# Now the settings are the place for it; secrets are nowhere.
setup = world.fetch("/api/setup").json()
assert not setup["open"] and not setup["new"] and setup["ssid"] is None, setup
assert setup["wifi"] == {"state": "joined", "ssid": "home", "why": "", "ip": "10.0.0.50"}, setup
lines = ["X-TWC: 1", "Authorization: Basic eDpvcGVuIHNlc2FtZQ=="]
answer = world.post("/api/setup/wifi", {"ssid": "guest"}, lines, 20)
assert answer.status == 409 and "in a Wi-Fi" in answer.json()["error"], answer.body
with open("access.txt") as file:
    secrets = [file.read().strip(), "charge me", "let me in", "open sesame"]
seen = str(status) + str(setup) + str(house.notes) + str(house.broker.retained)
assert [secret for secret in secrets if secret in seen] == []
house.finish()

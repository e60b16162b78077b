"""Several networks: the strongest first, hidden ones, one that goes, scans that fail; none while
a car charges; a fixed address; and a home network that has the access point's addresses."""

import network
from common.household import Household, unit

from simulator.virtual import web

SECRETS = ["at my home", "in the garage", "in the cellar"]
HOME, GARAGE, CELLAR = "home", "garage", "cellar"
ALL = {HOME: SECRETS[0], GARAGE: SECRETS[1], CELLAR: SECRETS[2]}
WIFI = {
    "ssid": HOME,
    "password": ALL[HOME],
    "networks": [
        {"ssid": GARAGE, "password": ALL[GARAGE]},
        {"ssid": CELLAR, "password": ALL[CELLAR]},
    ],
    "setup_after_min": 30,
}
house = Household([unit()], config={"wifi": WIFI, "web": {"lock": "off"}})
world, board = house.world, house.world.board
board.networks = dict(ALL)
board.strengths = {HOME: -78, GARAGE: -55, CELLAR: -40}
board.hidden = {CELLAR}


def joined(ssid, timeout_s=90):
    """Waits until it is in this network."""

    def there():
        return house.app and house.app.wifi.state == "connected" and board.wifi_wanted[0] == ssid

    world.wait_for(there, timeout_s, ssid)
    return world.status()["wifi"]


def tried(since):
    """The names that were tried since then, each time that was one."""
    return [name for at_s, name in board.joins if at_s > since]


# At the start one look around: the stronger of the two that were seen; nobody saw the hidden one.
house.start()
wifi = joined(GARAGE)
assert tried(0) == [GARAGE] and board.scans == 1, (tried(0), board.scans)
assert (wifi["ssid"], wifi["channel"], wifi["rssi"]) == (GARAGE, 6, -61), wifi
assert 2.4 < house.heartbeat_gap_s(0) < 3.9

# It is gone: first that one again, without a look, then the other. 2.5 s without heartbeats is
# what the look costs, once.
since_s = world.now_s
del board.networks[GARAGE]
joined(HOME)
assert tried(since_s)[:2] == [GARAGE, HOME] and board.scans == 2, (tried(since_s), board.scans)
assert house.heartbeat_gap_s(since_s) < 3.9 and house.noted("because: scan")

# Only the hidden one is left: what was seen comes first, and then the others by their names.
since_s = world.now_s
del board.networks[HOME]
joined(CELLAR, 120)
assert tried(since_s)[-1] == CELLAR and len(set(tried(since_s))) == 3, tried(since_s)

# A look around that fails changes nothing but the order.
since_s = world.now_s
board.networks = {HOME: ALL[HOME]}
board.scan_fails = True
joined(HOME, 120)
assert tried(since_s)[0] == CELLAR and tried(since_s)[-1] == HOME, tried(since_s)
assert house.noted("no look around (Wifi Internal Error)")
board.scan_fails = False

# Nobody at all for a while: they are tried for ever, with a look around each five minutes.
board.networks = {}
since_s, scans = world.now_s, board.scans
world.run_for(420)
assert board.scans - scans == 2, board.scans - scans
assert len(tried(since_s)) > 10
assert house.heartbeat_gap_s(since_s) < 3.9
assert house.noted("Wi-Fi home, garage, cellar: not joined")
board.networks = {GARAGE: ALL[GARAGE]}
joined(GARAGE, 200)
board.networks = dict(ALL)

# While a car charges there is none, however often Wi-Fi goes: they are tried in turn.
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
house.publish(3000)
house.wait_offer(12, 800)
world.run_for(20)
since_s, scans = world.now_s, board.scans
del board.networks[GARAGE]
joined(HOME, 60)
assert tried(since_s) == [GARAGE, HOME], tried(since_s)
assert board.scans == scans and house.heartbeat_gap_s(since_s) < 1.3
assert house.offer() > 0
board.networks = dict(ALL)

# Passwords never leave the board. What is sent back as it came, or without one, keeps them; so
# does a network that was the first.
config = world.fetch("/api/config").json()
assert config["wifi"]["networks"] == [
    {"ssid": GARAGE, "password": True},
    {"ssid": CELLAR, "password": True},
], config
seen = str(config) + str(world.status()) + str(house.notes) + str(house.broker.retained)
assert [secret for secret in SECRETS if secret in seen] == []


def post(change, status=200):
    answer = world.post("/api/config", change, ["X-TWC: 1"], 20)
    assert answer.status == status, (answer.status, answer.body)
    return answer.json().get("error")


def kept():
    import json

    with open("config.new") as file:
        return json.load(file)["wifi"]


changed = [{"ssid": CELLAR}, {"ssid": GARAGE, "password": True}, {"ssid": "new", "password": ""}]
post({"wifi": {"networks": changed}})
assert kept()["networks"] == [
    {"ssid": CELLAR, "password": ALL[CELLAR]},
    {"ssid": GARAGE, "password": ALL[GARAGE]},
    {"ssid": "new", "password": ""},
], kept()
post({"wifi": {"ssid": GARAGE, "password": ALL[GARAGE], "networks": [{"ssid": HOME}]}})
assert kept()["networks"] == [{"ssid": HOME, "password": ALL[HOME]}]
why = post({"wifi": {"networks": [{"ssid": GARAGE, "password": "short"}]}}, 400)
assert why.startswith("wifi.networks, network 1: password of") and "short" not in why, why
post({"wifi": {"networks": None, "ssid": HOME, "password": ALL[HOME]}})
assert "networks" not in kept()

# A fixed address: what does not fit together is refused with a sentence.
why = post({"wifi": {"address": "10.0.0.50", "gateway": "10.0.1.1"}}, 400)
assert "wifi.gateway is 10.0.1.1, which is not in the network" in why, why
why = post({"wifi": {"address": "10.0.0.256"}}, 400)
assert 'wifi.address is "10.0.0.256": write four numbers' in why, why
why = post({"wifi": {"hostname": "car port"}}, 400)
assert why.startswith('wifi.hostname is "car port": write letters'), why
fixed = {"address": "10.0.0.50", "gateway": "10.0.0.1", "hostname": "Carport"}
lives, since_s = board.life, world.now_s
house.app = None
post({"wifi": fixed, "restart": True})
world.wait_for(lambda: board.life > lives, 10, "the restart")
world.wait_for(lambda: house.app and house.app.wifi, 10, "the start")
world.wait_for(lambda: house.app.wifi.state == "connected", 30, HOME)
assert board.fixed == ("10.0.0.50", "255.255.255.0", "10.0.0.1", "10.0.0.1"), board.fixed
assert tried(since_s) == [HOME] and house.noted("Wi-Fi home: connected, address 10.0.0.50")
assert network.hostname() == "Carport"
# By its names, with and without .local, but not by those of others.
for name, status in (("carport.local", 200), ("CARPORT", 200), ("carport.example.com", 421)):
    answer = web.get("/api/status", host=name)
    world.run_for(2)
    assert answer.status == status, (name, answer.status)
house.finish()

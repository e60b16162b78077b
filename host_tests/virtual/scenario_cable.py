"""Ethernet: by cable at the start, Wi-Fi while that is out, and back; what the start costs the
bus; images and boards without it."""

from common.household import Household, unit

from simulator.referee import Referee

OLIMEX = {"profile": "olimex-esp32-poe", "driver_enable": 14}
HOME = {"ssid": "virtual", "password": "virtual"}

# Without a cable the negotiation stops the chip for 4 s: the one gap that is longer than that.
house = Household([unit()], referee=Referee(32, min_on_s=600, min_off_s=600, max_gap_s=5))
world, board = house.world, house.world.board


def start(cable, ethernet=None, wifi=None, pins=OLIMEX):
    """The power comes on with this configuration and cable, "in", "out" or None: an image without
    Ethernet. Returns when that was."""
    given, home = {"use": True}, dict(HOME)
    given.update(ethernet or {})
    home.update(wifi or {})
    world.write_config({"wires": {"max_amps": 32}, "board": pins, "ethernet": given, "wifi": home})
    board.cable = cable
    board.lan_fixed = None
    house.notes.clear()
    board.joins.clear()
    if house.app is None:
        house.start()
    else:
        world.power_cut()
        house.app = None
    return world.now_s + 0.3


def connected(how, timeout_s=60):
    """Waits for it; returns what the page tells of it."""

    def there():
        wifi = house.app and house.app.wifi
        if not wifi or wifi.state != "connected":
            return False
        return (wifi.station is wifi.wired) == (how == "Ethernet")

    world.wait_for(there, timeout_s, how)
    return world.status()["wifi"]


# Nothing answers at the address, or the image has no Ethernet: a sentence, and Wi-Fi.
start("in", {"phy": 1})
connected("Wi-Fi")
assert house.noted("ethernet: no LAN8720 answers (esp_eth_driver_install failed)")
start(None)
connected("Wi-Fi")
assert house.noted("ethernet: this MicroPython has no network.LAN")

# Pins that the bus has: then there is no Ethernet.
board.lan = None
start("in", {"clock": "17=out"}, pins={"tx": 17})
connected("Wi-Fi")
assert board.lan is None
assert house.noted("board.tx is 17, which is ethernet.clock"), house.notes

# Without Wi-Fi: waits for the cable, with the access point after a while, for ever.
at_s = start("out", wifi={"ssid": "", "setup_after_min": 1})
world.wait_for(lambda: board.point is not None, 120, "the access point", 1)
assert world.now_s - at_s > 60 and board.joins == []
board.cable = "in"
connected("Ethernet")
world.wait_for(lambda: board.point is None, 90, "its end")

# A fixed address counts for it, too; then only the status tells whether there is a link.
fixed = {"address": "10.0.0.50", "gateway": "10.0.0.1", "dns": "10.0.0.9", "ssid": ""}
start("in", wifi=fixed)
connected("Ethernet")
told = ("10.0.0.50", "255.255.255.0", "10.0.0.1", "10.0.0.9")
assert board.lan_fixed == told and house.app.wifi.addresses() == told
board.cable = "out"
world.wait_for(lambda: house.app.wifi.state != "connected", 5, "the loss")

# Out at the start: that is said, and Wi-Fi joined. The negotiation is what it costs.
at_s = start("out")
wifi = connected("Wi-Fi")
assert wifi["ssid"] == "virtual" and house.noted("Ethernet: no network: is the cable in?")
assert 4 < house.heartbeat_gap_s(at_s) < 5, house.heartbeat_gap_s(at_s)
board.cable = "in"
connected("Ethernet", 5)

# By cable: the profile's pins, no Wi-Fi at all, and all that needs a network.
at_s = start("in")
wifi = connected("Ethernet")
pins = {key: getattr(board.lan[key], "number", board.lan[key]) for key in board.lan}
assert pins == {
    "mdc": 23,
    "mdio": 18,
    "power": 12,
    "phy_addr": 0,
    "phy_type": 1,
    "ref_clk": 17,
    "ref_clk_mode": 3,
}, pins
assert wifi == {
    "state": "connected",
    "ip": "10.0.0.50",
    "rssi": None,
    "ssid": "Ethernet",
    "channel": None,
}, wifi
assert board.joins == [] and not board.wifi_active
assert house.noted("Ethernet: connected, address 10.0.0.50")
gap_s = house.heartbeat_gap_s(at_s)
assert 2 < gap_s < 3.5, gap_s
world.wait_for(lambda: len(house.broker.clients()) == 1, 60, "the session")
house.publish(3000)
house.wait_offer(12, 120)
assert house.topic("signal") == "unknown", house.topic("signal")

# Pulled out: Wi-Fi, until it is in again, which is seen at once. The car charges on.
since_s = world.now_s
board.cable = "out"
wifi = connected("Wi-Fi")
assert (wifi["ssid"], wifi["rssi"]) == ("virtual", -61), wifi
world.wait_for(lambda: len(house.broker.clients()) == 1, 120, "the session")
world.run_for(30)
board.cable = "in"
connected("Ethernet", 5)
world.run_for(2)
assert not board.wifi_active
assert not house.noted("Wi-Fi virtual: connection lost")
world.run_for(60)
assert len(house.broker.clients()) == 1
assert house.offer() == 12 and house.heartbeat_gap_s(since_s) < 1.3
house.agree()

house.finish()

"""Wi-Fi and Ethernet in config.json: several networks, a fixed address, and the pins of a LAN8720;
which network is tried first; and which address the access point has.

Plain functions and bare asserts: they run under CPython and under MicroPython.
"""

import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

import configuration
from configured_network import keep_passwords, number_of
from firmware.point_address import free_address, is_apart
from firmware.wifi_scan import may_charge, ordered


def check(**given):
    """(configuration, its sentences)"""
    given["wires"] = {"max_amps": 32}
    return configuration.check(given)


def wifi(**more):
    """(the section "wifi", its sentences)"""
    section = {"ssid": "home", "password": "12345678"}
    section.update(more)
    config, problems = check(wifi=section)
    return config["wifi"], problems


def refused(words, **more):
    """A fixed address with this mistake is told so, and not used."""
    section, problems = wifi(**more)
    assert section["address"] == "" and len(problems) == 1, problems
    assert words in problems[0] and problems[0].endswith("until you do."), problems


def net(ssid, password="87654321"):
    return {"ssid": ssid, "password": password}


def test_more_networks_come_after_the_first():
    section, problems = wifi(networks=[net("garage"), {"ssid": "guest"}])
    assert problems == [] and section["ssid"] == "home"
    assert section["networks"] == (("garage", "87654321"), ("guest", ""))
    # Without a first one the first of them is it.
    section, problems = wifi(ssid="", networks=[net("garage"), net("cellar")])
    assert problems == [] and (section["ssid"], section["password"]) == ("garage", "87654321")
    assert section["networks"] == (("cellar", "87654321"),)


def test_four_more_at_most():
    section, problems = wifi(networks=[net(f"net {i}") for i in range(6)])
    assert len(section["networks"]) == 4
    assert problems == ["config.json: wifi.networks has 6 networks: only the first 4 are used."]


def test_a_network_with_a_mistake_is_not_used_and_its_password_not_told():
    for one, words in (
        ("garage", "write an object"),
        ({"password": "87654321"}, "write an object"),
        (net(""), "1 to 32 bytes"),
        (net("ä" * 17), "1 to 32 bytes"),
        (net("garage", "secret!"), 'password of "garage": write 8 to 64'),
        (net("garage", "s" * 65), 'password of "garage": write 8 to 64'),
        (net("garage", 12345678), 'password of "garage": write 8 to 64'),
        (net("garage", True), 'password of "garage": write 8 to 64'),
        ({"ssid": "garage", "pasword": "secret!!"}, '"pasword" is unknown'),
        (net("home"), '"home" stands there twice'),
    ):
        section, problems = wifi(networks=[net("cellar"), one])
        assert section["networks"] == (("cellar", "87654321"),), one
        assert len(problems) == 1 and problems[0].startswith(
            "config.json: wifi.networks, network 2: "
        ), problems
        assert words in problems[0] and "secret" not in problems[0] and "sss" not in problems[0]
    section, problems = wifi(networks=5)
    assert not section["networks"] and "write a list" in problems[0]


def test_passwords_that_are_to_stay():
    said = {
        "ssid": "home",
        "password": "at my home",
        "networks": [net("garage"), {"ssid": "open"}],
    }
    asked = [{"ssid": "garage"}, net("home", True), net("open", True), {"ssid": "new"}, "rubbish"]
    keep_passwords(asked, said)
    assert asked[0] == net("garage") and asked[1] == net("home", "at my home"), asked
    assert asked[2:] == [{"ssid": "open"}, {"ssid": "new"}, "rubbish"], asked
    # Another one is another one, and "" is none.
    asked = [net("garage", ""), net("home", "changed!")]
    keep_passwords(asked, said)
    assert asked == [net("garage", ""), net("home", "changed!")]
    for said in (None, "rubbish", {"networks": "rubbish"}, {"networks": ["rubbish"]}):
        asked = [net("home", True), {}]
        keep_passwords(asked, said)
        assert asked == [{"ssid": "home"}, {}]
    keep_passwords("rubbish", {})


def test_addresses():
    assert number_of("192.168.4.1") == 0xC0A80401 and number_of("0.0.0.0") == 0
    for text in (
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.-4",
        "1.2.3.",
        "a.b.c.d",
        "1.2.3.4 ",
    ):
        assert number_of(text) is None, text


def test_a_fixed_address():
    section, problems = wifi(address="192.168.1.50", gateway="192.168.1.1")
    found = [section[key] for key in ("address", "mask", "gateway", "dns")]
    assert problems == []
    assert found == ["192.168.1.50", "255.255.255.0", "192.168.1.1", "192.168.1.1"]
    section, problems = wifi(
        address="10.1.2.3", mask="255.0.0.0", gateway="10.200.0.1", dns="9.9.9.9"
    )
    assert problems == [] and section["dns"] == "9.9.9.9" and section["address"] == "10.1.2.3"
    # Without a router: only advice, since a broker may be all that is wanted.
    section, problems = wifi(address="192.168.1.50")
    assert section["address"] and section["gateway"] == section["dns"] == "0.0.0.0"
    assert len(problems) == 1 and "Write the router's address" in problems[0]
    given = {"wires": {"max_amps": 6}, "wifi": {"address": "10.0.0.9"}}
    assert configuration.mistakes(given) == []
    section, problems = wifi(gateway="192.168.1.1")
    assert problems == ["config.json: wifi.gateway does nothing without wifi.address."]


def test_a_fixed_address_that_does_not_fit():
    home = {"address": "192.168.1.50", "gateway": "192.168.1.1"}
    for key, value, words in (
        ("address", "192.168.1", 'wifi.address is "192.168.1": write four numbers'),
        ("address", "192.168.2.50", "which is not in the network of wifi.address 192.168.2.50"),
        ("address", "192.168.1.255", "which no device can have"),
        ("address", "192.168.1.0", "which no device can have"),
        ("address", "127.0.0.1", "which no device can have"),
        ("address", "224.0.0.5", "which no device can have"),
        ("address", "192.168.1.1", "are both 192.168.1.1"),
        ("mask", "", "write four numbers such as 255.255.255.0"),
        ("mask", "255.0.255.0", "write one such as"),
        ("mask", "255.255.255.255", "write one such as"),
        ("mask", "0.0.0.0", "write one such as"),
        ("gateway", "router", "write four numbers such as 192"),
        ("dns", "1.1.1", 'wifi.dns is "1.1.1": write four numbers'),
    ):
        given = dict(home)
        given[key] = value
        refused(words, **given)


def test_the_name_of_the_board():
    for name in ("carport", "car-port2", "twc_bridge", "x" * 32):
        section, problems = wifi(hostname=name)
        assert section["hostname"] == name and problems == [], problems
    for name in ("", "car port", "-carport", "carport-", "car.port", "küche", "x" * 33):
        section, problems = wifi(hostname=name)
        assert section["hostname"] == "twc-bridge" and len(problems) == 1, name


def ethernet(board=None, **more):
    """(section "ethernet", section "board", sentences) with Ethernet switched on."""
    more["use"] = True
    config, problems = check(ethernet=more, board=board or {"stop_pin": None})
    return config["ethernet"], config["board"], problems


def test_ethernet_is_off_unless_it_is_switched_on():
    config, problems = check()
    assert config["ethernet"]["use"] is False and problems == []
    # What would clash does not matter then.
    assert check(ethernet={"clock": "17=out"})[1] == []


def test_the_pins_of_ethernet_are_those_of_the_board():
    found, _, problems = ethernet({"profile": "olimex-esp32-poe"})
    assert problems == []
    assert found == {
        "use": True,
        "mdc": 23,
        "mdio": 18,
        "power": 12,
        "reset": None,
        "clock": "17=out",
        "phy": 0,
    }
    found, _, problems = ethernet({"profile": "wt32-eth01"})
    assert problems == [] and (found["clock"], found["power"], found["phy"]) == ("0=in", 16, 1)
    # Those that are written win, one by one.
    found, _, problems = ethernet({"profile": "wt32-eth01"}, power=None, phy=0)
    assert problems == [] and (found["clock"], found["power"], found["phy"]) == ("0=in", None, 0)


def test_the_clock_takes_the_stop_pin_away():
    found, board, problems = ethernet({"stop_pin": 0})
    assert found["use"] and board["stop_pin"] is None
    assert len(problems) == 1 and "the pin of ethernet.clock: there is no stop pin" in problems[0]
    # From another file than the one that names it, too: 0 is what counts without.
    config, problems = check(ethernet={"use": True})
    assert config["board"]["stop_pin"] is None and len(problems) == 1


def test_pins_that_meet_those_of_the_bus():
    for board, more, words in (
        ({"tx": 17}, {"clock": "17=out"}, "board.tx is 17, which is ethernet.clock"),
        ({"rx": 16}, {"clock": "16=out"}, "board.rx is 16, which is ethernet.clock"),
        ({"driver_enable": 23}, {}, "board.driver_enable is 23, which is ethernet.mdc"),
        ({"rx": 25}, {}, "board.rx is 25, which is Ethernet's own data"),
        ({"stop_pin": 18}, {}, "board.stop_pin is 18, which is ethernet.mdio"),
        ({}, {"power": 17}, "board.tx is 17, which is ethernet.power"),
        ({}, {"mdc": 21}, "ethernet.mdc is 21, which is Ethernet's own data"),
        ({}, {"mdc": 18}, "ethernet.mdio is 18, which is ethernet.mdc"),
        ({}, {"reset": 6}, "ethernet.reset is 6: choose a pin from 0 to 33"),
        ({"profile": "lilygo-t-can485"}, {}, "board.tx is 22, which is Ethernet's own data"),
    ):
        given = {"stop_pin": None}
        given.update(board)
        found, _, problems = ethernet(given, **more)
        assert found["use"] is False, words
        assert len(problems) == 1 and words in problems[0], (words, problems)
        assert problems[0].endswith("Ethernet is not used until you do."), problems


def test_the_strongest_is_tried_first():
    nets = [("home", "1"), ("hidden", "2"), ("garage", "3"), ("guest", "4"), ("küche", "5")]
    seen = [
        (b"guest", bytes(6), 1, -80, 0, False),
        (b"", bytes(6), 1, -30, 3, False),
        (b"home", bytes(6), 1, -75, 3, False),
        (b"garage", bytes(6), 11, -60, 3, False),
        (b"home", bytes(6), 6, -50, 3, False),  # a repeater
        ("küche".encode(), bytes(6), 6, -85, 3, False),
        (b"\xff", bytes(6), 6, -20, 3, False),
    ]
    found = [name for name, _ in ordered(nets, seen)]
    assert found == ["home", "garage", "guest", "küche", "hidden"], found
    # Those that are alike, or were not seen, in the order of config.json.
    nets = [(f"net {i}", "") for i in range(9)]
    assert ordered(nets, ()) == nets
    same = [(name.encode(), bytes(6), 1, -70, 3, False) for name, _ in nets]
    assert ordered(nets, same) == nets


class Unit:
    ready, draw_ca, offer_amps = True, 0, 0


class App:
    decisions = None


def test_no_look_around_while_a_car_may_charge():
    app, unit = App(), Unit()
    assert may_charge(app, 99999)  # safe mode
    app.decisions = app
    app.units = []
    assert not may_charge(app, 0)
    app.units = [Unit(), unit]
    assert not may_charge(app, 0)
    unit.draw_ca = 99
    assert not may_charge(app, 0)
    unit.draw_ca = 100
    assert may_charge(app, 0)
    unit.draw_ca, unit.offer_amps = 0, 6
    assert may_charge(app, 0)
    # After a restart nobody knows until it has answered; one that is gone for long does not count.
    unit.offer_amps, unit.ready = 0, False
    assert may_charge(app, 39999) and not may_charge(app, 40000)


def test_the_access_point_is_not_in_the_home_network():
    for home, mask, expected in (
        ("", "", "192.168.4.1"),
        (None, None, "192.168.4.1"),
        ("0.0.0.0", "0.0.0.0", "192.168.4.1"),
        ("192.168.1.7", "255.255.255.0", "192.168.4.1"),
        ("192.168.4.77", "255.255.255.0", "192.168.5.1"),
        ("192.168.4.77", None, "192.168.5.1"),
        ("192.168.5.77", "255.255.255.0", "192.168.4.1"),
        ("192.168.4.77", "255.255.255.128", "192.168.5.1"),
        ("192.168.4.200", "255.255.255.192", "192.168.5.1"),
        ("192.168.0.9", "255.255.0.0", "10.44.44.1"),
        ("10.0.0.5", "255.0.0.0", "192.168.4.1"),
    ):
        found = free_address(home, mask)
        assert found == expected, (home, mask, found)
        assert is_apart(found, home, mask)
    assert not is_apart("192.168.4.1", "192.168.4.77", "255.255.255.0")

"""The LAN8720 of a board with Ethernet. Needed once, at the start, and dropped then."""

import machine
import network


def cable(pins, hostname):
    """The LAN8720 of the board, not active yet. `pins`: the section "ethernet" of the
    configuration. Raises AttributeError where the image has no Ethernet, OSError if nothing
    answers at the pins. Stops the chip for 0.2 s."""
    network.hostname(hostname)
    clock, way = pins["clock"].split("=")
    found = {key: machine.Pin(pins[key]) for key in ("mdc", "mdio")}
    for key in ("power", "reset"):
        if pins[key] is not None:
            found[key] = machine.Pin(pins[key])
    return network.LAN(
        phy_type=network.PHY_LAN8720,
        phy_addr=pins["phy"],
        ref_clk=machine.Pin(int(clock)),
        ref_clk_mode=machine.Pin.IN if way == "in" else machine.Pin.OUT,
        **found,
    )

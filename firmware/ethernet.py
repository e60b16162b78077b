"""A cable instead of Wi-Fi: a LAN8720 at the ESP32's RMII. Loaded where it is configured.

Source of the call and of what its status tells: MicroPython's ports/esp32/network_lan.c and
docs/esp32/quickref.rst, v1.23.0. There an event of Wi-Fi changes the status of Ethernet as well
(both are told by numbers that begin at 0), so that it says too little: an address that the router
gave says more, since it is taken back when the link goes (ESP-IDF, esp_netif_down).
"""

from micropython import const

from firmware import forget

_SLOT_MS = const(150)


class Ethernet:
    """`lan`: network.LAN, active; `fixed`: whether its address is. It has what the station of
    Wi-Fi has, as far as that is asked for."""

    def __init__(self, lan, fixed):
        self._lan = lan
        self._fixed = fixed
        self._up = False

    def isconnected(self):
        """Whether there is a link with an address."""
        if not self._fixed:
            return self._lan.ifconfig()[0] != "0.0.0.0"
        import network

        status = self._lan.status()
        if status == network.ETH_GOT_IP:
            self._up = True
        elif status == network.ETH_DISCONNECTED:
            self._up = False
        return self._up

    def ifconfig(self):
        """(address, mask, gateway, name server) as text."""
        return self._lan.ifconfig()

    def status(self, what):
        """None: a cable has no signal strength."""
        return None


async def begin(app, pins, hostname, fixed):
    """Starts Ethernet for a firmware.app.App. `pins`: the section "ethernet" of the configuration,
    with the profile's pins in it; `fixed`: an address as ifconfig() takes it, or None. Returns an
    Ethernet, or None after a sentence in the journal.

    It stops the chip twice: for 0.2 s, and, in active(), until the link is there, which takes
    some 2 s with a cable, and 4 s without (ESP-IDF's esp_eth_phy_802_3.c waits for the
    negotiation, and the call keeps the interpreter). So it is done once, at the start.
    """
    await app.bus.slot(_SLOT_MS, "Ethernet")
    try:
        from firmware import board_cable

        lan = board_cable.cable(pins, hostname)
        if fixed:
            lan.ifconfig(fixed)
        await app.bus.slot(_SLOT_MS, "Ethernet")
        lan.active(True)
    except AttributeError:
        app.journal.tell(
            "error",
            "ethernet: this MicroPython has no network.LAN: take the image ESP32_GENERIC, not "
            "D2WD.",
        )
    except (OSError, ValueError, RuntimeError) as error:
        app.journal.tell(
            "error",
            f"ethernet: no LAN8720 answers ({error}): are mdc, mdio, phy, clock and power those "
            "of the board?",
        )
    else:
        return Ethernet(lan, fixed is not None)
    finally:
        forget("firmware.board_cable")
    return None

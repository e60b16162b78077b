"""The board's own Wi-Fi. Loaded while it is open, and for who wants to know its name."""

from firmware import board


def access_point_name():
    """What the board's own Wi-Fi is called: "twc-bridge-" and the end of its id."""
    return "twc-bridge-" + board.own_name()[-4:]


def access_point(name, password, address):
    """Opens the board's own Wi-Fi, WPA2, and returns its interface. `address`: its own there;
    those of the others begin with the same three numbers."""
    import network

    point = network.WLAN(network.AP_IF)
    # In this order: elsewhere it can only be configured when it is there. Nothing comes between,
    # since for that long it is open to all.
    point.active(True)
    point.config(ssid=name, key=password, security=network.AUTH_WPA2_PSK)
    if point.ifconfig()[0] != address:
        # Its name server is the board, too: captive_dns.py.
        point.ifconfig((address, "255.255.255.0", address, address))
    return point

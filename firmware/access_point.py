"""The board's own Wi-Fi: an access point with a password, whose page sets everything up.

Loaded when it opens, and dropped when it has closed: see wifi.py.
"""

import asyncio
import os

from micropython import const

from firmware import board_point, forget, point_address

_FILE = "access.txt"
_LETTERS = b"abcdefghijkmnpqrstuvwxyz23456789"  # none that looks like another one; 32 of them
_SLOT_MS = const(150)
_LOOK_MS = const(100)

# It closes when Wi-Fi is back and nobody has asked for something for a minute; without Wi-Fi,
# where one is configured, when nobody has for a quarter of an hour, and opens again in an hour.
_QUIET_MS = const(60000)
_UNUSED_MS = const(900000)
_AGAIN_MS = const(3600000)


async def serve(app):
    """Opens the access point of a firmware.app.App, and returns when it has closed. Raises
    OSError if it can't be opened."""
    wifi, now_ms = app.wifi, app.clock.ms
    name = board_point.access_point_name()
    password = kept_password()
    if password is None:
        password = new_password()
        await app.bus.slot(_SLOT_MS, "flash")
        _keep(app, password)
    wifi.asked_ms = since_ms = now_ms()
    home = wifi.last_ip or app.config["wifi"].get("address"), None
    try:
        # Again, if the network that has been joined is found to have its addresses.
        while await _open(app, name, password, since_ms, home):
            home = wifi.addresses()[:2]
            there = "Ethernet" if wifi.station is wifi.wired else "Wi-Fi " + wifi.ssid
            app.journal.tell(
                "warning",
                f"{there} has the addresses of the access point, which gets others: join it "
                f"again, or ask for http://{home[0]}/ in {there}.",
            )
        if wifi.state != "connected":
            wifi.again_ms = now_ms() + _AGAIN_MS
        app.journal.tell("info", f"Access point {name} is closed.")
    finally:
        wifi.tried = None
        forget("firmware.captive_dns")
        forget("firmware.board_point")
        forget("firmware.point_address")


async def _open(app, name, password, since_ms, home):
    """Opens it, and returns when it has closed: True if its addresses are those of the network
    that has been joined. `home`: (address or "", mask or None) of the board there."""
    wifi, now_ms = app.wifi, app.clock.ms
    await app.bus.slot(_SLOT_MS, "start")
    point = board_point.access_point(name, password, point_address.free_address(*home))
    names = None
    try:
        wifi.portal = point.ifconfig()[0]
        # Not through the journal, which others can read.
        print(f"Access point {name}, password {password}")
        app.journal.tell("info", f"Access point {name} is open: http://{wifi.portal}/")
        await app.bus.slot(_SLOT_MS, "start")
        from firmware import captive_dns

        try:
            names = captive_dns.Names(wifi.portal)
        except OSError as error:
            sentence = f"No name server at the access point ({error}): ask for {wifi.portal}."
            app.journal.tell("warning", sentence)
        while True:
            joined = wifi.state == "connected"
            if not joined:
                since_ms = now_ms()
            elif not point_address.is_apart(wifi.portal, *wifi.addresses()[:2]):
                return True
            quiet_ms = now_ms() - max(wifi.asked_ms, since_ms if joined else 0)
            # On a new board it stays open: else nobody could set it up.
            if (app.config["wifi"]["ssid"] or wifi.wired) and not wifi.trying:
                if quiet_ms > (_QUIET_MS if joined else _UNUSED_MS):
                    return False
            await asyncio.sleep_ms(_LOOK_MS)
            if names:
                names.look()
    finally:
        wifi.portal = None
        if names:
            names.close()
        await app.bus.slot(_SLOT_MS, "start")
        point.active(False)


def kept_password(path=_FILE):
    """The password of the access point as it is kept on flash, or None."""
    try:
        with open(path) as file:
            found = file.read(80).strip()
    except (OSError, UnicodeError):
        return None
    # IEEE 802.11i, annex H.4: 8 to 63 characters of ASCII.
    fits = 8 <= len(found) <= 63 and all([31 < byte < 127 for byte in found.encode()])
    return found if fits else None


def new_password():
    """Ten letters and digits at random: 50 bits."""
    return "".join([chr(_LETTERS[byte & 31]) for byte in os.urandom(10)])


def _keep(app, password):
    from firmware import whole

    forget("firmware.whole")
    try:
        whole.write(_FILE, (password + "\n",))
    except OSError as error:
        lost = "the access point's password is another one after each start: "
        whole.trouble(app, _FILE, error, lost)

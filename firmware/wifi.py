"""The station: joins one of the configured networks and comes back, for ever.

What is needed only without a network is in wifi_join.py, which is dropped when there is one:
which network, an Ethernet cable instead (ethernet.py), and the board's own access point
(access_point.py).
"""

import asyncio

from micropython import const

from firmware import forget

_IMPORT_SLOT_MS = const(150)
# Who is being answered by the page when Wi-Fi goes gets no more of it.
_PATIENCE_MS = const(2000)
_ROOM_BYTES = const(5000)


class Wifi:
    """`app`: the firmware.app.App. `state` is "off" (nothing is configured), "connecting",
    "connected" or "waiting".

    `portal`: the address of the open access point as text, None while it is closed; `asked_ms`:
    when somebody last asked for something there; `again_ms`: when it is to open, or None.
    `station`: the interface that counts, of Wi-Fi or of Ethernet; `wired`: a firmware.ethernet.
    Ethernet, False if there is none after all, or None: not tried yet. `ssid`: what was last told
    to join; `last_ip`: the last address of our own, "" before there was one. `trying`: what
    somebody has tried with it ("scan", "wifi" or "broker", see setup_try.py), so that it has to be
    left alone, or None; `tried`: what has come of that, as setup_try.run() says, or None.
    """

    def __init__(self, app):
        self.state = "off"
        self.portal = None
        self.asked_ms = 0
        self.again_ms = None
        self.station = None
        self.wired = None
        self.ssid = app.config["wifi"]["ssid"]
        self.last_ip = ""
        self.trying = None
        self.tried = None
        self._app = app

    def addresses(self):
        """(own address, network mask, gateway, name server) as text, or four times ""."""
        return self.station.ifconfig() if self.state == "connected" else ("", "", "", "")

    def signal(self):
        """Signal strength in dBm, or None: not connected, or by cable."""
        try:
            return self.station.status("rssi") if self.state == "connected" else None
        except (ValueError, OSError, TypeError):
            return None

    def asked(self, peer):
        """Somebody at `peer`, an address as text, has asked the page for something. The access
        point stays open for that, unless they came by the Wi-Fi that is joined."""
        if peer.rsplit(".", 1)[0] != self.addresses()[0].rsplit(".", 1)[0]:
            self.asked_ms = self._app.clock.ms()

    async def run(self):
        """Task: stays connected, for ever."""
        self.state = "off"
        while await self._join():
            self.state = "connected"
            self.again_ms = None
            station = self.station
            while station.isconnected():
                await asyncio.sleep_ms(500)
                if self.wired and station is not self.wired and self.wired.isconnected():
                    break
            self.state = "waiting"

    async def _join(self):
        """Returns when there is a network: True; False if there never will be."""
        app = self._app
        await app.room(_PATIENCE_MS, _ROOM_BYTES)
        await app.bus.slot(_IMPORT_SLOT_MS, "start")
        from firmware import wifi_join

        try:
            return await wifi_join.join(app, self)
        finally:
            del wifi_join
            forget("firmware.wifi_join")

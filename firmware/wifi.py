"""The station: joins the configured network and comes back, for ever.

Where none is configured, or it is gone for long, the board's own access point opens beside it:
access_point.py, which is loaded only while that is open.
"""

import asyncio

from micropython import const

from firmware import board, forget

_JOIN_S = const(20)
_SHORTEST_PAUSE_S = const(5)
# Also while the access point is open: trying disturbs that.
_LONGEST_PAUSE_S = const(60)
_IMPORT_SLOT_MS = const(150)


class Wifi:
    """`app`: the firmware.app.App. `state` is "off" (nothing is configured), "connecting",
    "connected" or "waiting".

    `portal`: the address of the open access point as text, None while it is closed; `asked_ms`:
    when somebody last asked for something there; `again_ms`: when it is to open, or None.
    `station`: the interface. `ssid`: what it was last told to join. `trying`: what somebody has
    tried with it ("scan", "wifi" or "broker", see setup_try.py), so that it has to be left alone,
    or None; `tried`: what has come of that, as setup_try.run() says, or None.
    """

    def __init__(self, app):
        self.state = "off"
        self.portal = None
        self.asked_ms = 0
        self.again_ms = None
        self.station = None
        self.ssid = app.config["wifi"]["ssid"]
        self.trying = None
        self.tried = None
        self._app = app

    def addresses(self):
        """(own address, network mask, gateway, name server) as text, or four times ""."""
        return self.station.ifconfig() if self.state == "connected" else ("", "", "", "")

    def signal(self):
        """Signal strength in dBm, or None."""
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
        app = self._app
        settings = app.config["wifi"]
        after_ms = 60000 * settings["setup_after_min"]
        ssid = settings["ssid"]
        if not ssid:
            if not after_ms:
                sentence = "No Wi-Fi: write wifi.ssid and wifi.password in config.json."
                return app.journal.tell("warning", sentence)
            self.again_ms = 0
        await app.bus.slot(_IMPORT_SLOT_MS, "start")
        self.station = station = board.station(settings["hostname"])
        pause_s = _SHORTEST_PAUSE_S
        while True:
            if station.isconnected() or ssid and await self._join(ssid, settings["password"]):
                pause_s = _SHORTEST_PAUSE_S
                self.again_ms = None
                self.state = "connected"
                address = self.addresses()[0]
                app.journal.tell("info", f"Wi-Fi {self.ssid}: connected, address {address}")
                while station.isconnected():
                    await asyncio.sleep_ms(500)
                app.journal.tell("warning", f"Wi-Fi {self.ssid}: connection lost")
            elif ssid and not self.trying:
                app.journal.tell("warning", f"Wi-Fi {ssid}: not joined; check name and password")
            self.state = "waiting" if ssid else "off"
            if self.again_ms is None and after_ms:
                self.again_ms = app.clock.ms() + after_ms
            await self._pause(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)

    async def _join(self, ssid, password):
        self.state = "connecting"
        self.ssid = ssid
        station = self.station
        # Off and on again: a station that hangs half-way joins no other way.
        station.active(False)
        await asyncio.sleep_ms(100)
        station.active(True)
        await asyncio.sleep_ms(100)
        if self.trying:
            return False
        try:
            station.connect(ssid, password)
        except OSError as error:
            self._app.journal.tell("warning", f"Wi-Fi {ssid}: {error}")
            return False
        for _ in range(_JOIN_S * 10):
            if station.isconnected() or self.trying:
                break
            await asyncio.sleep_ms(100)
        return station.isconnected()

    async def _pause(self, pause_s):
        app, station = self._app, self.station
        now_ms = app.clock.ms
        if self.portal is not None and self.ssid and not self.trying:
            # Left to itself it would go on, and take the radio away from the access point.
            pause_s = _LONGEST_PAUSE_S
            station.disconnect()
        end_ms = now_ms() + 1000 * pause_s
        while (now_ms() < end_ms or self.trying) and not station.isconnected():
            if self.again_ms is not None and now_ms() >= self.again_ms and self.portal is None:
                # Not again but in an hour, unless it was closed otherwise.
                self.again_ms = now_ms() + 3600000
                asyncio.create_task(app.keep("access point", self._open))
            await asyncio.sleep_ms(500)

    async def _open(self):
        app = self._app
        await app.room()
        await app.bus.slot(_IMPORT_SLOT_MS, "start")
        from firmware import access_point

        try:
            await access_point.serve(app)
        finally:
            self.portal = None
            del access_point
            forget("firmware.access_point")

"""The station: joins the configured network and comes back, for ever."""

import asyncio

from micropython import const

from firmware import board

_JOIN_S = const(20)
_SHORTEST_PAUSE_S = const(5)
_LONGEST_PAUSE_S = const(60)


class Wifi:
    """`settings`: the "wifi" section of the configuration; `tell(level, sentence)`: the
    journal. `state` is "off", "connecting", "connected" or "waiting"."""

    def __init__(self, settings, tell):
        self.state = "off"
        self._settings = settings
        self._tell = tell
        self._station = None

    def addresses(self):
        """(own address, network mask, gateway, name server) as text, or four times ""."""
        return self._station.ifconfig() if self.state == "connected" else ("", "", "", "")

    def signal(self):
        """Signal strength in dBm, or None."""
        try:
            return self._station.status("rssi") if self.state == "connected" else None
        except (ValueError, OSError, TypeError):
            return None

    async def run(self):
        """Task: stays connected, for ever."""
        ssid = self._settings["ssid"]
        if not ssid:
            self._tell("warning", "No Wi-Fi: write wifi.ssid and wifi.password in config.json.")
            return
        self._station = board.station(self._settings["hostname"])
        pause_s = _SHORTEST_PAUSE_S
        while True:
            if await self._join(ssid):
                pause_s = _SHORTEST_PAUSE_S
                self.state = "connected"
                self._tell("info", f"Wi-Fi {ssid}: connected, address {self.addresses()[0]}")
                while self._station.isconnected():
                    await asyncio.sleep_ms(500)
                self._tell("warning", f"Wi-Fi {ssid}: connection lost")
            else:
                self._tell("warning", f"Wi-Fi {ssid}: not joined; check name and password")
            self.state = "waiting"
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)

    async def _join(self, ssid):
        self.state = "connecting"
        station = self._station
        # Off and on again: a station that hangs half-way joins no other way.
        station.active(False)
        await asyncio.sleep_ms(100)
        station.active(True)
        await asyncio.sleep_ms(100)
        try:
            station.connect(ssid, self._settings["password"])
        except OSError as error:
            self._tell("warning", f"Wi-Fi {ssid}: {error}")
            return False
        for _ in range(_JOIN_S * 10):
            if station.isconnected():
                return True
            await asyncio.sleep_ms(100)
        return False

"""How the board gets into a network: which one of those that are configured, or the cable; and
when its own access point opens. Loaded while there is no network, and dropped.
"""

import asyncio

from micropython import const

from firmware import board, forget

_JOIN_S = const(20)
_LINK_S = const(10)  # until a cable counts as out, at the start
_SHORTEST_PAUSE_S = const(5)
# Also while the access point is open: trying disturbs that.
_LONGEST_PAUSE_S = const(60)
_SLOT_MS = const(150)
_LOOK_MS = const(100)


async def join(app, wifi):
    """Returns True when the firmware.wifi.Wifi of a firmware.app.App is in a network, however
    long that takes; False if there is nothing to be joined, and no access point wanted."""
    if wifi.last_ip and not wifi.station.isconnected():
        app.journal.tell("warning", f"{named(wifi)}: connection lost")
    settings = app.config["wifi"]
    networks = _configured(settings)
    after_ms = 60000 * settings["setup_after_min"]
    # In safe mode, where nobody decides, as little as possible is started.
    if app.decisions or not networks:
        await _wire(app, wifi, settings)
    if not networks and not wifi.wired:
        if not after_ms:
            sentence = "No Wi-Fi: write wifi.ssid and wifi.password in config.json."
            app.journal.tell("warning", sentence)
            return False
        if wifi.again_ms is None:
            wifi.again_ms = 0
    if (networks or not wifi.wired) and not _connected(wifi):
        await app.bus.slot(_SLOT_MS, "start")
        wifi.station = board.station(settings["hostname"])
    # Who was in one of them a moment ago is soonest there again, and without a scan.
    order = [one for one in networks if wifi.last_ip and one[0] == wifi.ssid and len(networks) > 1]
    pause_s = _SHORTEST_PAUSE_S
    scanned_ms = None
    while not _connected(wifi):
        again = bool(order)
        if not again:
            order = networks
            if len(networks) > 1 and not wifi.trying and wifi.portal is None:
                order, scanned_ms = await _sorted(app, wifi, networks, scanned_ms)
        for name, password in order:
            if await _join(app, wifi, name, password, settings):
                break
        order = None
        if again or _connected(wifi):
            continue
        if networks and not wifi.trying:
            names = ", ".join([one[0] for one in networks])
            app.journal.tell("warning", f"Wi-Fi {names}: not joined; check name and password")
        wifi.state = "waiting" if networks or wifi.wired else "off"
        if wifi.again_ms is None and after_ms:
            wifi.again_ms = app.clock.ms() + after_ms
        await _pause(app, wifi, pause_s)
        pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
    wifi.last_ip = wifi.station.ifconfig()[0]
    app.journal.tell("info", f"{named(wifi)}: connected, address {wifi.last_ip}")
    return True


def named(wifi):
    """What the network is called that is, or was, joined."""
    return "Ethernet" if wifi.station is wifi.wired else "Wi-Fi " + wifi.ssid


def _configured(settings):
    """(ssid, password) of all networks, as config.json has them."""
    first = [(settings["ssid"], settings["password"])] if settings["ssid"] else []
    return first + list(settings.get("networks") or ())


def _fixed(settings):
    """The fixed address as ifconfig() takes it, or None: the router gives one."""
    if settings.get("address"):
        return tuple([settings[key] for key in ("address", "mask", "gateway", "dns")])
    return None


def _connected(wifi):
    """Whether there is a network. The cable is preferred: Wi-Fi is off then."""
    if wifi.wired and wifi.wired.isconnected():
        if wifi.station not in (wifi.wired, None):
            wifi.station.active(False)
        wifi.station = wifi.wired
    return wifi.station is not None and wifi.station.isconnected()


async def _wire(app, wifi, settings):
    """Starts Ethernet, where it is configured: once, and gives it a moment."""
    pins = app.config.get("ethernet")
    if wifi.wired is None:
        wifi.wired = False
        if pins and pins["use"]:
            from firmware import ethernet

            wifi.state = "connecting"
            found = await ethernet.begin(app, pins, settings["hostname"], _fixed(settings))
            del ethernet
            if not found:
                forget("firmware.ethernet")
                return
            wifi.wired = found
            for _ in range(_LINK_S * 1000 // _LOOK_MS):
                if found.isconnected():
                    break
                await asyncio.sleep_ms(_LOOK_MS)
            else:
                app.journal.tell("warning", "Ethernet: no network: is the cable in?")


async def _sorted(app, wifi, networks, scanned_ms):
    """The networks, the strongest first, if they can be looked for now; and when they were."""
    from firmware import wifi_scan

    found = await wifi_scan.strongest_first(app, wifi.station, networks, scanned_ms)
    del wifi_scan
    forget("firmware.wifi_scan")
    return found


async def _join(app, wifi, ssid, password, settings):
    wifi.state = "connecting"
    wifi.ssid = ssid
    station = wifi.station
    if station is None or station is wifi.wired:
        return _connected(wifi)
    # Off and on again: a station that hangs half-way joins no other way.
    station.active(False)
    await asyncio.sleep_ms(_LOOK_MS)
    station.active(True)
    await asyncio.sleep_ms(_LOOK_MS)
    if wifi.trying:
        return False
    try:
        fixed = _fixed(settings)
        if fixed:
            station.ifconfig(fixed)
        station.connect(ssid, password)
    except OSError as error:
        app.journal.tell("warning", f"Wi-Fi {ssid}: {error}")
        return False
    for _ in range(_JOIN_S * 1000 // _LOOK_MS):
        if _connected(wifi) or wifi.trying:
            break
        await asyncio.sleep_ms(_LOOK_MS)
    return _connected(wifi)


async def _pause(app, wifi, pause_s):
    now_ms = app.clock.ms
    if wifi.portal is not None and wifi.ssid and not wifi.trying:
        # Left to itself it would go on, and take the radio away from the access point.
        pause_s = _LONGEST_PAUSE_S
        wifi.station.disconnect()
    end_ms = now_ms() + 1000 * pause_s
    while (now_ms() < end_ms or wifi.trying) and not _connected(wifi):
        if wifi.again_ms is not None and now_ms() >= wifi.again_ms and wifi.portal is None:
            # Not again but in an hour, unless it was closed otherwise.
            wifi.again_ms = now_ms() + 3600000
            if wifi.station is None:
                await app.bus.slot(_SLOT_MS, "start")
                wifi.station = board.station(app.config["wifi"]["hostname"])
            asyncio.create_task(app.keep("access point", lambda: _open(app, wifi)))
        await asyncio.sleep_ms(500)


async def _open(app, wifi):
    await app.room()
    await app.bus.slot(_SLOT_MS, "start")
    from firmware import access_point

    try:
        await access_point.serve(app)
    finally:
        wifi.portal = None
        del access_point
        forget("firmware.access_point")

"""Tries what a person wants to set up: looks for networks, joins one, asks a broker.

Loaded for each try, and dropped when it is over.
"""

import asyncio
import errno
import select

from micropython import const

from firmware import forget

_SLOT_MS = const(150)
_ANSWER_MS = const(500)  # the request is answered first: trying may take the radio away
_SCAN_AGAIN_MS = const(30000)
_MOST_NETWORKS = const(20)
_JOIN_MS = const(20000)
# A first failure may be a passing one: the chip tries once more by itself.
_FAILED_MS = const(4000)
_LOOK_MS = const(100)
_POLL_MS = const(20)
_CONNACK_MS = const(10000)
_KEEPALIVE_S = const(30)

# What WLAN.status() says while nothing has failed: idle, connecting, connected.
_FINE = (1000, 1001, 1010)


def may_scan(app):
    """Whether networks can be looked for now: the last look was not a moment ago."""
    last_ms = app.wifi.tried.get("scan_ms")
    return last_ms is None or app.clock.ms() - last_ms > _SCAN_AGAIN_MS


async def run(app, what, given):
    """Task: tries "scan", "wifi" ({"ssid", "password"}) or "broker" ({"host", "port", "user",
    "password"}) for a firmware.app.App, and leaves in `app.wifi.tried` what has come of it:
    "networks", "wifi": (ssid, sentence why not or ""), "broker": the sentence or ""."""
    wifi = app.wifi
    tried = wifi.tried
    try:
        await asyncio.sleep_ms(_ANSWER_MS)
        if what == "scan":
            tried["networks"] = await _networks(app)
            tried["scan_ms"] = app.clock.ms()
        elif what == "wifi":
            ssid = given["ssid"]
            tried[what] = ssid, await _join(app, ssid, given.get("password", ""))
        else:
            tried[what] = await _broker(app, given)
    except (OSError, MemoryError) as error:
        problem = str(error) or "it failed"
        if what == "scan":
            tried["networks"] = []
        else:
            tried[what] = (given["ssid"], problem) if what == "wifi" else problem
    finally:
        wifi.trying = None


async def _networks(app):
    station = app.wifi.station
    if not station.isconnected():
        # While it is connecting nothing would be found.
        station.active(True)
        station.disconnect()
        await asyncio.sleep_ms(_LOOK_MS)
    await app.bus.slot(_SLOT_MS, "scan")
    best = {}
    for entry in station.scan():
        try:
            name = str(entry[0], "utf-8")
        except UnicodeError:
            continue
        if name and (name not in best or best[name][1] < entry[3]):
            best[name] = [name, entry[3], entry[4] != 0]
    return sorted(best.values(), key=lambda network: -network[1])[:_MOST_NETWORKS]


async def _join(app, ssid, password):
    """Joins a network and stays there. Returns "", or a sentence why not."""
    wifi, now_ms = app.wifi, app.clock.ms
    station = wifi.station
    station.active(True)
    station.disconnect()
    await asyncio.sleep_ms(_LOOK_MS)
    # What failed last is told until something succeeds, so it can't be told from a new failure
    # of the same kind but by waiting.
    old = station.status()
    _reconnects(station, 1)
    wifi.ssid = ssid
    await app.bus.slot(_SLOT_MS, "start")
    station.connect(ssid, password)
    end_ms = now_ms() + _JOIN_MS
    code = None
    while now_ms() < end_ms and not station.isconnected():
        await asyncio.sleep_ms(_LOOK_MS)
        now = station.status()
        if code is None and now != old and now not in _FINE:
            end_ms = min(end_ms, now_ms() + _FAILED_MS)
            code = now
    joined = station.isconnected()
    if joined:
        # Then the task that watches the station has seen it, too.
        await asyncio.sleep_ms(1000)
    else:
        code = station.status()
        station.disconnect()
        wifi.ssid = app.config["wifi"]["ssid"]
    _reconnects(station, -1)
    return "" if joined else why(code, ssid)


def _reconnects(station, count):
    try:
        station.config(reconnects=count)
    except OSError:
        pass  # then it tries more often than is needed


def why(code, ssid):
    """The sentence for what WLAN.status() says of a network that could not be joined.

    Source: MicroPython's ports/esp32/network_wlan.c, which passes on reasons of ESP-IDF
    (wifi_err_reason_t in esp_wifi_types.h) and tells 205, a failed connection, as 202.
    """
    if code == 201:
        return (
            f"No network {ssid} was found: is it in reach, is its name right, and is it on 2.4 "
            "GHz? There is no 5 GHz on this board."
        )
    # 2 and 15: what a wrong password leads to depends on the access point.
    if code in (202, 204, 2, 15):
        return f"{ssid} does not let the board in: is the password right?"
    if code == 203:
        return f"{ssid} does not take the board: too many devices, or only those it knows?"
    if code in (210, 211):
        return f"{ssid} wants a security that the board does not know: choose WPA2 in the router."
    if code in (212, 200):
        return f"{ssid} is too weak here."
    if code in _FINE:
        return (
            f"{ssid} did not answer within {_JOIN_MS // 1000} s, or gave the board no address: is "
            "the password right, and is it in reach?"
        )
    return f"{ssid} was not joined (reason {code} of the chip)."


async def _broker(app, given):
    """Begins a session as mqtt.py would. Returns "", or a sentence why there is none."""
    await app.room()
    await app.bus.slot(_SLOT_MS, "start")
    from firmware import board, mqtt_connect
    from firmware.mqtt import Memory

    settings = {"port": 1883, "user": "", "password": ""}
    settings.update(given)
    settings["tls"] = False
    memory = Memory()
    socks = []
    try:
        # A client id of its own: a broker ends the session of another one that has the same.
        mqtt_connect.client(
            settings, board.own_name() + "-try", "twc/" + app.name, _KEEPALIVE_S, memory, None
        )
        stream = await mqtt_connect.reach(
            settings, app.wifi, socks.append, memory.take(), app.bus.slot
        )
        await stream.drain()
        data = await _received(socks[-1])
        mqtt_connect.check(data[:1], data[2:])
        stream.write(b"\xe0\0")  # DISCONNECT: so no last will is published
        await stream.drain()
        return ""
    except Exception as error:
        from firmware import mqtt_errors

        sentence = f"{settings['host']}:{settings['port']}: {mqtt_errors.words(error)}"
        del mqtt_errors
        forget("firmware.mqtt_errors")
        if settings["port"] == 8883:
            return sentence.rstrip("?") + "; TLS, usual on this port, is not tried here."
        return sentence if sentence[-1] == "?" else sentence + "."
    finally:
        for sock in socks:
            sock.close()
        del mqtt_connect
        forget("firmware.mqtt_connect")


async def _received(sock):
    """The four bytes of a CONNACK, or fewer if it closes the connection. Raises OSError."""
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    data = b""
    for _ in range(_CONNACK_MS // _POLL_MS):
        if poller.poll(0):
            piece = sock.read(4 - len(data))
            if piece == b"":
                raise EOFError
            data += piece or b""
            if len(data) == 4:
                return data
        await asyncio.sleep_ms(_POLL_MS)
    raise OSError(errno.ETIMEDOUT)

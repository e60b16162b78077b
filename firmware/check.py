"""The self-test of `make check-board` (tools/check_board.py), at the prompt and in place of
start.py: the firmware as it is runs for a while and is watched.

What is found is printed as lines "CHECK key json". Nothing is sent but what the firmware sends by
itself. Never loaded otherwise.
"""

import asyncio
import gc
import json
import time

import machine
from micropython import const

from firmware import forget

# The board starts anew by itself when nobody has ended this so long after it should be over: the
# cable may be pulled, or the computer switched off.
_SPARE_S = const(300)

# Longest wait for Wi-Fi and broker before the minute begins, and how often something is told.
_PATIENCE_S = const(45)
_TELL_EVERY_S = const(5)
_WIFI_BEGINS_S = const(12)


def main(seconds):
    """Runs the test: `seconds` after Wi-Fi and broker are there, or can't be had."""
    start_ms = time.ticks_ms()
    watchdog(1000 * (seconds + _PATIENCE_S + _SPARE_S))
    try:
        from firmware import check_facts

        check_facts.tell_all(tell)
        del check_facts
        forget("firmware.check_facts")
        gc.collect()
        from firmware.app import App
        from firmware.check_watch import Watch

        app = App()
        built_ms = time.ticks_diff(time.ticks_ms(), start_ms)
        watch = Watch(min(600, 3 * seconds + 3))
        app.bus.record(watch)
        _run(app, watch, seconds, start_ms, built_ms)
    finally:
        watchdog(1000 * _SPARE_S)
    tell("end", True)


def watchdog(ms):
    """Gives the watchdog another time: the firmware's own would end what follows in seconds. Once
    made it can't be switched off, but on the ESP32 it takes a new time."""
    try:
        machine.WDT(timeout=ms)
    except (AttributeError, ValueError, OSError):
        pass  # nothing to disarm


def tell(key, value):
    """Prints a finding."""
    print("CHECK", key, json.dumps(value))


def shared():
    """[bytes, free, largest piece, the least that was ever free] of the memory that Wi-Fi, sockets
    and a growing heap live on, or None where it can't be asked (docs.micropython.org, esp32)."""
    try:
        import esp32

        found = [0, 0, 0, 0]
        for total, free, largest, least in esp32.idf_heap_info(esp32.HEAP_DATA):
            found = [found[0] + total, found[1] + free, max(found[2], largest), found[3] + least]
        return found
    except (ImportError, AttributeError, ValueError):
        return None


def _run(app, watch, seconds, start_ms, built_ms):
    try:
        asyncio.run(_watch(app, watch, seconds, start_ms, built_ms))
    finally:
        # First: what comes now is loaded for the telling alone.
        gc.collect()
        tell("after", [gc.mem_alloc(), shared()])
        from firmware import check_results

        check_results.tell_all(app, watch, tell)


async def _watch(app, watch, seconds, start_ms, built_ms):
    task = asyncio.create_task(app.run())
    waited_s = 0
    ready = False
    first = False
    while not task.done():
        await asyncio.sleep_ms(1000)
        now_ms = app.clock.ms()
        if app.bus.recorder is not watch:
            # Recording is given up where memory is short.
            tell("short", now_ms // 1000)
            app.bus.record(watch)
        watch.used = max(watch.used, gc.mem_alloc())
        waited_s += 1
        if not first and watch.first_ticks is not None:
            first = True
            tell("first", [built_ms, time.ticks_diff(watch.first_ticks, start_ms)])
        if not ready and (_is_there(app, waited_s) or waited_s >= _PATIENCE_S):
            ready = True
            tell("ready", waited_s)
            waited_s = 0
            watch.begin()
            app.bus.late_ms = 0
        if waited_s % _TELL_EVERY_S == 0:
            tell("sample", _sample(app, watch, now_ms))
            watch.used = 0
        if ready and waited_s >= seconds:
            return
    await task  # raises what it died of


def _is_there(app, waited_s):
    """Whether all that can come has come: parts, network, broker."""
    if app.mqtt is None or app.wifi is None:
        return False
    if app.wifi.state == "off":
        # As it begins, and as it stays where none is configured.
        return waited_s >= _WIFI_BEGINS_S
    return app.wifi.state == "connected" and app.mqtt.state in ("connected", "off")


def _sample(app, watch, now_ms):
    """[uptime in s, most bytes in use, shared memory, Wi-Fi, address, dBm, broker]."""
    wifi = app.wifi
    told = ("", "", None) if wifi is None else (wifi.state, wifi.addresses()[0], wifi.signal())
    return (
        [now_ms // 1000, watch.used, shared()] + list(told) + [app.mqtt.state if app.mqtt else ""]
    )

"""Starts what the bus does not wait for: decisions, Wi-Fi, page, MQTT, questions.

One module is imported after the other, each right after a heartbeat. Run once by app.py, and
again if it failed on the way; then this code is dropped.
"""

import asyncio
import gc
import os

from micropython import const

from firmware import board, forget, watchdog

# An import stops the chip for some 10 to 100 ms.
_IMPORT_SLOT_MS = const(150)


async def start(app):
    """Builds what is not there yet and starts its tasks. `app`: the firmware.app.App."""
    # Whoever asks for the page by then waits: there is no memory for this and that.
    app.moving += 1
    try:
        await _start(app)
    finally:
        app.moving -= 1


async def _start(app):
    _recording(app)
    if app.decisions is None:
        why = watchdog.restarted()
        if why:
            crashed = why.startswith("Reset by") or why.startswith("It failed")
            app.journal.tell("warning" if crashed else "info", why)
        await _decisions(app)
    if app.wifi is None:
        await _load(app, "firmware.wifi")
        from firmware.wifi import Wifi

        app.wifi = Wifi(app)
        _run(app, "wifi", app.wifi.run)
    conditions = app.decisions.conditions
    if conditions and conditions.clock is None and conditions.zone:
        await _load(app, "firmware.clock")
        from firmware.clock import Clock

        conditions.clock = Clock(conditions.ntp, app.wifi, app.clock.ms, app.journal.tell)
        _run(app, "clock", conditions.clock.run)
    if app.bus.questions is None and app.config["bus"]["questions"]:
        try:
            await _load(app, "twc.answers", "twc.questions")
            from twc.questions import Questions

            app.bus.questions = Questions(app.master.own_id, app.journal.tell)
        except MemoryError:
            app.journal.tell("warning", "No memory for bus.questions: meter and VIN not asked.")
    if app.report is None:
        await _page(app)
    if app.mqtt is None:
        await _mqtt(app)
    if "syslog" in app.config:
        await _load(app, "firmware.syslog")
        from firmware import syslog

        settings = app.config.pop("syslog")
        _run(app, "syslog", lambda: syslog.run(app, settings))
    app.bus.late_ms = 0  # what starting costs the gaps tell
    there = os.listdir()
    for name in there:
        if name[:7] == "update." or name[:9] == "firmware.":
            await _load(app, "firmware.update_trial")
            from firmware import update_trial

            asyncio.create_task(update_trial.watch(app))
            forget("firmware.update_trial")
            break
    if "config.try" not in there:
        return
    await _load(app, "firmware.config_back")
    from firmware import config_back

    asyncio.create_task(config_back.watch(app))
    forget("firmware.config_back")


def _recording(app):
    """First, as long as there is so much memory in one piece."""
    frames = app.config["bus"]["recording"]
    if frames and app.bus.recorder is None:
        from firmware.recorder import Recorder

        try:
            app.bus.record(Recorder(frames))
        except MemoryError:
            app.journal.tell(
                "warning", f"No memory for bus.recording, {frames} frames: none kept."
            )


async def _decisions(app):
    await _load(app, "charging.surplus", "charging.unit", "charging.energy", "charging.stopping")
    await _load(app, "charging.inputs", "charging.plan", "firmware.decisions", "firmware.history")
    if app.config["sources"]:
        await _load(app, "charging.sources")
    from firmware import history
    from firmware.decisions import Decisions

    app.history = history
    app.decisions = Decisions(
        app.config,
        app.settings,
        app.remembered,
        app.bus,
        app.gate,
        app.journal.tell,
        app.clock.ms(),
    )
    if app.decisions.conditions:
        app.journal.utc_s = app.decisions.conditions.utc_s
    # Only what is needed later is kept.
    app.remembered = None
    kept = "bus wifi mqtt homeassistant twcmanager web ethernet".split(" ")
    if app.config["syslog"]["host"]:
        kept.insert(0, "syslog")
    if not app.config["ethernet"]["use"]:
        kept.pop()
    app.config = {key: app.config[key] for key in kept}
    wifi = app.config["wifi"]
    if not wifi["address"]:
        kept = "ssid password hostname setup_after_min networks".split(" ")
        app.config["wifi"] = {key: wifi[key] for key in kept if wifi[key] or key != "networks"}
    app.master.on_other = app.other
    _run(app, "decisions", app.decide_for_ever)


async def _page(app):
    await _load(app, "firmware.lock", "firmware.lock_file")
    from firmware import lock_file

    lock_file.begin(app)
    del lock_file
    forget("firmware.lock_file")
    await _load(app, "firmware.report", "firmware.webserver")
    from firmware.report import Report
    from firmware.webserver import Web

    app.report = Report(app)
    _run(app, "page", Web(app).run)


async def _mqtt(app):
    await _load(app, "umqtt.simple", "firmware.mqtt")
    from firmware.mqtt import Mqtt

    mqtt = Mqtt(
        app.config["mqtt"],
        "twc/" + app.name,
        board.own_name(),
        app.wifi,
        app.clock.ms,
        app.journal.tell,
    )
    app.birth = app.config["homeassistant"]["prefix"] + "/status"
    mqtt.others = app.decisions.inputs.topics() + [app.birth]
    mqtt.reports = [app.report]
    other = app.config["twcmanager"]
    if other["mqtt"]:
        await _load(app, "firmware.twcmanager")
        from firmware.twcmanager import Topics

        app.twcmanager = Topics(app, other["prefix"])
        mqtt.others += app.twcmanager.listen
        mqtt.reports.append(app.twcmanager)
    mqtt.on_message = app.message
    mqtt.is_command = app.is_command
    mqtt.room = app.room
    mqtt.slot = app.bus.slot
    mqtt.journal = app.journal
    mqtt.ended = app.decisions.inputs.disconnected
    app.mqtt = mqtt
    _run(app, "mqtt", mqtt.run)


def _run(app, name, task):
    asyncio.create_task(app.keep(name, task))


async def _load(app, *names):
    for name in names:
        await app.bus.slot(_IMPORT_SLOT_MS, "start")
        __import__(name)
        gc.collect()

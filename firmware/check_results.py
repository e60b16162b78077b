"""The results of `make check-board`, told when the minute is over. Loaded by check.py only then:
it must not take memory from what is tested."""

from micropython import const

_A_LINE = const(20)


def tell_all(app, watch, tell):
    """Tells them with `tell(key, value)`. `app`: the firmware.app.App, whose tasks have ended;
    `watch`: the firmware.check_watch.Watch."""
    bus, master = app.bus, app.master
    now_ms = app.clock.ms()
    tell("frames", watch.counts())
    for start in range(0, watch.count, _A_LINE):
        tell("gaps", list(watch.gaps[start : min(watch.count, start + _A_LINE)]))
    tell("late", bus.late_ms)
    tell("longest", [bus.gap_ms, bus.gaps, bus.gap_cause])
    decoder, lookout = bus.decoder, master.lookout
    tell("line", [decoder.good, decoder.bad, decoder.short, bus.noisy, bus.refused])
    tell("second", lookout.second_master(now_ms))
    for slave in master.slaves:
        link = slave.link(now_ms)
        told = [slave.id, slave.protocol, slave.rating_ca, link, slave.reply_ms, slave.unanswered]
        tell("slave", told)
    tell("channel", _channel(app))
    if app.mqtt:
        tell("mqtt", [app.mqtt.state, app.mqtt.note])
    if app.decisions:
        for sentence in app.warnings(now_ms):
            tell("warning", sentence)
    for event in app.journal.events:
        tell("event", list(event))


def _channel(app):
    """The channel of the Wi-Fi, or None."""
    try:
        return app.wifi.station.config("channel")
    except (AttributeError, OSError, ValueError, TypeError):
        return None

"""The journal for a syslog server: each event as a UDP packet. Loaded only if syslog.host is set.

Sources: RFC 5424, section 6 (the header; a message that is no ASCII begins with a BOM), and
RFC 5426 (one message in each packet). Nothing is waited for: what an absent network does not take
stays in the journal's ring, and what falls out of that is counted and told. What goes wrong here
is an event like any other, told once until the next packet has left, so none can bring about
another.
"""

import asyncio
import socket

from micropython import const

from firmware import board, forget

_LOOK_MS = const(1000)
_IMPORT_SLOT_MS = const(150)
_FACILITY = const(128)  # local0, 16 times 8
_WARNING = const(4)

# After a failure the name is asked for again, and the server's address may have changed anyway.
_SHORTEST_PAUSE_MS = const(15000)
_LONGEST_PAUSE_MS = const(900000)
_AGAIN_MS = const(3600000)


async def run(app, settings):
    """Task: sends for ever. `app`: the firmware.app.App; `settings`: section "syslog" of the
    configuration."""
    journal, now_ms = app.journal, app.clock.ms
    sock = address = None
    asked_ms = sent = 0
    pause_ms = _SHORTEST_PAUSE_MS
    told = False
    while True:
        await asyncio.sleep_ms(_LOOK_MS)
        if sent == journal.count or app.wifi.state != "connected":
            continue
        try:
            if address is None or now_ms() - asked_ms > _AGAIN_MS:
                address = await _address(app, settings)
                asked_ms = now_ms()
            if sock is None:
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sock.setblocking(False)
            await app.bus.slot(_IMPORT_SLOT_MS, "start")
            sent = _send(app, sock, address, sent)
            told = False
            pause_ms = _SHORTEST_PAUSE_MS
        except OSError as error:
            if sock is not None:
                sock.close()
            sock = address = None
            if not told:
                told = True
                why = error.args[0] if error.args else error
                if not isinstance(why, str):
                    why = f"{settings['host']} can not be reached (error {why})"
                journal.tell("warning", f"Syslog: {why}; trying again.")
            await asyncio.sleep_ms(pause_ms)
            pause_ms = min(_LONGEST_PAUSE_MS, 2 * pause_ms)


async def _address(app, settings):
    await app.bus.slot(_IMPORT_SLOT_MS, "start")
    from firmware import resolve

    try:
        host = await resolve.resolve(settings["host"], app.wifi.addresses()[3])
    finally:
        del resolve
        forget("firmware.resolve")
    return socket.getaddrinfo(host, settings["port"])[0][-1]


def _send(app, sock, address, sent):
    """Sends what came after the first `sent` events; returns how many those are now. Raises
    OSError if the network does not take them; then they are sent again."""
    from firmware import journal_line

    forget("firmware.journal_line")
    journal = app.journal
    name = app.config["wifi"]["hostname"] or board.own_name()
    events = journal.after(sent)
    lost = journal.count - sent - len(events)
    if lost:
        sock.sendto(
            packet(_WARNING, None, name, f"{lost} events before this one are lost"), address
        )
    for seconds, level, text in events:
        severity = {"error": 3, "warning": _WARNING}.get(level, 6)
        utc_s = journal_line.utc_s(journal, seconds)
        time = None
        if utc_s is None:
            start = f"start {journal.start}, " if journal.start else ""
            text = f"({start}{seconds} s) {text}"
        else:
            import localtime  # where the time is known it is loaded

            time = localtime.stamp(utc_s)
        sock.sendto(packet(severity, time, name, text), address)
    return journal.count


def packet(severity, time, host, text):
    """The bytes of a message: `severity` 0 to 7; `time`: as RFC 3339 has it, or None: not known;
    `host`: our own name."""
    raw = bytes([max(32, byte) for byte in text.encode()])
    mark = "" if max(raw or b" ") < 128 else "\ufeff"
    # A host name in a header is ASCII that can be printed.
    host = "".join([chr(byte) if 32 < byte < 127 else "-" for byte in host.encode()]) or "-"
    head = f"<{_FACILITY + severity}>1 {time or '-'} {host} twc-bridge - - - {mark}"
    return head.encode() + raw

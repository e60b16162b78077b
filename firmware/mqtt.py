"""The session with the broker: MQTT 3.1.1 that never stops the loop.

How a session begins is in mqtt_connect.py, which is dropped when there is one. umqtt.simple
encodes and decodes, in memory only: its socket is replaced by an object that
collects what it writes and serves what it reads from one complete packet. All waiting is done
here, by asyncio, on a socket of our own; a connection that misbehaves in any way is thrown
away and made anew. Works with umqtt.simple 1.3.4 (PyPI) to 1.7.0 (official image v1.28).
"""

import asyncio
import random

from micropython import const

from firmware import forget

_KEEPALIVE_S = const(30)
_IMPORT_SLOT_MS = const(150)
_ANSWER_MS = const(10000)  # to the first packet
_SHORTEST_PAUSE_S = const(1)
# Short of the age at which a reading is lost, with the time a connect may take.
_LONGEST_PAUSE_S = const(20)
_LOOK_MS = const(250)  # between looks for something to publish
_LARGEST_PACKET = const(1024)  # incoming; larger ones are read past
_POLL_MS = const(20)

_EVENTS = const(3)  # of the journal, told at a time
_MOST_ANSWERS = const(8)
_AFTER_COMMAND_MS = const(50)

_PUBLISH = const(0x30)
_SUBACK = const(0x90)


class ProtocolError(Exception):
    """The broker said something that MQTT does not allow here (a sentence), or refused us (the
    return code of its CONNACK)."""


class Memory:
    """What umqtt takes for the socket module and for a socket: it reads what was put into
    `to_read`, and what it writes is collected."""

    def __init__(self):
        self.to_read = b""
        self._written = bytearray()

    def take(self):
        """What umqtt has written since the last call."""
        data = bytes(self._written)
        self._written = bytearray()
        return data

    def socket(self, *_):
        return self

    def getaddrinfo(self, *_):
        return [(None,)]

    def write(self, data, length=None):
        self._written.extend(data if length is None else data[:length])

    def read(self, length):
        if not self.to_read and self._written and self._written[0] == 0x82:
            # subscribe() waits for its answer at once. The real one is checked when it comes.
            self.to_read = b"\x90\x03" + bytes(self._written[2:4]) + b"\0"
        data = self.to_read[:length]
        self.to_read = self.to_read[length:]
        return data

    def _nothing(self, *_):
        pass

    connect = settimeout = setblocking = close = _nothing


class Mqtt:
    """One session, made anew for ever.

    `settings`: the "mqtt" section of the configuration; `root`: the topic that all of ours
    begin with ("twc/garage"); `wifi`: tells whether there is a network, and the name server.
    To be set before run(): `others`: whole topics to subscribe to, beside the commands
    (<root>/…/set); `on_message(topic, payload, retained)`: topic below the root, or a whole one
    of the others, as text, payload as bytes; `is_command(topic)`: those for which room() is
    waited for; `ended()`: the session has ended; `reports`: each generates by changes(first) what
    is to be published, retained, as (topic below the root or, after a "/", whole one, text),
    everything if it is the `first` time on this connection, and by announcement() whole packets
    in pieces whenever has_news(now_ms); `now_ms()`, `tell(level, sentence)` as everywhere;
    `slot(ms, cause)`: see Bus; `journal`: a Journal, whose events are published as they come.

    No state waits in a queue: it is asked for when the socket takes it, so it is never older
    than the state of things, and a slow broker costs no memory. What answers a command, and
    would be lost otherwise, waits in `answers`, (topic below the root, text): while that is full,
    nothing more is read.

    `state` is "off", "waiting", "connecting" or "connected", `note` says why it is not, and
    `broker` is host and port as text, or "" if none is configured.
    """

    def __init__(self, settings, root, client_id, wifi, now_ms, tell):
        self.state = "off"
        self.note = ""
        host = settings["host"]
        self.broker = f"{host}:{settings['port']}" if host else ""
        self._settings = settings
        self._root = root
        self._client_id = client_id
        self._wifi = wifi
        self._now_ms = now_ms
        self._tell = tell
        self.others = []
        self.reports = []
        self.answers = []
        self._memory = Memory()
        self._retained = False
        self._message = None
        self._seen_ms = 0
        self._sock = None
        self._failure = None

    async def run(self):
        """Task: keeps a session, for ever."""
        if not self._settings["host"]:
            self.note = "no broker to use: see mqtt in config.json"
            return
        pause_s = _SHORTEST_PAUSE_S
        said = None
        while True:
            self.state = "waiting"
            while self._wifi.state != "connected":
                self.note = "no Wi-Fi"
                await asyncio.sleep_ms(200)
            began_ms = self._now_ms()
            try:
                await self._session()
            except (OSError, EOFError, ProtocolError) as error:
                from firmware import mqtt_errors

                self.note = mqtt_errors.words(error)
                # Its code is needed now and then only.
                del mqtt_errors
                forget("firmware.mqtt_errors")
            self.state = "waiting"
            self.ended()
            forget("firmware.mqtt_connect")
            if self._sock is not None:
                self._sock.close()
                self._sock = None
            if self.note != said:
                said = self.note
                self._tell("warning", f"Broker {self.broker}: {said}; trying again.")
            if self._now_ms() - began_ms > 2000 * _KEEPALIVE_S:
                pause_s = _SHORTEST_PAUSE_S
                said = None
            # Jittered, so that a house full of devices does not come back all at once.
            await asyncio.sleep_ms(int(pause_s * (750 + random.getrandbits(9))))
            pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)

    async def _session(self):
        self.state = "connecting"
        await self.room()
        await self.slot(_IMPORT_SLOT_MS, "start")
        from firmware import mqtt_connect

        memory, root = self._memory, self._root
        client = mqtt_connect.client(
            self._settings, self._client_id, root, _KEEPALIVE_S, memory, self._received
        )
        stream = await mqtt_connect.reach(
            self._settings, self._wifi, self._opened, memory.take(), self.slot
        )
        self._seen_ms = self._now_ms()
        # One task reads and one writes; what either of them waits for, and whether anything is
        # heard at all, is watched from here.
        self._failure = None
        topics = [root + "/+/set", root + "/+/+/set"] + self.others
        first = mqtt_connect.announce(client, memory, root, topics)
        tasks = [
            asyncio.create_task(self._keep(self._read(stream, client, mqtt_connect.check))),
            asyncio.create_task(self._keep(self._write(stream, client, first))),
        ]
        # What is still needed of it goes with the first packets.
        del mqtt_connect, first, topics
        forget("firmware.mqtt_connect")
        try:
            while self._failure is None:
                await asyncio.sleep_ms(_LOOK_MS)
                patience_ms = 1500 * _KEEPALIVE_S if self.state == "connected" else _ANSWER_MS
                if self._now_ms() - self._seen_ms > patience_ms:
                    raise ProtocolError("no answer")
            raise self._failure
        finally:
            for task in tasks:
                task.cancel()

    async def _keep(self, half):
        """Runs reader or writer; what ends one ends the session."""
        try:
            await half
        except Exception as error:
            self._failure = self._failure or error

    def _opened(self, sock):
        self._sock = sock

    async def _packet(self, stream):
        """The next packet: its header (first byte and length, as sent) and its body, None if
        that is too large."""
        head = await stream.readexactly(1)
        length = 0
        for shift in (0, 7, 14, 21):
            byte = await stream.readexactly(1)
            head += byte
            length |= (byte[0] & 0x7F) << shift
            if not byte[0] & 0x80:
                break
        else:
            raise ProtocolError("it sent a packet without end")
        if length > _LARGEST_PACKET:
            while length:
                length -= len(await stream.readexactly(min(length, 256)))
                self._seen_ms = self._now_ms()
                # A fast sender would keep the stream readable for ever.
                await asyncio.sleep_ms(1)
            return head, None
        return head, await stream.readexactly(length) if length else b""

    async def _read(self, stream, client, check):
        head, body = await self._packet(stream)
        check(head, body)
        check = None
        self.state = "connected"
        self.note = ""
        self._tell("info", f"Broker {self.broker}: connected")
        while True:
            self._seen_ms = self._now_ms()
            head, body = await self._packet(stream)
            if body is None:
                self._tell("warning", "A message of over 1 KB from the broker was not read.")
            elif head[0] & 0xF0 == _PUBLISH:
                # umqtt does not pass the retain bit on.
                self._retained = bool(head[0] & 1)
                try:
                    self._memory.to_read = head + body
                    client.wait_msg()
                except (IndexError, AssertionError, ValueError, TypeError):
                    raise ProtocolError("it sent a message that is none") from None
                if self._message:
                    await self._take()
            elif head[0] == _SUBACK and body[2:] and body[-1] & 0x80:
                self._tell("error", "The broker does not let us read our own topics.")

    def _received(self, topic, payload):
        self._message = str(topic, "utf-8"), payload

    async def _take(self):
        """Passes the message on that has come."""
        topic, payload = self._message
        self._message = None
        if topic not in self.others:
            if not topic.startswith(self._root + "/"):
                return
            topic = topic[len(self._root) + 1 :]
        if not self.is_command(topic):
            return self.on_message(topic, payload, self._retained)
        await self.slot(_IMPORT_SLOT_MS, "command")
        await self.room()
        self.on_message(topic, payload, self._retained)
        # What carries commands out has to be loaded, so many of them take their time.
        await asyncio.sleep_ms(_AFTER_COMMAND_MS)
        while len(self.answers) >= _MOST_ANSWERS:
            await asyncio.sleep_ms(_POLL_MS)

    async def _write(self, stream, client, first):
        await stream.drain()
        while self.state != "connected":
            await asyncio.sleep_ms(_POLL_MS)
        for data in first:
            stream.write(data)
            # One by one: what is appended while TLS still holds a piece would be lost.
            await stream.drain()
        first = True
        pinged_ms = self._now_ms()
        while True:
            while self.answers:
                topic, text = self.answers[0]
                await self._publish(stream, client, topic, text, False)
                self.answers.pop(0)
            for report in self.reports:
                for topic, text in report.changes(first):
                    await self._publish(stream, client, topic, text, True)
                if report.has_news(self._now_ms()):
                    await self.room()
                    await self.slot(_IMPORT_SLOT_MS, "start")
                    pieces = report.announcement()
                    try:
                        for piece in pieces:
                            if piece:
                                stream.write(piece)
                            await stream.drain()
                    finally:
                        pieces.close()  # or what it has begun would never end
            first = False
            if self.journal.sent < self.journal.count and self._wifi.state == "connected":
                # A few at a time: the state of things comes first. Without Wi-Fi they wait.
                await self.room()
                await self.slot(_IMPORT_SLOT_MS, "start")
                from firmware import journal_line

                texts = [journal_line.unsent(self.journal) for _ in range(_EVENTS)]
                del journal_line
                forget("firmware.journal_line")
                for text in texts:
                    if text:
                        await self._publish(stream, client, "journal", text, False)
            if self._now_ms() - pinged_ms >= _KEEPALIVE_S * 500:
                pinged_ms = self._now_ms()
                client.ping()
                stream.write(self._memory.take())
                await stream.drain()
            await asyncio.sleep_ms(_LOOK_MS)

    async def _publish(self, stream, client, topic, text, retain):
        topic = topic[1:] if topic[0] == "/" else self._root + "/" + topic
        client.publish(topic.encode(), text.encode(), retain)
        stream.write(self._memory.take())
        await stream.drain()

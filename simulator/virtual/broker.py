"""An MQTT 3.1.1 broker in memory, written from the OASIS standard.

QoS 0 out, QoS 0 and 1 in; retained messages, last wills, keepalive, wildcards, user and
password. Every message it handles is kept with its virtual time.
"""

from simulator.virtual.clock import clock
from simulator.virtual.mqtt import matches, packet, split_packet, take_text, text_field
from simulator.virtual.net import net


class Message:
    """One message: virtual seconds, topic, payload as text, retain flag, sender."""

    def __init__(self, at_s, topic, text, retain, sender):
        self.at_s = at_s
        self.topic = topic
        self.text = text
        self.retain = retain
        self.sender = sender

    def __repr__(self):
        flag = " (retain)" if self.retain else ""
        return f"{self.at_s:.3f} s {self.sender} {self.topic} = {self.text!r}{flag}"


class Broker:
    """Listens at `ip`:`port` of the virtual network.

    `user`, `password`: None lets everybody in. `mute`: accepts connections and answers nothing.
    """

    def __init__(self, ip="10.0.0.2", port=1883, user=None, password=None):
        self.ip = ip
        self.port = port
        self.user = user
        self.password = password
        self.mute = False
        self.messages = []
        self.retained = {}
        self.refused = 0
        self.connects = 0
        self.running = False
        self._sessions = {}
        self._watchers = []
        self.start()

    # What scripts use

    def publish(self, topic, text, retain=False):
        """Publish as some other client would: text, a number, or bytes as they are."""
        payload = text if isinstance(text, (bytes, bytearray)) else str(text).encode()
        self._publish(topic, bytes(payload), retain, "world")

    def last(self, topic):
        """Text of the newest message on `topic`, or None."""
        for message in reversed(self.messages):
            if message.topic == topic:
                return message.text
        return None

    def seen(self, topic_filter, since_s=0):
        """Messages whose topic matches (`+` and `#` allowed), oldest first."""
        return [
            message
            for message in self.messages
            if message.at_s >= since_s and matches(topic_filter, message.topic)
        ]

    def watch(self, topic_filter, call):
        """Call `call(message)` for every message that matches from now on."""
        self._watchers.append((topic_filter, call))

    def clients(self):
        """Client ids that are connected (the broker's view)."""
        return [session.client_id for session in self._sessions.values() if session.accepted]

    def start(self):
        """Accept connections."""
        self.running = True
        net.offer(self.ip, self.port, self)

    def stop(self, forget=False):
        """Die: connections are reset, no will is sent; `forget` loses the retained messages."""
        self.running = False
        net.offer(self.ip, self.port, None)
        for session in list(self._sessions.values()):
            session.ended = True
            session.peer.reset()
        self._sessions = {}
        if forget:
            self.retained = {}

    def kick(self, orderly=False):
        """Cut every client's connection (their wills are published)."""
        for session in list(self._sessions.values()):
            self._drop(session, will=True)
            (session.peer.close if orderly else session.peer.reset)()

    def lets_in(self, user, password):
        """Whether these (bytes or None) are the right ones."""
        if self.user is None:
            return True
        return user == self.user.encode() and password == (self.password or "").encode()

    # The network's callbacks

    def opened(self, peer):
        self._sessions[id(peer)] = _Session(self, peer)

    def received(self, peer, data):
        session = self._sessions.get(id(peer))
        if session is not None and not self.mute:
            session.take(data)

    def closed(self, peer, reset):
        session = self._sessions.get(id(peer))
        if session is not None:
            self._drop(session, will=True)

    # Between sessions

    def _publish(self, topic, payload, retain, sender):
        if not self.running:
            return
        try:
            text = payload.decode()
        except UnicodeError:
            text = repr(payload)
        message = Message(clock.now_us / 1e6, topic, text, retain, sender)
        self.messages.append(message)
        if retain:
            if payload:
                self.retained[topic] = payload
            else:
                self.retained.pop(topic, None)
        for session in self._sessions.values():
            if session.accepted and session.wants(topic):
                session.send_publish(topic, payload, False)
        for topic_filter, call in self._watchers:
            if matches(topic_filter, topic):
                call(message)

    def _drop(self, session, will):
        session.ended = True
        self._sessions.pop(id(session.peer), None)
        if will and session.will:
            topic, payload, retain = session.will
            session.will = None
            self._publish(topic, payload, retain, session.client_id)

    def _take_over(self, newcomer):
        for session in list(self._sessions.values()):
            if session is not newcomer and session.client_id == newcomer.client_id:
                self._drop(session, will=True)
                session.peer.close()


class _Session:
    """One client's connection."""

    def __init__(self, broker, peer):
        self.broker = broker
        self.peer = peer
        self.accepted = False
        self.ended = False
        self.client_id = None
        self.will = None
        self._filters = []
        self._buffer = b""
        self._keepalive_us = 0
        self._heard_us = clock.now_us

    def take(self, data):
        self._heard_us = clock.now_us
        self._buffer += data
        while not self.ended:
            found = split_packet(self._buffer)
            if found is None:
                return
            first, body, self._buffer = found
            self._handle(first, body)

    def wants(self, topic):
        return any(matches(topic_filter, topic) for topic_filter in self._filters)

    def send_publish(self, topic, payload, retain):
        body = text_field(topic.encode()) + payload
        self.peer.send(packet(0x31 if retain else 0x30, body))

    def _handle(self, first, body):
        kind = first >> 4
        if not self.accepted and kind != 1:
            self._protocol_error(f"packet {kind} before CONNECT")
        elif kind == 1:
            self._connect(body)
        elif kind == 3:
            self._published(first, body)
        elif kind == 8:
            self._subscribe(first, body)
        elif kind == 10:
            self._unsubscribe(body)
        elif kind == 12:
            self.peer.send(b"\xd0\x00")
        elif kind == 14:
            self.will = None
            self.broker._drop(self, will=False)
            self.peer.close()
        else:
            self._protocol_error(f"packet {kind} is not for a broker like this")

    def _connect(self, body):
        name, at = take_text(body, 0)
        if self.accepted or name != b"MQTT" or body[at] != 4:
            return self._protocol_error("not an MQTT 3.1.1 CONNECT")
        flags = body[at + 1]
        keepalive_s = body[at + 2] << 8 | body[at + 3]
        client_id, at = take_text(body, at + 4)
        will = user = password = None
        if flags & 0x04:
            topic, at = take_text(body, at)
            payload, at = take_text(body, at)
            will = (topic.decode(), payload, bool(flags & 0x20))
        if flags & 0x80:
            user, at = take_text(body, at)
        if flags & 0x40:
            password, at = take_text(body, at)
        if at != len(body):
            return self._protocol_error("CONNECT of the wrong length")
        self.client_id = client_id.decode()
        broker = self.broker
        if not broker.lets_in(user, password):
            broker.refused += 1
            self.peer.send(b"\x20\x02\x00\x05")
            self.ended = True
            return self.peer.close()
        broker._take_over(self)
        self.will = will
        self.accepted = True
        broker.connects += 1
        self.peer.send(b"\x20\x02\x00\x00")
        self._keepalive_us = keepalive_s * 1_500_000
        if keepalive_s:
            clock.after(self._keepalive_us, self._check_alive)

    def _check_alive(self):
        if self.ended:
            return
        due_us = self._heard_us + self._keepalive_us
        if clock.now_us >= due_us:
            self.broker._drop(self, will=True)
            self.peer.close()
        else:
            clock.at(due_us, self._check_alive)

    def _published(self, first, body):
        topic, at = take_text(body, 0)
        qos = first >> 1 & 3
        if qos > 1:
            return self._protocol_error("QoS 2 is not spoken here")
        if qos:
            packet_id = body[at : at + 2]
            at += 2
            self.peer.send(b"\x40\x02" + packet_id)
        self.broker._publish(topic.decode(), bytes(body[at:]), bool(first & 1), self.client_id)

    def _subscribe(self, first, body):
        if first != 0x82:
            return self._protocol_error("SUBSCRIBE with wrong flags")
        at = 2
        granted = b""
        added = []
        while at < len(body):
            topic_filter, at = take_text(body, at)
            at += 1
            granted += b"\x00"
            added.append(topic_filter.decode())
        self._filters += [one for one in added if one not in self._filters]
        self.peer.send(packet(0x90, body[:2] + granted))
        for topic, payload in self.broker.retained.items():
            if any(matches(topic_filter, topic) for topic_filter in added):
                self.send_publish(topic, payload, True)

    def _unsubscribe(self, body):
        at = 2
        while at < len(body):
            topic_filter, at = take_text(body, at)
            if topic_filter.decode() in self._filters:
                self._filters.remove(topic_filter.decode())
        self.peer.send(b"\xb0\x02" + body[:2])

    def _protocol_error(self, what):
        print(f"virtual broker: {self.client_id}: {what}")
        self.broker._drop(self, will=True)
        self.peer.reset()

"""The embedded broker and the simulated sun, with real clients."""

import contextlib
import socket
import time

import paho.mqtt.client
import paho.mqtt.publish
import paho.mqtt.subscribe
import pytest

from simulator.broker import EmbeddedBroker
from simulator.sun import Sun


@pytest.fixture
def embedded():
    broker = EmbeddedBroker(0)
    broker.start()
    yield broker
    broker.stop()


@contextlib.contextmanager
def listener(broker, topic, login=None):
    """Messages that arrive on ``topic``, as a growing list of (topic, text, retained)."""
    messages = []
    client = paho.mqtt.client.Client(paho.mqtt.client.CallbackAPIVersion.VERSION2)
    if login:
        client.username_pw_set(*login)
    ready = []
    client.on_connect = lambda client, *_: client.subscribe(topic)
    client.on_subscribe = lambda *_: ready.append(True)
    client.on_message = lambda _c, _u, m: messages.append((m.topic, m.payload.decode(), m.retain))
    client.connect(broker.host, broker.port)
    client.loop_start()
    wait(lambda: ready)
    yield messages
    client.disconnect()
    client.loop_stop()


def wait(condition, timeout_s=120):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_who_publishes_and_leaves_is_heard_while_somebody_watches_it_all(embedded):
    host, port = embedded.host, embedded.port
    kept = [(f"a/{number}", "x", 0, True) for number in range(80)]
    with listener(embedded, "#") as messages:
        paho.mqtt.publish.multiple(kept, hostname=host, port=port)
        wait(lambda: len(messages) == len(kept))
        for number in range(5):
            paho.mqtt.publish.single("a/live", number, hostname=host, port=port)
        wait(lambda: len(messages) == len(kept) + 5)


@pytest.mark.parametrize("login", [None, {"username": "twc", "password": "secret"}])
def test_messages_pass_and_are_kept(embedded, login):
    host, port = embedded.host, embedded.port
    paho.mqtt.publish.single("a/kept", "1", retain=True, hostname=host, port=port, auth=login)
    with listener(embedded, "a/#") as messages:
        wait(lambda: messages)
        assert messages == [("a/kept", "1", True)]
        paho.mqtt.publish.single("a/live", "2", hostname=host, port=port, auth=login)
        wait(lambda: len(messages) > 1)
        assert messages[1] == ("a/live", "2", False)


def test_a_taken_port_leads_to_another(embedded):
    second = EmbeddedBroker(embedded.port)
    assert second.port != embedded.port
    second.start()
    second.stop()
    second.stop()
    with pytest.raises(OSError), socket.create_connection((second.host, second.port), 1):
        pass


def test_last_will_is_told_when_a_client_vanishes(embedded):
    with listener(embedded, "twc/garage/availability") as messages:
        client = paho.mqtt.client.Client(paho.mqtt.client.CallbackAPIVersion.VERSION2)
        client.will_set("twc/garage/availability", "offline", retain=True)
        client.connect(embedded.host, embedded.port)
        client.loop_start()
        wait(client.is_connected)
        client.loop_stop()
        client.socket().shutdown(socket.SHUT_RDWR)
        wait(lambda: messages)
        assert messages[0][1] == "offline"


def test_the_sun_tells_what_is_to_spare(embedded, tmp_path):
    day = tmp_path / "day.csv"
    day.write_text("seconds,solar_w,house_w\n0,3500,500\n60,0,400\n")
    sun = Sun((embedded.host, embedded.port), "garage", day, speed=30)
    with listener(embedded, "twc/garage/surplus/set") as messages:
        sun.start()
        wait(lambda: len(messages) >= 3)
        sun.stop()
    assert messages[0][1:] == ("3000", False)
    assert messages[-1][1] == "-400"


def test_the_made_day_brings_something_within_the_first_minute(embedded):
    sun = Sun((embedded.host, embedded.port), "garage", speed=20)
    begin = sun.now()[0]
    watts = [sun._house.surplus(begin + second * 20) for second in range(60)]
    # Enough for 6 A at 240 V, for longer than the bench waits, and the light changes.
    first = next(i for i in range(60) if all(w >= 1440 for w in watts[i : i + 20]))
    assert first < 25
    assert max(watts) - min(watts) > 500


def test_a_broker_that_refuses_the_sun_is_told(start_mosquitto):
    broker = start_mosquitto("twc", "right")
    sun = Sun((broker.host, broker.port), "garage", user="twc", password="wrong")
    sun.start()
    wait(lambda: sun.refused)
    sun.stop()


def test_mosquitto_lets_in_who_has_the_password_and_keeps_its_port(start_mosquitto):
    broker = start_mosquitto("twc", "right")
    broker.publish("a/kept", "1", retain=True)
    port = broker.port
    broker.restart()
    assert broker.port == port
    with listener(broker, "a/#", login=("twc", "right")) as messages:
        wait(lambda: messages)
        assert messages == [("a/kept", "1", True)]
    broker.kill()
    with pytest.raises(OSError), socket.create_connection((broker.host, broker.port), 1):
        pass
    broker.start()
    broker.publish("a/b", "2")

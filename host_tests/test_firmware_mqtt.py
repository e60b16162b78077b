"""The firmware process and the broker: surplus in, amperes out, and what can go wrong between."""

import re

from firmware_bench import ROOT_TOPIC, broker_config, check, plugged, scenario

from simulator import hostile

pytest_plugins = ["firmware_bench"]

SURPLUS = f"{ROOT_TOPIC}/surplus/set"
# Topic below the root: where the status document says the same.
BRIDGE_TOPICS = {
    "state": "state",
    "reason": "reason",
    "offer": "offer_amps",
    "draw": "draw_amps",
    "power": "power_watts",
    "wires": "wires_amps",
}
CONNECTOR_TOPICS = {
    "name": "name",
    "state": "state",
    "reason": "reason",
    "offer": "offer_amps",
    "draw": "draw_amps",
    "link": "link",
}


def start(bench, config=None, car=None, **rules):
    """A known slave with a car, a mosquitto, and the board that has just been switched on."""
    broker = bench.mosquitto()
    connector = car or plugged()
    line = bench.line(connector, **rules)
    config = {**(config or {}), "mqtt": broker_config(broker)}
    board = bench.board(line, config, known=[connector])
    board.start()
    return broker, connector, line, board


def connected(status):
    return status["mqtt"]["state"] == "connected"


def disagreements(topics, status):
    """What the topics say otherwise than the status document."""
    expected = {topic: str(status[key]) for topic, key in BRIDGE_TOPICS.items()}
    expected["surplus"] = str(status["surplus"]["watts"])
    expected["warning"] = " ".join(status["warnings"])[:600]
    expected["availability"] = "online"
    for connector in status["connectors"]:
        for topic, key in CONNECTOR_TOPICS.items():
            expected[f"{connector['id']}/{topic}"] = str(connector[key])
    return {
        topic: (topics.get(f"{ROOT_TOPIC}/{topic}"), text)
        for topic, text in expected.items()
        if topics.get(f"{ROOT_TOPIC}/{topic}") != text
    }


def agree(bench, topics, board):
    """Wait until the topics say what the status document says."""
    told = {}

    def same():
        told.clear()
        told.update(disagreements(topics, board.status()))
        return not told

    bench.until(same, lambda: told)


@scenario
def test_surplus_moves_the_car_and_all_say_the_same(bench):
    config = {
        "relay": {"min_on_s": 12, "min_off_s": 3},
        "units": {"2433": {"name": "left"}},
    }
    broker, connector, line, board = start(bench, config, min_on_s=12)
    listener = bench.listen(broker)
    sun = bench.feed(broker, watts=3000)
    bench.until_offered(line, board, connector, 12)
    started_ms = connector.relay_events[0][0]
    board.wait_for_status(lambda s: s["draw_amps"] == 11.8)
    agree(bench, listener.latest, board)
    late = bench.listen(broker)  # who comes later is told by the broker: all is retained
    agree(bench, late.retained, board)
    assert late.retained[f"{ROOT_TOPIC}/surplus_age"] in ("unknown", "0", "1", "2", "3")
    status = board.wait_for_status(lambda s: s["draw_amps"] == 11.8)
    assert status["power_watts"] == 2832
    assert status["reason"] == "Charging at 12 A: 3 000 W of surplus."
    assert [c["name"] for c in status["connectors"]] == ["left"]
    # But what others say, and what is told once.
    for topic in (SURPLUS, f"{ROOT_TOPIC}/journal"):
        late.latest.pop(topic, None)
    assert set(late.retained) == set(late.latest), "each of the others is retained"

    sun.watts = 2000
    bench.until_offered(line, board, connector, 8)
    sun.watts = 0
    bench.until_offered(line, board, connector, 0)
    assert line.now_ms() - started_ms > 11500
    status = board.wait_for_status(lambda s: s["state"] == "waiting" and s["draw_amps"] == 0)
    assert status["offer_amps"] == status["power_watts"] == 0
    agree(bench, listener.latest, board)
    sun.watts = 3000
    bench.until(lambda: connector.relay_closes == 2, board.tail)
    check(line, board)


@scenario
def test_broker_killed_and_restarted(bench):
    # Lost readings mean the minimum: with Off the cut below might come just after a stop.
    config = {"inputs": {"max_age_s": 3, "lost": "minimum"}}
    broker, connector, line, board = start(bench, config)
    listener = bench.listen(broker)
    bench.feed(broker, watts=3000)
    bench.until_offered(line, board, connector, 12)
    listener.latest.clear()
    broker.kill()
    status = board.wait_for_status(lambda s: s["mqtt"]["state"] != "connected")
    assert status["mqtt"]["note"]
    board.wait_for_line(r"warning: Broker 127\.0\.0\.1:\d+: .*trying again")
    board.wait_for_status(lambda s: s["surplus"]["lost"])
    # Its retained messages died with it: a broker that comes back gets all of them anew.
    broker.start()
    board.wait_for_status(connected)
    board.wait_for_status(lambda s: not s["surplus"]["lost"])
    board.wait_for_status(lambda s: s["state"] == "charging" and s["offer_amps"] == 12)
    bench.until_offered(line, board, connector, 12)
    agree(bench, listener.latest, board)

    board.stop()  # a power cut: the broker speaks the last will
    bench.until(lambda: listener.get("availability") == "offline")
    board.start()
    bench.until(lambda: listener.get("availability") == "online", board.tail)
    check(line, board)


@scenario
def test_user_and_password(bench):
    broker = bench.mosquitto(user="meter", password="p ü ß")
    lock_out = bench.board(config={"mqtt": broker_config(broker, user="meter", password="wrong")})
    lock_out.start()
    # mosquitto says "not authorized" to a wrong password too.
    status = lock_out.wait_for_status(lambda s: "password" in s["mqtt"]["note"])
    assert status["mqtt"]["state"] in ("waiting", "connecting")
    lock_out.wait_for_line("warning: Broker .*password")
    let_in = bench.board(config={"mqtt": broker_config(broker, user="meter", password="p ü ß")})
    let_in.start()
    let_in.wait_for_status(connected)
    bench.feed(broker, watts=1234)
    let_in.wait_for_status(lambda s: s["surplus"]["watts"] == 1234)
    assert "wrong" not in let_in.tail()
    assert not any("secret" in line or "p ü ß" in line for line in let_in.lines)


@scenario
def test_readings_stop_and_the_car_goes_to_the_minimum_and_then_off(bench):
    config = {"relay": {"min_on_s": 18, "min_off_s": 3}}
    broker, connector, line, board = start(bench, config, min_on_s=18)
    sun = bench.feed(broker, watts=3000)
    bench.until_offered(line, board, connector, 12)
    sun.watts = None
    bench.until_offered(line, board, connector, 6)
    status = board.status()
    assert status["state"] == "lost"
    assert status["surplus"]["lost"]
    assert status["surplus"]["watts"] == 3000
    assert status["reason"].startswith("At the minimum of 6 A: no surplus reading for ")
    bench.until_offered(line, board, connector, 0)
    status = board.wait_for_status(lambda s: s["draw_amps"] == 0)
    assert status["state"] == "lost"
    assert status["reason"].startswith("Off: no surplus reading for ")
    bench.stays(lambda: not connector.relay_closed, 4, board.tail)
    check(line, board)


@scenario
def test_readings_stop_and_the_car_stays_at_the_minimum(bench):
    config = {"inputs": {"max_age_s": 3, "lost": "minimum"}}
    broker, connector, line, board = start(bench, config)
    listener = bench.listen(broker)
    sun = bench.feed(broker, watts=3000)
    bench.until_offered(line, board, connector, 12)
    sun.watts = None
    bench.until_offered(line, board, connector, 6)
    bench.stays(lambda: connector.limit_amps == 6, 6, board.tail)  # beyond the minimum on time
    assert board.status()["state"] == "lost"
    assert listener.get("state") == "lost"
    assert listener.get("surplus") == "unknown"
    sun.watts = 3000
    bench.until_offered(line, board, connector, 12)
    check(line, board)


@scenario
def test_garbage_is_no_reading(bench):
    # Before the first reading nothing is known, and garbage is neither 0 nor a number; a live
    # reading among it counts.
    broker, connector, line, board = start(bench)
    sun = bench.feed(broker, watts="12x")
    board.wait_for_status(lambda s: "12x" in (s["surplus"]["unusable"] or ""))
    sun.watts = None
    for payload in ("unavailable", "", "nan", "1e9", "-inf", "0x10", "3000 W", "9" * 900):
        broker.publish(SURPLUS, "12x")
        board.wait_for_status(lambda s: "12x" in (s["surplus"]["unusable"] or ""))
        broker.publish(SURPLUS, payload)
        status = board.wait_for_status(
            lambda s: s["surplus"]["unusable"] and "12x" not in s["surplus"]["unusable"]
        )
        assert "not a number" in status["surplus"]["unusable"] or payload == "1e9", payload
        assert status["surplus"]["watts"] is None
    for payload in (b"3" * 5000, b"\0" * 700, b"\xff\xfe\xc0"):
        sun.send(payload)
    board.wait_for_line("A message of over 1 KB from the broker was not read")
    status = board.wait_for_status(lambda s: "no text" in (s["surplus"]["unusable"] or ""))
    assert "no surplus reading yet" in status["reason"]
    assert connector.limit_amps == 0
    sun.watts = 3000
    bench.until_offered(line, board, connector, 12)
    assert board.status()["surplus"]["unusable"] is None
    # Between good ones it is told and changes nothing.
    sun.watts = None
    broker.publish(SURPLUS, "unavailable")
    status = board.wait_for_status(lambda s: s["surplus"]["unusable"])
    assert (
        'surplus: the last text was not a number: "unavailable"' in status["surplus"]["unusable"]
    )
    sun.watts = 3000
    board.wait_for_status(lambda s: s["surplus"]["unusable"] is None)
    assert connector.relay_closes == 1
    check(line, board)


@scenario
def test_old_retained_surplus_starts_nothing(bench):
    # It may be from last summer: whoever restarts, in whatever order.
    broker = bench.mosquitto()
    broker.publish(SURPLUS, 3000, retain=True)
    connector = plugged()
    line = bench.line(connector, max_gap_s=8)
    board = bench.board(line, {"mqtt": broker_config(broker)}, known=[connector])

    def shows_it_as_such():
        status = board.wait_for_status(
            lambda s: s["connectors"] and s["connectors"][0]["link"] == "ok"
        )
        status = board.wait_for_status(lambda s: s["surplus"]["unusable"])
        assert "retained message of unknown age: 3 000 W" in status["surplus"]["unusable"]
        assert status["surplus"]["watts"] is None
        status = board.wait_for_status(lambda s: "retained" in s["reason"])
        assert status["state"] == "waiting"

    def never_offered():
        return not any(amps for _, amps in line.referee.limits_sent("2433"))

    board.start()
    shows_it_as_such()
    bench.stays(never_offered, 4, board.tail)
    board.restart()
    shows_it_as_such()
    broker.restart()
    board.wait_for_status(lambda s: not connected(s))
    board.wait_for_status(connected)
    shows_it_as_such()
    bench.stays(never_offered, 4, board.tail)
    # Live ones count, also where the sender asks the broker to retain them.
    sun = bench.feed(broker)
    sun.watts = 3000
    broker.publish(SURPLUS, 3000, retain=True)
    bench.until_offered(line, board, connector, 12)
    check(line, board)


@scenario
def test_grid_meter_with_the_car_in_it(bench):
    # 3000 W of sun are left over; the meter sees them less what the car takes.
    broker, connector, line, board = start(bench)
    bench.feed(broker, "grid", lambda: round(connector.draw_amps * 240) - 3000)
    bench.until_offered(line, board, connector, 12)
    status = board.wait_for_status(lambda s: s["draw_amps"] == 11.8)
    assert status["surplus"]["source"] == "grid"
    board.wait_for_status(lambda s: abs(s["surplus"]["watts"] - 3000) < 100)
    # While the car ramps, meter and draw are of different moments; then it settles.
    held = []

    def holds():
        held.append(connector.limit_amps)
        return held[-40:] == [12] * 40

    bench.until(holds, lambda: held)
    assert not [w for w in board.status()["warnings"] if "grid/set" in w]
    # Using both is told, and the one that gives less counts.
    bench.feed(broker, watts=1920)
    status = board.wait_for_status(lambda s: any("grid/set" in w for w in s["warnings"]))
    bench.until_offered(line, board, connector, 8)
    check(line, board)


# Brokers that misbehave. None of them may cost a heartbeat (at most 2 s from one to the next,
# where the firmware aims at 1), and the next one is tried.


def endure(bench, *behaviours, board_options=None, during=None):
    broker = bench.hostile(*behaviours)
    connector = plugged()
    line = bench.line(connector, max_gap_s=2)
    board = bench.board(
        line, {"mqtt": broker_config(broker)}, known=[connector], **(board_options or {})
    )
    board.start()
    if during:
        during(line, board, connector)
    bench.until(lambda: broker.over, lambda: f"{broker.done} were over\n{board.tail()}")
    good = bench.mosquitto(port=broker.port)
    # Its pauses double up to a minute while nobody behaves.
    board.wait_for_status(connected)
    bench.feed(good, watts=1111)
    board.wait_for_status(lambda s: s["surplus"]["watts"] == 1111)
    status = board.status()
    assert status["bus"]["gap_max_ms"] < 2000, status
    assert status["bus"]["bad"] == 0, status
    seconds = status["uptime_s"]
    with line.lock:
        sent = len(line.referee.heartbeats_to("2433"))
        answered = len(line.referee.answers_from("2433"))
    assert sent > 0.9 * seconds - 2
    assert answered >= sent - 1
    check(line, board)
    return board


@scenario
def test_broker_that_never_answers(bench):
    board = endure(bench, hostile.silent)
    assert any(re.search(r"Broker .*: no answer; trying again", line) for line in board.lines)


@scenario
def test_brokers_that_stammer_and_talk_nonsense(bench):
    board = endure(bench, hostile.byte_by_byte, hostile.endless_length, hostile.not_mqtt)
    text = "\n".join(board.lines)
    assert "it closed the connection" in text
    assert "it sent a packet without end" in text
    assert "it did not answer as a broker does" in text


@scenario
def test_brokers_that_reset_and_lie_about_lengths(bench):
    board = endure(
        bench, hostile.longer_topic_than_packet, hostile.empty_publish, hostile.reset_after_connack
    )
    text = "\n".join(board.lines)
    assert "it sent a message that is none" in text


@scenario
def test_megabyte_from_the_broker(bench):
    def during(line, board, connector):
        # What follows it is read as if nothing had been.
        board.wait_for_status(lambda s: s["surplus"]["watts"] == 2345)

    board = endure(bench, hostile.megabyte, during=during)
    assert any("over 1 KB" in line for line in board.lines)


@scenario
def test_fifty_messages_a_second(bench):
    def during(line, board, connector):
        bench.until_offered(line, board, connector, 12)

    endure(bench, hostile.fifty_a_second, during=during)


@scenario
def test_commands_without_end(bench):
    board = endure(bench, hostile.commands_without_end)
    assert any('mode/set: mode is "sunny": write off, solar' in line for line in board.lines)


@scenario
def test_broker_that_never_reads(bench):
    # Buffers as small as the ESP32's fill within seconds: 50 changes a second to be told, and
    # nobody who takes them.
    from simulator.board import compiled_standins

    folder = bench.folder / "standins"
    folder.mkdir()
    for file in compiled_standins().iterdir():
        if file.stem != "socket":
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "socket.py").write_text(SMALL_BUFFERS)
    endure(bench, hostile.never_reads, board_options={"standins": folder})


SMALL_BUFFERS = """
import os
import usocket
from usocket import *

def getaddrinfo(host, port, *more):
    if port == 80 and host == "0.0.0.0":
        port = int(os.getenv("TWC_HTTP_PORT"))
    return usocket.getaddrinfo(host, port, *more)

def socket(*arguments):
    made = usocket.socket(*arguments)
    made.setsockopt(1, 7, b"\\0\\4\\0\\0")  # SOL_SOCKET, SO_SNDBUF
    return made
"""

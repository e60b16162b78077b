"""The firmware process as a web server: what it answers. What it endures stands in
test_firmware_endurance.py."""

import contextlib
import gzip
import socket

from firmware_bench import (
    ROOT_TOPIC,
    broker_config,
    check,
    check_log,
    plugged,
    scenario,
)

pytest_plugins = ["firmware_bench"]

NUMBER = (int, float)
TEXT_OR_NOTHING = (str, type(None))
NUMBER_OR_NOTHING = (int, float, type(None))
STATUS = {
    "name": str,
    "version": str,
    "uptime_s": int,
    "state": str,
    "reason": str,
    "surplus": dict,
    "max_age_s": NUMBER,
    "wires_amps": NUMBER,
    "offer_amps": NUMBER,
    "draw_amps": NUMBER,
    "power_watts": NUMBER,
    "connectors": list,
    "warnings": list,
    "mqtt": dict,
    "wifi": dict,
    "bus": dict,
    "memory": dict,
    "events": list,
}
SURPLUS = {
    "watts": NUMBER_OR_NOTHING,
    "age_s": NUMBER_OR_NOTHING,
    "source": TEXT_OR_NOTHING,
    "lost": bool,
    "unusable": TEXT_OR_NOTHING,
}
CONNECTOR = {
    "id": str,
    "name": str,
    "state": str,
    "code": int,
    "link": str,
    "heard_s": NUMBER,
    "offer_amps": NUMBER,
    "draw_amps": NUMBER,
    "echo_amps": NUMBER,
    "max_amps": NUMBER,
    "rating_amps": NUMBER,
    "min_amps": NUMBER,
    "protocol": int,
    "reason": str,
}
MQTT = {"state": str, "broker": str, "note": str}
WIFI = {"state": str, "ip": str, "rssi": (int, type(None))}
BUS = dict.fromkeys(("frames", "bad", "sent", "echoes", "gap_max_ms"), int)
MEMORY = {"free": int, "used": int}


def exchange(board, request, timeout_s=60):
    """Send bytes, and read until the board closes: (status line, {header: value}, body)."""
    with socket.create_connection(("127.0.0.1", board.http_port), timeout_s) as connection:
        connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(4096):
                answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return lines[0], headers, body


def get(board, path="/"):
    return exchange(board, f"GET {path} HTTP/1.1\r\nHost: twc-bridge\r\n\r\n".encode())


def has(document, shape):
    """The keys of the shape that are missing or of another type."""
    wrong = {}
    for key, kind in shape.items():
        value = document.get(key, KeyError)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            wrong[key] = value
    return wrong


def up(status):
    """The first connector answers, and all parts run."""
    return status["connectors"] and status["connectors"][0]["link"] == "ok"


@scenario
def test_page_and_status(bench):
    connector = plugged()
    line = bench.line(connector, max_gap_s=2)
    board = bench.board(line, known=[connector])
    board.start()
    status = board.wait_for_status(up)
    assert has(status, STATUS) == {}
    assert has(status["surplus"], SURPLUS) == {}
    assert has(status["connectors"][0], CONNECTOR) == {}
    assert has(status["mqtt"], MQTT) == {}
    assert has(status["wifi"], WIFI) == {}
    assert has(status["bus"], BUS) == {}
    assert has(status["memory"], MEMORY) == {}
    assert status["events"], "there is always something to tell of a start"
    for seconds, level, sentence in status["events"]:
        assert 0 <= seconds <= status["uptime_s"]
        assert level in ("info", "warning", "error")
        assert sentence
    assert all(isinstance(warning, str) for warning in status["warnings"])

    first, headers, body = get(board)
    assert first == "HTTP/1.1 200 OK"
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-encoding"] == "gzip"
    assert body == (board.folder / "firmware/web/index.html.gz").read_bytes()
    known = f"GET / HTTP/1.1\r\nHost: twc-bridge\r\nIf-None-Match: {headers['etag']}\r\n\r\n"
    first, _, nothing = exchange(board, known.encode())
    assert (first, nothing) == ("HTTP/1.1 304 Not Modified", b"")
    assert gzip.decompress(body).startswith(b"<!doctype html>")
    first, headers, _ = get(board, "/api/status?now=1")
    assert first == "HTTP/1.1 200 OK"
    assert headers["content-type"] == "application/json"
    assert get(board, "/favicon.ico")[0].startswith("HTTP/1.1 404 ")
    assert get(board, "/api/status/..")[0].startswith("HTTP/1.1 404 ")
    assert get(board, "/../config.json")[0].startswith("HTTP/1.1 404 ")

    assert exchange(board, b"HEAD / HTTP/1.1\r\n\r\n")[0].startswith("HTTP/1.1 405 ")
    large = b"GET / HTTP/1.1\r\nX-Large: " + b"c" * 100000
    assert exchange(board, large)[0].startswith("HTTP/1.1 431 ")
    for garbage in (
        b"\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\0\r\n\r\n",
        b"GET /\r\n\r\n",
    ):
        assert exchange(board, garbage)[0].startswith("HTTP/1.1 400 "), garbage
    # Gone in the middle of a request, and in the middle of an answer.
    for request in (b"GET / HT", b"GET / HTTP/1.1\r\n\r\n", b"GET /api/status HTTP/1.1\r\n\r\n"):
        for _ in range(5):
            connection = socket.create_connection(("127.0.0.1", board.http_port), 60)
            connection.sendall(request)
            connection.close()
    assert board.wait_for_status(up)
    check(line, board)


BROKEN = """{
  "name": "test",
  "wires": { "max_amps": 32 },
  "wifi": { "ssid": "home", "password": secret }
}
"""


@scenario
def test_broken_config_leaves_the_bus_running(bench):
    connector = plugged()
    line = bench.line(connector, wires_amps=6)
    board = bench.board(line, BROKEN)
    board.start()
    status = board.wait_for_status(up)
    assert status["wires_amps"] == 6
    assert status["connectors"][0]["max_amps"] == 6
    message = "config.json is not valid JSON: look for a missing or extra quote, comma or bracket"
    assert [w for w in status["warnings"] if message in w and "line 4" in w], status["warnings"]
    told = board.wait_for_line("warning: config.json is not valid JSON")
    assert "in or before line 4" in told
    assert "6 A" in told
    assert not any("secret" in line for line in board.lines)
    check(line, board)


@scenario
def test_wrong_values_are_told_everywhere(bench):
    broker = bench.mosquitto()
    listener = bench.listen(broker)
    connector = plugged()
    line = bench.line(connector, wires_amps=6)
    config = {
        "wires": {"max_amps": "80A"},
        "relay": {"min_on_s": 4, "min_off_s": -1},
        "inputs": {"max_age_s": 3, "lost": "never"},
        "unit": {"2433": {"max_amps": 16}},
        "mqtt": broker_config(broker, pasword="secret"),
    }
    board = bench.board(line, config, known=[connector])
    bench.feed(broker, watts=5000)
    board.start()
    status = board.wait_for_status(lambda s: up(s) and s["mqtt"]["state"] == "connected")
    expected = {
        'wires.max_amps is "80A"': "a whole number from 6 to 240",
        "relay.min_off_s is -1": "from 0 to 86400",
        'inputs.lost is "never"': 'one of "off", "minimum"',
        "unit is unknown": "did you mean units?",
        "mqtt.pasword is unknown": "did you mean mqtt.password?",
    }
    for problem, remedy in expected.items():
        told = [w for w in status["warnings"] if problem in w]
        assert told and remedy in told[0], status["warnings"]
        assert any("warning: config.json" in line and problem in line for line in board.lines)
    bench.until(lambda: listener.get("warning"), board.tail)
    assert listener.get("warning") == " ".join(status["warnings"])[:600]
    assert "max_amps" in listener.get("warning")
    assert listener.latest[f"{ROOT_TOPIC}/wires"] == "6"
    bench.until_offered(line, board, connector, 6)
    check(line, board)


@scenario
def test_page_without_config_and_without_connectors(bench):
    # A board that was just unpacked.
    board = bench.board(config="{}")
    board.start()
    status = board.wait_for_status()
    assert status["wires_amps"] == 6
    assert status["state"] == "no_connector"
    assert status["connectors"] == []
    assert status["surplus"]["watts"] is None
    assert status["mqtt"]["state"] == "off"
    assert any("wires.max_amps is not set" in warning for warning in status["warnings"])
    assert get(board)[0] == "HTTP/1.1 200 OK"
    check_log(board)

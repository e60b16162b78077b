"""A new board's firmware process: its access point, the name server there, and how what it is
asked to try ends, through real sockets."""

import json
import socket
import urllib.error
import urllib.request

from firmware_bench import broker_config, check, plugged, scenario

from simulator.board import free_port

pytest_plugins = ["firmware_bench"]

QUESTION = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1"


def ask(board, path, body=None):
    """Asks the page for something, or posts; returns (status, document)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{board.url}/api/{path}", data, {"X-TWC": "1"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def resolved(port):
    """What the name server at the access point answers, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(3)
        sock.sendto(b"garbage", ("127.0.0.1", port))
        sock.sendto(QUESTION, ("127.0.0.1", port))
        try:
            return sock.recv(512)
        except OSError:
            return None


@scenario
def test_a_new_board_is_set_up(bench):
    broker = bench.mosquitto(user="bridge", password="let me in")
    connector = plugged()
    # A scan stops the chip for 2.5 s.
    line = bench.line(connector, max_gap_s=5)
    port = free_port()
    variables = {"TWC_NETWORKS": "home:charge me;guest:", "TWC_DNS_PORT": str(port)}
    config = {"wifi": {"ssid": ""}, "web": {"lock": "off"}}
    board = bench.board(line, config, environment=variables)
    board.start()
    told = board.wait_for_line("^Access point twc-bridge-2433, password ")
    password = told.split()[-1]
    assert (board.folder / "access.txt").read_text() == password + "\n"
    board.wait_for_status()
    bench.until(lambda: resolved(port), board.tail)
    assert resolved(port)[-4:] == bytes((192, 168, 4, 1))

    def tried(what, body):
        assert ask(board, "setup/" + what, body) == (202, {"state": "trying"})
        key = "networks" if what == "scan" else what

        def over():
            now = ask(board, "setup")[1][key]
            return now and (what == "scan" or now["state"] != "trying") and now

        return bench.until(over, board.tail)

    assert tried("scan", {}) == [["home", -50, True], ["guest", -62, False]]
    wifi = tried("wifi", {"ssid": "home", "password": "charge you"})
    assert wifi["state"] == "failed" and "is the password right?" in wifi["why"]
    wifi = tried("wifi", {"ssid": "home", "password": "charge me"})
    assert (wifi["state"], wifi["ip"]) == ("joined", "127.0.0.1")
    mqtt = broker_config(broker, user="bridge", password="wrong")
    assert "user or password is wrong" in tried("broker", mqtt)["why"]
    assert "refused" in tried("broker", {**mqtt, "port": free_port()})["why"]
    mqtt["password"] = "let me in"
    assert tried("broker", mqtt) == {"state": "connected", "why": ""}

    wifi = {"ssid": "home", "password": "charge me"}
    saved = ask(board, "config", {"wifi": wifi, "mqtt": mqtt, "restart": True})
    assert saved == (200, {"saved": True, "restart": True})
    bench.until(lambda: board.resets == 1, board.tail)
    board.wait_for_status(lambda status: status["mqtt"]["state"] == "connected")
    assert not ask(board, "setup")[1]["open"] and resolved(port) is None
    printed = [line for line in board.lines if password in line]
    assert printed == [told]
    check(line, board)

"""The firmware process and a broker that speaks TLS: only the right one hears the password, and
none of the wrong ones costs a heartbeat."""

import contextlib
import hashlib
import re
import shutil
import socket
import ssl
import threading
import time

import pytest
from firmware_bench import broker_config, check, plugged, scenario

from simulator.board import free_port
from simulator.broker import Mosquitto, find_mosquitto, make_certificates

pytest_plugins = ["firmware_bench"]

PASSWORD = "a-password-to-look-for"
HELLO = b"\x16\x03"  # a record of a TLS handshake


def connected(status):
    return status["mqtt"]["state"] == "connected"


def certificates(bench, name, host="localhost"):
    made = make_certificates(bench.folder / name, host)
    if made is None:
        pytest.skip("openssl is not installed")
    return made


def sha256(made):
    """What mqtt.pin has to be."""
    der = ssl.PEM_cert_to_DER_cert((made / "broker.pem").read_text())
    return hashlib.sha256(der).hexdigest()


def tls_config(port, **more):
    return {
        "host": "localhost",
        "port": port,
        "tls": True,
        "user": "me",
        "password": PASSWORD,
        **more,
    }


def board_for(bench, mqtt, ca=None):
    """A board and its line, started; with a CA's folder, or a file, as ca.pem on the board."""
    connector = plugged()
    line = bench.line(connector, max_gap_s=2)
    board = bench.board(line, {"mqtt": mqtt}, known=[connector])
    if ca:
        shutil.copy(ca / "ca.pem", board.folder)
        shutil.copy(ca / "ca.der", board.folder)
    board.start()
    return connector, line, board


def said(board, words):
    """Waits until the journal says so of the broker, and returns the line."""
    board.wait_for_line(words)
    return next(line for line in board.lines if words in line)


def fine(line, board):
    assert board.status()["bus"]["gap_max_ms"] < 2000
    check(line, board)


@contextlib.contextmanager
def mosquitto(bench, made):
    if not find_mosquitto():
        pytest.skip("mosquitto is not installed (Debian: apt-get install mosquitto)")
    folder = bench.folder / "tls-mosquitto"
    with Mosquitto(folder, free_port(), None, None, free_port(), made) as broker:
        yield broker


class Recorder:
    """A TLS server with a certificate, or, without one, a peer that does ``behave(connection)``.
    ``raw`` is what came on plain connections, ``heard`` what came through TLS."""

    def __init__(self, made=None, behave=None):
        self.port = free_port()
        self.heard = b""
        self.raw = b""
        self.tries = 0
        self._behave = behave
        self._context = None
        if made:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(made / "broker.pem", made / "broker.key")
        self._server = socket.create_server(("127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _run(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.tries += 1
            connection.settimeout(20)
            with connection, contextlib.suppress(OSError):
                if self._context:
                    with self._context.wrap_socket(connection, server_side=True) as secured:
                        while piece := secured.recv(4096):
                            self.heard += piece
                else:
                    self.raw += connection.recv(4096)
                    self._behave(connection)


@scenario
def test_readings_move_amperes_through_tls(bench):
    made = certificates(bench, "right")
    with mosquitto(bench, made) as broker:
        mqtt = tls_config(broker.tls_port, ca="ca.der")
        connector, line, board = board_for(bench, mqtt, made)
        board.wait_for_status(connected)
        sun = bench.feed(broker, watts=3000)
        bench.until_offered(line, board, connector, 12)
        # It comes back, and to a broker whose key is another, too.
        broker.restart()
        board.wait_for_status(lambda s: not connected(s))
        board.wait_for_status(connected)
        sun.watts = 2000
        bench.until_offered(line, board, connector, 8)
        fine(line, board)


@scenario
def test_pin_and_ca_in_pem(bench):
    made = certificates(bench, "right", "some-name")
    pin = sha256(made)
    with mosquitto(bench, made) as broker:
        # With a pin the name does not matter; people copy it with colons, in capitals.
        colons = ":".join(re.findall("..", pin)).upper()
        mqtt = broker_config(broker, port=broker.tls_port, tls=True, pin=colons)
        _, line, board = board_for(bench, mqtt)
        board.wait_for_status(connected)
        fine(line, board)
        board.stop()
        mqtt = tls_config(broker.tls_port, ca="ca.pem", pin=pin)
        _, line, board = board_for(bench, mqtt, made)
        said(board, "it is for another name than mqtt.host")
        fine(line, board)


@scenario
def test_wrong_brokers_do_not_hear_a_byte(bench):
    made = certificates(bench, "right")
    other = certificates(bench, "other")
    wrong_pin = "00" * 32
    for mqtt, ca, words in (
        ({"pin": wrong_pin}, None, f"it has the SHA-256 {sha256(made)}"),
        ({"ca": "ca.der"}, other, "it is not signed by mqtt.ca"),
        ({"ca": "ca.der", "pin": wrong_pin}, made, "not the one of mqtt.pin"),
    ):
        with Recorder(made) as broker:
            _, line, board = board_for(bench, tls_config(broker.port, **mqtt), ca)
            said(board, words)
            assert broker.tries
            assert broker.heard == b""
            assert PASSWORD not in "\n".join(board.lines)
            fine(line, board)
            board.stop()


@scenario
def test_peers_that_do_not_speak_tls(bench):
    def garbage(connection):
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)
        time.sleep(0.5)

    def endless_hello(connection):
        # One byte of a handshake each moment: each is a step, none may be a stall.
        for byte in b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(60):
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    def silence(connection):
        with contextlib.suppress(TimeoutError):
            connection.recv(1)

    for behave, words in (
        (garbage, "it does not answer in TLS"),
        (endless_hello, "Broker"),
        (silence, "it does not answer in TLS"),
    ):
        with Recorder(behave=behave) as broker:
            _, line, board = board_for(bench, tls_config(broker.port, pin="00" * 32))
            said(board, words)
            assert broker.raw[:2] == HELLO
            assert PASSWORD.encode() not in broker.raw
            fine(line, board)
            board.stop()


@scenario
def test_without_what_to_check_by_nothing_is_sent(bench):
    with Recorder(behave=lambda connection: None) as broker:
        for mqtt, words in (
            ({}, "mqtt.tls is true, but nothing says which broker is the right one"),
            ({"pin": "abc"}, 'mqtt.pin is "abc"'),
            ({"ca": "none.der"}, "there is no file none.der on the board"),
        ):
            _, line, board = board_for(bench, tls_config(broker.port, **mqtt))
            said(board, words)
            board.stop()
        assert broker.raw == b""

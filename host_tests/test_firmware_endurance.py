"""The firmware process as a web server among those who mean it ill: crowds, clients that are slow
or never end, lies, garbage, and guessed passwords.

Each storm is raised twice: what the desktop learns the first time costs memory once. After each
the page answers, the referee has seen heartbeats on time, nothing was raised, what stands on flash
is as before, and the memory has come back.
"""

import contextlib
import json
import random
import socket
import threading
import time

from firmware_bench import check, check_log, long_scenario, plugged, scenario
from test_firmware_lock import ask
from test_firmware_page import exchange, get, up

from simulator.board import PATIENCE_S

pytest_plugins = ["firmware_bench"]

OPEN = {"web": {"lock": "off"}, "bus": {"questions": False}}
PASSWORD = "grün: 8 Birnen"
MOST_LOST = 2500  # bytes of memory that a second storm may cost
KEPT = ("config.json", "config.new", "lock.txt", "access.txt")
POSTS = [
    *("mode", "limit", "boost", "surplus", "grid", "relink", "latest", "forget", "raw"),
    *("2433/limit", "2433/name", "ZZZZ/limit", "config", "login", "logout", "password", "token"),
    *("setup/scan", "setup/wifi", "setup/broker", "chargeNow", "status", "x/y/z", "2433/", "a=b"),
]


@contextlib.contextmanager
def endures(bench, config=None, prepare=None, **more):
    """A board on a line that runs; gives a function that raises a storm twice and looks at what
    is left. `prepare(board)`: what is done before."""
    connector = plugged()
    line = bench.line(connector, max_gap_s=2)
    # Without questions, because what is learned by them takes memory meanwhile.
    board = bench.board(line, config or OPEN, known=[connector], **more)
    board.start()
    board.wait_for_status(up)
    cookie = prepare(board) if prepare else None
    files = on_flash(board)

    def endure(storm):
        storm(board)
        before = most_free(board)
        storm(board)
        # It is back by itself, with none of those who took part.
        board.wait_for_status(up)
        # What asyncio keeps of a task that has ended goes with one of the next.
        found = []
        bench.until(
            lambda: found.append(most_free(board)) or found[-1] > before - MOST_LOST,
            lambda: f"{before} bytes were free before, {found} after",
        )
        assert on_flash(board) == files
        check(line, board)

    yield endure, board, cookie
    assert not board.resets
    check(line, board)


def on_flash(board):
    return [
        path.read_bytes() if path.exists() else None for path in map(board.folder.joinpath, KEPT)
    ]


def most_free(board):
    # It goes up and down with what is not collected yet.
    found = []
    while len(found) < 20:
        with contextlib.suppress(OSError):
            found.append(board.status()["memory"]["free"])
        time.sleep(0.05)
    return max(found)


def connect(board, source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", board.http_port), PATIENCE_S, (source, 0))


def send(board, *pieces, pause_s=0):
    """What is answered to these bytes, or b"" if the board closed before."""
    answer = b""
    with connect(board) as connection, contextlib.suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause_s)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(4096):
            answer += piece
    return answer


def head(path, method="POST", length=None, **headers):
    headers = {"Host": "127.0.0.1", **headers}
    if length is not None:
        headers["Content-Length"] = length
    lines = "".join([f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()])
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def ended(connection):
    """Reads until the board closes: what came."""
    came = b""
    connection.settimeout(PATIENCE_S)
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(4096):
            came += piece
    return came


@long_scenario
def test_a_hundred_at_once(bench):
    def storm(board):
        with contextlib.ExitStack() as stack:
            crowd = []
            for _ in range(100):
                one = stack.enter_context(socket.socket())
                one.setblocking(False)
                one.connect_ex(("127.0.0.1", board.http_port))
                crowd.append(one)
            # They hold on, and are shown out: the page is back before they go.
            board.wait_for_status(up)
            assert all(one.fileno() >= 0 for one in crowd)

    with endures(bench) as (endure, _, _):
        endure(storm)


@long_scenario
def test_those_who_are_slow(bench):
    def storm(board):
        stop = threading.Event()

        def drip(connection, data):
            with contextlib.suppress(OSError):
                for byte in data:
                    if stop.wait(0.2):
                        return
                    connection.sendall(bytes([byte]))

        with contextlib.ExitStack() as stack:
            slow = [stack.enter_context(connect(board)) for _ in range(3)]
            slow[0].sendall(b"GET /api/status HTTP/1.1\r\nHost:")
            endless = head("/", "GET", X_More="c" * 999)
            # A byte now and then: of the header, and of a body that is as large as it can be.
            slow[2].sendall(head("/api/config", length=4096) + b" " * 3000)
            for connection, data in ((slow[1], endless), (slow[2], b" " * 999)):
                stack.enter_context(thread(drip, connection, data))
            stack.callback(stop.set)
            # Two who ask for much and read nothing.
            for path in ("/settings.txt", "/settings.txt?again"):
                lazy = stack.enter_context(socket.socket())
                lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                lazy.connect(("127.0.0.1", board.http_port))
                lazy.sendall(head(path, "GET"))
                slow.append(lazy)
            for _ in range(5):
                assert up(board.status())
            for connection in slow[:3]:
                assert ended(connection) == b"", "a person with a slow phone is shown out too"
            # Much is written one after the other: now there is room for it again.
            body = b'{"surplus": {"start_hold_s": "' + b"x" * 900 + b'"}}'
            assert b" 400 " in send(board, head("/api/config", length=len(body)), body)[:20]
            for connection in slow[3:]:
                with contextlib.suppress(ValueError):
                    length = len(ended(connection))
                    assert length < (board.folder / "firmware/settings.txt").stat().st_size

    # The board's TCP keeps some 5 KB of an answer, that of the desktop all of it.
    with endures(bench, environment={"TWC_SEND_BUFFER": "2048"}) as (endure, _, _):
        endure(storm)


@contextlib.contextmanager
def thread(function, *arguments):
    one = threading.Thread(target=function, args=arguments, daemon=True)
    one.start()
    try:
        yield one
    finally:
        one.join(25)


def at_once(*tasks):
    """Runs functions side by side."""
    with contextlib.ExitStack() as stack:
        for task in tasks:
            stack.enter_context(thread(task))


@scenario
def test_six_large_bodies_at_once(bench):
    def storm(board):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(connect(board)) for _ in range(6)]
            # There is memory for one of them: the others wait, and none is told that it is full.
            for client in clients:
                client.sendall(head("/api/config", length=4096) + b" " * 4000)
            time.sleep(0.5)
            for client in clients:
                client.sendall(b" " * 96)
            for client in clients:
                assert b" 400 " in ended(client)[:20]

    with endures(bench) as (endure, _, _):
        endure(storm)


BODIES = (
    b"[" * 2000,
    b"[]," * 600,
    b'{"a":' * 400,
    b"[" + b"0," * 999,
    b'{"password":"\\ud800"}',
    b'{"password":"\xff\xfe"}',
    b'{1:2,"wires":{"max_amps":1e999}}',
    b'"' + b"\\" * 1999,
    b"\0" * 500,
)


@scenario
def test_lies_garbage_and_tricks(bench):
    def storm(board):
        source = random.Random(9)
        large = b"c" * 100000
        get_status = head("/api/status", "GET")
        for data, expected in (
            (b"GET / HTTP/1.1\r\nX-Large: " + large, 431),
            (b"GET / HTTP/1.1\r\nCookie: " + large, 431),
            (b"GET / HTTP/1.1\r\n" + b"Cookie: a\r\n" * 9999, 431),
            (head("/", "GET", Cookie="c" * 400, Authorization="c" * 400, Origin="c" * 400), 431),
            (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:" + b"9" * 300 + b"\r\n\r\n", 400),
            (b"G" * 300 + b" / HTTP/1.1\r\n\r\n", 400),
            (large, 414),
            (b"\r\n\r\n", 400),
            (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + source.randbytes(200) + b"\n", 400),
            (source.randbytes(300).replace(b"\n", b"") + b"\n", 400),
            (head("/api/mode", length="-5") + b"off", 400),
            (head("/api/mode", length="3, 3") + b"off", 400),
            (head("/api/mode", length="0x3") + b"off", 400),
            (head("/api/mode", length="3\r\nContent-Length: 4") + b"offx", 400),
            (head("/api/mode", Transfer_Encoding="chunked") + b"3\r\noff\r\n0\r\n\r\n", 411),
            (head("/api/mode", length=10_000_000) + large, 413),
            (head("/api/mode", length="9" * 400) + large, 413),
            (head("/api/mode", length=2000) + b"off", None),  # shorter than it says
            (head("/api/mode", length=3) + b"off" + b"GET / HTTP/1.1\r\n" * 9, 200),  # longer
            (get_status * 20, 200),
            (head("/api/status", "GET", Host="evil.example"), 421),
            (head("/api/mode", length=3, Origin="http://evil.example") + b"off", 403),
            (head("/api/mode", length=3, Origin="null") + b"off", 403),
        ):  # fmt: skip
            answer = send(board, data)
            # Who goes on sending may miss what is answered.
            assert (len(data) > 20000 and not answer) or answer[9:12] == (
                str(expected).encode() if expected else b""
            ), (data[:60], answer[:200])
        for path in (
            *(
                "/../config.json",
                "/..%2fconfig.json",
                "/%2e%2e/lock.txt",
                "//lock.txt",
                "/lock.txt",
            ),
            *(
                "/config.json",
                "/..\\config.json",
                "/web/../../lock.txt",
                "/page.js/",
                "/.js",
                "/js",
            ),
            *("/page.js%00", "/page.js.gz", "/api//status", "/api/../api/status", "/api/", "/api"),
            *(
                "/api/config=config_page",
                "/api/" + "x/" * 40,
                "/" + "a" * 90 + ".js",
                "/state.json",
            ),
        ):
            assert get(board, path)[0].split()[1] == "404", path
        for path in (b"/page.js\0", b"/\xff", b"/a\x7f"):
            answer = send(board, b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b" 400 " in answer[:20], path
        assert b" 414 " in send(board, head("/" + "a" * 10000, "GET"))[:20]
        for path in POSTS:
            for body in (*BODIES, source.randbytes(2000)):
                if path in ("logout", "relink", "setup/scan") and body[:1] != b"[":
                    continue  # these need none
                answer = send(board, head("/api/" + path, length=len(body)), body)
                known = path in ("logout", "relink", "setup/scan", "latest")
                assert known or answer[9:12] in (b"400", b"404", b"405", b"409", b"413"), (
                    path,
                    body[:20],
                    answer[:200],
                )
        # Fifty commands at once: some are carried out, the others are told to come again.
        told = []
        command = head("/api/mode", length=3) + b"off"
        at_once(*[lambda: told.append(send(board, command)[9:12]) for _ in range(50)])
        assert b"200" in told
        assert set(told) <= {b"200", b"503", b""}, told

    with endures(bench) as (endure, _, _):
        endure(storm)


@scenario
def test_guessed_passwords(bench):
    def prepare(board):
        status, headers, _ = ask(board, "POST /api/password", {"password": PASSWORD})
        assert status == 200
        return headers["set-cookie"].split(";")[0]

    def storm(board):
        stop = threading.Event()
        told = []

        def guess(number):
            # From addresses of its own: each is let try once at least.
            peer = f"127.0.0.{number}"
            body = json.dumps({"password": "x" * number}).encode()
            while not stop.is_set():
                with contextlib.suppress(OSError), connect(board, peer) as connection:
                    connection.sendall(head("/api/login", length=len(body)) + body)
                    told.append(ended(connection)[9:12])

        with contextlib.ExitStack() as stack:
            stack.callback(stop.set)
            for number in range(2, 10):
                stack.enter_context(thread(guess, number))
            # Whoever is in goes on, though there may be no place at the first try.
            cookie = {"Cookie": bench.cookie, "X_TWC": 1}
            done = 0
            deadline = time.monotonic() + PATIENCE_S
            while done < 5:
                assert time.monotonic() < deadline, told
                with contextlib.suppress(OSError, ValueError, IndexError):
                    done += ask(board, "POST /api/mode", "off", **cookie)[0] in (200, 400)
            stop.set()
        assert b"401" in told or b"429" in told, told
        assert b"200" not in told
        for path in POSTS:
            body = b'{"password": "not this one", "old": "nor this"}'
            answer = send(board, head("/api/" + path, length=len(body), X_TWC=1), body)
            assert answer[9:12] in (b"401", b"403", b"400", b"429") or path == "logout", path
            answer = send(board, head("/api/" + path, Authorization="Basic " + "A" * 400))
            assert answer[9:12] in (b"401", b"429", b"400") or path == "logout", path

    config = {**OPEN, "web": {"lock": "password", "read": "open"}}
    with endures(bench, config, prepare) as (endure, _, cookie):
        bench.cookie = cookie
        endure(storm)


@scenario
def test_garbage_for_the_name_server_of_the_access_point(bench):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        client.settimeout(1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            address = probe.getsockname()
        board = bench.board(config="{}", environment={"TWC_DNS_PORT": str(address[1])})
        board.start()
        board.wait_for_line("Access point .* is open")
        source = random.Random(53)
        question = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1"

        def answered():
            client.sendto(question, address)
            with contextlib.suppress(OSError):
                while data := client.recv(600):
                    if data[:2] == question[:2] and data.endswith(b"\0\4\xc0\xa8\4\1"):
                        return True

        bench.until(answered, board.tail)
        for length in range(0, 700, 7):
            client.sendto(source.randbytes(length), address)
            client.sendto(question[: length % 28] + source.randbytes(length), address)
            client.sendto(b"\0\0\1\0\0\1\0\0\0\0\0\0" + bytes([63 + length % 8]) * length, address)
        bench.until(answered, board.tail)
        assert exchange(board, head("/", "GET"))[0] == "HTTP/1.1 200 OK"
    check_log(board)

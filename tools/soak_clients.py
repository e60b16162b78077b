"""Clients of the page that mean it ill, or do not know better; each for some seconds.

A function takes the board, a random.Random, and `ended()`, which says when to leave off; it
returns how many requests it made.
"""

import contextlib
import json
import socket
import threading
import time

_PATHS = ("/api/status", "/", "/page.js", "/api/history", "/settings.txt", "/api/frames")


def crowd(board, source, ended):
    """Eight who ask without a pause."""
    counts = []

    def ask(seed):
        count = 0
        while not ended():
            path = _PATHS[(seed + count) % len(_PATHS)]
            exchange(board, head("GET", path))
            count += 1
            time.sleep(0.05)
        counts.append(count)

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sum(counts)


def slow(board, source, ended):
    """Some that send a byte now and then, one that never reads what it asked for."""
    with contextlib.ExitStack() as stack:
        drips = []
        for data in (head("GET", "/api/status"), head("POST", "/api/config", 4096) + b" " * 4096):
            with contextlib.suppress(OSError):
                one = stack.enter_context(_connect(board))
                one.settimeout(1)
                drips.append((one, iter(data)))
        with contextlib.suppress(OSError):
            lazy = stack.enter_context(socket.socket())
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            lazy.settimeout(2)
            lazy.connect(("127.0.0.1", board.http_port))
            lazy.sendall(head("GET", "/settings.txt"))
        while not ended():
            for one, data in drips:
                with contextlib.suppress(OSError):
                    one.sendall(bytes([next(data, 32)]))
            time.sleep(0.3)
        return len(drips) + 1


def garbage(board, source, ended):
    """Bytes that are no request, and requests that lie."""
    made = (
        lambda: source.randbytes(source.randrange(1, 600)) + b"\n",
        lambda: b"GET / HTTP/1.1\r\nX: " + b"c" * source.randrange(5000) + b"\r\n\r\n",
        lambda: head("POST", "/api/mode", "-5") + b"off",
        lambda: head("POST", "/api/mode", 9999999) + source.randbytes(500),
        lambda: head("GET", "/" + "../" * source.randrange(20) + "config.json"),
        lambda: head("POST", "/api/limit", 2000) + b"1",
        lambda: head("POST", "/api/2433/limit", 40) + b"[" * 40,
        lambda: b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + source.randbytes(200),
    )
    count = 0
    while not ended():
        exchange(board, source.choice(made)(), hurry=source.random() < 0.5)
        count += 1
        time.sleep(0.05)
    return count


def large(board, source, ended):
    """Bodies as large as they may be, and larger, and refused."""
    count = 0
    while not ended():
        filler = "x" * source.randrange(500, 6000)
        body = json.dumps({"surplus": {"start_hold_s": filler}}).encode()
        exchange(board, head("POST", "/api/config", len(body)) + body)
        count += 1
    return count


def exchange(board, data, hurry=False):
    """Send these bytes, return what is answered (b"" if nothing). `hurry`: do not wait for it."""
    answer = b""
    with contextlib.suppress(OSError), _connect(board) as connection:
        connection.sendall(data)
        if hurry:
            return answer
        while piece := connection.recv(4096):
            answer += piece
    return answer


def head(method, path, length=None):
    lines = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if length is not None:
        lines += f"Content-Length: {length}\r\n"
    return (lines + "\r\n").encode()


def _connect(board):
    return socket.create_connection(("127.0.0.1", board.http_port), 10)

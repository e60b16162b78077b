"""The lock of a firmware process, and its slow hash beside Python's own."""

import base64
import hashlib
import json
import random

from firmware_bench import check_log, scenario
from test_firmware_page import exchange

pytest_plugins = ["firmware_bench"]

PASSWORD = "grün: 8 Birnen"


def test_the_slow_hash_is_the_one_of_python(run_micropython, project):
    source = random.Random(6)
    cases = [
        (source.randbytes(length), source.randbytes(source.randrange(70)), source.randrange(1, 90))
        for length in (0, 1, 31, 63, 64, 65, 200, *[source.randrange(90) for _ in range(40)])
    ]
    printed = run_micropython(
        f"import slow_hash\nfor password, salt, count in {cases}:\n"
        "    steps = slow_hash.steps(password, salt)\n"
        "    for _ in range(count):\n        result = next(steps)\n"
        "    print(slow_hash.as_bytes(result).hex())\n",
        path=[project / "firmware" / "lib"],
    )
    expected = [hashlib.pbkdf2_hmac("sha256", *case).hex() for case in cases]
    assert printed.split() == expected


def ask(board, request, body=None, **headers):
    """(status code, headers, document) of a request; `request`: "GET /api/status"."""
    body = b"" if body is None else json.dumps(body).encode()
    headers = {"Host": f"127.0.0.1:{board.http_port}", "Content-Length": len(body), **headers}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    first, headers, body = exchange(
        board, f"{request} HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body
    )
    return int(first.split()[1]), headers, json.loads(body)


@scenario
def test_a_password_is_set_used_and_outlives_a_restart(bench):
    board = bench.board(config={"web": {"read": "password"}})
    board.start()
    board.wait_for_status()
    assert ask(board, "POST /api/mode", "fast", X_TWC=1)[0] == 403
    status, headers, answer = ask(board, "POST /api/password", {"password": PASSWORD})
    assert (status, answer) == (200, {"in": True})
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert {"httponly", "samesite=strict", "path=/"} <= set(attributes)
    board.wait_for_line("A new password was set, from 127.0.0.1")

    # What stands on flash is what Python makes of it.
    text = (board.folder / "lock.txt").read_text()
    count, salt, result = text.split()[1:4]
    assert int(count) >= 500
    by_python = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), bytes.fromhex(salt), int(count))
    assert result == by_python.hex()

    assert ask(board, "GET /api/status")[0] == 401
    assert ask(board, "GET /api/status", Cookie=cookie)[2]["name"] == "test"
    assert ask(board, "POST /api/token", {}, Cookie=cookie)[0] == 403
    status, _, answer = ask(board, "POST /api/token", {}, Cookie=cookie, X_TWC=1)
    bearer = "Bearer " + answer["token"]
    assert (
        hashlib.sha256(answer["token"].encode()).hexdigest()
        in (board.folder / "lock.txt").read_text()
    )

    board.restart()
    bench.until(lambda: _answers(board), board.tail)
    basic = "Basic " + base64.b64encode(f"root:{PASSWORD}".encode()).decode()
    for credentials, expected in (
        ({"Cookie": cookie}, 401),
        ({"Authorization": bearer}, 200),
        ({"Authorization": basic}, 200),
        ({"Authorization": basic[:-8]}, 401),
        ({"Authorization": basic}, 429),
        ({"Authorization": bearer}, 200),
    ):
        assert ask(board, "GET /api/status", **credentials)[0] == expected, credentials
    assert not [line for line in board.lines if "Birnen" in line]
    check_log(board)


def _answers(board):
    try:
        return ask(board, "GET /api/access")[2]["lock"] == "set"
    except OSError:
        return False

"""The API of the firmware process: the examples of docs/api.md as they stand, with curl."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
from firmware_bench import check, plugged, scenario
from test_firmware_page import exchange, up

from firmware import table
from tools import docs_tables

pytest_plugins = ["firmware_bench"]

PASSWORD = "sun and car"


def examples(project):
    """The lines of shell in docs/api.md, split into words."""
    text = (project / "docs" / "api.md").read_text("utf-8")
    (shell,) = re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)
    return [shlex.split(line) for line in shell.splitlines()]


@scenario
def test_the_examples_of_the_document(bench):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed (Debian: apt-get install curl)")
    connector = plugged()
    line = bench.line(connector)
    config = {"surplus": {"start_hold_s": 0}, "web": {"lock": "password"}}
    config["bus"] = {"recording": 10}
    board = bench.board(line, config, known=[connector])
    board.start()
    board.wait_for_status(up)
    token = ""

    def curl(words):
        """(status code, what came) of one call."""
        nonlocal token
        words = [word.replace("<token>", token) for word in words]
        address = f"http://127.0.0.1:{board.http_port}/"
        words = [word.replace("http://twc-bridge.local/", address) for word in words]
        more = ["--silent", "--show-error", "--max-time", "12", "--write-out", "\n%{http_code}"]
        done = subprocess.run(
            [*words, *more], capture_output=True, text=True, check=True, cwd=board.folder
        )
        body, _, code = done.stdout.rpartition("\n")
        if '"token"' in body:
            token = json.loads(body)["token"]
        return int(code), body

    lines = examples(docs_tables.ROOT)
    # Before there is a password nobody may change anything; what is asked is said at once.
    code, body = curl([word for word in lines[2] if word not in ("-u", f":{PASSWORD}")])
    assert (code, "Set a password first" in body) == (403, True), body
    for words in lines:
        code, body = curl(words)
        assert code == 200, (words, code, body)
    assert body == "" and (board.folder / "sessions.csv").exists()
    code, body = curl(["curl", "-d", "off", "http://twc-bridge.local/api/mode"])
    assert code == 401 and "password" in json.loads(body)["error"]
    # curl waits for a word before it sends a larger body.
    large = json.dumps({"amps": 12, "seconds": " " * 1200})
    words = ["curl", "-H", "Expect: 100-continue", "-u", f":{PASSWORD}", "-d", large]
    code, body = curl([*words, "http://twc-bridge.local/api/limit"])
    assert code == 400 and "longer than 200" in json.loads(body)["error"], body

    status = board.status()
    assert (status["mode"], status["manual_amps"]) == ("manual", 16)
    assert status["connectors"][0]["limit_amps"] == 10
    bench.until_offered(line, board, connector, 10)
    # What the document's table calls the values is there.
    for part in docs_tables.SECTIONS:
        for row in table.rows(part, docs_tables.ROOT / docs_tables.VALUES):
            place = status["connectors"][0] if part == "connector" else status
            if table.has_value(row):
                for name in row[1].rstrip(".").split("."):
                    assert name in place, row
                    place = place[name]

    # Each GET of the document is answered, by a module that was loaded for it.
    calls = (docs_tables.ROOT / "docs" / "api.md").read_text("utf-8").split("\n## Calls\n")[1]
    for path in re.findall(r"^\| `GET (/api/\w+)`", calls.split("\n## ")[0], re.M):
        first, headers, body = exchange(board, f"GET {path} HTTP/1.1\r\n\r\n".encode())
        assert first == "HTTP/1.1 200 OK", (path, first, body)
        if headers["content-type"] == "application/json":
            assert isinstance(json.loads(body), dict), path
        else:
            assert path in ("/api/sessions", "/api/frames") and "attachment" in str(headers)

    # What is too large is refused with its sentence, though all of it is sent.
    for size, expected in ((3000, "413"), (100000, "413")):
        head = f"POST /api/mode HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        request = f"{head}Content-Length: {size}\r\n\r\n".encode() + b"x" * size
        # A board that has no time to take all of it may close too early for its sentence.
        for _ in range(9):
            first, _, body = exchange(board, request)
            assert first.split(" ")[1] == expected, first
            if body:
                break
        assert "2048 bytes" in json.loads(body)["error"]
    assert up(board.status())
    check(line, board)

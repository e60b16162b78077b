"""Update a board over the air: ``python -m tools.ota --host twc-bridge.local --password ...``.

Sends a release file to POST /api/update, waits for the board to come back, and says whether the
new version has confirmed itself. The password may also stand in TWC_PASSWORD, the token in
TWC_TOKEN. docs/update.md says how a board takes an update.
"""

import argparse
import base64
import http.client
import json
import os
import select
import socket
import sys
import time
from pathlib import Path

from tools.release import FOLDER, ROOT, VERSION, ReleaseError, read

PIECE = 4096
# The board removes what earlier updates left behind before it reads on.
PATIENCE_S = 150
COME_BACK_S = 90
# A version that is not well is given up after three starts, of ten minutes at worst.
CONFIRM_S = 120


class OtaError(Exception):
    """A sentence for the reader."""


def main():
    parser = argparse.ArgumentParser(description="Update a board over the air.")
    parser.add_argument("--host", required=True, help="name or address, with :port if not 80")
    parser.add_argument("--password", default=os.environ.get("TWC_PASSWORD"))
    parser.add_argument("--token", default=os.environ.get("TWC_TOKEN"))
    parser.add_argument("--file", type=Path, help="the release; else the newest made here")
    options = parser.parse_args()
    try:
        board = Board(options.host, options.password, options.token)
        update(board, options.file or latest())
    except (OtaError, ReleaseError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Broken off. What was sent is dropped by the board: it stays as it is.")


def latest(project=ROOT):
    """The release of this checkout's version."""
    version = read(project / "firmware" / "__init__.py", VERSION)
    return project / FOLDER / f"twc-bridge-{version}.tar"


def update(board, path, say=print, confirm_s=CONFIRM_S):
    """Send the release at ``path`` and wait until its version runs; return whether it has
    confirmed itself, too. Raises OtaError."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise OtaError(f"FILE={path}: {error.strerror}. make release makes one.") from error
    before = board.status()
    say(f"{board.host} runs {before['version']}. Sending {path}, {len(data) // 1024} KB ...")
    answer = board.send(data, progress(say))
    version = answer["version"]
    say(f"Checked and taken: {version}. The board starts anew ...")
    after = wait(board, before["uptime_s"], COME_BACK_S)
    deadline = time.monotonic() + confirm_s
    while after.get("update") and "trial" in after["update"] and time.monotonic() < deadline:
        time.sleep(2)
        try:
            after = board.status()
        except OtaError:
            continue
    if after["version"] != version:
        raise OtaError(after.get("update") or f"It runs {after['version']}, not {version}.")
    if after.get("update"):
        say(f"{version} runs. {after['update']}")
        return False
    say(f"{version} runs and has confirmed itself.")
    return True


def progress(say):
    """A function of (bytes sent, bytes in all) that tells each tenth."""
    told = [0]

    def tell(sent, total):
        tenth = 10 * sent // total
        if tenth > told[0]:
            told[0] = tenth
            say(f"  {10 * tenth} %")

    return tell


def wait(board, before_s, patience_s):
    """The status of the board when it has started anew. Raises OtaError."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        time.sleep(1)
        try:
            status = board.status()
        except OtaError:
            continue
        # One that has been running for longer has not had its restart yet.
        if status["uptime_s"] < before_s or status["uptime_s"] < 5:
            return status
    raise OtaError(
        f"{board.host} has not come back within {patience_s} s. If the new version does not run, "
        "the one before comes back after three more starts: look at the page in a while."
    )


class Board:
    """What answers at ``host``, "name" or "name:port"."""

    def __init__(self, host, password=None, token=None):
        self.host = host.removeprefix("http://").rstrip("/")
        self._lines = ["X-TWC: 1"]
        if token:
            self._lines.append("Authorization: Bearer " + token)
        elif password:
            words = base64.b64encode((":" + password).encode()).decode()
            self._lines.append("Authorization: Basic " + words)

    def status(self):
        """GET /api/status. Raises OtaError. In safe mode there is none, but updates are taken."""
        for _ in range(5):
            status, body = self._ask("GET /api/status", b"", timeout_s=10)
            if status != 503:
                break
            if b'"safe": true' in body:
                return {"version": "in safe mode", "uptime_s": 1 << 30, "update": None}
            time.sleep(1)  # somebody else is being answered
        document = self._understood(status, body)
        if not isinstance(document, dict) or "uptime_s" not in document:
            raise OtaError(f"{self.host} is no twc-bridge: there is no status.")
        return document

    def send(self, data, tell):
        """POST /api/update; ``tell(sent, total)`` hears how far it is. Returns what the board
        answers. Raises OtaError."""
        status, body = self._ask("POST /api/update", data, tell, PATIENCE_S)
        answer = self._understood(status, body)
        if not isinstance(answer, dict) or "version" not in answer:
            raise OtaError(f"The board does not know updates: {answer}. Use make deploy once.")
        return answer

    def _understood(self, status, body):
        try:
            answer = json.loads(body)
        except ValueError:
            answer = body.decode("utf-8", "replace")
        if status == 200:
            return answer
        why = answer.get("error") if isinstance(answer, dict) else answer
        hint = ""
        if status in (401, 403):
            hint = " Give PASSWORD=... or TOKEN=..."
        elif status in (404, 405):
            hint = " Its firmware knows no updates over the air yet: use make deploy once."
        raise OtaError(f"{self.host} says: {why or status}{hint}")

    def _ask(self, what, data, tell=None, timeout_s=10):
        """(status, body) of an answer, also of one that comes before all was sent."""
        name, _, port = self.host.partition(":")
        try:
            with socket.create_connection((name, int(port or 80)), timeout_s) as sock:
                lines = [what + " HTTP/1.1", "Host: " + self.host, "Connection: close"]
                lines += self._lines
                if data:
                    # Before the body: whether it is wanted at all.
                    lines += [f"Content-Length: {len(data)}", "Expect: 100-continue"]
                sock.sendall("\r\n".join([*lines, "", ""]).encode())
                if data and self._go_on(sock, timeout_s):
                    self._send(sock, data, tell)
                with http.client.HTTPResponse(sock) as response:
                    response.begin()  # passes over "100 Continue"
                    return response.status, response.read()
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise OtaError(f"{self.host} does not answer: {error}") from error

    def _go_on(self, sock, timeout_s):
        """Waits for the first word; whether the body is wanted."""
        ready, _, _ = select.select([sock], [], [], timeout_s)
        if not ready:
            raise TimeoutError("no word in time")
        return b" 100 " in sock.recv(16, socket.MSG_PEEK)

    def _send(self, sock, data, tell):
        said = len(b"HTTP/1.1 100 Continue\r\n\r\n")
        for at in range(0, len(data), PIECE):
            ready, _, _ = select.select([sock], [], [], 0)
            if ready and len(sock.recv(said + 16, socket.MSG_PEEK)) > said:
                return  # an answer before the end: it is not taken
            sock.sendall(data[at : at + PIECE])
            tell(min(at + PIECE, len(data)), len(data))


if __name__ == "__main__":
    main()

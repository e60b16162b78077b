"""A real Home Assistant as a process: ready-made settings in place of all dialogs, and what a
person would do with it, over its REST and WebSocket APIs.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path

# Run between fork and Home Assistant: on Linux it dies with the tests, even if they are killed.
_LAUNCH = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)
os.execv(sys.argv[1], sys.argv[1:])
"""
_FAR_S = 10 * 365 * 86400
_LOGGED = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ (?P<level>\w+) \([^)]*\) \[(?P<logger>[^]]*)\] ")


class HomeAssistant:
    """One Home Assistant on localhost, connected to one broker.

    python: of the folder it is installed in. folder: for its files. port: of its web server.
    broker_port: of an MQTT broker on 127.0.0.1. Nothing of it goes to the network.
    """

    def __init__(self, python, folder, port, broker_port):
        self.folder = Path(folder)
        self.port = port
        self._python = str(python)
        self._process = None
        self._starts = 0
        self._ids = itertools.count(1)
        self._key = uuid.uuid4().hex
        self._token_id = uuid.uuid4().hex
        self._write_files(broker_port)

    def start(self):
        """Start it; `running` tells when it is up. A start has a log of its own."""
        self._starts += 1
        command = [sys.executable, "-c", _LAUNCH, self._python, "-m", "homeassistant"]
        command += ["--config", str(self.folder), "--skip-pip", "--log-no-color"]
        command += ["--log-file", str(self.folder / f"log{self._starts}.txt")]
        environment = {key: os.environ[key] for key in os.environ if "PYTHON" not in key}
        with open(self.folder / "output.txt", "ab") as output:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
            )

    def stop(self):
        """Orderly end: its registries are saved."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """It dies at once."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def running(self):
        """Whether all of it has started. Raises RuntimeError when it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"Home Assistant ended: {self.tail()}")
        try:
            return self._rest("/api/config")["state"] == "RUNNING"
        except (OSError, ValueError, KeyError):
            return False

    def states(self):
        """{entity id: {"state": text, "attributes": {}, …}} of all that is enabled."""
        return {state["entity_id"]: state for state in self._rest("/api/states")}

    def state(self, entity_id):
        """The state of one entity as text; None if there is no such entity."""
        try:
            return self._rest(f"/api/states/{entity_id}")["state"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def call(self, service, entity_id, **data):
        """Do what a card does: call("number.set_value", "number.x", value=8)."""
        domain, _, name = service.partition(".")
        self._rest(f"/api/services/{domain}/{name}", {"entity_id": entity_id, **data})

    def devices(self):
        """The device registry: list of dictionaries ("id", "name", "via_device_id", …)."""
        return self._ask("config/device_registry/list")

    def entities(self):
        """The entity registry, also of what is disabled: {entity id: {"device_id",
        "entity_category", "disabled_by", "unique_id", …}}."""
        listed = self._ask("config/entity_registry/list")
        return {entity["entity_id"]: entity for entity in listed}

    def complaints(self):
        """[(logger, whole entry)] of all warnings and errors since the first start."""
        found = []
        for number in range(1, self._starts + 1):
            path = self.folder / f"log{number}.txt"
            if not path.exists():
                continue
            kept = False
            for line in path.read_text("utf-8", "replace").splitlines():
                begin = _LOGGED.match(line)
                if begin:
                    kept = begin["level"] in ("WARNING", "ERROR", "CRITICAL")
                    if kept:
                        found.append((begin["logger"], line))
                elif kept:
                    found[-1] = (found[-1][0], found[-1][1] + "\n" + line)
        return found

    def tail(self, count=30):
        """The last lines of its output, which has its log, too."""
        return "\n".join((self.folder / "output.txt").read_text().splitlines()[-count:])

    def _rest(self, path, data=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if data is None else json.dumps(data).encode(),
            {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def _ask(self, what):
        # https://developers.home-assistant.io/docs/api/websocket/
        from websockets.sync.client import connect

        url = f"ws://127.0.0.1:{self.port}/api/websocket"
        with connect(url, max_size=None, open_timeout=20) as socket:
            socket.recv(20)
            socket.send(json.dumps({"type": "auth", "access_token": self._token()}))
            assert json.loads(socket.recv(20))["type"] == "auth_ok"
            socket.send(json.dumps({"id": next(self._ids), "type": what}))
            answer = json.loads(socket.recv(20))
            assert answer["success"], answer
            return answer["result"]

    def _token(self):
        """A JSON Web Token (RFC 7519), as its long-lived ones are."""
        now_s = int(time.time())
        claims = {"iss": self._token_id, "iat": now_s - 60, "exp": now_s + _FAR_S}
        parts = [_base64(json.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        text = ".".join(parts)
        digest = hmac.new(self._key.encode(), text.encode(), hashlib.sha256).digest()
        return f"{text}.{_base64(digest)}"

    def _write_files(self, broker_port):
        """What it would write itself at the end of its dialogs; older formats than its own, which
        it brings up to date."""
        (self.folder / ".storage").mkdir(parents=True)
        (self.folder / "configuration.yaml").write_text(
            "homeassistant:\n  name: Test\n  time_zone: UTC\n  unit_system: metric\n"
            "  country: DE\n  latitude: 0\n  longitude: 0\n  elevation: 0\n"
            f"http:\n  server_host: 127.0.0.1\n  server_port: {self.port}\n"
            "logger:\n  default: info\n"
        )
        user_id = uuid.uuid4().hex
        user = {
            "id": user_id,
            "group_ids": ["system-admin"],
            "is_owner": True,
            "is_active": True,
            "name": "Test",
            "system_generated": False,
            "local_only": False,
        }
        token = {
            "id": self._token_id,
            "user_id": user_id,
            "client_id": None,
            "client_name": "tests",
            "client_icon": None,
            "token_type": "long_lived_access_token",
            "created_at": datetime.now(timezone.utc).isoformat(),
            "access_token_expiration": _FAR_S,
            "token": uuid.uuid4().hex,
            "jwt_key": self._key,
            "last_used_at": None,
            "last_used_ip": None,
            "credential_id": None,
            "version": "2024.1.0",
        }
        groups = [{"id": "system-admin", "name": "Administrators"}]
        groups += [{"id": "system-users", "name": "Users"}]
        groups += [{"id": "system-read-only", "name": "Read Only"}]
        auth = {"users": [user], "groups": groups, "credentials": [], "refresh_tokens": [token]}
        self._store("auth", 1, auth)
        done = ["user", "core_config", "analytics", "integration"]
        self._store("onboarding", 4, {"done": done})
        entry = {
            "entry_id": uuid.uuid4().hex,
            "version": 1,
            "domain": "mqtt",
            "title": "broker",
            "data": {"broker": "127.0.0.1", "port": broker_port},
            "options": {},
            "pref_disable_new_entities": False,
            "pref_disable_polling": False,
            "source": "user",
            "unique_id": None,
            "disabled_by": None,
        }
        self._store("core.config_entries", 1, {"entries": [entry]})

    def _store(self, key, version, data):
        content = {"version": version, "minor_version": 1, "key": key, "data": data}
        (self.folder / ".storage" / key).write_text(json.dumps(content))


def _base64(data):
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

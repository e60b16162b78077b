"""MQTT brokers for the desktop: the embedded one of `make run`, and a real mosquitto for tests."""

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

from simulator.board import free_port


class EmbeddedBroker:
    """amqtt in a thread of this process, on 127.0.0.1. Takes everybody, with or without a user.

    port: the wanted one; a free one is taken when somebody listens there. ``port`` says which.
    """

    def __init__(self, port=1883):
        self.host = "127.0.0.1"
        self.port = free_port(port, self.host)
        self._loop = asyncio.new_event_loop()
        self._broker = None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def start(self):
        """Listen. Raises what amqtt raises when it can't."""
        # amqtt tells each connection and each dropped one; only what breaks it is of interest.
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)
        self._thread.start()
        self._call(self._start())

    def stop(self):
        """Close all connections and give the port back. May be called twice."""
        if not self._thread.is_alive():
            return
        try:
            if self._broker:
                self._call(self._broker.shutdown())
        except Exception:
            pass  # a half-started broker has nothing to shut down; the loop ends it below
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _call(self, coroutine, timeout_s=10):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout_s)

    async def _start(self):
        from amqtt.broker import Broker

        class OwnOnly(Broker):
            """amqtt 0.12 sends each new client what is retained for the subscriptions of all
            others; while it does so, one that publishes and leaves at once is not heard."""

            async def _publish_retained_messages_for_subscription(self, subscription, session):
                for subscriber, _ in self._subscriptions.get(subscription[0], ()):
                    if subscriber.client_id == session.client_id:
                        await super()._publish_retained_messages_for_subscription(
                            subscription, session
                        )
                        return

        anonymous = "amqtt.plugins.authentication.AnonymousAuthPlugin"
        configuration = {
            "listeners": {"default": {"type": "tcp", "bind": f"{self.host}:{self.port}"}},
            "plugins": {anonymous: {"allow_anonymous": True}},
        }
        self._broker = OwnOnly(configuration)
        await self._broker.start()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        # A client that vanishes in the middle of a packet is no news here.
        self._loop.set_exception_handler(lambda loop, context: None)
        self._loop.run_forever()


class Mosquitto:
    """A real mosquitto on 127.0.0.1 with its files in ``folder``, for tests.

    port: 0 for a free one; it stays the same over stop and start. user, password: when given,
    nobody else is let in. Retained messages survive ``stop``, as with Debian's own set-up, but not
    ``kill``. tls_port: when given, it listens there too, in TLS, with the certificate of a
    ``certificates`` (see make_certificates).
    """

    def __init__(self, folder, port=0, user=None, password=None, tls_port=0, certificates=None):
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self.user = user
        self.password = password
        self.tls_port = tls_port
        self.certificates = certificates
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = None
        self.log_path = self._folder / "mosquitto.log"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start and wait until it listens. Raises RuntimeError with its log if it doesn't."""
        if self.running:
            return
        configuration = self._configure()
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                [find_mosquitto(), "-v", "-c", str(configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.running:
            try:
                socket.create_connection((self.host, self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        self.kill()
        raise RuntimeError("mosquitto did not start:\n" + self.log_path.read_text())

    def stop(self):
        """Orderly end: clients are disconnected, retained messages are saved."""
        if self.running:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """It dies at once, as in a power cut."""
        if self.running:
            self._process.kill()
            self._process.wait()

    def signal(self, number):
        """Send it a signal: signal.SIGSTOP makes it half dead, its connections stay."""
        self._process.send_signal(number)

    def restart(self):
        """Stop and start on the same port."""
        self.stop()
        self.start()

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    def publish(self, topic, payload, retain=False):
        """Publish one message and wait until the broker has acknowledged it."""
        import paho.mqtt.publish

        login = {"username": self.user, "password": self.password} if self.user else None
        paho.mqtt.publish.single(
            topic, str(payload), 1, retain, hostname=self.host, port=self.port, auth=login
        )

    def _configure(self):
        lines = [
            f"listener {self.port} {self.host}",
            "persistence true",
            f"persistence_location {self._folder}/",
            *self._tls_listener(),
            f"allow_anonymous {'false' if self.user else 'true'}",
        ]
        if os.geteuid() == 0:
            # As root it would become the user "mosquitto", who can't read a test's folder.
            lines.append("user root")
        if self.user:
            passwords = self._folder / "passwords"
            tool = find_mosquitto("mosquitto_passwd")
            command = [tool, "-b", "-c", str(passwords), self.user, self.password or ""]
            subprocess.run(command, check=True, capture_output=True)
            lines.append(f"password_file {passwords}")
        path = self._folder / "mosquitto.conf"
        path.write_text("\n".join(lines) + "\n")
        return path

    def _tls_listener(self):
        if not self.tls_port:
            return []
        return [
            f"listener {self.tls_port} {self.host}",
            f"certfile {self.certificates / 'broker.pem'}",
            f"keyfile {self.certificates / 'broker.key'}",
        ]


def make_certificates(folder, name="localhost"):
    """Makes a CA and a certificate of it for ``name`` (no other name or address) with the openssl
    program: ca.pem, ca.der, broker.pem, broker.key in ``folder``. Returns the folder, or None
    where there is no openssl."""
    folder = Path(folder)
    openssl = shutil.which("openssl")
    if not openssl:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "names").write_text(f"subjectAltName=DNS:{name}\n")
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    for command in (
        f"req -x509 {key} -days 30 -subj /CN=test-ca -keyout ca.key -out ca.pem",
        "x509 -in ca.pem -outform DER -out ca.der",
        f"req {key} -subj /CN={name} -keyout broker.key -out broker.csr",
        "x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 "
        "-extfile names -out broker.pem",
    ):
        subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


def find_mosquitto(program="mosquitto"):
    """Path of an installed mosquitto program, or None; Debian keeps the broker in /usr/sbin."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")

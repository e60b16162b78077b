"""What keeps page and broker busy: ten web clients and fifty readings a second, say.

Runs in a process of its own (``python -m tools.bench_load``), so that the one that listens to the
line is not kept waiting by its own load, and with the lowest priority: clients and meters have
processors of their own. ``Load`` starts it and tells it what to do.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IDLE_PERIOD_S = 1
"""A reading is published this often when nothing is to be busy: meters do about that."""


class Load:
    """A context manager.

    url: of the page. broker: .host and .port, or None: nothing is published. topic: of the
    readings, of which none is published before the first ``watts``. period_s: between two.
    """

    def __init__(self, url, broker, topic, period_s=IDLE_PERIOD_S):
        where = [broker.host, str(broker.port)] if broker else ["", "0"]
        self._command = [sys.executable, "-m", "tools.bench_load", url, *where, topic]
        self._period_s = period_s
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._tell(period_s=self._period_s)
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def watts(self, watts):
        """Publish this from now on, the first time at once; returns the time.monotonic() just
        before that."""
        return self._tell(watts=watts)["at_s"]

    def begin(self, clients, readings_s):
        """So many web clients that ask all the time, and so many readings a second."""
        self._tell(clients=clients, period_s=1 / readings_s if readings_s else IDLE_PERIOD_S)

    def end(self):
        """Leave off; returns what the clients got: {"answers": n, "unavailable": n (status 503),
        "failures": {sentence: n}, "slowest_s": the longest that an answer took, "published":
        n readings}."""
        return self._tell(clients=0, period_s=self._period_s)

    def _tell(self, **order):
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process that makes the load ended: {self._command}")
        return json.loads(answer)


class _Clients:
    """Threads that ask for the document, and every fifth time for the page."""

    def __init__(self, url):
        self._url = url
        self._threads = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._forget()

    def begin(self, count):
        self.end()
        self._forget()
        self._stop.clear()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _forget(self):
        self.counts = {"answers": 0, "unavailable": 0, "failures": {}, "slowest_s": 0}

    def _run(self):
        turn = 0
        while not self._stop.is_set():
            turn += 1
            began_s = time.monotonic()
            failure = self._ask("/" if turn % 5 == 0 else "/api/status")
            with self._lock:
                counts = self.counts
                if failure is None:
                    counts["answers"] += 1
                    counts["slowest_s"] = max(counts["slowest_s"], time.monotonic() - began_s)
                elif failure == 503:
                    counts["unavailable"] += 1
                else:
                    counts["failures"][failure] = counts["failures"].get(failure, 0) + 1
            if failure is not None:
                self._stop.wait(0.1)  # a browser would not ask again at once either

    def _ask(self, path):
        """None, 503, or a sentence."""
        try:
            with urllib.request.urlopen(self._url + path, timeout=20) as answer:
                body = answer.read()
            if path != "/":
                json.loads(body)
        except urllib.error.HTTPError as error:
            return 503 if error.code == 503 else f"status {error.code}"
        except (OSError, ValueError) as error:
            return f"{path}: {type(error).__name__}: {error}"


class _Publisher:
    def __init__(self, host, port, topic):
        import paho.mqtt.client as mqtt

        self.period_s = IDLE_PERIOD_S
        self.published = 0
        self._watts = None
        self._topic = topic
        self._changed = threading.Event()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.connect_async(host, port)
        self._client.loop_start()
        threading.Thread(target=self._run, daemon=True).start()

    def watts(self, watts):
        at_s = time.monotonic()
        self._watts = watts
        self._publish()
        return at_s

    def change(self, period_s):
        self.period_s = period_s
        self._changed.set()

    def _run(self):
        due_s = time.monotonic()
        while True:
            if self._changed.wait(max(0, due_s - time.monotonic())):
                self._changed.clear()
                due_s = time.monotonic()
            due_s = max(due_s + self.period_s, time.monotonic())
            self._publish()

    def _publish(self):
        if self._watts is not None and self._client.is_connected():
            self._client.publish(self._topic, str(self._watts))
            self.published += 1


def main():
    url, host, port, topic = sys.argv[1:]
    os.nice(19)
    clients = _Clients(url)
    publisher = _Publisher(host, int(port), topic) if host else None
    for line in sys.stdin:
        order = json.loads(line)
        answer = {}
        if "watts" in order and publisher:
            answer["at_s"] = publisher.watts(order["watts"])
        if "period_s" in order and publisher:
            answer["published"] = publisher.published
            publisher.published = 0
            publisher.change(order["period_s"])
        if order.get("clients"):
            clients.begin(order["clients"])
        elif "clients" in order:
            clients.end()
            answer.update(clients.counts)
        print(json.dumps(answer), flush=True)
    clients.end()


if __name__ == "__main__":
    main()

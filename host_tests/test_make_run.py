"""`make run` as a process: it starts, shows, and ends without leaving anything behind.

The firmware is a small one here, so that these tests are about the launcher; the real one is
tested elsewhere.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest

from simulator.board import PATIENCE_S, free_port

BOOT = "import sys\nsys.path.append('firmware/lib')\n"
MAIN = """
import asyncio, json, machine, os
config = open("config.json").read()
try:
    mqtt = json.loads(config)["mqtt"]
except ValueError:
    mqtt = None
print("1 s info: broker", mqtt)
uart = machine.UART(2, baudrate=9600, tx=17, rx=16, timeout=0, timeout_char=0, rxbuf=256)
heard = bytearray()

async def bus():
    reader = asyncio.StreamReader(uart)
    buffer = bytearray(64)
    while True:
        count = await reader.readinto(buffer)
        heard.extend(buffer[: count or 0])
        if b"crash" in heard:
            raise ValueError("told to crash")
        uart.write(b"ok")

async def answer(reader, writer):
    while (await reader.readline()).strip():
        pass
    body = json.dumps({"name": "garage", "reason": "All is well.", "heard": len(heard),
        "surplus": {"watts": 3000, "age_s": 1, "lost": False}, "wires_amps": 32, "offer_amps": 12,
        "draw_amps": 11.8, "mqtt": mqtt, "files": os.listdir(), "connectors": [
        {"id": "2433", "name": "left", "link": "ok", "offer_amps": 12, "draw_amps": 11.8}]})
    writer.write("HTTP/1.0 200 OK\\r\\n\\r\\n" + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()

async def main():
    await asyncio.start_server(answer, "0.0.0.0", 80)
    await bus()

asyncio.run(main())
"""


class Run:
    """A launcher that runs; ``lines`` grows as it prints."""

    def __init__(self, root, folder, variables):
        self.http_port = free_port()
        given = {"HTTP": str(self.http_port), "TWC_PROJECT": str(folder / "tree")}
        given |= {"TWC_BUILD": str(folder / "build"), **variables}
        clean = {k: v for k, v in os.environ.items() if k not in ("BROKER", "SERIAL", "CONFIG")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator.run"],
            cwd=root,
            env=clean | given | {"PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def text(self):
        return "\n".join(self.lines)

    def until(self, condition, what=""):
        """What the condition returned when it was true for the first time."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := condition()):
            assert time.monotonic() < deadline, f"{what}\n{self.text}"
            time.sleep(0.05)
        return found

    def wait_for(self, pattern):
        """The first match in what it printed so far, or prints now."""
        return self.until(lambda: re.search(pattern, self.text), f"no {pattern!r} in:")

    def status(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/api/status") as answer:
            return json.load(answer)

    def end(self, number=signal.SIGINT):
        """Send the signal to the process and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self._reader.join(5)


@pytest.fixture
def launch(micropython, project, tmp_path):
    (tmp_path / "tree" / "firmware").mkdir(parents=True)
    (tmp_path / "tree" / "boot.py").write_text(BOOT)
    (tmp_path / "tree" / "main.py").write_text(MAIN)
    runs = []

    def start(**variables):
        run = Run(project, tmp_path, {"MICROPYTHON": micropython, **variables})
        runs.append(run)
        return run

    yield start
    for run in runs:
        run.end()


def children_of(pid):
    """Command lines of all processes whose parent is ``pid``."""
    listing = subprocess.run(["ps", "-eo", "ppid=,args="], capture_output=True, text=True).stdout
    rows = [line.strip().split(None, 1) for line in listing.splitlines()]
    return [row[1] for row in rows if row[0] == str(pid)]


def processes_with(text):
    listing = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True).stdout
    return [line for line in listing.splitlines() if text in line]


def connects(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_runs_and_ends_cleanly(launch, number):
    run = launch()
    run.wait_for("All is well")
    assert f"Page      http://127.0.0.1:{run.http_port}/" in run.lines
    host, port = run.wait_for(r"Broker    ([\d.]+):(\d+)").groups()
    assert f"mosquitto_pub -h {host} -p {port} -t twc/garage/surplus/set -m 3000" in run.text
    assert connects(int(port))
    # Bytes of simulated connectors reached the firmware, and the broker's address did.
    run.until(lambda: run.status()["heard"])
    status = run.status()
    assert status["mqtt"]["host"] == host and status["mqtt"]["port"] == int(port)
    assert len(children_of(run.process.pid)) == 1
    assert run.end(number) == 0
    assert not connects(run.http_port) and not connects(int(port))
    assert "Traceback" not in run.text
    assert run.lines[-1] == "Stopping."


def test_the_line_of_each_second_is_plain_and_says_it_all(launch):
    began_s = time.monotonic()
    run = launch(SUN="off")
    line = run.wait_for(r".*All is well\.").group(0)
    assert "\x1b" not in run.text
    assert "to spare 3.0 kW" in line
    assert "left 12 A → 11.8 A" in line
    # One a second, and not more of them: counted from before the first.
    run.until(lambda: run.text.count("All is well") >= 4)
    assert run.text.count("All is well") <= time.monotonic() - began_s + 1


def test_a_killed_launcher_leaves_no_firmware_behind(launch, tmp_path):
    if sys.platform != "linux":
        pytest.skip("needs the parent-death signal of Linux")
    run = launch()
    run.wait_for("All is well")
    run.process.kill()
    run.until(lambda: not connects(run.http_port), "the firmware is still serving")


def test_a_serial_device_and_a_broker_of_ones_own(launch, mosquitto, tmp_path):
    master, slave = os.openpty()
    config = tmp_path / "mine.json"
    config.write_text('{"name": "yard", "board": {"driver_enable": null}}')
    broker = f"{mosquitto.host}:{mosquitto.port}"
    run = launch(SERIAL=os.ttyname(slave), BROKER=broker, CONFIG=str(config))
    os.close(slave)
    run.wait_for("All is well")
    assert run.status()["mqtt"]["port"] == mosquitto.port
    assert "Sun       none" in run.text
    assert "embedded" not in run.text
    os.write(master, b"\xc0\x03\r\x00")
    assert os.read(master, 2) == b"ok"
    run.until(lambda: run.status()["heard"] >= 4)
    # Its flash is kept from run to run.
    state = tmp_path / "board" / "state.json"
    state.write_text("{}")
    assert run.end() == 0
    os.close(master)
    master, slave = os.openpty()
    run = launch(SERIAL=os.ttyname(slave), BROKER=broker, CONFIG=str(config))
    run.wait_for("All is well")
    assert "state.json" in run.status()["files"]
    assert run.end() == 0
    os.close(master)
    os.close(slave)


def test_a_crash_is_shown_and_the_firmware_started_again(launch, tmp_path):
    master, slave = os.openpty()
    run = launch(SERIAL=os.ttyname(slave))
    run.wait_for("All is well")
    os.write(master, b"crash")
    run.wait_for("firmware: Traceback")
    run.wait_for("firmware: ValueError: told to crash")
    seen = len(run.lines)
    run.until(lambda: any("All is well" in line for line in run.lines[seen:]))
    assert "told to crash" in (tmp_path / "build" / "firmware.log").read_text()
    assert run.end() == 0
    os.close(master)
    os.close(slave)


def test_a_broken_config_reaches_the_firmware(launch, tmp_path):
    config = tmp_path / "broken.json"
    config.write_text('{"name": "yard"')
    run = launch(CONFIG=str(config))
    run.wait_for("All is well")
    assert "broken.json is not valid JSON" in run.text
    assert run.status()["mqtt"] is None
    assert run.end() == 0


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"BROKER": "no port:x"}, "BROKER=no port:x: write host:port"),
        ({"MICROPYTHON": "/no/such/program"}, "MICROPYTHON=/no/such/program: there is no such"),
        ({"MICROPYTHON": sys.executable}, "is no MicroPython that can run the firmware"),
        ({"SERIAL": "/dev/null"}, "SERIAL=/dev/null is no serial device"),
    ],
)
def test_what_can_not_work_ends_with_a_sentence(launch, variables, sentence):
    run = launch(**variables)
    assert run.process.wait(PATIENCE_S) == 1
    run.wait_for(re.escape(sentence))
    assert "Traceback" not in run.text


def test_a_taken_page_port_ends_with_a_sentence(launch):
    first = launch()
    first.wait_for("All is well")
    second = launch(HTTP=str(first.http_port))
    assert second.process.wait(PATIENCE_S) == 1
    second.wait_for(f"Port {first.http_port} is taken")
    assert first.process.poll() is None


def test_two_runs_do_not_share_a_flash(launch, tmp_path):
    first = launch()
    first.wait_for("All is well")
    second = launch()
    second.wait_for("All is well")
    assert {path.name for path in (tmp_path / "build").glob("board*") if path.is_dir()} == {
        "board",
        f"board-{second.http_port}",
    }
    assert first.end() == 0 and second.end() == 0

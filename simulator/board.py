"""The simulated board: MicroPython's unix port running a board folder as an ESP32 runs its flash.

``Board`` starts the process, starts it again after machine.reset(), and collects what it prints.
"""

import collections
import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Exit code of the stand-in for machine.reset().
EXIT_RESET = 42
# Nothing is lost by it: what is waited for is there in a second, on a machine that has time.
PATIENCE_S = 120
# A chip needs about this long from a reset to boot.py.
RESET_S = 0.3
# What machine.reset_cause() says on an ESP32.
POWER_ON, HARD_RESET, WATCHDOG_RESET = 1, 2, 3

# Run between fork and MicroPython: a process group of its own keeps Ctrl-C in the terminal away
# (a new session would turn the serial device into a controlling terminal); on Linux the process
# dies with the one that started it, even if that one is killed.
_LAUNCH = """
import ctypes, os, sys
os.setpgid(0, 0)
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 9)
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the parent process is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


class BoardError(Exception):
    """A sentence for the reader: why the board can't run, and what to do."""


class Board:
    """One simulated board, made of a board folder that ``tools/stage.py`` has laid out.

    folder: becomes the current directory of the process, as "/" is on the chip.
    serial: path of the serial device (or pty) that is the UART; None: nobody answers.
    http_port: where port 80 of the firmware is found; 0: any free port, see ``http_port``.
    driver_enable: number of the driver-enable pin, None for a module that switches by itself.
    heapsize: for MicroPython's -X heapsize ("112wK": what an ESP32 has, w is the size of a word).
    environment: further variables for the stand-ins, such as {"TWC_STOP_PIN_LOW": "0"}, or others
        for those that are set anyway.
    log_path: a file that gets each line with the time of day.
    on_line: called with each line, in another thread.
    restart_after_crash: start again also when main.py ended or raised, which no real board does.

    ``lines`` holds the last 5000 lines, ``resets`` (of these ``watchdog_resets``) and ``crashes``
    count, ``reset_cause`` is what the firmware is told of the last one, ``exit_code`` is the last
    one, ``spawned_s`` is the time.monotonic() at which the process was last begun. ``stop``
    (or leaving a ``with``) is a power cut, ``restart`` off and on again.
    """

    def __init__(
        self,
        folder,
        serial=None,
        http_port=0,
        *,
        driver_enable=4,
        micropython=None,
        heapsize="112wK",
        standins=None,
        environment=None,
        log_path=None,
        on_line=None,
        restart_after_crash=False,
    ):
        self.folder = Path(folder).resolve()
        self.serial = serial
        self.http_port = http_port or free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.lines = collections.deque(maxlen=5000)
        self.resets = 0
        self.watchdog_resets = 0
        self.reset_cause = POWER_ON
        self.crashes = 0
        self.exit_code = None
        self.spawned_s = None
        self._micropython = micropython or find_micropython()
        self._heapsize = heapsize
        self._standins = Path(standins) if standins else compiled_standins()
        self._driver_enable = driver_enable
        self._more_environment = environment or {}
        self._log_path = log_path
        self._on_line = on_line
        self._restart_after_crash = restart_after_crash
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._process = None
        self._thread = None
        self._printed = 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Power on. Does nothing when it is on."""
        if self._thread and self._thread.is_alive():
            return
        self._stopping.clear()
        self.reset_cause = POWER_ON
        self._thread = threading.Thread(target=self._live, name="board", daemon=True)
        self._thread.start()

    def stop(self):
        """Power cut: the process ends at once and has no say in it."""
        self._stopping.set()
        with self._changed:
            if self._process and self._process.poll() is None:
                self._process.kill()
        if self._thread:
            self._thread.join(10)
        self._rtc_file().unlink(missing_ok=True)

    kill = stop

    def restart(self):
        """Off and on again."""
        self.stop()
        self.start()

    @property
    def running(self):
        """True while the process lives (False also in the moment between reset and start)."""
        process = self._process
        return process is not None and process.poll() is None

    @property
    def pid(self):
        return self._process.pid if self.running else None

    def wifi(self, up):
        """Switch the simulated access point on or off, also while the firmware runs."""
        self._wifi_file().write_text("up" if up else "down")

    def wait_for_line(self, pattern, timeout_s=PATIENCE_S, after=0):
        """First line since line number ``after`` that the regular expression finds.

        Lines are counted from 0 over the board's life: ``line_count`` is the next one's number.
        Raises TimeoutError with the last lines.
        """
        expression = re.compile(pattern)
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                first = self._printed - len(self.lines)
                for number, line in enumerate(self.lines, first):
                    if number >= after and expression.search(line):
                        return line
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(
                        f"no line like {pattern!r} in {timeout_s} s:\n{self.tail()}"
                    )
                self._changed.wait(left)

    @property
    def line_count(self):
        return self._printed

    def tail(self, count=30):
        """The last lines it printed, as one text."""
        return "\n".join(list(self.lines)[-count:])

    def status(self, timeout_s=10):
        """The document of GET /api/status. Raises OSError or ValueError while there is none."""
        with urllib.request.urlopen(self.url + "/api/status", timeout=timeout_s) as answer:
            return json.load(answer)

    def wait_for_status(self, condition=lambda status: True, timeout_s=PATIENCE_S, interval_s=0.2):
        """Poll the status until ``condition(status)`` is true and return that status.

        Raises TimeoutError with the last status and the last lines printed.
        """
        deadline = time.monotonic() + timeout_s
        status = None
        while time.monotonic() < deadline:
            try:
                status = self.status()
                if condition(status):
                    return status
            except (OSError, ValueError):
                pass
            time.sleep(interval_s)
        raise TimeoutError(f"status after {timeout_s} s: {status}\nlast lines:\n{self.tail()}")

    def _live(self):
        while not self._stopping.is_set():
            with self._changed:
                if self._stopping.is_set():
                    return
                self._process = self._spawn()
            bitten = []
            watch = threading.Thread(target=self._watch, args=(self._process, bitten), daemon=True)
            watch.start()
            with self._process.stdout as output:
                for line in output:
                    self._print(line.rstrip("\n"))
            self.exit_code = self._process.wait()
            watch.join(10)
            if self._stopping.is_set():
                return
            if bitten or self.exit_code == EXIT_RESET:
                self.reset_cause = WATCHDOG_RESET if bitten else HARD_RESET
                self.watchdog_resets += bool(bitten)
                self.resets += 1
                self._stopping.wait(RESET_S)
            else:
                self.crashes += 1
                self._print(f"[the MicroPython process ended, exit code {self.exit_code}]")
                if not self._restart_after_crash:
                    return
                self._stopping.wait(1)

    def _watch(self, process, bitten):
        """The chip's watchdog: ends the process when its file (see the stand-in for machine) was
        not written for too long, and says so in ``bitten``."""
        fed = None
        while process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                written = self._wdt_file().stat().st_mtime_ns
                timeout_ms = int(self._wdt_file().read_text())
                if fed is None or fed[0] != written:
                    fed = written, time.monotonic()
                elif time.monotonic() - fed[1] > timeout_ms / 1000:
                    bitten.append(True)
                    process.kill()
                    self._print(f"[the watchdog was not fed for {timeout_ms} ms]")
                    return
            time.sleep(0.1)

    def _spawn(self):
        self._wdt_file().unlink(missing_ok=True)
        # Empty: the current folder, which the process calls "" as a board does "/".
        path = f"{self._standins}::lib:.frozen"
        driver = "" if self._driver_enable is None else str(self._driver_enable)
        environment = dict(
            os.environ,
            MICROPYPATH=path,
            TWC_SERIAL=str(self.serial or ""),
            TWC_DE_PIN=driver,
            TWC_HTTP_PORT=str(self.http_port),
            TWC_WIFI_FILE=str(self._wifi_file()),
            TWC_RESET_CAUSE=str(self.reset_cause),
            TWC_RTC_FILE=str(self._rtc_file()),
            TWC_WDT_FILE=str(self._wdt_file()),
            TWC_NAME_SERVER=name_server(),
        )
        environment.update(self._more_environment)
        command = [sys.executable, "-c", _LAUNCH, str(os.getpid()), self._micropython]
        command += ["-X", f"heapsize={self._heapsize}", "-m", "start"]
        self.spawned_s = time.monotonic()
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )

    def _wifi_file(self):
        return self.folder.with_name(self.folder.name + ".wifi")

    def _rtc_file(self):
        return self.folder.with_name(self.folder.name + ".rtc")

    def _wdt_file(self):
        return self.folder.with_name(self.folder.name + ".wdt")

    def _print(self, line):
        with self._changed:
            self.lines.append(line)
            self._printed += 1
            self._changed.notify_all()
        if self._log_path:
            with open(self._log_path, "a", encoding="utf-8") as log:
                log.write(time.strftime("%H:%M:%S ") + line + "\n")
        if self._on_line:
            self._on_line(line)


def find_micropython(project=ROOT):
    """Path of the unix port: MICROPYTHON in the environment, else .venv's, else the system's.

    Raises BoardError with what to do.
    """
    named = os.environ.get("MICROPYTHON")
    if named:
        found = shutil.which(os.path.expanduser(named))
        if not found:
            raise BoardError(f"MICROPYTHON={named}: there is no such program that can be run.")
        return os.path.abspath(found)
    beside = [project / ".venv/bin/micropython", Path(sys.executable).parent / "micropython"]
    for path in beside:
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("micropython")
    if found:
        return found
    raise BoardError(
        "There is no MicroPython for the desktop here: the package index has none for this"
        " machine and Python.\nBuild its unix port (ports/unix, version 1.21 or newer), or take"
        " your distribution's, and give its path: make run MICROPYTHON=/path/to/micropython"
    )


def check_micropython(path):
    """Raise BoardError unless ``path`` is a unix port that has what the firmware needs."""
    script = "import sys, asyncio, socket, select, json, termios; print(sys.implementation[0])"
    try:
        result = subprocess.run([path, "-c", script], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BoardError(f"{path} does not run: {error}") from error
    if result.returncode or result.stdout.strip() != "micropython":
        reason = (result.stdout + result.stderr).strip().splitlines()[-1:] or ["it said nothing"]
        raise BoardError(
            f"{path} is no MicroPython that can run the firmware ({reason[0]}). The unix port in"
            " its standard variant is needed, version 1.21 or newer."
        )


def compiled_standins(project=ROOT):
    """Folder of the stand-ins for machine, network and the like, compiled where possible."""
    from tools import stage

    return stage.standins(project=project)


def name_server(path="/etc/resolv.conf"):
    """The first IPv4 name server of this machine as text, or "" (the ESP32 knows no IPv6)."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    words = [line.split() for line in lines]
    found = [word[1] for word in words if word[:1] == ["nameserver"] and len(word) > 1]
    return next((address for address in found if "." in address), "")


# Below the ports that the system hands out, of which one could be taken by any connection between
# being found free and being used; elsewhere for processes that run beside each other.
PORTS = range(20000, 32000)
_turns = itertools.count(os.getpid() % 60 * 200)
_ports_lock = threading.Lock()


def free_port(preferred=0, host="127.0.0.1"):
    """A TCP port nobody listens on: the preferred one, else the next that is free."""
    if preferred and _is_free(preferred, host):
        return preferred
    with _ports_lock:
        for turn in itertools.islice(_turns, len(PORTS)):
            port = PORTS[turn % len(PORTS)]
            if _is_free(port, host):
                return port
    raise BoardError("no free TCP port is left on this machine")


def _is_free(port, host):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True

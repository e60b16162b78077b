"""`make run`: broker, wall connectors, sun and firmware together, until Ctrl-C.

``python -m simulator.run``; options.py says which variables of the environment it takes.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import sys
import termios
import time
import tty

from simulator import configure, options
from simulator.board import Board, BoardError, check_micropython, find_micropython
from simulator.display import Display
from simulator.house import DayError
from tools.stage import StageError, stage

# Lines of the firmware's log that belong on the terminal too.
_IMPORTANT = re.compile(r"^\d+ s (error|warning): |Traceback|^\[|^[A-Z]\w*Error\b")
_LONG_DAY_S = 2 * 3600
# What a new board finds on the air: name:password of each network.
NETWORKS = "home:charge me;guest:"


def main():
    """Run until SIGINT, SIGTERM or SIGHUP; return the exit code: 0, or 1 when it can't start."""
    display = Display()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    code = 0
    parts = contextlib.ExitStack()
    try:
        chosen = options.read()
        run(chosen, display, parts)
    except KeyboardInterrupt:
        display.say()
        display.say("Stopping.")
    except BrokenPipeError:
        # Whoever read our lines has gone (`make run | head`); Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (options.OptionError, BoardError, DayError, StageError) as error:
        print(error, file=sys.stderr)
        code = 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        parts.close()
    return code


def run(chosen, display, parts):
    """Start everything, register how each part ends in ``parts``, and show a line a second."""
    micropython = find_micropython(chosen.project)
    check_micropython(micropython)
    options.check_page_port(chosen.http_port)
    folder = board_folder(chosen, parts)
    address = chosen.broker or start_broker(parts)
    umqtt = options.ROOT / "build" / "umqtt" / "simple.py"
    stage(folder, project=chosen.project, umqtt=umqtt if umqtt.exists() else None)
    if chosen.new:
        found = configure.write_new(folder, chosen.project / "config.json")
    else:
        found = configure.write(folder, chosen.config, address)
    sun = start_sun(chosen, address, found, parts) if chosen.sun else None
    serial = chosen.serial or start_line(chosen.slaves, parts)
    if chosen.serial:
        prepare_serial(serial, parts)
    log = chosen.build / "firmware.log"
    log.write_text("")
    board = Board(
        folder,
        serial,
        chosen.http_port,
        driver_enable=found.driver_enable,
        micropython=micropython,
        heapsize=chosen.heapsize,
        environment={"TWC_NETWORKS": NETWORKS} if chosen.new else None,
        log_path=log,
        on_line=Filter(display),
        restart_after_crash=True,
    )
    parts.callback(board.stop)
    introduce(display, chosen, address, found, sun, log)
    board.start()
    watch(display, board, sun)


def watch(display, board, sun):
    """A line a second, until interrupted or until the make that started this is gone."""
    due = time.monotonic()
    refused = None
    parent = os.getppid()
    while os.getppid() == parent or "MAKELEVEL" not in os.environ:
        try:
            status = board.status(timeout_s=2)
            if sun and isinstance(status.get("name"), str):
                sun.name = status["name"]
        except (OSError, ValueError):
            status = "the firmware is starting"
        if sun and sun.refused != refused:
            refused = sun.refused
            if refused:
                display.say(f"The broker does not let the simulated sun in: {refused}", "bad")
        display.second(status, sun)
        due = max(due + 1, time.monotonic())
        time.sleep(due - time.monotonic() if due > time.monotonic() else 0)


def introduce(display, chosen, address, found, sun, log):
    """Where everything is, in a few lines."""
    host, port = address
    for note in found.notes:
        display.say(note, "bad")
    display.say(f"Page      http://127.0.0.1:{chosen.http_port}/", "bold")
    if chosen.new:
        display.say("          of a new board, as if you had joined its access point.")
        for network in NETWORKS.split(";"):
            name, _, password = network.partition(":")
            known = f'its password is "{password}"' if password else "no password"
            display.say(f'Wi-Fi     "{name}", {known}')
    kind = "" if chosen.broker else " (embedded, for this machine only)"
    display.say(f"Broker    {host}:{port}{kind}")
    if chosen.serial:
        display.say(f"Bus       {chosen.serial}")
    else:
        display.say(f"Bus       {chosen.slaves} simulated wall connectors")
    login = f" -u {found.user} -P ..." if found.user else ""
    topic = f"twc/{found.name}/surplus/set"
    command = f"mosquitto_pub -h {host} -p {port}{login} -t {topic} -m 3000"
    if sun is None:
        display.say("Sun       none: publish what is to spare, in watts, every few seconds:")
        display.say(f"          {command}")
    else:
        where = chosen.day.name if chosen.day else "a cloudy day"
        display.say(f"Sun       {where}, {chosen.speed:g} times as fast; to be the sun yourself,")
        display.say("          start with SUN=off and publish every few seconds:")
        display.say(f"          {command}")
        if sun.length_s and sun.length_s / sun.speed > _LONG_DAY_S:
            hours = sun.length_s / 3600
            display.say(f"          It lasts {hours:.0f} hours; SPEED=60 plays an hour a minute.")
    display.say(f"Log       {os.path.relpath(log)}")
    display.say("Ctrl-C ends it.", "dim")
    display.say()


class Filter:
    """Shows a line of the firmware's log on the terminal if it is important."""

    def __init__(self, display):
        self._display = display
        self._in_traceback = False

    def __call__(self, line):
        inside = self._in_traceback and line.startswith("  ")
        if inside or _IMPORTANT.search(line) or self._in_traceback:
            self._display.say("  firmware: " + line, "bad")
        self._in_traceback = line.startswith("Traceback") or inside


def board_folder(chosen, parts):
    """The board's folder, for us alone: another one if another run is using it."""
    chosen.build.mkdir(parents=True, exist_ok=True)
    folder = chosen.board_folder
    for candidate in (folder, folder.with_name(f"{folder.name}-{chosen.http_port}")):
        candidate.parent.mkdir(parents=True, exist_ok=True)
        # Beside the folder, in build/: nothing but what a flash holds belongs into it.
        kind = "-serial" if chosen.serial else ""
        lock = os.open(chosen.build / f".{candidate.name}{kind}.lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        parts.callback(os.close, lock)
        if not chosen.serial:
            shutil.rmtree(candidate, ignore_errors=True)
        candidate.mkdir(exist_ok=True)
        return candidate
    raise BoardError(f"{folder} is in use by another `make run`: stop that one first.")


def start_broker(parts):
    """The embedded broker; return its (host, port)."""
    from simulator.broker import EmbeddedBroker

    broker = EmbeddedBroker(options.MQTT_PORT)
    parts.callback(broker.stop)
    broker.start()
    return broker.host, broker.port


def start_sun(chosen, address, found, parts):
    from simulator.sun import Sun

    sun = Sun(address, found.name, chosen.day, chosen.speed, found.user, found.password)
    parts.callback(sun.stop)
    sun.start()
    return sun


def start_line(count, parts):
    """Simulated connectors on a pty; return its path."""
    from simulator.line import Line
    from simulator.scene import connectors

    line = Line(connectors(count))
    parts.callback(line.stop)
    line.start()
    return line.path


def prepare_serial(path, parts):
    """9600 8N1, raw, no flow control, no waiting for a carrier. A pty is kept open, so that the
    program at its other end does not see a hang-up whenever the firmware restarts."""
    try:
        device = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise BoardError(f"SERIAL={path} can't be opened: {error.strerror}.") from error
    try:
        tty.setraw(device)
        mode = termios.tcgetattr(device)
    except termios.error as error:
        os.close(device)
        raise BoardError(f"SERIAL={path} is no serial device: {error.args[-1]}.") from error
    mode[2] &= ~(termios.CSTOPB | termios.PARENB | getattr(termios, "CRTSCTS", 0))
    mode[2] |= termios.CLOCAL | termios.CREAD
    mode[4] = mode[5] = termios.B9600
    termios.tcsetattr(device, termios.TCSANOW, mode)
    if os.path.realpath(path).startswith("/dev/pts/"):
        parts.callback(os.close, device)
    else:
        os.close(device)


def _interrupt(number, frame):
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

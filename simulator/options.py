"""What `make run` was told, from the variables given on its command line."""

import dataclasses
import os
import socket
import stat
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MQTT_PORT = 1883
MOST_SLAVES = 5


class OptionError(Exception):
    """A sentence for the reader: which variable is wrong and what may stand there."""


@dataclasses.dataclass
class Options:
    """All that can be chosen.

    broker: (host, port), None for the embedded one. slaves: simulated connectors on the line.
    http_port: of the page. day: a CSV of sun and house, None for the made one. speed: seconds of
    the sun's day that pass in one second. serial: a serial device in place of simulated
    connectors. config: a config.json, None for the bench's. sun: publish a surplus. new: a board
    that nobody has set up yet. build: folder for all that is made. project: where the firmware is.
    """

    broker: tuple | None = None
    slaves: int = 2
    http_port: int = 8080
    day: Path | None = None
    speed: float = 20.0
    serial: str | None = None
    config: Path | None = None
    sun: bool = True
    new: bool = False
    heapsize: str = "112wK"
    build: Path = ROOT / "build"
    project: Path = ROOT

    @property
    def board_folder(self):
        """Simulated connectors: made anew each time. A serial device: kept, as its flash is."""
        return self.build.parent / "board" if self.serial else self.build / "board"


def read(environment=None):
    """Options from a dictionary of variables (default: the environment). Raises OptionError."""
    given = environment if environment is not None else os.environ
    given = {name: value.strip() for name, value in given.items() if value.strip()}
    options = Options()
    if "BROKER" in given:
        options.broker = broker_address(given["BROKER"])
    if "SLAVES" in given:
        options.slaves = int(_number(given, "SLAVES", 0, MOST_SLAVES, whole=True))
    if "HTTP" in given:
        options.http_port = int(_number(given, "HTTP", 1, 65535, whole=True))
    if "DAY" in given:
        options.day = _file(given, "DAY", "a CSV file with lines of seconds,solar_w,house_w")
        options.speed = 1.0  # somebody's own seconds are seconds
    if "SPEED" in given:
        options.speed = _number(given, "SPEED", 0.01, 10000)
    if "SERIAL" in given:
        options.serial = _serial(given["SERIAL"])
        # Whoever attaches a line attaches a meter too, unless they ask for a sun by giving a day.
        options.sun = options.day is not None
    if "CONFIG" in given:
        options.config = _file(given, "CONFIG", "a config.json")
    if "SUN" in given:
        options.sun = _switch(given, "SUN")
    if "NEW" in given:
        options.new = _switch(given, "NEW")
        for name in ("CONFIG", "SERIAL"):
            if options.new and name in given:
                raise OptionError(
                    f"NEW={given['NEW']}: a new board is a simulated one without a config.json of "
                    f"its own; leave {name} out."
                )
    if "HEAP" in given:
        options.heapsize = given["HEAP"]
    if "TWC_BUILD" in given:
        options.build = Path(given["TWC_BUILD"]).resolve()
    if "TWC_PROJECT" in given:
        options.project = Path(given["TWC_PROJECT"]).resolve()
    return options


def broker_address(text):
    """(host, port) of "host", "host:port", "[v6]:port" or "mqtt://host:port"."""
    rest = text.removeprefix("mqtt://").rstrip("/")
    if rest.startswith("["):
        host, _, port = rest[1:].partition("]")
        port = port.removeprefix(":")
    elif rest.count(":") > 1:
        host, port = rest, ""
    else:
        host, _, port = rest.partition(":")
    if not host or "/" in host or "@" in host or (port and not port.isdigit()):
        raise OptionError(f"BROKER={text}: write host:port, such as 192.168.1.5:1883.")
    if port and not 1 <= int(port) <= 65535:
        raise OptionError(f"BROKER={text}: a port is a number from 1 to 65535.")
    return host, int(port or MQTT_PORT)


def check_page_port(port):
    """Raise OptionError when the page can't be served on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except PermissionError:
            raise OptionError(
                f"HTTP={port}: ports below 1024 need root. Take a higher one: make run HTTP=8080"
            ) from None
        except OSError:
            raise OptionError(
                f"Port {port} is taken by another program (another `make run`?). Stop that, or"
                f" choose another port for the page: make run HTTP={port % 65535 + 1}"
            ) from None


def _number(given, name, lowest, highest, whole=False):
    try:
        value = int(given[name]) if whole else float(given[name])
    except ValueError:
        value = None
    if value is None or not lowest <= value <= highest:
        kind = "whole number" if whole else "number"
        raise OptionError(f"{name}={given[name]}: write a {kind} from {lowest} to {highest}.")
    return value


def _switch(given, name):
    value = given[name].lower()
    if value not in ("on", "off", "yes", "no", "1", "0"):
        raise OptionError(f"{name}={given[name]}: write on or off.")
    return value in ("on", "yes", "1")


def _file(given, name, what):
    path = Path(given[name]).expanduser()
    if not path.is_file():
        raise OptionError(f"{name}={given[name]}: there is no such file; give {what}.")
    if not os.access(path, os.R_OK):
        raise OptionError(f"{name}={given[name]}: this file may not be read by you.")
    return path.resolve()


def _serial(text):
    path = os.path.expanduser(text)
    try:
        mode = os.stat(path).st_mode
    except OSError:
        raise OptionError(
            f"SERIAL={text}: there is no such device. Is the adapter plugged in?"
            " ls /dev/serial/by-id shows the adapters that are."
        ) from None
    if not stat.S_ISCHR(mode):
        raise OptionError(f"SERIAL={text}: this is no serial device and no pseudo-terminal.")
    if not os.access(path, os.R_OK | os.W_OK):
        raise OptionError(
            f"SERIAL={text}: you may not use this device. On Debian: sudo adduser $USER dialout,"
            " then log in again."
        )
    return os.path.abspath(path)

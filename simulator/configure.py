"""config.json of the simulated board: the one given, with this run's broker and Wi-Fi in it."""

import dataclasses
import json
from pathlib import Path

BENCH = Path(__file__).with_name("bench.json")
# What the firmware takes where config.json says nothing.
DEFAULT_NAME = "garage"
DEFAULT_DRIVER_ENABLE = 4
SIMULATED_SSID = "simulated"


@dataclasses.dataclass
class Configuration:
    """What the launcher has to know of the file it wrote.

    name: in the topics. driver_enable: pin number or None. user, password: of the broker, or None.
    broker_set: False when the file can't carry a broker. notes: sentences for the reader.
    """

    name: str = DEFAULT_NAME
    driver_enable: int | None = DEFAULT_DRIVER_ENABLE
    user: str | None = None
    password: str | None = None
    broker_set: bool = False
    notes: list = dataclasses.field(default_factory=list)


def write(folder, source, broker):
    """Write ``folder``/config.json from ``source`` (None: the bench's) with ``broker``
    (host, port) set; return a Configuration.

    Only the broker's address is replaced, and an empty wifi.ssid. A file that is not valid JSON is
    copied as it is: what to do with it is the firmware's business.
    """
    path = Path(source or BENCH)
    target = Path(folder) / "config.json"
    # What was saved on the page in an earlier run would replace it.
    (Path(folder) / "config.new").unlink(missing_ok=True)
    found = Configuration()
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, UnicodeError) as error:
        target.write_bytes(path.read_bytes())
        found.notes.append(
            f"{path.name} is not valid JSON ({error}): the board gets it as it is, with no broker."
        )
        return found
    if not isinstance(document, dict):
        target.write_bytes(path.read_bytes())
        found.notes.append(
            f"{path.name} is not a JSON object: the board gets it as it is, with no broker."
        )
        return found
    found.broker_set = _set_broker(document, broker, found.notes)
    wifi = document.setdefault("wifi", {})
    if isinstance(wifi, dict) and not wifi.get("ssid"):
        wifi["ssid"] = SIMULATED_SSID
    _learn(document, found)
    target.write_text(json.dumps(document, indent=1) + "\n")
    return found


def write_new(folder, source):
    """Write ``folder``/config.json as `make deploy` does for a board that has none: ``source`` as
    it is; return a Configuration. Wi-Fi and broker are left to whoever sets the board up."""
    data = Path(source).read_bytes()
    (Path(folder) / "config.json").write_bytes(data)
    found = Configuration()
    _learn(json.loads(data), found)
    return found


def _set_broker(document, broker, notes):
    mqtt = document.setdefault("mqtt", {})
    if not isinstance(mqtt, dict):
        notes.append("config.json: mqtt is not an object, so the broker could not be set there.")
        return False
    mqtt["host"], mqtt["port"] = broker
    return True


def _learn(document, found):
    name = document.get("name")
    if isinstance(name, str) and name:
        found.name = name
    board = document.get("board")
    if isinstance(board, dict) and "driver_enable" in board:
        pin = board["driver_enable"]
        if pin is None or (isinstance(pin, int) and not isinstance(pin, bool)):
            found.driver_enable = pin
    mqtt = document.get("mqtt")
    if isinstance(mqtt, dict):
        user, password = mqtt.get("user"), mqtt.get("password")
        found.user = user if isinstance(user, str) and user else None
        found.password = password if isinstance(password, str) else None

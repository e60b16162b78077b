"""evcc with the configuration of docs/mqtt.md: the firmware process, a broker, a car, and as much
of evcc as a custom charger is."""

import json
import re

import pytest
import yaml
from evcc_charger import Charger, Unreadable, rendered
from firmware_bench import broker_config, check, long_scenario, plugged, scenario

pytest_plugins = ["firmware_bench"]


def example():
    """(the bridge's configuration, the text of evcc.yaml) of docs/mqtt.md."""
    from conftest import ROOT

    section = (ROOT / "docs" / "mqtt.md").read_text(encoding="utf-8").split("\n## evcc\n")[1]
    config = json.loads(re.search(r"```json\n(.*?)```", section, re.S)[1])
    return config, re.search(r"```yaml\n(.*?)```", section, re.S)[1]


def scaled(text):
    """The same with seconds in place of minutes, and the bench's name of the bridge."""
    for old, new in (("twc/garage/", "twc/test/"), ('"seconds": 120', '"seconds": 6'),
                     ("timeout: 60s", "timeout: 4s")):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    (charger,) = yaml.safe_load(text)["chargers"]
    assert charger["type"] == "custom"
    return charger


def ready(status):
    """Whether the bridge has its broker and its wall connector."""
    linked = status["connectors"] and status["connectors"][0]["link"] == "ok"
    return linked and status["mqtt"]["state"] == "connected"


@long_scenario
def test_evcc_leads_by_the_example_of_the_documentation(bench):
    config, text = example()
    charger = scaled(text)
    broker = bench.mosquitto()
    connector = plugged(kwh=842.0)
    line = bench.line(connector)
    sections = {key: config[key] for key in ("units", "plan", "homeassistant")}
    board = bench.board(line, {**sections, "mqtt": broker_config(broker)}, known=[connector])
    board.start()
    board.wait_for_status(ready)

    def reads(attribute, wanted):
        """Waits until evcc reads this."""

        def same():
            try:
                found = getattr(evcc, attribute)()
            except Unreadable:
                return False
            return wanted(found) if callable(wanted) else found == wanted

        bench.until(same, lambda: f"{attribute} is not as it should be\n{board.tail()}")

    with Charger(charger, broker) as evcc:
        # Its start is a stop: nothing has begun by itself.
        reads("enabled", False)
        reads("status", "B")
        assert connector.limit_amps == 0 and connector.relay_closes == 0

        evcc.max_current(16)
        evcc.enable(True)
        bench.until_offered(line, board, connector, 16)
        reads("enabled", True)
        reads("status", "C")
        reads("currents", lambda amps: amps[0] > 15 and amps[1:] == [0, 0])
        bench.until(lambda: 3600 < evcc.number("power") <= 3840, board.tail)
        bench.until(lambda: 842 <= _known(evcc, "energy") < 843, board.tail)

        # What the watchdog says again keeps it on, and nothing else does.
        evcc.max_current(10)
        bench.until_offered(line, board, connector, 10)
        bench.stays(lambda: connector.limit_amps == 10, 8, board.tail)
        assert len([sent for sent in evcc.sent if '"allow": true' in sent[1]]) >= 4

        evcc.enable(False)
        bench.until_offered(line, board, connector, 0)
        reads("enabled", False)
        reads("status", "B")

        # After a restart of the bridge, too, it is evcc that starts the car.
        board.restart()
        board.wait_for_status(ready)
        bench.stays(lambda: not connector.limit_amps, 3, board.tail)
        evcc.enable(True)
        bench.until_offered(line, board, connector, 10)
        reads("enabled", True)

    # evcc is dead: the last permission ends.
    bench.until_offered(line, board, connector, 0)
    board.wait_for_status(
        lambda s: s["reason"] == "Off: charging is not allowed (its permission is over)."
    )
    check(line, board)


@scenario
def test_a_car_goes_on_over_a_restart_of_the_bridge_and_evcc_sees_it_leave(bench):
    config, text = example()
    broker = bench.mosquitto()
    connector = plugged()
    line = bench.line(connector, min_on_s=30)
    sections = {key: config[key] for key in ("units", "plan")}
    sections["relay"] = {"min_on_s": 30, "min_off_s": 3}
    board = bench.board(line, {**sections, "mqtt": broker_config(broker)}, known=[connector])
    board.start()
    board.wait_for_status(ready)
    with Charger(scaled(text), broker) as evcc:
        evcc.max_current(8)
        evcc.enable(True)
        bench.until_offered(line, board, connector, 8)
        # What is remembered: the limit, and that it charges.
        state = board.folder / "state.json"
        bench.until(lambda: ", 8, " in state.read_text(), board.tail)
        bench.until(lambda: '"on"' in state.read_text(), board.tail)
        board.restart()
        board.wait_for_status(ready)
        bench.until(lambda: _known(evcc, "enabled") is True, board.tail)
        bench.until_offered(line, board, connector, 8)
        assert connector.relay_closes == 1
        with line.lock:
            connector.car.unplug()
        bench.until(lambda: _known(evcc, "status") == "A", board.tail)
    check(line, board)


def _known(evcc, attribute):
    """What evcc reads, or -1 as long as that is an error."""
    try:
        return evcc.number(attribute) if attribute == "energy" else getattr(evcc, attribute)()
    except Unreadable:
        return -1


@pytest.mark.parametrize(
    "template, name, value, payload",
    [
        ("", "maxcurrent", 16, "16"),
        ("${maxcurrent}", "maxcurrent", 1, "1"),
        ("", "enable", True, "true"),
        ("{{if .enable}}{1}{{else}}0{{end}}", "enable", True, "{1}"),
        ("{{if .enable}}{1}{{else}}0{{end}}", "enable", False, "0"),
    ],
)
def test_payloads_as_evcc_makes_them(template, name, value, payload):
    assert rendered(template, name, value) == payload

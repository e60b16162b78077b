"""What Home Assistant makes of the firmware, and what it does to the amperes on the line.

In order: each test leaves what the next one needs.
"""

import json
import threading

import paho.mqtt.client as mqtt
from conftest import plain

from firmware import table

ENTITY = "twc_test_"
LEFT = ENTITY + "1111_"

# Entity: (unit, device class, state class, what its state may be while a car waits).
EXPECTED = {
    f"sensor.{ENTITY}state": (None, "enum", None, "waiting"),
    f"sensor.{ENTITY}offer": ("A", "current", "measurement", "0.0"),
    f"sensor.{ENTITY}draw": ("A", "current", "measurement", "0.0"),
    f"sensor.{ENTITY}power": ("W", "power", "measurement", "0"),
    f"sensor.{ENTITY}wires": ("A", "current", "measurement", "32"),
    f"sensor.{ENTITY}surplus": ("W", "power", "measurement", "unknown"),
    f"sensor.{ENTITY}signal": ("dBm", "signal_strength", "measurement", None),
    f"select.{ENTITY}mode": (None, None, None, "solar"),
    f"number.{ENTITY}limit": ("A", "current", None, "32"),
    f"number.{ENTITY}manual": ("A", "current", None, "unknown"),
    f"switch.{ENTITY}boost": (None, None, None, "off"),
    f"switch.{ENTITY}allow": (None, None, None, "on"),
    f"binary_sensor.{ENTITY}problem": (None, "problem", None, None),
    f"button.{ENTITY}ask": (None, None, None, "unknown"),
    f"button.{ENTITY}restart": (None, "restart", None, "unknown"),
    f"update.{ENTITY}version": (None, "firmware", None, None),
    f"sensor.{LEFT}offer": ("A", "current", "measurement", "0.0"),
    f"sensor.{LEFT}power": ("W", "power", "measurement", "0"),
    f"sensor.{LEFT}volts": ("V", "voltage", "measurement", "240"),
    f"sensor.{LEFT}link": (None, "enum", None, "ok"),
    f"sensor.{LEFT}total": ("kWh", "energy", "total_increasing", None),
    f"sensor.{LEFT}session": ("kWh", "energy", "total_increasing", None),
    f"sensor.{LEFT}solar": ("%", None, "measurement", None),
    f"sensor.{LEFT}soc": ("%", "battery", "measurement", "unknown"),
    f"number.{LEFT}limit": ("A", "current", None, "20"),
    f"number.{LEFT}priority": (None, None, None, None),
    f"switch.{LEFT}allow": (None, None, None, "on"),
    f"binary_sensor.{LEFT}connected": (None, "plug", None, "on"),
    f"binary_sensor.{LEFT}charging": (None, "battery_charging", None, "off"),
    f"sensor.{ENTITY}2222_offer": ("A", "current", "measurement", None),
    f"number.{ENTITY}2222_limit": ("A", "current", None, "32"),
    f"number.{ENTITY}3333_limit": ("A", "current", None, "32"),
}
SPREAD = f"sensor.{ENTITY}offer", f"sensor.{LEFT}offer", f"switch.{LEFT}allow"
"""Entities of each device, for the tests of availability."""


def test_entities_have_unit_class_and_state(house):
    wrong = {}

    def right():
        states = house.hass.states()
        wrong.clear()
        for entity_id, (unit, kind, state_class, state) in EXPECTED.items():
            if entity_id not in states:
                wrong[entity_id] = "is not there"
                continue
            attributes = states[entity_id]["attributes"]
            found = [attributes.get("unit_of_measurement"), attributes.get("device_class")]
            found += [attributes.get("state_class"), plain(states[entity_id]["state"])]
            if state is None and found[3] != "unavailable":
                found[3] = None
            if found != [unit, kind, state_class, plain(state)]:
                wrong[entity_id] = found
        return not wrong

    house.until(right, lambda: json.dumps(wrong, indent=1))
    states = house.hass.states()
    assert states[f"select.{ENTITY}mode"]["attributes"]["options"] == [
        "off",
        "solar",
        "minimum",
        "fast",
        "manual",
    ]
    slider = states[f"number.{LEFT}limit"]["attributes"]
    assert (slider["min"], slider["max"], slider["step"]) == (0, 20, 1)
    assert states[f"number.{ENTITY}limit"]["attributes"]["max"] == 32


def test_every_row_of_the_table_is_an_entity_of_a_linked_device(house):
    devices = {device["id"]: device for device in house.hass.devices()}
    names = {device["name"]: device for device in devices.values()}
    bridge = names["TWC test"]
    wanted = {}
    for section in ("bridge", "bridge slow"):
        for row in table_rows(section):
            if row[0] != "timetable":  # there is none
                wanted[f"{row[3]}.{ENTITY}{row[0]}"] = bridge["id"], row
    for unit_id, name in ("1111", "left"), ("2222", "2222"), ("3333", "3333"):
        device = names[f"Wall connector {name}"]
        assert device["via_device_id"] == bridge["id"]
        assert device["manufacturer"] == "Tesla"
        for row in table_rows("connector"):
            wanted[f"{row[3]}.{ENTITY}{unit_id}_{row[0]}"] = device["id"], row
    entities = {
        entity_id: entity
        for entity_id, entity in house.hass.entities().items()
        if entity["platform"] == "mqtt"
    }
    assert sorted(entities) == sorted(wanted)
    for entity_id, (device_id, row) in wanted.items():
        entity = entities[entity_id]
        assert entity["device_id"] == device_id, entity_id
        words = row[7].split()
        off = "off" in words
        assert entity["disabled_by"] == ("integration" if off else None), entity_id
        category = [word for word in words if word != "off"]
        assert entity["entity_category"] == (category[0] if category else None), entity_id
        assert entity["original_name"] == row[4], entity_id


def test_select_and_sliders_move_amperes(house):
    for unit_id in "2222", "3333":  # nobody there draws: all is for the other one
        house.hass.call("switch.turn_off", f"switch.{ENTITY}{unit_id}_allow")
        house.until_state(f"switch.{ENTITY}{unit_id}_allow", "off")
    choose(house, "fast")
    house.until_offered(house.left, 20)
    house.until_state(f"sensor.{LEFT}offer", "20")
    house.until_state(f"binary_sensor.{LEFT}charging", "on")
    set_number(house, f"number.{LEFT}limit", 9)
    house.until_offered(house.left, 9)
    set_number(house, f"number.{LEFT}limit", 20)
    set_number(house, f"number.{ENTITY}limit", 12)
    house.until_offered(house.left, 12)
    set_number(house, f"number.{ENTITY}limit", 32)
    house.until_offered(house.left, 20)
    set_number(house, f"number.{ENTITY}manual", 7)
    house.until_state(f"select.{ENTITY}mode", "manual")
    house.until_offered(house.left, 7)


def test_switches_stop_and_start_a_car(house):
    house.hass.call("switch.turn_off", f"switch.{LEFT}allow")
    house.until_offered(house.left, 0)
    house.until_state(f"switch.{LEFT}allow", "off")
    house.hass.call("switch.turn_on", f"switch.{LEFT}allow")
    house.until_offered(house.left, 7)
    house.until_state(f"switch.{LEFT}allow", "on")
    house.hass.call("switch.turn_off", f"switch.{ENTITY}allow")
    house.until_offered(house.left, 0)
    house.until_state(f"switch.{ENTITY}allow", "off")
    choose(house, "off")
    house.hass.call("switch.turn_on", f"switch.{ENTITY}allow")
    house.hass.call("switch.turn_on", f"switch.{ENTITY}boost")
    house.until_offered(house.left, 20)
    house.until_state(f"switch.{ENTITY}boost", "on")
    house.until_state(f"number.{ENTITY}boost_minutes", "120", "119")
    house.hass.call("switch.turn_off", f"switch.{ENTITY}boost")
    house.until_offered(house.left, 0)


def test_a_button_offers_power_again(house):
    for kind in "car_soc", "car_limit":
        house.broker.publish(f"car/{kind}", 80, retain=True)
    house.until_state(f"sensor.{ENTITY}2222_soc", "80")
    house.hass.call("switch.turn_on", f"switch.{ENTITY}2222_allow")
    sun = house.bench.feed(house.broker, watts=7200)
    choose(house, "solar")
    house.until_offered(house.left, 20)
    # The other car has reached its own limit, and is left in peace.
    with house.line.lock:
        assert house.right.limit_amps == 0
    house.hass.call("button.press", f"button.{ENTITY}ask")
    house.until(lambda: house.right.limit_amps >= 6)
    with house.line.lock:
        house.right.car.full = False
    house.until(lambda: house.right.draw_amps > 5)
    sun.watts = None
    choose(house, "off")
    house.until_offered(house.left, 0)
    house.until_offered(house.right, 0)
    house.hass.call("switch.turn_off", f"switch.{ENTITY}2222_allow")


def test_the_restart_button_restarts(house):
    house.until(lambda: house.board.status()["uptime_s"] > 61)  # not in its first minute
    # While a car charges, so that what there is to be remembered has been written for long.
    choose(house, "fast")
    house.until_offered(house.left, 20)
    resets = house.board.resets
    house.hass.call("button.press", f"button.{ENTITY}restart")
    house.until(lambda: house.board.resets == resets + 1)
    # A limit that was raised is remembered after ten minutes only, for the life of the flash.
    house.until_state(f"number.{LEFT}limit", "9")
    house.until_state(f"switch.{ENTITY}2222_allow", "off")
    house.until_offered(house.left, 9)


def test_a_dead_firmware_is_unavailable_and_heals(house):
    house.board.kill()
    for entity_id in SPREAD:
        house.until_state(entity_id, "unavailable")
    house.board.start()
    house.until_state(f"switch.{LEFT}allow", "on")
    house.until_offered(house.left, 9)
    house.until_state(f"number.{LEFT}limit", "9")
    house.until_state(f"sensor.{LEFT}offer", "9")
    set_number(house, f"number.{LEFT}limit", 14)
    house.until_offered(house.left, 14)
    # From here on, the connector without a car is gone.
    with house.line.lock:
        house.gone.mute = True


def test_home_assistant_starts_again_and_is_told_everything_anew(house):
    house.hass.stop()
    with Spy(house.broker) as spy:
        # Nothing that the broker has kept helps: only what is sent on the birth message.
        house.until(lambda: len(spy.retained) >= (3 if house.form == "device" else 60))
        for topic in list(spy.retained):
            house.broker.publish(topic, "", retain=True)
        house.until(lambda: all(not text for text in spy.latest.values()))
        house.hass.start()
        house.until(house.hass.running, house.hass.tail)
        house.until_state(f"sensor.{LEFT}offer", "14")
        house.until_state(f"switch.{LEFT}allow", "on")
    set_number(house, f"number.{LEFT}limit", 8)
    house.until_offered(house.left, 8)


def test_a_broker_that_forgets_everything_heals(house):
    house.broker.kill()
    house.until_state(f"sensor.{LEFT}offer", "unavailable")
    (house.bench.folder / "mosquitto1" / "mosquitto.db").unlink(missing_ok=True)
    house.broker.start()
    # What is sent before the firmware is back would reach nobody.
    house.until(lambda: house.board.status()["mqtt"]["state"] == "connected")
    house.until_state(f"sensor.{LEFT}offer", "8")
    house.until_state(f"number.{ENTITY}3333_limit", "32")
    set_number(house, f"number.{LEFT}limit", 7)
    house.until_offered(house.left, 7)
    house.until_state(f"number.{LEFT}limit", "7")


def test_a_connector_that_is_forgotten_vanishes(house):
    def linked():
        connectors = {one["id"]: one for one in house.board.status()["connectors"]}
        return connectors["3333"]["link"] not in ("lost", "new")

    house.until(lambda: not linked())

    def forgotten():
        house.broker.publish("twc/test/forget/set", "3333")
        return "3333" not in [one["id"] for one in house.board.status()["connectors"]]

    house.until(forgotten)
    house.until(lambda: not any("3333" in entity_id for entity_id in house.hass.states()))
    assert not any("3333" in entity_id for entity_id in house.hass.entities())
    names = [device["name"] for device in house.hass.devices()]
    assert "Wall connector 3333" not in names
    assert "Wall connector left" in names
    assert plain(house.hass.state(f"sensor.{LEFT}offer")) == 7


# What is no fault of ours, each with the reason: (logger, what the entry contains).
IGNORED = [
    # How it is started here: with everything installed, on the Python that is at hand.
    ("homeassistant.bootstrap", "Skipping pip installation of required modules"),
    ("homeassistant.bootstrap", "Support for the running Python version"),
    # The broker is killed in one of the tests.
    ("homeassistant.components.mqtt.client", "Disconnected from MQTT server 127.0.0.1"),
    ("homeassistant.components.mqtt.client", "Failed to connect to MQTT server due to exception"),
    ("homeassistant.components.mqtt.client", "Failed to connect to MQTT server: "),
]


def test_the_log_has_no_complaint(house):
    complaints = [
        entry
        for logger, entry in house.hass.complaints()
        if not any(logger == name and words in entry for name, words in IGNORED)
    ]
    assert not complaints, "\n".join(complaints)


def choose(house, mode):
    entity_id = f"select.{ENTITY}mode"
    house.hass.call("select.select_option", entity_id, option=mode)
    house.until_state(entity_id, mode)


def set_number(house, entity_id, value):
    house.hass.call("number.set_value", entity_id, value=value)


def table_rows(section):
    return [row for row in table.rows(section) if row[3] != "-"]


class Spy:
    """What a broker keeps of announcements: ``retained`` topics, and the ``latest`` texts."""

    def __init__(self, broker):
        self.retained = set()
        self.latest = {}
        self._lock = threading.Lock()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("homeassistant/+/#", 1)
        self._client.on_message = self._take
        self._client.connect(broker.host, broker.port)

    def __enter__(self):
        self._client.loop_start()
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, client, userdata, message):
        if message.topic.endswith("/config"):
            self.latest[message.topic] = message.payload.decode()
            if message.retain and message.payload:
                self.retained.add(message.topic)

"""As much of evcc as a custom charger is: reads and writes what its yaml says, over MQTT.

After evcc's documentation (docs.evcc.io, "User-defined devices" and "Plugins") and its source of
August 2026: charger/charger.go, plugin/mqtt.go, plugin/watchdog.go, plugin/pipeline. Of the
plugins there are mqtt and watchdog, of jq the queries `. == "word"` and `.[n]`, of the templates
`${name}` and `{{if .name}}…{{else}}…{{end}}`.
"""

import json
import re
import threading
import time

import paho.mqtt.client as mqtt


class Unreadable(Exception):
    """What evcc would log as an error, and not take for a value."""


class Charger:
    """A charger of the list `chargers` of evcc.yaml.

    config: its attributes. broker: with host and port. A context: outside of it evcc is dead, and
    says nothing any more. ``sent`` has (topic, payload) of all that was written.
    """

    def __init__(self, config, broker):
        self.sent = []
        self._config = config
        self._heard = {}
        self._watchdog = None
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._subscribe
        self._client.on_message = self._take
        self._client.connect_async(broker.host, broker.port)
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def __enter__(self):
        self._client.loop_start()
        while not self._client.is_connected():
            time.sleep(0.02)
        initial = self._config["enable"].get("initial")
        if initial is not None:
            self.enable(_bool(initial))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.die()

    def die(self):
        """Ends, without a word."""
        self._stop.set()
        self._client.disconnect()
        self._client.loop_stop()

    # Reading: raises Unreadable.

    def status(self):
        """ "A", "B" or "C"; E and F are errors."""
        status = self._text(self._config["status"]).strip().upper()[:1]
        if not status or status not in "ABCD":
            raise Unreadable(f"invalid status: {status}")
        return "C" if status == "D" else status

    def enabled(self):
        return _bool(self._text(self._config["enabled"]))

    def number(self, attribute):
        """ "power", "energy" or another one."""
        return self._number(self._config[attribute])

    def currents(self):
        return [self._number(source) for source in self._config["currents"]]

    # Writing.

    def max_current(self, amps):
        """Whole amperes, as MaxCurrent gets them."""
        self._write(self._config["maxcurrent"], "maxcurrent", amps)

    def enable(self, on):
        """Says it and, while it is true, says it again at half of the watchdog's time."""
        watchdog = self._config["enable"]
        assert watchdog["source"] == "watchdog"
        with self._lock:
            self._write(watchdog["set"], "enable", on)
            again = on is not _bool(watchdog["reset"])
            self._watchdog = on if again else None
            self._again_s = time.monotonic() + _seconds(watchdog["timeout"]) / 2

    def _repeat(self):
        watchdog = self._config["enable"]
        while not self._stop.wait(0.05):
            with self._lock:
                if self._watchdog is not None and time.monotonic() >= self._again_s:
                    self._write(watchdog["set"], "enable", self._watchdog)
                    self._again_s += _seconds(watchdog["timeout"]) / 2

    def _write(self, plugin, name, value):
        assert plugin["source"] == "mqtt" and not plugin.get("retained")
        payload = rendered(plugin.get("payload", ""), name, value)
        self.sent.append((plugin["topic"], payload))
        self._client.publish(plugin["topic"], payload, 1, False)

    def _number(self, plugin):
        text = self._text(plugin)
        try:
            return float(text)
        except ValueError:
            raise Unreadable(f"no number: {text}") from None

    def _text(self, plugin):
        assert plugin["source"] == "mqtt"
        payload, at_s = self._heard.get(plugin["topic"], (None, None))
        if payload is None or time.monotonic() - at_s > _seconds(plugin["timeout"]):
            raise Unreadable(f"outdated: {plugin['topic']}")
        if "jq" not in plugin:
            return payload
        value = payload if plugin.get("quote") else json.loads(payload)
        equal = re.fullmatch(r'\. == "(.*)"', plugin["jq"])
        if equal:
            return "true" if value == equal[1] else "false"
        return str(value[int(re.fullmatch(r"\.\[(\d)\]", plugin["jq"])[1])])

    def _subscribe(self, client, *_):
        for plugin in self._sources(self._config):
            client.subscribe(plugin["topic"], 1)

    def _sources(self, part):
        if isinstance(part, dict):
            if part.get("source") == "mqtt" and "payload" not in part:
                yield part
            part = list(part.values())
        for more in part if isinstance(part, list) else []:
            yield from self._sources(more)

    def _take(self, client, userdata, message):
        self._heard[message.topic] = (message.payload.decode(), time.monotonic())


def rendered(template, name, value):
    """What evcc makes of a payload: the value as Go prints it where there is no template."""
    text = str(value).lower()
    if not template:
        return text
    choice = re.compile(r"\{\{if \.(\w+)\}\}(.*?)\{\{else\}\}(.*?)\{\{end\}\}")

    def chosen(found):
        assert found[1] == name, f"evcc knows {name} here, not {found[1]}"
        return found[2] if value else found[3]

    made = choice.sub(chosen, template).replace("${" + name + "}", text)
    assert "{{" not in made and "${" not in made, made
    return made


def _bool(text):
    """As Go's strconv.ParseBool: ON is none."""
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise Unreadable(f"no bool: {text}")


def _seconds(duration):
    return float(re.fullmatch(r"([\d.]+)s", duration)[1])

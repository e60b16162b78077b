"""The simulated sun and house as a meter would tell them: watts to spare, over MQTT."""

import threading
import time

import paho.mqtt.client as mqtt

from simulator.house import House

EVERY_S = 2
# The made day begins here when `make run` does: the sun is just strong enough for a car.
SEED = 3
BEGIN_S = 8.55 * 3600


class Sun:
    """Publishes ``sun - house`` to twc/<name>/surplus/set every two seconds.

    broker: (host, port). name: of the bridge, may be changed while it runs. day: path of a CSV
    with lines of `seconds,solar_w,house_w` that begins at its second 0, None for the made day.
    speed: seconds of the day in one second. Raises house.DayError for an unusable file.
    """

    def __init__(self, broker, name, day=None, speed=1.0, user=None, password=None):
        self.name = name
        self.speed = speed
        self.refused = None
        self._house = House.from_csv(day) if day else House(seed=SEED, sky="cloudy")
        self._begin_s = 0 if day else BEGIN_S
        self._made = day is None
        self._started = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sun", daemon=True)
        self._broker = broker
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.on_connect = self._on_connect
        self._client.reconnect_delay_set(1, 10)
        if user:
            self._client.username_pw_set(user, password)

    @property
    def length_s(self):
        """Seconds that a day from a file lasts; None for the made one, which has no end."""
        return None if self._made else self._house.rows[-1][0]

    def start(self):
        self._started = time.monotonic()
        self._client.connect_async(*self._broker, keepalive=30)
        self._client.loop_start()
        self._thread.start()

    def stop(self):
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self._client.disconnect()
        self._client.loop_stop()

    def now(self):
        """(seconds of the day, solar_w, house_w) at this moment."""
        passed_s = time.monotonic() - self._started if self._started else 0
        seconds = self._begin_s + passed_s * self.speed
        return (seconds, *self._house.at(seconds))

    def clock(self):
        """Time of the simulated day, such as "09:14"; "" for a file, whose hour nobody knows."""
        if not self._made:
            return ""
        minutes = int(self.now()[0] // 60)
        return f"{minutes // 60 % 24:02}:{minutes % 60:02}"

    def _run(self):
        pause_s = 0
        while not self._stop.wait(pause_s):
            connected = self._client.is_connected()
            pause_s = EVERY_S if connected else 0.1
            if connected:
                _, solar_w, house_w = self.now()
                text = str(round(solar_w - house_w))
                self._client.publish(f"twc/{self.name}/surplus/set", text)

    def _on_connect(self, client, userdata, flags, reason, properties):
        # Told by the launcher, once a second at most.
        self.refused = str(reason) if reason.is_failure else None

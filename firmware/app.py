"""The wiring: builds the parts, starts a task for each, restarts what fails.

The bus comes first: its parts are built and its first frame leaves before Wi-Fi, MQTT and the
page are even imported.
"""

import asyncio
import gc
import sys

from micropython import const

import text
from charging import relay
from charging.inputs import Inputs
from charging.limits import Gate
from charging.surplus import Law, Unit
from firmware import board, forget
from firmware.bus import Bus
from firmware.journal import Journal
from twc.master import Master
from units import Units

_DECIDE_MS = const(1000)

# A task that fails is started again after a pause that grows up to this.
_LONGEST_PAUSE_S = const(60)

# A bus that fails this often within a minute is better served by a fresh start of the board.
_MOST_BUS_FAILURES = const(10)

# Flash writes, which stop the whole chip, start with at least this long to the next heartbeat.
_FLASH_SLOT_MS = const(150)

_COLLECT_BYTES = const(4096)

# A car that is offered something else needs a moment to begin to follow.
_FOLLOWS_MS = const(5000)

# Units that are gone are kept, with their relay times, up to this many.
_MOST_UNITS = const(6)


class App:
    """All parts of the firmware, and what they have in common.

    The bus is ready when this returns; `run()` is the main task.
    """

    def __init__(self):
        self.clock = board.Monotonic()
        now_ms = self.clock.ms()
        self.journal = Journal(self.clock.ms)
        from firmware import memory, settings

        config, self.problems = settings.load()
        self._known = memory.load()
        # Several KB of code that are not needed again, or seldom.
        del memory, settings
        for name in ("configuration", "firmware.settings", "firmware.memory"):
            forget(name)
        gc.collect()
        for problem in self.problems:
            self.journal.tell("warning", problem)
        if self._known is None:
            self.journal.tell(
                "warning", "state.json is damaged: every relay rests for its minimum off time."
            )
        known = self._known or {}
        self._saved = known
        # Only what is needed later is kept.
        self.name = config["name"]
        self._wifi_settings = config["wifi"]
        self._mqtt_settings = config["mqtt"]
        self._min_on_ms = int(config["relay"]["min_on_s"] * 1000)
        self._min_off_ms = int(config["relay"]["min_off_s"] * 1000)
        self.inputs = Inputs(int(config["inputs"]["max_age_s"] * 1000))
        self.law = Law(
            int(config["surplus"]["start_hold_s"] * 1000),
            config["inputs"]["lost"] == "minimum",
            config["wires"]["max_amps"],
        )
        self.settings = Units(config)
        self.gate = Gate(
            config["wires"]["max_amps"],
            self.settings.max_amps,
            {unit_id: known[unit_id]["rating_ca"] for unit_id in known},
            now_ms,
        )
        self.master = Master(
            config["bus"]["id"],
            self.gate,
            self.settings.min_amps,
            known,
            self.journal.tell,
            now_ms,
        )
        pins = config["board"]
        self.bus = Bus(
            board.serial(pins),
            board.driver_enable(pins),
            self.master,
            self.gate,
            self.clock.ms,
            self.journal.tell,
        )
        self.units = []
        self.shown_watts = None  # the newest reading as of the last decision
        self.wifi = self.mqtt = self.report = None
        self._bus_failures = []
        self._broken = None

    async def run(self):
        """The main task: never returns; raises when only a fresh start can help."""
        asyncio.get_event_loop().set_exception_handler(self._stray)
        # Collecting early and often keeps the heap from being strewn with what lives long.
        gc.threshold(_COLLECT_BYTES)
        asyncio.create_task(self._keep("bus", self.bus.listen))
        asyncio.create_task(self._keep("bus", self.bus.speak))
        await asyncio.sleep_ms(50)
        asyncio.create_task(self._keep("decisions", self._decide_for_ever))
        asyncio.create_task(self._keep("services", self._services))
        while self._broken is None:
            await asyncio.sleep_ms(200)
        raise self._broken

    async def _services(self):
        """What is imported only when the bus is running."""
        if self.wifi is None:
            from firmware.wifi import Wifi

            self.wifi = Wifi(self._wifi_settings, self.journal.tell)
            asyncio.create_task(self._keep("wifi", self.wifi.run))
            gc.collect()
        if self.report is None:
            from firmware.report import Report
            from firmware.webserver import Web

            self.report = Report(self)
            page = Web(self.report.document, self.clock.ms)
            asyncio.create_task(self._keep("page", page.run))
            gc.collect()
        from firmware.mqtt import Mqtt

        self.mqtt = Mqtt(
            self._mqtt_settings,
            "twc/" + self.name,
            "twc-" + "".join([f"{byte:02x}" for byte in board.unique_id()]),
            self.wifi,
            self.clock.ms,
            self.journal.tell,
        )
        self.mqtt.listen = ("surplus/set", "grid/set")
        self.mqtt.on_message = self._message
        self.mqtt.changes = self.report.changes
        asyncio.create_task(self._keep("mqtt", self.mqtt.run))

    # Tasks.

    async def _keep(self, name, task):
        """Runs a task and starts it again when it fails, after a growing pause; the bus at
        once. A task that ends by itself is done."""
        pause_s = 1
        while True:
            try:
                await task()
                return
            except Exception as error:
                self._failed(name, error)
            if name == "bus":
                now_ms = self.clock.ms()
                self._bus_failures.append(now_ms)
                if len(self._bus_failures) > _MOST_BUS_FAILURES:
                    if now_ms - self._bus_failures.pop(0) < 60000:
                        self._broken = RuntimeError("the bus keeps failing")
                await asyncio.sleep_ms(100)
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)

    def _failed(self, name, error):
        sys.print_exception(error)
        self.journal.tell("error", f"{name} failed: {error.__class__.__name__}: {error}")

    def _stray(self, loop, context):
        self._failed("a task", context["exception"])

    # Once a second.

    async def _decide_for_ever(self):
        due_ms = self.clock.ms()
        while True:
            self._decide(self.clock.ms())
            await self._remember()
            due_ms += _DECIDE_MS
            now_ms = self.clock.ms()
            if due_ms < now_ms:
                due_ms = now_ms
            await asyncio.sleep_ms(max(1, due_ms - now_ms))

    def _decide(self, now_ms):
        for slave in self.master.slaves:
            if not any([unit.id == slave.id for unit in self.units]):
                self._add_unit(slave.id, now_ms)
        states = [unit.state for unit in self.units]
        for unit in self.units:
            slave = self.master.find(unit.id)
            if slave is None or slave.heard_ms is None:
                unit.follow(False, 0, 0, now_ms)
            else:
                unit.minimum_amps = slave.minimum_amps
                unit.maximum_amps = self.gate.maximum_amps(unit.id)
                unit.follow(True, slave.offer_amps or 0, slave.draw_ca, now_ms)
        reading = self.inputs.newest(now_ms)
        self.shown_watts = None if reading is None else reading.watts
        watts = self.inputs.surplus_watts(now_ms)
        opens_in_ms = self.gate.opens_in_ms(now_ms)
        self.law.decide(watts, self._without(now_ms), self.units, opens_in_ms, now_ms)
        for index in range(len(self.units)):
            unit = self.units[index]
            if unit.ready:
                # A slave that has not answered yet is decided on by its answer.
                self.master.wish(unit.id, unit.amps, now_ms)
            if unit.state != states[index]:
                self.journal.tell("info", f"{unit.name}: {unit.reason}")

    def _add_unit(self, unit_id, now_ms):
        remembered = relay.RESTING if self._known is None else None
        if self._known and unit_id in self._known:
            remembered = self._known[unit_id]["relay"]
        # Units that are gone make room for new ones: ids can change.
        for unit in list(self.units):
            gone = not unit.ready and unit.relay.memory(now_ms) == relay.FREE
            if gone and len(self.units) >= _MOST_UNITS:
                self.units.remove(unit)
        times = relay.Relay(self._min_on_ms, self._min_off_ms, remembered, now_ms)
        self.units.append(
            Unit(
                unit_id,
                self.settings.name(unit_id),
                self.settings.watts_per_amp(unit_id),
                times,
            )
        )

    def _without(self, now_ms):
        """What to call it when there is no reading to go by: (state, words)."""
        reading = self.inputs.newest(now_ms)
        unusable = self.inputs.unusable()
        because = f" ({unusable})" if unusable else ""
        if reading is None:
            return "waiting", "no surplus reading yet" + because
        return "lost", f"no surplus reading for {text.age(now_ms - reading.at_ms)}{because}"

    async def _remember(self):
        """Keeps what has to outlive a reset, when it has changed."""
        now_ms = self.clock.ms()
        current = {}
        for unit in self.units:
            slave = self.master.find(unit.id)
            code = unit.relay.memory(now_ms)
            before = self._saved.get(unit.id)
            if slave is not None and slave.heard_ms is not None:
                current[unit.id] = {"rating_ca": slave.rating_ca, "protocol": slave.protocol}
            elif before is not None and (code != relay.FREE or slave is not None):
                current[unit.id] = {
                    "rating_ca": before["rating_ca"],
                    "protocol": before["protocol"],
                }
            else:
                continue
            current[unit.id]["relay"] = code
        if current == self._saved:
            return
        from firmware import memory

        await self.bus.slot(_FLASH_SLOT_MS)
        self._saved = current
        try:
            memory.save(current)
        except OSError as error:
            self.journal.tell(
                "error",
                f"state.json can not be written ({error}): the relay times would not outlive a "
                "reset. Is the flash full?",
            )
        del memory
        forget("firmware.memory")

    # In and out.

    def _message(self, topic, payload, retained):
        kind = topic.split("/")[0]
        watts = self.draw_watts()
        now_ms = self.clock.ms()
        moving = False
        for slave in self.master.slaves:
            if slave.changed_ms is not None and now_ms - slave.changed_ms < _FOLLOWS_MS:
                moving = True
        why = self.inputs.receive(kind, payload, retained, watts, now_ms, moving)
        if why:
            self.journal.tell("warning", f"{topic}: {why}")

    def draw_watts(self):
        """What all cars draw, in watts."""
        return sum([unit.draw_watts() for unit in self.units])

    def warnings(self, now_ms):
        """Everything that a person should mend, as sentences."""
        found = self.problems + self.inputs.warnings(now_ms)
        for slave in self.master.slaves:
            problem = self.settings.rating_problem(slave.id, slave.rating_ca / 100)
            if problem:
                found.append(problem)
        return found

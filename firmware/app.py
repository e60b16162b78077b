"""The wiring: builds the parts, starts a task for each, restarts what fails.

The bus comes first: its parts are built and its first frame leaves before Wi-Fi, MQTT and the
page are even imported.
"""

import asyncio
import gc
import sys

from micropython import const

from charging.limits import Gate
from firmware import board, forget
from firmware.bus import Bus
from firmware.journal import Journal
from twc import message
from twc.master import Master
from units import Units

# Decisions are renewed this often, and sooner, but not more often than each 200 ms, when a
# reading has arrived: a reduction leaves with the next heartbeat.
_DECIDE_MS = const(1000)
_SOONEST_MS = const(200)

# A task that fails is started again after a pause that grows up to this.
_LONGEST_PAUSE_S = const(60)

# A bus that fails this often within a minute is better served by a fresh start of the board.
_MOST_BUS_FAILURES = const(10)

# Flash writes, which stop the whole chip, start with at least this long to the next heartbeat.
_FLASH_SLOT_MS = const(150)

_COLLECT_BYTES = const(4096)


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
        self.settings = Units(config)
        remembered = memory.load()
        known = memory.known_slaves(remembered or {}, self.settings)
        # Several KB of code that are not needed again, or seldom.
        del memory, settings
        for name in ("configuration", "firmware.settings", "firmware.memory"):
            forget(name)
        gc.collect()
        for problem in self.problems:
            self.journal.tell("warning", problem)
        if remembered is None:
            self.journal.tell(
                "warning", "state.json is damaged: every relay rests for its minimum off time."
            )
        self.name = config["name"]
        self.gate = Gate(
            config["wires"]["max_amps"],
            self.settings,
            {i: (known[i]["rating_ca"], 100 * (known[i]["first_amps"] or 0)) for i in known},
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
        # Until services.py has used what of it is used once.
        self.config, self.remembered = config, remembered
        self.decisions = self.wifi = self.mqtt = self.report = None
        self.raw_answer = None  # to the raw-frame command, as text, for the broker
        self._raw_code = None  # what answers it
        self._decided_ms = now_ms
        self._soon = False  # whether a reading is about to be decided on
        self._bus_failures = []
        self._broken = None

    async def run(self):
        """The main task: never returns; raises when only a fresh start can help."""
        asyncio.get_event_loop().set_exception_handler(self._stray)
        # Collecting early and often keeps the heap from being strewn with what lives long.
        gc.threshold(_COLLECT_BYTES)
        asyncio.create_task(self.keep("bus", self.bus.listen))
        asyncio.create_task(self.keep("bus", self.bus.speak))
        await asyncio.sleep_ms(50)
        asyncio.create_task(self.keep("services", self._services))
        while self._broken is None:
            await asyncio.sleep_ms(200)
        raise self._broken

    async def _services(self):
        """What is imported only when the bus is running; how to start it is dropped again."""
        from firmware import services

        await services.start(self)
        del services
        forget("firmware.services")

    # Tasks.

    async def keep(self, name, task):
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

    async def decide_for_ever(self):
        due_ms = self.clock.ms()
        while True:
            self._decide()
            await self._remember()
            due_ms += _DECIDE_MS
            now_ms = self.clock.ms()
            if due_ms < now_ms:
                due_ms = now_ms
            await asyncio.sleep_ms(max(1, due_ms - now_ms))

    async def _decide_soon(self):
        """Task: decides on a reading that has just come."""
        await asyncio.sleep_ms(max(0, self._decided_ms + _SOONEST_MS - self.clock.ms()))
        self._decide()

    def _decide(self):
        self._soon = False
        self._decided_ms = self.clock.ms()
        self.decisions.decide(self._decided_ms)

    async def _remember(self):
        """Keeps what has to outlive a reset, when it has changed."""
        current = self.decisions.to_remember(self.clock.ms())
        if current is None:
            return
        await self.bus.slot(_FLASH_SLOT_MS, "flash")
        from firmware import memory

        self.decisions.saved(current)
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

    def message(self, topic, payload, retained):
        if topic == "raw/set":
            if not retained:
                self.raw_answer = self._raw_command(payload)
            return
        why = self.decisions.reading(topic.split("/")[0], payload, retained, self.clock.ms())
        if not self._soon:
            self._soon = True
            asyncio.create_task(self._decide_soon())
        if why:
            self.journal.tell("warning", f"{topic}: {why}")

    def _raw_command(self, payload):
        """Queues a frame; returns a sentence why not, or None."""
        if not self.config["bus"]["raw"]:
            return "Raw frames are switched off: bus.raw is false in config.json."
        from twc import raw

        linked = [slave.id for slave in self.master.slaves]
        body, why = raw.parse(payload, self.master.own_id, linked, self.settings.contactors)
        del raw
        forget("twc.raw")
        if why:
            return why
        if not self.bus.ask(body):
            return "Too many frames are waiting: send the next one in some seconds."
        self._raw_code = 0xFD00 | body[1]
        return None

    def other(self, body, now_ms):
        """Takes what a slave said that is no link ready and no heartbeat."""
        if message.function(body) == self._raw_code:
            self._raw_code = None
            self.raw_answer = " ".join([f"{byte:02X}" for byte in body])
        self.decisions.other(body, now_ms)

    def warnings(self, now_ms):
        """Everything that a person should mend, as sentences."""
        found = self.problems + self.decisions.inputs.warnings(now_ms) + self.master.faults()
        if self.master.lookout.note:
            found.append(self.master.lookout.note)
        for slave in self.master.slaves:
            problem = self.settings.rating_problem(slave.id, slave.rating_ca / 100)
            if problem:
                found.append(problem)
        return found

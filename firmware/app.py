"""The wiring: builds the parts, starts a task for each, restarts what fails.

The bus comes first: its parts are built and its first frame leaves before Wi-Fi, MQTT and the
page are even imported.
"""

import asyncio
import gc
import os
import sys

from micropython import const

from firmware import board, forget, make_room, watchdog
from twc import message

# Decisions are renewed this often, and sooner, but not more often than each 200 ms, when a
# reading has arrived: a reduction leaves with the next heartbeat.
_DECIDE_MS = const(1000)
_SOONEST_MS = const(200)

_WARN_MS = const(900)

# A task that fails is started again after a pause that grows up to this.
_LONGEST_PAUSE_S = const(60)

# A bus that fails this often within a minute is better served by a fresh start of the board.
_MOST_BUS_FAILURES = const(10)

# Flash writes, which stop the whole chip, start with at least this long to the next heartbeat.
_FLASH_SLOT_MS = const(150)

_IMPORT_SLOT_MS = const(150)

# The watchdog is fed, and what goes on noted, this often.
_LOOK_MS = const(900)

_COLLECT_BYTES = const(4096)

# A client is shown out after 10 s.
_VISIT_MS = const(10000)

# What is loaded for a moment takes up to 8 KB: commands, discovery, a connect.
_ROOM_BYTES = const(9000)

# How often memory may be short before a new configuration is thought to need too much.
_MOST_SHORT = const(3)

# More than the broker can make wait: it is not read while 8 do.
_MOST_ANSWERS = const(16)

# What no command is, though it ends like one.
_READINGS = ("surplus/set", "grid/set")

# A new start that was asked for waits so long: for its answer, and for what is to be remembered.
_RESTART_MS = const(2000)


class App:
    """All parts of the firmware, and what they have in common.

    The bus is ready when this returns; `run()` is the main task.
    """

    def __init__(self):
        from firmware import building

        building.app(self)
        del building
        forget("firmware.building")
        gc.collect()
        # Until services.py has used it: `config` and `remembered`, (units, plan).
        self.decisions = self.wifi = self.mqtt = self.report = None
        self.twcmanager = self.history = None
        self.birth = ""  # the topic on which Home Assistant says that it has started
        self.latest = None  # the newest version, if somebody told
        self.forgotten = []  # ids of units of which the broker has to forget, too
        self.noted_ms = 0  # see sessions.py
        self.visitors = 0  # requests that are being answered
        self.moving = 0  # why they have to wait: things that are loaded, or about to be
        self.large = False  # whether a client is writing much: one at a time; 2: an update
        self.update = None  # what is going on with one, or has come of it, as a sentence
        self.listening = False  # whether the page can be asked for
        self.raw_code = None  # of the frame that answers the raw-frame command
        self.decided_ms = 0
        self.turn_ms = 0  # when the task that decides had its turn
        self.safe = False  # whether this is safe mode: start.py says so
        self.ended = None  # why run() returns: what last_words.asked() takes
        self._warned = []
        self._warned_ms = -_WARN_MS
        self._soon = False  # whether a reading is about to be decided on
        self._bus_failures = []
        self._broken = None
        self._end_ms = None
        self._short = 0  # how often memory was

    async def run(self):
        """The main task: returns when a new start was asked for, raises when only that can
        help."""
        asyncio.get_event_loop().set_exception_handler(self._stray)
        # Collecting early and often keeps the heap from being strewn with what lives long.
        gc.threshold(_COLLECT_BYTES)
        asyncio.create_task(self.keep("bus", self.bus.listen))
        asyncio.create_task(self.keep("bus", self.bus.speak))
        await asyncio.sleep_ms(50)
        asyncio.create_task(self.keep("services", self._services))
        look_ms = 0
        while self._broken is None:
            await asyncio.sleep_ms(200)
            now_ms = self.clock.ms()
            if self._end_ms is not None and now_ms >= self._end_ms:
                return
            if now_ms >= look_ms:
                look_ms = now_ms + _LOOK_MS
                watchdog.look(self, now_ms)
        raise self._broken

    async def _services(self):
        """What is imported only when the bus is running; how to start it is dropped again."""
        name = "firmware.safe" if self.safe else "firmware.services"
        __import__(name)
        await sys.modules[name].start(self)
        forget(name)

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
                if isinstance(error, MemoryError):
                    self.no_memory()
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

    def no_memory(self):
        """Something could not be done for want of memory: if that happens again and again soon
        after a new configuration was taken, the one before is."""
        self._short += 1
        if self._short < _MOST_SHORT or self._end_ms is not None:
            return
        self._short = 0
        try:
            # Nothing is loaded for it: there is no memory. See config_back.py.
            if os.stat("config.try")[6] == 0 and os.stat("config.bak"):
                make_room()
                self.bus.record(None)
                gc.collect()
                os.rename("config.json", "config.bad")
                os.rename("config.bak", "config.json")
                self.restart("Restart: the new configuration needs too much memory.")
        except (OSError, MemoryError):
            pass  # no new one is tried, or there is no way back now

    def _stray(self, loop, context):
        self._failed("a task", context["exception"])

    # Once a second.

    async def decide_for_ever(self):
        due_ms = self.clock.ms()
        while True:
            self._decide()
            self.turn_ms = self.decided_ms
            self.history.sample(self.decisions, self.decided_ms)
            await self._remember()
            if self.journal.due(self._end_ms is not None):
                await self._keep_journal()
            due_ms += _DECIDE_MS
            now_ms = self.clock.ms()
            if due_ms < now_ms:
                due_ms = now_ms
            await asyncio.sleep_ms(max(1, due_ms - now_ms))

    async def _decide_soon(self):
        """Task: decides on a reading that has just come."""
        await asyncio.sleep_ms(max(0, self.decided_ms + _SOONEST_MS - self.clock.ms()))
        self._decide()

    def _decide(self):
        self._soon = False
        self.decided_ms = self.clock.ms()
        self.decisions.decide(self.decided_ms)

    async def _remember(self):
        """Keeps what has to outlive a reset, when it has changed."""
        current = self.decisions.to_remember(self.clock.ms(), self._end_ms is not None)
        if current is None:
            return
        await self.bus.slot(_FLASH_SLOT_MS, "flash")
        make_room()
        from firmware import memory

        self.decisions.saved(current)
        memory.keep(self, current[0], current[1])
        del memory
        forget("firmware.memory")
        for unit in self.decisions.units:
            if unit.energy.open > 2:
                # Its session has ended, and that is remembered now.
                await self.bus.slot(_FLASH_SLOT_MS, "flash")
                from firmware import sessions

                sessions.note(self, unit)
                del sessions
                forget("firmware.sessions")

    async def _keep_journal(self):
        await self.bus.slot(_FLASH_SLOT_MS, "flash")
        make_room()
        from firmware import journal_keep

        journal_keep.write(self)
        del journal_keep
        forget("firmware.journal_keep")

    # In and out.

    async def room(self, patience_ms=_VISIT_MS, need=_ROOM_BYTES):
        """Waits until nobody is being answered by the page, within reason, and drops what that
        needs: there is memory for one of page, commands and discovery; the recording, too, if
        there are not `need` bytes. Not for one who is being answered himself."""
        self.moving += 1
        try:
            for _ in range(patience_ms // 20):
                if not self.visitors:
                    break
                await asyncio.sleep_ms(20)
        finally:
            self.moving -= 1
        make_room()
        gc.collect()
        if self.bus.recorder and board.heap_left() < need:
            self.bus.record(None)
            self.journal.tell("warning", "No memory for bus.recording: none kept.")

    async def before_import(self, name):
        """Waits for the moment in which a module of the page may be imported, if it is not there
        yet: that stops the chip."""
        if name not in sys.modules:
            await self.bus.slot(_IMPORT_SLOT_MS, "page")

    def is_command(self, topic):
        """Whether a message on this topic, as message() takes it, is a command."""
        if topic.endswith("/set"):
            return topic not in _READINGS
        return self.twcmanager is not None and topic in self.twcmanager.listen

    def message(self, topic, payload, retained):
        """Takes a message: `topic` below our own, or one of those that others have; `payload`:
        bytes. For a command there has to be room(). Returns None, or a sentence why it is no
        reading."""
        if self.twcmanager and self.twcmanager.heard(topic, payload, retained):
            return
        if self.is_command(topic):
            from firmware import asked

            asked.command(self, topic[:-4], payload, retained)
            del asked
            forget("firmware.asked")
            return
        now_ms = self.clock.ms()
        if topic == self.birth and payload == b"online":
            self.report.born(now_ms)
        why = self.decisions.reading(topic, payload, retained, now_ms)
        if not self._soon:
            self._soon = True
            asyncio.create_task(self._decide_soon())
        if why:
            self.journal.tell("warning", f"{topic}: {why}")
        return why

    def answer(self, topic, text):
        """Has a text told the broker once, below our topics."""
        if self.mqtt and self.mqtt.state == "connected" and len(self.mqtt.answers) < _MOST_ANSWERS:
            self.mqtt.answers.append((topic, text))

    def refuse(self, name, why):
        """Tells that a command ("mode", or with a slash before it a whole topic) was not carried
        out, and a sentence why."""
        why = f"{name[1:]}: {why}" if name[0] == "/" else f"{name}/set: {why}"
        self.journal.tell("warning", why)
        self.answer("error", why)

    def restart(self, why="Restart, as asked for.", state=3):
        """Starts the firmware anew, in a moment. `why`: a sentence; `state`: 4 for safe mode."""
        self.ended = state, why
        self._end_ms = self.clock.ms() + _RESTART_MS
        self.journal.tell("info", why)

    def other(self, body, now_ms):
        """Takes what a slave said that is no link ready and no heartbeat."""
        if message.function(body) == self.raw_code:
            self.raw_code = None
            self.answer("raw", " ".join([f"{byte:02X}" for byte in body]))
        self.decisions.other(body, now_ms)

    def warnings(self, now_ms):
        """Everything that a person should mend, as sentences; found anew once a second."""
        if now_ms - self._warned_ms < _WARN_MS:
            return self._warned
        self._warned_ms = now_ms
        found = self.problems + self.decisions.warnings(now_ms) + self.master.faults()
        self._warned = found
        if self.master.lookout.note:
            found.append(self.master.lookout.note)
        for slave in self.master.slaves:
            problem = self.settings.rating_problem(slave.id, slave.rating_ca / 100)
            if problem:
                found.append(problem)
        return found

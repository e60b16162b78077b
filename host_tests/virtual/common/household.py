"""What the scenarios share: the real firmware in a world with a referee, and how to look at it.

All durations of the configuration keep their default values unless a scenario says otherwise.
"""

import gc

from simulator import connector as connectors
from simulator.car import Car
from simulator.connector import Connector
from simulator.referee import Referee
from simulator.virtual.world import World

SURPLUS = "twc/garage/surplus/set"
GRID = "twc/garage/grid/set"
MIN_ON_S = MIN_OFF_S = 600

# Hours pass here: cars that move in steps of half a second and bytes that arrive by the frame
# are fine enough. Scenarios of the line itself are elsewhere.
connectors.SLICE_MS = 500
PIECE_BYTES = 64


def unit(slave_id="2433", **more):
    """A connector with a car that wants to charge; `car` in `more` replaces it."""
    more.setdefault("car", Car())
    return Connector(slave_id, **more)


class Household:
    """The firmware, connectors, a broker and a referee that knows the rules of the house.

    `notes`: (seconds, level, sentence) of everything the firmware noted, over all its lives.
    `app`: the App of the present life.
    """

    def __init__(self, units, wires=32, config=None, forget=True, **more):
        if forget:
            self._clear_flash()
        self.wires = wires
        self.notes = []
        self.app = None
        settings = {"wires": {"max_amps": wires}}
        settings.update(config or {})
        more.setdefault(
            "referee", Referee(wires_amps=wires, min_on_s=MIN_ON_S, min_off_s=MIN_OFF_S)
        )
        self.world = World(settings, units, **more)
        self.world.line.piece_bytes = PIECE_BYTES
        self.units = units
        self.broker = self.world.broker
        self.referee = self.world.referee
        self.watts = {}
        self._end = None

    def _clear_flash(self):
        import os

        for name in ("state.json", "last_words.txt"):
            try:
                os.remove(name)
            except OSError:
                pass

    def start(self):
        self.world.start(self._main)
        return self

    async def _main(self):
        from firmware import journal
        from firmware.app import App

        plain = journal.Journal.tell

        def tell(book, level, text):
            self.notes.append((self.world.now_s, level, text))
            plain(book, level, text)

        journal.Journal.tell = tell
        self.app = App()
        # The firmware collects often, for the sake of a heap of 56 KB; this one is larger.
        self.world.at(self.world.now_s + 0.02, gc.threshold, 4_000_000)
        await self.app.run()
        # It returns when a new start was asked for: then firmware/start.py resets the board.
        from firmware import board

        board.reset()

    # Readings.

    def publish(self, watts, topic=SURPLUS, every_s=5):
        """From now on this reading is published live, each `every_s`; None: no more."""
        self.watts[topic] = watts
        if self._end is None:
            self._end = self.world.every(every_s, self._publish)

    def _publish(self):
        for topic in self.watts:
            watts = self.watts[topic]
            if watts is not None:
                self.broker.publish(topic, watts() if callable(watts) else watts)

    # Looking.

    def offer(self, slave_id="2433"):
        """The limit that was last on the bus for a unit, in A; None: none yet."""
        slave = self.referee.slaves.get(slave_id)
        return None if slave is None else slave.limit

    def topic(self, name):
        """What was last published under twc/garage/."""
        return self.broker.last("twc/garage/" + name)

    def wait_offer(self, amps, timeout_s, slave_id="2433"):
        """Waits until a unit is offered so much; returns the seconds it took."""
        return self.world.wait_for(
            lambda: self.offer(slave_id) == amps, timeout_s, f"{amps} A for {slave_id}", 0.5
        )

    def offers_since(self, since_s, slave_id="2433"):
        """All limits that were sent to a unit since then, sorted, each once."""
        found = set()
        for frame in self.referee.heartbeats_to(slave_id):
            if frame.ms >= since_s * 1000 and frame.command in (5, 9):
                found.add(frame.amps)
        return sorted(found)

    def agree(self, settle_s=3):
        """Bus, page and topics say the same after a while; returns the page's document."""
        self.world.run_for(settle_s)
        try:
            return self._agreed()
        except AssertionError:
            # A topic follows within 250 ms: not between a step of a countdown and its message.
            self.world.run_for(0.6)
            return self._agreed()

    def _agreed(self):
        status = self.world.status()
        total = 0
        for connector in status["connectors"]:
            slave_id = connector["id"]
            # One that was dropped is offered nothing any more.
            bus = 0 if connector["link"] == "lost" else self.offer(slave_id) or 0
            under = slave_id + "/"
            assert connector["offer_amps"] == bus, (slave_id, connector["offer_amps"], bus)
            told = self.topic(under + "offer")
            assert float(told) == bus, (slave_id, told, bus)
            for key in ("state", "reason", "link", "name"):
                told = self.topic(under + key)
                assert told == connector[key], (key, told, connector[key])
            total += bus
        assert status["offer_amps"] == total == float(self.topic("offer")), total
        for key in ("state", "reason"):
            assert self.topic(key) == status[key], (key, self.topic(key), status[key])
        return status

    def heartbeat_gap_s(self, since_s, slave_id="2433"):
        """The longest time between two heartbeats to a unit since then."""
        times = [f.ms for f in self.referee.heartbeats_to(slave_id) if f.ms >= since_s * 1000]
        times = [since_s * 1000] + times + [self.world.now_s * 1000]
        return max([times[i + 1] - times[i] for i in range(len(times) - 1)]) / 1000

    def noted(self, words):
        """Whether a sentence with these words was noted."""
        return any([words in text for _, _, text in self.notes])

    # The end.

    def finish(self):
        """The rules were kept, nothing failed, no relay clicked more than it had to."""
        world = self.world
        assert self.referee.report(world.now_s * 1000) == [], self.referee.report()
        assert world.task_errors == [], world.task_errors
        errors = [note for note in self.notes if note[1] == "error"]
        assert errors == [], errors
        assert not world.ended
        world.finish()

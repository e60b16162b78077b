"""The firmware's clock and a time server: set, kept for days, wrong answers, and none at all."""

import asyncio
import struct
import time

from simulator.virtual.time_server import NTP_EPOCH_S, NameServer, TimeServer
from simulator.virtual.world import World

START = 1743246000  # 2025-03-29, noon in Paris
H = 3600


class Alone:
    """What Wi-Fi takes for the firmware.app.App."""

    decisions = None

    def __init__(self, monotonic):
        wifi = {"ssid": "virtual", "password": "virtual", "hostname": "twc", "setup_after_min": 0}
        self.config = {"wifi": wifi}
        self.clock = monotonic
        self.bus = self.journal = self

    def tell(self, level, text):
        pass

    async def slot(self, ms, cause):
        pass

    async def room(self, patience_ms, need):
        pass


class Stage:
    """A clock of the firmware in a world of its own, and what it noted."""

    def __init__(self, server="10.0.0.3", utc_s=START, names=None, **more):
        self.world = World(**more)
        self.server = TimeServer(self.world.net, utc_s)
        self.names = NameServer(self.world.net, names or {})
        self.notes = []
        self.clock = None
        self.monotonic = None
        self._name = server
        self.world.start(self.main)

    async def main(self):
        from firmware import board as firmware_board
        from firmware.clock import Clock
        from firmware.wifi import Wifi

        self.monotonic = firmware_board.Monotonic()
        wifi = Wifi(Alone(self.monotonic))
        tell = lambda level, text: self.notes.append((level, text))  # noqa: E731
        self.clock = Clock(self._name, wifi, self.monotonic.ms, tell)
        asyncio.create_task(wifi.run())
        asyncio.create_task(self.clock.run())
        while True:
            # As the heartbeats do: often enough for ticks that wrap.
            self.monotonic.ms()
            await asyncio.sleep(60)

    def right(self):
        """Whether it shows the right second, give or take 20 ms."""
        shown, exact = self.clock.utc_s(), self.server.utc_s()
        return int(exact - 0.02) <= shown <= int(exact + 0.02)

    def error_s(self):
        """How far it is ahead, to 10 ms: looked for where its second changes."""
        shown = self.clock.utc_s()
        while self.clock.utc_s() == shown:
            self.world.run_for(0.01)
        return self.clock.utc_s() - self.server.utc_s()


def asked_at(stage, seconds):
    """The times, in seconds of the world, rounded."""
    found = [round(at_s) for at_s in stage.server.asked_s]
    assert found == list(seconds), found


# Nobody knows the time until the server has been asked; then it is right, through the wrap of
# the ticks (after a minute of this world) and for two days, with a question each six hours.
stage = Stage()
world = stage.world
world.run(0.25)
assert stage.clock.utc_s() is None
world.run(2)
assert stage.notes == [("info", "Clock: set by 10.0.0.3")], stage.notes
while world.now_s < 48 * H:
    assert stage.right(), (world.now_s, stage.clock.utc_s(), stage.server.utc_s())
    world.run_for(299.5)
asked_at(stage, [1 + hours * 6 * H for hours in range(9)])
assert world.clock.longest_wait_ms == 0, "the clock blocked"
assert world.net.sockets == [], "a socket was left open"
assert len(stage.notes) == 1

# The server's clock is put right by 20 s, and ours follows with the next question; the
# monotonic one sees nothing of it.
stage.server.set(stage.server.utc_s() - 20)
before_ms, at_s = stage.monotonic.ms(), world.now_s
world.run_for(6 * H)
assert stage.monotonic.ms() - before_ms == round((world.now_s - at_s) * 1000)
assert stage.right()
assert stage.notes[1:] == [("warning", "Clock: was 20 s off, set anew")], stage.notes

# Half of the way counts: with packets that take a second.
stage = Stage(latency_ms=1000)
stage.world.run(4)
assert stage.clock.utc_s() is not None
assert abs(stage.error_s()) <= 0.03, stage.error_s()

# A server that does not answer: asked again after 15 s, 30 s, 60 s, at last each 15 min, said
# once. When it answers the clock is set, and the next failure is said again.
stage = Stage()
stage.server.silent = True
stage.world.run(2 * H)
times = stage.server.asked_s
pauses = [round(times[i + 1] - times[i] - 3) for i in range(len(times) - 1)]
assert pauses[:9] == [15, 30, 60, 120, 240, 480, 900, 900, 900], pauses
assert stage.clock.utc_s() is None
assert stage.notes == [("warning", "Clock: 10.0.0.3 does not tell the time; trying again.")], (
    stage.notes
)
stage.server.silent = False
stage.world.run_for(905)
assert stage.right()
stage.server.silent = True
stage.world.run_for(7 * H)
# Still known, by our own count.
assert stage.right()
assert [level for level, _ in stage.notes] == ["warning", "info", "warning"], stage.notes


def answer_with(at, data):
    def change(answer):
        answer[at : at + len(data)] = data
        return answer

    return change


def ntp(utc_s):
    return struct.pack("!I", (utc_s + NTP_EPOCH_S) & 0xFFFFFFFF)


# Answers that are none.
for change in (
    answer_with(0, b"\x23"),  # a client's packet
    answer_with(0, b"\x25"),  # a broadcast
    answer_with(0, b"\xe4"),  # its clock is not set
    answer_with(1, b"\x00"),  # "kiss of death": it does not want to be asked
    answer_with(1, b"\x10"),  # stratum 16: not synchronised
    answer_with(24, b"\x00\x00"),  # to another one's question
    answer_with(30, b"\x00\x00"),
    answer_with(40, bytes(8)),  # no time at all (it is not 2036 yet)
    answer_with(40, ntp(1700000000)),  # 2023
    lambda answer: answer[:47],
    lambda answer: b"",
):
    stage = Stage()
    stage.server.change = change
    stage.world.run(14)
    assert stage.clock.utc_s() is None, change(bytearray(48))
    assert len(stage.server.asked_s) == 1
    assert stage.notes == [("warning", "Clock: 10.0.0.3 does not tell the time; trying again.")], (
        stage.notes
    )
    stage.server.change = None
    stage.world.run(25)
    assert stage.right()

# A right answer behind wrong ones to the same question counts.
stage = Stage()
stage.server.change = lambda answer: [bytes(48), answer[:47], answer]
stage.world.run(3)
assert stage.right() and len(stage.server.asked_s) == 1

# The day on which NTP begins to count from 0 again, 2036-02-07 06:28:16, and after it.
for utc_s in (2085978496 - 3, 2085978496, 2085978496 + 1000000, 2147483648 + 5):
    stage = Stage(utc_s=utc_s)
    stage.world.run(8)
    assert stage.right() and stage.clock.utc_s() - utc_s in (7, 8), utc_s

# By name: looked up anew with each question. A name that is not there is said.
stage = Stage("pool.ntp.org", names={"pool.ntp.org": ["10.0.0.9", "10.0.0.3"]})
stage.world.run(60)
# Nobody is at the first address.
assert stage.names.questions == ["pool.ntp.org"] * 2, stage.names.questions
assert stage.right()
assert stage.notes == [
    ("warning", "Clock: pool.ntp.org does not tell the time; trying again."),
    ("info", "Clock: set by pool.ntp.org"),
], stage.notes
stage = Stage("pool.ntp.example")
stage.world.run(60)
assert stage.clock.utc_s() is None
assert stage.notes == [
    ("warning", "Clock: no address found for pool.ntp.example; trying again.")
], stage.notes

# Without Wi-Fi nobody is asked, and nothing said; when it is there the clock is set.
stage = Stage()
stage.world.wifi(False)
stage.world.run(100)
assert stage.clock.utc_s() is None and stage.server.asked_s == [] and stage.notes == []
stage.world.wifi(True)
stage.world.wait_for(lambda: stage.clock.utc_s() is not None, 90, "the time")
assert stage.right()
# It goes 20 ms before the next question: that is said with the number of the error.
stage.world.run(stage.server.asked_s[0] + 6 * H)
stage.world.wifi(False)
stage.world.run_for(60)
assert stage.notes[1:] == [
    ("warning", "Clock: 10.0.0.3 can not be asked (error 113); trying again.")
], stage.notes
stage.world.wifi(True)
stage.world.run_for(120)
assert len(stage.server.asked_s) == 2 and stage.right()
assert stage.world.net.sockets == []

# A desktop whose own clock is set knows the time at once; the server's counts once it is told.
time.START_S = START + 40
stage = Stage()
stage.world.wifi(False)
stage.world.run(10)
assert stage.clock.utc_s() - stage.server.utc_s() in (39, 40) and stage.notes == []
stage.world.wifi(True)
stage.world.wait_for(lambda: stage.notes, 90, "an answer")
assert stage.right()
# One that was never set does not count: before 2024.
time.START_S = 1704067200 - 30
stage = Stage()
stage.world.wifi(False)
stage.world.run(10)
assert stage.clock.utc_s() is None

# Nor does that of an ESP32, whatever it shows.
from firmware import board  # noqa: E402


class Esp32:
    platform = "esp32"


time.START_S = START
assert board.utc_s() == START + 10
board.sys = Esp32
assert board.utc_s() is None
stage.world.finish()

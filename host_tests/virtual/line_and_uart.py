"""The UART at 9600 baud, the driver-enable pin, and slaves that answer 3 ms after the last bit."""

import asyncio

import machine

from simulator.virtual.clock import clock
from simulator.virtual.uart import sending_us
from simulator.virtual.world import World

QUESTION = b"0123456789abcdef"


class Parrot:
    """Answers each question, 3 ms after its last bit, with the same bytes in capitals."""

    id = "5555"

    def __init__(self):
        self.heard = []
        self.answer = None

    def hear(self, data, now_ms):
        self.heard.append((now_ms, data))
        if data.endswith(b"f"):
            self.answer = (now_ms + 3, data.upper())

    def due(self, now_ms):
        if self.answer is None or self.answer[0] > now_ms:
            return []
        (_, data), self.answer = self.answer, None
        return [data]

    def next_event_ms(self, now_ms):
        return None if self.answer is None else self.answer[0]


class Notes:
    """A referee that only writes down."""

    def __init__(self):
        self.lines = []

    def hear(self, data, now_ms, label):
        self.lines.append((label, data))


class Client:
    """Asks once a second, and keeps what was read with its time."""

    def __init__(self, pin, release):
        self.pin = pin
        self.release = release
        self.got = []

    async def main(self):
        uart = machine.UART(2, baudrate=9600, tx=17, rx=16, timeout=0, timeout_char=0, rxbuf=256)
        pin = None if self.pin is None else machine.Pin(self.pin, machine.Pin.OUT, value=0)
        asyncio.create_task(self.listen(asyncio.StreamReader(uart)))
        while True:
            await asyncio.sleep(1)
            if pin and self.release != "never on":
                pin(1)
            assert uart.write(QUESTION) == len(QUESTION)
            if self.release == "flush":
                uart.flush()
            elif self.release == "poll":
                while not uart.txdone():
                    await asyncio.sleep_ms(1)
            elif self.release == "late":
                uart.flush()
                await asyncio.sleep_ms(8)
            if pin:
                pin(0)

    async def listen(self, stream):
        while True:
            data = await stream.read(64)
            self.got.append((clock.now_us, data))


def play(pin, release, seconds=3.5, **settings):
    """Runs one arrangement; returns (world, client, parrot, what the firmware heard)."""
    parrot = Parrot()
    world = World({"board": {"driver_enable": pin}}, [parrot], Notes())
    world.line.piece_bytes = 1
    for name, value in settings.items():
        setattr(world.line, name, value)
    client = Client(pin, release)
    world.start(client.main)
    world.run(seconds)
    return world, client, parrot, b"".join(data for _, data in client.got)


# With a driver-enable pin and flush(): nothing is lost, each byte arrives at its own time.
world, client, parrot, got = play(4, "flush")
assert got == QUESTION.upper() * 3, got
assert world.line.dropped == 0 and world.line.never_sent == 0
first_us, first = client.got[0]
heard_ms = parrot.heard[0][0]
assert parrot.heard[0] == (1017, QUESTION), parrot.heard
assert first == b"0" and first_us == (heard_ms + 3) * 1000 + sending_us(1), first_us
assert client.got[15][0] == (heard_ms + 3) * 1000 + sending_us(16)
assert clock.longest_wait_ms == 16
assert world.referee.lines[:2] == [("master", QUESTION), ("5555", QUESTION.upper())]

# Polling every millisecond is in time here; 8 ms too late loses the first bytes.
assert play(4, "poll")[3] == QUESTION.upper() * 3
world, client, parrot, got = play(4, "late")
assert 0 < world.line.dropped < 30 and len(got) == 48 - world.line.dropped, world.line.dropped
assert QUESTION.upper().endswith(got[-5:])

# The pin falls at once: the rest of the frame is never sent. Never on: nothing is.
world, client, parrot, got = play(4, "at once")
assert parrot.heard == [] and world.line.never_sent == 48, parrot.heard
world, client, parrot, got = play(4, "never on")
assert parrot.heard == [] and world.line.never_sent == 48

# Without a pin the module switches by itself; one with an echo gives our bytes back first.
assert play(None, "none")[3] == QUESTION.upper() * 3
assert play(None, "none", echo=True)[3] == (QUESTION + QUESTION.upper()) * 3
assert play(None, "none", piece_bytes=64)[1].got[0][1] == QUESTION.upper()

# A receiver that is dead, and bytes spoiled on the way.
assert play(4, "flush", deaf=True)[3] == b""
world, client, parrot, got = play(4, "flush", spoil=lambda who, data: data[1:])
assert got == QUESTION[2:].upper() * 3, got

# Two who speak at once ruin each other; nobody reads it as the real thing.
parrot, second = Parrot(), Parrot()
world = World(None, [parrot, second])
world.board.de_pin = 4
client = Client(4, "flush")
world.start(client.main)
world.run(1.5)
got = b"".join(data for _, data in client.got)
assert world.line.collisions >= 1
assert QUESTION.upper() not in got and len(got) == 32, got
assert parrot.heard[0][1] == QUESTION
world.finish()

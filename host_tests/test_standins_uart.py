"""The stand-in for machine.UART, on a pseudo-terminal, under MicroPython."""

import contextlib
import os
import time
import tty
from pathlib import Path

import pytest

OPEN = """
import machine, sys, time
from machine import Pin
class UART(machine.UART):
    # The firmware has no need of it; here it makes short scripts.
    def read(self, size=256):
        buffer = bytearray(size)
        count = self.readinto(buffer)
        return bytes(buffer[:count]) if count else None
uart = UART(2, baudrate=9600, tx=17, rx=16, timeout=0, timeout_char=0, rxbuf=256)
def next_step(said):
    print(said)
    sys.stdin.readline()
"""


class Wire:
    """A pty; ``path`` is for the board, ``send`` and ``receive`` are the other end."""

    def __init__(self):
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(self._slave)

    def wait_for_opening(self):
        """Until another process has it open; it may be about to empty it."""
        if not Path("/proc").exists():
            time.sleep(3)
            return
        deadline = time.monotonic() + 60
        while not self._holders() - {os.getpid()}:
            assert time.monotonic() < deadline, "nobody opened it"
            time.sleep(0.05)
        time.sleep(0.2)

    def _holders(self):
        found = set()
        for entry in Path("/proc").glob("[0-9]*/fd/*"):
            with contextlib.suppress(OSError):
                if os.readlink(entry) == self.path:
                    found.add(int(entry.parts[2]))
        return found

    def send(self, data):
        os.write(self.master, data)
        time.sleep(0.05)  # the kernel hands a pty's bytes over in a task of its own

    def receive(self, count, timeout_s=60):
        data = b""
        deadline = time.monotonic() + timeout_s
        while len(data) < count and time.monotonic() < deadline:
            try:
                data += os.read(self.master, count - len(data))
            except BlockingIOError:
                time.sleep(0.01)
        return data

    def close(self):
        for descriptor in (self.master, self._slave):
            if descriptor is not None:
                os.close(descriptor)
        self.master = self._slave = None


@pytest.fixture
def wire():
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture
def talk(start_micropython, wire):
    """``talk(script)`` starts it on the wire; returns (expect, go): ``expect(text)`` waits for
    that line and returns the ones before it, ``go()`` lets next_step() return."""

    def start(script, **environment):
        variables = {"TWC_SERIAL": wire.path, "TWC_DE_PIN": "4", **environment}
        process = start_micropython(OPEN + script, variables)

        def expect(text):
            before = []
            for line in process.stdout:
                if line.rstrip("\n") == text:
                    return before
                before.append(line.rstrip("\n"))
            raise AssertionError(f"{text!r} never came: {before}")

        def go():
            process.stdin.write("\n")
            process.stdin.flush()

        return expect, go

    return start


def test_nothing_there_is_none_and_what_comes_is_read(talk, wire):
    expect, go = talk("""
print(uart.any(), uart.read(), uart.read(5), uart.readinto(bytearray(4)))
next_step("empty")
print(uart.any(), uart.read(2))
b = bytearray(2)
print(uart.readinto(b), b, uart.read(), uart.read())
print("end")
""")
    assert expect("empty") == ["0 None None None"]
    wire.send(b"abcdef")
    go()
    assert expect("end") == ["6 b'ab'", "2 bytearray(b'cd') b'ef' None"]


def test_every_byte_value_passes_both_ways(talk, wire):
    everything = bytes(range(256))
    expect, go = talk("""
next_step("ready")
data = uart.read()
uart.write(data)
print(len(data), data == bytes(range(256)))
print("end")
""")
    expect("ready")
    wire.send(everything)
    go()
    assert expect("end") == ["256 True"]
    assert wire.receive(256) == everything


def test_sending_takes_its_time(talk, wire):
    expect, _ = talk("""
start = time.ticks_us()
uart.write(bytes(16))
wrote = time.ticks_diff(time.ticks_us(), start)
early = uart.txdone()
uart.flush()
print(wrote < 16000, early, uart.txdone(), time.ticks_diff(time.ticks_us(), start) >= 16 * 1042)
start = time.ticks_us()
uart.write(bytes(10))
uart.write(bytes(10))
uart.flush()
print(time.ticks_diff(time.ticks_us(), start) >= 20 * 1042)
start = time.ticks_us()
uart.flush()
print(time.ticks_diff(time.ticks_us(), start) < 20000)
print("end")
""")
    assert expect("end") == ["True False True True", "True", "True"]


def test_what_arrives_while_the_driver_is_on_is_lost(talk, wire):
    expect, go = talk("""
drive = Pin(4, Pin.OUT, value=0)
next_step("listening")
drive.value(1)
next_step("driving")
drive.value(0)
print(uart.any())
next_step("listening again")
print(uart.read())
drive.value(1)
next_step("driving again")
print(uart.any())
drive.value(0)
print(uart.read())
print("end")
""")
    expect("listening")
    wire.send(b"before")
    go()
    expect("driving")
    wire.send(b"lost")
    go()
    assert expect("listening again") == ["6"]
    wire.send(b" and after")
    go()
    assert expect("driving again") == ["b'before and after'"]
    wire.send(b"lost")
    go()
    assert expect("end") == ["0", "None"]


@pytest.mark.parametrize("driver_pin", ["", "5"])
def test_another_pin_does_not_deafen(talk, wire, driver_pin):
    expect, go = talk(
        """
Pin(4, Pin.OUT, value=1)
next_step("on")
print(uart.read())
print("end")
""",
        TWC_DE_PIN=driver_pin,
    )
    expect("on")
    wire.send(b"heard")
    go()
    assert expect("end") == ["b'heard'"]


def test_stream_reader_wakes_for_bytes_and_is_idle_without(talk, wire):
    expect, go = talk("""
import asyncio
async def main():
    reader = asyncio.StreamReader(uart)
    beats = 0
    async def beat():
        nonlocal beats
        while True:
            await asyncio.sleep_ms(10)
            beats += 1
            if beats == 6:
                print("beating")
    asyncio.create_task(beat())
    print("reading")
    print(await reader.read(64))
    print(await reader.readexactly(3))
    print("end")
asyncio.run(main())
""")
    expect("reading")
    expect("beating")
    wire.send(b"one")
    wire.send(b"two")
    assert expect("end") == ["b'one'", "b'two'"]


def test_receive_buffer_overflows_like_the_chips(talk, wire):
    expect, go = talk("""
next_step("stalled")
print(uart.any(), uart.read() == bytes(range(256)), uart.any())
print("end")
""")
    expect("stalled")
    wire.send(bytes(range(256)) + bytes(44))
    go()
    assert expect("end") == ["256 True 0"]


def test_a_line_that_nobody_reads_does_not_stop_the_board(talk, wire):
    expect, _ = talk("""
for i in range(400):
    uart.write(bytes(256))
print("end")
""")
    expect("end")


def test_a_device_that_goes_and_comes_is_used_again(talk, wire, tmp_path):
    link = tmp_path / "tty"
    expect, go = talk(
        """
print(uart.read(), uart.write(b"unheard"))
next_step("absent")
def wait():
    for i in range(500):
        data = uart.read()
        if data:
            return data
        time.sleep_ms(10)
print(wait())
next_step("present")
print(uart.read(), uart.read())
next_step("gone")
print(wait())
print("end")
""",
        TWC_SERIAL=str(link),
    )
    told = expect("absent")
    assert "trying again" in told[0]
    assert told[1] == "None 7"
    wire.send(b"hello")
    link.symlink_to(wire.path)
    go()
    # Opening empties what waited, as with a real adapter.
    wire.wait_for_opening()
    wire.send(b"hello")
    assert "b'hello'" in expect("present")[-1]
    wire.close()
    go()
    assert "None None" in expect("gone")
    second = Wire()
    link.unlink()
    link.symlink_to(second.path)
    go()
    second.wait_for_opening()
    second.send(b"again")
    assert expect("end")[-1] == "b'again'"
    second.close()


@pytest.mark.parametrize("wrong", ["baudrate=115200", "timeout=100", "timeout_char=2"])
def test_what_it_does_not_model_it_refuses(run_micropython, wire, wrong):
    script = f"""
from machine import UART
try:
    UART(2, **dict(dict(baudrate=9600, tx=17, rx=16), {wrong}))
except ValueError as error:
    print("refused", error)
"""
    assert run_micropython(script, {"TWC_SERIAL": wire.path}).startswith("refused")

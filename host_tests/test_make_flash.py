"""`make flash`: what is looked at before anything is erased, and what esptool is told and says."""

import hashlib
import os
import pty
import subprocess
import sys

import pytest

from tools import flash, image

# Where things are in the file of an image, see tools/image.py.
TABLE, APP = 0x7000, 0xF000


def made(*, chip=0, version=b"MicroPython v1.23.0 on 2024", app_size=5000, partition=0x1F0000):
    """An image as MicroPython's are: loader, table of partitions, program; as a bytearray."""
    head = bytes([0xE9, 2, 2, 0x20]) + bytes(8) + chip.to_bytes(2, "little") + bytes(9) + b"\x01"
    program = bytearray(head)
    for size in (1000, app_size):
        program += bytes(4) + size.to_bytes(4, "little") + version.ljust(size, b"\xaa")
    program += bytes(15 - len(program) % 16) + b"\x5a"
    program += hashlib.sha256(program).digest()
    data = bytearray(b"\xff" * APP)
    data[: len(head)] = head
    data[TABLE : TABLE + 64] = (
        b"\xaa\x50\x01\x02" + (0x9000).to_bytes(4, "little") + (0x6000).to_bytes(4, "little")
    ).ljust(32, b"\0") + (
        b"\xaa\x50\x00\x00" + (0x10000).to_bytes(4, "little") + partition.to_bytes(4, "little")
    ).ljust(32, b"\0")
    return data + program


def problem(tmp_path, data):
    path = tmp_path / "image.bin"
    path.write_bytes(data)
    return image.problem(path)


def test_an_image_that_is_right(tmp_path):
    assert problem(tmp_path, made()) is None
    assert image.version(bytes(made())) == (1, 23, 0)


def test_images_that_are_not(tmp_path):
    damaged = made()
    damaged[APP + 2000] ^= 1
    for data, sentence in (
        (b"", "no ESP32 image"),
        (b"<!DOCTYPE html><html>", "a page of the web"),
        (b"UF2\n" + bytes(600), "UF2"),
        (b"\x7fELF" + bytes(600), "first byte is not E9"),
        (made(chip=9), "for an ESP32-S3"),
        (made(chip=0x77), "chip 0x77"),
        (made()[APP:], "only a part of an image"),
        (made()[: APP + 10], "ends before its program"),
        (made()[:-2000], "this image is cut"),
        (damaged, "damaged: its program has not the SHA-256"),
        (made(partition=4000), "larger than its own partition"),
        (made(version=b"another program"), "no MicroPython in it"),
        (made(version=b"MicroPython v1.19.1 on"), r"MicroPython 1.19.1: 1.23 or newer"),
    ):
        said = problem(tmp_path, data)
        assert said and sentence in said and "ESP32_GENERIC" in said, (sentence, said)
    assert "no such file" in image.problem(tmp_path / "none.bin")


def test_the_calls_of_esptool(tmp_path):
    erase, write = flash.commands("/dev/ttyUSB0", tmp_path / "a.bin")
    start = ["--chip", "esp32", "--port", "/dev/ttyUSB0", "--baud", "460800"]
    assert erase == [*start, "erase-flash"]
    assert write == [*start, "write-flash", "0x1000", str(tmp_path / "a.bin")]


def test_esptool_takes_these_calls(tmp_path):
    pytest.importorskip("esptool")
    file = tmp_path / "a.bin"
    file.write_bytes(made())
    for call in flash.commands("/dev/no-such-board", file):
        result = subprocess.run(
            [sys.executable, "-m", "esptool", *call], capture_output=True, text=True, timeout=120
        )
        said = result.stdout + result.stderr
        # It has understood the words, and looks for the port.
        assert result.returncode and "Could not open /dev/no-such-board" in said
        assert "there is no such device" in flash.explain(said, "/dev/no-such-board")


def test_what_esptool_says():
    outer, slave = pty.openpty()
    here = os.ttyname(slave)
    for said, sentence in (
        (
            "A fatal error occurred: This chip is ESP32-S3, not ESP32. Wrong chip argument?",
            "is an ESP32-S3",
        ),
        ("A fatal error occurred: Failed to connect to ESP32: No serial data received.", "BOOT"),
        ("A fatal error occurred: Failed to connect to ESP32: Wrong boot mode detected", "BOOT"),
        (
            "A fatal error occurred: Failed to connect to ESP32: Invalid head of packet",
            "no ESP32 on",
        ),
        ("A fatal error occurred: Packet content transfer stopped", "no whole program now"),
    ):
        assert sentence in flash.explain(said, here)
    os.close(outer)
    os.close(slave)
    assert "no such device" in flash.explain("A serial exception error occurred", here)


def test_image_and_port_are_looked_at_first(tmp_path, capsys):
    assert "no such file" in flash.check("/dev/null", tmp_path / "none.bin")
    file = tmp_path / "a.bin"
    file.write_bytes(made())
    assert "there is no such device" in flash.check("/dev/no-such-board", file)
    assert "is no serial port" in flash.check("/dev/null", file)


def test_output_is_passed_on_and_kept(capfdbinary):
    code, said = flash.run([sys.executable, "-c", "print('50 %', end='\\r'); exit(3)"])
    assert code == 3 and said == "50 %\r"
    assert b"50 %\r" in capfdbinary.readouterr().out

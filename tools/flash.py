"""Erase an ESP32 and write a MicroPython image: ``python -m tools.flash --port P --image F``."""

import argparse
import subprocess
import sys
from pathlib import Path

# Where the ESP32 starts; the newer chips of the family differ (esptool says so and stops).
OFFSET = "0x1000"
FIRST_BYTE = 0xE9  # of every ESP32 application and boot image


def main():
    parser = argparse.ArgumentParser(description="Erase an ESP32 and write a MicroPython image.")
    parser.add_argument("--port", required=True)
    parser.add_argument("--image", type=Path, required=True)
    options = parser.parse_args()
    problem = check(options.port, options.image)
    if problem:
        sys.exit(problem)
    for command in commands(options.port, options.image):
        print("esptool " + " ".join(command), flush=True)
        result = subprocess.run([sys.executable, "-m", "esptool", *command])
        if result.returncode:
            sys.exit(
                "esptool stopped. Is another program using the port? Some boards must be held in"
                " their loader: keep BOOT pressed while it connects."
            )
    print(f"Done. Now: make deploy PORT={options.port}")


def commands(port, image):
    """The calls of esptool (version 5), as lists of arguments."""
    start = ["--chip", "esp32", "--port", port]
    return [[*start, "erase-flash"], [*start, "write-flash", OFFSET, str(image)]]


def check(port, image):
    """A sentence when these can't work, before anything is erased; else None."""
    if not image.is_file():
        return (
            f"IMAGE={image}: there is no such file. Download ESP32_GENERIC from micropython.org."
        )
    with open(image, "rb") as file:
        if file.read(1) != bytes([FIRST_BYTE]):
            return f"IMAGE={image}: this is no ESP32 image (its first byte is not E9)."
    if "://" not in port and not Path(port).exists():
        return f"PORT={port}: there is no such device. Is the board plugged in?"
    return None


if __name__ == "__main__":
    main()

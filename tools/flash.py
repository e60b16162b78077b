"""Erase an ESP32 and write a MicroPython image: ``python -m tools.flash --port P --image F``."""

import argparse
import subprocess
import sys
from pathlib import Path

from tools import image, port

# What MicroPython's download page says: an image of 1.7 MB takes half a minute. esptool begins at
# 115200 and changes over.
BAUD = "460800"


def main():
    parser = argparse.ArgumentParser(description="Erase an ESP32 and write a MicroPython image.")
    parser.add_argument("--port", required=True)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--baud", default=BAUD)
    options = parser.parse_args()
    problem = check(options.port, options.image)
    if problem:
        sys.exit(problem)
    for command in commands(options.port, options.image, options.baud):
        print("esptool " + " ".join(command), flush=True)
        code, said = run([sys.executable, "-u", "-m", "esptool", *command])
        if code:
            sys.exit(explain(said, options.port))
    print(
        f"Done. Now: make deploy PORT={options.port}"
        " (what was on the board is gone; make restore brings a backup back after that)."
    )


def commands(port, image_path, baud=BAUD):
    """The calls of esptool (version 5), as lists of arguments."""
    start = ["--chip", "esp32", "--port", port, "--baud", baud]
    place = f"{image.OFFSET:#x}"
    return [[*start, "erase-flash"], [*start, "write-flash", place, str(image_path)]]


def check(where, image_path):
    """A sentence when these can't work, before anything is erased; else None."""
    if found := image.problem(image_path):
        return found
    try:
        port.check(where)
    except port.PortError as error:
        return str(error)
    return None


def run(command):
    """Run ``command`` with its output passed on as it comes; return (exit code, output)."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    heard = bytearray()
    with process.stdout as stream:
        # Progress is written over itself, without an end of line.
        while data := stream.read1(4096):
            heard += data
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    return process.wait(), heard.decode("utf-8", "replace")


def explain(said, where):
    """A sentence about why esptool stopped, from what it said (the words of esptool 5)."""
    for line in said.splitlines():
        if "This chip is " in line and ", not " in line:
            chip = line.split("This chip is ")[1].split(",")[0]
            return (
                f"The chip on this board is an {chip}: this firmware is made for the first ESP32"
                " (ESP32-WROOM, -WROVER, -MINI). Nothing was erased."
            )
    if "No serial data received" in said or "Wrong boot mode" in said:
        return (
            "The chip did not come into its loader: keep BOOT pressed, press reset (EN) shortly,"
            ' give the command, and release BOOT when it writes "Connecting".'
        )
    if "Failed to connect" in said or "Could not open" in said or "port is busy" in said:
        try:
            port.check(where)
        except port.PortError as error:
            return str(error)
        return (
            f"There is no ESP32 on {where}, or it is not in its loader: keep BOOT pressed while"
            " esptool connects."
        )
    try:
        port.check(where)
    except port.PortError as error:
        return f"{error} The board has no whole program now: make flash again."
    return (
        "esptool stopped, see above. The board may have no whole program now: make flash again;"
        " with another cable or port, or more slowly (BAUD=115200), if it stops at the same place."
    )


if __name__ == "__main__":
    main()

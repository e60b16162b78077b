"""The pure part of the simulator does the same on MicroPython, byte for byte."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """
from simulator.car import Car
from simulator.connector import Connector
from simulator.house import DayError, House
from simulator.referee import Referee
from simulator.wire import Decoder, Medium, encode, write_amps

referee = Referee(wires_amps=20, min_on_s=60, min_off_s=60)
connectors = [
    Connector("2433", car=Car(max_amps=16, vin="5YJ3E1EA7KF000316")),
    Connector("022C", protocol=1, car=Car("sleepy", sleep_s=20)),
]
medium = Medium(connectors, referee)
decoder = Decoder()
seconds = 0


def turn(orders):
    global seconds
    for second in range(30):
        at_us = seconds * 1000000
        for id, command, amps, zeros in orders:
            body = bytes.fromhex("FBE07777" + id) + bytes((command,)) + write_amps(amps)
            medium.send("master", encode(body + bytes(zeros)), at_us)
            at_us += 300000
            heard = medium.run(at_us)
            for body in decoder.feed(heard, at_us // 1000):
                print(seconds, body.hex())
        if second == 5:
            for function in ("FBEB", "FBEE", "FBED", "FBEC"):
                body = bytes.fromhex(function + "77772433" + "00" * 9)
                medium.send("master", encode(body), at_us)
                at_us += 90000
                for body in decoder.feed(medium.run(at_us), at_us // 1000):
                    print(seconds, body.hex())
        seconds += 1
        medium.run(seconds * 1000000 - 1)


turn([])
turn([("2433", 9, 0, 6), ("022C", 5, 0, 4)])
turn([("2433", 9, 12, 6), ("022C", 5, 6, 4)])
connectors[0].car.unplug()
turn([("2433", 0, 0, 6), ("022C", 5, 12.5, 4)])
turn([("022C", 5, 0, 4)])
for connector in connectors:
    print(connector.id, connector.state, connector.limit_amps, connector.relay_events)
    print("%.3f %.3f" % (connector.draw_amps, connector.kwh))
print("\\n".join(referee.report(seconds * 1000)))
print(referee.limits_sent("2433"), decoder.good, decoder.bad, medium.collisions)
for seed in range(3):
    print([House(seed, "cloudy").at(second) for second in range(0, 172800, 3333)])
try:
    House.from_csv("nowhere.csv")
except DayError as error:
    print(str(error)[:26])
"""


@pytest.fixture
def micropython():
    """The unix port: $MICROPYTHON, or the one on the path, or the one in the checkout."""
    found = (
        os.environ.get("MICROPYTHON")
        or shutil.which("micropython")
        or shutil.which("micropython", path=str(ROOT / ".venv" / "bin"))
    )
    if not found:
        pytest.skip("no MicroPython: set MICROPYTHON=path, or let make set up .venv")
    return found


def output(command, variable):
    environment = dict(os.environ, **{variable: f"{ROOT}:.frozen"})
    done = subprocess.run(
        [*command, "-c", SCRIPT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.splitlines()


def test_the_same_story_on_both_interpreters(micropython):
    here = output([sys.executable], "PYTHONPATH")
    there = output([micropython, "-X", "heapsize=8M"], "MICROPYPATH")
    assert there == here
    # And it is a story: both charge, and the claims of both are above 20 A at one moment.
    assert any("fde02433777701" in line for line in here)
    assert any("fde0022c777701" in line for line in here)
    assert any("makes 24.5 A on wires for 20 A" in line for line in here)
    assert here[-1] == "nowhere.csv: cannot be read"[:26]

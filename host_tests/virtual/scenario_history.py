"""What happened: the chart's numbers, what came in, and a line for each session that has ended,
once, whenever the power fails, and none if the flash is full; the file stays small.
"""

import builtins
import os

from common.household import Household, unit

from simulator.car import Car
from simulator.referee import Referee
from simulator.virtual.time_server import TimeServer

SESSIONS = "sessions.csv"
HEADER = "ended,connector,name,vin,minutes,kwh,solar_percent\n"
VIN = "5YJ3E1EA0KF000001"
CONFIG = {
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "clock": {"ntp": "10.0.0.3", "zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
    "units": {"2433": {"name": '=1+1, "left"'}},
    "sources": [
        {"kind": "generation", "topic": "sun", "unit": "kW"},
        {"kind": "price", "topic": "market", "path": "now.price"},
    ],
}
try:
    os.remove(SESSIONS)
except OSError:
    pass
box = unit(car=Car(phases=3, vin=VIN), volts=(240, 240, 240))
house = Household([box], config=CONFIG, referee=Referee(32, min_on_s=60, min_off_s=60))
world, car = house.world, box.car
TimeServer(world.net, 1748779200)  # 2025-06-01, 12:00 UTC
house.start()


def inputs():
    answer = world.fetch("/api/inputs")
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    return {one["topic"]: one for one in answer.json()["inputs"]}


def sessions():
    """The lines of the file, as the page gives it."""
    answer = world.fetch("/api/sessions")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/csv")
    text = answer.body.decode()
    assert text.startswith(HEADER) and text.count(HEADER) == 1, text
    return text[len(HEADER) :].split("\n")[:-1]


def charge(minutes):
    """The car charges for so long, with a kW or two."""
    car.plug()
    world.wait_for(lambda: box.draw_amps > 5, 300, "it to charge", 1)
    world.run_for(60 * minutes)


def flash(on_write):
    """From now on this is called before anything is written to SESSIONS; None: no more."""
    plain = builtins.open

    def watched(name, mode="r"):
        if name.startswith(SESSIONS) and "r" not in mode:
            on_write()
        return plain(name, mode)

    if on_write:
        builtins.open = watched
    return plain


# What came in, before any of it is a surplus.
world.run(20)
house.broker.publish("sun", "3 kW")
house.broker.publish("market", '{"now": {"price": 0.2411}, "next": {"price": 0.3}}')
house.broker.publish("twc/garage/grid/set", "-1.846")
house.broker.publish("twc/garage/surplus/set", "unusable", retain=True)
world.run_for(2)
told = inputs()
assert set(told) == {"sun", "market", "twc/garage/grid/set", "twc/garage/surplus/set"}, told
one = told["sun"]
assert (one["text"], one["read"], one["watts"]) == ("3 kW", "nothing that counts", None), one
assert one["problem"] == 'the last text was not a number: "3 kW"', one
one = told["market"]
assert one["text"].startswith('{"now": {"price": 0.2411}') and one["problem"] is None, one
assert (one["read"], one["use"]) == ("0.2411 for a kWh", "price of a kWh"), one
assert told["twc/garage/grid/set"]["read"] == "1.85 W export: very little. Is it sent in kW?"
assert told["twc/garage/grid/set"]["age_s"] in (1, 2, 3)
assert told["twc/garage/surplus/set"]["problem"] == 'the last text was not a number: "unusable"'
house.broker.publish("twc/garage/surplus/set", "", retain=True)
assert sessions() == []
world.run(190)

# A session: its line, with what the meter of the simulated unit says.
house.publish(5000)
charge(13)
world.run(1090)
told = world.fetch("/api/history").json()
assert told["step_s"] == 180 and told["now_s"] in (900, 1080), told
# The grid's -1.846 W counted for two minutes of the first three.
assert told["surplus"][0] == 0 and told["surplus"][-2:] == [5000, 5000], told
assert told["offer"][0] == told["draw"][0] == 0, told
assert told["offer"][-1] == 5040, told  # 7 A of three phases
assert 4800 <= told["draw"][-1] <= 5040, told
assert len(told["surplus"]) == len(told["offer"]) == len(told["draw"]) == told["now_s"] // 180
kwh, began_s = car.kwh, box.relay_events[-1][0] / 1000
car.unplug()
minutes = (world.now_s - began_s) / 60
world.wait_for(lambda: sessions(), 60, "the line", 1)
(line,) = sessions()
cells = line.split(",")
assert cells[0].startswith("2025-06-01T12:18:") and cells[0].endswith("Z"), line
assert ",".join(cells[1:5]) == '2433,"\'=1+1, ""left""",' + VIN, line
assert abs(float(cells[5]) - minutes) < 1 and abs(float(cells[6]) - kwh) < 0.05, (line, kwh)
assert 95 <= int(cells[7]) <= 100, line

# The power fails after what was remembered, and before the line: it is noted at the start, when
# nobody knows the time and the VIN any more, and not again at the next ones.
world.run_for(90)
charge(5)
kwh = car.kwh - kwh
plain = flash(world.power_cut)
car.unplug()
resets = len(world.resets)
world.wait_for(lambda: len(world.resets) > resets, 60, "the power cut", 1)
builtins.open = plain
world.run_for(20)
for _ in range(2):
    lines = sessions()
    assert len(lines) == 2 and lines[0] == line, lines
    cells = lines[1].split(",")
    assert cells[0] == "" and cells[4] == "" and abs(float(cells[6]) - kwh) < 0.05, (lines, kwh)
    world.power_cut()
    world.run_for(30)

# A full flash is told, and nothing else happens.
charge(3)


def full():
    raise OSError(28)


plain = flash(full)
car.unplug()
world.wait_for(lambda: house.noted("sessions.csv can not be written"), 60, "the words", 1)
builtins.open = plain
world.run_for(90)
assert sessions() == lines

# A session that ends while the board is off is noted, too; and the file stays small.
with open(SESSIONS, "w") as file:
    file.write(HEADER + "".join([f"{n:05d},2433,{'x' * 60},,1,1.00,100\n" for n in range(95)]))
charge(3)
house.referee.person(world.now_s * 1000)
house.broker.publish("twc/garage/2433/priority/set", "6")  # what is remembered is written anew
world.run_for(3)
world._restart_us = 60_000_000
house.referee.max_gap_s = 100
world.power_cut()
car.unplug()
world.run_for(100)
lines = sessions()
assert os.stat(SESSIONS)[6] < 4200, os.stat(SESSIONS)
assert lines[-2].startswith("00094,") and lines[-1].startswith(",2433,\"'=1+1"), lines
assert 40 < len(lines) < 60, len(lines)
house.finish()

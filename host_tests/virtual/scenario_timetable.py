"""The timetable: nobody knows the time at first; then windows across midnight and in the night in
which clocks go forward, with targets late, spread and early, and power cuts in the middle of them.

The relays' times are two minutes here, so that it takes no whole night.
"""

from common.household import Household, unit

from simulator.car import Car
from simulator.referee import Referee
from simulator.virtual.time_server import TimeServer

CONFIG = {
    "supply": {"phases": 3},
    "relay": {"min_on_s": 120, "min_off_s": 120},
    "clock": {"ntp": "10.0.0.3", "zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
    "timetable": [
        {"days": "sa", "from": "23:50", "to": "00:03", "amps": 10},
        {
            "days": "su",
            "from": "01:30",
            "to": "03:30",
            "mode": "fast",
            "energy_kwh": 3.6,
            "when": "late",
        },
        {
            "days": "su",
            "from": "04:00",
            "to": "04:12",
            "mode": "fast",
            "energy_kwh": 1.9,
            "when": "spread",
        },
        {"days": "su", "from": "06:00", "to": "07:00", "amps": 16, "energy_kwh": 0.5},
        # The day on which a window begins counts: on this Sunday it never does.
        {"days": "mo-sa", "from": "00:03", "to": "23:50", "mode": "fast"},
    ],
}

box = unit(car=Car(phases=3), volts=(240, 240, 240))
house = Household([box], config=CONFIG, referee=Referee(32, min_on_s=120, min_off_s=120))
world, car = house.world, box.car

# Sunday, 2025-03-30, 00:00 in Paris. At two the clocks go forward.
MIDNIGHT = 1743289200
server = TimeServer(world.net, MIDNIGHT - 240)
server.silent = True
house.start()


def utc_s(clock):
    """The Unix time of a clock on the wall of that Sunday, "03:18" or "03:18:30"."""
    hours, minutes, seconds = (clock + ":00").split(":")[:3]
    summer_s = 3600 if int(hours) > 2 else 0
    return MIDNIGHT + int(hours) * 3600 + int(minutes) * 60 + int(seconds) - summer_s


def run_to(clock, more_s=0):
    """Lets the world go on until so much after this local time."""
    seconds = utc_s(clock) + more_s - server.utc_s()
    assert seconds > 0, (clock, seconds)
    world.run_for(seconds)


def dark_until(clock):
    """Cuts the power until this local time; returns when the firmware is back."""
    dark_s = utc_s(clock) - server.utc_s()
    world._restart_us = round(dark_s * 1e6)
    house.referee.max_gap_s += dark_s
    world.power_cut()
    world.run_for(dark_s + 0.5)
    house.referee.max_gap_s -= dark_s


def reason():
    """The sentence; page, topics and bus agree."""
    return house.agree()["reason"]


def wish():
    """What the timetable wants, by the list of wishes; None: nothing."""
    for one in world.status()["wishes"]:
        if one["owner"] == "timetable":
            assert one["priority"] == 20 and one["unit"] is None, one
            return one
    return None


# 23:56: the window of Saturday is on, but no clock tells it. It is not guessed at, and said.
world.run_for(12)
status = house.agree()
assert status["reason"] == "Waiting: no surplus reading yet.", status["reason"]
unknown = "Timetable: the clock is not set, so it is not followed."
assert unknown in status["warnings"], status["warnings"]
assert unknown in house.topic("warning"), house.topic("warning")
assert wish() is None and house.offer() == 0

# The server answers: so it does, at 10 A, and across midnight.
server.silent = False
house.wait_offer(10, 60)
assert house.noted("Clock: set by 10.0.0.3")
run_to("00:00", 5)
status = house.agree()
assert status["reason"] == "Charging at 10 A: timetable: 10 A until 00:03.", status["reason"]
assert not any(["clock" in warning for warning in status["warnings"]]), status["warnings"]
wanted = wish()
assert (wanted["mode"], wanted["limit"]) == ("manual", 10), wanted
assert wanted["reason"] == "timetable: 10 A until 00:03", wanted
assert 165 <= wanted["left_s"] <= 175, wanted
assert 9.7 < box.draw_amps <= 10
# A moment without power after midnight: it is still the window of Saturday.
dark_until("00:00:30")
run_to("00:01", 20)
assert reason() == "Charging at 10 A: timetable: 10 A until 00:03.", reason()
# It ends to the second, and Sunday has no window then.
run_to("00:02", 58)
assert house.offer() == 10
run_to("00:03", 3)
assert house.offer() == 0, house.offer()
world.run_for(8)
assert reason() == "Waiting: no surplus reading yet.", reason()
assert wish() is None
assert box.relay_closes == 1

# 3.6 kWh by 03:30, as late as possible: 9.4 min at 23 kW, and with a tenth to spare more than 10,
# so in steps of five minutes from 03:15 on.
dark_until("03:13")
run_to("03:13", 15)
late = "timetable: 3.6 kWh by 03:30, "
wanted = wish()
assert wanted["mode"] == "solar", wanted
assert wanted["reason"] == late + "0 kWh done, Solar, then at full power from 03:15", wanted
assert 1000 <= wanted["left_s"] <= 1006, wanted
assert reason() == f"Waiting: no surplus reading yet; {wanted['reason']}.", reason()
run_to("03:15", -2)
assert house.offer() == 0
car.kwh = 0
run_to("03:15", 30)
begin = f"Charging at 32 A, the most allowed: {late}"
end = " kWh done, at full power until it is reached."
told = reason()
assert told in (f"{begin}0{end}", f"{begin}0.1{end}"), told
assert house.offer() == 32 and box.relay_closes == 2

# In the middle of it the power fails for a moment. What it has got outlives that, in steps of
# 1 kWh.
run_to("03:20", 10)
assert 1.7 < car.kwh < 2, car.kwh
cut_kwh = car.kwh
dark_until("03:20:11")
run_to("03:20", 40)
told = reason()
assert told in [f"{begin}{done}{end}" for done in ("1", "1.1", "1.2")], told
assert box.relay_closes == 2  # the connector did not see so short a cut
house.wait_offer(0, 450)
assert 3.6 + cut_kwh - 1 <= car.kwh < 3.7 + cut_kwh - 1, (car.kwh, cut_kwh)
assert server.utc_s() < utc_s("03:30")
world.run_for(8)
status = house.agree()
assert status["reason"] == f"Off: {late[:-2]} is reached, off until then.", status["reason"]
assert status["state"] == "off" and wish()["mode"] == "off"

# 1.9 kWh in 12 min, evenly: 9.5 kW, so 14 A. A power cut of two minutes makes it 27 A or so.
dark_until("03:57:50")
run_to("04:00", -2)
assert house.offer() == 0 and wish() is None
car.kwh = 0
run_to("04:00", 20)
spread = "timetable: 1.9 kWh by 04:12, 0 kWh done, at 14 A until then"
assert reason() == f"Charging at 14 A: {spread}.", reason()
assert wish()["limit"] == 14 and house.offer() == 14
run_to("04:02")
assert house.offers_since(world.now_s - 90) in ([], [14.0])
before_kwh = car.kwh
dark_until("04:04")
run_to("04:04", 20)
told = reason()
assert told.startswith("Waiting: timetable: 1.9 kWh by 04:12, 0 kWh done, at "), told
assert told.endswith(" A until then, starts in 100 s (minimum off time)."), told
run_to("04:06", 30)
told = reason()
assert told.startswith("Charging at 27 A: ") or told.startswith("Charging at 28 A: "), told
assert " A until then." in told and box.relay_closes == 4, (told, box.relay_closes)
run_to("04:12", 3)
assert house.offer() == 0
world.run_for(12)
# What was taken since the window began, but for what the cut made it forget, 1 kWh at most.
assert 1.9 <= car.kwh < 1.9 + before_kwh + 0.2, (car.kwh, before_kwh)

# Early, at 16 A: 0.5 kWh in three minutes, then nothing until the end of the window.
dark_until("05:57:50")
run_to("06:00", -2)
assert house.offer() == 0 and box.relay_closes == 4
car.kwh = 0
run_to("06:00", 20)
early = "timetable: 0.5 kWh by 07:00"
told = reason()
assert told == f"Charging at 16 A: {early}, 0 kWh done, at 16 A until it is reached.", told
house.wait_offer(0, 200)
assert 0.5 <= car.kwh < 0.56, car.kwh
world.run_for(30)
assert reason() == f"Off: {early} is reached, off until then.", reason()
assert house.offer() == 0 and box.relay_closes == 5
house.finish()

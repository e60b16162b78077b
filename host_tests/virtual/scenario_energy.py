"""Energy of session and life follows the unit's meter, outlives a restart, and is written to
flash a known number of times; which part of a session the sun gave."""

from common.household import Household, unit

from simulator.car import Car
from simulator.referee import Referee

config = {"relay": {"min_on_s": 300, "min_off_s": 300}}
box = unit("2433", kwh=842.0, car=Car(phases=3), volts=(230, 231, 229))
referee = Referee(wires_amps=32, min_on_s=300, min_off_s=300)
house = Household([box], config=config, referee=referee).start()
world = house.world
saves = []


def count_saves():
    plain = house.app.decisions.saved

    def saved(current):
        saves.append(world.now_s)
        plain(current)

    house.app.decisions.saved = saved


def connector():
    return world.status()["connectors"][0]


def solar_percent():
    return house.app.decisions.units[0].energy.solar_percent()


world.run(5)
count_saves()
house.publish(7200)
house.wait_offer(10, 300)
world.run_for(30)
# Three phases of 240 V by the meter: ten amperes of 7200 W, though one phase is configured.
told = connector()
assert told["phases"] == 3 and told["volts"] == [230, 231, 229], told
assert abs(told["power_watts"] - box.draw_amps * 690) < 40, (told["power_watts"], box.draw_amps)
assert told["phase_amps"][2] > 9

world.run_for(2000)
told = connector()
session = box.kwh - 842.0
assert session > 3
assert abs(told["session_kwh"] - session) < 0.05 * session, (told["session_kwh"], session)
# The counter says whole kWh.
assert abs(told["total_kwh"] - box.kwh) < 1.1, (told["total_kwh"], box.kwh)
assert float(house.topic("2433/session")) == told["session_kwh"]
charging_saves = len(saves)
assert charging_saves <= 5, saves
# All of it is the sun's, but for what was drawn before the meter told of three phases.
assert solar_percent() >= 99, solar_percent()

# A power cut costs at most half an hour of it, and the session goes on.
world.power_cut()
world.run_for(60)
count_saves()
after = connector()
assert told["session_kwh"] - after["session_kwh"] < 3.5, (
    told["session_kwh"],
    after["session_kwh"],
)
assert after["session_kwh"] > 0.5 * told["session_kwh"]
assert abs(after["total_kwh"] - box.kwh) < 1.5
assert solar_percent() >= 97, solar_percent()  # the first minute without a reading is the grid's

# Another car: a new session, the same life.
box.car.unplug()
world.run_for(120)
box.car.plug()
house.wait_offer(10, 1500)
world.run_for(600)
third = connector()
assert third["session_kwh"] < 2 and third["total_kwh"] >= after["total_kwh"], third
assert solar_percent() >= 97, solar_percent()

# Fast takes what the wires give, 22 kW, of which the sun gives a third; and lost readings are
# none at all: the share falls to what was drawn with each of them.
house.broker.publish("twc/garage/mode/set", "fast")
house.wait_offer(32, 120)
world.run_for(30)
energy = house.app.decisions.units[0].energy
for watts, share in ((7200, 7200 / (box.draw_amps * 690)), (None, 0), (-500, 0), (30000, 1)):
    house.publish(watts)
    world.run_for(6 if watts else 125)  # until it has come, or is lost
    before_wh, before_solar_wh = energy.session_wh, energy.session_solar_wh
    world.run_for(120)
    solar = (energy.session_solar_wh - before_solar_wh) / (energy.session_wh - before_wh)
    assert abs(solar - share) < 0.02, (watts, solar, share)
house.broker.publish("twc/garage/mode/set", "solar")
house.publish(7200)
house.wait_offer(10, 120)

# The sun coming and going every few minutes.
saves.clear()
start_s = world.now_s
while world.now_s < start_s + 1300:
    house.publish(0)
    world.run_for(330)
    house.publish(7200)
    world.run_for(330)
# Start, stop, the end of the minimum off time, the energy: memory.py says how much that is.
assert len(saves) <= 8, saves
print(f"{len(saves)} flash writes in half an hour with {box.relay_closes} charges")
house.finish()

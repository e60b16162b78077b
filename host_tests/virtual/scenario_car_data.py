"""Two cars that TeslaMate tells of, found by their VINs: the limit of the state of charge stops
the right one, the car's own limit ends the asking; then wall connectors that tell nothing: a car
that is told to be unplugged ends Fast and a boost, and an old message starts nothing.

The relays' times are a minute here.
"""

from common.household import SURPLUS, Household, unit

from simulator.car import Car
from simulator.referee import Referee

BLUE, RED = "5YJ3E1EA0KF000001", "5YJYGDEE1MF000002"
TOPIC = {"soc": "battery_level", "limit": "charge_limit_soc", "plugged": "plugged_in"}
TOPIC["home"] = "geofence"


def sources(*whose):
    """The sources of cars 1, 2, …, each with its "vin" or "unit_id"."""
    found = []
    for number in range(len(whose)):
        car = f"teslamate/cars/{number + 1}/"
        for kind in TOPIC:
            more = {"on_change": True, "alive": car + "healthy", "alive_payload": "true"}
            more.update(whose[number])
            more.update({"kind": "car_" + kind, "topic": car + TOPIC[kind]})
            found.append(more)
    return found


config = {
    "wires": {"max_amps": 32},
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "units": {"1111": {"soc_limit": 80}, "2222": {"soc_limit": 80}},
    "vins": {"unknown": "deny"},  # so nothing is offered where no car is
    "sources": sources({"vin": BLUE}, {"vin": RED}),
}
left, right = unit("1111", car=Car(vin=BLUE)), unit("2222", car=Car(vin=RED))
house = Household([left, right], config=config, referee=Referee(32, min_on_s=60, min_off_s=60))
world = house.world


def car(number, **values):
    """TeslaMate tells what has changed, retained."""
    for kind in values:
        house.broker.publish(f"teslamate/cars/{number}/{TOPIC[kind]}", values[kind], retain=True)


def alive():
    for number in (1, 2):
        house.broker.publish(f"teslamate/cars/{number}/healthy", "true")


def say(name, text):
    house.broker.publish(f"twc/garage/{name}/set", text)


def told(slave_id, reason, settle_s=3, **wanted):
    """Asserts sentence and values of a connector; page, topics and bus agree."""
    for connector in house.agree(settle_s)["connectors"]:
        if connector["id"] == slave_id:
            assert connector["reason"] == reason, connector["reason"]
            for key in wanted:
                assert connector[key] == wanted[key], (key, connector[key])


def plug(box, vin):
    box.car.unplug()
    world.run_for(30)
    box.car.vin = vin
    box.car.plug()


# What was told before the bridge began is known as soon as it is known who is where.
car(1, soc=60, limit=90, plugged="true", home="home")
car(2, soc=79, limit=90, plugged="true", home="home")
world.every(30, alive)
house.start()
world.run(2)
say("mode", "fast")
world.wait_for(lambda: left.draw_amps > 15 and right.draw_amps > 15, 90, "both to charge")
world.run_for(30)
known = {unit.id: (unit.vin, unit.soc) for unit in house.app.decisions.units}
assert known == {"1111": (BLUE, 60), "2222": (RED, 79)}, known

# One has enough: that one stops, wherever it stands.
car(2, soc=80)
house.wait_offer(0, 120, "2222")
told("2222", "Off: charge limit: 80 % of 80 %.", 10)
told("1111", "Charging at 32 A, the most allowed: mode Fast.", 20)
car(1, plugged="false")
car(2, plugged="false")
left.car.unplug()
plug(right, BLUE)
plug(left, RED)
car(1, plugged="true")
car(2, plugged="true")
assert house.noted("Mode Fast ended, Solar.")
say("mode", "fast")
house.wait_offer(32, 180, "2222")
told("1111", "Off: charge limit: 80 % of 80 %.", 10, vin=RED)
told("2222", "Charging at 32 A, the most allowed: mode Fast.", 10, vin=BLUE)

# By the sun, to its own limit: from then on it is not offered power by the sun.
house.publish(4000, SURPLUS)
say("mode", "solar")
house.wait_offer(16, 180, "2222")
right.car.fill_kwh = right.car.kwh
car(1, limit=70, soc=70)
house.wait_offer(0, 180, "2222")
since_s = world.now_s + 1
why = "the car's own limit of 70 % is reached: 70 %"
told("2222", f"Not wanted: {why}.", 5)
world.run_for(60)
assert house.offers_since(since_s, "2222") == [0], house.offers_since(since_s, "2222")
told("2222", f"Not wanted: {why}.")
# Offered outright, it says why it does not draw.
say("mode", "fast")
house.wait_offer(32, 60, "2222")
told("2222", f"Offering 6 A: mode Fast; {why}.", 90)
say("mode", "solar")
house.wait_offer(0, 120, "2222")
# Its limit is raised.
right.car.drive()
car(1, limit=75)
house.wait_offer(16, 300, "2222")

# Another life: wall connectors that tell nothing, and Fast, chosen while nobody was there.
right.car.unplug()
left.car.unplug()
car(1, plugged="false")
car(2, plugged="false", soc=50)
world.run_for(90)
say("mode", "fast")
world.run_for(30)
left.answers_questions = right.answers_questions = False
config["units"] = config["vins"] = {}
config["sources"] = sources({"unit_id": "1111"}, {"unit_id": "2222"})
world.write_config(config)
world.power_cut()
left.car.plug()
right.car.plug()
since_s = world.now_s
world.run_for(90)
held = (
    "Off: mode Fast, but no car is started by it after a restart: choose it again, or plug the "
    "car in anew."
)
told("1111", held, connected=None)
# An old "unplugged" and a late "plugged in" are not a car that comes.
car(1, plugged="true")
car(2, plugged="true")
world.run_for(90)
told("1111", held, connected=True)
told("2222", held, connected=True)
for box in (left, right):
    assert house.offers_since(since_s, box.id) in ([], [0]), house.offers_since(since_s, box.id)
# One that was seen to leave is.
car(1, plugged="false")
world.run_for(10)
told("1111", held, connected=False)
car(1, plugged="true")
house.wait_offer(32, 60, "1111")
told("2222", held)

# A boost until all are unplugged ends when both are said to be, and Fast with it.
say("boost", '{"until": "unplugged"}')
house.wait_offer(16, 60, "2222")
world.run_for(60)
for number, box in ((1, left), (2, right)):
    assert house.topic("boost") != "off", number
    box.car.unplug()
    world.run_for(20)
    car(number, plugged="false")
    world.run_for(20)
assert house.topic("boost") == "off" and house.noted("Boost ended.")
assert len([note for note in house.notes if note[2] == "Mode Fast ended, Solar."]) == 2
told("1111", "Waiting: no car is plugged in.", connected=False)
house.finish()

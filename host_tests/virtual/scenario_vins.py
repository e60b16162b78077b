"""Which car may charge, and how much: an allow list and a deny list, a car without a VIN as a case
of its own, limits of energy and of the state of charge, and what a person changes of them.

The relays' times are a minute here.
"""

from common.household import Household, unit

from simulator.car import Car
from simulator.referee import Referee

OWN, GUEST, THIEF = "5YJ3E1EA0KF000001", "5YJ3E1EA0KF000002", "5YJ3E1EA0KF000003"
SOC = "car/soc"
config = {
    "wires": {"max_amps": 32},
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "vins": {"allow": [OWN], "deny": [THIEF], "unknown": "deny"},
}
left, right = unit("1111", car=Car(vin=OWN)), unit("2222", car=Car())
house = Household([left, right], config=config, referee=Referee(32, min_on_s=60, min_off_s=60))
world = house.world
house.start()


def told(slave_id, reason=None, settle_s=3, **wanted):
    """Asserts sentence and values of a connector; page, topics and bus agree."""
    status = house.agree(settle_s)
    for connector in status["connectors"]:
        if connector["id"] == slave_id:
            break
    assert connector["id"] == slave_id
    assert reason is None or connector["reason"] == reason, connector["reason"]
    for key in wanted:
        assert connector[key] == wanted[key], (key, connector[key], connector["reason"])
    return status


def wishes(status, owner):
    """(priority, unit, mode, sentence) of an owner's wishes."""
    keys = ("priority", "unit", "mode", "reason")
    return [tuple([w[key] for key in keys]) for w in status["wishes"] if w["owner"] == owner]


def change_car(box, vin):
    """Another car comes to this place; waits until the plug and the VIN have been asked for."""
    box.car.unplug()
    world.run_for(30)
    told(box.id, connected=False)
    box.car.vin = vin
    box.car.plug()
    world.run_for(40)


def say(name, text):
    house.broker.publish(f"twc/garage/{name}/set", text)


# As long as nobody has told who they are, both are unknown.
world.run(2)
say("mode", "fast")
status = told("1111", "Off: car not known (no VIN).", 1, vin=None)
unknown = (
    (60, "1111", "off", "car not known (no VIN)"),
    (60, "2222", "off", "car not known (no VIN)"),
)
assert sorted(wishes(status, "car")) == list(unknown), status["wishes"]
house.wait_offer(32, 60, "1111")
world.run_for(20)
told("1111", "Charging at 32 A, the most allowed: mode Fast.", vin=OWN)
status = told("2222", "Off: car not known (no VIN).", vin="", starts=0)
assert wishes(status, "car") == [unknown[1]], status["wishes"]

# Its place is offered nothing to while it is empty: whoever comes has to tell who he is first.
right.car.unplug()
world.run_for(20)
told("2222", "Off: no car is plugged in.", connected=False)

# Another one, on no list; then one that is denied; then the one that may.
change_car(right, GUEST)
why = f"car not allowed: VIN {GUEST} is not on the list"
status = told("2222", f"Off: {why}.", vin=GUEST, starts=0)
assert wishes(status, "car") == [(60, "2222", "off", why)], status["wishes"]
change_car(right, THIEF)
told("2222", f"Off: car not allowed: VIN {THIEF} is denied.", vin=THIEF, starts=0)
assert house.offers_since(0, "2222") == [0], house.offers_since(0, "2222")
change_car(right, OWN)
house.wait_offer(16, 60, "2222")
world.run_for(20)
status = told("2222", "Charging at 16 A: mode Fast.", vin=OWN, starts=1)
assert wishes(status, "car") == [], status["wishes"]

# Another life: whoever is not denied may, unknown or not, and no more than 1 kWh or 80 %.
config["vins"] = {"deny": [THIEF]}
config["units"] = {"1111": {"energy_limit_kwh": 1}, "2222": {"soc_limit": 80}}
config["sources"] = [{"kind": "car_soc", "topic": SOC, "unit_id": "2222"}]
world.write_config(config)
right.car.unplug()
world.run_for(20)
world.power_cut()
world.run_for(60)
right.car.vin = THIEF
right.car.plug()
# It draws until it has told who it is, and then for as long as its relay has to stay on.
world.wait_for(lambda: right.draw_amps > 5, 60, "it to charge")
on_s = right.relay_events[-1][0] / 1000
world.wait_for(lambda: house.offer("2222") == 6, 40, "the minimum")
world.run(on_s + 26)
why = f"car not allowed: VIN {THIEF} is denied"
status = told("2222", f"At the minimum of 6 A: {why}; stops in 35 s (minimum on time).", vin=THIEF)
assert wishes(status, "car") == [(60, "2222", "off", why)], status["wishes"]
world.run(on_s + 70)
assert not right.relay_closed
told("2222", f"Off: {why}.")

# One without a VIN may; nobody knows how full it is yet.
change_car(right, "")
world.wait_for(lambda: right.draw_amps > 15, 60, "it to charge")
status = told("2222", "Charging at 16 A: mode Fast.", 10, vin="")
why = "charge limit: 80 %, but no state of charge is known"
assert wishes(status, "charge limit") == [(50, "2222", None, why)], status["wishes"]

# The other one has all of its kWh: some of them are from the life before.
house.wait_offer(0, 120, "1111")
told("1111", "Off: energy limit: 1.0 of 1.0 kWh.", 10, session_kwh=1.0)
assert abs(left.car.kwh - 1) < 0.1, left.car.kwh

# How full the first one is gets known. At its limit it is off; a little less is nothing that it
# is charged for, and 4 % less is.
house.publish(79, SOC)
status = told("2222", "Charging at 32 A, the most allowed: mode Fast.", 20)
why = "charge limit: 79 % of 80 %"
assert wishes(status, "charge limit") == [(50, "2222", None, why)], status["wishes"]
house.publish(80.5, SOC)
house.wait_offer(0, 90, "2222")
told("2222", "Off: charge limit: 80.5 % of 80 %.", 10)
house.publish(78, SOC)
world.run_for(90)
told("2222", "Off: charge limit: 78 % of 80 %.")
house.publish(76, SOC)
house.wait_offer(32, 30, "2222")
# For this session a person wants more.
house.publish(82, SOC)
house.wait_offer(0, 90, "2222")
say("charge_limit", '{"unit": "2222", "soc": 90}')
house.wait_offer(32, 90, "2222")
status = told("2222", "Charging at 32 A, the most allowed: mode Fast.", 20)
assert wishes(status, "charge limit") == [(50, "2222", None, "charge limit: 82 % of 90 %")]
house.publish(90, SOC)
house.wait_offer(0, 90, "2222")
told("2222", "Off: charge limit: 90 % of 90 %.", 10)

# The other one, asked for more, gets the same once more; and so does the next car.
say("ask", "1111")
house.wait_offer(32, 90, "1111")
world.wait_for(lambda: house.offer("1111") == 0, 700, "the end of its energy", 1)
told("1111", "Off: energy limit: 1.0 of 1.0 kWh.", 10)
assert abs(left.car.kwh - 2) < 0.15, left.car.kwh
change_car(left, GUEST)
world.wait_for(lambda: left.draw_amps > 31, 90, "it to charge")
told("1111", "Charging at 32 A, the most allowed: mode Fast.", vin=GUEST)
house.finish()

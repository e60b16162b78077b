"""Who wants: nothing on the bus tells a full car from one that wants, so each is offered the
minimum in turn, for 15 minutes. Then it is told, left in peace, and asked again when somebody
says so, when its plug changes, or after an hour; the other car has the power meanwhile.

The relays' times are two minutes here, so that they are told apart from these.
"""

from common.household import Household, unit

from simulator.car import Car
from simulator.referee import Referee

right = unit("2222", car=Car("full"))
right.unanswered = (0xFBB4,)  # it tells nothing about its plug
left = unit("1111")
house = Household(
    [right, left],
    config={"relay": {"min_on_s": 120, "min_off_s": 120}, "surplus": {"start_hold_s": 20}},
    referee=Referee(32, min_on_s=120, min_off_s=120),
)
world, car = house.world, left.car
house.start()


def told(slave_id, reason=None, **wanted):
    """Asserts sentence and values of a connector; page, topics and bus agree."""
    status = house.agree()
    for connector in status["connectors"]:
        if connector["id"] == slave_id:
            break
    assert connector["id"] == slave_id
    if reason is not None:
        assert connector["reason"] == reason, connector["reason"]
    for key in wanted:
        assert connector[key] == wanted[key], (key, connector[key], connector["reason"])
    return status


def ask(slave_id):
    house.broker.publish("twc/garage/ask/set", slave_id)


# Power for one. The first in turn has a full car: for 15 minutes that is not known.
house.publish(2000, every_s=10)
house.wait_offer(8, 200, "2222")
asked_s = world.now_s
world.run_for(20)
told("2222", "Offering 8 A: 2 000 W of surplus; no car draws yet.", wants=None, connected=None)
told("1111", "Waiting: 560 W of 1 440 W surplus.", wants=None, connected=True)
world.run(asked_s + 75)
# It does not follow the sun any more.
told("2222", "Offering 6 A: 2 000 W of surplus; no draw for 70 s of 15 min.")
assert house.offer("1111") == 0
world.run(asked_s + 600)
status = told("2222", "Offering 6 A: 2 000 W of surplus; no draw for 10 min of 15 min.")
assert status["reason"] == status["connectors"][0]["reason"] and status["state"] == "charging"
world.run(asked_s + 897)
assert house.offer("2222") == 6 and house.offer("1111") == 0
house.wait_offer(0, 10, "2222")
refused_s = world.now_s
told(
    "2222",
    "Not wanted: 6 A were offered for 15 min and no car drew; asked again in 60 min, or when its "
    "state changes.",
    wants=False,
    connected=None,
    starts=0,
    starts_today=0,
    starts_life=0,
)
assert right.relay_closes == 0

# The other one's turn, and all the power is for it.
house.wait_offer(8, 60, "1111")
world.run_for(10)
told("1111", "Charging at 8 A: 2 000 W of surplus.", wants=True, connected=True, starts_today=1)
house.publish(4000)
house.wait_offer(16, 30, "1111")  # 16.7
world.run_for(60)
told("1111", "Charging at 16 A: 4 000 W of surplus.")

# It is full as well: its relay opens by itself, and after 15 minutes it is known.
car.fill()
full_s = world.now_s
world.run(full_s + 200)
told("1111", "Offering 6 A: 4 000 W of surplus; no draw for 3 min of 15 min.", wants=True)
house.wait_offer(0, 800, "1111")
assert 899 < world.now_s - full_s < 908, world.now_s - full_s
since_s = world.now_s
world.run_for(240)
status = told(
    "1111",
    "Not wanted: 6 A were offered for 15 min and no car drew; asked again in 56 min, or when its "
    "state changes.",
    wants=False,
    connected=True,
    starts_life=1,
)
# Left in peace, both of them, with power for two.
assert house.offers_since(since_s, "1111") == [0] == house.offers_since(refused_s, "2222")

# A person has raised the limit in the car, and says so.
car.drive()
ask("1111")
house.wait_offer(16, 20, "1111")
assert house.offers_since(refused_s, "2222") == [0]
world.run_for(20)
told("1111", "Charging at 16 A: 4 000 W of surplus.", wants=True, starts_life=2)
world.run_for(120)

# It drives away: the plug, asked every ten seconds, tells, and nothing is offered to nobody.
car.unplug()
house.wait_offer(0, 20, "1111")
world.run_for(15)
told("1111", "Waiting: no car is plugged in.", wants=False, connected=False, starts_life=2)
assert left.relay_closes == 2

# It is back, and gets power when its relay has rested.
car.plug()
world.run_for(20)
assert house.topic("1111/reason").startswith("Waiting: 4 000 W of 1 440 W surplus, off for ")
house.wait_offer(16, 600, "1111")
world.run_for(15)
told("1111", "Charging at 16 A: 4 000 W of surplus.", wants=True, connected=True, starts_life=3)

# After an hour the first one is asked again, and wants by now.
right.car.drive()
world.run(refused_s + 3540)
assert house.offers_since(refused_s, "2222") == [0]
told(
    "2222",
    "Not wanted: 6 A were offered for 15 min and no car drew; asked again in 60 s, or when its "
    "state changes.",
)
assert house.offer("1111") == 16
world.run(refused_s + 3598)
assert house.offer("2222") == 0
house.wait_offer(8, 20, "2222")
world.run_for(20)
told("2222", "Charging at 8 A: 4 000 W of surplus.", wants=True, connected=None, starts_life=1)
# Its words count what is before it in the order.
told("1111", "Charging at 8 A: 2 560 W of surplus.", wants=True, starts_life=3)
assert right.relay_closes == 1 and left.relay_closes == 3
assert house.agree()["reason"] == "2 cars are offered 16 A: 4 000 W of surplus."
house.finish()

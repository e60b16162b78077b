"""Several cars: each on its own phase of thin wires, equal and by priority, what one leaves the
others get, nobody starts on what another needs, and turns of an hour when there is not enough
for two.

The relays' times are two minutes here, so that they are told apart from a turn.
"""

from common.household import Household, unit

from simulator.referee import Referee

QUICK = {
    "relay": {"min_on_s": 120, "min_off_s": 120},
    "surplus": {"start_hold_s": 20, "budget_wh": 20},
}


def household(boxes, wires, phases=None, **config):
    config.update(QUICK)
    referee = Referee(wires, min_on_s=120, min_off_s=120, phases=phases)
    return Household(boxes, wires, config, referee=referee).start()


def told(house, reasons, settle_s=3):
    """Asserts the sentence of each connector; page, topics and bus agree. Returns that of all."""
    status = house.agree(settle_s)
    found = {connector["id"]: connector["reason"] for connector in status["connectors"]}
    assert found == reasons, found
    return status["reason"]


def offers(house):
    return [house.offer(box.id) for box in house.units]


# Three units on three phases of wires for 16 A, one of them before the others.
boxes = [unit("1111"), unit("2222"), unit("3333")]
house = household(
    boxes,
    16,
    {"1111": 1, "2222": 2, "3333": 4},
    units={
        "1111": {"phase": "L1"},
        "2222": {"phase": "L2", "priority": 7},
        "3333": {"phase": "L3"},
    },
)
world = house.world

# Enough for all: the one before the others first, the others equally. 9000 W are 37.5 A.
house.publish(9000, every_s=10)
world.wait_for(lambda: all([box.relay_closed for box in boxes]), 300, "all to charge", 1)
# It started first, the next one when that was sure, and so on.
closed_s = [box.relay_events[0][0] / 1000 for box in boxes]
assert closed_s[1] < min(closed_s[0], closed_s[2]), closed_s
world.run_for(30)
assert offers(house) == [11, 16, 10], offers(house)
assert all([box.draw_amps > 9.5 for box in boxes])  # 37 A on wires for 16
reason = told(
    house,
    {
        "2222": "Charging at 16 A, the most allowed: 9 000 W of surplus.",
        "1111": "Charging at 11 A: 7 560 W of surplus.",
        "3333": "Charging at 10 A: 6 120 W of surplus.",
    },
)
assert reason == "3 cars are offered 37 A: 9 000 W of surplus.", reason

# All that the wires give: 16 A for each, since each has its own.
house.broker.publish("twc/garage/mode/set", "fast")
house.wait_offer(16, 20, "3333")
world.run_for(20)
assert offers(house) == [16, 16, 16] and all([box.draw_amps > 15.5 for box in boxes])
reason = told(
    house,
    {box.id: "Charging at 16 A, the most allowed: mode Fast." for box in boxes},
)
assert reason.startswith("3 cars are offered 48 A. Charging at 16 A"), reason
house.broker.publish("twc/garage/mode/set", "solar")

# Equal ones are equal: 6000 W are 25 A, of which the first one takes 13.
house.publish(6000)
house.wait_offer(13, 30, "2222")
world.run_for(10)
assert offers(house) == [6, 13, 6], offers(house)

# Its car can take no more than 8 A: the rest is for the others.
boxes[1].car.max_amps = 8
house.wait_offer(10, 90, "2222")
world.run_for(20)
assert offers(house) == [8, 10, 7], offers(house)
boxes[1].car.max_amps = 32
world.run_for(120)
assert offers(house) == [6, 13, 6], offers(house)

# Not enough for three: the last of those that are last stops, and the others keep their minimum.
house.publish(3500)
house.wait_offer(6, 30, "2222")
world.run_for(10)
status = house.agree()
found = {connector["id"]: connector["reason"] for connector in status["connectors"]}
assert found["2222"] == "Charging at 6 A: 3 500 W of surplus.", found
assert found["1111"] == "Charging at 6 A: 2 060 W of surplus.", found
wanted = "At the minimum of 6 A: 620 W of 1 440 W surplus, stops in "
assert found["3333"].startswith(wanted), found
wanted = f"3 cars are offered 18 A, their minimum. {found['3333']}"
assert status["reason"] == wanted, status["reason"]
house.wait_offer(0, 300, "3333")
world.run_for(5)
reason = told(
    house,
    {
        "2222": "Charging at 8 A: 3 500 W of surplus.",
        "1111": "Charging at 6 A: 2 060 W of surplus.",
        "3333": "Waiting: 620 W of 1 440 W surplus, off for 120 s more (minimum off time).",
    },
)
assert reason == "2 cars are offered 14 A: 3 500 W of surplus.", reason
assert offers(house) == [6, 8, 0], offers(house)
house.finish()

# Turns: the first one has charged for the most of an hour when another one comes, which hangs on
# the same phase. There is enough for one, and nobody starts on what another one needs.
boxes = [unit("1111"), unit("2222")]
house = household(
    boxes[:1],
    16,
    {"1111": 1, "2222": 1},
    units={"1111": {"phase": "L1"}, "2222": {"phase": "L1"}},
    share={"by": "rotation"},
)
world = house.world
house.publish(2500, every_s=10)
house.wait_offer(10, 200, "1111")
began_s = world.now_s
world.run(began_s + 3300)
world.connect(boxes[1])
house.units = boxes
world.run(began_s + 3400)
told(
    house,
    {
        "1111": "Charging at 10 A: 2 500 W of surplus.",
        "2222": "Waiting: 1 060 W of 1 440 W surplus.",
    },
)
world.run(began_s + 3595)
assert offers(house) == [10, 0] and house.offers_since(0, "2222") == [0], offers(house)
house.wait_offer(0, 20, "1111")
house.wait_offer(10, 60, "2222")
began_s = world.now_s
world.run_for(20)
told(
    house,
    {
        "1111": "Waiting: 1 060 W of 1 440 W surplus, off for 100 s more (minimum off time).",
        "2222": "Charging at 10 A: 2 500 W of surplus.",
    },
)

# It has its hour now. With sun for both they share equally, what the one wire of both carries.
world.run_for(300)
told(
    house,
    {
        "1111": "Waiting: 1 060 W of 1 440 W surplus.",
        "2222": "Charging at 10 A: 2 500 W of surplus.",
    },
)
house.publish(6000)
house.wait_offer(8, 200, "1111")
world.run_for(30)
assert offers(house) == [8, 8], offers(house)
house.agree()
house.finish()

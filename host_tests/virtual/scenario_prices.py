"""The price of a kWh comes by a topic: cheap ones charge at full power, dear ones leave only the
sun, and between them the grid's share follows from price and feed-in. Then the price is lost.

The relays' times are two minutes here.
"""

from common.household import Household, unit

from simulator.referee import Referee

PRICE = "tariff/now"
CONFIG = {
    "relay": {"min_on_s": 120, "min_off_s": 120},
    # The share is for when the price is not known.
    "surplus": {"grid_share": 25},
    "price": {"feed_in": 0.08, "fast_below": 0.1, "solar_above": 0.4},
    "sources": [{"kind": "price", "topic": PRICE, "path": "now.total", "max_age_s": 300}],
}

box = unit()
house = Household([box], config=CONFIG, referee=Referee(32, min_on_s=120, min_off_s=120))
world = house.world


def price(value, retain=False):
    house.broker.publish(PRICE, f'{{"now": {{"total": {value}}}, "unit": "EUR"}}', retain)


def look(settle_s=3):
    """(sentence, what the price wishes or None); page, topics and bus agree."""
    status = house.agree(settle_s)
    wish = None
    for one in status["wishes"]:
        if one["owner"] == "price":
            assert one["priority"] == 22 and one["unit"] is None and one["limit"] is None, one
            wish = one["mode"], one["reason"]
    return status["reason"], wish


# A price is sent but once and kept by the broker: it is good. 5 cents are cheap.
price(0.05, retain=True)
house.start()
house.publish(0, every_s=10)
world.run(10)
cheap = "price 0.05, below 0.1"
assert look() == (f"Waiting: {cheap}, starts in 30 s.", ("fast", cheap)), look()
house.wait_offer(32, 40)
world.run_for(18)
full = f"Charging at 32 A, the most allowed: {cheap}."
assert look() == (full, ("fast", cheap)), look()
on_s = box.relay_events[0][0] / 1000

# 16 cents: as much as is fed in for half of it may come from the grid, so half of the minimum.
price(0.16)
house.publish(1000)
house.wait_offer(6, 5)
world.run_for(12)
half = "1 000 W of surplus, the rest of 1 440 W from the grid (up to 50 % of the minimum)"
assert look() == (f"Charging at 6 A: {half}.", None), look()
house.publish(600)
world.run_for(12)
told = look()[0]
lacks = (
    "At the minimum of 6 A: 600 W of 720 W surplus (50 % of the minimum may come from the grid)"
)
assert told.startswith(lacks + ", stops in "), told
assert box.relay_closed and world.now_s < on_s + 120
house.publish(1000)
# It is enough for as long as it lasts.
world.run(on_s + 300)
price(0.16)
assert look() == (f"Charging at 6 A: {half}.", None), look()

# 50 cents: none of it. The same sun stops the car now, when the import budget is used.
price(0.5)
world.run_for(12)
told, wish = look()
assert wish == ("solar", "price 0.5, above 0.4"), wish
begin = "At the minimum of 6 A: 1 000 W of 1 440 W surplus, stops in "
assert told.startswith(begin), told
assert told.endswith(" of 10 Wh import used); price 0.5, above 0.4."), told
house.wait_offer(0, 200)
world.run_for(12)
told, wish = look()
assert told.startswith("Waiting: 1 000 W of 1 440 W surplus"), told
assert wish == ("solar", "price 0.5, above 0.4") and box.relay_closes == 1
off_s = box.relay_events[1][0] / 1000
# With sun enough it charges, whatever the price.
house.publish(2000)
price(0.5)
house.wait_offer(8, 180)
assert world.now_s - off_s >= 119
world.run_for(10)
told, wish = look()
assert told == "Charging at 8 A: 2 000 W of surplus; price 0.5, above 0.4.", told
assert wish == ("solar", "price 0.5, above 0.4"), wish
assert box.relay_closes == 2

# No price any more. The last one is good for its 300 s, then it is as if there were none, and
# the share is what is configured.
price(0.5)
last_s = world.now_s
house.broker.publish(PRICE, "unavailable")
world.run_for(1)
why = 'price: the last message was not JSON: "unavailable"'
assert house.noted(f"{PRICE}: {why}")
assert world.status()["surplus"]["unusable"] == why
house.publish(1200)
world.run(last_s + 60)
told, wish = look()
begin = "At the minimum of 6 A: 1 200 W of 1 440 W surplus, stops in "
assert told.startswith(begin), told
house.publish(1500)
world.run(last_s + 294)
assert look()[1] == ("solar", "price 0.5, above 0.4")
house.publish(1200)
world.run(last_s + 310)
quarter = "1 200 W of surplus, the rest of 1 440 W from the grid (up to 25 % of the minimum)"
assert look() == (f"Charging at 6 A: {quarter}.", None), look()
assert box.relay_closes == 2

# Cheap again; but a person's Off is stronger.
price(0.0999)
house.wait_offer(32, 10)
world.run_for(15)
cheap = "price 0.0999, below 0.1"
full = f"Charging at 32 A, the most allowed: {cheap}."
assert look() == (full, ("fast", cheap)), look()
house.referee.person(world.now_s * 1000)
house.broker.publish("twc/garage/mode/set", "off")
house.wait_offer(0, 10)
world.run_for(10)
assert look()[0] == "Off: mode Off.", look()
assert house.agree()["wishes"][1]["owner"] == "mode", house.agree()["wishes"]
house.finish()

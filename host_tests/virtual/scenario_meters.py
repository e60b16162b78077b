"""Grid meters with the car in them, slow and late: the amperes come to rest, a loss of sun is
followed, and what was noticed of the meter is told."""

from common.household import GRID, Household, unit

HOUSE_WATTS = 600
box = unit()
house = Household([box]).start()
world = house.world
sun = [3550]
past = []  # what the meter saw in each second, the newest last
meter = {"period_s": 10, "lag_s": 8}
sent_s = [0]


def second():
    """Looks at the wires, and sends what was seen `lag_s` ago each `period_s`."""
    past.append(round(HOUSE_WATTS + 240 * box.draw_amps - sun[0]))
    if len(past) > 61:
        past.pop(0)
    if world.now_s >= sent_s[0] + meter["period_s"]:
        sent_s[0] = world.now_s
        house.broker.publish(GRID, past[-1 - min(meter["lag_s"], len(past) - 1)])


world.every(1, second)


def steps(since_s):
    """The limits on the bus since then, one for each change."""
    return [amps for ms, amps in house.referee.limits_sent("2433") if ms >= since_s * 1000]


def follows(watts, amps, rest_s):
    """The sun changes: the car is given what there is then, on the way there without turning
    back, and that is all for a long time. A loss is followed with the first reading that shows
    it, whatever was changed before."""
    from_s = world.now_s
    falls = amps < house.offer()
    sun[0] = watts
    # Until a raise begins it may take until the last step is sure to have been seen.
    most_s = meter["period_s"] + meter["lag_s"] + (3 if falls else meter["period_s"] + 40)
    house.wait_offer(amps, most_s)
    found = steps(from_s)
    assert found == sorted(found, reverse=falls) and len(found) <= 3, (watts, found)
    since_s = world.now_s
    world.run_for(rest_s)
    assert steps(since_s) == [], (watts, amps, steps(since_s))


def note():
    return house.agree()["surplus"]["note"]


# 8 s late, every 10 s. Before anything has moved its lag is not known.
house.wait_offer(12, 200)
assert note() == "The grid meter sends every 10 s: the effect of each change is waited for."
world.run_for(60)
follows(5950, 22, 150)
follows(2550, 8, 150)
# Two losses in a row: the second one comes while the first is still on its way.
follows(4750, 17, 60)
sun[0] = 3600
world.run_for(12)
follows(2550, 8, 150)
said = note()
late_s = int(said.split()[4])
assert 7 <= late_s <= 13, said  # told within some seconds: the lag and half a period
wanted = f"The grid meter answers {late_s} s late, every 10 s: the effect of each change is "
assert said == wanted + "waited for.", said
status = house.agree()
assert abs(status["surplus"]["watts"] - 1950) < 60, status["surplus"]
words = f"Charging at 8 A: {house.topic('surplus')[0]} {house.topic('surplus')[1:]} W of surplus."
assert status["reason"] == words, (status["reason"], words)

# Another meter, once in a minute.
meter["period_s"], meter["lag_s"] = 60, 2
world.run_for(300)
assert ", every 60 s: the effect of each change is waited for." in note(), note()
follows(6900, 26, 190)
follows(3050, 10, 190)
follows(5000, 18, 190)

# And a quick one, which shows a step of the car before the car itself has told it.
meter["period_s"], meter["lag_s"] = 1, 0
world.run_for(30)
sun[0] = 3100  # the first step is still taken for a late one; it is what tells that it is none
world.run_for(60)
assert house.offer() == 10
follows(6900, 26, 40)
follows(3100, 10, 40)
follows(4500, 16, 40)
assert note() is None, note()
assert box.relay_closes == 1
house.finish()

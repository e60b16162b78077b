"""An adapter that gives us back what we send: our own frames are no second master, and charging
goes on; the note says what it is."""

from common.household import unit
from common.weather import all_charge, household, kept_rules, no_errors, said, sentences

from simulator.weather import Weather

house = household([unit("1111"), unit("2222")], config={"board": {"driver_enable": None}})
world = house.world
world.line.echo = True
all_charge(house, 120, 11)
world.run_for(60)
kept_rules(house)
status = house.agree()
assert status["bus"]["second_master"] is None, status["bus"]
assert status["bus"]["echoes"] > 100, status["bus"]
assert said(house, "frames", "echo"), sentences(house)
assert not said(house, "second master"), sentences(house)
assert not said(house, "same id"), sentences(house)

# Echo and bit errors: what comes back broken is no stranger either.
world.line.weather = Weather(4, flip=0.003, insert=0.001)
world.run_for(120)
assert not said(house, "second master"), sentences(house)
world.line.weather = None

# The echo ends, and the note with it.
world.line.echo = False
ended_s = world.now_s
world.run_for(40)
assert not (world.status()["bus"]["note"] or "").count("come back"), world.status()["bus"]
assert said(house, "order", since_s=ended_s), sentences(house, ended_s)
all_charge(house, 60, 11)
no_errors(house)
house.finish()

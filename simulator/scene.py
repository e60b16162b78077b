"""Who stands on the line when `make run` plays the wall connectors."""

from simulator.car import Car
from simulator.connector import Connector


def connectors(count):
    """The first ``count`` (0 to 5) of: a car that always wants; one with a small charger that is
    full after a while, on an old unit; one that sleeps; an empty place; one more than the bus
    takes, which has to be refused."""
    units = [
        Connector("2433", rating_amps=32, car=Car("normal", max_amps=32)),
        Connector("4F07", rating_amps=80, protocol=1, car=Car("normal", max_amps=16, fill_kwh=2)),
        Connector("81C3", rating_amps=32, car=Car("sleepy", max_amps=24, sleep_s=30)),
        Connector("D0DC", rating_amps=32),
        Connector("5AC0", rating_amps=32, car=Car("wants_nothing")),
    ]
    return units[:count]

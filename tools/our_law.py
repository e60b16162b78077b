"""Our own law for the bench: the firmware's files, fed and asked as decisions.py does it.

``sun_only(cars)`` and ``balanced(cars)`` (half of the minimum may come from the grid) make it. All
other settings are the defaults of the configuration. What the grid meter tells goes through the
firmware's inputs, which find the surplus in it, late and noisy as it may be.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The firmware's files find each other, and MicroPython's const, as they do in the tests.
for folder in (ROOT / "host_tests" / "cpython", ROOT / "firmware" / "lib"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import configuration  # noqa: E402
from charging.inputs import Inputs  # noqa: E402
from charging.relay import Relay  # noqa: E402
from charging.surplus import Law  # noqa: E402
from charging.unit import Unit  # noqa: E402

WIRES_AMPS = 240
NO_READING = ("waiting", "no surplus reading yet")


class OurLaw:
    """`cars`: list of laws.CarSeen. `grid_share`: per cent of the minimum that may come from the
    grid."""

    def __init__(self, cars, grid_share, name):
        self.name = name
        config, _ = configuration.check({"surplus": {"grid_share": grid_share}})
        on_ms, off_ms = (int(config["relay"][key] * 1000) for key in ("min_on_s", "min_off_s"))
        self.law = Law(config, [WIRES_AMPS] * 3)
        self.inputs = Inputs(int(config["inputs"]["max_age_s"] * 1000))
        self.units = []
        for number, car in enumerate(cars):
            unit = Unit(
                f"{number:04}", f"{number}", car.watts_per_amp, Relay(on_ms, off_ms, None, 0)
            )
            unit.minimum_amps = car.minimum_amps
            unit.maximum_amps = car.maximum_amps
            self.units.append(unit)

    def decide(self, seen):
        """See laws.py."""
        now_ms = seen.now_ms
        for unit, car in zip(self.units, seen.cars, strict=True):
            draw_ca = round(car.draw_amps * 100)
            unit.follow(True, car.offer_amps, draw_ca, now_ms)
        self.inputs.follow(seen.draw_watts(), now_ms)
        if seen.message:
            text = "unavailable" if seen.grid_watts is None else f"{seen.grid_watts:.1f}"
            self.inputs.receive("grid", text, False, seen.draw_watts(), now_ms)
        watts = self.inputs.surplus_watts(now_ms)
        reading = self.inputs.newest(now_ms)
        at_ms = None if reading is None else reading.at_ms
        self.law.decide(watts, at_ms, NO_READING, self.units, 0, now_ms)
        return [unit.amps for unit in self.units]


def sun_only(cars):
    """Nothing of the minimum may come from the grid."""
    return OurLaw(cars, 0, "ours, sun only")


def balanced(cars):
    """Half of the minimum may come from the grid."""
    return OurLaw(cars, 50, "ours, balanced")

"""Builds the parts: of the app before the first frame, of the decisions when the bus is running.

Loaded once for each and dropped again: most of what is said here is never needed a second time.
"""

import gc
import sys

from firmware import forget


def app(app):
    """What the bus needs: clock, journal, settings, gate, master and bus of a firmware.app.App."""
    from firmware import board, board_pins
    from firmware.journal import Journal

    app.clock = board.Monotonic()
    now_ms = app.clock.ms()
    app.journal = Journal(app.clock.ms)
    tell = app.journal.tell
    config, known = _read(app)
    from charging.limits import Gate
    from firmware.bus import Bus
    from twc.master import Master

    units = app.settings
    told = {i: (known[i]["rating_ca"], 100 * (known[i]["first_amps"] or 0)) for i in known}
    app.gate = Gate(config["wires"]["max_amps"], units, told, now_ms)
    app.master = Master(config["bus"]["id"], app.gate, units.min_amps, known, tell, now_ms)
    pins = config["board"]
    board_pins.hold(pins)
    serial, driver_enable = board_pins.serial(pins), board_pins.driver_enable(pins)
    del board_pins
    forget("firmware.board_pins")
    app.bus = Bus(serial, driver_enable, app.master, app.gate, app.clock.ms, tell)
    app.name = config["name"]
    app.config = config


def _read(app):
    """What config.json and state.json say, into the app; returns (config, known slaves)."""
    from firmware import memory, settings
    from units import Units

    config, app.problems = settings.start()
    app.settings = Units(config)
    remembered, plan = memory.load(), memory.load_plan()
    app.remembered = remembered, plan
    known = memory.known_slaves(remembered or {}, app.settings)
    del memory, settings
    for name in ("firmware.settings", "firmware.memory", "written"):
        forget(name)
    for name in [name for name in sys.modules if name.startswith("config")]:
        forget(name)
    gc.collect()
    if remembered is None:
        app.problems.append(
            "state.json is damaged: every relay rests for its minimum off time, and "
            "nothing charges until a mode is chosen."
        )
    for problem in app.problems:
        app.journal.tell("warning", problem)
    return config, known


def decisions(config, settings, plan, wires_amps, tell, now_ms):
    """(inputs, plan, law, conditions) for firmware.decisions.Decisions; `plan`: as remembered."""
    from charging.inputs import Inputs
    from charging.new_plan import make
    from charging.surplus import Law

    inputs = Inputs(
        int(config["inputs"]["max_age_s"] * 1000),
        config["sources"],
        config["battery"],
        config["supply"]["volts"],
    )
    from firmware import conditions

    found = None
    if conditions.needed(config):
        found = conditions.Conditions(config, inputs, plan.get("since"))
    else:
        del conditions
        forget("firmware.conditions")
    law = Law(config, [wires_amps] * 3)
    plan = make(config, settings, plan, tell, now_ms)
    del make
    forget("charging.new_plan")
    return inputs, plan, law, found

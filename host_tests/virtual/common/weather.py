"""What the scenarios of the line share: a household that charges, and how it has to end."""

from common.household import Household

from simulator.referee import Referee

# Cars start soon and may stop soon: minutes are enough for what the line does.
QUICK = {
    "surplus": {"start_hold_s": 5},
    "relay": {"min_on_s": 20, "min_off_s": 20},
}


def household(units, wires=32, watts=6000, config=None, rules=None, **more):
    """A Household with short times; `rules` go to its referee. It is started, and sees `watts`
    of surplus from the beginning on."""
    settings = {key: value for key, value in QUICK.items()}
    settings.update(config or {})
    house = Household(units, wires, settings, referee=Referee(wires, **(rules or {})), **more)
    house.world.line.piece_bytes = 8
    house.start()
    house.publish(watts)
    return house


def all_charge(house, timeout_s=120, amps=5):
    """Waits until each car draws; returns the seconds it took."""
    return house.world.wait_for(
        lambda: all([box.draw_amps >= amps for box in house.units]), timeout_s, "all to charge"
    )


def no_errors(house):
    """No exception, and no frame that the gate had to hold back."""
    errors = [note for note in house.notes if note[1] == "error"]
    assert errors == [] and house.world.task_errors == [], (errors, house.world.task_errors)


def kept_rules(house):
    """The referee has nothing to say so far."""
    report = house.referee.report(house.world.now_s * 1000)
    assert report == [], report


def said(house, *words, since_s=0):
    """Whether one sentence of the journal since then has all these words, capitals or not."""
    for at_s, _, text in house.notes:
        if at_s >= since_s and all([word.lower() in text.lower() for word in words]):
            return True
    return False


def sentences(house, since_s=0):
    """The journal since then, for the message of an assertion."""
    return "\n".join(
        [f"{at_s:.1f} {level}: {text}" for at_s, level, text in house.notes if at_s >= since_s]
    )

"""What goes wrong when, drawn from a seed: the plan of ``make soak``. Pure.

Six groups go their own ways at the same time; within a group one thing comes after the other, in
an order that is dealt like cards, so that a short run sees many kinds and a long one all of them.
"""

import dataclasses
import random

# Each: (shortest and longest pause between two), {kind: shortest and longest time it lasts}; in s.
GROUPS = {
    "bus": (
        (2, 8),
        {
            "bit errors": (4, 15),
            "lost bytes": (4, 15),
            "bursts": (4, 15),
            "line held": (1, 8),
            "noise": (5, 15),
            "stuck transmitter": (1, 30),
            "slow answers": (5, 20),
            "unit off and on": (5, 60),
            "unit starts anew": (1, 2),
            "second master": (2, 6),
        },
    ),
    "network": (
        (4, 20),
        {"Wi-Fi gone": (2, 25), "slow network": (5, 20), "black hole": (5, 25), "cut off": (0, 0)},
    ),
    "broker": (
        (5, 20),
        {"killed": (1, 15), "restarted": (0, 0), "half dead": (5, 50), "hostile": (5, 15)},
    ),
    "clients": (
        (1, 8),
        {
            "crowd": (3, 10),
            "slow clients": (5, 12),
            "garbage": (3, 8),
            "commands": (3, 10),
            "large bodies": (2, 6),
        },
    ),
    "readings": ((3, 15), {"stop": (4, 25), "garbage": (3, 10), "jumps": (3, 15)}),
    "power": ((25, 80), {"power cut": (0.5, 6), "moment without": (0.05, 0.3), "restart": (0, 0)}),
}


@dataclasses.dataclass(frozen=True)
class Event:
    """`kind` of `group` from `at_s` to `until_s` of the run. `number`: a random one below 2**32,
    for whatever else has to be drawn."""

    at_s: float
    until_s: float
    group: str
    kind: str
    number: int


def make(seed, seconds):
    """The events of a run of so many seconds, {group: [Event, ...]} in their order. The same seed
    (anything that has a text) and time give the same plan, and a longer one begins like it."""
    return {group: list(_group(seed, group, seconds)) for group in GROUPS}


def _group(seed, group, seconds):
    source = random.Random(f"{seed}/{group}")
    (shortest_s, longest_s), kinds = GROUPS[group]
    deck = []
    at_s = source.uniform(0, longest_s)
    while True:
        if not deck:
            deck = sorted(kinds)
            source.shuffle(deck)
        kind = deck.pop()
        until_s = at_s + source.uniform(*kinds[kind])
        number = source.getrandbits(32)
        if until_s > seconds:
            return
        yield Event(round(at_s, 2), round(until_s, 2), group, kind, number)
        at_s = until_s + source.uniform(shortest_s, longest_s)

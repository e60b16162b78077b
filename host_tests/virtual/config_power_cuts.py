"""What the page saved becomes config.json at the next start, or is refused: whichever files there
are, and wherever the power is cut."""

import json
import os
import sys

from firmware import forget
from simulator.virtual.world import World

FILES = ("config.json", "config.new", "config.bak", "config.bad", "config.tmp")
WIRES = {"wires": {"max_amps": 16}}
OLD = json.dumps(dict(WIRES, name="old"))
GOOD = json.dumps(dict(WIRES, name="good"))
# What only gives advice is no mistake.
SHORT = json.dumps(dict(WIRES, name="short", relay={"min_on_s": 60}, price={"fast_below": 1}))
UNSET = json.dumps({"name": "unset"})
WORSE = json.dumps(dict(WIRES, name="worse", board={"tx": 6}))
# It had this mistake before.
MISTAKEN = json.dumps(dict(WIRES, name="mistaken", board={"tx": 6}))
BROKEN = '{"name": "bro'
NUMBER = '{1: {"max_amps": 16}}'
STALE = json.dumps(dict(WIRES, name="stale"))


class PowerCut(Exception):
    pass


class Os:
    """The os of the firmware, on which the power is cut before a rename."""

    stat = os.stat
    left = 0  # renames before that; below 0: none is cut

    @classmethod
    def rename(cls, one, other):
        if cls.left == 0:
            raise PowerCut
        cls.left -= 1
        os.rename(one, other)


class Full(Os):
    """Nothing can be renamed on it."""

    @classmethod
    def rename(cls, one, other):
        raise OSError(28)


def lay(**texts):
    for name in FILES + ("config.try",):
        try:
            os.remove(name)
        except OSError:
            pass
    for end, text in texts.items():
        if text is not None:
            with open("config." + end, "w") as file:
                file.write(text)


def found():
    """{ending: text} of the files that there are."""
    there = {}
    for name in FILES:
        try:
            with open(name) as file:
                there[name[7:]] = file.read()
        except OSError:
            pass
    return there


def start(renames=-1, kind=Os):
    """(name, problems) of a start; raises PowerCut."""
    kind.left = renames
    sys.modules["os"] = kind
    try:
        from firmware import settings

        config, problems = settings.start()
        return config["name"], problems
    finally:
        sys.modules["os"] = os
        forget("firmware.settings")


def name_of(text):
    try:
        return json.loads(text or "{}").get("name", "garage")
    except (ValueError, AttributeError):
        return "garage"


def expected(old, new, bak):
    """({ending: text}, name) after a start that nothing cuts."""
    refused = (
        new in (BROKEN, NUMBER)
        or new == WORSE
        and MISTAKEN
        not in (
            old,
            bak if old is None else None,
        )
    )
    after = {"json": old, "bak": bak}
    if refused:
        after["bad"] = new
    elif new is not None:
        after["json"] = new
        if old is not None:
            after["bak"] = old
    after = {end: text for end, text in after.items() if text is not None}
    return after, name_of(after.get("json"))


world = World(config=None)
cuts = 0
for old in (None, OLD, MISTAKEN, BROKEN, "{}"):
    for new in (None, GOOD, SHORT, UNSET, WORSE, BROKEN, NUMBER):
        for bak in (None, STALE, MISTAKEN):
            files, name = expected(old, new, bak)
            case = (old, new, bak)
            for renames in (-1, 0, 1, 2):
                # A write that was cut left this.
                lay(json=old, new=new, bak=bak, tmp='{"wi')
                try:
                    used, problems = start(renames)
                except PowerCut:
                    cuts += 1
                    # Each file is there as a whole, and one of them is to be used.
                    there = found()
                    assert there.get("new") == new and old in (there.get("json"), there.get("bak"))
                    # Also if it is cut again.
                    try:
                        start(0)
                        raise AssertionError(case)
                    except PowerCut:
                        assert found() == there
                    used, problems = start()
                there = found()
                assert there.pop("tmp") == '{"wi'
                assert there == files, (case, renames, there, files)
                assert used == name, (case, renames, used)
                told = [one for one in problems if one.startswith("The saved configuration is ")]
                assert len(told) == ("bad" in files), (case, problems)
                if told:
                    why = "pins 6 to 11 are the flash's" if new == WORSE else "is not valid JSON"
                    assert why in told[0] and told[0].endswith("."), told
                # The next one finds nothing to do.
                assert start(0)[0] == name
assert cuts > 100, cuts

# Where nothing can be renamed, the bus runs with what there is.
lay(json=OLD, new=GOOD)
used, problems = start(-1, Full)
assert used == "old" and "can not be renamed" in problems[0], problems
assert found() == {"json": OLD, "new": GOOD}

# On the way back from a configuration that was too much for memory, cut before each step; the
# next starts tell of it, until something else is saved.
for there, told in (
    ({"json": GOOD, "bak": OLD, "try": ""}, False),
    ({"bad": GOOD, "bak": OLD, "try": ""}, True),
    ({"bad": GOOD, "json": OLD, "try": ""}, True),
    ({"bad": GOOD, "json": OLD, "try": "back"}, True),
    # A new one that had none before it.
    ({"json": GOOD, "try": ""}, False),
):
    lay(**there)
    for _ in range(2):
        used, problems = start()
        assert used == name_of(GOOD if "bad" not in there else OLD), (there, used)
        assert [("config.bad" in one) for one in problems].count(True) == told, (there, problems)
lay(json=OLD, bad=GOOD, **{"try": "back"}, new=SHORT)
assert start()[0] == "short"
assert not [one for one in start()[1] if "config.bad" in one]
world.run(1)
world.finish()

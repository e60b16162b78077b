"""Runs under MicroPython (test_homeassistant.py): what firmware.homeassistant makes of a pretended
app. Prints a line for each piece, "piece" and its bytes in hex."""

import gc
import os
import struct

from firmware import board, forget  # noqa: F401  (board is there anyway)

FILE = "homeassistant.txt"
# 8 KB of an ESP32, whose words are half as long.
FREE_BYTES = 2048 * struct.calcsize("P")


class Thing:
    """Whatever it is made of."""

    def __init__(self, **more):
        for name in more:
            setattr(self, name, more[name])


def app(form, units, name="garage", timetable=None, prefix="homeassistant", most_amps=32):
    """As much of the firmware.app.App as is needed. `units`: [(id, name)]."""
    found = Thing(
        name=name,
        config={"homeassistant": {"discovery": form, "prefix": prefix}},
        decisions=Thing(
            units=[Thing(id=unit[0], name=unit[1]) for unit in units],
            conditions=timetable and Thing(timetable=timetable),
        ),
        settings=Thing(max_amps=lambda unit_id: most_amps),
        gate=Thing(wires_amps=40),
        clock=Thing(ms=lambda: 1000),
        report=Thing(born=lambda now_ms: print("born", now_ms)),
        forgotten=[],
    )
    return found


def told():
    try:
        with open(FILE) as file:
            return file.read()
    except OSError:
        return ""


def announce(given, said=None):
    """Prints what is announced. `said`: the file of what was announced before."""
    from firmware import homeassistant

    if said is not None:
        with open(FILE, "w") as file:
            file.write(said)
    for piece in homeassistant.pieces(given):
        print("piece", piece.hex())
    print("told", told())
    print("forgotten", given.forgotten)


THREE = (("2433", "left"), ("5850", 'Anna\'s "Größe" \\ 車\t🚗'), ("0A1B", "wall connector 0A1B"))
# The longest there are: 32 characters, in the bridge's ASCII and in the other's emoji.
LONGEST = [("2433", "\U0001f697" * 32), ("5850", '"' * 32), ("0A1B", "\n" * 32)]


def form_device():
    announce(app("device", THREE, timetable=1))


def form_entity():
    announce(app("entity", THREE, timetable=1))


def form_off():
    announce(app("off", THREE))


def no_timetable():
    announce(app("device", ()))


def long_device():
    announce(app("device", LONGEST, "x" * 32, 1, "p" * 32))


def long_entity():
    announce(app("entity", LONGEST, "x" * 32, 1, "p" * 32))


def other_name():
    announce(app("device", THREE[:1], "TWC-Left_2", 1, most_amps=5))


def same_again():
    announce(app("device", THREE), "device homeassistant")


def to_entity():
    announce(app("entity", THREE[:1]), "device homeassistant")


def to_device():
    announce(app("device", THREE[:1]), "entity homeassistant")


def to_off():
    announce(app("off", THREE[:1]), "device homeassistant")


def to_prefix():
    announce(app("device", THREE[:1], prefix="ha"), "device homeassistant")


def damaged():
    announce(app("device", ()), "nonsense")


def no_flash():
    # A folder of that name can not be written.
    os.mkdir(FILE)
    try:
        announce(app("device", ()))
    finally:
        os.rmdir(FILE)


def gone_device():
    given = app("device", THREE[:1])
    given.forgotten.append("5850")
    announce(given, "device homeassistant")


def gone_entity():
    given = app("entity", ())
    given.forgotten.extend(["5850", "2433"])
    announce(given, "entity homeassistant")


def gone_off():
    given = app("off", ())
    given.forgotten.append("5850")
    announce(given, "off homeassistant")


def changing():
    """What people change meanwhile is not told before the next announcement."""
    from firmware import homeassistant

    given = app("device", THREE)
    for count, piece in enumerate(homeassistant.pieces(given)):
        given.decisions.units[0].name += "longer"
        given.gate.wires_amps += 100
        given.name += "x"
        if count == 40:
            given.decisions.units.pop()
        print("piece", piece.hex())


def little_memory():
    """All of three connectors in each form, with as little memory as there may be."""
    for form in ("device", "entity"):
        given = app(form, THREE, timetable=1)
        with open(FILE, "w") as file:
            file.write(form + " homeassistant")
        kept = [None] * 1500
        gc.collect()
        kept[0] = bytearray(gc.mem_free() - 4 * FREE_BYTES)
        at = 0
        while gc.mem_free() > FREE_BYTES:
            at += 1
            kept[at] = bytearray(32)
            gc.collect()
        free = gc.mem_free()
        gc.threshold(FREE_BYTES // 2)  # as the firmware does
        count = total = most = 0
        from firmware import homeassistant

        for piece in homeassistant.pieces(given):
            count += 1
            total += len(piece)
            most = max(most, len(piece))
        kept = None
        gc.threshold(-1)
        del homeassistant
        forget("firmware.homeassistant")
        forget("firmware.table")
        print("announced", form, free, count, total, most)


for case in os.getenv("CASES").split():
    print("case", case)
    try:
        os.remove(FILE)
    except OSError:
        pass
    globals()[case]()

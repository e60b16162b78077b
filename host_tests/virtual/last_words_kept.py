"""What counts as a crash, what is told of the last life, and how often it is written to flash."""

import asyncio
import os
import sys

from simulator.virtual.board import board
from simulator.virtual.world import World

POWER, HARD, WATCHDOG, SOFT = 1, 2, 3, 5
world = World()


def start(cause, emptied=True):
    """A start of the firmware after this reset: (whether in safe mode, the sentence, crashes).
    `emptied`: whether power that was away has emptied the RTC's memory."""
    for name in list(sys.modules.keys()):
        if name.startswith("firmware"):
            del sys.modules[name]
    board.power_on(cause)
    if cause == POWER and emptied:
        board.rtc_memory = b""
    from firmware import last_words, watchdog

    safe = last_words.begin()
    return safe, watchdog.restarted(), int((board.rtc_memory.split(b" ") + [0, 0])[2])


def brief(cause):
    safe, _, count = start(cause)
    return safe, count


def live(seconds, what=""):
    from firmware import watchdog

    watchdog.note(seconds * 1000, what)


def end(how, *said):
    from firmware import last_words

    getattr(last_words, how)(*said)


def words():
    with open("last_words.txt") as file:
        return file.read()


def fresh():
    for name in ("last_words.txt", "update.try"):
        try:
            os.remove(name)
        except OSError:
            pass
    assert start(POWER) == (False, "Power came on, or the reset button was pressed.", 0)


# Three that do not last: by an exception, the watchdog, and the chip itself.
fresh()
live(3)
end("failed", ValueError("broken"))
assert start(HARD) == (False, "It failed after 3 s: ValueError: broken", 1)
assert "ValueError: broken" in words()
live(150, "TLS")
safe, why, count = start(WATCHDOG)
assert (safe, count) == (False, 2)
assert why.startswith(
    "Reset by the watchdog after 2 min: nothing ran any more, begun last was: TLS ("
)
assert why.endswith(" bytes were free). 2 starts in a row did not last 5 min."), why
assert words().startswith("Reset by the watchdog after 2 min: nothing ran")
live(299)
safe, why, count = start(HARD)
assert safe and count == 3
assert why.startswith("Reset by the chip after 4 min: a panic, or a reset that nobody announced (")
assert why.endswith("3 starts in a row did not last 5 min. This is safe mode."), why

# Safe mode that is left as it was asked for; one that crashes, too, gives way to a normal start.
end("asked", 3, "Restart: an hour of safe mode is over.")
assert start(HARD) == (False, "Restart: an hour of safe mode is over.", 0)
end("asked", 4, "Restart in safe mode, as asked for.")
assert start(HARD) == (True, "Restart in safe mode, as asked for. This is safe mode.", 0)
live(10)
safe, why, count = start(WATCHDOG)
assert not safe and count == 0, why

# Whoever lived for five minutes has not crashed at the start; nor who was asked, or stopped.
for first, cause, sentence in (
    (lambda: live(300), WATCHDOG, "Reset by the watchdog after 5 min: nothing ran any more ("),
    (lambda: end("asked", 3, "Restart, as asked for."), HARD, "Restart, as asked for."),
    (lambda: end("stopped"), SOFT, "It was stopped at the prompt after 4 s."),
    (lambda: end("stopped"), HARD, "It was stopped at the prompt after 4 s."),
    (lambda: None, SOFT, "It was started anew by hand."),
    (lambda: None, POWER, "Power came on, or the reset button was pressed."),
):
    fresh()
    for count in (1, 2):
        live(4)
        assert brief(WATCHDOG) == (False, count)
    live(4)
    first()
    safe, why, count = start(cause)
    assert (safe, count) == (False, 0), why
    assert why.startswith(sentence), why
    live(4)
    assert brief(WATCHDOG) == (False, 1)

# The reset button leaves the memory as it is, and is no crash either.
assert start(POWER, False) == (False, "Power came on, or the reset button was pressed.", 0)

# What held the dog back; a sentence of the exception that is too long; words for the page only.
fresh()
live(7500, 1)
assert "watchdog after 2 h 5 min: the bus has sent nothing for 5 s (" in start(WATCHDOG)[1]
end("failed", ValueError("line\n" * 200))
why = start(HARD)[1]
assert "\n" not in why and len(why) < 400, why

# On trial boot.py goes back to the version before; the crashes of another one are not ours.
fresh()
for _ in range(5):
    with open("update.try", "w") as file:
        file.write("0.2.0\n1")
    live(4)
    safe, _, count = start(WATCHDOG)
    assert not safe and count == 0
os.remove("update.try")
board.rtc_memory = board.rtc_memory.replace(b" 0.1.0\n", b" 0.0.9\n")
assert brief(WATCHDOG) == (False, 0)

# The stop pin, just after reset: for a moment, for long, or later.
for pressed_s, released_s, expected in (
    (0, 1, True),
    (0, 2.9, True),
    (0, 3.2, None),
    (0.1, 9, False),
):
    board.low_pins = set()
    began_s = world.now_s
    world.at(began_s + pressed_s, board.low_pins.add, 0)
    world.at(began_s + released_s, board.low_pins.discard, 0)
    if not pressed_s:
        board.low_pins.add(0)
    safe, why, _ = start(POWER)
    assert safe is expected, (safe, pressed_s)
    if safe:
        assert why.endswith("pressed. The stop pin was held for a moment. This is safe mode."), why
    else:
        # At once, or after the three seconds.
        assert world.now_s - began_s < (3.1 if expected is None else 0.1)
    world._pass(round((began_s + 10) * 1e6))

# A loop of crashes does not wear the flash: four times a day at most, as long as there is power.
fresh()
writes = 0
for _ in range(40):
    live(3000)
    os.remove("last_words.txt") if "last_words.txt" in os.listdir() else None
    end("failed", RuntimeError("again"))
    writes += "last_words.txt" in os.listdir()
    start(HARD)
# 40 times 50 minutes are 33 hours.
assert writes == 8, writes
with open("last_words.txt", "w") as file:
    file.write("old")

# A long traceback is cut in its middle.
fresh()


def deep(n):
    if n:
        return deep(n - 1)
    raise OSError("at the bottom")


try:
    deep(60)
except OSError as error:
    end("failed", error)
said = words()
assert len(said) <= 1024 and said.startswith("twc-bridge 0.1.0, after 0 s, "), len(said)
assert "Traceback" in said and said.endswith("OSError: at the bottom\n") and "(and so on)" in said

# Whatever stands in the memory, the board starts.
for rubbish in (
    b"\x00",
    b"\xff" * 2000,
    b"twc 1 x 0 0 0.1.0\nwhy\n\n1 2 x",
    b"twc 1 2 0 0\n\n\n",
    b"twc 1 1 0 0 0.1.0\nwhy\n\nsoon",
    b"twc 5 2 0 0 0.1.0\n\xff\n\n1 2 x",
):
    for cause in (0, POWER, HARD, WATCHDOG, 4, SOFT):
        board.rtc_memory = rubbish
        board.power_on(cause)
        from firmware import last_words

        assert last_words.begin() is False, rubbish
        assert board.rtc_memory.startswith(b"twc 1 0 "), (rubbish, board.rtc_memory)

from firmware import board as chip  # noqa: E402

chip.reset_cause = None
assert last_words.begin() is False


# At the prompt the watchdog leaves the board alone for hours; else it would not.
async def at_the_prompt():
    from firmware import last_words

    last_words.begin()
    last_words.stopped()
    await asyncio.sleep(36000)


async def forgotten():
    from firmware import last_words

    last_words.begin()
    await asyncio.sleep(36000)


world = World()
world.start(at_the_prompt)
world.run(36000)
assert world.resets == [], world.resets
world = World()
world.start(forgotten)
world.run(25)
assert [why for _, why in world.resets] == ["watchdog"], world.resets
world.finish()

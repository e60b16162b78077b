"""What is kept on flash: whichever step of a write the power is cut at, or the flash is full or
broken at, the next start reads the old or the new, whole, and nothing is raised.

Each open, write, close and rename is a step. A write that is cut leaves a part of its bytes, which
is more harm than littlefs does.
"""

import builtins
import os
import sys

from firmware import (
    access_point,
    config_write,
    forget,
    journal,
    journal_keep,
    lock_file,
    memory,
    sessions,
    sessions_page,
)
from simulator.virtual.world import World

_EIO = 5
_ENOSPC = 28

UNIT = {
    "rating_ca": 3200,
    "protocol": 2,
    "relay": "resting",
    "linked": True,
    "max_amps": 16,
    "energy": None,
    "starts": 1,
    "today": 1,
}


world = World(config=None)
journal.print = lambda *_: None


class PowerCut(BaseException):
    pass


class Flash:
    """Counts the steps; at that number `left` it fails, with `error`, or with the power. Then all
    that follows fails as well, if `dead`."""

    left = -1
    error = None
    dead = False
    failed = False

    @classmethod
    def step(cls):
        if cls.failed and (cls.dead or cls.error is None):
            raise cls.reason()
        cls.left -= 1
        if cls.left == 0:
            cls.failed = True
            return True
        return False

    @classmethod
    def reason(cls):
        return PowerCut() if cls.error is None else OSError(cls.error)


class File:
    def __init__(self, path, mode):
        self._file = None
        if Flash.step():
            if Flash.error is None and "w" in mode:
                plain_open(path, mode).close()
            raise Flash.reason()
        self._file = plain_open(path, mode)
        self._writes = "r" not in mode

    def write(self, data):
        if Flash.step():
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise Flash.reason()
        return self._file.write(data)

    def read(self, *count):
        return self._file.read(*count)

    def readline(self):
        return self._file.readline()

    def seek(self, at):
        return self._file.seek(at)

    def __iter__(self):
        return iter(self._file)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._file:
            self._file.close()
        if self._writes and Flash.step():
            raise Flash.reason()


class Os:
    stat, urandom = os.stat, os.urandom

    @staticmethod
    def rename(one, other):
        if Flash.step():
            raise Flash.reason()
        os.rename(one, other)

    @staticmethod
    def remove(path):
        if Flash.step():
            raise Flash.reason()
        os.remove(path)


def plain_open(path, mode="r"):
    return real_open(path, mode)


real_open = builtins.open


class On:
    """For a `with`: the modules of the firmware use that flash."""

    def __init__(self, left, error=None, dead=False):
        Flash.left, Flash.error, Flash.dead, Flash.failed = left, error, dead, False

    def __enter__(self):
        builtins.open = lambda path, mode="r": File(path, mode)
        sys.modules["os"] = Os
        for module in MODULES:
            if hasattr(module, "os"):
                module.os = Os
        forget("firmware.whole")

    def __exit__(self, *_):
        builtins.open = real_open
        sys.modules["os"] = os
        for module in MODULES:
            if hasattr(module, "os"):
                module.os = os
        forget("firmware.whole")


MODULES = access_point, journal_keep, lock_file, memory, sessions


class Thing:
    def __init__(self, **known):
        for name in known:
            setattr(self, name, known[name])


class App:
    def __init__(self, now_ms=700000):
        self.now_ms = now_ms
        self.clock = Thing(ms=lambda: self.now_ms)
        self.journal = journal.Journal(self.clock.ms)
        self.problems = []
        self.noted_ms = 0
        self.decisions = Thing(conditions=None)
        self.bus = Thing(slot=self._slot)

    async def _slot(self, *_):
        pass


def session(app, wh):
    energy = Thing(
        open=3, charged_s=60, charged_ms=60000, session_wh=wh, vin=None, solar_percent=lambda: None
    )
    sessions.note(app, Thing(id="2433", name="Left", energy=energy))


def kept_journal(number):
    app = App()
    app.journal.start = number
    app.journal.tell("warning", f"Sentence number {number} is here.")
    app.journal.tell("info", "This does not matter.")
    app.journal.tell("error", f"And another one, {number}.")
    journal_keep.write(app)
    return app


def keep_config(number):
    config = {"name": f"n{number}", "wires": {"max_amps": number}, "mqtt": {"host": "h" * 60}}
    task = config_write.write(App(), config)
    try:
        task.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


def read_text(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None


# name: (write what has this number; read it, as something that can be compared)
KEPT = {
    "state": (
        lambda number: memory.keep(App(), {"2433": dict(UNIT, starts=number)}, {"amps": number}),
        lambda: (memory.load(), memory.load_plan()),
    ),
    "lock": (
        lambda number: lock_file.save(number, b"s" * 16, b"r" * 32, b"t" * 32),
        lambda: lock_file.load(),
    ),
    "access": (
        lambda number: access_point._keep(App(), f"password{number}"),
        lambda: access_point.kept_password(),
    ),
    "config": (keep_config, lambda: read_text("config.new")),
    "sessions": (
        lambda number: session(App(), number * 1000),
        lambda: "".join(list(sessions_page.pieces(None))).split("\n")[1:-1],
    ),
    "journal": (kept_journal, lambda: list(journal_keep.kept())),
}
FILES = "state.json lock.txt access.txt config.new config.tmp sessions.csv journal.txt journal.old"


def wipe():
    for name in FILES.split(" "):
        for end in ("", ".new"):
            try:
                os.remove(name + end)
            except OSError:
                pass


def is_between(found, old, new):
    """Whether this is the old, or the new, or, of lines, some of the new ones as well."""
    if found in (old, new):
        return True
    return isinstance(new, list) and len(found) < len(new) and found == new[: len(found)]


def fill(name):
    """Lets what grows be renewed with the next line."""
    path, line, size = "journal.txt", b"1 5 - info Filled.\n", 4050
    if name == "sessions":
        path, line, size = "sessions.csv", b",2433," + b"L" * 250 + b",,1,1.00,\n", 7800
    with open(path, "ab") as file:
        while file.tell() < size:
            file.write(line)


def snapshot():
    """{path: bytes} of what there is."""
    there = {}
    for path in FILES.split(" "):
        if read_text(path) is not None:
            with open(path, "rb") as file:
                there[path] = file.read()
    return there


def cut_at_every_step(name, write, read, full):
    wipe()
    write(3)
    third = read()
    cases = 0
    for error, dead in ((None, False), (_ENOSPC, False), (_EIO, True)):
        number = 0
        while True:
            number += 1
            wipe()
            write(1)
            if full:
                fill(name)
            old, before = read(), snapshot()
            write(2)
            new = read()
            wipe()
            for path in before:
                with open(path, "wb") as file:
                    file.write(before[path])
            assert read() == old != new, (name, old, new)
            with On(number, error, dead):
                try:
                    write(2)
                except PowerCut:
                    assert error is None
                except OSError:
                    assert error is not None and name == "lock", name
            if not Flash.failed:
                break
            cases += 1
            found = read()
            if full and isinstance(found, list) and found not in (old, new):
                # The oldest go when it is renewed.
                assert found and all([one in old or one in new for one in found]), (number, found)
            else:
                assert is_between(found, old, new), (name, number, error, old, found)
            if error == _ENOSPC:
                left = [one for one in os.listdir() if one.endswith((".new", ".tmp"))]
                assert left in ([], ["config.new"]), left
            # And it goes on: what is written then is there, and nothing that nobody wrote.
            write(3)
            last = read()
            if isinstance(last, list):
                assert full or all([one in last for one in found]), (found, last)
                assert last[-len(third) :] == third, (number, last, third)
                assert all([one in old or one in new or one in third for one in last]), last
            else:
                assert last == third, (name, number, error, last, third)
    return cases


counted = {}
for name in KEPT:
    write, read = KEPT[name]
    counted[name] = cut_at_every_step(name, write, read, False)
    if name in ("sessions", "journal"):
        counted[name + ", full"] = cut_at_every_step(name, write, read, True)
print(counted)
assert min(counted.values()) >= 6, counted
wipe()

# Garbage, and parts: nothing is raised, and each of them says that it is no good.
for name in KEPT:
    if name == "config":
        continue  # what is checked by the next start: config_power_cuts.py
    write, read = KEPT[name]
    write(1)
    good = read()
    path = [one for one in FILES.split(" ") if read_text(one) is not None][0]
    raw = real_open(path, "rb").read()
    for data in [raw[:size] for size in range(0, len(raw), 3)] + [b"", b"\xff\x00\xfe" * 700]:
        with open(path, "wb") as file:
            file.write(data)
        found = read()
        if name != "access":  # a part of a password is one
            assert found != good or data == raw[:-1], (name, data)
        if name in ("journal", "sessions"):
            assert all([one in good for one in found]) or data[:1] == b"\xff", found
    write(2)
    read()
    # A flash of which nothing can be read.
    with On(1, _EIO, True):
        try:
            found = read()
        except OSError:
            raise AssertionError(name) from None
        if name == "state":
            assert found == (None, {"mode": "off"}), found
    wipe()

# What is due, and how often.
now = [0]
book = journal.Journal(lambda: now[0])
written = []
for second in range(2 * 86400):
    now[0] = second * 1000
    if second % 7 == 0:
        book.tell("warning", f"Warning {second}")
    if 90000 < second < 140000 and second % 9 == 0:
        book.tell("error", f"Error {second}")
    if book.due(False):
        written.append(second)
first = [one for one in written if one < 86400]
assert len(first) == 48 and first[0] == 600 and first[1] == 1200, first
assert len(written) - 48 == 96, len(written)
assert min([written[at + 1] - written[at] for at in range(len(written) - 1)]) == 60
# Before a new start at once, unless there is nothing.
now[0] += 86400000
assert book.due(True) and not book.due(True)
book.tell("info", "Nothing.")
assert not book.due(True)
world.run(1)
world.finish()

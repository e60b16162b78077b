"""Updates on which the power is cut before each operation on flash, and in the middle of each
write; releases that are damaged, wrong or hostile; new versions that do not run.

The real firmware/update*.py, boot.py and main.py, on real files. Whatever happens, a whole
version runs: the old one or the new one.
"""

import asyncio
import builtins
import os
import sys
import time

from common.updates import GOOD, MANIFEST, MPY, NEW, OLD, Part, Request, bench
from micropython import const

from firmware import forget
from simulator.virtual.world import World

HERE = __file__.rsplit("/", 1)[0]
CAUSE_WATCHDOG = const(3)
CAUSE_RESET = const(2)

plain_open = open


class PowerCut(BaseException):
    """Also for what catches every Exception."""


class Reset(BaseException):
    def __init__(self, cause):
        self.cause = cause


class Flash:
    """The os of the firmware. After `left` operations there is no power any more."""

    def __init__(self):
        self.left = -1
        self.count = 0
        self.dead = False
        self.free_blocks = 400

    def step(self):
        if self.left == 0 or self.dead:
            self.dead = True
            raise PowerCut
        self.left -= 1
        self.count += 1

    def rename(self, one, other):
        self.step()
        os.rename(one, other)

    def remove(self, path):
        self.step()
        os.remove(path)

    def mkdir(self, path):
        self.step()
        os.mkdir(path)

    def rmdir(self, path):
        self.step()
        os.rmdir(path)

    def stat(self, path):
        self.alive()
        return os.stat(path)

    def listdir(self, path="."):
        self.alive()
        return os.listdir(path)

    def ilistdir(self, path="."):
        self.alive()
        # The chip tells neither "." nor "..".
        return [entry for entry in os.ilistdir(path) if entry[0] not in (".", "..")]

    def statvfs(self, path):
        self.alive()
        return (4096, 4096, 512, self.free_blocks, self.free_blocks, 0, 0, 0, 0, 255)

    def alive(self):
        if self.dead:
            raise PowerCut

    def open(self, name, mode="r"):
        self.alive()
        if "w" not in mode and "a" not in mode:
            return plain_open(name, mode)
        self.step()
        return Written(self, plain_open(name, mode))


class Written:
    """A file that is being written. A cut leaves half of a write."""

    def __init__(self, flash, file):
        self.flash = flash
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, data):
        data = data if isinstance(data, str) else bytes(data)
        self.flash.step()
        half = len(data) // 2
        self.file.write(data[:half])
        self.file.flush()
        self.flash.step()
        self.file.write(data[half:])
        self.file.flush()
        return len(data)

    def close(self):
        self.file.close()
        self.flash.alive()


class Machine:
    """What boot.py asks the chip."""

    cause = CAUSE_RESET
    watchdog = None

    @classmethod
    def reset_cause(cls):
        return cls.cause

    @classmethod
    def WDT(cls, timeout):
        cls.watchdog = timeout

    @staticmethod
    def reset():
        raise Reset(CAUSE_RESET)


def erase(path="."):
    for entry in list(os.ilistdir(path)):
        if entry[0] in (".", ".."):
            continue
        name = path + "/" + entry[0]
        if entry[1] & 0x4000:
            erase(name)
            os.rmdir(name)
        else:
            os.remove(name)


def write(path, data):
    at = path.find("/")
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass
        at = path.find("/", at + 1)
    with plain_open(path, "wb") as file:
        file.write(data)


def lay(files=OLD, **more):
    """A board with these files; `more`: slot="bad" with other files, update="…" in update.try."""
    erase()
    for name in ("boot.py", "main.py"):
        with plain_open(HERE + "/../../" + name, "rb") as file:
            write(name, file.read())
    write("config.json", b"{}")
    for path, data in files:
        write(path, data)
    for slot, content in more.items():
        if isinstance(content, bytes):
            write("update." + slot, content)
            continue
        for path, data in content:
            write(path.replace("firmware/", "firmware." + slot + "/"), data)


def tree(path):
    """{path: bytes} of a folder of the board."""
    found = {}
    try:
        entries = list(os.ilistdir(path))
    except OSError:
        return found
    for entry in entries:
        name = path + "/" + entry[0]
        if entry[0] in (".", ".."):
            continue
        if entry[1] & 0x4000:
            found.update(tree(name))
        else:
            with plain_open(name, "rb") as file:
                found[name] = file.read()
    return found


WHOLE_OLD, WHOLE_NEW = dict(OLD), dict(NEW + (MANIFEST,))


def which():
    """The version that lies there whole."""
    there = tree("firmware")
    if there == WHOLE_OLD:
        return "old"
    assert there == WHOLE_NEW, sorted(there)
    return "new"


def powered(flash, do, *args):
    """What do() returns, on this flash; None after a power cut."""
    before = sys.modules.get("os"), sys.modules.get("machine"), sys.path[:]
    sys.modules["os"], sys.modules["machine"] = flash, Machine
    builtins.open = flash.open
    try:
        return do(*args)
    except PowerCut:
        return None
    finally:
        sys.path[:] = before[2]
        builtins.open = plain_open
        sys.modules["os"] = before[0]
        sys.modules.pop("machine")
        if before[1]:
            sys.modules["machine"] = before[1]
        for name in ("update", "update_check", "update_clean"):
            forget("firmware." + name)


def upload(data, flash=None, length=None):
    """(status, text) of an upload, or None if the power was cut; and the Part."""
    app, flash = Part(), flash or Flash()

    async def run():
        from firmware import update

        request = Request(data, length)
        told = await update.post(app, request, request, None)
        await asyncio.sleep_ms(50)  # what it leaves to a task
        return told

    asyncio.new_event_loop()
    return powered(flash, asyncio.run, run()), app


def boot(flash=None, cause=CAUSE_RESET):
    """One run of boot.py."""
    Machine.cause = cause

    def run():
        with plain_open("boot.py") as file:
            exec(file.read(), {"__name__": "__main__"})
        return True

    return powered(flash or Flash(), run)


def refused(data, words, length=None, **more):
    """An upload is answered with a sentence, and nothing has changed."""
    lay(**more)
    before = tree(".")
    told, app = upload(data, length=length)
    assert told[0][0] == "4" and words in told[1] and told[1][-1] == ".", (words, told)
    assert app.restarted is None and app.large is False
    # Nothing stays in memory.
    assert not [name for name in ("ustar", "manifest", "signature") if name in sys.modules]
    assert tree(".") == before, (words, sorted(tree(".")))
    boot()
    assert tree(".") == before


# A good one: answered, taken at the next start, on trial.
lay()
told, app = upload(GOOD)
assert told[0] == "200 OK" and "0.2.0" in told[1] and "0.2.0" in app.restarted, told
assert which() == "old"
busy = upload(GOOD)[0]
assert busy[0] == "409 Conflict" and "about to start" in busy[1]
Machine.watchdog = None
boot()
assert which() == "new" and Machine.watchdog == 60000
assert tree("firmware.old") == {
    path.replace("firmware/", "firmware.old/"): data for path, data in OLD
}
assert tree(".")["./update.try"] == b"0.2.0\n2" and "./update.go" not in tree(".")
busy = upload(GOOD)[0]
assert busy[0] == "409 Conflict" and "on trial" in busy[1], busy

# The power is cut on the upload, before each operation: the old one runs on until all
# was checked.
operations = 0
while True:
    lay(bad=OLD, old=OLD, new=NEW[:2])
    flash = Flash()
    flash.left = operations
    told, _ = upload(GOOD, flash)
    if told:
        break
    assert which() == "old"
    ready = "./update.go" in tree(".")
    boot()
    assert which() == ("new" if ready else "old"), operations
    if not ready:
        # And the next upload begins anew.
        assert upload(GOOD)[0][0] == "200 OK"
        boot()
        assert which() == "new"
    operations += 1
print("upload: cut at", operations, "operations")
assert operations > 30

# On the change of the slots, up to three times in a row.
cuts = 0
for first in range(9):
    for second in range(9):
        lay(go=b"0.2.0\n", new=NEW + (MANIFEST,))
        for left in (first, second):
            flash = Flash()
            flash.left = left
            if not boot(flash):
                cuts += 1
        boot()
        assert which() == "new", (first, second)
        there = tree(".")
        assert "./update.try" in there and "./update.go" not in there
        assert tree("firmware.old") and not tree("firmware.new")
assert cuts > 30, cuts

# On the way back.
cuts = 0
for first in range(9):
    for second in range(9):
        lay(NEW + (MANIFEST,), old=OLD, **{"try": b"0.2.0\n2333"})
        for left in (first, second):
            flash = Flash()
            flash.left = left
            if not boot(flash):
                cuts += 1
        boot()
        assert which() == "old", (first, second)
        there = tree(".")
        assert there["./update.bad"].startswith(b"0.2.0\n2333") and "./update.try" not in there
        assert tree("firmware.bad") and not tree("firmware.old")
assert cuts > 30, cuts


# Where nothing can be renamed or written any more, what is there runs.
class Full(Flash):
    def rename(self, one, other):
        raise OSError(28)

    def open(self, name, mode="r"):
        if mode != "r":
            raise OSError(28)
        return plain_open(name, mode)


lay(go=b"0.2.0\n", new=NEW + (MANIFEST,))
boot(Full())
assert which() == "old"
lay(NEW + (MANIFEST,), old=OLD, **{"try": b"0.2.0\n2"})
boot(Full())
assert which() == "new"


class FullForFiles(Full):
    rename = Flash.rename


# Starts that can't be counted would have no end.
lay(NEW + (MANIFEST,), old=OLD, **{"try": b"0.2.0\n2"})
boot(FullForFiles())
assert which() == "old"
# A board that lost its firmware half-way has the one before.
lay((), old=OLD)
boot()
assert which() == "old"


# New versions that do not run: boot.py and main.py as on a board, one start after the other.
def live(cause=1, starts=12):
    """Who ran in the end, and how many starts it took."""

    def ran(who):
        runs.append(who)

    for count in range(1, starts):
        runs = []
        builtins.ran, builtins.hang = ran, hang
        boot(cause=cause)

        def run():
            sys.path.insert(0, "")
            for name in ("firmware", "firmware.start"):
                sys.modules.pop(name, None)
            slept, time.sleep = time.sleep, lambda seconds: None
            try:
                with plain_open("main.py") as file:
                    exec(file.read(), {"__name__": "__main__"})
            finally:
                time.sleep = slept

        ours = {name: sys.modules.pop(name) for name in list(sys.modules) if "firmware" in name}
        try:
            powered(Flash(), run)
        except Reset as reset:
            cause = reset.cause
            continue
        finally:
            for name in list(sys.modules):
                if name.startswith("firmware"):
                    sys.modules.pop(name)
            sys.modules.update(ours)
        if runs:
            return runs[-1], count
    return None, starts


def hang():
    """Nobody feeds the watchdog that boot.py has started."""
    assert Machine.watchdog == 60000
    raise Reset(CAUSE_WATCHDOG)


for bad, marks in (
    (b"raise ValueError('at import')\n", b"0.2.0\n1222"),
    (b"syntax error\n", b"0.2.0\n1222"),
    (b"from firmware import nothing\n", b"0.2.0\n1222"),
    (b"hang()\n", b"0.2.0\n1333"),
    (b"def main():\n    hang()\n", b"0.2.0\n1333"),
):
    files = NEW[:3] + (("firmware/start.py", bad),) + NEW[4:]
    lay()
    assert upload(bench.release(files, mpy=MPY))[0][0] == "200 OK"
    assert live() == ("old", 4), bad
    assert which() == "old" and tree(".")["./update.bad"] == marks, (
        bad,
        tree(".")["./update.bad"],
    )
    # Kept until the next one, which may be better.
    assert live() == ("old", 1) and "./update.bad" in tree(".")
    assert upload(GOOD)[0][0] == "200 OK"
    assert live() == ("new", 1) and "./update.bad" not in tree(".")

# Damaged at many places, and what ends too early or goes on.
step = 61
for at in range(0, len(GOOD), step):
    changed = bytearray(GOOD)
    changed[at] ^= 1 << at % 8
    refused(bytes(changed), "")
print("damaged:", len(GOOD) // step, "places")
for end in (1, 511, 512, 600, 1024, len(GOOD) // 2, len(GOOD) - 1024, len(GOOD) - 1):
    refused(GOOD[:end], "")
refused(GOOD + bytes(512), "not whole")
refused(b"", "Send a release file")
refused(b"PK\x03\x04" + bytes(2000), "no release file")
refused(bench.tar(NEW), "does not begin with a manifest")
# The client goes away.
for end in (100, 3000, len(GOOD) - 700):
    lay()
    before = tree(".")
    try:
        upload(GOOD[:end], length=len(GOOD))
        raise AssertionError(end)
    except OSError:
        pass
    boot()
    assert which() == "old", end


def packed(files, named=None, **more):
    """A release whose manifest tells of other files than it has."""
    return bench.release(files, named=named, mpy=MPY, **more)


# Wrong hash, size, order, names.
other = NEW[:1] + ((NEW[1][0], bytes(1280)),) + NEW[2:]
refused(packed(other, NEW), "lib/a.txt is damaged")
refused(packed(NEW[:1] + ((NEW[1][0], bytes(1279)),) + NEW[2:], NEW), "lib/a.txt should be")
refused(packed((NEW[1], NEW[0]) + NEW[2:], NEW), "where firmware/__init__.py should be")
refused(packed((NEW[1], NEW[0]) + NEW[2:]), "manifest of the release is damaged")
for path in ("boot.py", "firmware/../boot.py", "/firmware/x", "../x", "config.json", "lib/x.py"):
    hostile = sorted(NEW + ((path, b"print('mine')"),))
    refused(packed(hostile), "does not belong below firmware/")
    # The manifest is fine, and the tar is not.
    refused(packed(((path, NEW[0][1]),) + NEW[1:], NEW), "where firmware/__init__.py should be")
refused(bench.release(NEW, mpy=MPY, boot=2), "make deploy")
refused(bench.release(NEW, mpy=MPY + 1), "MicroPython")


# What does not fit: 64 KB and 6 folders are left over, and five files take one block each.
class Small(Flash):
    def __init__(self, blocks):
        Flash.__init__(self)
        self.free_blocks = blocks


needed = 16 + 12 + 4
lay()
before = tree(".")
told, app = upload(GOOD, Small(needed - 1))
assert (
    told[0][0] == "4"
    and f"has {4 * needed - 4} KB free, the update needs {4 * needed} KB" in told[1]
)
assert tree(".") == before
assert upload(GOOD, Small(needed))[0][0] == "200 OK"


class Runs(Flash):
    """Full after so many files, whatever it said before."""

    files = 4

    def open(self, name, mode="r"):
        if mode == "wb":
            self.files -= 1
            if not self.files:
                raise OSError(28)
        return Flash.open(self, name, mode)


lay()
told, app = upload(GOOD, Runs())
assert told[0][:3] == "507" and "stays as it is" in told[1], told
assert tree(".") == before

# Signatures: with release.pub on the board only what its key has signed.
text = bench.manifest(NEW, mpy=MPY)
signed = bench.release(NEW, bench.sign(text), mpy=MPY)
wrong = bytearray(bench.sign(text))
wrong[7] ^= 1
for blocks in (signed, GOOD):
    lay()
    assert upload(blocks)[0][0] == "200 OK"  # without a key on the board
    boot()
    assert which() == "new"


def with_key(data, words, key=bench.MODULUS):
    """Refused by a board that has a key."""
    lay()
    write("release.pub", key.encode() + b"\n")
    before = tree(".")
    told, _ = upload(data)
    assert told[0][0] == "4" and words in told[1], told
    assert tree(".") == before


with_key(GOOD, "is not signed")
with_key(bench.release(NEW, bytes(wrong), mpy=MPY), "signed by another key")
with_key(bench.release(NEW, bench.sign(text + b"\n"), mpy=MPY), "signed by another key")
with_key(bench.release(NEW, bench.sign(text)[1:], mpy=MPY), "signed by another key")
with_key(bench.release(NEW, bytes(385), mpy=MPY), "too long")
with_key(signed, "release.pub", "no key")
# A signed manifest does not help other files.
with_key(bench.release(other, bench.sign(text), mpy=MPY, named=NEW), "is damaged")
lay()
write("release.pub", bench.MODULUS.encode() + b"\n")
assert upload(signed)[0][0] == "200 OK"
boot()
assert which() == "new"
world = World(config=None)
world.run(1)
world.finish()

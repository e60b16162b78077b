"""Updates on the file system that a board has, littlefs, in blocks of 4 KB: the power is cut in
the middle of writing or erasing a block, and what is there then is mounted again.

update_power_cuts.py goes through all operations; here it is seen that what is taken for granted
there holds: a rename happens whole or not at all, also of a folder, and a file is there with all
that was written to it or is not there.
"""

import asyncio
import os
import sys

from common.updates import GOOD, MANIFEST, NEW, OLD, Part, Request
from micropython import const

from firmware import forget
from simulator.virtual.world import World

HERE = __file__.rsplit("/", 1)[0]
BLOCK = const(4096)
BLOCKS = const(96)
ERASED = b"\xff" * BLOCK
MOUNT = "/flash"


class Blocks:
    """Flash that counts its changes. `cut`: what there would be of it if the power had failed in
    the middle of change number `at`; None if it has not come to that."""

    def __init__(self, data=None, at=0):
        self.data = data or bytearray(b"\xff" * (BLOCK * BLOCKS))
        self.cut = None
        self.count = 0
        self._at = at

    def change(self, begin, new):
        self.count += 1
        if self.count == self._at:
            self.cut = bytearray(self.data)
            half = len(new) // 2
            self.cut[begin : begin + half] = new[:half]
        self.data[begin : begin + len(new)] = new

    def readblocks(self, number, buffer, offset=0):
        begin = number * BLOCK + offset
        buffer[:] = memoryview(self.data)[begin : begin + len(buffer)]

    def writeblocks(self, number, buffer, offset=0):
        self.change(number * BLOCK + offset, buffer)

    def ioctl(self, what, number):
        if what == 4:
            return BLOCKS
        if what == 5:
            return BLOCK
        if what == 6:
            self.change(number * BLOCK, ERASED)
        return 0


class Machine:
    @staticmethod
    def reset_cause():
        return 1


def on_flash(blocks, do, *args):
    """Runs do() on what is mounted from these blocks; returns what it returns."""
    os.mount(os.VfsLfs2(blocks), MOUNT)
    os.chdir(MOUNT)
    sys.modules["machine"] = Machine
    path = sys.path[:]
    try:
        return do(*args)
    finally:
        sys.path[:] = path
        sys.modules.pop("machine")
        os.chdir("/")
        os.umount(MOUNT)
        for name in ("update", "update_check", "update_clean"):
            forget("firmware." + name)


def write(files):
    for path, data in files:
        at = path.find("/")
        while at > 0:
            try:
                os.mkdir(path[:at])
            except OSError:
                pass
            at = path.find("/", at + 1)
        with open(path, "wb") as file:
            file.write(data)


def tree(path):
    found = {}
    for entry in os.ilistdir(path):
        name = path + "/" + entry[0]
        if entry[1] & 0x4000:
            found.update(tree(name))
        else:
            with open(name, "rb") as file:
                found[name] = file.read()
    return found


def upload():
    """The status of an upload."""
    app = Part()

    async def run():
        from firmware import update

        request = Request(GOOD)
        told = await update.post(app, request, request, None)
        await asyncio.sleep_ms(50)  # what it leaves to a task
        return told[0]

    asyncio.new_event_loop()
    return asyncio.run(run())


def boot():
    exec(BOOT, {"__name__": "__main__"})
    return True


def there():
    """(files of the firmware, names in the root)."""
    return tree("firmware"), os.listdir()


def after_restart(data):
    """ "old" or "new": the version that lies there whole after a start on what is left."""
    assert on_flash(Blocks(data), boot)
    files, names = on_flash(Blocks(data), there)
    if files == dict(OLD):
        return "old", names
    assert files == dict(NEW + (MANIFEST,)), sorted(files)
    return "new", names


with open(HERE + "/../../boot.py") as file:
    BOOT = file.read()
fresh = Blocks()
os.VfsLfs2.mkfs(fresh)
on_flash(fresh, write, OLD + (("boot.py", BOOT.encode()), ("config.json", b"{}")))
# What is left over has to fit with 64 KB to spare.
assert on_flash(fresh, os.statvfs, "/")[3] > 60


# On the upload, at each change.
def sent(at=0):
    blocks = Blocks(bytearray(fresh.data), at)
    assert on_flash(blocks, upload) == "200 OK"
    return blocks


ready = sent()
print("an upload changes flash", ready.count, "times")
assert ready.count > 40
for at in range(1, ready.count + 1):
    left = sent(at).cut
    # Also the last one, the rename that makes update.go.
    assert after_restart(left)[0] == "old", at
    # And the next one succeeds.
    assert on_flash(Blocks(left), upload) == "200 OK", at
    assert after_restart(left)[0] == "new", at


# On the change of the slots, and on the way back, at each change, twice in a row.
def cut_boot(start, wanted, mark):
    cuts = 0
    for at in range(1, 60):
        blocks = Blocks(bytearray(start), at)
        on_flash(blocks, boot)
        if not blocks.cut:
            break
        cuts += 1
        left = blocks.cut
        for again in (1, 2, 5):
            blocks = Blocks(left, again)
            on_flash(blocks, boot)
            left = blocks.cut or blocks.data
        version, names = after_restart(left)
        assert version == wanted and mark in names, (at, names)
    print("cut at", cuts, "places, then:", wanted)
    assert cuts >= 4, cuts


def give_up():
    with open("update.try", "a") as file:
        file.write("333")


cut_boot(ready.data, "new", "update.try")
assert after_restart(ready.data)[0] == "new"
on_flash(Blocks(ready.data), give_up)
cut_boot(ready.data, "old", "update.bad")
world = World(config=None)
world.run(1)
world.finish()

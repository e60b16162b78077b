"""A version on trial: it stays after a healthy minute, and goes when it is not well in ten
minutes, three times; then the one before tells why it is back. boot.py runs at each start, as on
a board; the files that it moves stand for the versions.
"""

import os

from common.household import unit
from common.lives import Lives

from simulator.virtual import web

HERE = __file__.rsplit("/", 1)[0]
# What the firmware itself reads while it runs; see simulator/virtual/launch.py.
TABLES = [entry[0] for entry in os.ilistdir("firmware") if entry[0].endswith(".txt")]


def erase(path):
    try:
        entries = [entry for entry in os.ilistdir(path) if entry[0] not in (".", "..")]
    except OSError:
        return
    for entry in entries:
        if entry[1] & 0x4000:
            erase(path + "/" + entry[0])
        else:
            os.remove(path + "/" + entry[0])
    os.rmdir(path)


def copy(slot, mark):
    """A slot with the tables, and a file that tells it from others."""
    os.mkdir(slot)
    for name in TABLES:
        with open("tables/" + name) as file:
            text = file.read()
        with open(slot + "/" + name, "w") as file:
            file.write(text)
    with open(slot + "/mark", "w") as file:
        file.write(mark)


def mark():
    with open("firmware/mark") as file:
        return file.read()


def there(name):
    try:
        os.stat(name)
        return True
    except OSError:
        return False


def begin(**files):
    """A board whose version "old" is about to be replaced by "new" at its next start."""
    for slot in ("firmware", "firmware.new", "firmware.old", "firmware.bad"):
        erase(slot)
    for name in ("go", "try", "bad", "new"):
        if there("update." + name):
            os.remove("update." + name)
    copy("firmware", "old")
    copy("firmware.new", "new")
    with open("update.go", "w") as file:
        file.write("0.2.0\n")


class House(Lives):
    async def _main(self):
        with open(HERE + "/../../boot.py") as file:
            exec(file.read(), {"__name__": "__main__"})
        await super()._main()


def status():
    answer = web.get("/api/status")
    house.world.wait_for(lambda: answer.done, 12, "the status", 0.01)
    return answer.json()


erase("tables")
os.rename("firmware", "tables")
begin()
house = House([unit("2433")], config={"web": {"lock": "off"}})
world = house.world
house.start()

# It confirms itself after a minute, not sooner; then the one before is removed, bit by bit.
world.run(40)
assert mark() == "new" and "on trial" in status()["update"], status()["update"]
refusal = web.post("/api/update", b"x" * 2000)
world.wait_for(lambda: refusal.done, 12, "an answer", 0.01)
assert refusal.status == 409 and "on trial" in refusal.json()["error"], refusal.body
took_s = 40 + world.wait_for(lambda: not there("update.try"), 60, "the end of the trial")
assert 60 <= took_s < 75, took_s
assert status()["update"] is None
assert "healthy minute: it stays" in house.notes[-1][2], house.notes[-1]
assert there("firmware.old")
world.wait_for(lambda: not there("firmware.old"), 60, "the end of the one before")
assert mark() == "new" and not world.resets

# Without Wi-Fi: new starts, and the one before is back with the fourth.
begin()
world.wifi(False)
world.power_cut()
world.run_for(2 + 590)
assert mark() == "new" and len(world.resets) == 1, world.resets
for count in (2, 3, 4):
    world.wait_for(lambda count=count: len(world.resets) == count, 640, f"start {count}")
    assert "not well for 10 minutes: no network." in house.notes[-1][2], house.notes[-1]
world.run_for(5)
assert mark() == "old" and not there("update.try"), world.resets
with open("update.bad") as file:
    marks = file.read()
assert marks.startswith("0.2.0\n") and marks.count("w") == 3, marks
world.wifi(True)
world.wait_for(lambda: house.app.wifi.state == "connected", 120, "Wi-Fi")
world.run_for(10)
told = status()
sentence = (
    "Version 0.2.0 has not run for a healthy minute in 3 starts (no network, no network, no "
    "network): the one before is back."
)
assert told["update"] == sentence and sentence in told["warnings"], told["update"]
assert len(world.resets) == 4
world.wait_for(lambda: not there("firmware.bad"), 120, "the end of the bad one")

# A minute begins anew with each interruption, and Wi-Fi that comes and goes is not healthy.
begin()
world.power_cut()
world.run_for(40)
world.wifi(False)
world.run_for(30)
world.wifi(True)
assert there("update.try")
since_s = world.now_s
world.wait_for(lambda: house.app.wifi.state == "connected", 120, "Wi-Fi")
assert there("update.try")
world.wait_for(lambda: not there("update.try"), 75, "the end of the trial")
assert world.now_s - since_s > 58 and mark() == "new"
assert not there("update.bad") or mark() == "new"

# What an upload left half-way is removed.
world.wait_for(lambda: not there("firmware.old"), 120, "the end of the one before")
os.rename("firmware", "firmware.old")
copy("firmware", "old")
copy("firmware.new", "half")
with open("update.new", "w") as file:
    file.write("half")
world.power_cut()
world.wait_for(lambda: not there("firmware.old"), 120, "the end of what is left over")
assert not there("firmware.new") and not there("update.new") and mark() == "old"
# New starts that were asked for are no crashes.
assert not any(house.safe), house.safe
world.finish()

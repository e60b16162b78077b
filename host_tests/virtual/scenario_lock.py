"""The lock on the door, over HTTP, on a board that hashes as slowly as an ESP32 does."""

import hashlib
import json
import os
import sys
from binascii import b2a_base64

from common.household import Household, unit

from simulator.virtual import tcp, web
from simulator.virtual.clock import clock

HASH_US = 900  # of one SHA-256 in a password's hash
LOCK = "lock.txt"


class SlowHashlib:
    """hashlib, with a SHA-256 that takes time. `slices`: how long it went on without a pause."""

    def __init__(self):
        self.slices = []
        self.end_us = 0
        self.hash_us = HASH_US

    def sha256(self, data=b""):
        if len(data) == 96:
            if clock.now_us > self.end_us or not self.slices:  # others had their turn
                self.slices.append(0)
            clock.wait_until(clock.now_us + self.hash_us)
            self.slices[-1] += self.hash_us
            self.end_us = clock.now_us
        return hashlib.sha256(data)

    def count(self):
        """How many iterations there were since the last time; none was longer than 10 ms."""
        slices, self.slices = self.slices, []
        assert max(slices or [0]) <= 10000, max(slices)
        return (sum(slices) // self.hash_us + 1) // 2  # the first one has one of its two before


slow = SlowHashlib()
sys.modules["hashlib"] = slow

peer = ["10.0.0.7"]
accept = tcp.Socket.accept
tcp.Socket.accept = lambda self: (accept(self)[0], (peer[0], 50000))


def request(method, path, body=None, cookie=None, page=True, authorization=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: twc-bridge"]
    if cookie:
        lines.append("Cookie: theme=dark; twc=" + cookie)
    if page:
        lines.append("X-TWC: 1")
    if authorization:
        lines.append("Authorization: " + authorization)
    body = b"" if body is None else json.dumps(body).encode()
    head = "\r\n".join(lines + [f"Content-Length: {len(body)}", "", ""])
    return web.send(head.encode() + body)


def ended(answer):
    world.wait_for(lambda: answer.done, 20, "an answer", 0.01)
    return answer


def ask(method, path, *arguments, **more):
    """(status, document, cookie that was set or None) of a request."""
    answer = ended(request(method, path, *arguments, **more))
    assert answer.status, (path, answer.refused)
    found = answer.headers.get("set-cookie")
    if found:
        assert found.endswith("; HttpOnly; SameSite=Strict; Max-Age=2592000") or (
            found.startswith("twc=;") and found.endswith("Max-Age=0")
        ), found
        found = found.split(";")[0][4:]
    if answer.status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    if answer.status == 429:
        said[0] = int(answer.headers["retry-after"])
    return answer.status, answer.json() if answer.body else None, found


said = [None]  # the last Retry-After


def post(path, body=None, **more):
    return ask("POST", "/api/" + path, body, **more)


def change(**more):
    """The status of a POST that has to be let in: a reading of 0 W."""
    return post("surplus", 0, **more)[0]


def access(**more):
    status, found, _ = ask("GET", "/api/access", **more)
    assert status == 200
    return found["lock"], found["in"], found["token"]


def login(password, **more):
    return post("login", {"password": password}, **more)


def basic(password, user="somebody"):
    return "Basic " + str(b2a_base64((user + ":" + password).encode()).strip(), "ascii")


def lock_txt():
    with open(LOCK) as file:
        return file.read()


def write_lock(text):
    with open(LOCK, "w") as file:
        file.write(text)


def remove_lock():
    for name in (LOCK, LOCK + ".new"):
        try:
            os.remove(name)
        except OSError:
            pass


remove_lock()
house = Household([unit("2433"), unit("5850")])
world = house.world
house.start()
world.run_for(60)

# No password yet: all may look, nobody may change, not even with what might be one.
assert access() == ("none", False, False)
assert ask("GET", "/api/status")[0] == 200
for more in (
    {},
    {"cookie": "00" * 16},
    {"authorization": "Bearer "},
    {"authorization": basic("")},
):
    status, answer, _ = post("token", {}, **more)
    assert status == 403 and answer["error"].startswith("Set a password first"), (more, answer)
assert login("open sesame")[0] == 403 and slow.count() == 0

# The first one. What is no password is none.
for wrong in ({}, {"password": 12345678}, {"password": "short12"}, {"password": "x" * 65}, []):
    status, answer, _ = post("password", wrong)
    assert status == 400 and answer["error"].endswith("."), (wrong, status, answer)
assert access()[0] == "none"
world.run_for(5)
gap_ms = house.app.bus.gap_ms
assert gap_ms < 1100, gap_ms
start_s = world.now_s
causes = []
slot = house.app.bus.slot


async def noted_slot(ms, cause):
    causes.append(cause)
    await slot(ms, cause)


house.app.bus.slot = noted_slot
status, answer, mine = post("password", {"password": "open:sesame"})
assert "flash" in causes, causes
house.app.bus.slot = slot
assert status == 200 and answer == {"in": True} and len(mine) == 32, answer
# A second of work, in slices of at most 10 ms (see count), between which the bus went on.
count = slow.count()
assert 550 <= count < 560 and count == int(lock_txt().split(" ")[1]), count
assert 1 < world.now_s - start_s < 3
assert house.app.bus.gap_ms == gap_ms, (gap_ms, house.app.bus.gap_ms)
# Whoever comes second needs the first one.
status, answer, _ = post("password", {"password": "mine instead"})
assert status == 403 and answer["error"].startswith("old:"), answer
# Also if the first was not there yet when the second one asked.
from firmware import lock_try  # noqa: E402

try:
    lock_try.new(house.app, b"mine instead", False).send(None)
    raise AssertionError("it was hashed")
except StopIteration as end:
    assert end.value is False

# The cookie of the session lets in, with the header that no page elsewhere can send.
assert access(cookie=mine) == ("set", True, False) and access() == ("set", False, False)
assert change(cookie=mine) == 200 and change(cookie=mine, page=False) == 403
assert change() == 401 and change(cookie="0" * 32) == 401 and change(cookie="") == 401
assert change(cookie=mine[:-1]) == 401 and change(cookie=mine + "0") == 401
assert ask("GET", "/api/status")[0] == 200
assert "open" not in lock_txt() and mine not in lock_txt()

# A token: told once, let in without a wait, and recognized after a restart.
status, answer, _ = post("token", {}, cookie=mine)
token = answer["token"]
assert status == 200 and len(token) == 32 and token not in lock_txt()
assert access() == ("set", False, True)
bearer = {"authorization": "bearer " + token, "page": False}
assert access(**bearer) == ("set", True, True)
assert post("login", {"password": 5}, **bearer)[0] == 400
assert change(authorization="Bearer " + token[1:]) == 401
assert slow.count() == 0

# Basic, with any user name; hashed once, and then remembered.
assert change(authorization="Basic !!") == 401  # an empty password
assert slow.count() == count
world.run_for(1.1)
assert change(authorization=basic("open:sesame", "")) == 200 and slow.count() == 0
house.app.lock.basic = None  # as after a restart
assert change(authorization=basic("open:sesame")) == 200 and slow.count() == count
assert change(authorization=basic("open:sesame", "else"), page=False) == 200 and slow.count() == 0
assert house.app.bus.gap_ms == gap_ms

# Wrong ones: the same answer whatever was wrong, and pauses of 1, 2, 4, … 60 s, in which not even
# the right one counts; nothing is hashed in them, and they are not made longer by trying.
peer[0] = "10.0.0.66"
told = []
for pause_s in (1, 2, 4, 8, 16, 32, 60):
    if len(told) % 2:
        status, answer, _ = login("open sesame!")
        assert status == 401 and answer == {"error": "Not let in: wrong user name or password."}
    else:
        assert change(authorization=basic("open sesame", "root")) == 401
    told.append(pause_s)
    assert slow.count() == count
    for _ in range(2):
        assert login("open:sesame")[0] == 429 and pause_s - 1 <= said[0] <= pause_s, said
        assert change(authorization=basic("open:sesame")) == 429
        assert post("password", {"password": "whatever", "old": "open:sesame"})[0] == 429
    assert access(authorization=basic("open:sesame"))[1] is False
    assert slow.count() == 0
    # Sessions and tokens do not wait, wherever they come from, nor do others.
    assert change(cookie=mine) == 200 and change(**bearer) == 200
    assert ask("GET", "/api/status")[0] == 200 and post("logout", {})[0] == 200
    peer[0] = "10.0.0.7"
    assert change(authorization=basic("open:sesame")) == 200
    peer[0] = "10.0.0.66"
    world.run_for(pause_s)
assert house.app.bus.gap_ms == gap_ms

# The journal was told, with the address, but not of each, and never of what was tried.
sentences = [note[2] for note in house.notes if "wrong" in note[2]]
assert sentences == ["3 wrong passwords in a row from 10.0.0.66."], sentences
assert not [note for note in house.notes if "sesame" in note[2]]

# The right one, after the pause: all is forgotten.
status, answer, other = login("open:sesame")
assert status == 200 and answer == {"in": True} and other != mine
assert login("wrong one")[0] == 401 and login("wrong one")[0] == 429 and said[0] == 1
world.run_for(1.1)

# Eight addresses are remembered; with a ninth one the pauses go on where they were.
for i in range(9):
    peer[0] = "10.0.1." + str(i)
    assert login("wrong one")[0] == 401
assert len(house.app.lock.wrong) == 8
assert login("wrong one")[0] == 429 and said[0] == 2, said
# All of them are forgotten in a quarter of an hour.
world.run_for(10)
house.app.lock.wrong = [(who, tries, ms - 900000) for who, tries, ms in house.app.lock.wrong]
peer[0] = "10.0.1.3"
assert login("wrong one")[0] == 401 and login("wrong one")[0] == 429 and said[0] == 1
assert len(house.app.lock.wrong) == 1

# Several at a time: one is hashed after the other, and those of one address only once.
slow.count()
for i, path in enumerate(("/api/login", "/api/surplus")):
    peer[0] = f"10.0.2.{5 + i}"
    answers = [
        request("POST", path, {"password": f"guess {n}"}, authorization=basic(f"guess {n}"))
        for n in range(4)
    ]
    for answer in answers:
        ended(answer)
    assert sorted([answer.status for answer in answers]) == [401, 429, 429, 429], path
    assert slow.count() == count

# Whoever is shown out while it is hashed, here after 10 s of hardly sending, has tried as well.
peer[0] = "10.0.2.2"
guess = json.dumps({"password": "my guess."}).encode()
head = f"POST /api/login HTTP/1.1\r\nHost: twc-bridge\r\nContent-Length: {len(guess)}\r\n\r\n"
half = web.send(head.encode() + guess[:5])
world.run_for(9.8)
half._peer.send(guess[5:])
world.wait_for(lambda: half.done, 10, "the end", 0.1)
assert half.status is None and 0 < slow.count() < count
assert login("open:sesame")[0] == 429 and said[0] == 1, said
peer[0] = "10.0.0.7"

# Four sessions; the one that nobody used for longest goes.
sessions = [mine, other]
for _ in range(2):
    sessions.append(login("open:sesame")[2])
    world.run_for(2)
for cookie in (mine, sessions[3], sessions[2]):
    world.run_for(2)
    assert access(cookie=cookie)[1] is True
sessions.append(login("open:sesame")[2])
assert [access(cookie=cookie)[1] for cookie in sessions] == [True, False, True, True, True]

# They end by logging out, and after 30 days without use.
assert post("logout", {}, cookie=sessions[4]) == (200, {"in": False}, "")
assert access(cookie=sessions[4])[1] is False and access(cookie=mine)[1] is True
from firmware import lock_door  # noqa: E402

lock = house.app.lock
for unused_s, inside in ((29 * 86400, True), (31 * 86400, False)):
    digest = lock_door.digest(lock, sessions[3].encode())
    lock.sessions[digest] -= unused_s
    assert access(cookie=sessions[3])[1] is inside
    assert change(cookie=sessions[3]) == (200 if inside else 401)
assert len(lock.sessions) == 2

# A new password needs the old one, even with a cookie, and ends all other sessions.
for body in (
    {"password": "another one"},
    {"password": "another one", "old": None},
    {"password": "another one", "old": ""},
):
    assert post("password", body, cookie=mine)[0] in (401, 403), body
    world.run_for(2.1)
before = lock_txt()
assert post("password", {"password": "another one", "old": "open sesame"}, cookie=mine)[0] == 401
world.run_for(10)
assert lock_txt() == before and access(cookie=mine)[1] is True
slow.hash_us = 2000  # a slow board: 500 iterations at least
# A flash that is full, or damaged: nothing has changed.
os.mkdir(LOCK + ".new")
status, answer, _ = post("password", {"password": "another one", "old": "open:sesame"})
assert status == 500 and "lock.txt" in answer["error"] and lock_txt() == before, answer
assert post("token", {}, cookie=mine)[0] == 500
assert change(cookie=mine) == 200 and change(**bearer) == 200 and login("open:sesame")[0] == 200
os.rmdir(LOCK + ".new")
status, answer, fresh = post(
    "password", {"password": "another one", "old": "open:sesame"}, cookie=mine
)
assert status == 200 and lock_txt() != before
assert [access(cookie=cookie)[1] for cookie in (mine, sessions[2], fresh)] == [False, False, True]
assert change(authorization=basic("open:sesame")) == 401
world.run_for(1.1)
assert change(authorization=basic("another one")) == 200
assert int(lock_txt().split(" ")[1]) == 500
count = 500
slow.hash_us = HASH_US
# The token stays, also over a restart; sessions do not.
assert change(**bearer) == 200
saved = lock_txt()


def restart(text=saved, **web):
    """A board that finds this in lock.txt, with this in its config."""
    if text is not None:
        write_lock(text)
    world.write_config({"wires": {"max_amps": 32}, "web": web})
    world.power_cut()
    world.run_for(20)
    slow.count()
    house.broker.publish("twc/garage/surplus/set", "0")


restart(read="password")
assert not house.app.problems, house.app.problems
assert access(cookie=fresh) == ("set", False, True) and change(cookie=fresh) == 401
assert change(**bearer) == 200 and change(authorization=basic("another one")) == 200
assert slow.count() == count
# Looking needs the password, too: all of it but the page itself, and whether one is needed.
assert ask("GET", "/api/access")[1]["read"] == "password"
for path in ("/api/status", "/api/frames", "/api/config", "/api/none"):
    status, answer, _ = ask("GET", path)
    assert status == 401 and answer["error"].startswith("A password is needed"), (path, answer)
assert ask("GET", "/api/status", **bearer)[0] == 200
assert ask("GET", "/api/status", authorization=basic("another one"))[0] == 200
assert ask("GET", "/api/status", authorization=basic("another ane"))[0] == 401
cookie = None
world.run_for(1.1)
cookie = login("another one")[2]
# A browser sends no X-TWC when somebody opens a file.
assert ask("GET", "/api/status", cookie=cookie, page=False)[0] == 200

# Damaged in whatever way: nobody is let in by a password, and a sentence says how to mend it. A
# file that was not finished is none.
words = saved.split(" ")
swapped = words[3][1] + words[3][0] if words[3][0] != words[3][1] else "5"
broken = (
    "",
    "{}",
    saved[:-3],
    saved[: len(saved) // 2],
    " ".join(words[:3] + [swapped + words[3][2:]] + words[4:]),
    " ".join(words[:4] + ["-"] + words[5:]),
    " ".join(["1", "1"] + words[2:]),
    saved + saved,
    "\x00" * len(saved),
)
assert len(words) == 6
for i, text in enumerate(broken):
    assert text != saved
    write_lock(text)
    if i not in (0, 4):
        continue
    restart(text, read="password" if i else "open")
    assert access() == ("set", False, False), text
    for more in ({}, {"cookie": cookie}, bearer, {"authorization": basic("another one")}):
        status = change(**more)
        assert status in (401, 403), (text, more, status)
    for path in ("login", "password", "token"):
        status, answer, _ = post(path, {"password": "another one", "old": "another one"})
        assert status == 403 and "mpremote rm :lock.txt" in answer["error"], (path, answer)
    assert ask("GET", "/api/status")[0] == (403 if i else 200)
    assert lock_txt() == text
    assert "lock.txt is damaged" in " ".join(house.app.warnings(house.app.clock.ms()))
    assert house.noted("lock.txt is damaged")
    world.run_for(1.1)
from firmware import lock_file  # noqa: E402

for text in broken:
    write_lock(text)
    assert lock_file.load() is None, text
write_lock(saved)
assert lock_file.load()[0] == count
# What can't even be looked for is not taken for none.
house.app.lock.closed = house.app.lock.damaged = False
lock_file.begin(house.app, LOCK + "/below")
assert house.app.lock.closed and house.app.lock.damaged

# Damaged while the board runs.
restart(saved)
write_lock(broken[4])
status, answer, _ = login("another one")
assert status == 403 and "mpremote rm :lock.txt" in answer["error"]
assert change(**bearer) == 200  # it was read before

# Forgotten: as the sentence says.
remove_lock()
write_lock(saved[:20])
os.rename(LOCK, LOCK + ".new")
restart(None)
assert access() == ("none", False, False) and change(**bearer) == 403

# Switched off: everybody, but nobody sets a password that may be wanted later.
restart(saved, lock="off", read="password")
assert access() == ("off", True, True)
assert change(page=False) == 200 and ask("GET", "/api/status")[0] == 200
for path in ("login", "password", "token"):
    status, answer, _ = post(path, {"password": "my password", "old": "another one"})
    assert status == 409 and "web.lock" in answer["error"], (path, answer)
assert lock_txt() == saved
world.run_for(20)
house.agree()
remove_lock()
house.finish()

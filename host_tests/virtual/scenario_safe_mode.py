"""Three crashes in a row end in safe mode: who charged keeps the minimum, who rested gets 0 A, the
heartbeats go on, and a bare page tells why. The button or power end it (and an hour, which
scenario_watchdog_alone waits for)."""

import json
import os
from binascii import b2a_base64

from common.household import unit
from common.lives import Lives

import slow_hash
from simulator.virtual import web

PASSWORD = b"per cent % & umlaut \xc3\xa4"
FORM = "password=per+cent+%25+%26+umlaut+%c3%A4"

house = Lives([unit("1111"), unit("2222"), unit("3333")], wires=40)
world = house.world
charging, full, resting = house.units
try:
    os.remove("lock.txt")
except OSError:
    pass


def ask(method, path, body="", *lines):
    lines = (f"{method} {path} HTTP/1.1", "Host: twc-bridge") + lines
    head = "\r\n".join(lines + (f"Content-Length: {len(body)}", "", ""))
    answer = web.send(head + body)
    world.wait_for(lambda: answer.done, 20, path, 0.01)
    return answer


def crash():
    """Three lives that end at once; returns when the fourth one runs."""
    house.referee.max_gap_s += 2  # in which the last one started
    house.failing = ValueError("broken <b>")
    count = len(house.safe)
    world.run_for(1.5)
    house.app.restart()
    world.wait_for(lambda: len(house.safe) == count + 4, 60, "the fourth start")
    house.failing = None
    assert house.safe[-4:] == [False, False, False, True], house.safe
    house.referee.max_gap_s -= 2
    world.run_for(8)
    return world.now_s


house.start()
house.publish(9000)
resting.car.unplug()
world.wait_for(lambda: charging.draw_amps > 15 and full.draw_amps > 15, 900, "the charge", 1)
world.run_for(3)
closes = [one.relay_closes for one in house.units]
assert house.offer("2222") and not house.offer("3333")

# Safe mode, without a password: the page tells all, and nobody can change anything.
began_s = crash()
resting.car.plug()
house.publish(0)
world.run_for(100)
assert house.offer("1111") == 6.0 and 5 < charging.draw_amps < 6.5, charging.draw_amps
assert house.offer("2222") == 6.0 and house.offer("3333") == 0.0
for one in ("1111", "2222", "3333"):
    assert max(house.offers_since(began_s - 5, one) + [0]) <= 6, one
    assert house.heartbeat_gap_s(began_s, one) < 1.3
assert [one.relay_closes for one in house.units] == closes
page = ask("GET", "/")
assert page.status == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
text = page.body.decode()
for words in (
    "It failed after 1 s: ValueError: broken &lt;b>",
    "3 starts in a row did not last 5 min. This is safe mode.",
    "by itself in 59 min",
    "There is no password yet",
    "<li>1111: ok, 6 A offered, ",
    "<li>3333: ok, 0 A offered, 0.0 A drawn",
    "Traceback",
):
    assert words in text, (words, text)
assert "<form" not in text and "<script" not in text
assert "default-src 'none'" in page.headers["content-security-policy"]
for path, body in (("/api/login", FORM), ("/api/restart", "")):
    answer = ask("POST", path, body)
    assert answer.status == 403 and b"Set a password first" in answer.body, answer.body
answer = ask("GET", "/api/status")
assert answer.status == 503 and answer.json()["safe"] is True
assert ask("POST", "/api/mode", "fast").status == 403
assert ask("GET", "/page.js").status == 503

world.power_cut()
world.run_for(3)
assert house.safe[-1] is False

# With a password: from elsewhere, without it, or with a wrong one nothing happens.
steps = slow_hash.steps(PASSWORD, b"salt")
for _ in range(10):
    result = next(steps)
from firmware import lock_file  # noqa: E402

lock_file.save(10, b"salt", slow_hash.as_bytes(result), b"")
crash()
assert b"<form" in ask("GET", "/").body
basic = "Authorization: Basic " + str(b2a_base64(b"x:" + PASSWORD).strip(), "ascii")
for path, body, status, lines in (
    ("/api/login", "password=" + "x" * 600, 413, ()),
    ("/api/login", "password=wrong", 401, ()),
    ("/api/login", "", 429, ()),
    ("/api/login", FORM, 403, ("Origin: http://evil.example",)),
    ("/api/login", FORM, 403, ("Origin: null",)),
    ("/api/login", FORM, 403, ("Sec-Fetch-Site: cross-site",)),
    ("/api/login", FORM, 421, ("Host: evil.example",)),
    ("/api/restart", "", 401, ()),
    ("/api/restart", "", 403, (basic, "Origin: http://evil.example")),
    ("/api/update", "", 401, ()),
):
    if lines and lines[0].startswith("Host"):
        head = f"POST {path} HTTP/1.1\r\n{lines[0]}\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = web.send(head + body)
        world.wait_for(lambda a=answer: a.done, 20, path, 0.01)
    else:
        answer = ask("POST", path, body, *lines)
    assert answer.status == status, (path, lines, answer.status, answer.body)
# Who only connects takes nobody's place for ever.
idle = [web.send("GET / HT") for _ in range(5)]
world.run_for(1)
assert len([one for one in idle if one.done]) == 2
world.run_for(12)
assert all([one.done for one in idle])
assert house.safe[-1] and house.safe.count(True) == 2
# A release can be uploaded, and is checked as anywhere else.
answer = ask("POST", "/api/update", "x" * 600, basic)
assert answer.status == 400 and answer.json()["error"], answer.body
answer = ask(
    "POST", "/api/login", FORM, "Origin: http://twc-bridge", "Sec-Fetch-Site: same-origin"
)
assert answer.status == 200 and b"Starting normally" in answer.body, answer.body
world.wait_for(lambda: not house.safe[-1], 10, "the normal start")
world.run_for(10)
assert world.status()["restarted"] == "Normal start, as asked for in safe mode."

# By a program, with looking closed as well: the page says no more than how to leave.
world.write_config({"wires": {"max_amps": 40}, "web": {"read": "password"}})
crash()
text = ask("GET", "/").body.decode()
assert "<form" in text and "broken" not in text and "1111" not in text, text
assert "broken" in ask("GET", "/", "", basic).body.decode()
assert ask("GET", "/api/status").status == 401
answer = ask("POST", "/api/restart", "", basic)
assert answer.status == 200 and answer.json()["safe"] is True, answer.body
world.wait_for(lambda: not house.safe[-1], 10, "the normal start")

# Asked for by a person, and ended by power. Who takes nothing just now is offered no more than the
# gate can book beside the reductions of the others: nothing. That is remembered.
world.write_config({"wires": {"max_amps": 40}})
house.publish(9000)
world.wait_for(lambda: charging.draw_amps > 9 and full.draw_amps > 9, 900, "the charge", 1)
world.run_for(60)


def ask_for_safe_mode():
    full.car.full = True
    world.run_for(5)
    assert full.draw_amps == 0 and house.offer("2222"), full.draw_amps
    answer = ask("POST", "/api/restart", "safe", basic)
    assert answer.status == 200, answer.body
    world.wait_for(lambda: house.safe[-1], 10, "safe mode")
    world.run_for(15)
    full.car.full = False


ask_for_safe_mode()
closes = full.relay_closes
world.run_for(120)
assert house.offer("1111") == 6 and house.offer("2222") == 0, house.offer("2222")
assert full.relay_closes == closes
with open("state.json") as file:
    units = json.load(file)["units"]
assert units["2222"]["relay"] == "resting" and units["1111"]["relay"] == "on", units
page = ask("GET", "/").body.decode()
assert "Restart in safe mode, as asked for. This is safe mode." in page, page
world.power_cut()
world.run_for(10)
assert not house.safe[-1]
assert world.status()["restarted"] == "Power came on, or the reset button was pressed."

# Where nothing has to be reduced, it keeps the minimum.
house.publish(0)
assert ask("POST", "/api/mode", "minimum", basic).status == 200
world.wait_for(lambda: full.draw_amps > 5 and house.offer("2222") == 6, 900, "the charge", 1)
world.run_for(60)
ask_for_safe_mode()
assert house.offer("2222") == house.offer("1111") == 6, house.offer("2222")
house.finish()

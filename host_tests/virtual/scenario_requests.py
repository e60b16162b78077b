"""What arrives on port 80 and is refused before it is looked at closely: what is no request, too
large, from elsewhere, or for somebody else; the files of the page, and no others; slow ones, and
many.
"""

import json
import os
import random

from common.household import Household, unit

from simulator.virtual import web

CONFIG = {"web": {"lock": "off", "host": "Bridge.example.org"}, "bus": {"recording": 20}}
HOST = "twc-bridge.local"

# What tools/stage.py makes of firmware/web: to the server it is bytes.
PAGE = bytes([index & 255 for index in range(3000)]) + b"its mark"
try:
    os.mkdir("firmware/web")
except OSError:
    pass
for name in ("index.html", "style.css", "page.js", "icon-2_b.svg"):
    with open(f"firmware/web/{name}.gz", "wb") as file:
        file.write(PAGE)


house = Household([unit("2433")], config=CONFIG)
world = house.world


def ask(request):
    """(status, answer) of bytes or text as they stand."""
    answer = web.send(request)
    world.wait_for(lambda: answer.done, 12, request[:60], 0.01)
    return answer.status, answer


def post(path, body=b"", *headers, host=HOST):
    """(status, what its JSON says) of a POST below /api/."""
    answer = web.post("/api/" + path, body, headers, host=host)
    world.wait_for(lambda: answer.done, 12, path, 0.01)
    return answer.status, answer.json()


def now():
    plan = house.app.decisions.plan
    return json.dumps([plan.memory(0), plan.amps, plan.allowed, plan.own("2433"), world.resets])


def refused(path, body, status, words, *headers, host=HOST):
    """Asserts that a POST is answered with this status and sentence, and changes nothing."""
    before = now()
    got = post(path, body, *headers, host=host)
    assert got[0] == status and words in got[1]["error"], (path, body, got)
    world.run_for(0.1)
    assert now() == before, (path, body, before, now())


house.start()
world.run(10)

# Two methods, and no other.
for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "get"):
    status, answer = ask(f"{method} /api/mode HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
    assert status == 405 and answer.headers["allow"] == "GET, POST", method
status, answer = ask(f"POST / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
assert status == 405 and answer.headers["allow"] == "GET", status

# Pages of somebody else: a name that is not ours (DNS rebinding), and what a browser says of them.
for host in (
    "192.168.4.1", "10.0.0.50:80", "localhost:8080", "TWC-BRIDGE", "twc-bridge.",
    "twc-bridge.local:80", "twc-bridge.lan", "twc-bridge.fritz.box", "twc-bridge.home.arpa",
    "bridge.example.org:8080",
):  # fmt: skip
    assert post("mode", "solar", host=host)[0] == 200, host
    got = post("mode", "solar", "Origin: http://" + host.upper(), host=host)
    assert got[0] == 200, (host, got)
for host in (
    "example.org", "evil-twc-bridge.local", "twc-bridge.local.example.org",
    "twc-bridge.example.org", "192.168.4.1.example.org", "192.168.4", "1.2.3.4.5", "[::1]:80",
    "localhost.example.org", "twc-bridge.lan home", "1.2.3.x", "garage-2",
    "10.0.0.50@example.org", "::",
):  # fmt: skip
    refused("mode", "off", 421, "write the name to web.host in config.json", host=host)
    status, answer = ask(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert status == 421 and answer.headers["content-type"].startswith("text/plain"), host
    # Asked before, and so known: but not for everybody.
    assert ask("GET /api/status HTTP/1.1\r\nHost: twc-bridge\r\n\r\n")[0] == 200
# Its name is configured. While its access point is open, phones are led to the page.
house.app.config["wifi"]["hostname"] = "Garage-2"
assert post("mode", "solar", host="garage-2.local")[0] == 200
refused("mode", "off", 421, "web.host", host="twc-bridge.local")
house.app.config["wifi"]["hostname"] = "twc-bridge"
house.app.wifi.portal = "192.168.4.1"
status, answer = ask("GET /generate_204 HTTP/1.1\r\nHost: clients3.google.com\r\n\r\n")
assert status == 302 and answer.headers["location"] == "http://192.168.4.1/", answer.headers
assert ask("GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n")[0] == 200
house.app.wifi.portal = None
for headers in (
    ("Origin: http://example.org",),
    ("Origin: null",),
    ("Origin: http://twc-bridge.local:8080",),
    ("Origin: https://twc-bridge.local",),
    ("Origin: twc-bridge.local",),
    ("Origin: http://twc-bridge.local.example.org",),
    ("Sec-Fetch-Site: cross-site",),
    ("Sec-Fetch-Site: same-site",),
    ("Origin: http://twc-bridge.local", "Sec-Fetch-Site: cross-site"),
):
    refused("mode", "off", 403, "A page from elsewhere may not ask for this.", *headers)
for site in ("same-origin", "none"):
    assert post("mode", "solar", "sec-fetch-site: " + site)[0] == 200
# Behind a proxy that speaks TLS, the name is the one in web.host.
proxied = "Origin: https://bridge.example.org"
assert post("mode", "solar", proxied, host="bridge.example.org")[0] == 200
refused("mode", "off", 403, "elsewhere", proxied + ":1", host="bridge.example.org")
refused("mode", "off", 403, "elsewhere", proxied, host="192.168.4.1")
# Programs of old name no host; who has a cookie is a browser, and who changes something must.
assert ask("GET /api/status HTTP/1.0\r\n\r\n")[0] == 200
assert ask("GET /api/status HTTP/1.0\r\nCookie: twc=1\r\n\r\n")[0] == 421
assert ask("POST /api/mode HTTP/1.0\r\nContent-Length: 3\r\n\r\noff")[0] == 421

# What is no request, or too much of one.
GET = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n"
POST = f"POST /api/mode HTTP/1.1\r\nHost: {HOST}\r\n"
before = now()
for request, status, words in (
    ("\r\n\r\n", 400, "This is no HTTP/1.1 request."),
    ("GET /\r\n\r\n", 400, "no HTTP/1.1"),
    ("GET / HTTP/2.0\r\n\r\n", 400, "no HTTP/1.1"),
    ("GET http://twc-bridge/ HTTP/1.1\r\n\r\n", 400, "no HTTP/1.1"),
    ("GET /a\0b HTTP/1.1\r\n\r\n", 400, "bytes that no address can have"),
    (b"GET /\xff HTTP/1.1\r\n\r\n", 400, "bytes that no address can have"),
    ("GET /" + "x" * 96 + " HTTP/1.1\r\n\r\n", 414, "longer than 96 bytes"),
    ("GET /?" + "x" * 600 + " HTTP/1.1\r\n\r\n", 414, "512"),
    ("GET /" + "x" * 5000, 414, "512"),
    (GET + "Host: example.org\r\n\r\n", 400, "one Host"),
    (GET.replace(HOST, "") + "\r\n", 400, "one Host"),
    (GET + "Cookie: " + "c" * 600 + "\r\n\r\n", 431, "more than 512 bytes"),
    (GET + "cOOKIE: " + "c" * 5000, 431, "more than 512 bytes"),
    (GET + "X-Long: " + "x" * 5000 + "\r\n\r\n", 431, "larger than 4096 bytes"),
    (GET + "X-Endless: " + "x" * 5000, 431, "larger than 4096 bytes"),
    (GET + "X: y\r\n" * 70 + "\r\n", 431, "64 lines"),
    (POST + "Content-Length: -3\r\n\r\noff", 400, "one Content-Length"),
    (POST + "Content-Length: 3x\r\n\r\noff", 400, "one Content-Length"),
    (POST + "Content-Length:\r\n\r\noff", 400, "one Content-Length"),
    (POST + "Content-Length: 3\r\nContent-Length: 3\r\n\r\noff", 400, "one Content-Length"),
    (POST + "Content-Length: 99999999999999\r\nExpect: 100-continue\r\n\r\n", 413, "2048"),
    (POST + "Transfer-Encoding: chunked\r\n\r\n3\r\noff\r\n0\r\n\r\n", 411, "Content-Length"),
):
    got, answer = ask(request)
    assert got == status and words in answer.body.decode(), (request[:70], got, answer.body)
assert now() == before
# Long lines that nobody wants are passed over, in pieces of any size; a bare LF ends one, too.
assert ask(GET + "X-Long: " + "x" * 3000 + "\r\nY: " + "y" * 600 + "\r\n\r\n")[0] == 200
assert ask(GET.replace("\r\n", "\n") + "\n")[0] == 200
pieces = POST + "X-Long: " + "x" * 600 + "\r\nContent-Length: 4\r\n\r\nfast"
answer = web.send("")
for index in range(len(pieces)):
    world.at(
        world.now_s + 0.1 + index / 1000, lambda at=index: answer._peer.send(pieces[at].encode())
    )
world.wait_for(lambda: answer.done, 12, "piece by piece", 0.01)
assert answer.status == 200 and answer.json()["mode"] == "fast"
# Who asks whether to send the body is told to.
body = '{"mode": "solar"}'
answer = web.send(POST + f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n")
world.run_for(1)
assert answer._raw == b"HTTP/1.1 100 Continue\r\n\r\n", answer._raw
answer._raw, answer.status, answer.headers = b"", None, {}
answer._peer.send(body.encode())
world.wait_for(lambda: answer.done, 12, "what was waited for", 0.01)
assert answer.status == 200 and answer.json()["mode"] == "solar", answer.status

# Garbage of all kinds: a request that is nearly right, with some of its bytes changed, doubled or
# left out. Its value is a wrong one in any case.
random.seed(6)
good = (POST + "Origin: http://twc-bridge.local\r\nContent-Length: 6\r\n\r\nfaster").encode()
before, answers, codes = now(), [], set()
for _ in range(150):
    request = bytearray(good)
    for _ in range(random.randrange(1, 6)):
        at = random.randrange(len(request))
        piece = bytes([random.getrandbits(8)]) * random.choice((0, 1, 1, 2, 700))
        request = request[:at] + piece + request[at + random.randrange(3) :]
    answers.append(web.send(bytes(request)))
    world.run_for(0.2)
    if len(answers) % 5 == 0:
        # Who promised more than was sent would keep his place.
        world.run_for(11)
for answer in answers:
    codes.add(answer.status)
    assert answer.done and (answer.status is None or 400 <= answer.status < 500), answer.status
assert now() == before and {None, 400, 403, 405, 414, 421, 431} <= codes, codes

# Files: those of the page, and no others.
answer = world.fetch("/")
assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
assert answer.headers["cache-control"] == "no-cache", answer.headers
assert answer.body == PAGE and answer.headers["content-encoding"] == "gzip"
tag = answer.headers["etag"]
assert tag == '"' + "".join([f"{byte:02x}" for byte in b"its mark"]) + '"', tag
for path in ("/", "/index.html", "/?now"):
    status, answer = ask(GET.replace(" / ", f" {path} ") + f"If-None-Match: {tag}\r\n\r\n")
    assert status == 304 and answer.body == b"" and answer.headers["etag"] == tag, path
status, answer = ask(GET + 'If-None-Match: "0000000000000000"\r\n\r\n')
assert status == 200 and answer.body == PAGE
for path, kind in (
    ("/style.css", "text/css"),
    ("/page.js", "text/javascript"),
    ("/icon-2_b.svg", "image/svg+xml"),
):
    answer = world.fetch(path)
    assert answer.status == 200 and answer.headers["content-type"] == kind + "; charset=utf-8"
policy = answer.headers["content-security-policy"]
assert "'unsafe-inline'" not in policy and "default-src 'none'" in policy, policy
answer = world.fetch("/settings.txt")
assert answer.status == 200 and b"wires|max_amps|" in answer.body, answer.body[:200]
with open("lock.txt", "w") as file:
    file.write("a secret")
for path in (
    "/config.json", "/../config.json", "/%2e%2e/config.json", "/..%2fconfig.json", "/lock.txt",
    "/firmware/web", "/firmware/web/index.html", "/firmware/web/index.html.gz", "/index.html.gz",
    "//index.html", "/./index.html", "/web/index.html", "/\\..\\config.json", "/..\\lock.txt",
    "/firmware/settings.txt", "/values.txt", "/main.py", "/state.json", "/.html", "/index",
    "/index.", "/index.HTML", "/INDEX.html", "/" + "x" * 33 + ".html", "/index.html/",
    "/index.html%00.js", "/favicon.ico", "/x.text/html", "/.", "/..", "/index..html",
):  # fmt: skip
    answer = world.fetch(path)
    assert answer.status == 404 and b"no such page" in answer.body, (path, answer.status)
    assert b"secret" not in answer.body
answer = world.fetch("/api/frames")
assert answer.status == 200 and "attachment" in answer.headers["content-disposition"]

# A sentence for everything, the same protection on everything, and nothing is kept.
for answer in (world.fetch("/nothing"), world.fetch("/api/nothing"), world.fetch("/api/status")):
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store", answer.headers


# Two who open the page at once, over slow Wi-Fi, ask for more than six files at a time: all of
# them come, of which two are on their way at any moment.
with open("firmware/web/large.svg.gz", "wb") as file:
    for _ in range(7):
        file.write(PAGE)
world.net.latency_us = 20000
many, visitors = [], []
end = world.every(0.01, lambda: visitors.append(house.app.visitors))
for _ in range(2):
    many.clear()
    for _ in range(12):
        many.append(web.get("/large.svg"))
        world.run_for(0.003)
    world.wait_for(lambda: all([answer.done for answer in many]), 10, "all files", 0.01)
    lengths = [len(answer.body) for answer in many]
    assert lengths == [7 * len(PAGE)] * 12, (lengths, [answer.status for answer in many])
end()
assert max(visitors) == 2, max(visitors)
world.net.latency_us = 1000

# Slow ones are shown out, and many are survived; the bus notices nothing.
since_s = world.now_s
slow = [
    web.send("GET /api/status HTTP/1.1\r\nHost:"),
    web.send(POST + "Content-Length: 9\r\n\r\no"),
]
world.run_for(0.1)
many = []
for _ in range(100):
    many.append(web.send(GET if len(many) > 50 else ""))
    world.run_for(0.01)
world.wait_for(lambda: any([answer.status == 503 for answer in many]), 8, "who is too many", 0.1)
world.wait_for(lambda: all([answer.done for answer in slow]), 15, "an end", 0.01)
assert [answer.status for answer in slow] == [None, None]
world.run_for(12)
assert not world.net.sockets[4:], len(world.net.sockets)
assert world.status()["mode"] == "solar"
assert house.heartbeat_gap_s(since_s, "2433") < 1.3
house.finish()

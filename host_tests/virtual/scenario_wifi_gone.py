"""Wi-Fi is gone for long: the board's own access point opens beside the bus, which never notices,
and closes when Wi-Fi is back; nobody can make it stay but who asks there."""

from common.household import Household, unit

from simulator.virtual import web

DNS = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1"

house = Household([unit()]).start()
world, box, board = house.world, house.units[0], house.world.board
house.publish(3000)
house.wait_offer(12, 130)
world.run_for(20)
began_s = world.now_s
house.agree()


def wait_open(is_open, timeout_s):
    return world.wait_for(lambda: (board.point is not None) == is_open, timeout_s, is_open, 1)


def ask(path, host="192.168.4.1"):
    """Asks as a phone at the access point does."""
    answer = web.get(path, host=host, point=True)
    world.wait_for(lambda: answer.done, 10, path, 0.01)
    return answer


# Five minutes, and not before.
assert board.point is None
world.wifi(False)
world.run_for(295)
assert board.point is None
wait_open(True, 60)
opened_s = world.now_s
world.run_for(1)
NAME = "twc-bridge-2433"
assert board.point["ssid"] == NAME and board.point["security"] == 3, board.point
with open("access.txt") as file:
    password = file.read().strip()
assert board.point["key"] == password and len(password) == 10
assert house.noted(f"Access point {NAME} is open: http://192.168.4.1/")
assert not house.noted(password)

# Its page is there, and what phones look for leads to it.
status = ask("/api/status").json()
assert status["wifi"]["state"] != "connected" and status["connectors"][0]["link"] == "ok"
assert password not in str(status)
setup = ask("/api/setup")
assert password.encode() not in setup.body
assert setup.json() == {
    "open": True,
    "new": False,
    "ssid": NAME,
    "wifi": {"state": "idle", "ssid": "virtual", "why": "", "ip": ""},
    "networks": None,
    "scanning": False,
    "broker": {"state": "idle", "why": ""},
}, setup.json()
probe = ask("/generate_204", "connectivitycheck.example.com")
assert probe.status == 302 and probe.headers["location"] == "http://192.168.4.1/", probe.headers
heard = []
world.net.ask_device(53, DNS, heard.append)
world.run_for(1)
assert heard[0][:2] == DNS[:2] and heard[0][-4:] == bytes((192, 168, 4, 1)), heard

# A quarter of an hour without a request: it closes, and opens again an hour later.
world.run_for(880)
assert board.point is not None
wait_open(False, 30)
assert 895 < world.now_s - opened_s < 920, world.now_s - opened_s
assert house.noted(f"Access point {NAME} is closed.")
closed_s = world.now_s
world.run_for(3590)
assert board.point is None
wait_open(True, 90)
with open("access.txt") as file:
    assert file.read().strip() == password == board.point["key"]
ask("/api/status")

# Wi-Fi is back: a minute after the last request of somebody there it closes. Who asks by the
# Wi-Fi, and phones that only look whether there is an Internet, do not keep it.
world.wifi(True)
world.wait_for(lambda: world.status()["wifi"]["state"] == "connected", 90, "Wi-Fi", 1)
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
for _ in range(8):
    world.run_for(10)
    ask("/api/status")
last_s = world.now_s
for _ in range(5):
    world.run_for(10)
    assert board.point is not None
    world.status()
    ask("/generate_204", "connectivitycheck.example.com")
wait_open(False, 20)
assert 58 < world.now_s - last_s < 66, world.now_s - last_s
assert world.status()["wifi"]["state"] == "connected"
answer = web.send("POST /api/setup/wifi HTTP/1.1\r\nHost: 10.0.0.50\r\nContent-Length: 0\r\n\r\n")
world.run_for(1)
assert answer.status in (403, 409) and board.scans == 0, answer.status
house.wait_offer(12, 800)
house.agree()

# All that time the heartbeats left.
assert house.heartbeat_gap_s(began_s) < 1.3, house.heartbeat_gap_s(began_s)
house.finish()

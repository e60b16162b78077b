"""A home network that has the addresses of the board's own access point: that gets others, and it
is said."""

from common.household import Household, unit

from simulator.virtual import web

house = Household([unit()], config={"wifi": {"setup_after_min": 1}})
world, board = house.world, house.world.board
world.net.device_ip = "192.168.4.77"
# The network is there, but does not let the board in: as after a new password.
board.networks = {"virtual": "another"}
house.start()
world.wait_for(lambda: board.point is not None, 120, "the access point", 1)
world.run_for(2)
assert board.point["ip"] == house.app.wifi.portal == "192.168.4.1"
assert not house.noted("has the addresses of the access point")

# Joined, while it is open: its page is to be found in both networks.
board.networks = {"virtual": "virtual"}
world.wait_for(lambda: house.app.wifi.state == "connected", 90, "Wi-Fi")
world.wait_for(lambda: board.point and board.point["ip"] == "192.168.5.1", 5, "another address")
assert board.point["key"] and board.point["security"] == 3
world.run_for(1)
assert house.app.wifi.portal == "192.168.5.1"
assert house.noted("Wi-Fi virtual has the addresses of the access point")
assert house.noted("http://192.168.4.77/ in Wi-Fi virtual")
answer = web.get("/generate_204", host="connectivitycheck.example.com", point=True)
world.wait_for(lambda: answer.done, 10, "the way to the page")
assert answer.headers["location"] == "http://192.168.5.1/", answer.headers
world.wait_for(lambda: board.point is None, 90, "its end")
assert house.noted("is closed")

# When it opens again, long after, it is known.
world.wifi(False)
world.wait_for(lambda: board.point is not None, 120, "the access point", 1)
world.run_for(1)
assert house.app.wifi.portal == "192.168.5.1"
assert house.heartbeat_gap_s(1) < 1.3
house.finish()

"""Nobody on the line: there is nothing to send, and so nothing is wrong. And safe mode ends after
an hour, which counts as no crash."""

from common.lives import Lives

house = Lives([])
world = house.world
house.start()
world.run(1800)
assert world.resets == [] and world.board.fed_ms < 3000, (world.resets, world.board.fed_ms)

house.app.restart("Restart in safe mode, as asked for.", 4)
world.wait_for(lambda: house.safe[-1], 10, "safe mode")
began_s = world.now_s
world.run_for(20)
# Without Wi-Fi no access point is opened: whoever is near can pull the plug.
world.wifi(False)
for _ in range(80):
    world.run_for(10)
    assert world.board.point is None
world.wifi(True)
world.run(began_s + 3590)
assert house.safe == [False, True]
world.wait_for(lambda: not house.safe[-1], 20, "the normal start")
world.run_for(10)
assert world.status()["restarted"] == "Restart: an hour of safe mode is over."
assert world.board.fed_ms < 3000
world.finish()

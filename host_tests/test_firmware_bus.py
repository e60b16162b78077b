"""The firmware process as master of the bus: real timing, simulated wall connectors."""

import time

from firmware_bench import broker_config, check, long_scenario, plugged, scenario

pytest_plugins = ["firmware_bench"]


def unit(status, id):
    """A connector of the status document, {} if it is not there."""
    return next((unit for unit in status["connectors"] if unit["id"] == id), {})


@long_scenario
def test_fresh_board_links_three_refuses_a_fourth_and_raises_after_40_s(bench):
    # Nothing is known of who is on the line: the way that each board goes first. On its way one
    # slave falls silent, is dropped after 26 s, and is found again.
    broker = bench.mosquitto()
    left = plugged("2433", protocol=2, rating_amps=32)
    old = plugged("1001", protocol=1, rating_amps=32)
    large = plugged("80A0", protocol=2, rating_amps=80)
    line = bench.line(left, old, large, wires_amps=60)
    board = bench.board(line, {"wires": {"max_amps": 60}, "mqtt": broker_config(broker)})
    bench.feed(broker, watts=3000)
    board.start()
    kinds = {"2433": ("ok", 2, 32, 6), "1001": ("ok", 1, 32, 5), "80A0": ("ok", 2, 80, 6)}
    keys = ("link", "protocol", "rating_amps", "min_amps")
    board.wait_for_status(
        lambda s: {c["id"]: tuple(c[key] for key in keys) for c in s["connectors"]} == kinds
    )
    # It is decided once a second.
    board.wait_for_status(lambda s: s["state"] == "waiting")

    with line.lock:
        line.connectors.append(plugged("4444"))
    refusal = board.wait_for_line("4444 refused: the bus carries three wall connectors at most")
    assert "Disconnect one of the four." in refusal
    with line.lock:
        large.mute = True
    status = board.wait_for_status(lambda s: unit(s, "80A0").get("link") == "silent")
    assert unit(status, "80A0")["heard_s"] > 1
    assert not unit(status, "4444")
    with line.lock:
        line.connectors.pop()

    board.wait_for_line("80A0 lost: no answer for 26 s")
    board.wait_for_status(lambda s: unit(s, "80A0").get("link") == "lost")
    with line.lock:
        large.mute = False
    found_at = board.line_count
    board.wait_for_line("80A0 linked: protocol 2, 80 A", after=found_at)
    board.wait_for_status(lambda s: unit(s, "80A0").get("link") == "ok")

    # 3000 W are 12 A: two cars at their minimum.
    def charging():
        with line.lock:
            return [c.limit_amps for c in (left, old, large)].count(0) == 1

    board.wait_for_status(lambda s: s["state"] == "charging" and charging())
    with line.lock:
        limits = [
            (ms, amps) for c in (left, old, large) for ms, amps in line.referee.limits_sent(c.id)
        ]
        heartbeats = [len(line.referee.heartbeats_to(c.id)) for c in (left, old)]
        first_ms = line.referee.frames[0].ms
    # Counted from the first frame that the line heard; the firmware started a little before.
    assert min(ms for ms, amps in limits if amps) - first_ms > 39000
    seconds = board.status()["uptime_s"]
    for count in heartbeats:
        assert count > 0.85 * (seconds - 12), f"{count} heartbeats in {seconds} s"
    check(line, board)


@scenario
def test_first_frame_comes_first(bench):
    # Cars stop 10 s after their master: the bus does not wait for Wi-Fi and the rest.
    line = bench.line(plugged())
    board = bench.board(line)
    began_ms = line.now_ms()
    board.start()

    def first():
        with line.lock:
            return next((f for f in line.referee.frames if f.source == "master"), None)

    # A second for the firmware, and what it takes to start a process on a busy machine.
    assert bench.until(first).ms - began_ms < 3500
    board.wait_for_line("2433 linked")

    def link_readies():
        with line.lock:
            frames = [f.function for f in line.referee.frames if f.source == "master"]
        return [function for function in frames if function != 0xFBE0]

    # Five of each kind; one may meet a slave that speaks up just then.
    bench.until(lambda: link_readies().count(0xFBE2) >= 4, link_readies)
    kinds = link_readies()
    assert kinds == sorted(kinds, reverse=True)
    assert 4 <= kinds.count(0xFCE1) <= 5
    board.wait_for_status(lambda s: unit(s, "2433").get("link") == "ok")
    check(line, board)


@scenario
def test_limit_taken_and_served_at_once_after_a_restart(bench):
    # A power cut in the middle of a charge: the slave, which drops its car after 20 to 30 s, is
    # served before it has noticed, and its contactor stays closed.
    broker = bench.mosquitto()
    unit_2 = plugged("2433", protocol=2)
    line = bench.line(unit_2, max_gap_s=8)
    board = bench.board(line, {"mqtt": broker_config(broker)}, known=[unit_2])
    bench.feed(broker, watts=3000)
    board.start()
    bench.until_offered(line, board, unit_2, 12)
    status = board.wait_for_status(lambda s: unit(s, "2433").get("draw_amps") == 11.8)
    assert unit(status, "2433")["offer_amps"] == unit(status, "2433")["echo_amps"] == 12
    assert unit(status, "2433")["state"] == "charging"

    board.stop()
    cut_ms = line.now_ms()
    time.sleep(1)
    board.start()
    bench.until(lambda: line.referee.heartbeats_to("2433")[-1].ms > cut_ms)
    with line.lock:
        frames = [f for f in line.referee.frames if f.ms > cut_ms and f.source == "master"]
    assert 0xFBE0 in [f.function for f in frames][:2]
    # It goes on with the minimum until there are readings, then with what they allow.
    board.wait_for_status(lambda s: s["surplus"]["watts"] == 3000)
    bench.until_offered(line, board, unit_2, 12)
    with line.lock:
        assert unit_2.link_losses == 0
        assert unit_2.relay_closes == 1
        assert all(amps for ms, amps in line.referee.limits_sent("2433") if ms > cut_ms)
    check(line, board)


@scenario
def test_protocol_1_without_a_driver_enable_pin(bench):
    # A module that switches by itself.
    broker = bench.mosquitto()
    old = plugged("1001", protocol=1)
    line = bench.line(old)
    config = {"board": {"driver_enable": None}, "mqtt": broker_config(broker)}
    board = bench.board(line, config, known=[old], driver_enable=None)
    feeder = bench.feed(broker, watts=1300)  # 5.4 A: enough for protocol 1 only
    board.start()
    bench.until_offered(line, board, old, 5)
    feeder.watts = 4000
    bench.until_offered(line, board, old, 16)
    status = board.wait_for_status(lambda s: unit(s, "1001").get("draw_amps") == 15.8)
    assert unit(status, "1001")["protocol"] == 1
    assert status["bus"]["echoes"] == 0
    with line.lock:
        commands = {f.command for f in line.referee.heartbeats_to("1001")}
        lengths = {len(f.body) for f in line.referee.heartbeats_to("1001")}
    assert commands == {0x00, 0x05}
    assert lengths == {13}
    check(line, board)


@scenario
def test_80_amps_on_a_line_that_echoes(bench):
    # Some modules give the sender its own bytes back.
    broker = bench.mosquitto()
    large = plugged("80A0", rating_amps=80)
    large.car.max_amps = 80
    line = bench.line(large, wires_amps=80, echo=True)
    config = {
        "wires": {"max_amps": 80},
        "board": {"driver_enable": None},
        "mqtt": broker_config(broker),
    }
    board = bench.board(line, config, known=[large], driver_enable=None)
    bench.feed(broker, watts=12100)
    board.start()
    bench.until_offered(line, board, large, 50)
    status = board.status()
    assert status["bus"]["echoes"] > 10
    assert status["bus"]["bad"] < 5  # where a slave called just then
    assert len(status["connectors"]) == 1
    check(line, board)

"""The firmware process first in line: busy page and broker, dead networks, a chip that stops.

What is judged is on the line: the referee of each of these allows 3 s between two heartbeats (4 s
where the chip is stopped for longer), while the loads last for many times that.
"""

import time

from firmware_bench import ROOT_TOPIC, broker_config, check, plugged, scenario

from tools.bench_load import Load
from tools.bench_run import DEAD_NAME_SERVER, black_hole

pytest_plugins = ["firmware_bench"]

SURPLUS = f"{ROOT_TOPIC}/surplus/set"
CLIENTS = 10
READINGS_S = 50
VOLTS = 240
# The one that is busy tells the other tests of this machine's two processors what to expect.
BUSY_S = 6


def heartbeats(line, connector, since_ms=0):
    """Heartbeats to a connector from a moment on."""
    with line.lock:
        return [f for f in line.referee.heartbeats_to(connector.id) if f.ms >= since_ms]


def heartbeats_until(line, connector, since_ms, amps):
    """The how-manieth heartbeat limits a connector to so many amperes; 0: none yet."""
    limits = [f.command == 9 and f.amps for f in heartbeats(line, connector, since_ms)]
    return limits.index(amps) + 1 if amps in limits else 0


def served_for(bench, line, connectors, seconds):
    """Waits until each connector has had a heartbeat for so many seconds, as the referee has not
    complained."""
    counts = [len(heartbeats(line, connector)) for connector in connectors]
    bench.until(
        lambda: all(
            len(heartbeats(line, connector)) >= count + seconds
            for connector, count in zip(connectors, counts, strict=True)
        ),
    )


@scenario
def test_ten_clients_and_fifty_readings_a_second(bench):
    broker = bench.mosquitto()
    cars = [plugged("2433"), plugged("4F07")]
    line = bench.line(*cars)
    board = bench.board(line, {"mqtt": broker_config(broker)}, known=cars)
    board.start()
    with Load(board.url, broker, SURPLUS) as load:
        load.watts(2 * 14 * VOLTS)
        for car in cars:
            bench.until_offered(line, board, car, 14)
        load.begin(CLIENTS, READINGS_S)
        served_for(bench, line, cars, BUSY_S)

        # A reduction leaves with the next heartbeats, and readings do not queue up before it.
        load.watts(2 * 8 * VOLTS)
        told_ms = line.now_ms()
        for car in cars:
            until = bench.until(lambda car=car: heartbeats_until(line, car, told_ms, 8))
            assert until <= 4, f"{car.id} was told in heartbeat {until} only"

        clients = load.end()
        assert not clients["failures"]
        assert clients["answers"] > 2 * CLIENTS
        assert clients["published"] > 2 * READINGS_S

        # Whoever was busy with readings notices when there are none.
        load.watts(None)
        board.wait_for_status(lambda status: status["state"] == "lost")
    check(line, board)


@scenario
def test_a_chip_that_stops_says_why(bench):
    # A flash write, a TLS handshake and a scan, as long as they take on the chip.
    broker = bench.mosquitto()
    cars = [plugged("2433"), plugged("4F07")]
    line = bench.line(*cars, max_gap_s=4)
    board = bench.board(
        line,
        {"mqtt": broker_config(broker)},
        known=cars,
        environment={"TWC_STALLS": "5 TLS scan flash"},
    )
    bench.feed(broker, watts=2 * 14 * VOLTS)
    board.start()
    counts = []
    for cause in ("TLS", "scan"):
        board.wait_for_line(f"^stall {cause}$")
        status = board.wait_for_status(
            lambda status, cause=cause: status["bus"]["gap_cause"] == cause
        )
        counts.append(status["bus"]["gaps"])
        board.wait_for_line(f"No heartbeat for .* {cause}")
    assert 0 < counts[0] < counts[1]
    assert status["bus"]["gap_max_ms"] > 2500, "a scan lasts that long"
    # It may have begun up to half a second before the bus had its turn.
    assert status["bus"]["late_max_ms"] > 1900
    board.wait_for_line("^stall flash$")
    for car in cars:
        bench.until_offered(line, board, car, 14)
    check(line, board)


@scenario
def test_a_broker_that_never_answers(bench):
    with black_hole(accepts=True) as port:
        without_broker(bench, {"host": "127.0.0.1", "port": port}, "no answer")


@scenario
def test_a_broker_that_can_not_be_reached(bench):
    with black_hole(accepts=False) as port:
        without_broker(bench, {"host": "127.0.0.1", "port": port}, "no answer")


@scenario
def test_a_name_server_that_never_answers(bench):
    without_broker(
        bench,
        {"host": "broker.example"},
        "no address found for broker.example",
        environment={"TWC_NAME_SERVER": DEAD_NAME_SERVER},
    )


def without_broker(bench, mqtt, note, **more):
    """The link lives on until the firmware has found out, and after that."""
    cars = [plugged("2433"), plugged("4F07")]
    line = bench.line(*cars)
    board = bench.board(line, {"mqtt": mqtt}, known=cars, **more)
    board.start()
    board.wait_for_line(f"Broker .*: {note}; trying again")
    served_for(bench, line, cars, 5)
    status = board.wait_for_status()
    assert [unit["link"] for unit in status["connectors"]] == ["ok", "ok"]
    assert status["mqtt"]["state"] != "connected"
    with line.lock:
        assert [car.link_losses for car in cars] == [0, 0]
    check(line, board)


@scenario
def test_wifi_that_comes_and_goes(bench):
    broker = bench.mosquitto()
    cars = [plugged("2433"), plugged("4F07")]
    line = bench.line(*cars)
    board = bench.board(line, {"mqtt": broker_config(broker)}, known=cars)
    bench.feed(broker, watts=2 * 14 * VOLTS)
    board.start()
    for car in cars:
        bench.until_offered(line, board, car, 14)
    for _ in range(2):
        before = board.line_count
        board.wifi(False)
        board.wait_for_line("Wi-Fi home: connection lost", after=before)
        time.sleep(1)
        board.wifi(True)
        board.wait_for_line("Wi-Fi home: connected", after=before)
    with line.lock:
        assert [car.relay_closes for car in cars] == [1, 1]
    check(line, board)


def test_writing_a_file_takes_as_long_as_on_the_chip(stage_board, tmp_path):
    tree = tmp_path / "tree"
    (tree / "firmware").mkdir(parents=True)
    (tree / "boot.py").write_text("")
    (tree / "main.py").write_text("""
import time
began = time.ticks_ms()
with open("state.json", "w") as file:
    file.write("{}")
took = time.ticks_diff(time.ticks_ms(), began)
print("lasted" if took >= 80 else "quick", open("state.json").read())
""")
    board = stage_board(project=tree)
    board.start()
    board.wait_for_line("lasted {}")

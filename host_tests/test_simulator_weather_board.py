"""The firmware process in bad weather, in real time on a pseudo-terminal: it heals by itself."""

from firmware_bench import broker_config, check, plugged, scenario

from simulator.talkers import Babbler, SecondMaster
from simulator.weather import Weather

pytest_plugins = ["firmware_bench"]


@scenario
def test_bits_bursts_and_a_stuck_transmitter(bench):
    broker = bench.mosquitto()
    left, right = plugged("2433"), plugged("1001", protocol=1)
    line = bench.line(left, right)
    board = bench.board(line, {"mqtt": broker_config(broker)}, known=[left, right])
    bench.feed(broker, watts=3000)
    board.start()
    bench.until_offered(line, board, left, 6)
    bench.until_offered(line, board, right, 6)
    weather = Weather(1, flip=0.006, lose=0.004, insert=0.004, burst=0.002, burst_bytes=20)
    with line.lock:
        line.medium.noise = weather
        heard = len(line.referee.answers_from("2433"))
    bench.until(lambda: len(line.referee.answers_from("2433")) > heard + 4, board.tail)
    bench.until(lambda: weather.flipped + weather.lost + weather.bursts > 9, board.tail)
    with line.lock:
        assert left.link_losses == right.link_losses == 0
        # Then a transmitter that sticks for 3 s, in fair weather.
        weather.on = False
        stuck = Babbler(line.now_ms(), line.now_ms() + 3000)
        line.connectors.append(stuck)
    bench.until(lambda: stuck.said > 2500)
    bench.until_offered(line, board, left, 6)
    bench.until_offered(line, board, right, 6)
    with line.lock:
        assert left.link_losses == right.link_losses == 0
        assert left.relay_closes == right.relay_closes == 1
        # So many bytes fill the buffer of a board that a busy machine stops for 0.3 s.
        line.lost = 0
    check(line, board)


@scenario
def test_a_second_master_keeps_the_offer_where_it_is(bench):
    broker = bench.mosquitto()
    unit = plugged("2433")
    line = bench.line(unit)
    board = bench.board(line, {"mqtt": broker_config(broker)}, known=[unit])
    feed = bench.feed(broker, watts=1800)
    board.start()
    bench.until_offered(line, board, unit, 7)
    with line.lock:
        other = SecondMaster("ABCD", from_ms=line.now_ms(), until_ms=line.now_ms() + 60000)
        line.connectors.append(other)
    board.wait_for_line("second master, ABCD")
    feed.watts = 4800
    board.wait_for_status(lambda s: s["surplus"]["watts"] == 4800)
    bench.stays(lambda: line.referee.slaves["2433"].limit == 7, 5, board.tail)
    feed.watts = 1500
    bench.until_offered(line, board, unit, 6)
    check(line, board)

"""The sentences: numbers and countdowns that are right in each second.

Runs under CPython and under MicroPython. One ampere is 240 W, so each car needs 1440 W.
"""

from law_bench import LOST, Bench, charging, is_off, promised_s

S = 1000


def countdown(bench, index, watts, words):
    """Runs until a unit starts or stops; asserts each second that the countdown with these words
    was never too short, and at most a step and two readings too long. Returns the seconds."""
    amps = bench.amps()[index] > 0
    told = []
    while (bench.amps()[index] > 0) is amps:
        assert words in bench.reason(index), bench.reason(index)
        told.append(promised_s(bench.reason(index)))
        bench.step(watts)
        assert len(told) < 7200
    for second in range(len(told)):
        left_s = len(told) - second
        step_s = 5 if told[second] <= 60 else 10 if told[second] <= 180 else 60
        most_s = left_s + step_s + 2 * bench.every_ms // S + left_s // 5
        assert left_s <= told[second] <= most_s, (words, left_s, told[second])
    return len(told)


def test_the_countdown_of_a_start():
    for every_s in (1, 5, 10, 60):
        for watts in (1500, 1700, 2400, 9000):
            # One reading a minute: then the second one is enough for much sun.
            told_s = 1 if every_s == 60 and watts > 2000 else every_s + 1
            bench = Bench(every_s=every_s).run(told_s, watts)
            countdown(bench, 0, watts, "starts in ")


def test_the_countdown_of_a_start_after_a_rest_and_at_a_closed_gate():
    bench = charging(3000).run(700, 3000).order("off").run(2, 3000).order("fast").run(1, 3000)
    assert countdown(bench, 0, 3000, " (minimum off time).") == 599
    bench = Bench(every_s=10)
    bench.opens_in_ms = 95 * S
    bench.run(21, 9000)
    assert bench.reason() == ("Waiting: 9 000 W of 1 440 W surplus, starts in 100 s if it holds.")


def test_the_countdown_of_a_stop_by_each_of_its_bounds():
    for every_s in (1, 10, 60):
        bench = charging(3000, every_s=every_s).run(every_s, 0)
        assert bench.reason().endswith("stops in 10 min unless it returns (minimum on time).")
        countdown(bench, 0, 0, "stops in ")
        bench = charging(3000, every_s=every_s).run(2000, 3000).run(every_s, 1000)
        countdown(bench, 0, 1000, "(mean still ")
        bench = charging(1500, every_s=every_s).run(2000, 1500)
        bench.law.trend.mean = 1440
        bench.run(every_s, 1300)
        countdown(bench, 0, 1300, " of 20 Wh import used)")


def test_the_countdown_of_a_second_stop_waits_for_the_first_and_has_a_budget_of_its_own():
    bench = charging(6000, 2, budget_wh=100).run(1200, 6000)
    bench.law.trend.mean = 1440
    bench.step(0)
    # 100 Wh of 2880 W take 125 s, then 100 Wh of 1440 W 250 s.
    assert bench.reason(1) == (
        "At the minimum of 6 A: -1 440 W of 1 440 W surplus, stops in 130 s unless it returns "
        "(0 of 100 Wh import used)."
    )
    assert bench.reason(0) == (
        "At the minimum of 6 A: 0 W of 1 440 W surplus, stops in 7 min unless it returns (after "
        "another car, 0 of 100 Wh import used)."
    )
    took_s = countdown(bench, 0, 0, "stops in ")
    assert 373 <= took_s <= 377, took_s


def test_who_keeps_what_is_left_after_a_stop_is_promised_no_stop():
    bench = charging(6000, 2).run(1200, 6000).run(1, 2000)
    assert bench.reason(0) == "Charging at 13 A, going to 6 A: 2 000 W of surplus."
    assert "560 W of 1 440 W surplus, stops in " in bench.reason(1)


def test_the_countdown_of_a_lost_reading():
    bench = charging(3000).run(1, None, LOST)
    for left_s in range(594, 0, -1):
        assert left_s <= promised_s(bench.reason()) < left_s + 65, left_s
        assert bench.amps() == [6]
        bench.step(None, LOST)
    assert bench.run(1, None, LOST).amps() == [0]


def test_a_meter_that_stops_telling_changes_promises_no_less_than_it_takes():
    # A reading each 10 s, and then none: the last one counts again after a minute.
    bench = charging(1500, every_s=10).run(2000, 1500)
    bench.law.trend.mean = 1440
    bench.run(10, 1300)
    bench.every_ms = 10000 * S
    bench.run(15, 1300)
    promised = promised_s(bench.reason())
    took = bench.until(is_off, 1300)
    assert took <= promised, (took, promised)


def test_sentences_do_not_change_with_each_second():
    bench = charging(3000).run(1200, 3000).run(2, 900)
    changes = 0
    for _ in range(200):
        before = bench.reason()
        bench.step(900)
        changes += before != bench.reason()
    assert changes <= 40, changes


def test_the_mean_is_told_in_hundreds_and_never_too_little():
    bench = charging(3000).run(3600, 3000)
    bench.law.trend.mean = 2901
    bench.step(1000)
    assert "(mean still 2 900 W, 0 of 20 Wh import used)" in bench.reason(), bench.reason()
    bench.run(30, 1000)
    assert "mean still 2 900 W" in bench.reason(), bench.reason()
    assert 2800 < bench.law.trend.mean < 2850


def test_more_than_the_budget_is_told_as_all_of_it():
    bench = charging(3600).run(3600, 3600).run(200, 0)
    assert bench.law.trend.used_wh > 60
    assert ", 20 of 20 Wh import used)" in bench.reason()


def test_no_promise_of_a_start_that_is_far_away():
    # What was seen to waver, here as much as can be, is forgotten with the minimum on time.
    bench = Bench(every_s=1, min_on_s=3600).run(60, 1440)
    bench.law.trend.spread = 720
    bench.run(1, 1440)
    assert bench.amps() == [0]
    assert bench.reason() == "Waiting: 1 440 W of 1 440 W surplus, waits for steadier sun."


def test_never_a_negative_time_nor_an_empty_sentence():
    bench = Bench(2, every_s=5)
    for second in range(6000):
        watts = (3000, 0, 1500, -300, None, 7000)[second // 250 % 6]
        bench.step(watts, LOST)
        for reason in [bench.law.reason] + [unit.reason for unit in bench.units]:
            promised = promised_s(reason)
            assert promised is None or promised > 0, reason


# The whole.


def test_what_runs_explains_the_whole():
    bench = charging(3000, 2).run(900, 3000)
    bench.until(lambda b: min(b.amps()) == 0, 2000)
    bench.run(3, 2000)
    running = 0 if bench.amps()[0] else 1
    assert bench.law.reason == bench.reason(running) == "Charging at 8 A: 2 000 W of surplus."


def test_else_the_one_that_is_closest_to_a_start():
    bench = Bench(2).order("off").run(10, 3000)
    assert bench.reason(0) == "Off: mode Off."
    assert bench.law.reason == bench.reason(1)
    assert ", starts in " in bench.law.reason and bench.law.state == "waiting"
    bench.order("off", 1).run(1, 3000)
    assert bench.law.reason == "Off: mode Off." and bench.law.state == "off"


def test_several_that_run():
    bench = charging(9000, 3).run(5, 9000)
    assert bench.law.reason == "3 cars are offered 32 A: 9 000 W of surplus."
    bench.run(1, None, LOST).run(1, None, LOST)
    assert bench.law.state == "lost"
    assert bench.law.reason.startswith(
        "3 cars are offered 18 A, their minimum. At the minimum of 6 A: no surplus reading for"
    )


def test_what_still_draws():
    bench = charging(3000).run(700, 3000).order("off").run(1, 3000)
    assert bench.law.state == "charging"
    assert bench.law.reason == "Stopping: still draws 11.8 A: mode Off."

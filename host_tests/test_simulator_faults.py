"""Connectors with faults: silent, deaf, late, lying, restless; and questions of all kinds."""

import pytest
from connector_bench import Bench, actual, charging, shown, state

from simulator.connector import Connector

# -- faults to switch on


def test_mute_hears_and_never_answers():
    bench = charging(16)
    bench.connector.mute = True
    assert bench.beat(9, 10, 20) is None
    assert bench.connector.draw_amps == pytest.approx(9.8)
    assert bench.wait(40) == []


def test_deaf_loses_its_master():
    bench = charging(16)
    bench.connector.deaf = True
    bench.beat(9, 16, 30)
    assert not bench.connector.linked and bench.connector.draw_amps == 0
    bench.connector.deaf = False
    assert state(bench.beat(9, 0)) == 2


def test_answering_only_some():
    bench = Bench(Connector("2433"))
    bench.connector.answer_every = 3
    assert [bench.beat(9, 0) is not None for _ in range(6)] == [False, False, True] * 2


def test_a_lying_echo():
    bench = charging(16)
    bench.connector.lie_echo_amps = 32
    answer = bench.beat(9, 10, 10)
    assert shown(answer) == 32 and actual(answer) == pytest.approx(9.8)


def test_late_answers():
    bench = Bench(Connector("2433"))
    bench.connector.late_ms, bench.connector.late_every = 200, 3
    bench.beat(9, 0, 6)
    assert [at % 1000 for at, _ in bench.log] == [20, 20, 220, 20, 20, 220]


def test_two_answers_to_one_heartbeat():
    bench = Bench(Connector("2433"))
    bench.connector.twice_every = 2
    bench.beat(9, 0, 4)
    assert [at for at, _ in bench.log] == [20, 1020, 1050, 2020, 3020, 3050]
    assert bench.log[1][1] == bench.log[2][1]


def test_a_lie_about_the_current():
    bench = charging(16)
    bench.connector.lie_draw_amps = 300
    answer = bench.beat(9, 10, 10)
    assert actual(answer) == 300 and bench.connector.draw_amps == pytest.approx(9.8)


def test_states_that_flap():
    bench = charging(16)
    bench.connector.lie_states = (1, 3, 8)
    assert sorted(state(bench.beat(0)) for _ in range(6)) == [1, 1, 3, 3, 8, 8]
    assert bench.connector.draw_amps == pytest.approx(15.8)


def test_it_starts_anew_by_itself():
    bench = charging(16)
    bench.connector.reset_every_s = 30
    bench.beat(0, 0, 25)
    assert bench.connector.resets == 1 and bench.connector.draw_amps == 0
    assert state(bench.beat(0)) == 4 and shown(bench.beat(0)) == 0
    bench.beat(9, 16, 12)
    assert bench.connector.draw_amps == pytest.approx(15.8)


def test_a_new_id_calls_and_keeps_its_limit():
    bench = charging(16)
    bench.connector.change_id("4444")
    assert bench.wait(1)[0][:4].hex() == "fde24444"
    assert bench.send("FB E0 7777 2433 09 0640" + "00" * 6, 1) == []
    answer = bench.beat(0)
    assert shown(answer) == 16 and actual(answer) == pytest.approx(15.8)


def test_questions_that_come_too_fast():
    bench = Bench(Connector("2433"))
    bench.connector.too_fast_ms = 250
    bench.send("FB E0 7777 2433 09 0000" + "00" * 6, 0.1)
    bench.send("FB EB 7777 2433" + "00" * 9, 0)
    bench.now_ms += 20
    assert bench.connector.due(bench.now_ms) == [b"\xc0\x7c\x00\xc0\xfc"]
    bench.wait(0.4)
    assert bench.send("FB EB 7777 2433" + "00" * 9)[0][:2].hex() == "fdeb"
    assert (bench.connector.questions, bench.connector.too_fasts) == (2, 1)


def test_old_units_answer_old_questions():
    bench = Bench(
        Connector(
            "022C", protocol=1, serial="A15E0001234X", model="1050067-00-F", firmware=(2, 9, 1)
        )
    )
    said = [bench.send(f"FB {part}" + "00" * 11)[0] for part in ("19", "1A", "1B")]
    assert said[0] == b"\xfd\x19A15E0001234"
    assert said[1] == b"\xfd\x1a1050067-00-"
    assert said[2].hex() == "fd1b020901" + "00" * 8
    assert Bench(Connector("2433")).send("FB 19" + "00" * 11) == []

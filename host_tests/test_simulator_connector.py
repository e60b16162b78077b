"""Wall connectors: links, states, echoes, questions, and what goes wrong with them."""

import pytest
from connector_bench import Bench, actual, charging, shown, state

from simulator import answers
from simulator.car import Car
from simulator.connector import Connector
from simulator.wire import checksum

# -- captured frames that slaves send


@pytest.mark.parametrize(
    ("text", "id", "sign"),
    [
        ("FD E2 18 39 52 0C 80 00 00 00 00 00 00 00 00 11", "1839", 82),
        ("FD E2 40 85 1D 0C 80 00 00 00 00 00 00 00 00 50", "4085", 29),
        ("FD E2 87 25 AE 0C 80 00 00 00 00 00 00 00 00 C8", "8725", 174),
    ],
)
def test_captured_link_ready(text, id, sign):
    frame = bytes.fromhex(text)
    said = Bench(Connector(id, rating_amps=32, protocol=2, sign=sign)).wait(3)
    assert said == [frame[:-1]]
    assert checksum(said[0]) == frame[-1]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("FD E0 02 2C 77 77 02 00 00 06 96 00 00 9A", ("022C", 2, 0.0, 16.86, 1)),
        ("FD E0 20 19 77 77 08 02 58 02 10 00 00 00 00 7B", ("2019", 8, 6.0, 5.28, 2)),
        ("FD E0 24 33 77 77 03 02 58 00 00 00 00 00 00 82", ("2433", 3, 6.0, 0.0, 2)),
        ("FD E0 29 43 77 77 08 06 40 00 00 00 00 00 00 88", ("2943", 8, 16.0, 0.0, 2)),
    ],
)
def test_captured_heartbeats_of_slaves(text, fields):
    id, code, maximum, draw, protocol = fields
    body = answers.heartbeat(bytes.fromhex(id), b"\x77\x77", code, maximum, draw, protocol)
    assert body + bytes((checksum(body),)) == bytes.fromhex(text)


def test_captured_heartbeat_of_a_plugged_in_car_at_zero():
    answer = Bench(Connector("2433", car=Car())).beat(9, 0, 3)
    assert answer.hex() == "fde0243377770302580000" + "00" * 4


def test_captured_heartbeat_of_a_car_that_would_not_start():
    answer = Bench(Connector("2943", car=Car("stuck"))).beat(9, 16, 30)
    assert answer.hex() == "fde0294377770806400000" + "00" * 4


@pytest.mark.parametrize(
    ("request_hex", "more", "text"),
    [
        (
            "FB EB 77 77 25 87" + "00" * 9,
            {"kwh": 924, "volts": (246, 240, 246)},
            "FD EB 25 87 00 00 03 9C 00 F6 00 F0 00 F6 00 00 00 00 00 12",
        ),
        (
            "FB EB 77 77 58 50" + "00" * 7,
            {"kwh": 842, "volts": (250, 0, 0)},
            "FD EB 58 50 00 00 03 4A 00 FA 00 00 00 00 00 00 00 00 00 DA",
        ),
        ("FB EC 77 77 60 90" + "00" * 9, {}, "FD EC 60 90 04 05 03 02 00 00 00 00 00 00 00 EA"),
        (
            "FB EE 77 77 60 90" + "00" * 8,  # the captured 15-byte form
            {},
            "FD EE 60 90 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 DE",
        ),
        (
            "FB EE 32 AB 60 90" + "00" * 6,  # the captured 13-byte form, another master's
            {},
            "FD EE 60 90 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 DE",
        ),
        ("FC B1 77 77 58 50" + "00" * 9, {}, "FD B1 58 50 00 00 00 00 00 00 00 00 00 00 00 59"),
    ],
)
def test_captured_answers(request_hex, more, text):
    frame = bytes.fromhex(text)
    bench = Bench(Connector(frame[2:4].hex(), **more))
    bench.beat(9, 0)
    said = bench.send(request_hex)
    assert said == [frame[:-1]]
    assert checksum(said[0]) == frame[-1]


# -- made from the description: no captures exist


def test_link_ready_of_protocol_1_has_14_bytes():
    said = Bench(Connector("022C", rating_amps=80, protocol=1, sign=1)).wait(3)
    assert said[0].hex() == "fde2022c011f40" + "00" * 6


def test_vin_serial_and_plug_state():
    car = Car(vin="5YJ3E1EA7KF000316")
    bench = Bench(Connector("2433", car=car, serial="A16B0002433"))
    bench.beat(9, 0)
    parts = [bench.send(f"FB {part} 7777 2433" + "00" * 9)[0] for part in ("EE", "EF", "F1")]
    assert [len(part) for part in parts] == [19, 19, 19]
    assert b"".join(part[4:].rstrip(b"\0") for part in parts) == b"5YJ3E1EA7KF000316"
    assert parts[2][4:] == b"316" + bytes(12)
    serial = bench.send("FB ED 7777 2433" + "00" * 9)[0]
    assert serial[:4].hex() == "fded2433" and serial[4:] == b"A16B0002433" + bytes(4)
    assert bench.send("FB B4 7777 2433" + "00" * 9)[0][4] == 3
    bench.beat(9, 10, 20)
    assert bench.send("FB B4 7777 2433" + "00" * 9)[0][4] == 1
    car.unplug()
    assert bench.send("FB B4 7777 2433" + "00" * 9)[0][4] == 0
    assert bench.send("FB EE 7777 2433" + "00" * 9)[0][4:] == bytes(15)


def test_meter_while_charging():
    bench = charging(volts=(240, 0, 0), kwh=100)
    bench.beat(9, 16, 3600)
    meter = bench.send("FB EB 7777 2433" + "00" * 9)[0]
    assert int.from_bytes(meter[4:8], "big") == 103  # 15.8 A at 240 V are 3.8 kW
    assert list(meter[14:17]) == [32, 0, 0]  # halves of an ampere
    bench.connector.energy_in_wh = True
    meter = bench.send("FB EB 7777 2433" + "00" * 9)[0]
    assert int.from_bytes(meter[4:8], "big") == pytest.approx(103800, rel=0.01)


def test_three_phases_on_the_meter_are_those_wired_and_used():
    bench = Bench(Connector("2433", car=Car(phases=3), volts=(230, 231, 0)))
    bench.beat(9, 16, 20)
    assert list(bench.send("FB EB 7777 2433" + "00" * 9)[0][14:17]) == [32, 32, 0]


def test_old_units_leave_questions_unanswered():
    bench = Bench(Connector("022C", protocol=1))
    bench.beat(5, 0)
    for function in ("EB", "EC", "ED", "EE", "B4"):
        assert bench.send(f"FB {function} 7777 022C" + "00" * 7) == []
    assert bench.beat(5, 0) is not None


def test_a_question_that_it_does_not_know_stays_unanswered():
    bench = Bench(Connector("2433"))
    bench.connector.unanswered = (0xFBB4,)
    bench.beat(9, 0)
    assert bench.send("FB B4 7777 2433" + "00" * 9) == []
    assert len(bench.send("FB EC 7777 2433" + "00" * 9)) == 1


# -- links


def test_unlinked_it_says_so_every_ten_seconds():
    bench = Bench(Connector("2433"))
    bench.wait(61)
    times = [at for at, body in bench.log]
    gaps = [later - earlier for earlier, later in zip(times, times[1:], strict=False)]
    assert len(times) == 6 and all(9900 < gap < 10500 for gap in gaps)
    assert all(body[:2] == b"\xfd\xe2" for _, body in bench.log)


def test_five_link_readies_after_the_second_link_ready_2():
    bench = Bench(Connector("2433"))
    bench.wait(4)
    for _ in range(5):
        bench.send("FC E1 7777 77" + "00" * 8)
    before = len(bench.log)
    assert bench.send("FB E2 7777 77" + "00" * 8) == []
    heard_ms = bench.now_ms
    bench.send("FB E2 7777 77" + "00" * 8)
    bench.wait(2)
    times = [at - heard_ms for at, _ in bench.log[before:]]
    assert len(times) == 5 and 190 < times[0] < 300 and times[-1] < 1000


def test_linked_it_speaks_only_when_spoken_to():
    bench = Bench(Connector("2433"))
    bench.send("FB E2 7777 77" + "00" * 8, 0.01)
    bench.send("FB E2 7777 77" + "00" * 8, 0.01)
    before = len(bench.log)
    bench.beat(9, 0, 30)
    assert len(bench.log) - before == 30
    assert bench.connector.linked
    assert bench.send("FB E2 7777 77" + "00" * 8, 1) == []


def test_the_answer_takes_its_time():
    for answer_ms in (3, 20, 100):
        bench = Bench(Connector("2433", answer_ms=answer_ms))
        bench.beat(9, 0)
        assert bench.log[-1][0] == answer_ms


def test_heartbeats_to_others_are_not_answered():
    bench = Bench(Connector("2433"))
    bench.beat(9, 0)
    assert bench.send("FB E0 7777 2434 09 0000" + "00" * 6, 1) == []


def test_without_heartbeats_it_resumes_link_ready_and_then_stops_the_car():
    bench = charging(stop_after_s=25)
    bench.wait(8.9)  # one second has passed since the last heartbeat already
    assert bench.connector.linked and not bench.log[-1][1].startswith(b"\xfd\xe2")
    assert [body[:2] for body in bench.wait(1)] == [b"\xfd\xe2"]
    assert not bench.connector.linked and bench.connector.draw_amps > 15
    bench.wait(13)
    assert bench.connector.draw_amps > 15
    bench.wait(2)
    assert bench.connector.draw_amps == 0
    assert [closed for _, closed in bench.connector.relay_events] == [True, False]
    assert bench.connector.car.faults == 1
    assert state(bench.beat(9, 0)) == 2
    assert state(bench.beat(9, 0)) == 3


def test_a_master_with_its_id_makes_it_pick_another():
    bench = Bench(Connector("7777"))
    bench.beat(9, 0, 3, long=True)
    bench.send("FC E1 7777 77" + "00" * 8)
    assert bench.connector.id != "7777"
    said = bench.wait(1)
    assert said[0][:4].hex() == "fde2" + bench.connector.id.lower()


def test_heartbeat_lengths():
    old, new = Bench(Connector("022C", protocol=1)), Bench(Connector("2433", protocol=2))
    assert len(old.beat(5, 6, long=False)) == 13
    assert len(old.beat(5, 6, long=True)) == 13  # captured: 022C answered a long one with 14
    assert len(new.beat(9, 6, long=True)) == 15
    assert new.beat(9, 6, long=False) is None
    stubborn = Bench(Connector("022C", protocol=1, takes_lengths=(16,)))
    assert stubborn.beat(5, 6, long=False) is None
    assert stubborn.beat(5, 6, long=True) is not None


# -- limits, states, relays


def test_it_echoes_anything_and_the_car_follows():
    bench = Bench(Connector("2433", rating_amps=32, car=Car(max_amps=80)))
    assert shown(bench.beat(9, 655.35)) == 655.35
    assert actual(bench.beat(9, 655.35, 60)) == 80


def test_from_plugging_in_to_charging_and_back():
    bench = Bench(Connector("2433"))
    assert state(bench.beat(0)) == 0
    bench.connector.car.plug()
    assert state(bench.beat(0)) == 5
    assert state(bench.beat(0)) == 4
    seen = [state(bench.beat(9, 12)) for _ in range(12)]
    assert seen.index(8) < seen.index(1) and set(seen[seen.index(1) :]) == {1}
    answer = bench.beat(9, 12)
    assert (shown(answer), actual(answer)) == (12, 11.8)
    answers_down = [bench.beat(9, 0) for _ in range(12)]
    assert [shown(answer) for answer in answers_down] == [6.0] * 12
    assert state(answers_down[-1]) == 3 and actual(answers_down[-1]) == 0
    # Seen in a capture: a stopping slave still shows an old current.
    assert any(state(answer) == 3 and actual(answer) > 1 for answer in answers_down)
    assert bench.connector.relay_closes == 1 and not bench.connector.relay_closed
    bench.connector.car.unplug()
    assert state(bench.beat(9, 0)) == 5
    assert state(bench.beat(9, 0)) == 0


def test_00_in_between_at_zero_makes_the_relay_click():
    bench = Bench(Connector("2433", car=Car()))
    bench.beat(9, 0, 5)
    assert bench.connector.relay_closes == 0
    seen = {state(bench.beat(0)) for _ in range(10)}
    assert seen == {1, 3}
    assert 4 <= bench.connector.relay_closes <= 6
    bench.beat(9, 0)
    clicks = bench.connector.relay_closes
    assert state(bench.beat(9, 0, 10)) == 3
    assert bench.connector.relay_closes == clicks


def test_protocol_2_takes_05_only_before_a_charge():
    bench = Bench(Connector("2433", car=Car()))
    assert shown(bench.beat(5, 10)) == 10
    assert state(bench.beat(5, 10, 10)) == 1
    assert shown(bench.beat(5, 16)) == 10
    answer = bench.beat(9, 16)
    assert (state(answer), shown(answer)) == (9, 16)
    assert state(bench.beat(9, 16)) == 1


def test_protocol_1_takes_05_at_any_time_and_knows_no_09():
    bench = charging(10, protocol=1)
    assert shown(bench.beat(5, 5)) == 5
    assert shown(bench.beat(9, 16)) == 5
    assert actual(bench.beat(5, 5, 10)) == pytest.approx(4.2)


def test_06_and_07_last_a_while():
    bench = charging(16)
    answer = bench.beat(6)
    assert (state(answer), shown(answer)) == (6, 18)
    assert shown(bench.beat(0, 0, 42)) == 18
    assert shown(bench.beat(0, 0, 3)) == 16
    assert shown(bench.beat(7)) == 14
    assert shown(bench.beat(0, 0, 11)) == 16
    old = charging(16, protocol=1)
    assert shown(old.beat(6)) == 16


def test_command_02_ends_it_until_a_reset():
    bench = charging()
    bench.beat(2)
    assert bench.connector.draw_amps == 0
    assert bench.beat(9, 6, 5) is None
    assert bench.wait(40) == []
    bench.connector.reset()
    assert bench.wait(5)[0][:2] == b"\xfd\xe2"
    assert shown(bench.beat(0)) == 0


def test_a_limit_below_the_minimum_feeds_nobody():
    bench = charging(10)
    answer = bench.beat(9, 5, 15)
    assert shown(answer) == 5 and actual(answer) == 0


def test_a_full_car_and_one_that_hides():
    assert state(Bench(Connector("2433", car=Car("full"))).beat(9, 10, 5)) == 3
    assert state(Bench(Connector("2433", car=Car("wants_nothing"))).beat(9, 10, 5)) == 0
    assert state(Bench(Connector("2433", car=Car("wants_nothing"))).beat(9, 0, 5)) == 3


def test_a_sleepy_car_begins_late():
    bench = Bench(Connector("2433", car=Car("sleepy", sleep_s=60)))
    assert state(bench.beat(9, 6, 55)) == 3
    answer = bench.beat(9, 6, 20)
    assert state(answer) == 1 and actual(answer) == pytest.approx(5.2)


def test_a_car_that_fills_up_opens_the_relay_itself():
    bench = Bench(Connector("2433", car=Car(fill_kwh=0.05)))
    answer = bench.beat(9, 16, 120)
    assert state(answer) == 3 and shown(answer) == 16
    assert [closed for _, closed in bench.connector.relay_events] == [True, False]


def test_contactor_commands():
    bench = charging()
    bench.send("FC B2 7777 2433" + "00" * 9, 0)
    assert bench.wait(0.1)[0][:4].hex() == "fdb22433"
    assert bench.connector.draw_amps == 0 and not bench.connector.relay_closed
    assert actual(bench.beat(9, 16, 10)) == 0
    bench.send("FC B1 7777 2433" + "00" * 9)
    assert actual(bench.beat(9, 16, 20)) == pytest.approx(15.8)
    old = charging(firmware=(4, 5, 2, 0))
    assert old.send("FC B2 7777 2433" + "00" * 9) == []
    assert old.connector.relay_closed


def test_a_tesla_after_the_contactor_command_wants_to_be_plugged_again():
    bench = Bench(Connector("2433", car=Car(resumes=False)))
    bench.beat(9, 16, 20)
    bench.send("FC B2 7777 2433" + "00" * 9)
    bench.send("FC B1 7777 2433" + "00" * 9)
    assert actual(bench.beat(9, 16, 20)) == 0
    bench.connector.car.unplug()
    bench.beat(9, 16, 3)
    bench.connector.car.plug()
    assert actual(bench.beat(9, 16, 20)) == pytest.approx(15.8)

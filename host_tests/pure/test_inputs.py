"""What is known of the surplus, and how old it is."""

import text
from charging.inputs import Inputs, parse_watts

MAX_AGE_MS = 120000


def inputs():
    return Inputs(MAX_AGE_MS)


def contains_the_cars(some, now_ms):
    """Whether it is told that the surplus contains the cars."""
    return any(["seems to contain them" in said for said in some.warnings(now_ms)])


# Payloads.


def test_numbers_as_people_send_them():
    for payload, watts in (
        (b"3000", 3000),
        ("3000", 3000),
        (" 3000 ", 3000),
        (b"3000\r\n", 3000),
        ("\t3000", 3000),
        ("3e3", 3000),
        ("3E+3", 3000),
        ("2.5e-1", 0.25),
        ("+5", 5),
        ("-0", 0),
        ("0", 0),
        ("-12.5", -12.5),
        (".5", 0.5),
        ("5.", 5),
        ("007", 7),
        ("0e999", 0),
        ("200000", 200000),
        ("-200000", -200000),
        (bytearray(b"3000"), 3000),
        (memoryview(b"3000"), 3000),
    ):
        assert parse_watts(payload) == (watts, None), payload


def test_words_are_no_reading_and_never_zero():
    for payload in (
        "",
        " ",
        "nan",
        "NaN",
        "-nan",
        "inf",
        "-inf",
        "Infinity",
        "unavailable",
        "unknown",
        "None",
        "null",
        "true",
        "ON",
        "0x10",
        "0b1",
        "1_000",
        "3000 W",
        "3000W",
        "3 kW",
        "3,5",
        "3.000,5",
        "3 000",
        "3000\0",
        "12-5",
        "1+2",
        "--5",
        "+-5",
        "- 5",
        "5.5.5",
        "5e",
        "5e+",
        "5e5e5",
        '{"watts": 3000}',
        "[3000]",
        '"3000"',
        "٣٠٠٠",
        "３０００",
    ):
        for given in (payload, payload.encode()):
            watts, why = parse_watts(given)
            assert watts is None, payload
            assert why == f'the last text was not a number: "{payload[:40]}"', why


def test_a_number_without_digits_is_no_reading():
    # MicroPython's float() takes them for 0.
    for payload in (".", "-.", "+.", "e5", ".e5", "-e1", "E", "+", "-", "e"):
        assert parse_watts(payload)[0] is None, payload


def test_bytes_that_are_no_text():
    for payload in (b"\xff", b"12\xff", b"\xc3", b"\x80000"):
        watts, why = parse_watts(payload)
        assert watts is None
        assert why == 'the last text was not a number: "bytes that are no text"'


def test_long_text_is_shown_from_its_beginning():
    # Cut between two letters, not inside of one.
    for payload in ("x" * 60, "ä" * 60, "x" + "ä" * 60, "nicht verfügbar" * 4, "太阳" * 30):
        for given in (payload, payload.encode()):
            why = parse_watts(given)[1]
            assert why.startswith('the last text was not a number: "' + payload[:10]), why


def test_a_payload_longer_than_any_number_is_not_looked_at():
    for payload in ("9" * 33, "0" * 900, b"1" * 1000):
        watts, why = parse_watts(payload)
        assert watts is None
        shown = payload if isinstance(payload, str) else str(payload, "utf-8")
        assert why == f'the last text was not a number: "{shown[:40]}"'


def test_numbers_beyond_every_house():
    for payload in ("1e9", "200000.5", "200001", "-200001", "1e400", "-1e400", "9" * 30):
        watts, why = parse_watts(payload)
        assert watts is None
        assert why == f"the last number is beyond 200 kW: {payload[:40]}"


def test_sentences_about_payloads_stay_short():
    for payload in ("x" * 900, "1" * 900, b"x" * 900, b"\xff" * 900, "ä" * 400):
        assert len(parse_watts(payload)[1]) < 90


# Readings.


def test_nothing_received_is_not_zero():
    some = inputs()
    assert some.surplus_watts(0) is None
    assert some.newest(0) is None
    assert some.unusable() is None
    assert some.warnings(0) == []


def test_a_surplus_is_taken_as_it_is():
    for payload, watts in ((b"3000", 3000), (b"-250.5", -250.5), (b"0", 0)):
        for draw in (0, 2880):
            some = inputs()
            assert some.receive("surplus", payload, False, draw, 5) is None
            assert some.surplus_watts(5) == watts
            assert some.newest(5).kind == "surplus" and some.newest(5).at_ms == 5


def test_the_grid_meter_has_the_cars_in_it():
    for grid, draw, watts in (
        ("-3000", 0, 3000),  # exports 3 000 W
        ("-3000", 2880, 5880),  # and a car takes 2 880 W beside it
        ("0", 2880, 2880),
        ("500", 2880, 2380),  # imports
        ("3000", 2880, -120),
        ("3000", 0, -3000),
    ):
        some = inputs()
        assert some.receive("grid", grid, False, draw, 5) is None
        assert some.surplus_watts(5) == watts
        assert some.newest(5).kind == "grid"


def test_what_the_cars_drew_when_it_arrived_counts():
    some = inputs()
    some.receive("grid", "-100", False, 2880, 0)
    some.receive("surplus", "junk", False, 0, 1000)
    assert some.surplus_watts(2000) == 2980


def test_a_reading_ages_and_is_lost():
    for kind, payload in (("surplus", "3000"), ("grid", "-3000")):
        some = inputs()
        some.receive(kind, payload, False, 0, 1000)
        assert some.surplus_watts(1000 + MAX_AGE_MS) == 3000
        assert some.surplus_watts(1001 + MAX_AGE_MS) is None
        # It is still what there is to say something about.
        assert some.newest(1001 + MAX_AGE_MS).at_ms == 1000
        some.receive(kind, payload, False, 0, 500000)
        assert some.surplus_watts(500000) == 3000


def test_what_is_no_reading_neither_renews_nor_ends_the_last_one():
    some = inputs()
    some.receive("surplus", "3000", False, 0, 0)
    for payload in ("unavailable", "", b"\xff", "1e9"):
        why = some.receive("surplus", payload, False, 0, 60000)
        assert why
        assert some.unusable() == f"surplus: {why}"
        assert some.surplus_watts(60000) == 3000
        assert some.newest(60000).at_ms == 0
    assert some.surplus_watts(MAX_AGE_MS + 1) is None
    some.receive("surplus", "2000", False, 0, MAX_AGE_MS + 2)
    assert some.unusable() is None
    assert some.surplus_watts(MAX_AGE_MS + 2) == 2000


def test_a_retained_message_never_counts():
    for kind in ("surplus", "grid"):
        some = inputs()
        why = some.receive(kind, b"3000", True, 0, 0)
        assert why == "retained message of unknown age: 3 000 W"
        assert some.unusable() == f"{kind}: {why}"
        assert some.surplus_watts(0) is None and some.newest(0) is None


def test_a_retained_message_raises_nothing_and_renews_nothing():
    some = inputs()
    some.receive("surplus", "1000", False, 0, 0)
    some.receive("surplus", "3000", True, 0, 100000)
    assert some.surplus_watts(100000) == 1000
    assert some.surplus_watts(MAX_AGE_MS + 1) is None
    some.receive("surplus", "1500", False, 0, MAX_AGE_MS + 1)
    assert some.surplus_watts(MAX_AGE_MS + 1) == 1500 and some.unusable() is None


def test_a_retained_message_that_is_no_number():
    some = inputs()
    assert some.receive("surplus", "x", True, 0, 0) == 'the last text was not a number: "x"'
    assert some.newest(0) is None


def test_of_two_live_kinds_the_one_that_gives_less_counts():
    for surplus, grid, draw, watts, kind in (
        ("3000", "-1000", 0, 1000, "grid"),
        ("1000", "-3000", 0, 1000, "surplus"),
        ("3000", "-1000", 2880, 3000, "surplus"),
        ("-500", "-3000", 0, -500, "surplus"),
        ("3000", "500", 0, -500, "grid"),
    ):
        for order in (("surplus", "grid"), ("grid", "surplus")):
            some = inputs()
            for now_ms in (0, 1):
                which = order[now_ms]
                some.receive(which, surplus if which == "surplus" else grid, False, draw, now_ms)
            assert some.surplus_watts(10) == watts
            assert some.newest(10).kind == kind
            assert "Both surplus/set and grid/set are being sent" in some.warnings(10)[0]


def test_of_a_live_and_a_lost_kind_the_live_one_counts():
    for lost, live in (("surplus", "grid"), ("grid", "surplus")):
        some = inputs()
        # The lost one would give less.
        some.receive(lost, "-9000" if lost == "surplus" else "9000", False, 0, 0)
        some.receive(live, "3000" if live == "surplus" else "-3000", False, 0, MAX_AGE_MS)
        assert some.surplus_watts(MAX_AGE_MS + 1) == 3000
        assert some.newest(MAX_AGE_MS + 1).kind == live
        assert some.warnings(MAX_AGE_MS + 1) == []


def test_of_two_lost_kinds_the_one_heard_last_is_spoken_of():
    for first, second in (("surplus", "grid"), ("grid", "surplus")):
        some = inputs()
        some.receive(first, "1", False, 0, 0)
        some.receive(second, "5", False, 0, 1000)
        assert some.newest(1000000).kind == second
        assert some.surplus_watts(1000000) is None


def test_the_shortest_age():
    some = Inputs(1000)
    some.receive("surplus", "3000", False, 0, 0)
    assert some.surplus_watts(1000) == 3000 and some.surplus_watts(1001) is None


def test_the_sentence_has_watts_as_text_writes_them():
    some = inputs()
    assert some.receive("surplus", "-12345.6", True, 0, 0).endswith(text.watts(-12345.6))


# A surplus that falls by what the cars take.


def feed(some, rows, every_ms=10000):
    """Feeds (surplus, draw) pairs; returns at which of them it was first told, or None."""
    for index in range(len(rows)):
        watts, draw = rows[index]
        some.receive("surplus", str(watts), False, draw, index * every_ms)
        if contains_the_cars(some, index * every_ms):
            return index
    return None


def held(rows, times=2):
    """Each state for so many readings: only what stands still is compared."""
    return [row for row in rows for _ in range(times)]


def test_three_steps_with_the_cars_in_it_are_told():
    rows = [(4000, 0), (1120, 2880), (4000, 0), (1120, 2880), (4000, 0)]
    for times in (2, 3, 6):
        # At the second reading of the fourth state.
        assert feed(inputs(), held(rows, times)) == 3 * times + 1
        assert feed(inputs(), held(rows[:3], times)) is None


def test_the_step_may_differ_by_what_the_house_does():
    rows = [(4000, 0), (1400, 2880), (4100, 0), (1000, 2880)]
    assert feed(inputs(), held(rows)) == 7
    # And a little between the two readings of a state.
    rows = [(4000, 0), (3900, 90), (1400, 2880), (1290, 2790), (4100, 0), (4230, 0)]
    assert feed(inputs(), rows + [(1000, 2880), (1120, 2790)]) == 7


def test_steps_that_differ_by_too_much_are_no_steps():
    rows = [(4000, 0), (2050, 2880), (4000, 0), (2050, 2880), (4000, 0)]
    assert feed(inputs(), held(rows)) is None
    rows = [(4000, 0), (200, 2880), (4000, 0), (200, 2880), (4000, 0)]
    assert feed(inputs(), held(rows)) is None


def test_a_ramp_in_steps_is_seen():
    # The car takes 3 A or 1 A more each time, and the surplus falls by as much.
    for step in (720, 240):
        rows = [(6000 - step * index, step * index) for index in range(6000 // step)]
        for times in (2, 3):
            assert feed(inputs(), held(rows, times)) is not None, (step, times)


def test_a_ramp_of_many_small_steps_is_seen():
    # Two readings of so slow a ramp are as good as standing still.
    for step in (120, 60, 20):
        rows = [(6000 - step * index, step * index) for index in range(5000 // step)]
        assert feed(inputs(), rows) is not None, step
        assert feed(inputs(), rows[: 1000 // step]) is None, step


def test_a_right_surplus_is_not_accused_by_a_slow_ramp_of_the_cars():
    for step in (60, 120, 240, 720):
        rows = [(6000, step * index) for index in range(6000 // step)]
        for times in (1, 2, 3):
            assert feed(inputs(), held(rows + rows[::-1], times)) is None, (step, times)


def test_a_meter_that_is_one_message_late_is_seen():
    # The usual thing: the reading that shows the car comes after the car was seen on the bus.
    draws = [0, 2880, 2880, 2880, 0, 0, 0, 2880, 2880, 2880, 0, 0, 0, 2880, 2880, 2880, 0, 0]
    rows = [(4000 - draws[max(0, index - 1)], draws[index]) for index in range(len(draws))]
    assert feed(inputs(), rows) is not None


def test_a_right_surplus_is_not_accused_when_cars_come_and_go():
    rows = [(4000, 0), (4000, 2880), (4000, 0), (4000, 2880), (4000, 0), (4000, 1440)]
    for times in (1, 2, 3):
        assert feed(inputs(), held(rows * 3, times)) is None


def test_a_right_surplus_that_changes_with_a_constant_car_is_not_accused():
    rows = [(4000 - 700 * (index % 5), 2880) for index in range(40)]
    for times in (1, 2, 3):
        assert feed(inputs(), held(rows, times)) is None


def test_what_the_sun_does_beside_steady_cars_does_not_hide_their_steps():
    rows = []
    for sun in (4000, 7000, 5500, 9000):
        for draw in (0, 2880):
            rows.extend([(sun - draw, draw)] * 2)
            sun -= 1000  # while the car goes on
            rows.extend([(sun - draw, draw)] * 2)
    assert feed(inputs(), rows) is not None


def test_the_grid_meter_is_not_accused():
    some = inputs()
    for index in range(20):
        draw = 2880 * (index // 2 % 2)
        some.receive("grid", str(draw - 4000), False, draw, index * 10000)
    assert some.warnings(200000) == []


def test_one_step_that_does_not_fit_begins_the_count_anew():
    # Two that fit, one that does not, two that fit.
    rows = [(4000, 0), (1120, 2880), (4000, 0), (4000, 2880), (6880, 0), (4000, 2880)]
    assert feed(inputs(), held(rows)) is None
    assert feed(inputs(), held(rows + [(6880, 0)])) == 13


def test_the_accusation_ends_when_the_surplus_is_mended():
    some = inputs()
    rows = [(4000, 0), (1120, 2880), (4000, 0), (1120, 2880)]
    assert feed(some, held(rows)) == 7
    for now_ms, draw in ((80000, 0), (90000, 0), (100000, 2880), (110000, 2880)):
        some.receive("surplus", "1120", False, draw, now_ms)
    assert not contains_the_cars(some, 110000)


def test_the_accusation_ends_when_the_grid_meter_is_sent_instead():
    # It is what the sentence asks for; no surplus comes any more that could show it is mended.
    some = inputs()
    rows = [(4000, 0), (1120, 2880), (4000, 0), (1120, 2880)]
    assert feed(some, held(rows)) == 7
    some.receive("grid", "-1120", False, 2880, 80000)
    assert contains_the_cars(some, 80000)
    some.receive("grid", "-1120", False, 2880, 70000 + MAX_AGE_MS)
    assert contains_the_cars(some, 70000 + MAX_AGE_MS)
    assert some.warnings(70001 + MAX_AGE_MS) == []


def following(watts):
    """What a car draws under a law that follows the sun, in watts."""
    amps = min(32, watts // 240)
    return 240 * amps if amps >= 6 else 0


def test_a_law_that_follows_a_steady_change_is_not_accused():
    for step in (300, 700, 1500):
        for late in (0, 1, 2):
            suns = [2000 + step * abs(8 - index % 16) for index in range(64)]
            rows = [
                (suns[index], following(suns[max(0, index - late)])) for index in range(len(suns))
            ]
            assert feed(inputs(), rows) is None, (step, late)


def test_a_law_that_follows_broken_clouds_is_not_accused():
    # A right surplus, sun minus house, with a draw that follows it one message later: sun and
    # cloud in turn look for a moment as if the draw had made the surplus fall.
    for seed in range(20):
        state = seed * 7919 + 1
        suns = []
        for _ in range(200):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            suns.append(1500 + (state >> 16) % 5500)
        rows = [(suns[index], following(suns[max(0, index - 1)])) for index in range(200)]
        assert feed(inputs(), rows, 60000) is None, seed
        # Each cloud for longer than the draw needs to follow.
        suns = held(suns, 3)
        rows = [(suns[index], following(suns[max(0, index - 1)])) for index in range(600)]
        assert feed(inputs(), rows) is None, seed


def test_a_law_that_follows_sun_and_cloud_in_turn_is_not_accused():
    suns = [6000, 2400] * 10
    rows = [(suns[index], following(suns[max(0, index - 1)])) for index in range(20)]
    assert feed(inputs(), rows, 60000) is None
    suns = held(suns, 3)
    rows = [(suns[index], following(suns[max(0, index - 1)])) for index in range(60)]
    assert feed(inputs(), rows) is None


def test_a_law_that_runs_after_its_own_tail_is_told():
    # The surplus with the car in it: the law offers what it sees, which then falls.
    rows = []
    draw = 0
    for _ in range(12):
        rows.extend([(6000 - draw, draw)] * 2)  # until the next reading all stands still
        draw = following(6000 - draw)
    assert feed(inputs(), rows) is not None

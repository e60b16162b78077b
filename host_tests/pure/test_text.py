"""Numbers and times in sentences."""

import text


def test_watts_are_grouped_by_thousands():
    for value, said in (
        (0, "0 W"),
        (-0.0, "0 W"),
        (-0.4, "0 W"),
        (7, "7 W"),
        (999, "999 W"),
        (1000, "1 000 W"),
        (1005, "1 005 W"),
        (1440.0, "1 440 W"),
        (-1440, "-1 440 W"),
        (-999, "-999 W"),
        (200000, "200 000 W"),
        (1234567, "1 234 567 W"),
        (999.7, "1 000 W"),
    ):
        assert text.watts(value) == said, value


def seconds_of(words):
    """The seconds that "4 min" stand for."""
    number, unit = words.split()
    return int(number) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_a_countdown_never_promises_too_much():
    for ms in range(0, 1300000, 137):
        said = seconds_of(text.remaining(ms)) * 1000
        assert said >= ms
        # Nor does it frighten: less than a step too long.
        step = 5000 if ms <= 60000 else 10000 if ms <= 180000 else 60000
        assert said - ms < step + 1000


def test_a_countdown_never_goes_up():
    before = 10**9
    for ms in range(1300000, -1, -500):
        now = seconds_of(text.remaining(ms))
        assert now <= before, ms
        before = now


def test_the_steps_of_a_countdown():
    for ms, said in (
        (0, "0 s"),
        (1, "5 s"),
        (5000, "5 s"),
        (5001, "10 s"),
        (59000, "60 s"),
        (60000, "60 s"),
        (60001, "70 s"),
        (175000, "180 s"),
        (180000, "180 s"),
        (180001, "4 min"),
        (240000, "4 min"),
        (240001, "5 min"),
        (600000, "10 min"),
        (86400000, "1440 min"),
    ):
        assert text.remaining(ms) == said, ms


def test_an_age_is_never_more_than_it_is():
    for ms in range(0, 20000000, 1731):
        said = seconds_of(text.age(ms)) * 1000
        assert 0 <= ms - said < (3600000 if ms >= 7200000 else 60000)


def test_an_age_never_goes_down():
    before = -1
    for ms in range(0, 20000000, 500):
        now = seconds_of(text.age(ms))
        assert now >= before, ms
        before = now


def test_the_steps_of_an_age():
    for ms, said in (
        (0, "0 s"),
        (999, "0 s"),
        (40000, "40 s"),
        (60999, "60 s"),
        (61000, "60 s"),
        (70000, "70 s"),
        (180000, "180 s"),
        (181000, "3 min"),
        (720000, "12 min"),
        (7199999, "119 min"),
        (7200000, "2 h"),
        (18000000, "5 h"),
    ):
        assert text.age(ms) == said, ms

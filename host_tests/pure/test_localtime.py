"""Local time by POSIX TZ texts: dates, changes both ways, both hemispheres, and what is refused.

The Unix times of the changes are those of the IANA time zone database. All zones of it are
compared with another implementation in host_tests/test_localtime_reference.py.
"""

import localtime
import zones

PARIS = "CET-1CEST,M3.5.0,M10.5.0/3"
DUBLIN = "IST-1GMT0,M10.5.0,M3.5.0/1"  # summer is the standard there, winter is an hour less
SYDNEY = "AEST-10AEDT,M10.1.0,M4.1.0/3"
NEW_YORK = "EST5EDT,M3.2.0,M11.1.0"
NUUK = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"
LORD_HOWE = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"

# (zone, Unix time of a change in 2025, offset before, offset after)
CHANGES = (
    (PARIS, 1743296400, 3600, 7200),
    (PARIS, 1761440400, 7200, 3600),
    (DUBLIN, 1743296400, 0, 3600),
    (DUBLIN, 1761440400, 3600, 0),
    (SYDNEY, 1743868800, 39600, 36000),
    (SYDNEY, 1759593600, 36000, 39600),
    (NEW_YORK, 1741503600, -18000, -14400),
    (NEW_YORK, 1762063200, -14400, -18000),
    (NUUK, 1743296400, -7200, -3600),
    (NUUK, 1761440400, -3600, -7200),
    (LORD_HOWE, 1743865200, 39600, 37800),
    (LORD_HOWE, 1759591800, 37800, 39600),
)

WRONG = (
    (None, "no text of 4 to 60"),
    (5, "no text of 4 to 60"),
    ("", "no text of 4 to 60"),
    ("CET", "no text of 4 to 60"),
    ("C" * 61, "no text of 4 to 60"),
    ("Europe/Paris", "a number from 0 to 24 is needed where /Paris stands"),
    ("CET-1CEST", "the dates on which summer time begins and ends are missing"),
    ("CETX", "a number from 0 to 24 is needed where nothing stands"),
    ("CE-1CEST,M3.5.0,M10.5.0", "a name has three letters or more"),
    ("CET-1CEST,M3.5.0", "two dates are needed"),
    ("CET-1CEST,M3.5.0,M10.5.0,", '"," at its end is too much'),
    ("CET-1CEST,M13.5.0,M10.5.0", "a number from 1 to 12 is needed where 13.5.0"),
    ("CET-1CEST,M0.5.0,M10.5.0", "a number from 1 to 12"),
    ("CET-1CEST,M3.6.0,M10.5.0", "a number from 1 to 5"),
    ("CET-1CEST,M3.0.0,M10.5.0", "a number from 1 to 5"),
    ("CET-1CEST,M3.5.7,M10.5.0", "a number from 0 to 6"),
    ("CET-1CEST,M3.5,M10.5.0", "month, week, day"),
    ("CET-1CEST,J0,J200", "a number from 1 to 365"),
    ("CET-1CEST,J366,J200", "a number from 1 to 365"),
    ("CET-1CEST,366,J200", "a number from 0 to 365"),
    ("CET-1CEST,M3.5.0/168,M10.5.0", "a number from 0 to 167"),
    ("CET-1CEST,M3.5.0/2:60,M10.5.0", "a number from 0 to 59"),
    ("CET-25", "a number from 0 to 24"),
    ("CET--1", "a number from 0 to 24"),
    ("<+03-3", "ends with >"),
    ("<+3>-3", "a name has three letters or more"),
    ("CET-1 ", "a name has three letters or more"),
    ("CET-1CEST,M3.5.0,M10.5.0/0003", "a number from 0 to 167"),
    ("ÄÖÜ-1", "a name has three letters or more"),
)


def wall(text, utc_s):
    day, weekday, minute, second = localtime.local(zones.parse(text), utc_s)
    year, month, mday = localtime.date(day)
    return (year, month, mday, weekday, minute // 60, minute % 60, second)


def day_of(year, month, mday):
    """By counting: another way than the one in use."""
    day = 0
    for y in range(1970, year):
        day += 366 if y % 4 == 0 and y != 2100 else 365
    feb = 29 if year % 4 == 0 and year != 2100 else 28
    return day + sum((31, feb, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[: month - 1]) + mday - 1


def test_every_day_from_1970_to_2106():
    day = 0
    for year in range(1970, 2107):
        feb = 29 if year % 4 == 0 and year != 2100 else 28
        for month, days in enumerate((31, feb, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)):
            for mday in range(1, days + 1):
                found = localtime.date(day)
                assert found == (year, month + 1, mday), (day, found)
                day += 1


def test_days_before_1970_and_the_missing_leap_day_of_1900():
    assert localtime.date(-1) == (1969, 12, 31)
    assert localtime.date(-25567) == (1900, 1, 1)
    assert localtime.date(-25509) == (1900, 2, 28)
    assert localtime.date(-25508) == (1900, 3, 1)


def test_offsets_before_and_after_every_change():
    for text, utc_s, before, after in CHANGES:
        zone = zones.parse(text)
        found = [localtime.offset_s(zone, utc_s + step) for step in (-1, 0, 1)]
        assert found == [before, after, after], (text, utc_s, found)


def test_local_time_at_the_changes_of_paris():
    assert wall(PARIS, 1743296399) == (2025, 3, 30, 6, 1, 59, 59)
    assert wall(PARIS, 1743296400) == (2025, 3, 30, 6, 3, 0, 0)
    assert wall(PARIS, 1761440399) == (2025, 10, 26, 6, 2, 59, 59)
    assert wall(PARIS, 1761440400) == (2025, 10, 26, 6, 2, 0, 0)


def test_zones_without_summer_time():
    assert wall("UTC0", 0) == (1970, 1, 1, 3, 0, 0, 0)
    assert wall("<+0545>-5:45", 1700000000) == (2023, 11, 15, 2, 3, 58, 20)
    assert wall("<-03>3", 1700000000) == (2023, 11, 14, 1, 19, 13, 20)
    assert wall("MST7", 1700000000) == (2023, 11, 14, 1, 15, 13, 20)
    assert zones.parse("AAA-1:02:03") == (3723, None, None, None)
    assert zones.parse("AAA+1:02:03") == (-3723, None, None, None)


def test_days_of_the_year_with_and_without_february_29():
    # Day 60 is March 1 in every year; day 59 counted from 0 is February 29 in a leap year.
    julian = zones.parse("AAA0BBB,J60/0,J300/0")
    plain = zones.parse("AAA0BBB,59/0,299/0")
    for year, month, mday in ((2023, 3, 1), (2024, 3, 1)):
        begin = day_of(year, month, mday) * 86400
        assert localtime.offset_s(julian, begin - 1) == 0
        assert localtime.offset_s(julian, begin) == 3600
    begin = day_of(2024, 2, 29) * 86400
    assert localtime.offset_s(plain, begin - 1) == 0
    assert localtime.offset_s(plain, begin) == 3600
    begin = day_of(2023, 3, 1) * 86400
    assert localtime.offset_s(plain, begin - 1) == 0
    assert localtime.offset_s(plain, begin) == 3600


def test_summer_time_all_year():
    # Both ways of writing it are those of RFC 8536, section 3.3.1.
    for text, offset in (("EST5EDT,0/0,J365/25", -14400), ("XXX3EDT4,0/0,J365/23", -14400)):
        zone = zones.parse(text)
        for utc_s in range(1700000000, 1800000000, 999983):
            assert localtime.offset_s(zone, utc_s) == offset, (text, utc_s)
        # Also where one year ends and the next begins.
        for year in (2024, 2025, 2026):
            new_year = day_of(year, 1, 1) * 86400
            for hour in range(-6, 7):
                assert localtime.offset_s(zone, new_year + hour * 3600) == offset


def test_a_change_that_falls_into_the_next_year():
    # Summer time ends 30 h after the beginning of December 31: at 06:00 on January 1.
    zone = zones.parse("AAA0BBB,J180/0,J365/30")
    end = day_of(2025, 1, 1) * 86400 + 5 * 3600
    assert localtime.offset_s(zone, end - 1) == 3600
    assert localtime.offset_s(zone, end) == 0


def test_both_changes_of_a_year_fall_into_the_next():
    # Ends at 03:00 UTC on January 4, and begins anew on January 6 at 16:00.
    zone = zones.parse("AAA0BBB,J365/160,J365/100")
    end, begin = day_of(2025, 1, 4) * 86400 + 3 * 3600, day_of(2025, 1, 6) * 86400 + 16 * 3600
    assert localtime.offset_s(zone, day_of(2025, 1, 1) * 86400) == 3600
    assert [localtime.offset_s(zone, end + step) for step in (-1, 0)] == [3600, 0]
    assert [localtime.offset_s(zone, begin + step) for step in (-1, 0)] == [0, 3600]


def test_two_zones_in_turn():
    paris, sydney = zones.parse(PARIS), zones.parse(SYDNEY)
    for _ in range(3):
        assert localtime.offset_s(paris, 1735689600) == 3600
        assert localtime.offset_s(sydney, 1735689600) == 39600
        assert localtime.offset_s(paris, 1751328000) == 7200


def test_utc_is_the_way_back():
    for text in (PARIS, DUBLIN, SYDNEY, NEW_YORK, NUUK, LORD_HOWE, "<+0545>-5:45"):
        zone = zones.parse(text)
        for day in range(day_of(2025, 1, 1), day_of(2026, 1, 1)):
            for minute in (0, 719, 1320):
                back = localtime.local(zone, localtime.utc(zone, day, minute))
                assert back[0] == day and back[2:] == (minute, 0), (text, day, minute, back)
            assert localtime.utc(zone, day, 1440) == localtime.utc(zone, day + 1, 0)


def test_a_time_that_is_left_out_and_one_that_comes_twice():
    paris = zones.parse(PARIS)
    spring, autumn = day_of(2025, 3, 30), day_of(2025, 10, 26)
    # 02:30 by the clock from before is 03:30 by the new one.
    assert localtime.utc(paris, spring, 150) == 1743296400 + 1800
    assert localtime.utc(paris, spring, 120) == localtime.utc(paris, spring, 180) == 1743296400
    # Of the two 02:30 the first.
    assert localtime.utc(paris, autumn, 150) == 1761440400 - 1800
    assert localtime.utc(paris, autumn, 180) == 1761440400 + 3600
    dublin = zones.parse(DUBLIN)
    assert localtime.utc(dublin, spring, 90) == 1743296400 + 1800
    assert localtime.utc(dublin, autumn, 90) == 1761440400 - 1800


def test_until_a_time_of_the_day():
    paris = zones.parse(PARIS)
    noon = localtime.utc(paris, day_of(2025, 6, 1), 720)
    assert localtime.until_s(paris, noon, 780) == 3600
    assert localtime.until_s(paris, noon, 719) == 86400 - 60
    # At the moment itself it is the next day's.
    assert localtime.until_s(paris, noon, 720) == 86400
    # Nights of the changes have 23 and 25 hours.
    noon = localtime.utc(paris, day_of(2025, 3, 29), 720)
    assert localtime.until_s(paris, noon, 720) == 23 * 3600
    noon = localtime.utc(paris, day_of(2025, 10, 25), 720)
    assert localtime.until_s(paris, noon, 720) == 25 * 3600


def test_clock_text():
    assert [localtime.clock_text(m) for m in (0, 65, 1320, 1439)] == [
        "00:00",
        "01:05",
        "22:00",
        "23:59",
    ]


def test_what_is_no_zone():
    for text, why in WRONG:
        try:
            zones.parse(text)
        except ValueError as error:
            assert why in str(error), (text, str(error))
        else:
            raise AssertionError(f"{text} was taken")

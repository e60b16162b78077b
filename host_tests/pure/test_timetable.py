"""The timetable: windows of the week, both changes of the clock, targets, and the sentences.

The car of the closed loops draws 0.2 A less than it is offered; an ampere is 230 W.
"""

import zones
from charging.timetable import Timetable, words_unknown
from configured_times import check_timetable

PARIS = "CET-1CEST,M3.5.0,M10.5.0/3"
PER_AMP = 230
LEAST, MOST = 6, 16
MIN = 60
H = 3600

# Local noon of some days in Paris, in Unix time.
MONDAY = 1748858400  # 2025-06-02
DAY = 86400
SPRING = 1743246000  # Saturday 2025-03-29; the night after has 23 hours
AUTUMN = 1761386400  # Saturday 2025-10-25; the night after has 25 hours


def window(first="22:00", last="06:00", **more):
    one = {"from": first, "to": last}
    if "amps" not in more and "mode" not in more:
        one["mode"] = "fast"
    one.update(more)
    return one


def timetable(*given, since=None, zone=PARIS):
    problems = []
    windows = check_timetable(list(given), problems)
    assert problems == [], problems
    return Timetable(windows, zones.parse(zone), since)


def now(table, utc_s, total_wh=0, most=MOST, per_amp=PER_AMP):
    return table.now(utc_s, total_wh, per_amp, LEAST, most)


def mode(table, utc_s):
    found = now(table, utc_s)
    return found and found[0]


def switches(table, start_s, end_s, step_s=60):
    """[(seconds since the start, mode)] of each change."""
    found = []
    for at_s in range(start_s, end_s, step_s):
        wanted = mode(table, at_s)
        if not found or found[-1][1] != wanted:
            found.append((at_s - start_s, wanted))
    return found


def night(table, start_s, end_s, charged=True, draw=None, most=MOST, step_s=5, total_wh=0.0):
    """A closed loop. Returns (Wh, [(minutes, mode, amps)] of each change, sentences)."""
    wh, changes, sentences = 0.0, [], []
    for at_s in range(start_s, end_s, step_s):
        wanted = now(table, at_s, total_wh + wh, most)
        if wanted is None:
            what, amps = None, 0
        else:
            what = wanted[0]
            amps = most if what == "fast" else wanted[1] or 0
            assert wanted[3] == (end_s - at_s) * 1000
            assert LEAST <= amps <= most or what in ("off", "solar")
            if not sentences or sentences[-1] != wanted[2]:
                sentences.append(wanted[2])
        if not changes or changes[-1][1:] != (what, amps):
            changes.append(((at_s - start_s) // MIN, what, amps))
        if amps:
            wh += (amps - 0.2 if draw is None else min(draw, amps)) * PER_AMP * step_s / 3600
    return wh, changes, sentences


# Windows.


def test_a_night_of_every_day():
    table = timetable(window())
    assert now(table, MONDAY) is None
    assert now(table, MONDAY + 10 * H - 1) is None
    assert now(table, MONDAY + 10 * H) == (
        "fast",
        None,
        "timetable: fast until 06:00",
        8 * H * 1000,
    )
    assert now(table, MONDAY + 18 * H - 1)[3] == 1000
    assert now(table, MONDAY + 18 * H) is None


def test_a_window_over_midnight_belongs_to_the_day_it_begins_on():
    table = timetable(window(days="su"))
    # Noon of a Monday is 12 h into the first day.
    assert switches(table, MONDAY - 12 * H, MONDAY + 8 * DAY) == [
        (0, "fast"),  # since Sunday
        (6 * H, None),
        (6 * DAY + 22 * H, "fast"),
        (7 * DAY + 6 * H, None),
    ]


def test_days_of_the_week():
    table = timetable(window("08:00", "09:30", days="mo-we,fr", mode="off"))
    found = switches(table, MONDAY - 12 * H, MONDAY + 7 * DAY - 12 * H)
    begins = [at_s for at_s, what in found if what]
    assert begins == [day * DAY + 8 * H for day in (0, 1, 2, 4)]
    ends = [at_s for at_s, what in found if not what][1:]
    assert ends == [day * DAY + 9 * H + 30 * MIN for day in (0, 1, 2, 4)]


def test_the_same_time_twice_is_a_whole_day():
    table = timetable(window("05:00", "05:00", days="tu", mode="minimum"))
    assert switches(table, MONDAY - 12 * H, MONDAY + 7 * DAY - 12 * H) == [
        (0, None),
        (DAY + 5 * H, "minimum"),
        (2 * DAY + 5 * H, None),
    ]


def test_until_the_end_of_the_day():
    table = timetable(window("20:00", "24:00", days="mo"))
    assert now(table, MONDAY + 12 * H - 1)[2:] == ("timetable: fast until 00:00", 1000)
    assert now(table, MONDAY + 12 * H) is None


def test_the_first_in_the_list_counts():
    table = timetable(
        window("12:00", "14:00", mode="off"),
        window("11:00", "16:00", amps=10),
    )
    assert switches(table, MONDAY - 2 * H, MONDAY + 5 * H) == [
        (0, None),
        (H, "manual"),
        (2 * H, "off"),
        (4 * H, "manual"),
        (6 * H, None),
    ]


def test_words_of_each_mode():
    for what, words in (
        ("off", "timetable: off until 13:30"),
        ("solar", "timetable: Solar until 13:30"),
        ("minimum", "timetable: Solar + minimum until 13:30"),
        ("fast", "timetable: fast until 13:30"),
    ):
        found = now(timetable(window("11:00", "13:30", mode=what)), MONDAY)
        assert found == (what, None, words, 90 * MIN * 1000)
    found = now(timetable(window("11:00", "13:30", amps=16)), MONDAY)
    assert found == ("manual", 16, "timetable: 16 A until 13:30", 90 * MIN * 1000)


def test_a_window_that_begins_at_midnight_is_on_time():
    # Looked at last half an hour before.
    table = timetable(window("00:00", "06:00", days="tu"))
    assert now(table, MONDAY + 11 * H + 30 * MIN) is None
    assert now(table, MONDAY + 12 * H - 1) is None
    assert now(table, MONDAY + 12 * H)[0] == "fast"


def test_eight_windows_a_day_second_by_second():
    table = timetable(
        *[window(f"{3 * n:02d}:00", f"{3 * n + 1:02d}:30", amps=6 + n) for n in range(8)]
    )
    for second in range(-12 * H, 12 * H, 7):
        of_day = second + 12 * H
        number, rest = of_day // (3 * H), of_day % (3 * H)
        found = now(table, MONDAY + second)
        if rest >= 90 * MIN:
            assert found is None, of_day
        else:
            assert found[1] == 6 + number and found[3] == (90 * MIN - rest) * 1000, of_day


# The clock.


def test_without_a_clock_nothing_is_guessed():
    table = timetable(window("00:00", "24:00"))
    assert now(table, None) is None
    assert words_unknown() == "timetable: the clock is not set, so it is not followed"
    # Nor is it when the clock has been lost again.
    assert mode(table, MONDAY) == "fast"
    assert now(table, None) is None


def test_the_night_of_23_hours():
    table = timetable(window())
    start = SPRING + 10 * H
    assert now(table, start)[3] == 7 * H * 1000
    assert switches(table, start, start + 8 * H) == [(0, "fast"), (7 * H, None)]


def test_the_night_of_25_hours():
    table = timetable(window())
    start = AUTUMN + 10 * H
    assert now(table, start)[3] == 9 * H * 1000
    assert switches(table, start, start + 10 * H) == [(0, "fast"), (9 * H, None)]


def test_windows_within_the_hour_that_is_left_out():
    # 02:00 to 03:00 does not exist: what begins or ends there does so an hour later.
    table = timetable(window("02:30", "04:00"))
    two = SPRING + 14 * H
    assert switches(table, two - H, two + 3 * H, 60) == [
        (0, None),
        (H + 30 * MIN, "fast"),
        (2 * H, None),
    ]
    # One that lies within it whole is held after it.
    assert switches(timetable(window("02:10", "02:40")), two - H, two + 3 * H) == [
        (0, None),
        (H + 10 * MIN, "fast"),
        (H + 40 * MIN, None),
    ]


def test_windows_within_the_hour_that_comes_twice():
    two = AUTUMN + 14 * H
    # Once, in the first of the two.
    assert switches(timetable(window("02:10", "02:40")), two - H, two + 4 * H) == [
        (0, None),
        (H + 10 * MIN, "fast"),
        (H + 40 * MIN, None),
    ]
    # Over both of them it is an hour longer.
    assert switches(timetable(window("01:30", "03:30")), two - H, two + 4 * H) == [
        (0, None),
        (30 * MIN, "fast"),
        (3 * H + 30 * MIN, None),
    ]


def test_a_clock_that_is_put_right_is_followed_at_once():
    table = timetable(window())
    late, early = MONDAY + 10 * H + 60, MONDAY + 9 * H
    for utc_s, wanted in ((late, "fast"), (early, None), (late, "fast"), (early - DAY, None)):
        assert mode(table, utc_s) == wanted
    assert mode(table, late + 365 * DAY) == "fast"
    assert mode(table, MONDAY) is None


# Targets.


def test_early_charges_at_full_power_until_the_target_is_reached():
    table = timetable(window(energy_kwh=8))
    start, end = MONDAY + 10 * H, MONDAY + 18 * H
    wh, changes, sentences = night(table, start, end, total_wh=123456)
    assert 8000 <= wh < 8006, wh
    # 15.8 A are 3634 W.
    assert changes == [(0, "fast", 16), (132, "off", 0)]
    assert sentences[0] == (
        "timetable: 8 kWh by 06:00, 0 kWh done, at full power until it is reached"
    )
    assert sentences[32] == (
        "timetable: 8 kWh by 06:00, 3.2 kWh done, at full power until it is reached"
    )
    assert sentences[-1] == "timetable: 8 kWh by 06:00 is reached, off until then"


def test_amperes_with_a_target():
    table = timetable(window(amps=10, energy_kwh=2.5))
    wh, changes, sentences = night(table, MONDAY + 10 * H, MONDAY + 18 * H)
    assert 2500 <= wh < 2505 and changes == [(0, "manual", 10), (66, "off", 0)]
    assert sentences[0] == ("timetable: 2.5 kWh by 06:00, 0 kWh done, at 10 A until it is reached")


def test_the_sun_with_a_target():
    table = timetable(window("08:00", "20:00", mode="solar", energy_kwh=5))
    assert now(table, MONDAY, 1000)[:3] == (
        "solar",
        None,
        "timetable: 5 kWh by 20:00, 0 kWh done, Solar until then",
    )
    assert now(table, MONDAY + H, 5999)[2].startswith("timetable: 5 kWh by 20:00, 4.9 kWh done")
    assert now(table, MONDAY + 2 * H, 6000)[0] == "off"


def test_late_begins_as_late_as_reaches_it_with_a_tenth_to_spare():
    table = timetable(window(energy_kwh=8, when="late"))
    wh, changes, sentences = night(table, MONDAY + 10 * H, MONDAY + 18 * H)
    # 8 kWh at 16 A × 230 W are 130 min 26 s, a tenth more 143 min 29 s, in steps of 5 min 145.
    assert changes[:2] == [(0, "solar", 0), (480 - 145, "fast", 16)], changes
    assert changes[2][1] == "off" and 467 <= changes[2][0] <= 468, changes
    assert 8000 <= wh < 8006
    assert sentences[:2] == [
        "timetable: 8 kWh by 06:00, 0 kWh done, Solar, then at full power from 03:35",
        "timetable: 8 kWh by 06:00, 0 kWh done, at full power until it is reached",
    ]


def test_late_with_amperes_begins_by_those():
    table = timetable(window(amps=8, energy_kwh=4, when="late"))
    # 4 kWh at 8 A × 230 W are 130 min 26 s too.
    end = MONDAY + 18 * H
    assert now(table, end - 146 * MIN)[0] == "solar"
    assert now(table, end - 145 * MIN)[:2] == ("manual", 8)
    # 16 are asked for and 8 allowed.
    table = timetable(window(amps=16, energy_kwh=4, when="late"))
    assert now(table, end - 146 * MIN, most=8)[0] == "solar"
    assert now(table, end - 145 * MIN, most=8)[:3] == (
        "manual",
        8,
        "timetable: 4 kWh by 06:00, 0 kWh done, at 8 A until it is reached",
    )


def test_late_counts_what_the_sun_gave_and_then_begins_later():
    table = timetable(window("09:00", "17:00", energy_kwh=8, when="late"))
    assert now(table, MONDAY - 3 * H, 5000)[2].endswith(
        "0 kWh done, Solar, then at full power from 14:35"
    )
    # 4 kWh left: 71 min 44 s with the tenth.
    found = now(table, MONDAY, 9000)
    assert found[:3] == (
        "solar",
        None,
        "timetable: 8 kWh by 17:00, 4 kWh done, Solar, then at full power from 15:45",
    )


def test_late_once_begun_goes_on():
    table = timetable(window(energy_kwh=8, when="late"))
    end = MONDAY + 18 * H
    assert now(table, end - 146 * MIN)[0] == "solar"
    assert now(table, end - 145 * MIN)[0] == "fast"
    # More power is allowed than before: it would do later, but a relay is not a toy.
    assert now(table, end - 144 * MIN, most=32)[0] == "fast"
    # The night after begins anew.
    assert now(table, end + 16 * H)[0] == "solar"


def test_a_target_that_can_not_be_reached_is_said():
    table = timetable(window(energy_kwh=8, when="late"))
    found = now(table, MONDAY + 17 * H)
    assert found[:3] == (
        "fast",
        None,
        "timetable: 8 kWh by 06:00, 0 kWh done, at full power until it is reached, "
        "which is not enough",
    )
    table = timetable(window(energy_kwh=8, when="spread"))
    assert now(table, MONDAY + 17 * H)[:3] == (
        "manual",
        16,
        "timetable: 8 kWh by 06:00, 0 kWh done, at 16 A until then, which is not enough",
    )


def test_spread_reaches_it_evenly():
    start, end = MONDAY + 10 * H, MONDAY + 18 * H
    # 16 kWh in 8 h are 8.7 A.
    table = timetable(window(energy_kwh=16, when="spread"))
    wh, changes, sentences = night(table, start, end)
    assert sentences[0] == "timetable: 16 kWh by 06:00, 0 kWh done, at 9 A until then"
    assert 16000 <= wh < 16010, wh
    assert [what for _, what, _ in changes[:-1]] == ["manual"] * (len(changes) - 1)
    assert changes[-1][1] == "off" and changes[-1][0] >= 440
    # The surplus of rounding up is seen only near the end, and there is no swing.
    assert [amps for _, _, amps in changes] == [9, 8, 7, 6, 0] and changes[1][0] >= 440, changes


def test_spread_for_any_target_and_any_car():
    start, end = MONDAY + 10 * H, MONDAY + 18 * H
    for kwh in (1, 5, 11, 12.9, 14.72, 18.4, 20, 22.5, 25, 28):
        for draw in (None, 10.3, 15.7):
            table = timetable(window(energy_kwh=kwh, when="spread"))
            wh, changes, _ = night(table, start, end, draw=draw, step_s=20)
            # What the car can take in 8 h, if it is less.
            can = (15.8 if draw is None else draw) * PER_AMP * 8
            assert wh >= min(kwh * 1000, can * 0.97), (kwh, draw, wh, changes)
            assert wh < kwh * 1000 + 30, (kwh, draw, wh)
            assert len(changes) <= 14, (kwh, draw, changes)
            for _, what, amps in changes[:-1]:
                assert what == "manual" and LEAST <= amps <= MOST


def test_spread_follows_what_is_missing():
    table = timetable(window(energy_kwh=16, when="spread"))
    end = MONDAY + 18 * H
    assert now(table, end - 8 * H, 0)[1] == 9
    # Nothing came for four hours: 16 kWh in 4 h are 17.4 A.
    assert now(table, end - 4 * H, 0, most=32)[1] == 18
    # 8.6 A would do from here on: 10, not 9, because it only just would.
    assert now(table, end - 4 * H, 8100, most=32)[1] == 10
    assert now(table, end - 4 * H, 8740, most=32)[1] == 9
    assert now(table, end - 4 * H, 8000, most=32)[1] == 9
    # Never under the minimum, and whole numbers even of odd volts: 12 kW are 17.3 A of 692.8 W.
    found = now(timetable(window(energy_kwh=12, when="spread")), end - H, 0, 32, 692.8)
    assert found[2].endswith("at 18 A until then") and isinstance(found[1], int)
    found = now(table, end - H, 15000, most=32, per_amp=692.8)
    assert found[1] == 6 and isinstance(found[1], int)
    assert found[2] == "timetable: 16 kWh by 06:00, 15 kWh done, at 6 A until then"


def test_a_counter_with_fractions_and_one_that_fell():
    table = timetable(window(energy_kwh=16, when="spread"))
    begin = MONDAY + 10 * H
    assert now(table, begin, 50000.25)[1] == 9
    found = now(table, begin + H, 52000.75)
    assert found[2] == "timetable: 16 kWh by 06:00, 2 kWh done, at 9 A until then"
    assert isinstance(found[1], int)
    # A wall connector was taken away with what it had counted: nothing is done, not less.
    assert now(table, begin + 2 * H, 40000)[2].startswith("timetable: 16 kWh by 06:00, 0 kWh done")


def test_each_window_counts_from_its_own_begin():
    table = timetable(window(energy_kwh=8))
    begin = MONDAY + 10 * H
    assert now(table, begin, 50000)[0] == "fast" and table.since == (begin, 50000)
    assert now(table, begin + H, 58000)[0] == "off"
    assert now(table, begin + 9 * H, 58000) is None and table.since is None
    assert now(table, begin + DAY, 60000)[0] == "fast" and table.since == (begin + DAY, 60000)
    assert now(table, begin + DAY, 67999)[0] == "fast"
    assert now(table, begin + DAY, 68000)[0] == "off"


def test_a_target_survives_a_restart():
    begin = MONDAY + 10 * H
    table = timetable(window(energy_kwh=8), since=[begin, 50000])
    # The clock is not set yet: it is kept.
    assert now(table, None) is None and table.since == [begin, 50000]
    assert now(table, begin + H, 53200)[2].startswith("timetable: 8 kWh by 06:00, 3.2 kWh done")
    # That of another night is not taken.
    table = timetable(window(energy_kwh=8), since=[begin - DAY, 50000])
    assert now(table, begin + H, 53200)[2].startswith("timetable: 8 kWh by 06:00, 0 kWh done")


def test_energy_that_is_not_known_yet():
    table = timetable(window(energy_kwh=8, when="spread"))
    begin = MONDAY + 10 * H
    assert now(table, begin, None)[2] == "timetable: 8 kWh by 06:00, 0 kWh done, at 6 A until then"
    assert now(table, begin + 60, 924050)[2].startswith("timetable: 8 kWh by 06:00, 0 kWh done")
    assert now(table, begin + H, 926050)[2].startswith("timetable: 8 kWh by 06:00, 2 kWh done")
    # It was known, and is not for a moment.
    assert now(table, begin + H, None)[2].startswith("timetable: 8 kWh by 06:00, 2 kWh done")
    assert now(table, begin + H, 926150)[2].startswith("timetable: 8 kWh by 06:00, 2.1 kWh done")


def test_an_early_window_hides_one_below_it_even_when_reached():
    table = timetable(
        window("12:00", "14:00", energy_kwh=1), window("00:00", "24:00", mode="solar")
    )
    assert now(table, MONDAY, 0)[0] == "fast"
    assert now(table, MONDAY + H, 1000)[0] == "off"
    assert now(table, MONDAY + 2 * H, 1000)[0] == "solar" and table.since is None

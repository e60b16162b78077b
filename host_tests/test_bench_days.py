"""The days of the bench, its table, and `make bench`."""

import subprocess

import pytest

from tools import bench_days
from tools.bench_days import A_ROW_LATER, LAG_AND_RAMP, Line, run_day, table
from tools.days import Day, DayError, make_rows, read_folder, read_rows, ten_days
from tools.hindsight import best
from tools.laws import Evcc, OpenEvse
from tools.plant import Car, Played, play

INSTANT = "instant car"


def surpluses(rows):
    return [max(0, solar_w - house_w) for _, solar_w, house_w in rows]


def changes(rows, watts):
    """How often the sun changes by more within a row."""
    suns = [row[1] for row in rows]
    return sum(abs(b - a) > watts for a, b in zip(suns, suns[1:], strict=False))


def test_ten_days_that_differ_and_are_the_same_again():
    days = ten_days()
    assert len({day.name for day in days}) == 10
    assert len({tuple(day.rows) for day in days}) == 10
    assert [day.rows for day in ten_days()] == [day.rows for day in days]
    for day in days:
        assert all(solar_w >= 0 and house_w > 0 for _, solar_w, house_w in day.rows)
        assert [row[0] for row in day.rows[:3]] == [0, 10, 20]


def test_the_ten_days_are_what_their_names_say():
    days = {day.name: day for day in ten_days()}
    assert changes(days["clear"].rows, 1000) == 0
    assert changes(days["small clouds"].rows, 1000) > 3 * changes(days["large clouds"].rows, 1000)
    assert changes(days["haze"].rows, 1000) < changes(days["small clouds"].rows, 1000) / 5
    winter = sum(surpluses(days["winter"].rows))
    assert all(sum(surpluses(days[name].rows)) > winter for name in days if name != "winter")
    houses = {name: sum(row[2] > 1500 for row in days[name].rows) for name in days}
    assert houses["spiky house"] == max(houses.values())
    assert len(days["two cars"].cars) == 2
    assert {car.phases for car in days["large clouds"].cars} == {3}
    assert days["slow meter"].meter.period_s == days["slow meter"].plain_meter.period_s == 60
    assert days["slow meter"].meter.lag_s == 12
    assert days["lossy meter"].meter.lost > 0 and days["lossy meter"].plain_meter.lost > 0


def test_days_made_from_other_seeds_differ_and_clouds_take_light():
    clear = make_rows(1, 6000, 10)
    cloudy = make_rows(1, 6000, 10, clouds_s=300, clear_s=300)
    assert make_rows(2, 6000, 10) != clear
    assert 0.3 < sum(row[1] for row in cloudy) / sum(row[1] for row in clear) < 0.8
    assert len(clear) == 3600 and 5900 < max(row[1] for row in clear) < 6200


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path):
    (tmp_path / "b.csv").write_text("seconds,solar_w,house_w\n0,-3,200\n60,2500,300.5\n")
    (tmp_path / "a.csv").write_text("0,1,2\n\n60,3,4\n")
    (tmp_path / "README.md").write_text("nothing")
    days = read_folder(tmp_path)
    assert [day.name for day in days] == ["a", "b"]
    assert days[1].rows == [(0, -3, 200), (60, 2500, 300.5)]
    assert days[1].plain_meter.period_s is None and days[1].meter.lag_s > 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0,1,2\n60,3\n", r"line 2: '60,3': write three numbers, seconds,solar_w,house_w"),
        ("0,1,2\n60,x,3\n", r"line 2: '60,x,3': write three numbers"),
        ("0,1,2\n60,nan,3\n", r"line 2: '60,nan,3': write three numbers"),
        ("0,1,2\n0,1,2\n", r"line 2: second 0 does not come after 0"),
        ("seconds,solar_w,house_w\n0,1,2\n", r"needs two rows or more"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path, text, sentence):
    path = tmp_path / "day.csv"
    path.write_text(text)
    with pytest.raises(DayError, match=sentence):
        read_rows(path)


def test_a_folder_without_days_is_told(tmp_path):
    with pytest.raises(DayError, match=r"has no file \*\.csv: name a folder with recorded days"):
        read_folder(tmp_path)
    with pytest.raises(SystemExit, match="bench: .*has no file"):
        bench_days.main([str(tmp_path)])


def short_days():
    make = {"clouds_s": 200, "clear_s": 300, "spikes": 0}
    return [
        Day("one", make_rows(31, 9000, 1, **make)),
        Day("two", make_rows(32, 9000, 1, **make), [Car(instant=False), Car(instant=False)]),
    ]


@pytest.fixture(scope="module")
def printed():
    """(lines, totals) of a table of two short days."""
    lines = []
    plants = [INSTANT, A_ROW_LATER, LAG_AND_RAMP]
    totals = table(short_days(), plants, lambda text: lines.extend(text.split("\n")))
    return lines, totals


def figures(line):
    """The numbers of a line of the table behind its label."""
    return [float(cell.rstrip("%")) for cell in line[22:].split() if cell != "-"]


def test_the_table_has_each_law_on_each_day_and_plant_and_in_all(printed):
    lines, totals = printed
    for label in ("OpenEVSE default", "OpenEVSE nowaste", "evcc pv", "TWCManager, no spike"):
        assert sum(line.startswith(f"  {label} ") for line in lines) == 3 * 3 + 1
        assert {(plant, label) for plant in bench_days.PLANTS} <= set(totals)
    assert sum(line.startswith("  best in hindsight ") for line in lines) == 3 * 3
    assert sum(line.startswith("in all, ") for line in lines) == 3
    assert all(len(line) <= 99 for line in lines)


def test_a_line_says_what_came_of_the_day(printed):
    lines, _ = printed
    day = short_days()[0]
    played = play(day.rows, OpenEvse, [Car()], day.plain_meter)
    most = best(day.rows, day.cars).score
    at = next(number for number, line in enumerate(lines) if line.startswith("one, "))
    line = next(line for line in lines[at:] if line.startswith("  OpenEVSE default"))
    solar, grid, starts, *_, share, score, ratio = figures(line)
    assert (solar, grid) == (round(played.solar_kwh, 2), round(played.grid_kwh, 2))
    assert starts == played.starts >= 1
    assert share == round(100 * played.solar_kwh / played.surplus_kwh)
    assert score == pytest.approx(played.score(), abs=0.0051)
    assert ratio == pytest.approx(played.score() / most, abs=0.00051)
    assert lines[at] == f"one, {played.surplus_kwh:.1f} kWh of surplus"


def test_in_all_is_the_sum_and_its_ratio_is_of_the_sums():
    days = short_days()
    parts = [run_day(day, LAG_AND_RAMP) for day in days]
    totals = table(days, [LAG_AND_RAMP], lambda text: None)
    line = totals[LAG_AND_RAMP, "evcc pv"]
    assert line.solar_kwh == sum(lines["evcc pv"].solar_kwh for lines, _ in parts)
    assert line.starts == sum(lines["evcc pv"].starts for lines, _ in parts)
    assert line.ratio() == pytest.approx(
        sum(lines["evcc pv"].score for lines, _ in parts) / sum(plan.score for _, plan in parts)
    )


def test_the_plants_differ(printed):
    _, totals = printed
    plants = list(bench_days.PLANTS)
    solar = {totals[plant, "OpenEVSE default"].solar_kwh for plant in plants}
    assert len(solar) == 3
    day = short_days()[0]
    real = play(day.rows, Evcc, day.cars, day.meter, day.seed)
    late = play(day.rows, Evcc, [Car()], day.plain_meter, rows_late=1)
    assert run_day(day, LAG_AND_RAMP)[0]["evcc pv"].solar_kwh == real.solar_kwh
    assert run_day(day, A_ROW_LATER)[0]["evcc pv"].solar_kwh == late.solar_kwh


def test_the_points_lost_are_those_of_the_ratios(printed):
    lines, totals = printed
    last = next(line for line in reversed(lines) if line.startswith("  evcc pv"))
    ratios = [totals[plant, "evcc pv"].ratio() for plant in bench_days.PLANTS]
    cells = figures(last)
    assert cells[1] == round(ratios[0], 3)
    assert cells[4:5] + cells[7:8] == pytest.approx(
        [100 * (ratio - ratios[0]) for ratio in ratios[1:]], abs=0.051
    )


def test_a_line_shows_the_shortest_and_the_longest_of_its_days():
    one, two = Played(), Played()
    one.ons_s, one.offs_s, one.above_s, one.above_readings = [900, 620], [700], 30, 3
    two.ons_s, two.above_s, two.above_readings = [640], 60, 1
    line = Line(one, 1.0)
    line.add(Line(two, 0.5))
    assert (line.on_s, line.off_s, line.above_s, line.above_readings) == (620, 700, 90, 3)
    assert line.text("x")[22:].split()[3:7] == ["10.3", "11.7", "1.5", "3"]
    assert Line(Played()).text("x").split()[4:6] == ["-", "-"]


def test_make_bench_runs_the_days_and_the_bus_or_only_a_folder(project):
    def commands(*arguments):
        result = subprocess.run(
            ["make", "-n", "-C", str(project), "bench", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stderr
        return [
            line.split("-m ")[1] for line in result.stdout.splitlines() if " -m tools." in line
        ]

    assert [line.strip() for line in commands("ARGS=22")] == ["tools.bench_days", "tools.bench 22"]
    assert commands("TRACES=some/folder") == ["tools.bench_days 'some/folder'"]

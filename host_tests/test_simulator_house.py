"""The house and its sun: repeatable days, and CSV files with every mistake one can make."""

import pytest

from simulator.house import DAY_S, DayError, House


def test_the_same_seed_gives_the_same_day_and_another_one_another():
    seconds = range(0, DAY_S, 97)
    assert [House(4, "cloudy").at(s) for s in seconds] == [
        House(4, "cloudy").at(s) for s in seconds
    ]
    assert [House(4, "cloudy").at(s) for s in seconds] != [
        House(5, "cloudy").at(s) for s in seconds
    ]


def test_a_clear_day_rises_and_falls_and_the_night_is_dark():
    solar = [House().at(s)[0] for s in range(0, DAY_S, 600)]
    noon = solar.index(max(solar))
    assert 6900 <= max(solar) <= 7000
    assert solar[:noon] == sorted(solar[:noon])
    assert solar[noon:] == sorted(solar[noon:], reverse=True)
    assert solar[0] == solar[-1] == 0


def test_a_cloudy_day_jumps_and_never_beats_a_clear_one():
    clear = [House(7).at(s)[0] for s in range(0, DAY_S, 60)]
    cloudy = [House(7, "cloudy").at(s)[0] for s in range(0, DAY_S, 60)]
    assert all(a <= b for a, b in zip(cloudy, clear, strict=True))
    assert sum(cloudy) < 0.9 * sum(clear)
    falls = [a - b for a, b in zip(cloudy, cloudy[1:], strict=False)]
    assert max(falls) > 2000 and min(falls) < -2000


def test_kettles_are_put_on_by_day():
    house = [House().at(s)[1] for s in range(0, DAY_S, 10)]
    assert min(house) >= 350
    night = house[: 6 * 360]
    assert max(night) < 600 and max(house) > 2300
    assert 5 < sum(1 for a, b in zip(house, house[1:], strict=False) if b - a > 1500) < 40


def test_surplus_is_sun_less_house():
    house = House(rows=[(0, 3500, 500)])
    assert house.surplus(12) == 3000


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "day.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rows_hold_until_the_next(tmp_path, newline):
    lines = [
        "\ufeffseconds,solar_w,house_w",
        "",
        "# a comment",
        "10,1500,400",
        " 20 , 3000.5 , 300",
    ]
    house = House.from_csv(write(tmp_path, newline.join(lines)))
    assert house.at(0) == house.at(10) == house.at(19.9) == (1500, 400)
    assert house.at(20) == house.at(1e6) == (3000.5, 300)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0,1\n", r"day\.csv, line 1: '0,1' has 2 values: write three, seconds,solar_w,house_w"),
        ("0,1,2\n5;1;2\n", r"line 2: '5;1;2' has 1 values: .*commas between them"),
        ("0,1,2\n5,1,5,2,5\n", r"line 2: .* has 5 values: .*points in the numbers"),
        ("0,1,2\n5,bright,2\n", r"line 2: solar_w is 'bright': write a number, like 1500"),
        ("time,solar,house\n0,1,2", r"line 1: seconds is 'time': write a number"),
        ("0,1,2\n5,-201,2\n", r"line 2: solar_w is -201: write -200 or more"),
        ("0,1,2\n5,3,-2\n", r"line 2: house_w is -2: write 0 or more"),
        ("0,1,nan\n", r"line 1: house_w is nan: write 0 or more"),
        ("0,inf,1\n", r"line 1: solar_w is inf: write -200 or more"),
        ("0,1,2\n5,1,2\n5,1,2\n", r"line 3: second 5 does not come after 5: sort"),
        ("# nothing\n\n", r"day\.csv: has no rows: write lines like 0,1500,400"),
    ],
)
def test_mistakes_are_told_with_file_line_and_cure(tmp_path, text, said):
    with pytest.raises(DayError, match=said):
        House.from_csv(write(tmp_path, text))


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(DayError, match=r"nowhere\.csv: cannot be read .*seconds,solar_w,house_w"):
        House.from_csv(str(tmp_path / "nowhere.csv"))
    with pytest.raises(DayError, match="is not UTF-8 text"):
        House.from_csv(write(tmp_path, "0,1,2\nä", "utf-16"))


def test_an_unknown_sky():
    with pytest.raises(DayError, match="'foggy' is not known.*clear"):
        House(sky="foggy")

"""The days of the bench: ten made from seeds, or all CSV files of a folder.

Ten seconds a row, because clouds and kettles do not keep to minutes. The same seed makes the same
day on every machine. None of them is made after a recorded day.
"""

import math
import random
from pathlib import Path

from tools.plant import Car, Meter

ROW_S = 10
SPIKES = [  # watts, seconds, times a day: what a house switches on
    (2200, 180, 8),  # a kettle
    (2800, 900, 2),  # an oven
    (1900, 1500, 2),  # washing machine and dishwasher, heating
    (1100, 240, 4),  # a microwave oven
]


class DayError(ValueError):
    """A folder or file that cannot be used; the text says what to do."""


class Day:
    """`name`, `rows` (seconds, solar_w, house_w), `cars` (tools.plant.Car, not instant), `meter`
    for the real plant, `plain_meter` for the plain one; `seed` for what is lost and noisy."""

    def __init__(self, name, rows, cars=None, meter=None, plain_meter=None, seed=0):
        self.name = name
        self.rows = rows
        self.cars = cars or [Car(instant=False)]
        self.meter = meter or Meter(period_s=10, lag_s=3, noise_watts=20)
        self.plain_meter = plain_meter or Meter(period_s=10)
        self.seed = seed


def ten_days():
    """The ten days made from seeds, in the order of the table."""
    small = [Car(instant=False, at_six_amps=5.2)]
    three = [Car(instant=False, phases=3, volts=230, maximum_amps=16)]
    two = [
        Car(instant=False, maximum_amps=16),
        Car(instant=False, maximum_amps=16, at_six_amps=5.2, plugged=[(18000, 99999)]),
    ]
    late = {"meter": Meter(60, 12, 20), "plain_meter": Meter(60)}
    holes = [(14000, 14900), (30000, 30200)]
    lossy = {
        "meter": Meter(10, 4, 40, lost=0.15, unavailable=0.05, holes=holes),
        "plain_meter": Meter(10, lost=0.15, unavailable=0.05, holes=holes),
    }
    return [
        Day("clear", make_rows(11, 6500, 14)),
        Day("haze", make_rows(12, 5000, 13, clouds_s=1500, clear_s=900, dark=(0.55, 0.85))),
        Day("small clouds", make_rows(13, 6500, 13, clouds_s=60, clear_s=90)),
        Day("large clouds", make_rows(14, 9500, 13, clouds_s=800, clear_s=1000), three),
        Day("grey, holes", make_rows(15, 7500, 12, clouds_s=1500, clear_s=200), small),
        Day("spiky house", make_rows(16, 6500, 13, clouds_s=300, clear_s=3000, spikes=2)),
        Day("winter", make_rows(17, 3300, 8.5, clouds_s=400, clear_s=1500), small),
        Day("two cars", make_rows(18, 9500, 13, clouds_s=200, clear_s=700), two),
        Day("slow meter", make_rows(19, 6500, 13, clouds_s=200, clear_s=350), **late),
        Day("lossy meter", make_rows(20, 6500, 13, clouds_s=250, clear_s=500), **lossy, seed=20),
    ]


def make_rows(seed, peak_w, hours, clouds_s=0, clear_s=1, dark=(0.15, 0.45), base_w=250, spikes=1):
    """Rows of a day of so many hours of light.

    peak_w: at noon without clouds. clouds_s, clear_s: mean lengths of clouds and of the gaps
    between them; 0: none. dark: what share of the light clouds let through. spikes: how much of
    SPIKES is switched on; 0: only the base load, with a refrigerator.
    """
    dice = random.Random(seed)
    count = int(hours * 3600 / ROW_S)
    light = _light(dice, count, clouds_s, clear_s, dark)
    house = _house(dice, count, base_w, spikes)
    rows = []
    for number in range(count):
        height = math.sin(math.pi * number / count)
        solar_w = peak_w * height**1.3 * light[number]
        rows.append((number * ROW_S, round(solar_w), round(house[number])))
    return rows


def _light(dice, count, clouds_s, clear_s, dark):
    """Share of the light that comes through, for each row. The edge of a cloud takes some 20 s,
    and beside it there is a little more light than from a clear sky."""
    target = 1.0
    light = 1.0
    left_s = dice.expovariate(1 / clear_s)
    shares = []
    for _ in range(count):
        left_s -= ROW_S
        if clouds_s and left_s <= 0:
            if target >= 1:
                target = dice.uniform(*dark)
                left_s = dice.expovariate(1 / clouds_s)
            else:
                target = dice.uniform(1.0, 1.08)
                left_s = dice.expovariate(1 / clear_s)
        light += (target - light) * 0.5
        shares.append(light * dice.uniform(0.99, 1.01))
    return shares


def _house(dice, count, base_w, spikes):
    watts = [base_w + dice.uniform(-15, 15) for _ in range(count)]
    phase = dice.randrange(180)
    for number in range(count):
        if (number + phase) % 180 < 60:  # a refrigerator: ten minutes of thirty
            watts[number] += 90
    for spike_w, seconds, times in SPIKES:
        for _ in range(round(times * spikes)):
            begin = dice.randrange(count)
            for number in range(begin, min(count, begin + seconds // ROW_S)):
                watts[number] += spike_w
    return watts


def read_folder(folder):
    """All CSV files of a folder as days with one single-phase car; DayError if there is none.

    A row is read when it begins (plain plant); the real one has a meter that tells every 10 s.
    """
    paths = sorted(Path(folder).glob("*.csv"))
    if not paths:
        raise DayError(f"{folder}: has no file *.csv: name a folder with recorded days")
    return [Day(path.stem, read_rows(path), plain_meter=Meter()) for path in paths]


def read_rows(path):
    """Rows (seconds, solar_w, house_w) of a CSV; a heading is passed over. Raises DayError.

    Generation may be a little under 0, as an inverter takes some watts in the dark.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise DayError(f"{path}: cannot be read: {error}") from None
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and line[0].isalpha()):
            continue
        try:
            row = tuple(map(float, line.split(",")))
        except ValueError:
            row = ()
        if len(row) != 3 or not all(map(math.isfinite, row)):
            raise DayError(
                f"{path}, line {number}: {line!r}: write three numbers, seconds,solar_w,house_w"
            )
        if rows and row[0] <= rows[-1][0]:
            raise DayError(
                f"{path}, line {number}: second {row[0]:g} does not come after {rows[-1][0]:g}"
            )
        rows.append(row)
    if len(rows) < 2:
        raise DayError(f"{path}: needs two rows or more")
    return rows

"""A house and the sun on its roof: watts by the second of the day. Pure, and on MicroPython too.

Either made from a seed, or read from a CSV with lines of `seconds,solar_w,house_w`.
"""

import math

DAY_S = 86400
SKIES = ("clear", "cloudy")
SUNRISE_S = 6 * 3600
SUNSET_S = 20 * 3600
CLOUD_S = 240
MOST_TAKEN_W = 200
KETTLE_SLOT_S = 1200
KETTLE_S = 180


class DayError(ValueError):
    """A day that cannot be used; the text says which file and line, and what to write."""


class House:
    """`at(seconds)` gives (solar_w, house_w); house_w is without any car.

    seed: the same number, the same day. sky: "clear" or "cloudy".
    peak_w: the most the sun makes on a clear day. base_w: what the house always takes.
    rows: a list of (seconds, solar_w, house_w) to use instead; see `from_csv`.
    """

    def __init__(self, seed=1, sky="clear", peak_w=7000, base_w=350, rows=None):
        if sky not in SKIES:
            raise DayError(f"a sky of {sky!r} is not known: write one of {SKIES}")
        self.seed = seed
        self.sky = sky
        self.peak_w = peak_w
        self.base_w = base_w
        self.rows = rows

    @staticmethod
    def from_csv(path):
        """Read a day from a file; raises DayError with file, line and what to do."""
        return House(rows=read_csv(path))

    def at(self, seconds):
        """Watts of sun and house at this second; from a seed, day follows day."""
        if self.rows is not None:
            return _row_at(self.rows, seconds)[1:]
        return round(self._solar(seconds)), round(self._house(seconds))

    def surplus(self, seconds):
        """What a car may take, in watts: sun less house."""
        solar_w, house_w = self.at(seconds)
        return solar_w - house_w

    def _solar(self, seconds):
        of_day = seconds % DAY_S
        if not SUNRISE_S < of_day < SUNSET_S:
            return 0
        height = math.sin(math.pi * (of_day - SUNRISE_S) / (SUNSET_S - SUNRISE_S))
        watts = self.peak_w * height**1.3
        if self.sky == "clear":
            return watts
        slot = int(seconds // CLOUD_S)
        part = seconds / CLOUD_S - slot
        # Clouds come and go within a fifth of their time, then the light stays as it is.
        part = min(1, part * 5)
        before = self._light(slot - 1)
        return watts * (before + (self._light(slot) - before) * part)

    def _light(self, slot):
        dice = self._dice(slot, 1)
        return 0.15 + 0.3 * dice if dice < 0.45 else 0.6 + 0.4 * dice

    def _house(self, seconds):
        slot = int(seconds // KETTLE_SLOT_S)
        watts = self.base_w + 150 * self._dice(slot, 2)
        starts_s = self._dice(slot, 3) * (KETTLE_SLOT_S - KETTLE_S)
        awake = 6.5 * 3600 < seconds % DAY_S < 23 * 3600
        boils = 0 <= seconds - slot * KETTLE_SLOT_S - starts_s < KETTLE_S
        if awake and boils and self._dice(slot, 4) < 0.4:
            watts += 2000
        return watts

    def _dice(self, slot, which):
        # A hash instead of a generator: any second can be asked for, in any order.
        mixed = (self.seed * 7919 + slot * 104729 + which * 1299709) & 0x3FFFFFFF
        for _ in range(3):
            mixed = ((mixed ^ (mixed >> 13)) * 60493 + 19379) & 0x3FFFFFFF
        return (mixed >> 6) / (1 << 24)


def read_csv(path):
    """Lines `seconds,solar_w,house_w` as a list of tuples of numbers.

    A row holds until the next one; the first also before it, the last for ever. A heading,
    empty lines and lines that begin with # are passed over. Raises DayError.
    """
    try:
        with open(path, "rb") as file:
            text = file.read().decode()
    except OSError as error:
        raise DayError(
            f"{path}: cannot be read ({error}): give the name of a CSV file with lines "
            "seconds,solar_w,house_w"
        ) from None
    except UnicodeError:
        raise DayError(f"{path}: is not UTF-8 text: save it as plain CSV") from None
    rows = []
    number = 0
    for line in text.lstrip("\ufeff").split("\n"):
        number += 1
        line = line.strip()
        if not line or line[0] == "#" or (not rows and _is_heading(line)):
            continue
        row = _row(line, f"{path}, line {number}")
        if rows and row[0] <= rows[-1][0]:
            raise DayError(
                f"{path}, line {number}: second {row[0]:g} does not come after "
                f"{rows[-1][0]:g}: sort the lines by their first number, each once"
            )
        rows.append(row)
    if not rows:
        raise DayError(f"{path}: has no rows: write lines like 0,1500,400")
    return rows


def _is_heading(line):
    return line.replace(" ", "").lower() == "seconds,solar_w,house_w"


def _row(line, where):
    cells = line.split(",")
    if len(cells) != 3:
        raise DayError(
            f"{where}: {line!r} has {len(cells)} values: write three, seconds,solar_w,house_w, "
            "with commas between them and points in the numbers"
        )
    row = []
    for name in ("seconds", "solar_w", "house_w"):
        cell = cells[len(row)]
        try:
            value = float(cell)
        except ValueError:
            raise DayError(
                f"{where}: {name} is {cell.strip()!r}: write a number, like 1500"
            ) from None
        # An inverter takes some watts in the dark.
        least = -MOST_TAKEN_W if name == "solar_w" else 0
        if not least <= value < 1e9:
            raise DayError(f"{where}: {name} is {cell.strip()}: write {least} or more")
        row.append(value)
    return tuple(row)


def _row_at(rows, seconds):
    low = 0
    high = len(rows)
    while high - low > 1:
        middle = (low + high) // 2
        if rows[middle][0] <= seconds:
            low = middle
        else:
            high = middle
    return rows[low]

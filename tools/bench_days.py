"""How good the laws are on whole days: ``python -m tools.bench_days [folder]``, or ``make bench``.

Each law decides through the same days, on the same house, meter and cars: ten days made from
seeds, or with a folder all its CSV files (seconds,solar_w,house_w). Every figure is made in
simulated time, so the same code prints the same table everywhere.

Our own law is attached by tools/our_law.py: ``sun_only(cars)`` and ``balanced(cars)`` make it.
"""

import importlib.util
import sys
from concurrent.futures import ProcessPoolExecutor

from tools import laws
from tools.days import DayError, read_folder, ten_days
from tools.hindsight import best, best_with_grid
from tools.plant import play

PROCESSES = 2
SUN_ONLY = "ours, sun only"
PER_START_KWH = 0.05
A_ROW_LATER = "a row later"
LAG_AND_RAMP = "lag and ramp"

PLANTS = {
    "instant car": "the meter tells at once, a car draws what it is offered from that second on",
    A_ROW_LATER: "the same, with every reading a row old",
    LAG_AND_RAMP: "late and noisy meter; cars wait, ramp 2 A a second, draw less than offered",
}

HEAD = (
    f"{'':22}{'solar':>7}{'grid':>7}{'starts':>7}{'on':>7}{'off':>7}{'above':>7}{'rows':>5}"
    f"{'share':>6}{'score':>8}{'ratio':>7}"
)

LEGEND = """\
solar, grid: kWh from either into the cars. starts: draws above 2 A. on, off: the shortest, min.
above: minutes above the minimum while importing more than 0.6 A a phase; rows: for how many
readings in a row at most. share: of the surplus, captured. score: solar - grid - 0.05 x starts.
ratio: of the score to that of the best in hindsight, with on and off of 10 min or more."""


def law_makers():
    """{label: what makes the law}: ours (if tools/our_law.py is there), each before those that
    it is compared with."""
    sun_only = balanced = {}
    if importlib.util.find_spec("tools.our_law"):
        from tools import our_law

        sun_only = {SUN_ONLY: our_law.sun_only}
        balanced = {"ours, balanced": our_law.balanced}
    return {
        **sun_only,
        "OpenEVSE default": laws.OpenEvse,
        "evcc pv": laws.Evcc,
        "TWCManager": laws.TwcManager,
        "TWCManager, no spike": laws.twcmanager_no_spike,
        **balanced,
        "OpenEVSE nowaste": laws.openevse_nowaste,
        "nowaste, 10 min off": laws.openevse_nowaste_pausing,
    }


class Line:
    """A law on one day, or on all of them when lines are added up."""

    def __init__(self, played=None, hindsight_score=0.0):
        self.solar_kwh = played.solar_kwh if played else 0.0
        self.grid_kwh = played.grid_kwh if played else 0.0
        self.surplus_kwh = played.surplus_kwh if played else 0.0
        self.starts = played.starts if played else 0
        self.score = played.score() if played else 0.0
        self.on_s = min(played.ons_s, default=None) if played else None
        self.off_s = min(played.offs_s, default=None) if played else None
        self.above_s = played.above_s if played else 0
        self.above_readings = played.above_readings if played else 0
        self.hindsight_score = hindsight_score

    def add(self, other):
        """Sums, and the shortest and the most of both."""
        for name in ("solar_kwh", "grid_kwh", "surplus_kwh", "starts", "score", "above_s"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.hindsight_score += other.hindsight_score
        self.above_readings = max(self.above_readings, other.above_readings)
        self.on_s = _shorter(self.on_s, other.on_s)
        self.off_s = _shorter(self.off_s, other.off_s)

    def ratio(self):
        """Of the score to the best in hindsight; None where there was nothing to be had."""
        return self.score / self.hindsight_score if self.hindsight_score > 0 else None

    def text(self, label):
        """The line of the table."""
        share = self.solar_kwh / self.surplus_kwh if self.surplus_kwh else 0
        return (
            f"  {label:20}{self.solar_kwh:7.2f}{self.grid_kwh:7.2f}{self.starts:7}"
            f"{_minutes(self.on_s)}{_minutes(self.off_s)}{self.above_s / 60:7.1f}"
            f"{self.above_readings:5}{share:6.0%}{self.score:8.2f}{_ratio(self.ratio())}"
        )


def run_day(day, plant):
    """One day on one plant: ({label: Line}, Best)."""
    plan = best(day.rows, day.cars)
    cars, meter = day.cars, day.meter
    if plant != LAG_AND_RAMP:
        cars, meter = [car.made_instant() for car in cars], day.plain_meter
    rows_late = 1 if plant == A_ROW_LATER else 0
    lines = {}
    for label, make in law_makers().items():
        played = play(day.rows, make, cars, meter, day.seed, rows_late)
        lines[label] = Line(played, plan.score)
    return lines, plan


def table(days, plants, write=print, processes=PROCESSES):
    """Runs all and writes the table; returns {(plant, label): Line} of all days together."""
    labels = list(law_makers())
    totals = {}
    with ProcessPoolExecutor(processes) as pool:
        results = pool.map(run_day, days * len(plants), [p for p in plants for _ in days])
        for plant in plants:
            write(f"\n{plant}: {PLANTS[plant]}\n{HEAD}")
            total = {label: Line() for label in labels}
            plans = []
            for day in days:
                lines, plan = next(results)
                _block(day.name, lines, [plan], write)
                plans.append(plan)
                for label in labels:
                    total[label].add(lines[label])
            _block("in all", total, plans, write)
            if plant == plants[0]:
                _in_its_place(days, labels[0], total[labels[0]], write)
            totals.update({(plant, label): total[label] for label in labels})
    _sum_up(totals, labels, plants, write)
    return totals


def _block(title, lines, plans, write):
    surplus_kwh = next(iter(lines.values())).surplus_kwh
    write(f"{title}, {surplus_kwh:.1f} kWh of surplus")
    for label in lines:
        write(lines[label].text(label))
    write(_of_plans(plans, surplus_kwh, "best in hindsight"))


def _in_its_place(days, label, line, write):
    """What hindsight makes of the grid and the starts that this law took: the cost of a start
    is doubled until it takes no more."""
    for per_start_kwh in (0.05, 0.1, 0.2, 0.4, 0.8):
        plans = best_with_grid(
            [(day.rows, day.cars) for day in days], line.grid_kwh, per_start_kwh=per_start_kwh
        )
        if plans and sum(plan.starts for plan in plans) <= line.starts:
            write(_of_plans(plans, line.surplus_kwh, "no more grid, starts"))
            share = line.solar_kwh / sum(plan.solar_kwh for plan in plans)
            write(f"  ({label}: {share:.1%} of the solar energy of the last line)")
            return


def _of_plans(plans, surplus_kwh, label):
    solar_kwh = sum(plan.solar_kwh for plan in plans)
    grid_kwh = sum(plan.grid_kwh for plan in plans)
    starts = sum(plan.starts for plan in plans)
    share = solar_kwh / surplus_kwh if surplus_kwh else 0
    score = solar_kwh - grid_kwh - PER_START_KWH * starts
    return f"  {label:20}{solar_kwh:7.2f}{grid_kwh:7.2f}{starts:7}{'':26}{share:6.0%}{score:8.2f}"


def _sum_up(totals, labels, plants, write):
    """All days, every plant beside the first one, with what is lost to it in points."""
    write("\nscore in all, ratio to the best in hindsight, points lost against the first plant")
    write(f"{'':22}" + "".join(f"{plant:>22}" for plant in plants))
    for label in labels:
        first = totals[plants[0], label].ratio()
        cells = ""
        for plant in plants:
            line = totals[plant, label]
            lost = ""
            if plant != plants[0] and first is not None:
                lost = f"{100 * (line.ratio() - first):+.1f}"
            cells += f"{line.score:9.2f}{_ratio(line.ratio())}{lost:>6}"
        write(f"  {label:20}{cells}")


def _shorter(one, other):
    return other if one is None else one if other is None else min(one, other)


def _minutes(seconds):
    return f"{'-':>7}" if seconds is None else f"{seconds / 60:7.1f}"


def _ratio(ratio):
    return f"{'-':>7}" if ratio is None else f"{ratio:7.3f}"


def main(arguments):
    try:
        days = read_folder(arguments[0]) if arguments else ten_days()
    except DayError as error:
        sys.exit(f"bench: {error}")
    plants = list(PLANTS) if arguments else ["instant car", LAG_AND_RAMP]
    what = f"{len(days)} days of {arguments[0]}" if arguments else f"{len(days)} days from seeds"
    print(f"{what}; cars of 6 to 32 A unless the day says otherwise.\n{LEGEND}", flush=True)
    table(days, plants, write=lambda line: print(line, flush=True))


if __name__ == "__main__":
    main(sys.argv[1:])

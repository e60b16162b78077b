"""What the firmware takes of the memory: ``make memory``, or ``python -m tools.memory``.

Prints, and writes into README.md between its markers: what each module takes on a 32-bit VM
(memory_modules.py), what the running firmware takes, base set and everything on, and the smallest
heap in which it does its work (memory_run.py), and what switched-off parts cost.
"""

import sys
import tempfile
from pathlib import Path

from simulator.board import BoardError
from tools import memory_modules, memory_run
from tools.bundle import BUNDLES, dotted, loaded_as
from tools.stage import ROOT, StageError, stage

README = ROOT / "README.md"
BEGIN, END = "<!-- memory: made by make memory -->", "<!-- end of memory -->"
WORD = 8  # bytes, of the unix port
FIRST_KW, WHOLE_KW = 56, 112
"""Kilobytes of the first heap of an ESP32, and of it doubled; "w" in -X heapsize makes the same
number of words of it on 64 bits."""

PARTS = {
    "sources": "charging.sources charging.source charging.json_number charging.cars",
    "timetable, clock": "charging.timetable firmware.clock localtime zones",
    "grid guard": "charging.guard charging.mean",
    "house battery": "charging.battery charging.solar",
    "TWCManager": "firmware.twcmanager firmware.twcmanager_values firmware.twcmanager_web",
    "TLS": "firmware.mqtt_tls",
    "syslog": "firmware.syslog",
    "Ethernet": "firmware.ethernet",
    "lock": "firmware.lock_door firmware.lock_try",
}
"""What is only there if it is switched on; the lock is, by default, from the first request on."""

PAGE = (
    "firmware.request firmware.request_checks firmware.pages firmware.pages_more "
    "firmware.pages_files firmware.pages_post firmware.document"
)


def main():
    try:
        with tempfile.TemporaryDirectory(prefix="memory-") as folder:
            board = Path(folder) / "board"
            umqtt = ROOT / "build" / "umqtt" / "simple.py"
            stage(board, umqtt=umqtt if umqtt.exists() else None)
            runs = memory_run.both(board, Path(folder))
            stay = {name for run in runs.values() for name in run.modules}
            costs, note = memory_modules.costs(board, wanted(runs), stay)
    except (BoardError, StageError) as error:
        print(error, file=sys.stderr)
        return 1
    text = "\n".join(table(runs, costs, note))
    print(text)
    print()
    print("Written into README.md." if write(text) else f"README.md has no line {BEGIN}.")
    return 0


def wanted(runs):
    """The modules to weigh, by their names on a board, resident ones first."""
    names = [name for run in runs.values() for name in run.modules]
    names += on_board(" ".join([PAGE, *PARTS.values()]))
    return [name for name in dict.fromkeys(names) if memory_modules.sources(name)]


def on_board(names):
    """What modules, in a text, are called on a board."""
    return list(dict.fromkeys([loaded_as(name) for name in names.split()]))


def table(runs, costs, note):
    """The lines of the README."""
    base, everything = runs["base set"], runs["everything on"]
    lines = [
        "| live and peak, unix port (64 bits) | base set | everything on |",
        "| --- | --- | --- |",
    ]

    def row(name, value):
        lines.append(f"| {name} | {value(base)} | {value(everything)} |")

    row("modules that stay", lambda run: len(run.modules))
    row("live, nobody looks at the page, bytes", lambda run: number(run.live))
    row("live, the page in use, bytes", lambda run: number(run.busy))
    row("the same in words", lambda run: f"{number(run.live // WORD)}; {number(run.busy // WORD)}")
    row("smallest heap for a start, a charge, commands, all of the page", lambda run: need(run))
    for size in (FIRST_KW, WHOLE_KW):
        row(f"of {size}wK", lambda run, size=size: room(run, size))
    if costs:
        row("estimate for 32 bits, bytes: page not in use; in use", lambda run: small(run, costs))
    lines += ["", *parts(base, costs)]
    if costs:
        lines += ["", *modules(base, costs)]
    if note:
        lines += ["", note]
    return lines


def need(run):
    return f"{run.smallest_kw}wK" if run.smallest_kw else "does not fit into 224wK"


def room(run, size):
    if not run.smallest_kw:
        return "too small"
    left = size - run.smallest_kw
    return f"{left}wK left" if left >= 0 else f"**{-left}wK short**"


def small(run, costs):
    """Modules as they were weighed on 32 bits, and half of what else there is: objects are made
    of words, code is not."""
    weighed = [name for name in run.modules if name in costs]
    code = sum(costs[name].loaded for name in weighed)
    rest = [run.live - run.code, run.busy - run.code]
    return "; ".join([number(code + left // 2) for left in rest])


def parts(base, costs):
    """What is switched off."""
    lines = ["| switched off | modules | bytes (32 bits) if it is on | bytes if it is off |"]
    lines.append("| --- | --- | --- | --- |")
    for part, names in PARTS.items():
        there = [name for name in on_board(names) if memory_modules.sources(name)]
        if not there:
            continue
        stray = [name for name in there if name in base.modules]
        size = sum(costs[name].loaded for name in there if name in costs) if costs else None
        short = ", ".join([f"`{name}`" for name in there])
        cost = "0" if not stray else f"**{', '.join(stray)} is loaded**"
        lines.append(f"| {part} | {short} | {number(size)} | {cost} |")
    return lines


def modules(base, costs):
    """What each module takes."""
    resident = sorted(
        [name for name in base.modules if name in costs], key=lambda name: -costs[name].loaded
    )
    total = sum(costs[name].loaded for name in resident)
    lines = [
        f"Modules of the base set that stay, bytes on a 32-bit VM, {number(total)} in all: "
        + ", ".join([f"`{name}` {number(costs[name].loaded)}" for name in resident])
        + ".",
        "",
        "On a board some modules are one (`tools/bundle.py`): "
        + "; ".join([f"`{dotted(path)}` is {_listed(names)}" for path, names in BUNDLES.items()])
        + ".",
    ]
    others = [name for name in costs if name not in base.modules]
    if others:
        others.sort(key=lambda name: -costs[name].loaded)
        lines += [
            "",
            "Those that are loaded when they are needed, and in brackets what they leave behind "
            "when they are dropped (names): "
            + ", ".join(
                [f"`{n}` {number(costs[n].loaded)} ({number(costs[n].left)})" for n in others]
            )
            + ".",
        ]
    return lines


def _listed(names):
    return ", ".join([f"`{name}`" for name in names.split()])


def number(value):
    return "-" if value is None else f"{value:,}".replace(",", " ")


def write(text, path=README):
    """Put the text between the markers of a file; False if it has none."""
    whole = path.read_text("utf-8")
    begin, end = whole.find(BEGIN), whole.find(END)
    if begin < 0 or end < begin:
        return False
    path.write_text(f"{whole[: begin + len(BEGIN)]}\n{text}\n{whole[end:]}", "utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())

"""Run all tests: ``python -m tools.run_tests``, in several processes that do not get into each
other's way.

Tests with simulated lines in real time come first in line, side by side in one process; those
that only compute give way to all others, and those with a browser wait until the lines are
done. What a process printed is shown when it has ended, whole if a test failed, and is kept in
build/tests/.

A test in real time can fail because the machine had no time for it, not because something is
wrong. So what fails in a group with a clock is done once more, alone, when all others have ended.
If it passes then, the run passes, and the test is named as unsteady: whoever reads that mends the
test. ``ONCE=1 make test`` gives no second try.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = Path("host_tests")
LOGS = Path("build/tests")

_ON_LINES = re.compile(r'^pytest_plugins = .*"firmware_bench"', re.M)
# Beside the folder of the pure part: what needs the processor and nothing else.
CALM = [
    "test_gate_properties.py",
    "test_questions_properties.py",
    "test_fuzz.py",
]
# These wait for what virtual_scripts.py runs in the background from the beginning of their
# session: after all others of it, so that both cores have work until the end.
WAIT = ["test_pure_micropython.py", "test_virtual_world.py"]
CALM_BEGIN = ("test_bench_", "test_simulator_referee")

# Nothing in these depends on how fast the machine is.
TIMELESS = ["calm"]
MOST_AGAIN = 3
"""Failures of a group that are done again: more of them are no accident."""

# Of those with a browser: about half of their time.
LONG_PAGES = ["new_board", "firmware", "connection", "setup", "shell", "login", "timetable"]


def groups(folder=ROOT / TESTS):
    """[(name, niceness, paths relative to the checkout, names of groups to wait for)]: each
    test file is in one of them. None is empty."""
    files = {path.name: path for path in sorted(folder.glob("test_*.py"))}
    lines = [name for name in files if _ON_LINES.search(files[name].read_text("utf-8"))]
    calm = [name for name in files if name in CALM or name.startswith(CALM_BEGIN)]
    waits = [name for name in files if name in WAIT]
    pages = [name for name in files if name.startswith("test_page_") and name not in lines]
    long_pages = [name for name in pages if name[len("test_page_") : -len(".py")] in LONG_PAGES]
    rest = [name for name in files if name not in lines + calm + waits + pages]
    pure = ["pure"] if (folder / "pure").is_dir() else []
    made = [
        ("lines", 0, lines, []),
        ("calm", 6, [*calm, *pure, *waits], []),
        ("others", 5, rest, []),
        ("pages", 0, long_pages, ["lines"]),
        ("more pages", 0, [name for name in pages if name not in long_pages], ["lines"]),
    ]
    return [
        (name, nice, [str(TESTS / path) for path in paths], after)
        for name, nice, paths, after in made
        if paths
    ]


def main():
    os.chdir(ROOT)
    LOGS.mkdir(parents=True, exist_ok=True)
    waiting, running, failed = groups(), {}, {}
    closing = ""
    while waiting or running:
        for group in waiting[:]:
            name, nice, paths, after = group
            if not any(other[0] in after for other in waiting) and not set(after) & set(running):
                waiting.remove(group)
                running[name] = start(name, nice, paths)
        for name, process in list(running.items()):
            if process.poll() is None:
                continue
            del running[name]
            text = log_of(name).read_text("utf-8", "replace").strip()
            lines = text.splitlines() or [""]
            if process.returncode:
                failed[name] = process.returncode
                print(f"---- {name}\n{text}", flush=True)
            else:
                print("\n".join([f"---- {name}", *left_out(lines), lines[-1]]), flush=True)
                closing = lines[-1]
        time.sleep(0.1)
    if not os.environ.get("ONCE"):
        failed = [name for name, code in failed.items() if not passes_alone(name, code)]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)} (see above, and {LOGS}/)")
    # Whoever looks at the last line only sees how it ended.
    print(closing)


def passes_alone(name, code):
    """Whether what failed in a group passes when nothing else runs; says what is unsteady.

    code: pytest's exit code for the group. With any but "all were run, some failed" there may be
    tests that nobody has seen.
    """
    if name in TIMELESS or code != pytest.ExitCode.TESTS_FAILED:
        return False
    try:
        tests = sorted(json.loads(failures_file(name).read_text("utf-8")))
    except OSError:  # it died without having told
        return False
    if len(tests) > MOST_AGAIN:
        return False
    paths = sorted({test.split("::")[0] for test in tests})
    again = name + " again"
    shutil.rmtree(cache_of(again), ignore_errors=True)
    shutil.copytree(cache_of(name), cache_of(again))
    options = ["--last-failed", "--last-failed-no-failures", "none"]
    code = run(again, 0, [*options, *paths]).wait()
    lines = log_of(again).read_text("utf-8", "replace").strip().splitlines() or [""]
    print("\n".join([f"---- {again}, alone", *(lines if code else lines[-1:])]), flush=True)
    if code == 0:
        for test in tests:
            print(
                f"Unsteady, to be mended: {test}: failed beside others, passed alone", flush=True
            )
    return code == 0


def failures_file(name):
    """Where pytest keeps the names of what failed: {name: true}."""
    return cache_of(name) / "v" / "cache" / "lastfailed"


def cache_of(name):
    """Each process has its own: they write at the same time."""
    return LOGS / "cache" / name.replace(" ", "_")


def log_of(name):
    return LOGS / (name.replace(" ", "_") + ".log")


def start(name, nice, paths):
    shutil.rmtree(cache_of(name), ignore_errors=True)  # failures of an earlier day
    return run(name, nice, paths)


def run(name, nice, arguments):
    cache = f"cache_dir={cache_of(name)}"
    command = [sys.executable, "-m", "pytest", "-rs", "-o", cache, *arguments]
    with log_of(name).open("w") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=lambda: os.nice(nice)
        )


def left_out(lines):
    """What was skipped, and why."""
    return [line for line in lines if line.startswith("SKIPPED")]


if __name__ == "__main__":
    main()

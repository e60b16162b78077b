"""`make test`: no test is left out, and those that would disturb each other are apart."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tools.run_tests import groups

WAITS = "\nfrom virtual_scripts import"


def test_each_file_is_run_once(project):
    run = [path for _, _, paths, _ in groups() for path in paths]
    files = [f"host_tests/{path.name}" for path in (project / "host_tests").glob("test_*.py")]
    assert sorted(run) == sorted([*files, "host_tests/pure"])


def test_a_new_file_is_run_without_being_named(tmp_path):
    for name in ("test_new.py", "test_page_new.py", "test_bench_new.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "pure").mkdir()
    (tmp_path / "test_firmware_new.py").write_text('pytest_plugins = ["firmware_bench"]')
    found = {path: name for name, _, paths, _ in groups(tmp_path) for path in paths}
    assert found == {
        "host_tests/test_firmware_new.py": "lines",
        "host_tests/test_bench_new.py": "calm",
        "host_tests/pure": "calm",
        "host_tests/test_new.py": "others",
        "host_tests/test_page_new.py": "more pages",
    }


def test_who_only_names_the_bench_does_not_use_it():
    found = {path: name for name, _, paths, _ in groups() for path in paths}
    assert found["host_tests/test_make_tests.py"] == "others"
    assert found["host_tests/test_firmware_bus.py"] == "lines"


def test_browsers_wait_until_lines_in_real_time_are_done():
    found = {name: (nice, after) for name, nice, _, after in groups()}
    assert found["pages"][1] == found["more pages"][1] == ["lines"]
    assert found["lines"][0] < found["others"][0] < found["calm"][0]


def test_those_that_wait_for_scripts_in_the_background_come_last(project):
    """They would keep others of their process waiting, and leave one core idle at the end."""
    found = []
    for _, _, paths, _ in groups():
        files = [project / path for path in paths]
        wait = [path.is_file() and WAITS in path.read_text("utf-8") for path in files]
        assert wait == sorted(wait), paths
        found += wait
    assert sum(found) == 2


GOOD = "def test():\n    pass\n"
BAD = "def test():\n    assert 1 + 1 == 3\n"
ENOUGH = "import pytest\n\n\ndef test():\n    pytest.exit('enough')\n"
# Passes when it is asked for the second time.
UNSTEADY = """
from pathlib import Path

def test():
    tried = Path("tried")
    before = tried.exists()
    tried.touch()
    assert before
"""


@pytest.fixture
def suite(tmp_path, project):
    """Runs a checkout that has test files {name: text} and nothing else."""

    def run(files, **environment):
        (tmp_path / "tools").mkdir()
        shutil.copy(project / "tools" / "run_tests.py", tmp_path / "tools")
        for name, text in files.items():
            path = tmp_path / "host_tests" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        kept = {k: v for k, v in os.environ.items() if k not in ("ONCE", "PYTEST_ADDOPTS")}
        # Pytest starts in a fifth of the time without the plugins that nobody needs here.
        environment = {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment}
        command = [sys.executable, "-m", "tools.run_tests"]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return run


def test_what_passes_alone_is_told_and_does_not_fail_the_rest(suite):
    done = suite({"test_b.py": UNSTEADY, "test_c.py": GOOD, "test_page_setup.py": GOOD})
    assert done.returncode == 0, done.stdout
    assert "1 failed, 1 passed" in done.stdout
    assert "assert before" in done.stdout
    assert "Unsteady, to be mended: host_tests/test_b.py::test: " in done.stdout
    assert " passed" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "files, environment",
    [
        ({"test_b.py": BAD}, {}),
        ({"test_b.py": UNSTEADY, "test_c.py": BAD}, {}),
        ({"test_b.py": UNSTEADY}, {"ONCE": "1"}),
        # Nothing in these depends on the machine.
        ({"pure/test_b.py": UNSTEADY}, {}),
        # Too many for an accident.
        ({f"test_{n}.py": UNSTEADY.replace("tried", f"tried{n}") for n in range(4)}, {}),
        # Who knows what else it would have run.
        ({"test_b.py": "import os\n\ndef test():\n    os._exit(1)\n"}, {}),
        ({"test_b.py": UNSTEADY, "test_c.py": ENOUGH}, {}),
    ],
    ids=["bad", "bad beside it", "once", "calm", "many", "died", "ended"],
)
def test_what_fails(suite, files, environment):
    done = suite(files, **environment)
    assert done.returncode == 1, done.stdout
    assert "Failed: " in done.stderr


def test_failures_of_an_earlier_day_are_forgotten(suite, tmp_path):
    cache = tmp_path / "build" / "tests" / "cache" / "others" / "v" / "cache"
    cache.mkdir(parents=True)
    gone = {f"host_tests/test_gone.py::test_{n}": True for n in range(9)}
    (cache / "lastfailed").write_text(json.dumps(gone))
    done = suite({"test_b.py": UNSTEADY})
    assert done.returncode == 0, done.stdout
    assert "test_gone" not in done.stdout

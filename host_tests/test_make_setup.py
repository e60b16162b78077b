"""The Makefile itself, and fetching what pip can't install."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap, fetch_umqtt


def make(project, *arguments):
    result = subprocess.run(
        ["make", "-C", str(project), *arguments], capture_output=True, text=True, timeout=60
    )
    return result.returncode, result.stdout + result.stderr


def test_help_names_every_target(project):
    code, text = make(project, "help")
    assert code == 0
    for target in ("run", "test", "lint", "format", "bench", "deploy", "flash", "clean"):
        assert f"make {target}" in text
    for name in (
        "BROKER",
        "SLAVES",
        "HTTP",
        "DAY",
        "SERIAL",
        "CONFIG",
        "MICROPYTHON",
        "SUN",
        "TRACES",
    ):
        assert f"{name}=" in text
    assert all(len(line) <= 110 for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["deploy"], "PORT"),
        (["flash"], "PORT"),
        (["flash", "PORT=/dev/x"], "IMAGE"),
    ],
)
def test_a_missing_variable_is_told_before_anything_happens(project, arguments, missing):
    code, text = make(project, *arguments)
    assert code == 2
    assert f"{missing} is missing: " in text
    assert "Installing" not in text


def test_run_starts_at_once_when_all_is_set_up(project):
    if not (project / ".venv/run.stamp").exists():
        pytest.skip("these tests do not run in the checkout's own .venv")
    code, text = make(project, "-n", "run")
    assert code == 0
    assert "simulator.run" in text and "bootstrap" not in text


def test_requirements_name_no_index_and_have_bounds(project):
    for path in project.glob("requirements*.txt"):
        for line in bootstrap.lines_of(path.name):
            assert re.fullmatch(r"[A-Za-z-]+([~>=]=[\d.a-z]+)(,<\d+)?", line), (
                f"{path.name}: {line}"
            )


def test_umqtt_is_fetched_once_and_checked(tmp_path, monkeypatch):
    real = fetch_umqtt.ROOT / "build/umqtt/simple.py"
    if not real.exists():
        pytest.skip("build/umqtt/simple.py was not fetched (make setup)")
    calls = []

    def pip(folder):
        calls.append(folder)
        unpacked = Path(folder) / "pip-download-x" / "archive" / "umqtt"
        unpacked.mkdir(parents=True)
        shutil.copyfile(real, unpacked / "simple.py")
        return "pip refuses the archive"

    monkeypatch.setattr(fetch_umqtt, "download", pip)
    target = tmp_path / "umqtt" / "simple.py"
    fetch_umqtt.fetch(target)
    fetch_umqtt.fetch(target)
    assert target.read_bytes() == real.read_bytes()
    assert len(calls) == 1
    target.write_text("damaged")
    fetch_umqtt.fetch(target)
    assert len(calls) == 2 and target.read_bytes() == real.read_bytes()


def test_another_umqtt_than_the_known_one_is_refused(tmp_path, monkeypatch):
    def pip(folder):
        unpacked = Path(folder) / "umqtt"
        unpacked.mkdir()
        (unpacked / "simple.py").write_text("print('somebody else')")
        return ""

    monkeypatch.setattr(fetch_umqtt, "download", pip)
    with pytest.raises(RuntimeError, match="another content"):
        fetch_umqtt.fetch(tmp_path / "simple.py")
    assert not (tmp_path / "simple.py").exists()


def test_without_a_network_it_says_so(tmp_path):
    # An index address that nobody answers on stands for a machine without a network.
    code = (
        "import sys; from pathlib import Path; from tools import fetch_umqtt;"
        "fetch_umqtt.fetch(Path(sys.argv[1]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "simple.py")],
        cwd=fetch_umqtt.ROOT,
        env={"PATH": "/usr/bin:/bin", "PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0"}
        | {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_CACHE_DIR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode != 0
    assert "could not be fetched" in result.stderr
    assert "network" in result.stderr

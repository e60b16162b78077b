"""Runs the scripts of host_tests/virtual, and the modules of host_tests/pure under MicroPython, in
the background, from the beginning of the session.

They need the processor and nothing else, while other tests mostly wait: so they run beside
those, at low priority, and in a process of their own, because some tests count what this one
allocates.
"""

import concurrent.futures
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator.virtual.launch import ROOT, find_micropython, run_script

PURE = Path(__file__).resolve().parent / "pure"
SCRIPTS = sorted((Path(__file__).parent / "virtual").glob("*.py"))
AT_ONCE = 2
NICE = 10
TIMEOUT_S = 300


@pytest.fixture(scope="session", autouse=True)
def virtual_scripts(request, tmp_path_factory):
    """A function that waits for a script or a pure module, and returns its output;
    AssertionError if it failed. Only the collected ones are run."""
    wanted = [
        item.callspec.params["script"]
        for item in request.session.items
        if hasattr(item, "callspec") and "script" in item.callspec.params
    ]
    if not wanted or find_micropython() is None:
        yield None
        return
    folder = tmp_path_factory.mktemp("virtual")
    command = [sys.executable, __file__, str(folder), *map(str, wanted)]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    runner = subprocess.Popen(command, env=dict(os.environ, PYTHONPATH=path))

    def outcome(script):
        passed, failed = folder / (script.stem + ".passed"), folder / (script.stem + ".failed")
        ended = False
        while not passed.exists() and not failed.exists():
            assert not ended, "what runs the scripts has ended"
            ended = runner.poll() is not None  # then it is looked for once more
            time.sleep(0.05)
        assert passed.exists(), failed.read_text()
        return passed.read_text()

    yield outcome
    runner.terminate()
    runner.wait()


def run_pure(micropython, *names):
    """Exit code and output of the runner of pure modules."""
    variables = {name: value for name, value in os.environ.items() if name != "MICROPYPATH"}
    done = subprocess.run(
        [micropython, str(PURE / "run.py"), *names],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
    )
    return done.returncode, done.stdout


def main(folder, scripts):
    """Runs scripts; leaves what each printed in `folder`, as its name with .passed or .failed."""
    os.nice(NICE)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for script in scripts:
            pool.submit(_run, Path(folder), Path(script))


def _run(folder, script):
    kind = "passed"
    try:
        if script.parent == PURE:
            code, output = run_pure(find_micropython(), script.stem)
            assert code == 0, output
        else:
            flash = folder / script.stem
            flash.mkdir()
            output = run_script(script, flash, timeout_s=TIMEOUT_S)
    except Exception as error:  # whatever it is, the test that waits for it has to know
        kind, output = "failed", str(error)
    # Whole or not at all: the other process looks for the name.
    draft = folder / (script.stem + ".draft")
    draft.write_text(output)
    draft.rename(folder / f"{script.stem}.{kind}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

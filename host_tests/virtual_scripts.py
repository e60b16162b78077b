"""Runs the scripts of host_tests/virtual in the background, from the beginning of the session.

They need the processor and nothing else, while other tests mostly wait: so they run beside
those, at low priority.
"""

import concurrent.futures
import os
from pathlib import Path

import pytest

from simulator.virtual.launch import find_micropython, run_script

SCRIPTS = sorted((Path(__file__).parent / "virtual").glob("*.py"))
AT_ONCE = 2
NICE = 10
TIMEOUT_S = 300


@pytest.fixture(scope="session", autouse=True)
def virtual_scripts(request, tmp_path_factory):
    """A function that waits for a script and returns its output, or raises as run_script does.
    Only the collected ones are run."""
    wanted = [
        item.callspec.params["script"]
        for item in request.session.items
        if hasattr(item, "callspec") and "script" in item.callspec.params
    ]
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE, "virtual", initializer=_be_nice)
    outcomes = {}
    if find_micropython() is not None:
        for script in wanted:
            folder = tmp_path_factory.mktemp(script.stem)
            outcomes[script] = pool.submit(run_script, script, folder, timeout_s=TIMEOUT_S)
    yield lambda script: outcomes[script].result()
    pool.shutdown(cancel_futures=True)


def _be_nice():
    # On Linux a thread has a priority of its own, and what it starts inherits it.
    os.setpriority(os.PRIO_PROCESS, 0, NICE)

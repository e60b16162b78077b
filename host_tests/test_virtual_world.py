"""The virtual world itself: scripts of host_tests/virtual run inside one MicroPython VM each."""

import re

import pytest
from virtual_scripts import SCRIPTS

from simulator.virtual.launch import find_micropython, run_script

pytestmark = pytest.mark.skipif(
    find_micropython() is None,
    reason="no MicroPython unix port: run `make setup`, or set MICROPYTHON=path",
)

WRONG = {
    "a failed assertion": ("assert 1 == 2", "AssertionError"),
    "an error": ("raise ValueError('broken')", "ValueError: broken"),
    "no closing line": ("print('nearly')", "nearly"),
    "an error in the firmware": (
        "from simulator.virtual.world import World\n"
        "async def main():\n    raise KeyError('lost')\n"
        "world = World()\nworld.start(main)\nworld.run(1)\nworld.finish()",
        "KeyError: lost",
    ),
    "a wait without end": (
        "import select\nprint(select.poll().poll())",
        "waiting for ever",
    ),
}


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.stem for script in SCRIPTS])
def test_script(script, virtual_scripts):
    output = virtual_scripts(script)
    assert re.search(r"\d+ s of virtual time in .* times real time\nok$", output.strip())


@pytest.mark.parametrize("name", WRONG)
def test_a_script_that_goes_wrong_is_noticed(name, tmp_path):
    text, expected = WRONG[name]
    script = tmp_path / "script.py"
    script.write_text(text)
    with pytest.raises(AssertionError, match=expected):
        run_script(script, tmp_path)


def test_an_idle_hour_passes_in_a_moment(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import asyncio\nfrom simulator.virtual.world import World\n"
        "async def main():\n    while True:\n        await asyncio.sleep(1)\n"
        "world = World()\nworld.start(main)\nworld.run(3600)\nworld.finish()\n"
    )
    found = re.search(r"(\d+) times real time", run_script(script, tmp_path, timeout_s=60))
    assert int(found[1]) > 200

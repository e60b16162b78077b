"""`make monitor`: what a board says, with the names that stand behind the short ones."""

import signal
import subprocess
import sys

import pytest
from deploy_bench import wait_for

from tools.monitor import Names

pytest_plugins = ("deploy_bench",)

TABLE = """\
firmware/bus.mpy _a now_ms
firmware/bus.mpy _b _send
firmware/bus.mpy acos heartbeats
firmware/app.mpy _b _failed
"""


def shown(*lines):
    names = Names(TABLE)
    return [names.line(line) for line in lines]


def test_short_names_in_a_traceback_are_told():
    assert shown(
        "Traceback (most recent call last):",
        '  File "firmware/app.mpy", line 1, in _b',
        '  File "firmware/bus.mpy", line 1, in _b',
        '  File "firmware/bus.mpy", line 1, in send',
        "AttributeError: 'Bus' object has no attribute 'acos'",
        "ValueError: 'acos'",
    ) == [
        "Traceback (most recent call last):",
        '  File "firmware/app.mpy", line 1, in _b (_failed)',
        '  File "firmware/bus.mpy", line 1, in _b (_send)',
        '  File "firmware/bus.mpy", line 1, in send',
        "AttributeError: 'Bus' object has no attribute 'acos' (heartbeats)",
        "ValueError: 'acos'",
    ]


def test_what_is_no_traceback_stays():
    lines = [
        "ValueError: 'acos'",
        "in _b",
        "",
        'File "firmware/bus.mpy"',
        "OSError: [Errno 2] 'x'",
    ]
    assert shown(*lines) == lines
    # Of a module that is not in the table, such as one of the image.
    lines = ['  File "asyncio/core.py", line 1, in _b', "NameError: name '_b' isn't defined"]
    assert shown(*lines) == lines


MAIN = """
import time
count = 0
print("begins, with \\xe9")
while True:
    count += 1
    print("tick", count)
    with open("count", "w") as file:
        file.write(str(count))
    time.sleep_ms(20)
"""


def test_the_board_goes_on_when_the_monitor_ends(chip, tmp_path, project):
    flash = tmp_path / "flash"
    flash.mkdir()
    (flash / "main.py").write_text(MAIN, encoding="utf-8")
    board = chip()
    log = tmp_path / "log.txt"
    command = [sys.executable, "-u", "-m", "tools.monitor", "--port", board.port, "--log", log]
    with subprocess.Popen(
        command,
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Tests that run in the background of a shell have it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        heard = []
        for line in process.stdout:
            heard.append(line)
            if "tick" in line and len(heard) > 5:
                break
        # Nobody else is let in meanwhile.
        second = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60)
        assert second.returncode == 1 and "is in use by" in second.stderr
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 0
    assert "Ctrl-C ends this, and not the board" in heard[0]
    assert rest.endswith("The board goes on.\n")
    assert " tick " in log.read_text() and log.read_text().startswith("20")
    before = int((flash / "count").read_text() or 0)
    wait_for(lambda: int((flash / "count").read_text() or 0) > before + 2)
    assert board.resets == board.soft_resets == 0


def test_a_port_that_is_not_there(project):
    command = [sys.executable, "-m", "tools.monitor", "--port", "/dev/no-such-board"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and "there is no such device" in result.stderr
    assert pytest.importorskip("serial")

"""Pins, reset, and the way a simulated board starts."""

import pytest


@pytest.fixture
def tree(tmp_path):
    """``tree(boot, main)`` writes a firmware tree of two files and returns its folder."""

    def write(boot, main):
        folder = tmp_path / "tree"
        (folder / "firmware").mkdir(parents=True)
        (folder / "boot.py").write_text(boot)
        (folder / "main.py").write_text(main)
        return folder

    return write


def test_pins(run_micropython):
    script = """
from machine import Pin
out = Pin(4, Pin.OUT, value=0)
print(out.value())
out.value(1)
print(Pin(4).value())
Pin(4).value(0)
print(out.value(), out.value(1), out.value())
low, high = Pin(0, Pin.IN, Pin.PULL_UP), Pin(2, Pin.IN, Pin.PULL_UP)
print(low.value(), high.value(), Pin(33, Pin.IN).value())
"""
    output = run_micropython(script, {"TWC_STOP_PIN_LOW": "0"})
    assert output.split("\n")[:4] == ["0", "1", "0 None 1", "0 1 0"]


def test_identity(run_micropython):
    output = run_micropython("""
import machine
print(len(machine.unique_id()))
""")
    assert output == "6\n"


def test_reset_starts_again_until_power_is_cut(stage_board, tree):
    main = """
import machine, os
print("life")
count = int(open("count").read()) if "count" in os.listdir() else 0
open("count", "w").write(str(count + 1))
if count < 3:
    machine.reset()
import time
print("staying", count)
while True:
    time.sleep(1)
"""
    board = stage_board(project=tree("print('boot')", main))
    board.start()
    board.wait_for_line("staying 3")
    assert board.resets == 3
    assert board.crashes == 0
    assert list(board.lines).count("boot") == 4
    assert board.running
    board.restart()
    board.wait_for_line("staying 4")
    pid = board.pid
    board.stop()
    assert not board.running and board.pid is None and pid


def test_a_watchdog_that_is_not_fed(stage_board, tree):
    main = """
import machine, time
memory = machine.RTC().memory
print("life", machine.reset_cause(), memory())
memory(memory() + b"x")
watchdog = machine.WDT(timeout=2000)
for _ in range(9):
    time.sleep(0.3)
    watchdog.feed()
machine.WDT(timeout=100000)
if len(memory()) == 2:
    time.sleep(2.2)
    print("left alone")
    machine.reset()
watchdog = machine.WDT(timeout=1000)
time.sleep(1000)
"""
    board = stage_board(project=tree("", main))
    board.start()
    board.wait_for_line("life 2 b'xx'")
    assert board.resets == 2 and board.watchdog_resets == 1 and board.crashes == 0
    count = board.line_count
    board.restart()
    board.wait_for_line("life", after=count)
    said = [line for line in board.lines if line.startswith(("life", "left", "[the watchdog"))]
    assert said == [
        "life 1 b''",
        "[the watchdog was not fed for 1000 ms]",
        "life 3 b'x'",
        "left alone",
        "life 2 b'xx'",
        "life 1 b''",
    ]


def test_reset_is_not_stopped_by_except_exception(stage_board, tree):
    main = """
import machine, os
if "again" in os.listdir():
    print("second life")
else:
    open("again", "w").close()
    try:
        machine.reset()
    except Exception:
        print("survived")
"""
    with stage_board(project=tree("", main)) as board:
        board.wait_for_line("second life")
    assert "survived" not in board.lines


def test_an_exception_in_boot_leaves_main_alone(stage_board, tree):
    board = stage_board(project=tree("raise ValueError('broken')", "print('main ran')"))
    board.start()
    board.wait_for_line("process ended, exit code 1")
    assert "ValueError: broken" in board.lines
    assert "main ran" not in board.lines
    assert board.crashes == 1 and not board.running


def test_main_that_ends_is_a_board_at_its_prompt(stage_board, tree):
    board = stage_board(project=tree("import sys\nvalue = 5", "print('value', value)"))
    board.start()
    board.wait_for_line("process ended, exit code 0")
    assert "value 5" in board.lines  # one namespace for both, as on the chip


def test_a_crash_is_started_again_when_asked(stage_board, tree):
    project = tree("", "raise ValueError('broken')")
    board = stage_board(project=project, restart_after_crash=True)
    board.start()
    board.wait_for_line("process ended", after=8, timeout_s=20)
    assert board.crashes >= 2


def test_the_heap_is_that_of_an_esp32(stage_board, tree):
    main = """
import gc
print("free", gc.mem_free() + gc.mem_alloc())
try:
    big = bytearray(235000)
    print("too much room")
except MemoryError:
    print("full")
"""
    with stage_board(project=tree("", main)) as board:
        board.wait_for_line("full")
    assert "too much room" not in board.lines


def test_modules_and_libraries_are_found_as_on_the_board(stage_board, tree):
    project = tree(
        "import sys\nsys.path.append('firmware/lib')",
        "import firmware.one, two, machine\nprint(firmware.one.X, two.Y, machine.__file__)",
    )
    (project / "firmware/lib").mkdir()
    (project / "firmware/one.py").write_text("X = 1")
    (project / "firmware/lib/two.py").write_text("Y = 2")
    with stage_board(project=project) as board:
        assert "standins" in board.wait_for_line("^1 2 ")

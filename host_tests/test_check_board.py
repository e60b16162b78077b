"""`make check-board`: the real firmware at the prompt of a played ESP32, on a simulated line,
through the unmodified mpremote."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import fake_esp32
import pytest
from deploy_bench import wait_for

from simulator.board import compiled_standins, free_port
from simulator.connector import Connector
from simulator.line import Line
from simulator.referee import Referee
from tools import check_board, check_report
from tools.check_page import ask

PASSWORD = "correct horse"
CONFIG = {
    "name": "test",
    "wires": {"max_amps": 32},
    "wifi": {"ssid": "my garden", "password": PASSWORD},
}
SECONDS = 5


@pytest.fixture(scope="module")
def staged(project, tmp_path_factory):
    """The flash of a board, with sources in place of compiled modules: that is sooner done."""
    folder = tmp_path_factory.mktemp("staged") / "flash"
    ignored = shutil.ignore_patterns("__pycache__", "web")
    shutil.copytree(project / "firmware", folder / "firmware", ignore=ignored)
    (folder / "firmware/web").mkdir()
    for path in (project / "firmware/web").iterdir():
        packed = folder / "firmware/web" / (path.name + ".gz")
        packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    for name in ("boot.py", "main.py"):
        shutil.copy(project / name, folder)
    return folder


@pytest.fixture
def chip(micropython, project, staged, tmp_path, monkeypatch):
    """``chip(line, ...)``: a played ESP32 with the firmware on its flash, at that line;
    ``url`` is where its page is."""
    pytest.importorskip("mpremote", reason="mpremote is not installed (make setup)")
    library = project / "build/umqtt/simple.py"
    if not library.exists():
        pytest.skip("umqtt.simple was not fetched (make setup)")
    image = tmp_path / "image"
    (image / "umqtt").mkdir(parents=True)
    shutil.copy(library, image / "umqtt/simple.py")
    # Built in on a board; here they have to be taken before "/" becomes the flash.
    start = fake_esp32.START.replace("vfs, machine", "vfs, machine, network, socket, esp32")
    monkeypatch.setattr(fake_esp32, "START", start)
    chips = []

    def begin(line=None, firmware=True, connectors=False):
        flash = tmp_path / "flash"
        if firmware:
            shutil.copytree(staged, flash)
            (flash / "config.json").write_text(json.dumps(CONFIG))
            (flash / "access.txt").write_text("battery staple\n")
            known = {"rating_ca": 3200, "protocol": 2, "relay": "free"}
            units = {"2433": known, "4F07": {**known, "protocol": 1}} if connectors else {}
            (flash / "state.json").write_text(json.dumps({"units": units}))
        else:
            flash.mkdir()
        if line:
            (flash / "uart2").symlink_to(line.path)
        port = free_port()
        for name, value in (
            ("TWC_SERIAL", "/uart2" if line else ""),
            ("TWC_DE_PIN", ""),
            ("TWC_HTTP_PORT", str(port)),
            ("TWC_WDT_FILE", "/wdt"),
        ):
            monkeypatch.setenv(name, value)
        chip = fake_esp32.FakeEsp32(
            micropython, flash, compiled_standins(), tmp_path / "start_chip.py", image
        )
        chip.host = f"127.0.0.1:{port}"
        chips.append(chip)
        return chip.__enter__()

    yield begin
    for chip in chips:
        chip.__exit__()


def runs(chip, timeout_s=120):
    """Whether the firmware is there, by its page."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            if ask(f"http://{chip.host}/api/status", 3)[0] == 200:
                return True
        except OSError:
            pass
        time.sleep(0.1)
    return False


def test_a_board_at_work(chip, tmp_path, capsys):
    referee = Referee(
        wires_amps=32, max_gap_s=60, slack_ms=1000, question_slack_ms=1000, grace_ms=39
    )
    connectors = [Connector("2433"), Connector("4F07", protocol=1)]
    # A transceiver that hears itself.
    with Line(connectors, referee, echo=True) as line:
        board = chip(line, connectors=True)
        assert runs(board)
        log = tmp_path / "new" / "check.log"
        report = check_board.check(board.port, SECONDS, board.host, log, pause_s=1)
        assert runs(board)
        violations = referee.report(line.now_ms())
        heard = len(referee.heartbeats_to("2433"))
    text = capsys.readouterr().out
    rows = dict(report.rows)
    assert not report.failed and "OK" in text, text
    assert "micropython" in rows["interpreter"]
    assert rows["firmware"].startswith(check_report.VERSION)
    assert "tx 17" in rows["pins"] and "profile generic" in rows["pins"]
    assert "link ok" in rows["connector 2433"] and "protocol 1" in rows["connector 4F07"]
    assert rows["heartbeats"].startswith("every ") and heard > SECONDS
    assert rows["loop-back"].startswith("whole: ")
    assert rows["Wi-Fi"].startswith("127.0.0.1, -61 dBm")
    assert rows["broker"] == "none is configured"
    assert rows["page"].endswith("0 failures") and int(rows["page"].split(" ")[0]) > 2
    assert rows["first frame"].endswith("after a reset")
    # What it may say on the bus is judged by the referee: nothing but what the firmware says.
    assert violations == []
    kept = log.read_text("utf-8")
    assert "CHECK frames [" in kept and rows["heartbeats"] in kept
    for secret in (PASSWORD, "my garden", "battery staple"):
        assert secret not in kept and secret not in text, secret
    assert "(removed): connected" in kept
    # Once to forget Wi-Fi, once to leave it as it was.
    wait_for(lambda: board.resets >= 2)
    assert board.resets == 2


def test_ctrl_c_leaves_the_board_running(chip, project):
    with Line([], echo=True) as line:
        board = chip(line)
        assert runs(board)
        command = [sys.executable, "-m", "tools.check_board", "--port", board.port]
        process = subprocess.Popen(
            [*command, "--host", board.host, "--seconds", "600"],
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ, PYTHONUNBUFFERED="1"),
            start_new_session=True,
        )
        for said in process.stdout:
            if "runs for 600 s" in said:
                break
        # In the middle of it: the page is asked, by the tool too.
        assert runs(board)
        assert int((board.flash / "wdt").read_text()) > 600_000
        resets = board.resets
        os.killpg(process.pid, signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
        assert process.returncode and "The board starts anew" in rest, rest
        wait_for(lambda: board.resets > resets)
        assert board.resets == resets + 1 and runs(board)
        # The firmware's own watchdog again.
        assert int((board.flash / "wdt").read_text()) < 60_000


def test_a_board_without_the_firmware(chip):
    board = chip(firmware=False)
    with pytest.raises(check_board.CheckError, match="There is no firmware on the board"):
        check_board.check(board.port)
    wait_for(lambda: board.resets >= 1)
    assert board.resets == 1


def test_a_version_on_trial_is_left_alone(chip):
    board = chip(firmware=False)
    (board.flash / "firmware").mkdir()
    (board.flash / "firmware/check.mpy").touch()
    (board.flash / "update.try").write_text("1.0\n1")
    with pytest.raises(check_board.CheckError, match="is trying it"):
        check_board.check(board.port)
    # The board is told to start anew, and does so in its own time.
    wait_for(lambda: board.resets >= 1)
    assert board.resets == 1


def test_nothing_that_answers_is_told():
    with pytest.raises(check_board.remote.RemoteError, match="no such device"):
        check_board.check("/dev/no-such-board")


@pytest.mark.parametrize("seconds", ["0", "4", "3601"])
def test_a_time_that_can_not_be(seconds, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["check_board", "--port", "/dev/x", "--seconds", seconds])
    with pytest.raises(SystemExit, match="write 5 to 3600"):
        check_board.main()

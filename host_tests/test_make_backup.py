"""`make backup` and `make restore` with the real mpremote, on a played ESP32."""

import json
import stat
import threading
import zipfile

import pytest
from deploy_bench import files, wait_for

from tools import backup as backing
from tools import survey
from tools.backup import BackupError, backup, is_users, read, restore

pytest_plugins = ("deploy_bench",)

MINE = {
    "config.json": '{"wifi": {"ssid": "home", "password": "secret"}}',
    "config.bak": "{}",
    "state.json": '{"units": {}, "plan": {}}',
    "access.txt": "correct horse\n",
    "lock.txt": "0123",
    "sessions.csv": "one,two\n" * 100,
    "journal.txt": "größer\n",
    "certs/ca.der": "\x00\x01",
}
# What no backup needs: the firmware, what updates leave, what was cut while it was written.
OURS = {
    "main.py": "",
    "firmware/app.mpy": "M",
    "lib/umqtt/simple.mpy": "M",
    "firmware.old/app.mpy": "M",
    "update.try": "xx",
    "state.json.new": "{",
    "config.tmp": "{",
}


def put(flash, contents):
    for name, text in contents.items():
        (flash / name).parent.mkdir(parents=True, exist_ok=True)
        (flash / name).write_text(text)


def held(flash):
    return {name: (flash / name).read_text() for name in files(flash)}


def test_there_and_back(chip, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(backing, "FOLDER", tmp_path / "backups")
    board = chip()
    put(board.flash, MINE | OURS)

    file = backup(board.port)

    said = capsys.readouterr().out
    assert "It holds passwords" in said and str(file) in said
    assert file.parent == tmp_path / "backups" and file.name.startswith("twc-bridge-2433-20")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
    assert names == {"manifest.json", *["files/" + name for name in MINE]}
    assert manifest["id"] == "240ac4002433" and manifest["micropython"].startswith("1.")
    assert set(manifest["files"]) == set(MINE)
    wait_for(lambda: board.resets == 1)

    # Much happens: the settings are other ones, a certificate is gone, a session was charged.
    put(board.flash, {"config.json": "{}", "config.new": '{"saved": "last"}', "lock.txt": "other"})
    (board.flash / "certs/ca.der").unlink()
    (board.flash / "certs").rmdir()
    (board.flash / "config.bak").unlink()
    put(board.flash, {"sessions.csv": "other", "later.csv": "kept", "release.pub": "kept"})

    assert restore(board.port, file) == sorted("/" + name for name in MINE)

    said = capsys.readouterr().out
    assert (
        "Restored 8 files" in said and "Removed, because the backup has none: /config.new" in said
    )
    assert "another board" not in said and "The firmware was not touched" in said
    wait_for(lambda: board.resets == 2)
    assert held(board.flash) == MINE | OURS | {"later.csv": "kept", "release.pub": "kept"}
    assert not (board.flash / "restore.new").exists()


def test_a_restore_that_is_cut_has_changed_nothing(chip, tmp_path):
    board = chip()
    put(board.flash, MINE)
    # Large enough for the cable to be pulled meanwhile; it comes last.
    put(board.flash, {"zzz.csv": "0123456789" * 8000})
    file = backup(board.port, tmp_path / "mine.zip")
    with pytest.raises(BackupError, match="is there already"):
        backup(board.port, file)
    put(board.flash, {"config.json": '{"now": "another"}'})
    before = held(board.flash)

    def unplug():
        wait_for(lambda: (board.flash / "restore.new/zzz.csv").exists())
        board.unplug()

    cutter = threading.Thread(target=unplug)
    cutter.start()
    with pytest.raises(BackupError, match="was unplugged.*can be repeated"):
        restore(board.port, file)
    cutter.join()
    now = held(board.flash)
    assert {name: now[name] for name in now if not name.startswith("restore.new/")} == before

    again = chip()
    restore(again.port, file)
    assert (again.flash / "config.json").read_text() == MINE["config.json"]
    assert not (again.flash / "restore.new").exists()


def test_a_board_with_nothing_on_it_and_a_file_that_arrives_damaged(chip, tmp_path, monkeypatch):
    board = chip()
    put(board.flash, OURS)
    file = tmp_path / "mine.zip"
    with pytest.raises(BackupError, match="nothing of yours"):
        backup(board.port, file)
    put(board.flash, MINE)
    look = survey.look

    def changed_since(port, **options):
        found = look(port, **options)
        put(board.flash, {"lock.txt": "4567"})
        return found

    monkeypatch.setattr(survey, "look", changed_since)
    with pytest.raises(BackupError, match="/lock.txt did not arrive as it is on the board"):
        backup(board.port, file)
    assert not file.exists()


def archive(path, contents, **changes):
    """A backup made by hand."""
    import hashlib

    listed = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in contents.items()
    }
    manifest = {"kind": backing.KIND, "format": 1, "made": "now", "board": "b", "id": "00"}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", json.dumps(manifest | {"files": listed} | changes))
        for name, data in contents.items():
            file.writestr("files/" + name, data)
    return path


def test_what_is_no_backup(tmp_path):
    path = tmp_path / "a.zip"
    assert read(archive(path, {"config.json": b"{}"}))[1] == {"/config.json": b"{}"}
    with pytest.raises(BackupError, match="there is no such file"):
        restore("/dev/none", tmp_path / "none.zip")
    for name in ("../up.txt", "firmware/app.mpy", "main.py", "boot.py", "update.go", "a//b", ""):
        with pytest.raises(BackupError, match="does not belong|no backup"):
            read(archive(path, {name: b"x"}))
    for changes in ({"kind": "photo"}, {"format": 2}, {"files": {}}, {"files": None}, {"made": 3}):
        with pytest.raises(BackupError, match="is no backup made by make backup"):
            read(archive(path, {"config.json": b"{}"}, **changes))
    changed = {"files": {"config.json": {"size": 2, "sha256": "00"}}}
    with pytest.raises(BackupError, match="not as it was saved"):
        read(archive(path, {"config.json": b"{}"}, **changed))
    whole = archive(path, {"config.json": b"{}" * 100}).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError, match="damaged"):
        read(path)


def test_what_is_the_users():
    assert all(is_users("/" + name) for name in MINE) and is_users("/config.new")
    assert not any(is_users("/" + name) for name in OURS)
    assert not is_users("/boot.py") and not is_users("/restore.new/config.json")

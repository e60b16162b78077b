"""Save what is the user's on a board, and put it back.

``python -m tools.backup --port P [--file F]`` writes one .zip, with ``--restore`` it puts the
contents of that file back. What is the user's: every file that is not the firmware, so config.json
and the saved ones beside it, state.json, access.txt, lock.txt, sessions.csv, the journal,
certificates.
"""

import argparse
import datetime
import hashlib
import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path

from tools import deploy, fits, on_board, remote, survey
from tools.stage import ROOT

FOLDER = ROOT / "backups"
MANIFEST = "manifest.json"
KIND = "twc-bridge backup"
FORMAT = 1

# Where a restore is collected, until all of it is there.
ASIDE = "/restore.new"
# What decides how the board behaves: these go if the backup has none, so that the board is as it
# was. Records (sessions.csv, the journal) that were begun later stay.
SETTINGS = (
    "/config.json",
    "/config.bak",
    "/config.bad",
    "/config.new",
    "/config.try",
    "/lock.txt",
)

# After the check of what lies aside: renames only, each of which the file system does whole.
_SWITCH = (
    """
import os
for path in MOVED:
    os.rename(ASIDE + path, path)
"""
    + on_board.REMOVE
)


class BackupError(Exception):
    """A sentence for the reader."""


def main():
    parser = argparse.ArgumentParser(description="Save what is the user's on a board.")
    parser.add_argument("--port", required=True)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--restore", action="store_true")
    options = parser.parse_args()
    try:
        if options.restore:
            restore(options.port, options.file)
        else:
            backup(options.port, options.file)
    except BackupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The board waits at its prompt: press its reset button (EN).")


def backup(port, file=None, *, wait_s=16):
    """Write the files of the user on the board at ``port`` to ``file`` (a .zip that is not there
    yet; None: one in FOLDER with name and time), restart the board, return the path.

    Raises BackupError; then there is no file.
    """
    if file and Path(file).exists():
        raise BackupError(f"FILE={file} is there already: take another name.")
    print(f"Looking at the board on {port}...", flush=True)
    try:
        remote.contact(port, wait_s)
        found = survey.look(port, hash_all=True)
        mine = sorted(path for path in found.files if is_users(path))
        if not mine:
            remote.run(port, ["reset"])
            raise BackupError(f"There is nothing of yours on {found.board}: nothing was saved.")
        with tempfile.TemporaryDirectory() as temporary:
            return _save(port, found, mine, Path(temporary), file)
    except remote.RemoteError as error:
        raise BackupError(f"{error} Nothing was saved.") from error


def _save(port, found, mine, temporary, file):
    for path in mine:
        (temporary / path[1:]).parent.mkdir(parents=True, exist_ok=True)
    copies = [["fs", "cp", ":" + path, temporary / path[1:]] for path in mine]
    remote.run(port, *copies, ["reset"])
    now = datetime.datetime.now()
    files = {}
    for path in mine:
        data = (temporary / path[1:]).read_bytes()
        whole = hashlib.sha256(data).hexdigest()
        size, digest = found.files[path]
        if len(data) != size or not whole.startswith(digest or ""):
            raise BackupError(f"{path} did not arrive as it is on the board. Nothing was saved.")
        files[path[1:]] = {"size": size, "sha256": whole}
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        "made": now.strftime("%Y-%m-%d %H:%M:%S"),
        "board": found.board,
        "id": found.facts["id"],
        "machine": found.facts["machine"],
        "micropython": found.version,
        "files": files,
    }
    file = Path(file or FOLDER / f"{found.board}-{now:%Y%m%d-%H%M%S}.zip")
    try:
        _write(file, manifest, temporary)
    except OSError as error:
        raise BackupError(f"FILE={file} can not be written ({error.strerror}).") from error
    size = sum(entry["size"] for entry in files.values())
    print(f"{len(files)} files, {size / 1024:.1f} KB of {found.board}: {', '.join(files)}")
    print(f"Saved as {file}, readable by you alone. It holds passwords (Wi-Fi, broker, page).")
    return file


def _write(file, manifest, folder):
    file.parent.mkdir(parents=True, exist_ok=True)
    # For nobody else to read, from the first byte on.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1) + "\n")
            for name in manifest["files"]:
                archive.writestr("files/" + name, (folder / name).read_bytes())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def restore(port, file, *, wait_s=16):
    """Put the contents of a backup onto the board at ``port`` and restart it: all of it, or, if
    anything fails before, none. Returns the restored paths. Raises BackupError."""
    manifest, contents = read(file)
    print(f"A backup of {manifest['board']}, made {manifest['made']}.")
    print(f"Looking at the board on {port}...", flush=True)
    try:
        remote.contact(port, wait_s)
        found = survey.look(port)
        try:
            with tempfile.TemporaryDirectory() as temporary:
                return _put_back(port, found, manifest, contents, Path(temporary))
        except fits.UnfitError as error:
            remote.run(port, ["reset"])
            raise BackupError(str(error)) from error
    except remote.RemoteError as error:
        raise BackupError(
            f"{error} Then give the command again: a restore can be repeated."
        ) from error


def _put_back(port, found, manifest, contents, temporary):
    sizes = {path: size for path, (size, _) in found.files.items()}
    left = [path for path in found.files if path.startswith(ASIDE + "/")]
    copies = {ASIDE + path: len(data) for path, data in contents.items()}
    fits.check_room(found.facts, copies, left, sizes)
    for path, data in contents.items():
        (temporary / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        (temporary / path[1:]).write_bytes(data)
    gone = [path for path in SETTINGS if path not in contents]
    folders = sorted(deploy.parents([*copies, *contents]))
    wanted = [(ASIDE + path, deploy.digest(temporary / path[1:])) for path in contents]
    remote.run(
        port,
        remote.program(on_board.CLEAR, TREES=[ASIDE], EMPTY=[], FOLDERS=folders),
        *[["fs", "cp", "-f", temporary / path[1:], ":" + ASIDE + path] for path in contents],
        *remote.in_pieces(on_board.CHECK, "WANTED", wanted),
        remote.program(_SWITCH, ASIDE=ASIDE, MOVED=sorted(contents), GONE=gone),
        remote.program(on_board.CLEAR, TREES=[ASIDE], EMPTY=[], FOLDERS=[]),
        ["reset"],
    )
    removed = [path for path in gone if path in found.files]
    size = sum(len(data) for data in contents.values())
    names = ", ".join(path[1:] for path in sorted(contents))
    print(f"Restored {len(contents)} files, {size / 1024:.1f} KB: {names}")
    if removed:
        print("Removed, because the backup has none: " + ", ".join(removed))
    if manifest["id"] != found.facts["id"]:
        print(f"This is another board: {found.board}. It now behaves as {manifest['board']} did.")
    if "/main.py" not in found.files:
        print("There is no firmware on this board yet: make deploy.")
    else:
        print("The firmware was not touched; the board restarts.")
    return sorted(contents)


def read(file):
    """(manifest, {absolute path: bytes}) of a backup. Raises BackupError unless it is one, and
    whole."""
    if not Path(file).is_file():
        raise BackupError(f"FILE={file}: there is no such file.")
    bad = f"FILE={file} is no backup made by make backup, or damaged"
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["kind"] != KIND or manifest["format"] > FORMAT:
                raise BackupError(f"{bad} (or made by a newer version). Nothing was restored.")
            contents = {}
            for name, entry in manifest["files"].items():
                path = "/" + name
                parts = name.split("/")
                if not {"", "..", "."}.isdisjoint(parts) or "\\" in name or not is_users(path):
                    raise BackupError(f"{bad}: {name} does not belong into one.")
                data = archive.read("files/" + name)
                if hashlib.sha256(data).hexdigest() != entry["sha256"]:
                    raise BackupError(f"{bad}: {name} is not as it was saved.")
                contents[path] = data
            if not contents or not isinstance(manifest["board"] + manifest["made"], str):
                raise ValueError("empty")
            return manifest, contents
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise BackupError(f"{bad} ({error}). Nothing was restored.") from error


def is_users(path):
    """Whether a file on the board (absolute path) is neither the firmware nor half-written."""
    top = path.split("/")[1]
    if top in ("boot.py", "main.py", "firmware", "lib", ASIDE[1:]):
        return False
    if path in deploy.MARKS or "/" + top in deploy.SLOTS:
        return False
    return path == "/config.new" or not path.endswith((".new", ".tmp"))


if __name__ == "__main__":
    main()

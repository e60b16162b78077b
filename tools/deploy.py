"""Put the firmware on a board: ``python -m tools.deploy --port /dev/ttyUSB0``.

Stages .mpy files, removes what an older version left on the board (a stale x.py would win over
x.mpy), uploads what changed, restarts the board, and tells name and password of its access point.
The board's own config.json, state.json and access.txt stay as they are.
"""

import argparse
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.stage import ROOT, StageError, stage

# Of the access point's password, as in firmware/access_point.py: none looks like another one.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"

# Runs on the board. Tells, as a line of JSON, which files lie there, where umqtt comes from, the
# end of the board's id, the password of its access point (None: none yet) and whether config.json
# names a Wi-Fi.
SURVEY = """
import os, json, machine
def walk(folder, found):
    for entry in os.ilistdir(folder or '/'):
        path = folder + '/' + entry[0]
        if entry[1] & 0x4000:
            walk(path, found)
        else:
            found.append(path)
    return found
files = []
for top in os.ilistdir('/'):
    if top[1] & 0x4000:
        if top[0] in ('firmware', 'lib'):
            walk('/' + top[0], files)
    else:
        files.append('/' + top[0])
try:
    import umqtt.simple as u
    umqtt = getattr(u, '__file__', '') or ''
except ImportError:
    umqtt = None
access = None
try:
    with open('/access.txt') as file:
        access = file.read(80).strip()
except (OSError, ValueError):
    pass
ssid = False
try:
    with open('/config.json') as file:
        ssid = bool(json.load(file)['wifi']['ssid'])
except (OSError, ValueError, KeyError, TypeError):
    pass
tail = ''.join(['%02x' % byte for byte in machine.unique_id()[-2:]])
print('SURVEY' + json.dumps({
    'files': files, 'umqtt': umqtt, 'id': tail, 'access': access, 'ssid': ssid}))
"""


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


def deploy(port, config=None, *, project=ROOT, umqtt=ROOT / "build/umqtt/simple.py"):
    """Bring the board at ``port`` up to date and restart it; return the list of removed paths.

    Raises DeployError or StageError.
    """
    config = config or project / "config.json"
    if not config.is_file():
        raise DeployError(f"CONFIG={config}: there is no such file.")
    print(f"Looking at the board on {port}...", flush=True)
    # The first contact ends the running firmware and restarts MicroPython without main.py.
    survey = read_survey(mpremote(port, "exec", SURVEY, resume=False))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "board"
        # Built in on official images; where it is missing (or ours from an earlier deploy) it goes
        # along.
        ours = survey["umqtt"] is None or survey["umqtt"].lstrip("/").startswith("lib/")
        staged = stage(folder, project=project, umqtt=umqtt if ours else None)
        removed = stale(survey["files"], staged)
        if "/config.json" not in survey["files"]:
            shutil.copyfile(config, folder / "config.json")
            print(f"The board has no config.json: it gets {config.name}.", flush=True)
            survey["ssid"] = has_wifi(config)
        if not usable(survey["access"]):
            survey["access"] = "".join(secrets.choice(LETTERS) for _ in range(10))
            (folder / "access.txt").write_text(survey["access"] + "\n")
        print(f"Copying {len(staged)} files...", flush=True)
        mpremote(port, "fs", "cp", "-r", f"{folder}/.", ":")
    # Last: until here an interrupted upload leaves a board that still starts.
    if removed:
        print("Removing " + ", ".join(removed), flush=True)
        mpremote(port, "fs", "rm", *(":" + path for path in removed))
    mpremote(port, "reset")
    print("Done: the board restarts with the new firmware.")
    name = f"twc-bridge-{survey['id']}"
    print(f"Access point {name}, password {survey['access']}")
    if not survey["ssid"]:
        print(
            f"No Wi-Fi is configured: join {name} with your phone, and the page that sets the"
            " board up opens (else ask for http://192.168.4.1/)."
        )
    return removed


def has_wifi(config):
    """Whether a config.json names a Wi-Fi to join."""
    try:
        return bool(json.loads(Path(config).read_bytes())["wifi"]["ssid"])
    except (ValueError, KeyError, TypeError):
        return False


def usable(password):
    """Whether an access point can have this password: 8 to 63 characters of ASCII (WPA2)."""
    return (
        bool(password)
        and 8 <= len(password) <= 63
        and password.isascii()
        and password.isprintable()
    )


def stale(on_board, staged):
    """Paths on the board that are ours, yet not of this version: they would be run or waste flash.

    on_board: absolute paths. staged: relative ones, just staged.
    """
    wanted = {"/" + path.as_posix() for path in staged}
    rivals = {
        path[: -len(suffix)]
        for path in wanted
        for suffix in (".mpy", ".py")
        if path.endswith(suffix)
    }
    found = []
    for path in on_board:
        stem = path.removesuffix(".mpy").removesuffix(".py")
        ours = path.startswith("/firmware/") or (stem != path and stem in rivals)
        if ours and path not in wanted:
            found.append(path)
    return sorted(found)


def read_survey(output):
    """The document that SURVEY printed. Raises DeployError when there is none."""
    for line in output.splitlines():
        if line.startswith("SURVEY"):
            return json.loads(line.removeprefix("SURVEY"))
    raise DeployError(f"The board did not say what it holds:\n{output.strip()}")


def mpremote(port, *command, resume=True):
    """Run one mpremote command on the board and return its output. Raises DeployError."""
    start = ["connect", port] + (["resume"] if resume else [])
    result = subprocess.run(
        [sys.executable, "-m", "mpremote", *start, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        raise DeployError(
            f"{result.stdout.strip()}\nThe board on {port} could not be reached or refused. Is it"
            " plugged in, flashed with MicroPython (make flash), and is no other program, such as"
            " a terminal, using the port?"
        )
    return result.stdout


if __name__ == "__main__":
    main()

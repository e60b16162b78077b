"""Fetch umqtt.simple from the package index into build/umqtt/simple.py, once.

The official ESP32 image has the library built in, the unix port of MicroPython has not. The
index carries it as an archive of plain MicroPython files without build metadata, so pip refuses
to install it. ``pip download --no-clean`` refuses too, but only after it has unpacked the archive
into its temporary folder: that is where the file is taken from. Its SHA-256 is checked.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENT = "micropython-umqtt.simple==1.3.4"
SHA256 = "8555d2f654deb8eb0d724f79b0811a78cc94029d070f3d96bbd74288653d63a5"  # of umqtt/simple.py


def fetch(target, work_folder=None):
    """Put the library at ``target`` (a Path) unless the right file is there already.

    Raises RuntimeError with a sentence for the reader when it can't be had or isn't the known one.
    """
    if target.exists() and sha256(target) == SHA256:
        return
    with tempfile.TemporaryDirectory(dir=work_folder) as temporary:
        output = download(temporary)
        found = sorted(Path(temporary).glob("**/umqtt/simple.py"))
        if not found:
            raise RuntimeError(
                f"{output}\n\n{REQUIREMENT} could not be fetched. This needs a network connection"
                f" once. Without one: copy umqtt/simple.py of that version to {target}."
            )
        if sha256(found[0]) != SHA256:
            raise RuntimeError(
                f"{REQUIREMENT} came with another content than expected (SHA-256"
                f" {sha256(found[0])}): it is not used."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        shutil.copyfile(found[0], partial)
        os.replace(partial, target)


def download(temporary):
    """Let pip unpack the archive somewhere under ``temporary``; return what pip printed."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-clean"]
    command += ["--no-binary", ":all:", "--dest", os.path.join(temporary, "archive"), REQUIREMENT]
    environment = dict(os.environ, TMPDIR=temporary, PIP_DISABLE_PIP_VERSION_CHECK="1")
    result = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return result.stdout.strip()


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    destination = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/umqtt/simple.py"
    if not destination.exists():
        print(f"Fetching {REQUIREMENT}...", flush=True)
    try:
        fetch(destination)
    except RuntimeError as error:
        sys.exit(str(error))
    destination.touch()  # so that make sees it as made now

"""Make a release: ``python -m tools.release [--key file.pem]`` or ``make release``.

What tools/stage.py lays out below firmware/, as build/release/twc-bridge-<version>.tar: first
manifest.txt (see firmware/lib/manifest.py), then, with a key, manifest.sig, then the files.
``python -m tools.release --new-key file.pem`` makes a key, and release.pub for the board. Keys and
signatures are openssl's work.
"""

import argparse
import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tools.stage import ROOT, StageError, find_mpy_cross, stage

FOLDER = Path("build/release")
BITS = 3072
# Lines of firmware/__init__.py and boot.py.
VERSION = r'^VERSION = "([0-9a-z.+-]{1,24})"$'
BOOT = r"^BOOT = (\d+)$"


class ReleaseError(Exception):
    """A sentence for the reader."""


def main():
    parser = argparse.ArgumentParser(description="Make a release for updates over the air.")
    parser.add_argument("--key", type=Path, help="sign with this private key (PEM)")
    parser.add_argument("--new-key", type=Path, help="make this private key, and release.pub")
    options = parser.parse_args()
    try:
        if options.new_key:
            public = new_key(options.new_key)
            print(f"{options.new_key}: the private key. Keep it safe, and out of the checkout.")
            print(f"{public}: put it on the board, and it takes only releases signed by the key:")
            print(f"  mpremote connect /dev/ttyUSB0 fs cp {public} :release.pub")
        else:
            path, count = release(key=options.key)
            signed = ", signed" if options.key else ""
            print(f"{path}: {count} files, {path.stat().st_size / 1024:.0f} KB{signed}")
    except (ReleaseError, StageError) as error:
        sys.exit(str(error))


def release(folder=None, *, key=None, project=ROOT):
    """Write the release of ``project`` into ``folder`` (its build/release); return its path and
    how many files the firmware has. ``key``: path of a private key (PEM) to sign with.

    Raises ReleaseError or StageError.
    """
    project = Path(project)
    folder = Path(folder or project / FOLDER)
    if find_mpy_cross() is None:
        raise ReleaseError("mpy-cross is missing: make setup installs it.")
    version = read(project / "firmware" / "__init__.py", VERSION)
    boot = read(project / "boot.py", BOOT)
    with tempfile.TemporaryDirectory() as temporary:
        stage(temporary, project=project)
        return pack(temporary, folder, version, boot, key)


def pack(staged, folder, version, boot, key=None):
    """The same from a board folder that is laid out already."""
    # boot.py, main.py and lib/ come by cable only.
    paths = sorted(path for path in Path(staged, "firmware").rglob("*") if path.is_file())
    files = [(path.relative_to(staged).as_posix(), path.read_bytes()) for path in paths]
    files.sort()
    manifest = lines(version, boot, files)
    members = [("manifest.txt", manifest)]
    if key:
        members.append(("manifest.sig", sign(manifest, key)))
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / f"twc-bridge-{version}.tar"
    # Whole or not at all.
    draft = path.with_suffix(".draft")
    draft.write_bytes(tar(members + files))
    os.replace(draft, path)
    return path, len(files)


def lines(version, boot, files):
    """The bytes of manifest.txt; ``files``: (path, bytes) of each, in order."""
    compiled = {data[1] for path, data in files if path.endswith(".mpy")}
    if len(compiled) != 1:
        raise ReleaseError(
            f"The modules are compiled for several versions of MicroPython: {compiled}"
        )
    text = f"twc-bridge {version}\nboot {boot}\nmpy {compiled.pop()}\n"
    for path, data in files:
        text += f"{hashlib.sha256(data).hexdigest()} {len(data)} {path}\n"
    return f"{text}end {hashlib.sha256(text.encode()).hexdigest()}\n".encode()


def tar(members):
    """The bytes of an uncompressed ustar file of (name, bytes), with nothing after its end."""
    packed = io.BytesIO()
    for name, data in members:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o644
        packed.write(info.tobuf(tarfile.USTAR_FORMAT))
        packed.write(data + bytes(-len(data) % 512))
    return packed.getvalue() + bytes(1024)


def read(path, pattern):
    """What a line of a file says. Raises ReleaseError."""
    found = re.search(pattern, path.read_text("utf-8"), re.M)
    if not found:
        raise ReleaseError(f"{path} has no line like {pattern}")
    return found[1]


def sign(data, key):
    """The signature of bytes by a private key: RSA, PKCS#1 v1.5, SHA-256."""
    if not Path(key).is_file():
        raise ReleaseError(f"KEY={key}: there is no such file. make key KEY={key} makes one.")
    modulus(key)
    return openssl("dgst", "-sha256", "-sign", str(key), given=data)


def modulus(key):
    """That of a private key in hex digits. Raises ReleaseError for a key that no board takes."""
    digits = openssl("rsa", "-in", str(key), "-noout", "-modulus").decode().strip()
    digits = digits.removeprefix("Modulus=").lower()
    text = openssl("rsa", "-in", str(key), "-noout", "-text").decode()
    if len(digits) not in (512, 768) or "publicExponent: 65537" not in text:
        raise ReleaseError(f"{key}: an RSA key of 2048 or 3072 bits, exponent 65537, is needed.")
    return digits


def new_key(path):
    """Make a private key at ``path``, and release.pub beside it; return the path of that."""
    path = Path(path)
    if path.exists():
        raise ReleaseError(
            f"{path} is there already: a new key would lock boards out. Move it away."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    # Readable for nobody else from the first byte on.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        path.write_bytes(openssl("genrsa", str(BITS)))
    except ReleaseError:
        path.unlink()
        raise
    public = path.with_name("release.pub")
    public.write_text(modulus(path) + "\n")
    return public


def openssl(*arguments, given=None):
    """What openssl prints. Raises ReleaseError."""
    try:
        done = subprocess.run(["openssl", *arguments], input=given, capture_output=True)
    except FileNotFoundError:
        raise ReleaseError("openssl is missing (Debian: apt-get install openssl).") from None
    if done.returncode:
        raise ReleaseError(f"openssl {arguments[0]}: {done.stderr.decode().strip()}")
    return done.stdout


if __name__ == "__main__":
    main()

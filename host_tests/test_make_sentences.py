"""Sentences that a board reads from flash: what is moved, and that it is the same when said."""

import ast
import shutil

import pytest

import firmware
from tools import sentences
from tools.stage import find_mpy_cross, stage

READER = "def from_flash(place): pass\n"


def moved(text):
    """One file's text after the move, and the sentences in their order."""
    texts, held = sentences.move({"firmware/__init__.py": READER, "firmware/a.py": text})
    assert texts["firmware/__init__.py"] == READER
    return texts["firmware/a.py"], held.decode().splitlines()


def test_a_sentence_becomes_a_call():
    text = '"""What it is."""\n\nimport sys\n\ndef f(tell):\n    tell("The bus is silent.")\n'
    assert moved(text) == (
        '"""What it is."""\n\nfrom firmware import from_flash as _from_flash\nimport sys\n\n'
        "def f(tell):\n    tell(_from_flash(18))\n",
        ["The bus is silent."],
    )


def test_values_are_put_in_as_before():
    text = """def f(a, b):
    return (
        f"{a.name!r} has {{}}, "  # of all that
        f"{b / 100:.1f} A{', and more' if a else ''}: "
        "nothing else"
    )
"""
    new, held = moved(text)
    assert held == ["{!r} has {{}}, {:.1f} A{}: nothing else"]
    place = len(held[0])
    assert ast.dump(ast.parse(new).body[1]) == ast.dump(
        ast.parse(
            f"def f(a, b):\n return _from_flash({place}).format(a.name, b / 100, "
            "', and more' if a else '')"
        ).body[0]
    )
    assert held[0].format("x", 1.25, "") == f"{'x'!r} has {{}}, {1.25:.1f} A: nothing else"


def test_each_sentence_has_one_place():
    text = "def f(x):\n    return 'one sentence' if x else 'and another'\n"
    texts, held = sentences.move(
        {"firmware/__init__.py": READER, "firmware/a.py": text, "firmware/b.py": text}
    )
    assert texts["firmware/a.py"] == texts["firmware/b.py"]
    assert held == b"one sentence\nand another\n"
    assert "_from_flash(12) if x else _from_flash(3339)" in texts["firmware/a.py"]
    assert held[3339 >> 8 :][: 3339 & 255] == b"and another"


@pytest.mark.parametrize(
    "text",
    [
        # What is needed while a module is loaded, or each second, or is no sentence.
        "X = 'a sentence here'\n",
        "class A:\n    x = 'a sentence here'\n",
        "def f(x='a sentence here'):\n    pass\n",
        "def f(x):\n    'a sentence here'\n",
        "def f(x):\n    return 'a sentence here' in x or x == 'a sentence here'\n",
        "def f(x):\n    return x.startswith('a sentence here')\n",
        "def f():\n    return 'nosentenceatall', b'a sentence here'\n",
        "def f():\n    return 'of six'\n",
        f"def f():\n    return '{'much too long ' * 20}'\n",
        "def f(x):\n    return f'{x:{x}} a sentence here'\n",
    ],
)
def test_what_stays(text):
    assert moved(text) == (text, [])


def test_what_is_no_python_and_what_can_not_read_stays():
    text = "def f():\n    return 'a sentence here'\n"
    for sources in (
        {"firmware/__init__.py": "", "firmware/a.py": text},
        {"firmware/__init__.py": READER, "firmware/a.py": text, "firmware/b.py": "def f(:\n"},
    ):
        assert sentences.move(sources) == (sources, b"")
    start = {"firmware/__init__.py": READER, "firmware/start.py": text}
    assert sentences.move(start) == (start, b"")


def test_all_of_the_firmware_says_the_same(project):
    """With each call replaced by what it reads, every module is what it was."""
    sources = {
        path.relative_to(project).as_posix(): path.read_text("utf-8")
        for path in sorted((project / "firmware").rglob("*.py"))
    }
    texts, held = sentences.move(sources)
    calls = 0
    for path, text in texts.items():
        said = _Said(held)
        tree = said.visit(ast.parse(text))
        tree.body = [node for node in tree.body if not _is_reader(node)]
        assert ast.dump(tree) == ast.dump(_Plain().visit(ast.parse(sources[path]))), path
        calls += said.calls
    assert calls > 300
    assert "rotary switch" in held.decode()


def _is_reader(node):
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "from_flash"


class _Said(ast.NodeTransformer):
    def __init__(self, held):
        self.calls = 0
        self._held = held

    def visit_Call(self, node):
        self.generic_visit(node)
        if getattr(node.func, "id", "") != "_from_flash":
            return node
        self.calls += 1
        offset, length = divmod(node.args[0].value, 256)
        return ast.Constant(self._held[offset : offset + length].decode())

    def visit_JoinedStr(self, node):
        return _Plain().visit_JoinedStr(self.generic_visit(node))


class _Plain(ast.NodeTransformer):
    """An f-string as MicroPython compiles it: format() of the text around the values."""

    def visit_JoinedStr(self, node):
        self.generic_visit(node)
        text, values = "", []
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += part.value.replace("{", "{{").replace("}", "}}")
                continue
            how = "" if part.conversion < 0 else "!" + chr(part.conversion)
            if isinstance(part.format_spec, ast.Call):
                how += ":" + part.format_spec.func.value.value
            text += "{" + how + "}"
            values.append(part.value)
        call = ast.Attribute(ast.Constant(text), "format", ast.Load())
        return ast.Call(call, values, [])


@pytest.fixture
def flash(tmp_path, monkeypatch):
    """A folder with 100 sentences, "sentence 10." to "sentence 109.", as the current one."""
    (tmp_path / "firmware").mkdir()
    text = "".join([f"sentence {number}.\n" for number in range(10, 110)])
    (tmp_path / "firmware/sentences.txt").write_text(text)
    monkeypatch.chdir(tmp_path)
    for name, value in (("_file", None), ("_texts", {}), ("_before", {}), ("_calls", 0)):
        monkeypatch.setattr(firmware, name, value)
    yield text
    if firmware._file:
        firmware._file.close()


def place(text, sentence):
    return 256 * text.index(sentence) + len(sentence)


def test_few_sentences_are_kept(flash, monkeypatch):
    read = []
    real = firmware._read
    monkeypatch.setattr(firmware, "_read", lambda at: read.append(at) or real(at))
    for number in range(10, 110):
        said = f"sentence {number}."
        assert firmware.from_flash(place(flash, said)) == said
    assert len(read) == 100
    assert len(firmware._texts) + len(firmware._before) <= 24
    # What is said each second is read once, and the others are forgotten then.
    read.clear()
    for _ in range(400):
        for number in range(10, 16):
            assert firmware.from_flash(place(flash, f"sentence {number}.")).endswith(f"{number}.")
    assert len(read) == 6
    assert len(firmware._texts | firmware._before) == 6


def test_a_flash_that_can_not_be_read_stops_nothing(flash, tmp_path):
    (tmp_path / "firmware/sentences.txt").rename(tmp_path / "away")
    assert firmware.from_flash(place(flash, "sentence 10.")) == "?"
    (tmp_path / "away").rename(tmp_path / "firmware/sentences.txt")
    assert firmware.from_flash(place(flash, "sentence 11.")) == "sentence 11."


@pytest.mark.skipif(not find_mpy_cross(), reason="mpy-cross is not installed: nothing is moved")
def test_a_board_says_what_the_sources_say(project, tmp_path, run_micropython):
    tree = tmp_path / "tree"
    (tree / "firmware/lib").mkdir(parents=True)
    shutil.copy(project / "firmware/__init__.py", tree / "firmware")
    text = """def words(amps, name):
    why = f" ({name!r}: {amps:5.1f} {{A}}, 230 V ± 5 %)" if name else ", nobody knows why"
    return f"It draws {amps} of {amps + 1}" f" A{why}."
"""
    (tree / "firmware/lib/said.py").write_text(text, "utf-8")
    (tree / "boot.py").write_text("")
    (tree / "main.py").write_text("import said\nprint(said.words(6, 'left'), said.words(7, ''))\n")
    stage(tmp_path / "board", project=tree)
    script = "import os, sys\nos.chdir('{0}')\nsys.path[:0] = ['', 'firmware/lib']\nimport main\n"
    said = run_micropython(script.format("board"))
    whole = (
        "It draws 6 of 7 A ('left':   6.0 {A}, 230 V ± 5 %). It draws 7 of 8 A, nobody knows why."
    )
    assert said == whole + "\n"
    assert said == run_micropython(script.format("tree"))
    assert b"nobody knows" not in (tmp_path / "board/firmware/lib/said.mpy").read_bytes()
    assert b", nobody knows why\n" in (tmp_path / "board" / sentences.FILE).read_bytes()

"""The documents keep what they say: links, headings, settings, make targets, the firmware's words.

In docs/trouble.md and docs/install.md a block quote is a sentence of the firmware (or of its page
or tools), with what changes from time to time in *italics*; all that stands between the italics
has to stand in one of the sources. The tables of docs/trouble.md headed "sentence" or "it says"
have such sentences in italics, shortened by an ellipsis, and with numbers.
"""

import ast
import functools
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
QUOTING = [ROOT / "docs/trouble.md", ROOT / "docs/install.md"]

# What board and bridge make by themselves: named in the documents, in no folder here.
MADE_ON_BOARD = {"last_words.txt", "lock.txt", "access.txt", "sessions.csv", "state.json"}

# Look like settings: an action of Home Assistant; the modules of a package.
OTHERS = {"mqtt.publish"}
PACKAGES = ("firmware", "charging", "twc")

every_document = pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)


@every_document
def test_links_lead_to_files_and_headings(path):
    wrong = []
    for target in links(path.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.exists():
            wrong.append(f"{target}: no such file")
        elif anchor and anchor not in anchors(there):
            wrong.append(f"{target}: no such heading")
    assert not wrong


def test_every_document_is_reached_from_the_readme():
    reached, due = set(), [ROOT / "README.md"]
    while due:
        path = due.pop()
        if path in reached:
            continue
        reached.add(path)
        for target in links(path.read_text()):
            there = (path.parent / target.partition("#")[0]).resolve()
            if there.suffix == ".md" and there.is_file():
                due.append(there)
    assert set(DOCS) <= reached


def test_no_picture_is_left_over():
    shown = {
        (path.parent / target).resolve() for path in DOCS for target in links(path.read_text())
    }
    for path in DOCS:
        shown |= {
            (path.parent / name).resolve()
            for name in re.findall(r'<img src="([^"]+)"', path.read_text())
        }
    pictures = {path for path in (ROOT / "docs").iterdir() if path.suffix in (".svg", ".png")}
    assert pictures <= shown


@every_document
def test_settings_exist(path):
    sections, known = settings()
    keys = {name.rpartition(".")[2] for name in known}
    wrong = []
    for code in codes(path.read_text()):
        found = re.fullmatch(r"([a-z_]+)(?:\.(?:<id>|[0-9A-F]{4}))?\.([a-z_]+)", code)
        if not found or found[2] in ("py", "js", "md", "txt", "json", "csv", "css", "html"):
            continue
        section, key = found.groups()
        name = f"units.<id>.{key}" if section == "units" else f"{section}.{key}"
        if name in known or name in told() or name in OTHERS or section in PACKAGES:
            continue
        if section in sections or key in keys:
            wrong.append(code)
    assert not wrong


@every_document
def test_settings_in_examples_exist(path):
    sections, known = settings()
    wrong = []
    for language, block in fences(path.read_text()):
        if language != "json":
            continue
        try:
            example = json.loads(block)
        except ValueError:
            continue  # a piece of one
        if not isinstance(example, dict) or not set(example) & sections:
            continue
        for section, values in example.items():
            if section not in sections and section not in known:
                wrong.append(section)
            elif section == "units":
                wrong += [
                    f"units.{unit}.{key}"
                    for unit, given in values.items()
                    for key in given
                    if f"units.<id>.{key}" not in known
                ]
            elif isinstance(values, dict):
                wrong += [f"{section}.{key}" for key in values if f"{section}.{key}" not in known]
    assert not wrong


@every_document
def test_make_targets_exist(path):
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))
    names = set(re.findall(r"\b([A-Z]{2,})\b", makefile))
    wrong = []
    for command in commands(path.read_text()):
        words = command.split()[1:]
        goals = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
        wrong += [f"make {goal}" for goal in goals[:1] if goal not in targets]
        given = re.findall(r"\b([A-Z]{2,})=", command)
        wrong += [f"{name}= in {command}" for name in given if name not in names]
    assert not wrong


@pytest.mark.parametrize("path", QUOTING, ids=lambda path: path.name)
def test_the_firmware_says_what_is_quoted(path):
    quotes = quoted(path.read_text())
    assert len(quotes) > 3
    wrong = [quote for quote in quotes if not is_said(pieces(quote))]
    assert not wrong


def test_the_firmware_says_what_stands_in_tables():
    cells = sentences_in_tables((ROOT / "docs/trouble.md").read_text())
    assert len(cells) > 15
    wrong = [cell for cell in cells if not is_said(loose_pieces(cell), loose=True)]
    assert not wrong


def test_files_named_in_the_readme_exist():
    block = (ROOT / "README.md").read_text().partition("## Where things live")[2]
    block = block.partition("```")[2].partition("```")[0]
    names = set(re.findall(r"(?<![\w…/])[\w/]+\.(?:py|txt|js|html|css)\b", block))
    assert len(names) > 40
    there = {path.name for path in files_here()}
    wrong = [name for name in names if Path(name).name not in there | MADE_ON_BOARD]
    assert not wrong


# ---- what a document says


def fences(text):
    """[(language, text)] of the fenced blocks."""
    return re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, re.M | re.S)


def prose(text):
    return re.sub(r"^ *```\w*\n.*?^ *```", "", text, flags=re.M | re.S)


def codes(text):
    """The inline code of a document."""
    return re.findall(r"`([^`\n]+)`", prose(text))


def links(text):
    """The targets of its links and pictures."""
    bare = re.sub(r"`[^`\n]*`", "", prose(text))
    return re.findall(r"\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)", bare)


@functools.cache
def anchors(path):
    """Where one may jump to: the headings as GitHub names them, and what has an id."""
    text = prose(path.read_text())
    found = re.findall(r'id="([^"]+)"', text)
    for heading in re.findall(r"^#+ +(.+?)\s*$", text, re.M):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = sum(
            re.fullmatch(re.escape(name) + r"(-\d+)?", other) is not None for other in found
        )
        found.append(f"{name}-{count}" if count else name)
    return found


def commands(text):
    """The calls of make, in inline code and in fenced blocks."""
    found = [code for code in codes(text) if re.match(r"make\b", code)]
    for _, block in fences(text):
        found += [line.partition("#")[0].strip() for line in block.splitlines()]
    return [re.split(r" {3,}", line)[0] for line in found if re.match(r"make [A-Za-z]", line)]


def quoted(text):
    """The block quotes, one a text."""
    found = re.findall(r"(?:^ *>.*\n?)+", text, re.M)
    return [" ".join(re.findall(r"^ *> ?(.*)$", one, re.M)) for one in found]


def pieces(quote):
    """What has to stand in a source, word by word: all but the italics."""
    found = [piece.strip(' .,;:()"') for piece in re.split(r"\*[^*]+\*", quote)]
    return [piece for piece in found if len(piece) > 1]


def sentences_in_tables(text):
    """The italics in the first cells of the tables of sentences."""
    found, inside = [], False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif re.match(r"\| (sentence|it says) \|", line):
            inside = True
        elif inside:
            found += re.findall(r"\*([^*]+)\*", line.split("|")[1])
    return found


def loose_pieces(cell):
    """What stands between the numbers, without the marks at its ends."""
    found = re.split(r"\d+(?: \d{3})*(?:\.\d+)?(?: (?:W|A|kW|min|s|h)\b)?|…|[():]", cell)
    found = [piece.strip(" .,;") for piece in found]
    return [piece for piece in found if len(piece) > 2]


# ---- what is so


@functools.cache
def settings():
    """({sections}, {"section.key"}) of firmware/settings.txt."""
    rows = [
        line.split("|")
        for line in (ROOT / "firmware/settings.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    sections = {row[0].removesuffix(".*") for row in rows}
    known = {
        f"{'units.<id>' if row[0] == 'units.*' else row[0]}.{row[1]}" if row[1] else row[0]
        for row in rows
    }
    return sections, known


@functools.cache
def told():
    """Names with a dot in GET /api/status, "bus.bad": they look like settings."""
    values = (ROOT / "firmware/values.txt").read_text()
    found = set(re.findall(r"\b([a-z_]+\.[a-z_0-9]+)\b", values))
    # Parts of it that have no row in that table, and a section of the same name.
    texts = " ".join(_texts(ast.parse((ROOT / "firmware/document.py").read_text())))
    words = set(re.findall(r"[a-z_0-9]+", texts))
    return found | {
        f"{part}.{word}" for part in ("bus", "mqtt", "surplus", "wifi") for word in words
    }


@functools.cache
def said():
    """{path: (all texts of a source, one after the other)}, with a zero byte where an f-string
    has a value."""
    found = {}
    speaking = [ROOT / "boot.py", ROOT / "main.py"]
    speaking += [*(ROOT / "firmware").rglob("*.*"), *(ROOT / "tools").glob("*.py")]
    for path in speaking:
        if path.suffix == ".py":
            tree = ast.parse(path.read_text())
            found[path] = "\0".join(_texts(tree))
        elif path.suffix == ".js":
            # Texts are put together with + from line to line.
            found[path] = re.sub(r"['`]\s*\+\s*['`]", "", path.read_text())
    return found


def _texts(tree):
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else "\0" for p in node.values]
            yield "".join(parts)
        elif isinstance(getattr(node, "value", None), str) and id(node) not in docstrings:
            yield node.value


def is_said(parts, loose=False):
    """Whether one source has all of the parts (`loose`: each part may be in another one)."""
    if not parts:
        return False
    if loose:
        return all(any(part in text for text in said().values()) for part in parts)
    return any(all(part in text for part in parts) for text in said().values())


@functools.cache
def files_here():
    """The sources and tables of the firmware, its page, tools, simulator and tests."""
    found = [ROOT / "boot.py", ROOT / "main.py"]
    for folder in ("firmware", "tools", "simulator", "host_tests", "host_tests_ha"):
        found += [path for path in (ROOT / folder).rglob("*.*") if "__pycache__" not in path.parts]
    return found

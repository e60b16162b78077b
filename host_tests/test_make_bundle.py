"""Bundles: modules that are one on a board do what they do as several, and what can't be bundled
is told."""

import subprocess
import sys

import pytest

from tools.bundle import BUNDLES, BundleError, bundle, loaded_as, place, renamer
from tools.sentences import move

BOUND = {"firmware/lib/both.py": "twc.low charging.high"}

LOW = '''
"""What is below."""
from micropython import const
import math

_STEP = const(2)
LIMIT = 40
_seen = []


def step(value, high=0):
    """A local name that another module has for a function."""
    _seen.append(value)
    return value + _STEP + high


def count():
    global _seen
    seen, _seen = len(_seen), []
    return seen


class Thing:
    step = _STEP

    def far(self):
        return [step(math.floor(one)) for one in (self.step, LIMIT)]
'''

HIGH = """
import math
import sys

from micropython import const

from twc import low
from twc.low import Thing, count as counted

_STEP = const(30)
_seen = {"high": 1}


def high(low_value):
    def inner(step):
        return low.step(step) + _STEP

    return inner(low_value), sorted(_seen), math.ceil(1.5)


def step():
    return f"{_STEP} {low.LIMIT:03} {counted()}"


class More(Thing):
    def far(self):
        from twc import low

        found = super().far()
        del low
        return found + [name for name in _seen]


def dropped():
    from firmware import forget
    from firmware import alone

    found = alone.FOUND
    del alone
    forget("firmware.alone")
    return found, "firmware.alone" in sys.modules
"""

ALONE = """
from charging import high
from twc.low import LIMIT as most

FOUND = high.step(), most, __name__
"""

PACKAGE = """
import sys
def forget(name):
    module = sys.modules.pop(name, None)
    package, _, last = name.rpartition(".")
    if module is not None and package:
        delattr(sys.modules[package], last)
"""

MAIN = """
from firmware import start
print(start.said())
"""

START = """
def said():
    from charging import high
    from twc import low
    names = "charging.high twc.low firmware.alone firmware.new".split(" ")
    return [high.high(1), high.step(), high.More().far(), low.count(), high.dropped(), names]
"""

TREE = {
    "firmware/__init__.py": PACKAGE,
    "firmware/start.py": START,
    "firmware/alone.py": ALONE,
    "firmware/lib/twc/__init__.py": "",
    "firmware/lib/twc/low.py": LOW,
    "firmware/lib/charging/__init__.py": "",
    "firmware/lib/charging/high.py": HIGH,
}


def run(folder, files):
    """What MAIN prints when the files lie in a folder."""
    micropython = "def const(value):\n    return value\n"
    for path, text in {**files, "main.py": MAIN, "micropython.py": micropython}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    path = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(folder / 'firmware/lib')!r}]; "
    command = [sys.executable, "-c", path + "import main"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_bundle_does_what_its_modules_do(tmp_path):
    texts, made = bundle(TREE, [MAIN], BOUND)
    assert sorted(texts) == [
        "firmware/__init__.py",
        "firmware/lib/alone.py",
        "firmware/lib/both.py",
        "firmware/start.py",
    ]
    apart, together = run(tmp_path / "a", TREE), run(tmp_path / "b", texts)
    assert (
        apart.replace("'firmware.alone')", "'alone')").replace(
            "'charging.high', 'twc.low', 'firmware.alone', 'firmware.new'",
            "'both', 'both', 'alone', 'firmware.new'",
        )
        == together
    )
    assert "[(33, ['high'], 2), '30 040 1', [4, 42, 'high'], 2," in together
    # Each name is told where it comes from.
    known = made["firmware/lib/both.py"]
    assert set(known) == {"firmware/lib/twc/low.py", "firmware/lib/charging/high.py"}
    ours = [new for renamed in known.values() for new in renamed.values()]
    assert len(ours) == len(set(ours)) and known["firmware/lib/twc/low.py"]["LIMIT"] == "LIMIT"


def test_a_bundle_of_which_a_module_is_missing_is_none():
    tree = {path: text for path, text in TREE.items() if "high" not in path}
    tree["firmware/alone.py"] = "from twc import low\nX = low.LIMIT\n"
    texts, _ = bundle(tree, [MAIN], BOUND)
    assert "firmware/lib/low.py" in texts and "firmware/lib/both.py" not in texts
    assert "import low" in texts["firmware/lib/alone.py"]


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("firmware/alone.py", "from twc import low\nkept = low\n", "low is used as a value"),
        ("firmware/alone.py", "from twc.low import nothing\n", "twc.low has no nothing"),
        ("firmware/alone.py", "import firmware.start\n", "use from"),
        ("firmware/alone.py", 'name = "firmware." + kind\n', "name modules whole"),
        ("firmware/alone.py", 'name = f"charging.{kind}"\n', "name modules whole"),
        ("firmware/lib/charging/high.py", "from twc import low\nlow.LIMIT = 3\n", "sets low.LIM"),
        ("firmware/lib/charging/high.py", "from cmath import sin as math\n", "in its bundle"),
        ("firmware/lib/twc/alone.py", "", "alone.py would be two modules"),
        ("firmware/both.py", "", "both.py would be two modules"),
    ],
)
def test_what_can_not_be_bundled_is_told(path, text, why):
    empty = dict.fromkeys(TREE, "")
    tree = {
        **empty,
        "firmware/lib/twc/low.py": LOW,
        "firmware/lib/charging/high.py": "import math",
    }
    with pytest.raises(BundleError, match=why):
        bundle({**tree, path: text}, [MAIN], BOUND)


def test_sentences_name_modules_as_they_are_called_on_a_board():
    reader = "def from_flash(place): pass\n"
    text = (
        'def ask():\n    forget("firmware.said_seldom")\n    tell("The twc.low of firmware.new")\n'
    )
    tree = {**dict.fromkeys(TREE, ""), "firmware/__init__.py": reader}
    tree["firmware/said_seldom.py"] = text
    texts, said = move(tree, renamer(tree, [MAIN], BOUND))
    assert said == b"said_seldom\nThe both of firmware.new\n"
    assert "firmware.said" not in texts["firmware/said_seldom.py"]


def test_the_whole_firmware_has_a_place_for_each_module(project):
    sources = sorted((project / "firmware").rglob("*.py"))
    sources = {path.relative_to(project).as_posix(): path.read_text("utf-8") for path in sources}
    plain = [(project / name).read_text("utf-8") for name in ("boot.py", "main.py")]
    texts, made = bundle(sources, plain)
    assert set(BUNDLES) <= set(texts)
    for path, members in made.items():
        for source in members:
            assert place(source) == path, source
    assert loaded_as("firmware.bus") == "running" and loaded_as("zones") == "zones"

"""What the page is made smaller by before it goes onto the board (tools/minify.py)."""

import gzip
from pathlib import Path

import pytest

from tools.minify import smaller, there

WEB = Path(__file__).resolve().parent.parent / "firmware" / "web"

needs_library = pytest.mark.skipif(not there(), reason="tdewolff-minify is not installed")


@needs_library
@pytest.mark.parametrize(
    "name, text, wanted",
    [
        ("x.js", "// note\nexport const half = sum => sum / 2;\n", "export const half=e=>e/2"),
        ("x.css", "/* note */\na {\n  color: red;\n}\n", "a{color:red}"),
        ("x.html", "<!-- note -->\n<p>\n  text\n</p>\n", "<p>text"),
    ],
)
def test_comments_spaces_and_long_names_go(name, text, wanted):
    assert smaller(name, text.encode()).decode() == wanted


def test_what_is_not_known_stays():
    assert smaller("x.txt", b"a  b\n") == b"a  b\n"


@needs_library
def test_the_whole_page_takes_less_than_40_kb_of_the_flash():
    sizes = {}
    for path in sorted(WEB.iterdir()):
        made = smaller(path.name, path.read_bytes())
        assert len(made) < path.stat().st_size, path.name
        sizes[path.name] = len(gzip.compress(made, 9, mtime=0))
    assert sum(sizes.values()) < 40_000, sizes

"""docs/api.md names all calls, values, commands and status codes that there are."""

import re

import pytest

from firmware import table
from tools import docs_tables

CODE = "request_checks", "pages_*", "asked_web", "twcmanager_post", "lock_*", "config_asked"
CODE += "setup_asked", "webserver"


@pytest.fixture
def text(project):
    return (project / "docs" / "api.md").read_text(encoding="utf-8")


def section(text, title):
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def routes(project, module):
    """The paths below /api/ in _MODULES of a firmware module, and the modules behind them."""
    source = (project / "firmware" / f"{module}.py").read_text("utf-8")
    words = re.search(r"_MODULES = \((.*?)\n\)", source, re.S)[1]
    words = "".join(re.findall(r'b"(.*?)"', words))
    return dict(re.findall(r"(\S+)=(?:firmware\.)?(\w*)", words))


def test_each_value_and_command_is_in_the_tables(project, text):
    told = section(text, "Values and commands")
    named, posted = set(), set()
    for name, path in re.findall(r"^\| (?:`(\S+)` )?\| (?:`/api/(\S+)` )?\| ", told, re.M):
        named.add(name)
        posted.add(path)
    for part in docs_tables.SECTIONS:
        for row in table.rows(part, project / docs_tables.VALUES):
            if table.has_value(row):
                name = f"connectors[].{row[1]}" if part == "connector" else row[1]
                assert name in named or f"{name[:-1]}[]" in named, row
            path = f"<id>/{row[0]}" if part == "connector" else row[0]
            assert (path in posted) == (row[2] == "set" and row[0] != "raw"), row


def test_the_table_is_made_anew(project, tmp_path, text):
    values = project / docs_tables.VALUES
    assert docs_tables.renewed(text, values) == text, "run make docs"
    other = tmp_path / "values.txt"
    lines = "moon|sky.moon|set|-|||%|||its phase, or `unknown`\nsun|-|set|-||||||`on`\n"
    other.write_text(
        values.read_text("utf-8").replace("[bridge slow]\n", f"{lines}[bridge slow]\n")
    )
    new = docs_tables.renewed(text, other)
    assert "\n| `sky.moon` | `/api/moon` | % | its phase, or `null` |\n" in new
    assert "\n| | `/api/sun` | | `on` |\n" in new
    assert docs_tables.renewed(new, values) == text
    with pytest.raises(docs_tables.TableError, match="no end"):
        docs_tables.renewed("<!-- api: bridge -->\n", values)


def test_each_call_is_named_and_each_module_is_there(project, text):
    calls = section(text, "Calls")
    for module, method in (("pages_more", "GET"), ("pages_post", "POST")):
        for path, name in routes(project, module).items():
            if path.startswith("get"):
                continue  # TWCManager's have a document of their own
            known = f"`{method} /api/{path}`" in calls
            known = known or f"`/api/{path}`" in calls or f"`…/{path.split('/')[-1]}`" in calls
            assert known, (method, path)
            source = project / "firmware" / f"{name}.py"
            assert not name or source.exists(), name


def test_each_status_code_is_explained(project, text):
    explained = set()
    for cell in re.findall(r"^\| ([\d, ]+) \|", section(text, "Status codes"), re.M):
        explained |= set(cell.split(", "))
    used = set()
    for pattern in CODE:
        for path in (project / "firmware").glob(f"{pattern}.py"):
            used |= set(re.findall(r'"(\d{3}) [A-Z]', path.read_text("utf-8")))
    # The start page is asked for by people; a redirect leads to it, or it is not there.
    assert used - {"302", "304", "500"} == explained

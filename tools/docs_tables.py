"""The tables of README.md and docs/*.md that are made from firmware/values.txt and settings.txt.

``python -m tools.docs_tables`` (``make docs``) writes them anew; with ``--check`` it only names
the files that are out of date, exit code 1. A table stands between two lines,
``<!-- table: bridge, bridge slow -->`` and ``<!-- end of table -->``: which sections of values.txt
it has. One of the API, with the names of /api/status, begins with ``<!-- api: bridge -->``; those
of settings.txt are in docs_settings.py, that of boards.txt in docs_boards.py.
"""

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if "micropython" not in sys.modules:
    sys.path.insert(0, str(ROOT / "host_tests" / "cpython"))

from firmware import table  # noqa: E402
from tools import docs_boards, docs_settings  # noqa: E402

VALUES = "firmware/values.txt"
SECTIONS = ("bridge", "bridge slow", "connector")

_TABLE = re.compile(r"(<!-- (table|api): (.*?) -->\n).*?(<!-- end of table -->)", re.S)
_OPTIONS = re.compile(r'"options":(\[.*?\])')
_HEAD = "| topic | unit | Home Assistant | meaning |\n| --- | --- | --- | --- |\n"
_API_HEAD = "| `GET /api/status` | POST | unit | meaning |\n| --- | --- | --- | --- |\n"
# What is a command over MQTT only.
NOT_POSTED = ("raw",)


class TableError(Exception):
    """A sentence for the reader: what is wrong with a document or with values.txt."""


def rows(sections, values):
    """Generates (section, row) of these sections of the file ``values``. Raises TableError for a
    section that is not there, and for a row that is none."""
    for section in sections:
        if section not in SECTIONS:
            raise TableError(f"There is no section {section!r}: write {', '.join(SECTIONS)}.")
        for row in table.rows(section, values):
            if len(row) != 10:
                raise TableError(f"{values}: {row[0]} has {len(row)} fields and not 10.")
            yield section, row


def lines(sections, values):
    """Generates the lines of a table of topics in Markdown, one for each row."""
    for _, row in rows(sections, values):
        topic, command = row[0], row[2] == "set"
        names = [f"`{topic}`"] if table.has_value(row) else []
        if command:
            names.append(f"`{topic}/set`")
        kind, name, category = row[3], row[4], row[7]
        entity = "" if kind == "-" else f"{name} ({kind.replace('_', ' ')})"
        if category.endswith(" off"):
            entity += ", disabled"
        yield _line(", ".join(names), row[6], entity, _meaning(row))


def api_lines(sections, values):
    """The same of a table of the API."""
    for section, row in rows(sections, values):
        # What is a text as a topic is a list there, and nothing is null.
        told = row[1][:-1] + "[]" if row[1].endswith(".") else row[1]
        meaning = _meaning(row).replace("`unknown`", "`null`").replace(", or `none`", "")
        name = f"`connectors[].{told}`" if section == "connector" else f"`{told}`"
        posted = row[2] == "set" and row[0] not in NOT_POSTED
        under = "/api/<id>/" if section == "connector" else "/api/"
        if table.has_value(row) or posted:
            yield _line(
                name if table.has_value(row) else "",
                f"`{under}{row[0]}`" if posted else "",
                row[6],
                meaning,
            )


def _meaning(row):
    options = _OPTIONS.search(row[8])
    words = [f"`{word}`" for word in json.loads(options[1])] if options else ()
    return f"{row[9]}: {', '.join(words)}" if options else row[9]


def _line(*cells):
    return "|" + "|".join([f" {cell} " if cell else " " for cell in cells]) + "|\n"


def renewed(text, values):
    """A document with its tables made anew from the file ``values``. Raises TableError."""

    def made(found):
        sections = [name.strip() for name in found[3].split(",")]
        head, made_of = (_HEAD, lines) if found[2] == "table" else (_API_HEAD, api_lines)
        return found[1] + head + "".join(made_of(sections, values)) + found[4]

    text, count = _TABLE.subn(made, text)
    begun = text.count("<!-- table:") + text.count("<!-- api:")
    if begun != count or text.count("<!-- end of table -->") != count:
        raise TableError("A table has no end, or an end no table.")
    return text


def documents(project=ROOT):
    """The documents that may have tables, as paths."""
    return [project / "README.md", *sorted((project / "docs").glob("*.md"))]


def main(arguments=None, project=ROOT):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing, only say what is old")
    options = parser.parse_args(arguments)
    old = []
    for path in documents(project):
        text = path.read_text("utf-8")
        try:
            new = renewed(text, project / VALUES)
            new = docs_settings.renewed(new, project / docs_settings.SETTINGS)
            new = docs_boards.renewed(new, project / docs_boards.BOARDS)
        except (TableError, docs_settings.SettingsError, docs_boards.BoardsError) as error:
            print(f"{path.relative_to(project)}: {error}", file=sys.stderr)
            return 1
        if new != text:
            old.append(str(path.relative_to(project)))
            if not options.check:
                path.write_text(new, "utf-8")
    if old and options.check:
        print(f"Out of date, run make docs: {', '.join(old)}", file=sys.stderr)
        return 1
    for name in old:
        print(f"{name}: made anew from {VALUES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

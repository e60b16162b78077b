"""The tables of README.md and docs/*.md that are made from firmware/values.txt.

``python -m tools.docs_tables`` (``make docs``) writes them anew; with ``--check`` it only names
the files that are out of date, exit code 1. A table stands between two lines,
``<!-- table: bridge, bridge slow -->`` and ``<!-- end of table -->``: which sections of values.txt
it has.
"""

import argparse
import json
import re
import sys
from pathlib import Path

from firmware import table

ROOT = Path(__file__).resolve().parent.parent
VALUES = "firmware/values.txt"
SECTIONS = ("bridge", "bridge slow", "connector")

_TABLE = re.compile(r"(<!-- table: (.*?) -->\n).*?(<!-- end of table -->)", re.S)
_OPTIONS = re.compile(r'"options":(\[.*?\])')
_HEAD = "| topic | unit | Home Assistant | meaning |\n| --- | --- | --- | --- |\n"


class TableError(Exception):
    """A sentence for the reader: what is wrong with a document or with values.txt."""


def lines(sections, values):
    """Generates the lines of a table in Markdown: one for each row of these sections of the file
    ``values``. Raises TableError for a section that is not there."""
    for section in sections:
        if section not in SECTIONS:
            raise TableError(f"There is no section {section!r}: write {', '.join(SECTIONS)}.")
        for row in table.rows(section, values):
            if len(row) != 10:
                raise TableError(f"{values}: {row[0]} has {len(row)} fields and not 10.")
            topic, command = row[0], row[2] == "set"
            names = [f"`{topic}`"] if table.has_value(row) else []
            if command:
                names.append(f"`{topic}/set`")
            kind, name, category = row[3], row[4], row[7]
            entity = "" if kind == "-" else f"{name} ({kind.replace('_', ' ')})"
            if category.endswith(" off"):
                entity += ", disabled"
            meaning = row[9]
            options = _OPTIONS.search(row[8])
            if options:
                words = [f"`{word}`" for word in json.loads(options[1])]
                meaning += f": {', '.join(words)}"
            cells = [", ".join(names), row[6], entity, meaning]
            yield "|" + "|".join([f" {cell} " if cell else " " for cell in cells]) + "|\n"


def renewed(text, values):
    """A document with its tables made anew from the file ``values``. Raises TableError."""

    def made(found):
        sections = [name.strip() for name in found[2].split(",")]
        return found[1] + _HEAD + "".join(lines(sections, values)) + found[3]

    text, count = _TABLE.subn(made, text)
    if text.count("<!-- table:") != count or text.count("<!-- end of table -->") != count:
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
        except TableError as error:
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

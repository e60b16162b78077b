"""docs/settings.md: its tables are those of settings.txt, its examples are taken as they stand."""

import json
import re

import pytest

import configuration
from tools import docs_settings, docs_tables

# A part of /api/status, and an action of Home Assistant.
ELSEWHERE = ("surplus.note", "mqtt.publish")


@pytest.fixture
def settings(project):
    return project / docs_settings.SETTINGS


@pytest.fixture
def text(project):
    return (project / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_settings(settings, text):
    assert docs_settings.renewed(text, settings) == text, "run make docs"
    # Each key once.
    told = re.findall(r"^\| `(.*?)` \|", text, re.M)
    assert sorted(told) == sorted(docs_settings.key(row) for row in docs_settings.rows(settings))


def test_a_table_that_is_out_of_date_is_named_and_renewed(project, tmp_path, capsys):
    for name in ("docs/settings.md", "README.md", docs_tables.VALUES, docs_settings.SETTINGS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((project / name).read_text("utf-8"), "utf-8")
    assert docs_tables.main(["--check"], tmp_path) == 0
    table = tmp_path / docs_settings.SETTINGS
    table.write_text(
        table.read_text("utf-8").replace("|whole|6|6|240|", "|whole|6|6|241|"), "utf-8"
    )
    assert docs_tables.main(["--check"], tmp_path) == 1
    assert "docs/settings.md" in capsys.readouterr().err
    assert docs_tables.main([], tmp_path) == 0 and docs_tables.main(["--check"], tmp_path) == 0
    assert "| 6 to 241 A |" in (tmp_path / "docs" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<!-- settings: wire -->\n<!-- end of settings -->", "There is no section 'wire'"),
        ("<!-- settings: wires -->\n", "has no end"),
        ("<!-- end of settings -->", "has no end, or an end no table"),
    ],
)
def test_mistakes_in_a_document_are_told(project, tmp_path, capsys, text, sentence):
    with pytest.raises(docs_settings.SettingsError, match=sentence):
        docs_settings.renewed(text, project / docs_settings.SETTINGS)


def test_a_row_with_a_field_too_few_is_told(tmp_path):
    (tmp_path / "settings.txt").write_text("wires|max_amps|whole|6|6|240|A\n")
    with pytest.raises(docs_settings.SettingsError, match="has 7 fields, not 8"):
        docs_settings.rows(tmp_path / "settings.txt")


def test_the_keys_that_documents_name_are_there(project, settings):
    rows = docs_settings.rows(settings)
    keys = {docs_settings.key(row) for row in rows}
    sections = {row["section"].split(".")[0] for row in rows}
    for path in docs_tables.documents(project):
        if path.name == "api.md":
            continue  # the parts of /api/status have such names, too
        text = path.read_text("utf-8")
        for word in re.findall(r"`([a-z]+\.(?:<id>\.)?[a-z_]+)`", text):
            section, end = word.split(".")[0], word.split(".")[-1]
            # Not what is a file, a table of Home Assistant, or a part of /api/status.
            if word in ELSEWHERE:
                continue
            if section in sections and end not in ("py", "txt", "json", "md", "state", "ip"):
                assert word in keys or f"{section}.<id>.{end}" in keys, (path.name, word)


def test_the_examples_can_be_used_as_they_stand(project, text):
    readme = (project / "README.md").read_text("utf-8")
    (given,) = [json.loads(one) for one in re.findall(r"^```json\n(.*?)^```", readme, re.M | re.S)]
    assert configuration.check(given)[1] == []
    (body,) = re.findall(r"^curl .* -d '(.*)'$", text, re.M)
    given = json.loads(body)
    assert given.pop("restart") is True and configuration.check(given)[1] == []

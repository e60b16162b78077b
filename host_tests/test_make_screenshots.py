"""`make screenshots`: the pictures of the page that README.md shows."""

import re
import struct

import pytest
from page_server import NO_PLAYWRIGHT, find_chromium

pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT)

from tools import screenshots


def test_readme_and_docs_show_pictures_that_are_made(project):
    text = (project / "README.md").read_text("utf-8")
    text += "".join([path.read_text("utf-8") for path in (project / "docs").glob("*.md")])
    shown = set(re.findall(r"\(?(?:docs/)?(page[a-z-]*\.png)", text))
    assert shown == set(screenshots.PICTURES)
    assert all((project / "docs" / name).exists() for name in shown)


def test_a_picture_is_taken(tmp_path):
    if find_chromium() is None:
        pytest.skip("no Chromium is installed")
    screenshots.take(tmp_path, ["page-inputs.png"])
    data = (tmp_path / "page-inputs.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == screenshots.PICTURES["page-inputs.png"][1:3]
    # An empty page of this size takes some 5 KB.
    assert len(data) > 20000

"""docs/timetable.md: its example is taken as it stands, its zones are those of the database."""

import json
import re
import zoneinfo
from pathlib import Path

import pytest

from configured_times import check_timetable, check_zone


@pytest.fixture
def text(project):
    return (project / "docs" / "timetable.md").read_text(encoding="utf-8")


def test_the_example(text):
    config = json.loads(re.search(r"```json\n(.*?)```", text, re.S)[1])
    problems = []
    windows = check_timetable(config["timetable"], problems)
    assert problems == []
    assert windows == [
        (31, 22 * 60, 6 * 60 + 30, "fast", None, 8000, "late"),
        (96, 60, 300, "manual", 10, 0, "early"),
        (31, 17 * 60, 20 * 60, "off", None, 0, "early"),
    ]
    assert check_zone(config["clock"]["zone"]) is None


def test_the_zones(text):
    zones = re.findall(r"^\| (\w+/\w+) \| `(.*)` \|$", text, re.M)
    assert len(zones) == 11
    for place, zone in zones:
        assert check_zone(zone) is None, place
        files = [Path(folder) / place for folder in zoneinfo.TZPATH]
        for file in [file for file in files if file.is_file()][:1]:
            # The last line of a file of the database (RFC 8536, section 3.3).
            assert file.read_bytes().split(b"\n")[-2].decode() == zone, place

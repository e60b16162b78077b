"""docs/twcmanager.md names all that there is of TWCManager, and nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "twcmanager.md").read_text(encoding="utf-8")


def words(module, name):
    """The text of a constant in firmware/, however many lines it is written on."""
    source = (ROOT / "firmware" / f"{module}.py").read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^{name} = (\(.*?^\)|.*?$)", source)[1]
    return "".join(re.findall(r'"([^"]*)"', found)).split()


def section(title):
    return re.search(rf"(?ms)^## {title}$(.*?)(?=^## |\Z)", PAGE)[1]


def first_cells(title):
    """The names in the first column of a section's table, `…B` written out."""
    found = []
    for cell in re.findall(r"(?m)^\| (`[^|]*?) \|", section(title)):
        names = re.findall(r"`([^`]*)`", cell)
        found += [re.sub(r"^…", names[0][:-1], name) for name in names]
    return found


def test_every_status_topic_is_in_the_table():
    topics = words("twcmanager", "_ALL") + ["<id>/" + one for one in words("twcmanager", "_UNIT")]
    assert sorted(first_cells("Status topics")) == sorted(topics)


def test_every_command_is_in_the_table():
    assert sorted(first_cells("Commands by MQTT")) == sorted(words("twcmanager", "_COMMANDS"))


def test_every_call_is_in_the_table():
    calls = [cell.split("/api/")[1] for cell in first_cells("HTTP calls")]
    posts = words("pages_post", "_TWCMANAGER")
    assert sorted(calls) == sorted([*posts, "getStatus", "getSlaveTWCs"])
    source = (ROOT / "firmware" / "twcmanager_web.py").read_text(encoding="utf-8")
    assert re.findall(r'b"/api/(\w+)"', source) == ["getStatus", "getSlaveTWCs"]
    modules = (ROOT / "firmware" / "pages_more.py").read_text(encoding="utf-8")
    assert re.findall(r"(\w+)=firmware\.twcmanager_web", modules) == ["getStatus", "getSlaveTWCs"]


def test_every_key_of_a_call_is_named():
    source = (ROOT / "firmware" / "twcmanager_web.py").read_text(encoding="utf-8")
    told = section("HTTP calls")
    for key in ("chargerLoadInW", "voltsPhaseA", "chargeTime", "lastBatterySOC", "lastHeartbeat"):
        assert key in source and f"`{key}`" in told

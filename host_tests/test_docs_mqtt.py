"""docs/mqtt.md: its tables are those of values.txt, its examples are taken as they stand."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

import configuration
import zones
from charging.commands import command
from charging.new_plan import make
from firmware import table
from tools import docs_tables
from units import Units

ROOT = "twc/garage/"
READINGS = ("surplus/set", "grid/set")
# Taken by the bridge, not by the plan.
OF_THE_BRIDGE = ("restart/set", "relink/set", "forget/set", "latest/set", "raw/set")


@pytest.fixture
def text(project):
    return (project / "docs" / "mqtt.md").read_text(encoding="utf-8")


@pytest.fixture
def values(project):
    """The topics below the root: (states, commands), a wall connector's with <id>/."""
    states, commands = {"availability", "error"}, set(READINGS)
    for section in docs_tables.SECTIONS:
        under = "<id>/" if section == "connector" else ""
        for row in table.rows(section, project / docs_tables.VALUES):
            if table.has_value(row):
                states.add(under + row[0])
            if row[2] == "set":
                commands.add(f"{under}{row[0]}/set")
    return states, commands


def blocks(text, kind):
    """The code of this kind in a document."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.M | re.S)


def below(topic):
    """twc/garage/2433/limit -> <id>/limit."""
    assert topic.startswith(ROOT), topic
    return topic[len(ROOT) :].replace("2433/", "<id>/")


def why_not(topic, payload):
    """Why the plan refuses a command, or None."""
    document = {
        "wires": {"max_amps": 32},
        "clock": {"zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
        "timetable": [{"days": "mo-su", "from": "22:00", "to": "06:00", "mode": "fast"}],
    }
    config, problems = configuration.check(document)
    assert not problems
    plan = make(config, Units(config), {}, lambda *_: None, 0)
    plan.add("2433", False)
    name = topic[: -len("/set")].replace("<id>", "2433")
    return command(plan, name, payload, 0, zones.parse(config["clock"]["zone"]), 1711832400)


def test_the_tables_are_those_of_the_values(project, values):
    for path in docs_tables.documents():
        text = path.read_text(encoding="utf-8")
        assert docs_tables.renewed(text, project / docs_tables.VALUES) == text, "run make docs"
    assert docs_tables.main(["--check"]) == 0
    text = (project / "docs" / "mqtt.md").read_text(encoding="utf-8")
    for topic in values[0] | values[1]:
        assert f"`{topic.removeprefix('<id>/')}`" in text, topic


def test_a_table_that_is_out_of_date_is_named_and_renewed(project, tmp_path, capsys):
    for name in ("docs/mqtt.md", "README.md", docs_tables.VALUES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(project / name, tmp_path / name)
    assert docs_tables.main(["--check"], tmp_path) == 0
    file = tmp_path / docs_tables.VALUES
    file.write_text(
        file.read_text().replace("[bridge slow]\n", "moon|moon||-||||||its phase\n[bridge slow]\n")
    )
    assert docs_tables.main(["--check"], tmp_path) == 1
    assert "docs/mqtt.md" in capsys.readouterr().err
    assert docs_tables.main([], tmp_path) == 0
    assert "| `moon` | | | its phase |\n<!-- end" in (tmp_path / "docs" / "mqtt.md").read_text()
    assert docs_tables.main(["--check"], tmp_path) == 0


@pytest.mark.parametrize(
    "text, words",
    [
        ("<!-- table: garden -->\n<!-- end of table -->", "no section 'garden'"),
        ("<!-- table: bridge -->\n", "no end"),
        ("<!-- end of table -->\n", "no table"),
    ],
)
def test_a_document_with_a_wrong_marker_is_refused(project, text, words):
    with pytest.raises(docs_tables.TableError, match=words):
        docs_tables.renewed(text, project / docs_tables.VALUES)


def test_each_command_is_explained_and_each_payload_is_taken(text, values):
    section = text.split("\n## Commands\n")[1].split("\n## ")[0]
    explained = set()
    tried = 0
    for topic, meaning in re.findall(r"^\| `(\S+/set)` \| (.*) \|$", section, re.M):
        explained.add(topic)
        if topic in OF_THE_BRIDGE:
            continue
        for payload in re.findall(r"`(.*?)`", meaning) or ["x"]:
            assert why_not(topic, payload) is None, (topic, payload)
            tried += 1
    assert explained == values[1] - set(READINGS)
    assert tried > 30
    late = re.search(r"`({\"mode\": \"fast\", \"at\": \d+})`", section)[1]
    assert "not carried out" in why_not("mode/set", late)
    said = re.search(r"`(mode/set: )(mode is \"faster\".*?)`", section)
    assert why_not("mode/set", "faster") == said[2]


def test_what_mosquitto_is_told_is_taken(text, values):
    shell = blocks(text, "sh")[0]
    sent = re.findall(r"^mosquitto_pub -h \S+ -t (\S+) -m (\S+|'.*')$", shell, re.M)
    assert len(sent) == shell.count("mosquitto_pub") > 5
    for topic, payload in sent:
        topic = below(topic)
        assert topic in values[1], topic
        if topic not in READINGS:
            assert why_not(topic, payload.strip("'")) is None, (topic, payload)


def test_the_flow_for_node_red(text, values):
    (flow,) = [json.loads(block) for block in blocks(text, "json") if block.startswith("[")]
    nodes = {node["id"]: node for node in flow}
    assert len(nodes) == len(flow)
    tab, broker = flow[0], flow[1]
    assert (tab["type"], broker["type"]) == ("tab", "mqtt-broker")
    for node in flow[2:]:
        assert node["z"] == tab["id"]
        assert node["type"] in ("mqtt in", "mqtt out", "function", "inject", "debug")
        for wire in [target for output in node["wires"] for target in output]:
            assert nodes[wire]["type"] not in ("mqtt in", "inject")
        if node["type"].startswith("mqtt"):
            assert node["broker"] == broker["id"]
        if node["type"] == "mqtt out":
            assert below(node["topic"]) in values[1]
            assert node["retain"] == "false", "else what is retained is passed on as such"
        if node["type"] == "mqtt in" and node["topic"].startswith("twc/"):
            assert below(node["topic"]) in values[0]
        if node["type"] == "inject":
            (target,) = node["wires"][0]
            assert why_not(below(nodes[target]["topic"]), node["payload"]) is None


def test_the_function_of_the_flow(text):
    node_js = shutil.which("node")
    if not node_js:
        pytest.skip("node is not installed")
    (flow,) = [json.loads(block) for block in blocks(text, "json") if block.startswith("[")]
    (function,) = [node["func"] for node in flow if node["type"] == "function"]
    for message, passed in (
        ({"payload": "-1234.6", "retain": False}, -1235),
        ({"payload": 980, "retain": False}, 980),
        ({"payload": "980", "retain": True}, None),
        ({"payload": "unavailable", "retain": False}, None),
        ({"payload": "", "retain": False}, None),
    ):
        call = f"(function (msg) {{ {function} }})({json.dumps(message)})"
        script = f"console.log(JSON.stringify({call}))"
        printed = subprocess.run(
            [node_js, "-e", script], capture_output=True, text=True, check=True
        ).stdout
        told = json.loads(printed)
        assert (told and told["payload"]) == passed, message
        assert told is None or "retain" not in told


def test_the_configurations(text):
    found = [json.loads(block) for block in blocks(text, "json") if block.startswith("{")]
    assert len(found) == 4
    for config in found:
        checked, problems = configuration.check({"wires": {"max_amps": 32}, **config})
        assert problems == [], config
        for section in config:
            if section in ("homeassistant", "plan"):
                for key in config[section]:
                    assert checked[section][key] == config[section][key]


def test_the_automation_of_home_assistant(text):
    (automation,) = [block for block in blocks(text, "yaml") if block.startswith("automation")]
    (automation,) = yaml.safe_load(automation)["automation"]
    (action,) = automation["actions"]
    assert action["action"] == "mqtt.publish"
    assert below(action["data"]["topic"]) == "grid/set"
    assert "retain" not in action["data"]
    entity = automation["triggers"][0]["entity_id"]
    for template in (action["data"]["payload"], automation["conditions"][0]["value_template"]):
        assert entity in template
        assert template.count("{{") == template.count("}}") == 1


def test_the_entities_that_are_named_are_there(project, text):
    found = re.findall(r"\b([a-z_]+)\.twc_garage_(2433_)?([a-z_]+)", text)
    assert len(found) > 10
    for kind, unit_id, topic in found:
        sections = ["connector"] if unit_id else ["bridge", "bridge slow"]
        rows = [row for name in sections for row in table.rows(name, project / docs_tables.VALUES)]
        assert [row[3] for row in rows if row[0] == topic] == [kind], topic


def test_evcc_reads_and_writes_what_is_there(text, values):
    topics = set(re.findall(r"\btopic: (twc/\S+?)[ }\n]", text))
    written = {topic for topic in topics if topic.endswith("/set")}
    assert {below(topic) for topic in written} == {"<id>/allow/set", "<id>/limit/set", "grid/set"}
    for topic in topics:
        assert below(topic) in values[0] | values[1], topic
    (evcc,) = [block for block in blocks(text, "yaml") if "chargers:" in block]
    (charger,) = yaml.safe_load(evcc)["chargers"]
    # Two repetitions may get lost before a permission ends, and a state comes each 30 s.
    said = json.loads(
        re.search(r"if .enable}}(.*?){{else", charger["enable"]["set"]["payload"])[1]
    )
    assert int(charger["enable"]["timeout"].rstrip("s")) / 2 * 3 < said["seconds"]
    assert {part["timeout"] for part in charger.values() if "jq" in part} == {"90s"}

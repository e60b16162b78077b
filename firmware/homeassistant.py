"""What Home Assistant is told, so that it makes entities of the values: MQTT discovery.

Made from the table, as whole PUBLISH packets in small pieces: how long a payload is, is found by
making it once for nothing. Loaded for each announcement, and dropped. Two forms: one payload for
each device (since Home Assistant 2024.11), or one for each entity. Their fields:
https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery and the pages of the platforms;
which of the short names are known, what "None" does and what is an error was looked up in the
integration's source, of 2024.3.3 and 2025.1.4.
"""

import json

from firmware import VERSION, board, forget, table

# What was announced last: form and prefix.
FILE = "homeassistant.txt"


def pieces(app):
    """Generates what the broker is to be sent, retained, QoS 0, for the firmware.app.App: bytes
    of at most 512, or none at all, where nothing is ready but others should have their turn.

    What is forgotten goes first, see homeassistant_gone.py. Raises OSError without the table."""
    base = board.own_name()
    given = app.config["homeassistant"]
    form, prefix = given["discovery"], given["prefix"]
    name, root = app.name, "twc/" + app.name
    units = [(unit.id, unit.name, app.settings.max_amps(unit.id)) for unit in app.decisions.units]
    told = ""
    try:
        with open(FILE) as file:
            told = file.read()
    except (OSError, UnicodeError):
        pass
    if app.forgotten or told != form + " " + prefix:
        from firmware import homeassistant_gone

        later = yield from homeassistant_gone.pieces(app, base, told, units)
        del homeassistant_gone
        forget("firmware.homeassistant_gone")
        if later:
            return
    if form == "off":
        return
    # Entities are called by the names of bridge and topic, which people know from MQTT.
    if not name.lower().startswith("twc"):
        name = "TWC " + name
    entity = name.lower().replace("-", "_").replace(" ", "_") + "_"
    words = f',"avty_t":"{root}/availability","o":{{"name":"twc-bridge","sw":"{VERSION}"}}'
    words += ',"dev":{"ids":"'
    wires = str(app.gate.wires_amps)
    late = app.decisions.conditions
    device = (
        ("bridge", "bridge slow"),
        "" if late and late.timetable else "timetable",
        base,
        root,
        entity,
        f'{words}{base}","name":"{name}","mf":"twc-bridge","mdl":"TWC bridge","sw":"{VERSION}"}}',
        ("$root", root, "$wires", wires),
    )
    while True:
        # One packet for all rows, or one for each.
        for row in (None,) if form == "device" else _rows(device):
            topic = f"{row[3]}/{device[2]}/{row[0]}" if row else "device/" + device[2]
            length = 0
            for part in _parts(device, row):
                length += len(part.encode())
                # It takes a while, and the bus shall not wait.
                yield b""
            yield head(f"{prefix}/{topic}/config", length)
            for part in _parts(device, row):
                yield part.encode()
        if not units:
            return
        unit_id, name, most = units.pop(0)
        if not name.lower().startswith("wall connector"):
            name = "Wall connector " + name
        name = json.dumps(name)
        own = base + "-" + unit_id
        device = (
            ("connector",),
            "",
            own,
            root + "/" + unit_id,
            entity + unit_id.lower() + "_",
            f'{words}{own}","name":{name},"mf":"Tesla","mdl":"Wall Connector (Gen2)",'
            f'"via_device":"{base}"}}',
            # Until a connector has told its rating, 6 A are taken to be its maximum.
            ("$max", str(max(6, most))),
        )


def head(topic, length):
    """A PUBLISH packet, retained, with QoS 0 (MQTT 3.1.1, section 3.3), up to its payload."""
    topic = topic.encode()
    length += 2 + len(topic)
    start = b"\x31"
    while length > 127:
        start += bytes((length & 127 | 128,))
        length >>= 7
    return start + bytes((length, 0, len(topic))) + topic


# A device is (sections of the table, a row to be left out, its id, the topic above its values,
# what its entities' ids begin with, what describes it, as JSON from a comma on, what is to be
# replaced in more members and by what).


def _rows(device):
    for section in device[0]:
        for row in table.rows(section):
            if row[3] != "-" and row[0] != device[1]:
                yield row


def _parts(device, row):
    """Generates a payload: of one row, or of all of them."""
    if row:
        yield "{" + _names(device, row)
        yield _more(device, row)
        yield device[5] + "}"
        return
    yield "{" + device[5][1:] + ',"cmps":{'
    start = '"'
    for row in _rows(device):
        yield start + row[0] + '":{"p":"' + row[3] + '",' + _names(device, row)
        yield _more(device, row) + "}"
        start = ',"'
    yield "}}"


def _names(device, row):
    """Names and topics of an entity, as JSON."""
    topic, kind = row[0], row[3]
    entity = device[4] + topic
    below = device[3] + "/" + topic
    # The object id is for versions before 2025.10, which do not know what has replaced it.
    text = f'"name":"{row[4]}","uniq_id":"{device[2]}_{topic}","obj_id":"{entity}",'
    text += f'"default_entity_id":"{kind}.{entity}"'
    if table.has_value(row):
        text += f',"stat_t":"{below}"'
    return text + f',"cmd_t":"{below}/set"' if row[2] else text


def _more(device, row):
    """What else there is to an entity, as JSON from a comma on."""
    kind, kind_of, unit, more = row[3], row[5], row[6], row[8]
    text = f',"dev_cla":"{kind_of}"' if kind_of else ""
    if unit:
        text += f',"unit_of_meas":"{unit}"'
        if kind == "sensor":
            state = "total_increasing" if kind_of == "energy" else "measurement"
            text += f',"stat_cla":"{state}"'
    for word in row[7].split():
        text += ',"en":false' if word == "off" else f',"ent_cat":"{word}"'
    # What is not known, and what is cleared, is no number, and no state of a switch. Of a text
    # it is, and 2024.3 takes "None" for a text as it stands.
    if kind == "number":
        text += ',"pl_rst":"unknown"'
    elif "template" not in more and (
        unit or "state_class" in more or kind in ("binary_sensor", "switch", "select")
    ):
        text += ",\"val_tpl\":\"{{ None if value in ['', 'unknown'] else value }}\""
    if more:
        for at in range(0, len(device[6]), 2):
            more = more.replace(device[6][at], device[6][at + 1])
        text += "," + more
    return text

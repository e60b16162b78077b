"""How Home Assistant, and the broker, forget: what was announced in another form or under another
prefix, and wall connectors that are gone. Loaded when there is something to forget, and dropped.

An empty payload for what Home Assistant does not know is a warning in its log. So what was
announced last is remembered in a file, and only that is cleared.
"""

from micropython import const

from firmware import table
from firmware.homeassistant import FILE, head

# After this Home Assistant has removed the entities: a new one with the unique id of one that is
# still there would be refused.
_REMOVED_MS = const(2000)


def pieces(app, base, told, units):
    """Generates packets, as homeassistant.pieces() does, for all of app.forgotten, which is empty
    then, and if `told` is another form or prefix than is wanted now.

    `base`: the id of the bridge; `told`: what the file said; `units`: [(id, …)]. Returns
    whether the rest has to wait: then the report gets to know when."""
    wanted = app.config["homeassistant"]
    wanted = wanted["discovery"] + " " + wanted["prefix"]
    form, _, prefix = told.partition(" ")
    if form not in ("device", "entity", "off") or not prefix:
        told = ""
    while app.forgotten:
        unit_id = app.forgotten[0]
        # Its entities first, so that they do not see their values go.
        yield from _cleared(told or wanted, base + "-" + unit_id, ("connector",))
        for row in table.rows("connector"):
            if table.has_value(row):
                yield head(f"twc/{app.name}/{unit_id}/{row[0]}", 0)
        app.forgotten.pop(0)
    if told == wanted:
        return False
    if told:
        yield from _cleared(told, base, ("bridge", "bridge slow"))
        for unit in units:
            yield from _cleared(told, base + "-" + unit[0], ("connector",))
    try:
        with open(FILE, "w") as file:
            file.write(wanted)
    except OSError:
        # It can not wait for what does not come to pass.
        return False
    if told:
        app.report.born(app.clock.ms() + _REMOVED_MS)
    return bool(told)


def _cleared(told, device_id, sections):
    """Generates packets that remove one device and its entities."""
    form, _, prefix = told.partition(" ")
    if form == "device":
        yield head(f"{prefix}/device/{device_id}/config", 0)
    elif form == "entity":
        for section in sections:
            for row in table.rows(section):
                if row[3] != "-":
                    yield head(f"{prefix}/{row[3]}/{device_id}/{row[0]}/config", 0)

"""What people and machines ask for with POST: the commands of the table (values.txt), as over
MQTT. Loaded for each, and dropped."""

import json

from firmware import forget
from firmware.report import bridge, connector


async def post(app, request):
    """Carries out a command, below /api/ ("/api/mode", "/api/2433/limit") for the
    firmware.app.App. `request`: a request.Request, its body what its topic would get. Returns
    (status, JSON text, b"")."""
    name = str(request.path[5:], "utf-8")
    try:
        words = str(request.body, "utf-8")
    except UnicodeError:
        why = name + ": bytes that are no text."
    else:
        from firmware import asked

        why = asked.carry_out(app, name, words)
        del asked
        forget("firmware.asked")
    if why:
        app.journal.tell("warning", f"/api/{name}: {why}")
        return "400 Bad Request", json.dumps({"error": why}), b""
    unit_id, _, topic = name.rpartition("/")
    return "200 OK", json.dumps(_told(app, unit_id.upper(), topic)), b""


def _told(app, unit_id, topic):
    """What can be set, and how it is now: by the names of /api/status. Of a command that sets
    nothing which could be told, its name."""
    from firmware import table

    values = ()
    if not unit_id:
        values = bridge(app)
    else:
        unit = app.decisions.find(unit_id)
        if unit:
            values = connector(app, unit, app.clock.ms())
    told = {}
    index = 0
    plain = False
    for row in table.rows("connector" if unit_id else "bridge"):
        if table.has_value(row):
            if row[2] == "set" and index < len(values):
                told[row[1]] = values[index]
            index += 1
        elif row[0] == topic:
            plain = True
    forget("firmware.table")
    return {topic: True} if plain else told

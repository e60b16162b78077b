"""Checks what POST /api/config asks for key by key, by the rows of the table. Loaded by
config_asked.py, and dropped before what comes next.
"""

import asyncio

import configured_rows
from configured_table import sections
from firmware import forget
from firmware.config_asked import merged
from written import is_id


async def check(given, said, problems):
    """Tells in `problems` what is wrong in `given`, but in lists. `said`: those sections of
    config.json that have to be looked at as a whole. What is to stay as it is, a secret that is
    true, is taken out of `given`. Returns the paths of keys whose value is to be null."""
    known = []
    nulls = []
    for path, rows in sections(given):
        path = path.split(".")[0]
        known.append(path)
        part = given.get(path)
        if part is not None and path == "name":
            configured_rows.single(rows[0], part, problems)
        elif part is not None and path == "units":
            _check_units(rows, part, problems)
        elif part is not None and rows[0][1]:
            if path == "wifi" and isinstance(part, dict):
                _keep_passwords(part, said[path])
            _check_part(path, rows, part, problems, nulls)
            if path in ("board", "mqtt", "wifi") and isinstance(part, dict):
                all_of_it = merged(said[path], part, path, nulls)
                values = configured_rows.section(path, rows, all_of_it, [])
                _check_links(path, values, all_of_it, problems)
        await asyncio.sleep_ms(0)
    if "board" in given or "ethernet" in given:
        _check_ethernet(given, said, problems, nulls)
    known.sort()
    for key in sorted(given):
        # What nobody knows can be taken away.
        if key not in known and given[key] is not None:
            configured_rows.unknown(key, "", known, problems)
    return nulls


def _check_part(path, rows, part, problems, nulls):
    checked = part
    if isinstance(part, dict):
        checked = {}
        for key in list(part):
            value = part[key]
            row = configured_rows.find(rows, key)
            if value is None:
                if row and configured_rows.can_be_null(row):
                    nulls.append(path + "." + key)
            elif row and row[2] == "secret" and value is True:
                part.pop(key)
            else:
                checked[key] = value
    if path == "vins":
        import configured_vins

        configured_vins.check_vins(checked, problems)
        del configured_vins
        forget("configured_vins")
    else:
        configured_rows.section(path, rows, checked, problems)


def _check_units(rows, part, problems):
    if not isinstance(part, dict):
        problems.append("units is no object: write one with an entry for each wall connector.")
        return
    for unit_id in sorted(part):
        if part[unit_id] is None:
            continue
        if is_id(unit_id.upper()):
            _check_part("units." + unit_id, rows, part[unit_id], problems, [])
        else:
            problems.append(
                f'units has "{unit_id[:20]}": an id is four hex digits such as 2433, as the page '
                "shows it."
            )


def _keep_passwords(part, said):
    from configured_network import keep_passwords

    keep_passwords(part.get("networks"), said)
    forget("configured_network")


def _check_ethernet(given, said, problems, nulls):
    """The pins of Ethernet and of the bus, which must not meet."""
    found = {}
    for path, rows in sections(("board", "ethernet")):
        if rows:
            part = given.get(path)
            part = part if isinstance(part, dict) else {}
            of_it = {} if path in given and given[path] is None else said[path]
            of_it = merged(of_it, part, path, nulls)
            found[path] = configured_rows.section(path, rows, of_it, []), of_it
    if found["ethernet"][0]["use"]:
        import configured_boards
        import configured_network

        board = found["board"][0]
        configured_boards.fill(board, found["board"][1])
        ethernet, said_of_it = found["ethernet"]
        configured_network.check_ethernet(ethernet, board, said_of_it, problems)
        del configured_boards, configured_network
        forget("configured_boards")
        forget("configured_network")


def _check_links(path, values, said, problems):
    if path == "wifi":
        from configured_network import check_wifi

        check_wifi(values, said, problems, lambda sentence: None)
        forget("configured_network")
        return
    import configured_links

    if path == "board":
        configured_links.check_pins(values, said, problems)
    else:
        configured_links.check_tls(values, said, problems, lambda sentence: None)
    del configured_links
    forget("configured_links")

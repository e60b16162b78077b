"""POST /api/config: changes of what config.json says. Loaded for such a request, and dropped.

What is asked for is checked key by key at once; whether all of it goes together the next start
finds out, with all of the memory that there is then (config_new.py).
"""

import gc
import json
import sys

from micropython import const

from firmware import board, forget

_IMPORT_SLOT_MS = const(150)
_LEAST_BYTES = const(6000)

# One after the other is loaded, and dropped again.
_LOADED = "firmware.settings firmware.config_check firmware.config_lists firmware.config_write "
_LOADED += "configured_table configured_rows configured_sources configured_times configured_vins "
_LOADED += "configured_links configured_network configured_boards zones written"

# Sections that have to be looked at as a whole, or with another one.
_WHOLE = "board ethernet mqtt wifi"
_TOGETHER = "sources guard battery"
_WAITS = "What was saved on the settings page counts from the next restart on."


async def post(app, request):
    """Carries it out. `request.body`: bytes of a JSON object of sections, each with what is to be
    changed in it: objects are merged, null removes, lists replace, and true instead of a secret
    keeps it; "restart": true beside them restarts the board. Returns (status, JSON text, b"")."""
    try:
        answer = await _post(app, request)
    except MemoryError:
        answer = _refusal(
            "507 Insufficient Storage",
            "There is not enough memory to check this here: change less at a time, or edit "
            "config.json with mpremote.",
        )
    finally:
        _drop()
    return answer


async def _post(app, request):
    await app.bus.slot(_IMPORT_SLOT_MS, "page")
    from firmware import settings

    given = None
    try:
        text = str(request.body, "utf-8")
        # Never three copies of it at a time.
        request.body = b""
        given = json.loads(text)
        del text
        fine = isinstance(given, dict) and settings.has_text_keys(given)
    except (ValueError, RuntimeError):
        fine = False
    if not fine:
        return _refusal("400 Bad Request", 'Invalid JSON: write { "wires": { "max_amps": 16 } }.')
    restart = given.pop("restart", False)
    if restart is not True and restart is not False:
        return _refusal("400 Bad Request", "restart: write true or false, without quotes.")
    config, problem = settings.current()
    del settings
    if problem:
        return _refusal("409 Conflict", problem)
    saved = bool(given)
    if saved:
        # No more of the file than is needed stands in memory beside what checks.
        together = any([key in given for key in _TOGETHER.split(" ")])
        said = {key: config.get(key) for key in _WHOLE.split(" ")}
        if together:
            said.update({key: config.get(key) for key in _TOGETHER.split(" ")})
        del config
        problems = []
        nulls = await _check(app, given, said, problems)
        del said
        if problems:
            return _refusal("400 Bad Request", " ".join([_short(one) for one in problems]))
        why = await _save(app, given, nulls)
        if why:
            return _refusal(*why)
        names = ", ".join(sorted(given))
        app.journal.tell("info", f"Settings saved: {names}.")
        if _WAITS not in app.problems:
            app.problems.append(_WAITS)
    if restart:
        app.restart()
    return "200 OK", json.dumps({"saved": saved, "restart": restart}), b""


def merged(said, part, path, nulls):
    """A section or unit of config.json with the changes of `part`, a new dictionary. `nulls`:
    paths of keys whose value is to be null; other nulls take away."""
    found = dict(said) if isinstance(said, dict) else {}
    for key in part:
        if part[key] is None and path + "." + key not in nulls:
            found.pop(key, None)
        else:
            found[key] = part[key]
    return found


async def _check(app, given, said, problems):
    """Tells in `problems` what is wrong in `given`; returns which of its nulls are values. `said`:
    some sections of config.json."""
    nulls = await (await _load(app, "firmware.config_check")).check(given, said, problems)
    if problems:
        return
    if given.get("timetable") is not None or "clock" in given:
        (await _load(app, "firmware.config_lists")).check_times(given, problems)
    if said.get("sources") or given.get("sources") is not None:
        before = []
        if said.get("sources") and "sources" not in given:
            (await _load(app, "firmware.config_lists")).check_sources(said, before)
        for key in _TOGETHER.split(" "):
            if isinstance(given.get(key), dict) and key != "sources":
                said[key] = merged(said[key], given[key], key, nulls)
            elif key in given:
                said[key] = given[key]
        if said["sources"] is not None:
            after = []
            (await _load(app, "firmware.config_lists")).check_sources(said, after)
            problems += [one for one in after if one not in before]
    return nulls


async def _save(app, given, nulls):
    """Returns None, or (status, sentence) why it was not saved."""
    config, _ = (await _load(app, "firmware.settings")).current()
    writes = await _load(app, "firmware.config_write")
    writes.merge(config, given, nulls)
    return await writes.write(app, config)


async def _load(app, name):
    """The module of that name, with nothing else beside it. Raises MemoryError before it would
    take what the network of an ESP32 needs."""
    _drop()
    gc.collect()
    if board.heap_left() < _LEAST_BYTES:
        raise MemoryError
    await app.bus.slot(_IMPORT_SLOT_MS, "page")
    __import__(name)
    return sys.modules[name]


def _drop():
    for name in _LOADED.split(" "):
        forget(name)


def _short(sentence):
    """A sentence of the check without the name of the file, and without what would be used in
    place of a wrong value: nothing is changed."""
    if sentence.startswith("config.json: "):
        sentence = sentence[13:]
    for end in ("until you do", "until this is mended"):
        at = sentence.find(end)
        start = sentence.rfind("; ", 0, max(0, at))
        if start >= 0:
            sentence = sentence[:start] + sentence[at + len(end) :]
    return sentence


def _refusal(status, sentence):
    return status, json.dumps({"error": sentence}), b""

"""/api/inputs: what came in, what it was read as and how old it is, so that a wrong sign or unit
is found at once. Loaded for a request, and dropped."""

import json

from micropython import const

import text

# Texts in one piece: short ones of their own would be kept as names for ever.
_KEYS = "topic text read watts age_s max_age_s use problem"

# What a number of a kind is for, as people call it.
_USES = (
    "\nsurplus=surplus"
    "\ngrid=grid meter"
    "\ngeneration=generation"
    "\nconsumption=consumption of the house"
    "\nbattery=house battery"
    "\nbattery_soc=state of charge of the house battery"
    "\nprice=price of a kWh"
    "\nfeed_in=what is paid for a kWh that is fed in"
    "\nvolts=voltage, turns amperes into watts"
    "\ncar_soc=state of charge of a car"
    "\ncar_limit=charge limit of a car"
    "\ncar_plugged=whether a car is plugged in"
    "\ncar_home=whether a car is at home\n"
)

# What a number says that is positive, and one that is negative.
_SIGNS = (
    "\nsurplus= for the cars= too little"
    "\ngrid= import= export"
    "\ngeneration= from the sun= into the inverter"
    "\nconsumption= used= given back"
    "\nbattery= charging= discharging"
    "\ncar_plugged=plugged in=unplugged"
    "\ncar_home=at home=not at home\n"
)

# A little, and no whole number: it may be meant in kW. At night there may be as little.
_LITTLE_WATTS = const(30)


def pieces(app):
    """Generates them: surplus/set and grid/set, then the configured sources."""
    inputs = app.decisions.inputs
    now_ms = app.clock.ms()
    yield '{"inputs": ['
    comma = ""
    for reading in inputs.readings[:2]:
        yield comma + _own(app, inputs, reading, now_ms)
        comma = ", "
    for one in list(inputs.sources.all) if inputs.sources else ():
        yield comma + _source(one, now_ms)
    yield "]}"


def _own(app, inputs, reading, now_ms):
    """What came on surplus/set or grid/set."""
    kind = reading.kind
    watts = age_ms = None
    if kind in inputs.told:
        watts, at_ms, _ = inputs.told[kind]
        age_ms = now_ms - at_ms
    live = age_ms is not None and age_ms <= inputs.max_age_ms
    return _object(
        f"twc/{app.name}/{kind}/set",
        _text(reading.raw),
        _read(kind, "W", watts, reading),
        watts if live else None,
        None if age_ms is None else age_ms // 1000,
        inputs.max_age_ms // 1000,
        _words(_USES, kind, 1),
        # Nobody has to send to them.
        _problem(reading, age_ms, live, None),
    )


def _source(source, now_ms):
    """What came from a configured source."""
    live = source.is_live(now_ms)
    age_ms = None if source.at_ms is None else now_ms - source.at_ms
    kind = source.kind
    use = _words(_USES, kind, 1)
    if not use:
        use = f"grid meter, phase {source.name()[-2:]}"
        kind = "grid"
    if source.whose:
        use += f" ({source.whose})"
    if source.with_cars:
        use += ", with the cars"
    max_age_s = source.max_age_ms // 1000
    if live and age_ms > source.max_age_ms:
        max_age_s = None  # its sender is there, and has nothing new to tell
    return _object(
        source.topic,
        _text(source.raw),
        _read(kind, source.unit, source.value, source),
        source.value if live and source.unit == "W" else None,
        None if age_ms is None else age_ms // 1000,
        max_age_s,
        use,
        _problem(source, age_ms, live, "no message yet"),
    )


def _text(raw):
    """The beginning of a message, as text; "" if there was none."""
    raw = raw or b""
    if isinstance(raw, str):
        return raw
    # It may end in the middle of a letter.
    for end in range(4):
        try:
            return str(raw[: len(raw) - end], "utf-8")
        except (ValueError, UnicodeError):
            pass
    return "bytes that are no text: " + " ".join([f"{byte:02X}" for byte in raw[:12]])


def _read(kind, unit, value, told):
    """What the newest message was read as, in words; `told`: the Source or Reading. None before
    the first one."""
    if told.raw is None:
        return None
    words = None
    if value is not None:
        words = _shown(kind, unit, value)
    if told.unusable:
        # A number from before it goes on ageing.
        return "nothing that counts" if words is None else "nothing; the one before: " + words
    if unit == "W" and 0 < abs(value) < _LITTLE_WATTS and value != int(value):
        words += ": very little. Is it sent in kW?"
    return words


def _shown(kind, unit, value):
    if not unit:
        return _words(_SIGNS, kind, 1 if value else 2)
    if unit == "W":
        number = text.watts(abs(value)) if abs(value) >= _LITTLE_WATTS else f"{abs(value):.3g} W"
    elif unit == "A":
        number = f"{abs(value):.2f} A"
    else:
        if unit == "/kWh":
            return f"{value:.4g} for a kWh"
        return f"{value:.4g} {unit}"
    if value == 0:
        return number
    return number + _words(_SIGNS, kind, 1 if value > 0 else 2)


def _problem(told, age_ms, live, silent):
    """A sentence about what came last, or about nothing coming, or None."""
    if told.unusable:
        return told.unusable
    if age_ms is None:
        return silent
    if not live:
        return f"nothing for {text.age(age_ms)}"
    return None


def _words(lines, kind, place):
    """What stands behind a kind in lines of text, "" if it has none."""
    start = lines.find("\n" + kind + "=")
    return "" if start < 0 else lines[start + 1 : lines.find("\n", start + 1)].split("=")[place]


def _object(*values):
    """The JSON text of an input, from the values of its keys."""
    keys = _KEYS.split(" ")
    told = [f'"{keys[place]}": {json.dumps(values[place])}' for place in range(len(keys))]
    return "{" + ", ".join(told) + "}"

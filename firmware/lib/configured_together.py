"""What config.json says that does not go together: told in sentences, and what gives less counts.

Used by configuration.py, with which it is dropped again.
"""

from micropython import const

from written import shown

# Shorter times than these are for tests: (section, key, seconds, what they do).
_SHORT_TIMES = (
    ("relay", "min_on_s", 300, "wears the relays of wall connector and car; 600 is usual"),
    ("relay", "min_off_s", 300, "wears the relays of wall connector and car; 600 is usual"),
    ("inputs", "max_age_s", 30, "loses readings that are only a little late; 120 is usual"),
    ("surplus", "start_hold_s", 30, "starts a car on every gap in the clouds; 60 is usual"),
)

# Pins of an ESP32: 6 to 11 belong to its flash, 34 to 39 can't send.
_FLASH_PINS = (6, 7, 8, 9, 10, 11)
_LAST_OUTPUT = const(33)

_TLS_PORT = const(8883)

# The least that the spike cure offers ("Heartbeat commands" of the protocol notes).
_SPIKE_AMPS = const(16)


def check_together(config, given, problems):
    """Adds sentences to `problems`. `config`: all of it, as configuration.check returns it;
    `given`: what the file says."""
    wires = config["wires"]["max_amps"]
    if not isinstance(given.get("wires"), dict) or "max_amps" not in given["wires"]:
        problems.append(
            "config.json: wires.max_amps is not set: 6 A for all wall connectors together. "
            "Set it to what wires and breaker carry continuously."
        )
    for unit_id in sorted(config["units"]):
        unit = config["units"][unit_id]
        path = f"units.{unit_id}"
        most = unit["max_amps"]
        if most is not None and most > wires:
            problems.append(
                f"config.json: {path}.max_amps is {most}, but wires.max_amps allows {wires} "
                f"for all together; using {wires}."
            )
        least = unit["min_amps"]
        allowed = wires if most is None else min(most, wires)
        if least is not None and least > allowed:
            problems.append(
                f"config.json: {path}.min_amps is {least}, but only {allowed} A are allowed: "
                "this wall connector gets 0 A. Lower min_amps or raise the limits."
            )
        if unit["phase"] and (unit["phases"] or config["supply"]["phases"]) > 1:
            unit["phase"] = None
            problems.append(
                f"config.json: {path}.phase is for a unit with one phase, and this one has more: "
                f"not used. Write {path}.phases 1 if its car is charged on one."
            )
        if unit["soc_limit"] and not _told("car_soc", config, unit_id):
            problems.append(
                f"config.json: {path}.soc_limit does nothing without a source of the kind "
                '"car_soc" for this unit: add one to sources.'
            )
        if unit["spike_cure"] and allowed < _SPIKE_AMPS:
            problems.append(
                f"config.json: {path}.spike_cure is true, but only {allowed} A are allowed: it "
                f"needs {_SPIKE_AMPS} A or more and does nothing here."
            )
    for path, key, shortest, what in _SHORT_TIMES:
        seconds = config[path][key]
        if seconds < shortest:
            problems.append(f"config.json: {path}.{key} is {seconds} s: so short a time {what}.")
    _check_prices(config, problems)
    for path, default in (("homeassistant", "homeassistant"), ("twcmanager", "TWC")):
        prefix = config[path]["prefix"]
        # A broker drops whoever publishes to a wildcard.
        if not prefix or "+" in prefix or "#" in prefix or prefix.strip("/") != prefix:
            config[path]["prefix"] = default
            problems.append(
                f"config.json: {path}.prefix is {shown(prefix)}: write the beginning of topics, "
                "without + and #, and without a slash at its ends; "
                f'using "{default}" until you do.'
            )
    vins = config["vins"]
    if (vins["allow"] or vins["deny"] or vins["unknown"] == "deny") and not config["bus"][
        "questions"
    ]:
        problems.append(
            "config.json: vins needs bus.questions, which is false: no car tells its VIN, so all "
            f"are unknown, which vins.unknown says to {vins['unknown']}."
        )
    _check_tls(config["mqtt"], given.get("mqtt"), problems)
    _check_pins(config["board"], problems)


def _check_tls(mqtt, given, problems):
    """A password never goes to a broker that has not been checked: then there is none."""
    if not isinstance(given, dict):
        return
    if (mqtt["ca"] or mqtt["pin"]) and not mqtt["tls"]:
        which = "ca" if mqtt["ca"] else "pin"
        if "tls" in given:
            problems.append(
                f"config.json: mqtt.{which} does nothing, since mqtt.tls is false: everybody on "
                "the network can read what is said to the broker, its password too."
            )
            return
        mqtt["tls"] = True
        problems.append(
            f'config.json: mqtt.{which} is for TLS, which is used now: write "tls": true, too.'
        )
    if not mqtt["tls"]:
        return
    if "port" not in given:
        mqtt["port"] = _TLS_PORT
    pin = mqtt["pin"].replace(":", "").replace(" ", "").lower()
    if not mqtt["ca"] and not pin:
        mqtt["host"] = ""
        problems.append(
            "config.json: mqtt.tls is true, but nothing says which broker is the right one: not "
            'connected. Write mqtt.ca, the file of the CA\'s certificate ("ca.der"), or mqtt.pin, '
            "the SHA-256 of the broker's."
        )
    elif pin and (len(pin) != 64 or pin.strip("0123456789abcdef")):
        mqtt["host"] = ""
        problems.append(
            f"config.json: mqtt.pin is {shown(mqtt['pin'])}: not connected. Write the SHA-256 of "
            "the broker's certificate, 64 hex digits."
        )
        pin = ""
    mqtt["pin"] = pin


def _check_prices(config, problems):
    price = config["price"]
    below, above = price["fast_below"], price["solar_above"]
    for key in ("fast_below", "solar_above"):
        if price[key] is not None and not _told("price", config):
            problems.append(
                f"config.json: price.{key} does nothing without a source of the kind "
                '"price": add one to sources.'
            )
    paid = price["import"] is not None or _told("price", config)
    fed = price["feed_in"] is not None or _told("feed_in", config)
    if paid != fed and (price["import"] is not None or price["feed_in"] is not None):
        one, other = ("import", "feed_in") if paid else ("feed_in", "import")
        problems.append(
            f"config.json: price.{one} says nothing about the grid's share without "
            f"price.{other}: write both, or surplus.grid_share."
        )
    if paid and fed and config["surplus"]["grid_share"]:
        problems.append(
            f"config.json: surplus.grid_share is {config['surplus']['grid_share']}, but both "
            "prices are told, from which it follows: it is used only while one is not known."
        )
    if below is not None and above is not None and below > above:
        price["fast_below"] = None
        problems.append(
            f"config.json: price.fast_below is {below}, but price.solar_above is {above}: not "
            "used. Charging fast has to be cheaper than charging with the sun alone."
        )


def _told(kind, config, unit_id=None):
    """Whether a source tells this, of this unit or of any."""
    for source in config["sources"]:
        if source["kind"] == kind and source.get("unit_id", unit_id) in (None, unit_id):
            return True
    return False


def _check_pins(board, problems):
    taken = {}
    for name in ("tx", "rx", "driver_enable", "stop_pin"):
        pin = board[name]
        if pin is None:
            continue
        if pin in _FLASH_PINS:
            problems.append(f"config.json: board.{name} is {pin}: pins 6 to 11 are the flash's.")
        elif pin > _LAST_OUTPUT and name != "rx":
            problems.append(
                f"config.json: board.{name} is {pin}: pins 34 to 39 can neither send nor pull "
                "up; take one from 0 to 33."
            )
        elif pin in taken:
            problems.append(
                f"config.json: board.{name} and board.{taken[pin]} are both {pin}: "
                "give each its own pin."
            )
        taken[pin] = name

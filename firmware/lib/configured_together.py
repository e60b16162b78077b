"""What config.json says that does not go together: told in sentences, and what gives less counts.

Used by configuration.py, with which it is dropped again.
"""

from micropython import const

# Shorter times than these are for tests: (section, key, seconds, what they do).
_SHORT_TIMES = (
    ("relay", "min_on_s", 300, "wears the relays of wall connector and car; 600 is usual"),
    ("relay", "min_off_s", 300, "wears the relays of wall connector and car; 600 is usual"),
    ("inputs", "max_age_s", 30, "loses readings that are only a little late; 120 is usual"),
    ("surplus", "start_hold_s", 30, "starts a car on every gap in the clouds; 60 is usual"),
)

# Keys of "wifi" with more to check than their rows tell.
_NETWORK = ("networks", "address", "mask", "gateway", "dns", "hostname")

# The least that the spike cure offers ("Heartbeat commands" of the protocol notes).
_SPIKE_AMPS = const(16)


def check_together(config, given, problems, advice):
    """Adds sentences to `problems`, and those that only give advice also to the list `advice`.
    `config`: all of it, as configuration.check returns it; `given`: what the file says."""

    def advise(sentence):
        problems.append(sentence)
        advice.append(sentence)

    wires = config["wires"]["max_amps"]
    if not isinstance(given.get("wires"), dict) or "max_amps" not in given["wires"]:
        advise(
            "config.json: wires.max_amps is not set: 6 A for all wall connectors together. "
            "Set it to what wires and breaker carry continuously."
        )
    for unit_id in sorted(config["units"]):
        unit = config["units"][unit_id]
        path = f"units.{unit_id}"
        most = unit["max_amps"]
        if most is not None and most > wires:
            advise(
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
            advise(
                f"config.json: {path}.soc_limit does nothing without a source of the kind "
                '"car_soc" for this unit: add one to sources.'
            )
        if unit["spike_cure"] and allowed < _SPIKE_AMPS:
            advise(
                f"config.json: {path}.spike_cure is true, but only {allowed} A are allowed: it "
                f"needs {_SPIKE_AMPS} A or more and does nothing here."
            )
    for path, key, shortest, what in _SHORT_TIMES:
        seconds = config[path][key]
        if seconds < shortest:
            advise(f"config.json: {path}.{key} is {seconds} s: so short a time {what}.")
    _check_prices(config, problems, advise)
    vins = config["vins"]
    if (vins["allow"] or vins["deny"] or vins["unknown"] == "deny") and not config["bus"][
        "questions"
    ]:
        advise(
            "config.json: vins needs bus.questions, which is false: no car tells its VIN, so all "
            f"are unknown, which vins.unknown says to {vins['unknown']}."
        )
    mqtt = config["mqtt"]
    if "board" in given or mqtt["tls"] or mqtt["ca"] or mqtt["pin"]:
        from configured_links import check_pins, check_tls

        check_tls(mqtt, given.get("mqtt"), problems, advise)
        check_pins(config["board"], given.get("board"), problems)
    wifi = given.get("wifi")
    more = [key for key in _NETWORK if isinstance(wifi, dict) and key in wifi]
    if more or "ethernet" in given:
        from configured_network import check_ethernet, check_wifi

        check_wifi(config["wifi"], wifi, problems, advise)
        check_ethernet(config["ethernet"], config["board"], given.get("ethernet"), problems)


def _check_prices(config, problems, advise):
    price = config["price"]
    below, above = price["fast_below"], price["solar_above"]
    for key in ("fast_below", "solar_above"):
        if price[key] is not None and not _told("price", config):
            advise(
                f"config.json: price.{key} does nothing without a source of the kind "
                '"price": add one to sources.'
            )
    paid = price["import"] is not None or _told("price", config)
    fed = price["feed_in"] is not None or _told("feed_in", config)
    if paid != fed and (price["import"] is not None or price["feed_in"] is not None):
        one, other = ("import", "feed_in") if paid else ("feed_in", "import")
        advise(
            f"config.json: price.{one} says nothing about the grid's share without "
            f"price.{other}: write both, or surplus.grid_share."
        )
    if paid and fed and config["surplus"]["grid_share"]:
        advise(
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

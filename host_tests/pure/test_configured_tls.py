"""config.json, mqtt.tls: no password to a broker that nobody checked."""

import configuration

PIN = "0123456789abcdef" * 4


def check(**mqtt):
    mqtt["host"] = "broker.local"
    config, problems = configuration.check({"wires": {"max_amps": 16}, "mqtt": mqtt})
    return config["mqtt"], problems


def test_plain_is_the_default():
    mqtt, problems = check()
    assert not problems
    assert mqtt["tls"] is False
    assert mqtt["port"] == 1883


def test_ca_or_pin_or_both():
    for more in ({"ca": "ca.der"}, {"pin": PIN}, {"ca": "ca.der", "pin": PIN}):
        mqtt, problems = check(tls=True, **more)
        assert not problems
        assert mqtt["host"] == "broker.local"
        assert mqtt["port"] == 8883
    mqtt, problems = check(tls=True, ca="ca.der", port=1883)
    assert mqtt["port"] == 1883


def test_a_pin_is_taken_as_programs_print_it():
    colons = ":".join([PIN[at : at + 2] for at in range(0, 64, 2)]).upper()
    mqtt, problems = check(tls=True, pin=colons)
    assert not problems
    assert mqtt["pin"] == PIN


def test_nothing_to_check_by_is_no_broker():
    for more in ({}, {"pin": PIN[:62]}, {"pin": PIN + "00"}, {"pin": "z" * 64}, {"ca": 5}):
        mqtt, problems = check(tls=True, **more)
        assert mqtt["host"] == "", more
        assert "not connected" in " ".join(problems)
    # A broken pin is no reason to trust the CA alone.
    mqtt, problems = check(tls=True, ca="ca.der", pin="abc")
    assert mqtt["host"] == ""


def test_what_was_meant_as_tls_is_tls():
    for tls in ("true", 1, None, "yes"):
        mqtt, problems = check(tls=tls, ca="ca.der")
        assert mqtt["tls"] is True, tls
        assert mqtt["host"] == "broker.local"
        assert problems
    mqtt, problems = check(ca="ca.der")
    assert mqtt["tls"] is True
    assert mqtt["port"] == 8883
    assert 'write "tls": true' in problems[0]


def test_tls_that_is_off_is_told_where_a_pin_stands_beside_it():
    mqtt, problems = check(tls=False, pin=PIN)
    assert mqtt["tls"] is False
    assert "mqtt.pin does nothing" in problems[0]

"""What came in, and what it was read as: so that a wrong sign or unit is found at once."""

import json
import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

import configured_sources
from charging.inputs import Inputs
from firmware import inputs_page

KEYS = {"topic", "text", "read", "watts", "age_s", "max_age_s", "use", "problem"}


class Thing:
    def __init__(self, **known):
        for name in known:
            setattr(self, name, known[name])


class House:
    """An app with these sources. Messages are heard one after the other."""

    def __init__(self, *entries):
        problems = []
        sources = configured_sources.check(list(entries), False, problems)
        self.inputs = Inputs(120000, sources)
        self.now_ms = 1000
        self.name = "garage"
        self.clock = Thing(ms=lambda: self.now_ms)
        self.decisions = Thing(inputs=self.inputs)

    def own(self, kind, payload, retained=False):
        self.inputs.receive(kind, payload, retained, 0, self.now_ms)
        return self.told(0 if kind == "surplus" else 1)

    def heard(self, topic, payload, retained=False, place=2):
        self.inputs.heard(topic, payload, retained, 0, self.now_ms)
        return self.told(place)

    def told(self, place):
        found = json.loads("".join(inputs_page.pieces(self)))["inputs"]
        assert all([set(one) == KEYS for one in found])
        return found[place]


def entry(kind, **more):
    return dict(more, kind=kind, topic="a/" + kind)


def test_our_own_topics_are_there_before_anything_came():
    house = House()
    for place, kind, use in ((0, "surplus", "surplus"), (1, "grid", "grid meter")):
        assert house.told(place) == {
            "topic": f"twc/garage/{kind}/set",
            "text": "",
            "read": None,
            "watts": None,
            "age_s": None,
            "max_age_s": 120,
            "use": use,
            "problem": None,
        }
    # But who is configured should say something.
    told = House(entry("price")).told(2)
    assert told["problem"] == "no message yet" and told["use"] == "price of a kWh"
    assert told["max_age_s"] == 21600 and told["watts"] is None


def test_signs_are_told_in_words():
    house = House()
    for kind, payload, watts, read in (
        ("surplus", b"3000", 3000, "3 000 W for the cars"),
        ("surplus", b"-412.6", -412.6, "413 W too little"),
        ("surplus", b" 0 ", 0, "0 W"),
        ("grid", b"1500.4", 1500.4, "1 500 W import"),
        ("grid", b"-1500", -1500, "1 500 W export"),
    ):
        told = house.own(kind, payload)
        assert told["watts"] == watts and told["text"] == payload.decode(), told
        assert told["read"] == read, told
        assert told["age_s"] == 0 and told["problem"] is None
    for more, payload, watts, read in (
        (entry("battery"), "900", 900, "900 W charging"),
        (entry("battery", positive="discharging"), "900", -900, "900 W discharging"),
        (entry("grid", positive="export"), "2000", -2000, "2 000 W export"),
        (entry("grid_l2", unit="A"), "-4.5", None, "4.50 A export"),
        (entry("generation", unit="kW"), "1.846", 1846, "1 846 W from the sun"),
        (entry("consumption", with_cars=True), "655", 655, "655 W used"),
        (entry("battery_soc"), "62.5", None, "62.5 %"),
        (entry("price", unit="/MWh"), "241.1", None, "0.2411 for a kWh"),
        (entry("volts"), "236", None, "236 V"),
        (entry("car_plugged"), "on", None, "plugged in"),
        (entry("car_home", home="Garage"), "work", None, "not at home"),
    ):
        told = House(more).heard(more["topic"], payload)
        assert told["topic"] == more["topic"] and told["text"] == payload
        assert told["problem"] is None and told["watts"] == watts, told
        assert told["read"] == read, told
    assert told["use"] == "whether a car is at home"


def test_a_wrong_unit_is_seen():
    # In words it is no number; in kW without a word it is a number that can hardly be.
    house = House(entry("grid"))
    told = house.heard("a/grid", b"3 kW")
    assert told["problem"] == 'the last text was not a number: "3 kW"'
    assert (told["text"], told["read"], told["watts"]) == ("3 kW", "nothing that counts", None)
    told = house.heard("a/grid", b"-1.846")
    assert told["read"] == "1.85 W export: very little. Is it sent in kW?" and not told["problem"]
    told = house.heard("a/grid", b"-12")
    assert told["read"] == "12 W export"
    told = house.heard("a/grid", b"1e9")
    assert told["problem"] == "the last number is beyond 200 kW: 1000000000.0"


def test_what_was_good_before_goes_on_ageing():
    house = House(entry("grid"))
    house.heard("a/grid", b"-1500")
    house.now_ms += 50000
    told = house.heard("a/grid", b"unavailable")
    assert told["read"] == "nothing; the one before: 1 500 W export"
    assert (told["text"], told["watts"], told["age_s"]) == ("unavailable", -1500, 50)
    house.now_ms += 71000
    assert house.told(2)["watts"] is None
    told = house.heard("a/grid", b"")
    assert told["text"] == "" and told["read"] == "nothing; the one before: 1 500 W export"
    # Good again, and then nothing any more.
    assert house.heard("a/grid", b"-900")["problem"] is None
    house.now_ms += 130000
    told = house.told(2)
    assert (told["problem"], told["age_s"]) == ("nothing for 130 s", 130)
    assert told["watts"] is None and told["read"] == "900 W export"
    assert house.own("surplus", b"900")["watts"] == 900
    house.now_ms += 121000
    told = house.told(0)
    assert (told["watts"], told["age_s"], told["problem"]) == (None, 121, "nothing for 120 s")
    told = house.own("grid", b"-1500", True)
    assert told["problem"] == "retained message of unknown age: -1 500 W"
    assert told["watts"] is None and told["age_s"] is None


def test_a_sender_that_tells_changes_only_is_not_too_old():
    source = entry("grid", on_change=True, alive="a/online")
    house = House(source)
    house.heard("a/online", b"online")
    house.heard("a/grid", b"-1500")
    house.now_ms += 600000
    told = house.told(2)
    assert told["watts"] == -1500 and told["problem"] is None
    assert told["age_s"] == 600 and told["max_age_s"] is None


def test_json_with_its_path_and_several_of_one_topic():
    first = dict(entry("grid_l1", path="em.0.power"), topic="meter")
    second = dict(entry("grid_l2", path="em.1.power", unit="kW"), topic="meter")
    house = House(first, second)
    message = b'{"em": [{"power": -951.2}, {"power": 0.3154}], "more": "' + b"x" * 400 + b'"}'
    house.heard("meter", message)
    one, two = house.told(2), house.told(3)
    assert one["text"] == two["text"] == message[:60].decode()
    assert (one["use"], two["use"]) == ("grid meter, phase L1", "grid meter, phase L2")
    assert (one["read"], two["read"]) == ("951 W export", "315 W import")
    # One of the two is not there any more.
    house.heard("meter", b'{"em": [{"power": 12}]}')
    assert house.told(2)["problem"] is None
    told = house.told(3)
    assert told["problem"] == 'the last message has no "em.1.power"'
    assert told["read"] == "nothing; the one before: 315 W import"
    assert house.heard("meter", b"951")["problem"] == 'the last message has no "em.0.power"'
    assert house.heard("meter", b"{951")["problem"] == 'the last message was not JSON: "{951"'


def test_any_bytes_are_shown_as_text():
    house = House()
    for payload, text in (
        ("ä".encode() * 40, "ä" * 30),
        (b"x" + "ä".encode() * 40, "x" + "ä" * 29),
        (b"\xff\xfe\x00\x31", "bytes that are no text: FF FE 00 31"),
        (b'"\\\n\t', '"\\\n\t'),
    ):
        assert house.own("grid", payload)["text"] == text, payload
    assert len(house.own("grid", b"\xff" * 500)["text"]) <= 60


def test_a_car_is_named():
    source = entry("car_soc", unit_id="2433")
    assert House(source).told(2)["use"] == "state of charge of a car (2433)"

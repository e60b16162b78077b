"""Setting up a new board on the page: each step, what fails, and the way back."""

import json
import re

import pytest
from page_server import NO_PLAYWRIGHT
from page_status import connector, status
from page_views import SETUP

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Their fixtures: browser, server, view.
pytest_plugins = ["page_server", "page_views"]

NO_WAY_IN = "home does not let the board in: is the password right?"


class NewBoard:
    """Answers as a new board does; `log`: what was asked of it, in order."""

    def __init__(self, server, lock="none"):
        self.server = server
        self.setup = json.loads(json.dumps(SETUP))
        self.access = {"lock": lock, "read": "open", "in": lock == "off", "token": False}
        self.gone = 0  # so many answers fail: the phone has lost the access point
        server.document = status(connectors=[], wifi={"state": "off", "ip": "", "rssi": None})
        server.answers.update(
            {
                "/api/config": {"name": "garage", "wires": {"max_amps": 6}},
                "/api/access": lambda *_: dict(self.access),
                "/api/setup": self._setup,
                "POST /api/password": self._password,
                "POST /api/setup/scan": self._scan,
                "POST /api/setup/wifi": self._wifi,
                "POST /api/setup/broker": self._broker,
                "POST /api/config": {"saved": True, "restart": True},
            }
        )

    def _setup(self, *_):
        # As while a request hangs in a network that is gone: the answer is cut off.
        if self.gone:
            self.gone -= 1
            raise ConnectionError
        told = json.loads(json.dumps(self.setup))
        # What is being tried is over at the next look.
        self.setup.update(scanning=False, **self.setup.pop("then", {}))
        return told

    def _password(self, body, _):
        if len(json.loads(body)["password"]) < 8:
            return 400, {"error": "password: 8 to 64 characters."}
        self.access.update({"lock": "set", "in": True})
        return {"in": True}

    def _scan(self, *_):
        networks = [["home", -48, True], ["guest", -75, False]]
        self.setup.update(scanning=True, then={"networks": networks})
        return 202, {"state": "trying"}

    def _wifi(self, body, _):
        given = json.loads(body)
        if not given["ssid"]:
            return 400, {"error": "ssid: write the name of the network, 1 to 32 bytes of text."}
        fine = given["password"] == "charge me"
        result = {
            "state": "joined" if fine else "failed",
            "ssid": given["ssid"],
            "why": "" if fine else NO_WAY_IN,
            "ip": "192.168.1.44" if fine else "",
        }
        self.setup.update(wifi={"state": "trying", "ssid": "home"}, then={"wifi": result})
        return 202, {"state": "trying"}

    def _broker(self, body, _):
        fine = json.loads(body)["host"] == "192.168.1.5"
        why = "" if fine else "10.0.0.1:1883: nobody answers there."
        result = {"state": "connected" if fine else "failed", "why": why}
        self.setup.update(broker={"state": "trying", "why": ""}, then={"broker": result})
        return 202, {"state": "trying"}


def button(page, name):
    return page.locator("#view").get_by_role("button", name=name, exact=True)


def at(page, step, heading):
    """Waits for a step: its number, and its heading, to which the focus has moved."""
    expect(page.get_by_text(re.compile(f"^Step {step} of 6"))).to_be_visible()
    expect(page.get_by_role("heading", name=heading)).to_be_focused()


def described(field, sentence):
    expect(field).to_have_accessible_description(re.compile(re.escape(sentence) + "$"))
    expect(field).to_be_focused()


def test_from_a_new_board_to_charging(view, server):
    board = NewBoard(server)
    page = view("setup", width=360, height=640)
    at(page, 1, "Choose a password for this page")
    password = page.get_by_label("New password")
    password.fill("short")
    button(page, "Next").click()
    described(password, "password: 8 to 64 characters.")
    password.fill("sunshine1")
    password.press("Enter")

    at(page, 2, "Which network is it to join?")
    button(page, "Look for networks").click()
    page.locator(".networks").get_by_role("button", name="home").click()
    expect(page.get_by_label("Name of the network")).to_have_value("home")
    secret = page.get_by_label("Its password")
    expect(secret).to_be_focused()
    secret.fill("wrong one")
    button(page, "Show").click()
    expect(secret).to_have_attribute("type", "text")
    button(page, "Try it").click()
    described(secret, NO_WAY_IN)
    # While the board changes its channel the phone hears nothing of it for a while.
    view.expected += ["/api/setup", "net::ERR_EMPTY_RESPONSE"]
    board.gone = 2
    secret.fill("charge me")
    button(page, "Try it").click()
    expect(page.get_by_text("Joining home")).to_be_visible()
    at(page, 2, "Wi-Fi works")
    expect(page.locator(".note.go")).to_contain_text("at the address 192.168.1.44")
    assert board.gone == 0
    button(page, "Next").click()

    at(page, 3, "Is there an MQTT broker?")
    address = page.get_by_label("Address")
    address.fill("10.0.0.1")
    button(page, "Try it").click()
    described(address, "10.0.0.1:1883: nobody answers there.")
    address.fill("192.168.1.5")
    page.get_by_label("User").fill("bridge")
    page.get_by_label("Password", exact=True).fill("secret")
    button(page, "Try it").click()

    at(page, 4, "How much may flow?")
    page.get_by_label("Breaker or fuse").fill("40")
    most = page.get_by_label("All wall connectors together")
    expect(most).to_have_value("32")
    expect(page.get_by_text(re.compile("80.% of 40.A are 32.A"))).to_be_visible()
    most.fill("500")
    button(page, "Next").click()
    described(most, "Write a number from 6 to 240.")
    most.fill("32")
    page.get_by_label("Phases").select_option("Three")
    page.get_by_label("Volts").fill("230")
    button(page, "Next").click()

    at(page, 5, "Does a wall connector answer?")
    expect(page.locator(".checks li")).to_have_count(4)
    expect(button(page, "Next")).to_be_hidden()
    server.document = status(connectors=[connector(rating_amps=48)])
    expect(page.locator(".note.go")).to_have_text(
        re.compile("Wall connector left · 2433 answers: it takes up to 48.A.")
    )
    expect(page.locator(".checks")).to_be_hidden()
    button(page, "Next").click()

    at(page, 6, "Is this right?")
    expect(page.locator(".told dd")).to_have_text(
        ["set", "home", "192.168.1.5:1883", "32\u00a0A", "3 × 230\u00a0V", "left"]
    )
    button(page, "Save and start").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_focused()
    assert json.loads(server.posted[-1][1]) == {
        "wifi": {"ssid": "home", "password": "charge me"},
        "mqtt": {"host": "192.168.1.5", "port": 1883, "user": "bridge", "password": "secret"},
        "wires": {"max_amps": 32},
        "supply": {"phases": 3, "volts": 230},
        "restart": True,
    }
    expect(page.locator(".step a")).to_have_text(
        ["http://192.168.1.44/", "http://twc-bridge.local/"]
    )
    # Reachable again at the same address: the overview opens by itself.
    server.document = status(uptime_s=2)
    expect(page.locator("#view")).to_be_hidden()
    expect(page).to_have_url(f"{server.url}#/")


def test_what_the_device_does_not_take_leads_back_to_its_step(view, server):
    board = NewBoard(server, lock="off")
    board.setup.update(new=False, wifi={"state": "joined", "ssid": "home", "ip": "10.0.0.9"})
    page = view("setup")
    button(page, "Next").click()
    at(page, 2, "Wi-Fi works")
    button(page, "Next").click()
    button(page, "No broker").click()
    page.get_by_label("All wall connectors together").fill("16")
    button(page, "Next").click()
    at(page, 5, "Does a wall connector answer?")
    button(page, "Back").click()
    at(page, 4, "How much may flow?")
    expect(page.get_by_label("All wall connectors together")).to_have_value("16")
    button(page, "Next").click()
    button(page, "Go on without a wall connector").click()
    at(page, 6, "Is this right?")
    expect(page.locator(".told")).to_contain_text("none yet")
    sentence = "supply.volts is 240: write a number from 90 to 200."
    server.answers["POST /api/config"] = (400, {"error": sentence})
    button(page, "Save and start").click()
    described(page.get_by_label("Volts"), sentence)
    button(page, "Next").click()
    button(page, "Go on without a wall connector").click()
    server.answers["POST /api/config"] = (507, {"error": "is the flash full?"})
    button(page, "Save and start").click()
    expect(page.get_by_role("alert").filter(has_text="is the flash full?")).to_be_visible()
    # Without a network of its own choice there is nothing to change of it, nor of the broker.
    assert json.loads(server.posted[-1][1]) == {
        "wires": {"max_amps": 16},
        "supply": {"phases": 1, "volts": 240},
        "restart": True,
    }


def test_a_device_that_cannot_do_it_now_says_so(view, server):
    board = NewBoard(server, lock="off")
    server.answers["POST /api/setup/scan"] = (409, {"error": "Something is being tried already."})
    page = view("setup")
    button(page, "Next").click()
    button(page, "Look for networks").click()
    expect(page.get_by_text("Something is being tried already.")).to_be_visible()
    button(page, "Try it").click()
    described(page.get_by_label("Name of the network"), "1 to 32 bytes of text.")
    server.answers["/api/setup"] = (503, {"error": "There is no memory for this now."})
    button(page, "Back").click()
    button(page, "Next").click()
    expect(page.locator(".step .note")).to_have_text("There is no memory for this now.")
    server.answers["/api/setup"] = board.setup
    button(page, "Try again").click()
    at(page, 2, "Which network is it to join?")

"""What the page says about each thing the device can tell it, seen in a real browser."""

import gzip
import re

import pytest
from page_server import NO_PLAYWRIGHT, PAGE, WEB
from page_status import connector, older_status, status

from tools.minify import smaller

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixtures: browser, server, show.
pytest_plugins = ["page_server"]

REASON = "Charging at 12 A: 3 000 W of surplus."
SURPLUS = {"watts": 3000, "age_s": 4, "source": "surplus", "lost": False, "unusable": None}
NEVER = {"watts": None, "age_s": None, "source": None, "lost": False, "unusable": None}


def test_the_page_is_small_enough_for_the_flash():
    sizes = {
        file.name: len(gzip.compress(smaller(file.name, file.read_bytes()), 9))
        for file in WEB.iterdir()
    }
    assert sum(sizes.values()) < 40 * 1024, sizes


def test_the_page_names_no_place_outside():
    # The one address in it is the name of the SVG format, which nobody ever asks for.
    found = set()
    for file in WEB.iterdir():
        found.update(re.findall(r"(?:https?:)?//[\w.-]+\.\w[^\s'\"]*", file.read_text()))
    assert found == {"http://www.w3.org/2000/svg"}
    # A page without an icon of its own makes browsers ask for /favicon.ico.
    assert '<link rel="icon" href="data:image/svg+xml,' in PAGE.read_text()


def test_nothing_stands_in_the_page_that_its_policy_forbids():
    # Neither a script nor a style, in an attribute or of its own.
    page = PAGE.read_text()
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|<script(?! type=\"module\" src=)", page) == []
    for file in WEB.glob("*.js"):
        assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(", file.read_text()) == []


def test_shows_the_numbers(show):
    page = show()
    expect(page.locator("#reason")).to_have_text(REASON)
    expect(page.locator("#state")).to_have_text("Charging")
    expect(page.locator("h1")).to_have_text("garage")
    expect(page).to_have_title("Charging 11.8 A · garage")
    expect(page.locator("#surplus")).to_have_text("3 000 W")
    expect(page.locator("#surplus-age")).to_have_text(re.compile(r"^\d+\ss ago$"))
    expect(page.locator("#offer")).to_have_text("12 A")
    expect(page.locator("#draw")).to_have_text("11.8 A")
    expect(page.locator("#power")).to_have_text("2 832 W")
    expect(page.locator("#wires")).to_have_text("The wires allow 32 A")
    expect(page.locator("#live")).to_have_text("Live")
    for hidden in ("#trouble", "#warnings", "#unusable", "#none", "#no-events"):
        expect(page.locator(hidden)).to_be_hidden()
    foot = page.locator("footer")
    for part in (
        "connected192.168.1.5:1883",
        "192.168.1.77",
        "−61 dBm, good",
        "80 kB free",
        "66 min",
        "0.1.0",
    ):
        expect(foot).to_contain_text(part)


def test_a_connectors_card(show, server):
    page = show(connectors=[connector(echo_amps=10, rating_amps=80, heard_s=7)])
    card = page.locator("[data-id='2433']")
    expect(card.get_by_role("heading")).to_have_text("left · 2433")
    expect(card.locator(".pill")).to_have_text("charging")
    expect(card.locator(".amps")).to_have_text("11.8 A drawn of 12 A offered")
    expect(card.locator(".why")).to_have_text("Charging at 12 A.")
    expect(card).to_contain_text(re.compile(r"Link ok · heard ([7-9]|1\d)\ss ago"))
    expect(card).to_contain_text("still confirms 10 A")
    bar = card.get_by_role("img", name="11.8 A drawn, 12 A offered, 32 A allowed")
    expect(bar).to_be_visible()
    expect(bar.locator(".drawn")).to_have_attribute("style", "width: 36.875%;")
    expect(bar.locator(".offered")).to_have_attribute("style", "width: 37.5%;")
    least = card.locator(".least")
    expect(least).to_have_attribute("style", "left: 18.75%;")
    expect(least).to_be_visible()
    server.document = status(connectors=[connector(max_amps=6, offer_amps=6, draw_amps=5)])
    expect(card.locator(".amps")).to_have_text("5 A drawn of 6 A offered")
    expect(least).to_be_hidden()


@pytest.mark.parametrize(
    "source, watts, draws, rest, words, tone",
    [
        ("surplus", 3000, 2832, "170 W", "left over", "node on"),
        ("surplus", 3000, 3600, "600 W", "too little", "node draws"),
        ("grid", 3000, 2832, "170 W", "to the grid", "node on"),
        ("grid", -500, 0, "500 W", "from the grid", "node draws"),
        ("generation", 5000, 0, "5 000 W", "left for it", "node on"),
        ("grid", 3000, None, "", "not known", "node"),
        ("grid", None, 0, "", "not known", "node"),
    ],
)
def test_what_the_cars_leave_for_the_house(show, source, watts, draws, rest, words, tone):
    page = show(surplus={**SURPLUS, "watts": watts, "source": source}, power_watts=draws)
    expect(page.locator("#rest-word")).to_have_text(words)
    expect(page.locator("#rest")).to_have_text(rest)
    expect(page.locator("#house")).to_have_class(tone)
    runs = "link on" if watts and watts > 0 else "link"
    expect(page.locator("#link-house")).to_have_class(runs)


def test_a_device_with_older_firmware(show, server):
    server.document = older_status()
    page = show()
    expect(page.locator("#reason")).to_have_text(REASON)
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    for hidden in ("#mode-note", "#boosting", "#manual", "#forbidden", "#limit"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.locator("#controls")).not_to_contain_text(re.compile("undefined|null|NaN"))


def test_an_idle_unit_is_not_shown_as_charging(show):
    # Units report 0.25 A or so when idle, and a maximum of 6 A while they are offered none.
    idle = connector(state="plugged in", offer_amps=0, draw_amps=0.3, echo_amps=6)
    page = show(
        state="waiting",
        offer_amps=0,
        draw_amps=0.3,
        power_watts=0,
        connectors=[idle, connector("1A2B")],
    )
    expect(page.locator("#link")).to_have_class("link")
    expect(page.locator("#car")).to_have_class("node car")
    expect(page.locator("[data-id='2433'] .pill")).not_to_have_class(re.compile("go"))
    expect(page.locator("[data-id='1A2B'] .pill")).to_have_class(re.compile("go"))
    expect(page.locator("[data-id='2433']")).not_to_contain_text("still confirms")


def test_a_car_that_takes_more_than_allowed_is_seen_to(show):
    page = show(connectors=[connector(draw_amps=40, offer_amps=10, max_amps=20)])
    card = page.locator("[data-id='2433']")
    expect(card.locator(".scale")).to_have_text("040 A")
    expect(card.locator(".drawn")).to_have_attribute("style", "width: 100%;")
    expect(card.locator(".offered")).to_have_attribute("style", "width: 25%;")


def test_changes_when_the_numbers_change(show, server):
    page = show()
    expect(page.locator("#reason")).to_have_text(REASON)
    page.evaluate("window.card = document.querySelector('#connectors li')")
    server.document = status(
        state="waiting",
        reason="Waiting: 900 W of surplus, 1 440 W needed.",
        surplus={**SURPLUS, "watts": -1250, "source": "grid"},
        offer_amps=0,
        draw_amps=0,
        power_watts=0,
        connectors=[connector(state="plugged in", offer_amps=0, draw_amps=0, reason="Waiting.")],
        events=[[3990, "info", "one"], [3999, "warning", "two"]],
    )
    expect(page.locator("#reason")).to_have_text("Waiting: 900 W of surplus, 1 440 W needed.")
    expect(page.locator("#state")).to_have_text("Waiting")
    expect(page).to_have_title("Waiting · garage")
    expect(page.locator("#surplus")).to_have_text("−1 250 W")
    expect(page.locator("#surplus-age")).to_contain_text("from the grid meter")
    expect(page.locator("#power")).to_have_text("0 W")
    expect(page.locator(".amps")).to_have_text("0 A drawn of 0 A offered")
    expect(page.locator(".events li").first).to_contain_text("two")
    # The card is the same element: what a person has selected or focused in it stays so.
    assert page.evaluate("window.card === document.querySelector('#connectors li')")


def test_last_events_newest_first_with_their_age(show):
    events = [[5, "info", "far"], [3700, "error", "middle"], [3970, "warning", "near"]]
    page = show(events=events)
    rows = page.locator(".events li")
    expect(rows).to_have_text(
        [
            re.compile(r"^[3-9]\d\ss agowarningnear$"),
            re.compile(r"^5\smin agoerrormiddle$"),
            re.compile(r"^66\smin agofar$"),
        ]
    )


def test_a_lost_reading_is_shown_as_lost(show):
    page = show(
        state="lost",
        reason="Off: no surplus reading for 5 min.",
        surplus={**SURPLUS, "age_s": 312, "lost": True},
    )
    expect(page.locator("#state")).to_have_text("Reading lost")
    expect(page.locator("#surplus")).to_have_text("Lost")
    expect(page.locator("#surplus-age")).to_have_text("last 3 000 W, 5 min ago")


def test_nothing_received_yet_is_not_zero(show):
    page = show(surplus=NEVER)
    expect(page.locator("#surplus")).to_have_text("No reading yet")
    expect(page.locator("#surplus-age")).to_be_hidden()
    expect(page.locator("#sun")).not_to_contain_text("0")


def test_zero_is_not_nothing(show):
    page = show(surplus={**SURPLUS, "watts": 0, "age_s": 0})
    expect(page.locator("#surplus")).to_have_text("0 W")
    expect(page.locator("#surplus-age")).to_have_text(re.compile("just now|s ago"))


@pytest.mark.parametrize(
    "reading, value",
    [({**NEVER}, "No reading yet"), ({**SURPLUS}, "3 000 W")],
    ids=["nothing else", "after a good one"],
)
def test_an_unusable_message_is_told(show, reading, value):
    sentence = "surplus: retained message of unknown age: 3 000 W"
    page = show(surplus={**reading, "unusable": sentence})
    expect(page.locator("#surplus")).to_have_text(value)
    expect(page.locator("#unusable")).to_have_text(f"Not used: {sentence}")


def test_warnings_come_and_go(show, server):
    warnings = ['config.json: wires.max_amps is "80A": write a number.', "A second one."]
    page = show(warnings=warnings)
    expect(page.locator("#warnings li")).to_have_text(warnings)
    server.document = status(warnings=warnings[1:])
    expect(page.locator("#warnings li")).to_have_text(warnings[1:])
    server.document = status()
    expect(page.locator("#warnings")).to_be_hidden()


def test_three_connectors_in_the_devices_order(show, server):
    three = [
        connector("2433"),
        connector("1A2B", name="1A2B", link="silent", heard_s=5),
        connector("77F0", name="gate", link="lost", heard_s=None, echo_amps=None),
    ]
    page = show(connectors=three)
    heads = page.locator("#connectors h3")
    expect(heads).to_have_text(["left · 2433", "Connector 1A2B", "gate · 77F0"])
    expect(page.locator("#car-word")).to_have_text("Cars")
    expect(page.locator("[data-id='1A2B']")).to_contain_text("Link silent")
    expect(page.locator("[data-id='77F0']")).to_contain_text("Link lost · not heard yet")
    server.document = status(connectors=[three[2], three[0]])
    expect(heads).to_have_text(["gate · 77F0", "left · 2433"])


def test_no_connector_and_nothing_known(show):
    page = show(state="no_connector", reason="No wall connector.", connectors=[], events=[])
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#connectors li")).to_have_count(0)
    expect(page.locator("#no-events")).to_be_visible()
    expect(page).to_have_title("No connector · garage")


def test_unknown_values_are_dashes_not_zeros(show):
    empty = connector(rating_amps=None, protocol=None, echo_amps=None, heard_s=None, link="new")
    page = show(
        connectors=[{**empty, "draw_amps": None, "state": "unknown"}],
        draw_amps=None,
        power_watts=None,
        wifi={"state": "connected", "ip": "127.0.0.1", "rssi": None},
        mqtt={"state": "off", "broker": "", "note": ""},
    )
    expect(page.locator("#power")).to_have_text("– W")
    expect(page.locator(".amps")).to_have_text("– A drawn of 12 A offered")
    expect(page.locator("[data-id='2433']")).to_contain_text("Linking · not heard yet")
    expect(page.locator("footer")).not_to_contain_text("dBm")


def test_text_from_outside_stays_text(show):
    attack = (
        "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    )
    page = show(
        name=attack,
        reason=attack,
        version=attack,
        surplus={**SURPLUS, "unusable": attack},
        connectors=[
            connector(attack, name=attack + "b", state=attack, link=attack, reason=attack)
        ],
        warnings=[attack],
        events=[[1, attack, attack]],
        mqtt={"state": attack, "broker": attack, "note": attack},
        wifi={"state": attack, "ip": attack, "rssi": attack},
        mode=attack,
        boost=attack,
    )
    expect(page.locator("#boost-now")).to_have_text(attack)
    expect(page.locator("#reason")).to_have_text(attack)
    expect(page.locator("#warnings li")).to_have_text([attack])
    expect(page.locator("#connectors h3")).to_have_text([f"{attack}b · {attack}"])
    expect(page.locator("body img")).to_have_count(0)
    expect(page.locator("script")).to_have_count(1)
    expect(page).to_have_title(f"Charging 11.8 A · {attack}")


def test_only_the_reason_is_read_out_and_not_each_second(show, server):
    page = show(reason="Waiting: starts in 58 s if it holds.", state="waiting")
    expect(page.locator("[aria-live]")).to_have_count(1)
    reason = page.locator("#reason")
    expect(reason).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """() => {
            window.said = [];
            const el = document.getElementById('reason');
            new MutationObserver(() => said.push([el.ariaLive, el.textContent]))
              .observe(el, {childList: true});
        }"""
    )
    server.document = status(reason="Waiting: starts in 57 s if it holds.", state="waiting")
    expect(reason).to_contain_text("57")
    server.document = status(reason="Charging at 12 A.")
    expect(reason).to_have_text("Charging at 12 A.")
    assert [live for live, _ in page.evaluate("said")] == ["off", "polite"]

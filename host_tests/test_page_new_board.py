"""A new board, set up by the browser alone, from its access point to a car that charges from the
sun; and a day with a board that has a password. Firmware, broker and line are real processes, the
referee judges each byte; only the air is a stand-in."""

import json
import re
import urllib.request

import pytest
from firmware_bench import check
from page_server import HASTY, NO_PLAYWRIGHT

from simulator.board import free_port
from simulator.car import Car
from simulator.connector import Connector
from simulator.line import Line
from simulator.referee import Referee

expect = pytest.importorskip("playwright.sync_api", reason=NO_PLAYWRIGHT).expect

# Its fixture: browser.
pytest_plugins = ["page_server"]

PATIENCE_MS = 60_000
PASSWORD = "a sunny day"
KNOWN = {"units": {"2433": {"rating_ca": 3200, "protocol": 2, "relay": "free"}}}

# Keeps a copy of each answer that the page gets, for whoever looks for secrets in them.
KEEP = """
  const real = window.fetch;
  window.kept = [];
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    answer.clone().text().then(text => window.kept.push(text), () => 0);
    return answer;
  };
"""


@pytest.fixture
def line():
    """A wall connector with a car on it, and the referee with the firmware's usual times. Looking
    for networks stops the chip for 2.5 s."""
    referee = Referee(
        wires_amps=32,
        max_gap_s=5,
        min_on_s=600,
        min_off_s=600,
        grace_ms=39,
        slack_ms=1000,
        question_slack_ms=1000,
    )
    with Line([Connector("2433", car=Car())], referee) as line:
        yield line


@pytest.fixture
def tab(browser):
    """``tab(board)`` opens the page of a board on a phone."""
    contexts = []

    def go(board):
        contexts.append(browser.new_context(viewport={"width": 390, "height": 844}))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MS)
        for script in (KEEP, HASTY):
            page.add_init_script(f"{{ {script} }}")
        page.goto(board.url)
        return page

    yield go
    for context in contexts:
        context.close()


def asked(board, path, body=None):
    """What a stranger in the network gets from the page, as text."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{board.url}/api/{path}", data, {"X-TWC": "1"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read().decode()


def log_in(page):
    dialog = page.get_by_role("dialog", name="Log in")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).to_have_count(0, timeout=PATIENCE_MS)


def shows(locator, words):
    expect(locator).to_contain_text(re.compile(words), timeout=PATIENCE_MS)


def test_from_access_point_to_charging(tab, line, stage_board, start_mosquitto, project):
    secrets = ["charge me", "let me in", PASSWORD]
    broker = start_mosquitto(user="bridge", password="let me in")
    # The repository's, but for a start that need not wait for a minute of sun.
    given = json.loads((project / "config.json").read_text())
    given["surplus"] = {"start_hold_s": 1}
    air = {"TWC_NETWORKS": "home:charge me;guest:", "TWC_DNS_PORT": str(free_port())}
    with line.lock:
        line.connectors.append(Connector("4F07", rating_amps=80))
    board = stage_board(given, serial=line.path, environment=air)
    board.start()
    board.wait_for_status()
    page = tab(board)
    press = page.locator("#view").get_by_role("button", name=re.compile("^(Next|Try it)$"))
    wrong = page.locator("#view .wrong:visible")

    # The set-up opens by itself: nobody has to know its address.
    page.get_by_label("New password").fill("short")
    press.click()
    shows(wrong, "8 to 64 characters")
    page.get_by_label("New password").fill(PASSWORD)
    press.click()

    page.get_by_role("button", name="Look for networks").click()
    expect(page.locator(".networks li")).to_have_count(2, timeout=PATIENCE_MS)
    page.locator(".networks").get_by_role("button", name="home").click()
    page.get_by_label("Its password").fill("drive me")
    press.click()
    shows(wrong, "home does not let the board in: is the password right")
    page.get_by_label("Its password").fill("charge me")
    press.click()
    shows(page.locator(".note.go"), r"in the network home, at the address 127\.0\.0\.1")
    press.click()

    address = page.get_by_label("Address")
    address.fill(broker.host)
    page.get_by_label("Port").fill(str(free_port()))
    page.get_by_label("User").fill("bridge")
    secret = page.get_by_label("Password", exact=True)
    secret.fill("let me out")
    press.click()
    shows(wrong, "refused; is the broker running")
    page.get_by_label("Port").fill(str(broker.port))
    press.click()
    shows(wrong, "user or password is wrong")
    secret.fill("let me in")
    press.click()

    page.get_by_label("Breaker or fuse").fill("40")
    expect(page.get_by_label("All wall connectors together")).to_have_value("32")
    page.get_by_label("Volts").fill("230")
    press.click()
    shows(page.locator(".heard"), r"2433 answers: it takes up to 32\sA")
    shows(page.locator(".heard"), r"4F07 answers: it takes up to 80\sA")
    # Until here everything was only tried: a power cut would leave a new board.
    assert json.loads((board.folder / "config.json").read_text()) == given
    press.click()
    told = rf"^.*home.*{broker.host}:{broker.port}.*32\sA.*1 × 230\sV.*(2433|4F07), (2433|4F07)$"
    shows(page.locator(".told"), told)
    page.get_by_role("button", name="Save and start").click()

    # The board starts anew, and the page finds it again by itself.
    expect(page.locator("#view")).to_be_hidden(timeout=PATIENCE_MS)
    assert board.resets == 1
    board.wait_for_status(lambda told: told["mqtt"]["state"] == "connected")
    for _ in range(3):
        broker.publish("twc/garage/surplus/set", "2800")
        page.wait_for_timeout(1000)
    shows(page.locator("#surplus"), r"2\s800\sW")
    shows(page.locator("#reason"), r"^Charging at 12\sA")
    shows(page.locator("[data-id='2433'] .amps"), r"11\.\d\sA drawn of 12\sA offered")
    with line.lock:
        assert 11 < line.connectors[0].draw_amps <= 12
        assert line.connectors[1].draw_amps == 0
    # The access point is closed for those who come next, and the password counts.
    setup = json.loads(asked(board, "setup"))
    assert not setup["open"] and not setup["new"]
    page.get_by_role("radio", name="Off").click()
    log_in(page)
    # Its relay stays on for a minute even then, at the least that a car takes.
    shows(page.locator("#reason"), "mode Off")

    given["wires"]["max_amps"] = 32
    given["supply"] = {"volts": 230, "phases": 1}
    wifi = given["wifi"]
    given["wifi"] = {"ssid": "home", "password": "charge me"}
    given["mqtt"].update(host=broker.host, port=broker.port, user="bridge", password="let me in")
    assert json.loads((board.folder / "config.json").read_text()) == given
    before = json.loads((board.folder / "config.bak").read_text())
    assert before["wifi"] == wifi and before["wires"] == {"max_amps": 6}
    assert not (board.folder / "config.new").exists()
    answers = page.evaluate("window.kept")
    assert len(answers) > 20
    answers += [asked(board, path) for path in ("config", "setup", "status", "access", "frames")]
    for word in secrets:
        assert not any(word in answer for answer in answers)
        # Nor in what anybody reads who may look at its log; its own text is hashed on flash.
        assert not any(word in said for said in board.lines)
    assert PASSWORD not in (board.folder / "lock.txt").read_text()
    check(line, board)


def test_a_day_with_the_page(tab, line, stage_board):
    config = {"wires": {"max_amps": 32}, "wifi": {"ssid": "home"}}
    board = stage_board(config, serial=line.path)
    (board.folder / "state.json").write_text(json.dumps(KNOWN))
    board.start()
    board.wait_for_status()
    asked(board, "password", {"password": PASSWORD})
    page = tab(board)
    charging = page.locator("#reason")
    limit, now = page.locator("#limit"), page.locator("#limit-now")

    # The first change asks who it is, and is made then.
    page.get_by_role("radio", name="Fast").click()
    log_in(page)
    expect(page.get_by_role("radio", name="Fast")).to_be_checked(timeout=PATIENCE_MS)
    shows(charging, "^Charging at 32.A")
    limit.focus()
    for _ in range(12):
        limit.press("ArrowLeft")
    shows(now, r"^20\sA$")
    shows(charging, "^Charging at 20.A")
    assert board.status()["limit_amps"] == 20

    # What is wrong is said beside the field, in the device's words, and nothing is changed.
    before = (board.folder / "config.json").read_bytes()
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Find a setting").fill("wires max_amps")
    most = page.locator(".section:visible").get_by_label("Most amperes").first
    most.fill("500")
    page.get_by_role("button", name="Save", exact=True).click()
    shows(page.locator(".section .wrong:visible"), r"wires\.max_amps.*500.*6 to 240")
    expect(most).to_be_focused()
    assert (board.folder / "config.json").read_bytes() == before
    assert not (board.folder / "config.new").exists()
    most.fill("32")
    expect(page.locator(".saving")).to_be_hidden()
    page.get_by_role("link", name="Overview").click()

    # Without power: how old everything is; with power again: by itself as before.
    check(line, board)
    board.stop()
    shows(page.locator("#state"), "^No connection$")
    shows(page.locator("#trouble"), r"^What you see is \d+\ss old\. It said: “Charging at 20\sA")
    shows(page.locator("#live"), r"^\d+\ss old$")
    board.start()
    shows(page.locator("#live"), "^Live$")
    expect(page.locator("#trouble")).to_be_hidden()
    # Who was logged in before is not known any more.
    page.get_by_role("radio", name="Off").click()
    log_in(page)
    expect(page.get_by_role("radio", name="Off")).to_be_checked(timeout=PATIENCE_MS)
    shows(charging, "mode Off")
    assert board.crashes == 0, board.tail()

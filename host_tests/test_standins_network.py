"""Wi-Fi and sockets of the simulated board."""

import urllib.request

import pytest

from simulator.board import name_server

JOIN = """
import network, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
def wait(state):
    for i in range(500):
        if wlan.isconnected() == state:
            return True
        time.sleep_ms(10)
    return False
"""


def test_station_joins(run_micropython):
    output = run_micropython(
        JOIN
        + """
print(wlan.active(), wlan.isconnected(), wlan.ifconfig()[0])
network.hostname("twc-bridge")
wlan.connect("house", "secret")
print(wlan.isconnected())
print(wait(True), wlan.ifconfig()[0], wlan.status("rssi"))
print(network.WLAN(network.STA_IF).isconnected(), network.hostname())
wlan.active(False)
print(wlan.isconnected())
"""
    )
    assert output.split("\n")[:5] == [
        "True False 0.0.0.0",
        "False",
        "True 127.0.0.1 -61",
        "True twc-bridge",
        "False",
    ]


def test_name_server(run_micropython, tmp_path):
    script = JOIN + "wlan.connect('house', '')\nwait(True)\nprint(wlan.ifconfig()[3])"
    assert run_micropython(script, {"TWC_NAME_SERVER": "192.0.2.53"}) == "192.0.2.53\n"
    conf = tmp_path / "resolv.conf"
    conf.write_text("# made by hand\nnameserver ::1\nnameserver 192.0.2.7\nnameserver 192.0.2.8\n")
    assert name_server(conf) == "192.0.2.7"
    assert name_server(tmp_path / "none") == ""


def test_no_access_point(run_micropython):
    script = (
        JOIN
        + """
wlan.connect("house", "secret")
time.sleep_ms(400)
print(wlan.isconnected())
"""
    )
    assert run_micropython(script, {"TWC_WIFI": "down"}) == "False\n"


def test_access_point_that_goes_and_comes(run_micropython, tmp_path):
    script = (
        JOIN
        + """
def air(state):
    with open("air", "w") as file:
        file.write(state)
air("up")
wlan.connect("house", "secret")
print(wait(True))
air("down")
print(wlan.isconnected(), wlan.ifconfig()[0])
air("up")
print(wlan.isconnected(), wait(True))
"""
    )
    output = run_micropython(script, {"TWC_WIFI_FILE": str(tmp_path / "air")})
    assert output == "True\nFalse 0.0.0.0\nFalse True\n"


def test_radio_off(run_micropython):
    script = """
import network
wlan = network.WLAN(network.STA_IF)
try:
    wlan.connect("house", "secret")
except OSError as error:
    print(error)
print(wlan.isconnected())
"""
    assert run_micropython(script) == "Wifi Not Started\nFalse\n"


def test_networks_and_what_joining_them_takes(run_micropython):
    script = (
        JOIN
        + """
def status(until):
    for i in range(500):
        if wlan.status() == until:
            break
        time.sleep_ms(10)
    return wlan.status()
def found():
    return [(name, rssi, security) for name, _, _, rssi, security, _ in wlan.scan()]
print(wlan.status(), found())
wlan.config(reconnects=0)
wlan.connect("other", "charge me")
print(wlan.status(), status(201))
wlan.connect("home", "charge you")
print(wlan.status(), status(202), wlan.isconnected())
wlan.connect("home", "charge me")
# Told until something succeeds.
print(wlan.status(), wait(True), wlan.status())
wlan.disconnect()
print(wlan.isconnected(), wlan.status())
wlan.connect("guest", "whatever")
print(wait(True))
"""
    )
    output = run_micropython(script, {"TWC_NETWORKS": "home:charge me;guest:"})
    assert output.split("\n")[:-1] == [
        "1000 [(b'home', -50, 3), (b'guest', -62, 0)]",
        "1001 201",
        "201 202 False",
        "202 True 1010",
        "False 1000",
        "True",
    ]


def test_hidden_networks_and_static_addresses(run_micropython):
    script = (
        JOIN
        + """
print([name for name, *_ in wlan.scan()], wlan.config("channel"))
wlan.ifconfig(("192.168.1.50", "255.255.255.0", "192.168.1.1", "192.168.1.1"))
wlan.connect("cellar", "charge me")
print(wait(True), wlan.ifconfig()[0])
point = network.WLAN(network.AP_IF)
point.ifconfig(("192.168.5.1", "255.255.255.0", "192.168.5.1", "192.168.5.1"))
print(point.ifconfig()[0], hasattr(network, "LAN"))
"""
    )
    output = run_micropython(script, {"TWC_NETWORKS": "~cellar:charge me;home:"})
    assert output.split("\n")[:-1] == [
        "[b'', b'home'] 6",
        "True 192.168.1.50",
        "192.168.5.1 False",
    ]


def test_a_cable(run_micropython, tmp_path):
    (tmp_path / "cable").write_text("in")
    script = """
import network, time
lan = network.LAN(phy_type=network.PHY_LAN8720, phy_addr=0)
print(lan.active(), lan.ifconfig()[0])
began = time.ticks_ms()
lan.active(True)
print(time.ticks_diff(time.ticks_ms(), began) >= 2000, lan.ifconfig()[0])
time.sleep_ms(600)
print(lan.ifconfig()[0], lan.status() == network.ETH_GOT_IP)
with open("cable", "w") as file:
    file.write("out")
print(lan.ifconfig()[0], lan.status() == network.ETH_DISCONNECTED)
"""
    output = run_micropython(script, {"TWC_CABLE_FILE": str(tmp_path / "cable")})
    assert output.split("\n")[:-1] == [
        "False 0.0.0.0",
        "True 0.0.0.0",
        "127.0.0.1 True",
        "0.0.0.0 True",
    ]


def test_the_boards_own_access_point(run_micropython):
    script = """
import network
point = network.WLAN(network.AP_IF)
print(point.active(), network.WLAN(network.STA_IF).active())
point.active(True)
try:
    point.config(ssid="mine", key="short", security=network.AUTH_WPA2_PSK)
except ValueError:
    print("too short")
point.config(ssid="mine", key="long enough", security=network.AUTH_WPA2_PSK)
print(point.active(), network.WLAN(network.STA_IF).active(), point.ifconfig()[0])
"""
    expected = "False False\ntoo short\nTrue False 192.168.4.1\n"
    assert run_micropython(script) == expected


@pytest.fixture
def server_tree(tmp_path):
    folder = tmp_path / "tree"
    (folder / "firmware").mkdir(parents=True)
    (folder / "main.py").write_text("""
import asyncio, socket
def port(host, number):
    address = socket.getaddrinfo(host, number)[0][-1]
    return address[2] << 8 | address[3]
print("clients ask for", port("127.0.0.1", 80), port("0.0.0.0", 8080))
async def answer(reader, writer):
    while (await reader.readline()).strip():
        pass
    writer.write(b"HTTP/1.0 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
async def main():
    await asyncio.start_server(answer, "0.0.0.0", 80)
    print("serving")
    await asyncio.sleep(60)
asyncio.run(main())
""")
    return folder


def test_port_80_is_found_on_the_boards_own_port(stage_board, server_tree):
    boards = [stage_board(project=server_tree) for _ in range(2)]
    for board in boards:
        board.start()
    for board in boards:
        board.wait_for_line("serving")
        assert "clients ask for 80 8080" in board.lines
        with urllib.request.urlopen(board.url, timeout=10) as answer:
            assert answer.read() == b"hello"
    assert boards[0].http_port != boards[1].http_port


def test_the_port_is_free_again_at_once(stage_board, server_tree):
    board = stage_board(project=server_tree)
    board.start()
    board.wait_for_line("serving")
    urllib.request.urlopen(board.url, timeout=10).close()
    seen = board.line_count
    board.restart()
    board.wait_for_line("serving", after=seen)
    with urllib.request.urlopen(board.url, timeout=10) as answer:
        assert answer.read() == b"hello"

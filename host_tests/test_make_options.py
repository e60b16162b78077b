"""The variables of `make run`."""

import os
import socket

import pytest

from simulator import options
from simulator.options import OptionError, broker_address, check_page_port, read


def test_nothing_given():
    chosen = read({"BROKER": "", "SLAVES": " ", "SUN": ""})
    assert chosen.broker is None and chosen.slaves == 2 and chosen.http_port == 8080
    assert chosen.sun and chosen.serial is None and chosen.config is None
    assert chosen.board_folder == options.ROOT / "build" / "board"


def test_a_broker_is_used_and_the_sun_still_shines():
    chosen = read({"BROKER": "192.168.1.5:1884"})
    assert chosen.broker == ("192.168.1.5", 1884)
    assert chosen.sun
    assert not read({"BROKER": "192.168.1.5", "SUN": "off"}).sun


def test_a_serial_line_has_no_sun_of_its_own(tmp_path):
    master, slave = os.openpty()
    device = os.ttyname(slave)
    chosen = read({"SERIAL": device})
    assert chosen.serial == device
    assert not chosen.sun
    assert chosen.board_folder.name == "board"
    assert chosen.board_folder.parent == chosen.build.parent
    day = tmp_path / "day.csv"
    day.write_text("0,1500,400\n")
    chosen = read({"SERIAL": device, "DAY": str(day)})
    assert chosen.sun and chosen.day == day and chosen.speed == 1
    os.close(master)
    os.close(slave)


def test_a_day_is_played_in_its_own_time_unless_told(tmp_path):
    day = tmp_path / "day.csv"
    day.write_text("0,1500,400\n")
    assert read({"DAY": str(day)}).speed == 1
    assert read({"DAY": str(day), "SPEED": "60"}).speed == 60


def test_a_new_board():
    assert not read({}).new
    assert read({"NEW": "on", "BROKER": "pi"}).new
    assert not read({"NEW": "off"}).new
    with pytest.raises(OptionError, match="leave CONFIG out"):
        read({"NEW": "on", "CONFIG": __file__})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("pi", ("pi", 1883)),
        ("pi:1900", ("pi", 1900)),
        ("mqtt://pi:1900/", ("pi", 1900)),
        ("pi.local", ("pi.local", 1883)),
        ("[fe80::1]:1900", ("fe80::1", 1900)),
        ("fe80::1", ("fe80::1", 1883)),
    ],
)
def test_broker_addresses(text, address):
    assert broker_address(text) == address


@pytest.mark.parametrize(
    "given",
    [
        {"BROKER": "pi:port"},
        {"BROKER": ":1883"},
        {"BROKER": "pi:70000"},
        {"BROKER": "user@pi"},
        {"SLAVES": "two"},
        {"SLAVES": "-1"},
        {"SLAVES": "9"},
        {"HTTP": "0"},
        {"HTTP": "80a"},
        {"SPEED": "0"},
        {"SPEED": "nan"},
        {"SUN": "maybe"},
        {"NEW": "maybe"},
        {"DAY": "/no/such/day.csv"},
        {"CONFIG": "/no/such/config.json"},
        {"SERIAL": "/dev/no-such-adapter"},
        {"SERIAL": __file__},
    ],
)
def test_what_is_wrong_is_said_with_its_name(given):
    with pytest.raises(OptionError) as told:
        read(given)
    ((name, value),) = given.items()
    assert str(told.value).startswith(f"{name}={value}: ")


def test_a_taken_port_is_told_before_anything_starts():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(OptionError, match=f"Port {port} is taken.*HTTP="):
            check_page_port(port)
    check_page_port(port)

"""`make soak`: its plan, what it holds against the firmware, and what against the machine."""

import contextlib
import socket

import pytest

from tools import soak_acts, soak_plan
from tools.soak_proxy import Proxy
from tools.soak_watch import Watch


def test_the_same_seed_gives_the_same_plan():
    plan = soak_plan.make("7", 180)
    assert plan == soak_plan.make("7", 180)
    assert plan != soak_plan.make("8", 180)
    assert sum(map(len, plan.values())) > 40


def test_a_longer_plan_begins_like_a_shorter_one():
    short, long = soak_plan.make("7", 180), soak_plan.make("7", 3600)
    for group in short:
        assert long[group][: len(short[group])] == short[group]


def test_an_hour_has_every_kind_and_one_of_a_group_at_a_time():
    plan = soak_plan.make("9", 3600)
    for group, (_, kinds) in soak_plan.GROUPS.items():
        events = plan[group]
        assert {event.kind for event in events} == set(kinds)
        assert all(event.at_s <= event.until_s <= 3600 for event in events)
        assert all(a.until_s < b.at_s for a, b in zip(events, events[1:], strict=False))


def test_every_kind_can_be_played():
    for group, (_, kinds) in soak_plan.GROUPS.items():
        for kind in kinds:
            event = soak_plan.Event(0, 1, group, kind, 5)
            # Nothing is done before it is entered.
            assert hasattr(soak_acts.act(None, event), "__enter__")


class FakeStage:
    """What Watch asks of a stage."""

    class line:
        @staticmethod
        def now_ms():
            return 60000

    offs = [(10000, 20000)]


@pytest.fixture
def watch():
    made = Watch()
    made._stage = FakeStage
    return made


def test_a_traceback_is_kept_whole(watch):
    for line in (
        "5 s info: all is well",
        "Traceback (most recent call last):",
        '  File "firmware/app.mpy", in _a',
        '  File "firmware/bus.mpy", in _b',
        "ValueError: no",
        "6 s info: on it goes",
        "7 s error: Held back by the gate: 40 A.",
    ):
        watch.said(line)
    assert [line for line, _ in watch.wrong] == [
        "Traceback (most recent call last):",
        "7 s error: Held back by the gate: 40 A.",
    ]
    assert watch.wrong[0][1][-1] == "ValueError: no"
    assert watch.wrong[1][1] == []


def test_a_busy_machine_excuses_times_and_nothing_else(watch):
    late = "60.100 s: 2433 got no heartbeat for 4.2 s"
    wires = "60.100 s: 16 A for 2433 makes 40 A on wires for 32 A (2433 16, 4F07 24)"
    assert watch.judge([late, wires]) == ([late, wires], [])
    watch._still.append((58000, 900))
    assert watch.judge([late, wires]) == ([wires], [late])
    # Long before, it has nothing to do with it.
    watch._still[:] = [(50000, 900)]
    assert watch.judge([late]) == ([late], [])


def test_a_watchdog_that_bites_is_a_fault_unless_the_machine_starved_it(watch):
    watch.said("[the watchdog was not fed for 20000 ms]")
    bite = "60.000 s: the watchdog was not fed"
    after = "61.000 s: 00 was sent to 2433 at 0 A: its relay clicks"
    later = "75.000 s: 00 was sent to 2433 at 0 A: its relay clicks"
    assert watch.judge([after]) == ([bite, after], [])
    watch._still += [(45000, 800), (52000, 900)]
    assert watch.judge([after, later]) == ([later], [bite, after])


def test_the_longest_gap_has_its_cause(watch):
    watch.gaps += [(8000, 19000, "2433"), (2300, 59000, "2433"), (1001, 40000, "2433")]
    watch.said("60 s warning: No heartbeat for 2.3 s, because: TLS")
    assert watch.longest_gap() == (8, "power")
    assert watch.longest_awake_gap() == (2.3, "TLS")


def test_memory_is_the_least_of_some_looks(watch):
    watch.memory += [(1, 0, 900), (3, 0, 500), (5, 0, 700), (60, 1, 650)]
    assert watch.used(2, 15) == 500
    assert watch.used(50) == 650
    assert watch.used(99) is None


def test_the_proxy_passes_on_holds_and_cuts():
    server = socket.create_server(("127.0.0.1", 0))
    with server, Proxy(server.getsockname()[1]) as proxy:
        client = socket.create_connection(("127.0.0.1", proxy.port), 10)
        peer, _ = server.accept()
        peer.settimeout(10)
        client.sendall(b"there")
        assert peer.recv(9) == b"there"
        peer.sendall(b"back")
        assert client.recv(9) == b"back"
        proxy.held = True
        client.sendall(b"held")
        peer.settimeout(0.3)
        with pytest.raises(TimeoutError):
            peer.recv(9)
        proxy.held = False
        peer.settimeout(10)
        assert peer.recv(9) == b"held"
        proxy.cut()
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(9) == b""
        client.close()
        peer.close()

"""The journal: by API, broker and syslog, and what of it outlives a reset; how often the flash is
written on a hard day, and a flash that is full or can't be read."""

import builtins
import json
import os

from common.household import Household, unit

from simulator.referee import Referee
from simulator.virtual.time_server import NameServer, TimeServer

FILES = "journal.txt journal.old state.json sessions.csv access.txt lock.txt"
for name in FILES.split(" "):
    try:
        os.remove(name)
    except OSError:
        pass


class Server:
    """A syslog server."""

    def __init__(self, net, ip="10.0.0.9", port=5514):
        self.packets = []
        net.offer_udp(ip, port, self)

    def asked(self, data):
        self.packets.append(data.decode())
        return []


plain_open = builtins.open
plain_rename = os.rename
writes = {}
broken = None  # or the number of the error that each write ends in


def counting(path, mode="r"):
    if "r" not in mode:
        if broken:
            raise OSError(broken)
        name = path[:-4] if path.endswith(".new") and path != "config.new" else path
        writes[name] = writes.get(name, 0) + 1
    return plain_open(path, mode)


builtins.open = counting
CONFIG = {
    "web": {"lock": "off"},
    "relay": {"min_on_s": 60, "min_off_s": 60},
    "clock": {"ntp": "10.0.0.3", "zone": "CET-1CEST,M3.5.0,M10.5.0/3"},
    "syslog": {"host": "logs.house", "port": 5514},
}
house = Household([unit()], config=CONFIG, referee=Referee(32, min_on_s=60, min_off_s=60))
world = house.world
server = Server(world.net)
NameServer(world.net, {"logs.house": ["10.0.0.9"]})
TimeServer(world.net, 1748779200)  # 2025-06-01, 12:00 UTC
house.start()
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
world.run_for(30)


def told():
    answer = world.fetch("/api/journal")
    assert answer.status == 200, answer.status
    return answer.json()


def published():
    """The sentences that came on the topic."""
    seen = house.broker.seen("twc/garage/journal")
    assert not [one for one in seen if one.retain]
    return [json.loads(one.text)["text"] for one in seen]


# Each event with its time, the newest last; those of before the clock was set have theirs, too.
first = told()
assert first["start"] == 1 and first["events"][-1]["start"] == 1
texts = [one["text"] for one in first["events"]]
assert [text for text in texts if text.startswith("Broker 10.0.0.2:1883: connected")], texts
assert first["events"][0]["uptime_s"] < 5
assert first["events"][0]["time"].startswith("2025-06-01T12:00:0"), first["events"][0]
assert writes.get("journal.txt") is None, writes
assert house.broker.retained.get("twc/garage/journal") is None

# Syslog has all of them, in this order, in the form of RFC 5424.
sent = [packet.split(" twc-bridge - - - ") for packet in server.packets]
assert [one[1] for one in sent] == texts == published(), (sent, texts, published())
assert sent[0][0] == "<132>1 2025-06-01T12:00:00Z twc-bridge", sent[0]
assert sent[-1][0].startswith("<134>1 2025-06-01T12:00:"), sent[-1]

# What has to be kept is written with the next batch, 10 minutes after the start.
app = house.app
app.journal.tell("warning", "A line\nwith a break, and ü.")
world.run_for(5)
assert server.packets[-1].startswith("<132>1 2025-06-01T12:00:"), server.packets[-1]
assert server.packets[-1].endswith(" - - - \ufeffA line with a break, and ü."), server.packets[-1]
world.run_for(600)
assert writes["journal.txt"] == 1, writes
lines = plain_open("journal.txt").read().split("\n")
assert lines[0].startswith("1 ") and " info " in lines[0], lines
assert [line for line in lines if line.endswith(" warning A line with a break, and ü.")], lines

# An error at once, but not within a minute of the last write, and all that there is before a new
# start; after it they are there.
world.run_for(30)
app.journal.tell("error", "Something broke.")
world.run_for(3)
assert writes["journal.txt"] == 2, writes
app.journal.tell("warning", "This was shortly before.")
app.restart()
world.run_for(60)
assert house.app is not app and writes["journal.txt"] == 3, writes
second = told()
assert second["start"] == 2, second
old = [one for one in second["events"] if one["start"] == 1]
assert [one["text"] for one in old][-2:] == ["Something broke.", "This was shortly before."], old
assert old[-1]["level"] == "warning" and old[-1]["time"].startswith("2025-06-01T12:1"), old[-1]
assert second["events"][-1]["start"] == 2

# No network: nothing waits for it, and what the ring has lost by then is counted.
app = house.app
count, heard = len(server.packets), len(published())
world.wifi(False)
world.run_for(5)
for number in range(20):
    app.journal.tell("info", f"Event {number}.")
world.run_for(40)
assert len(server.packets) == count and len(published()) == heard
world.wifi(True)
world.wait_for(lambda: len(house.broker.clients()) == 1, 90, "the session")
world.run_for(30)
late = [packet.split(" - - - ")[1] for packet in server.packets[count:]]
assert late[0].endswith(" events before this one are lost"), late
lost = int(late[0].split(" ")[0])
assert lost >= 9 and late[1:] == published()[heard:], (late, published()[heard:])
assert app.journal.count == app.journal.sent

# A name that nobody knows is told once, and does not bring about another entry.
server_names = house.world.net.udp_services.pop(("10.0.0.1", 53))
noted = len(house.notes)
world.power_cut()
world.run_for(400)
syslog = [note for note in house.notes[noted:] if note[2].startswith("Syslog: ")]
assert len(syslog) == 1, syslog
count = len(server.packets)
house.world.net.udp_services[("10.0.0.1", 53)] = server_names
world.run_for(600)
assert server.packets[count:], "asked again"

# A full flash, then one that is broken: told by a warning, once, and nothing else happens.
app = house.app
for broken in (28, 5):
    noted = len(house.notes)
    app.journal.tell("error", f"Not kept {broken}.")
    house.broker.publish("twc/garage/limit/set", str(broken))
    world.run_for(90)
    told_now = [note[2] for note in house.notes[noted:] if "can not be written" in note[2]]
    assert len(told_now) == 2 and told_now[0][:10] != told_now[1][:10], told_now
    status = world.status()
    assert len([one for one in status["warnings"] if "can not be written" in one]) == 2, status
    broken = None
    app.journal.tell("error", "Kept again.")
    house.broker.publish("twc/garage/limit/set", "none")
    world.run_for(90)
    assert not [one for one in world.status()["warnings"] if "can not be written" in one]
assert house.heartbeat_gap_s(0) < 4

# Clouds: a car that starts and stops all the time, and somebody who asks for things. Each file is
# written as often as docs/journal.md says, or less.
writes.clear()
began_s = world.now_s
for _ in range(2):
    house.publish(4000)
    world.run_for(450)
    house.publish(0)
    world.run_for(450)
hours = (world.now_s - began_s) / 3600
print(f"in {hours:.1f} h with {house.units[0].relay_closes} charges: {writes}")
assert writes.pop("journal.txt", 0) <= 6 * hours + 1
assert 4 <= writes.pop("state.json") <= 6 * 2 + 2 * hours, writes
assert writes.pop("sessions.csv", 0) <= 2
assert not writes, writes
house.notes = [note for note in house.notes if note[1] != "error"]  # those are ours
house.finish()

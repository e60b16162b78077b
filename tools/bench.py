"""How steady the bus is: ``python -m tools.bench [seconds]``, or ``make bench``.

Runs the firmware on the unix port, in the heap of an ESP32, with one to three simulated
connectors: once left alone, once with page and broker busy (three clients that ask all the time,
20 readings a second). Prints the period of the heartbeats as heard on the line, what it costs in
processor time and memory, and the busy run as a ratio to the idle one. Nothing here is a test:
the machine that runs it has a say in the figures.
"""

import json
import os
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import paho.mqtt.client as mqtt

from simulator.board import Board
from simulator.broker import EmbeddedBroker
from simulator.car import Car
from simulator.connector import Connector
from simulator.line import Line
from simulator.referee import Referee
from tools.stage import ROOT, stage

IDS = ("2433", "4F07", "6090")
CLIENTS = 3
READINGS_S = 20
SETTLE_S = 5


def run(count, seconds, busy, broker):
    """One run with `count` connectors: a dictionary of its figures."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        stage(folder, umqtt=ROOT / "build" / "umqtt" / "simple.py")
        config = {
            "wires": {"max_amps": 32},
            "wifi": {"ssid": "bench"},
            "mqtt": {"host": "127.0.0.1", "port": broker.port},
        }
        (folder / "config.json").write_text(json.dumps(config))
        referee = Referee(wires_amps=32, max_gap_s=2)
        connectors = [Connector(id, car=Car()) for id in IDS[:count]]
        with Line(connectors, referee=referee) as line, Board(folder, serial=line.path) as board:
            board.wait_for_status(lambda status: len(status["connectors"]) == count, 60)
            time.sleep(SETTLE_S)
            stop = threading.Event()
            threads = load(board.url, broker, stop) if busy else []
            began_ms, ticks = line.now_ms(), cpu_ticks(board.pid)
            time.sleep(seconds)
            cpu = (cpu_ticks(board.pid) - ticks) / os.sysconf("SC_CLK_TCK") / seconds
            ended_ms = line.now_ms()
            stop.set()
            for thread in threads:
                thread.join()
            # Before, while they link, slaves may talk over each other and over us.
            said = referee.report(ended_ms)
            faults = [fault for fault in said if float(fault.split()[0]) * 1000 >= began_ms]
            memory = board.status()["memory"]
    periods = []
    for id in IDS[:count]:
        times = [f.ms for f in referee.heartbeats_to(id) if began_ms <= f.ms <= ended_ms]
        periods += [after - before for before, after in zip(times, times[1:], strict=False)]
    return {"periods": sorted(periods), "cpu": cpu, "used": memory["used"], "faults": faults}


def load(url, broker, stop):
    """Keeps page and broker busy until `stop` is set; returns the threads."""

    def ask():
        while not stop.is_set():
            try:
                urllib.request.urlopen(url + "/api/status", timeout=5).read()
            except OSError:
                time.sleep(0.1)

    def publish():
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.connect(broker.host, broker.port)
        client.loop_start()
        watts = 0
        while not stop.wait(1 / READINGS_S):
            watts = (watts + 10) % 3000
            client.publish("twc/garage/surplus/set", str(watts))
        client.disconnect()
        client.loop_stop()

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    threads.append(threading.Thread(target=publish))
    for thread in threads:
        thread.start()
    return threads


def cpu_ticks(pid):
    """Processor time that a process has used, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def quantile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))]


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 30
    print("Heartbeats as heard on the line, in ms; cpu: share of one core of this machine.")
    print("slaves load   median  99 %   max   cpu %  memory used  rules broken")
    broker = EmbeddedBroker(0)
    broker.start()
    try:
        for count in range(1, len(IDS) + 1):
            result = {}
            for load_name in ("idle", "busy"):
                figures = result[load_name] = run(count, seconds, load_name == "busy", broker)
                periods = figures["periods"]
                print(
                    f"{count:6} {load_name}  {quantile(periods, 0.5):7} "
                    f"{quantile(periods, 0.99):5} {periods[-1]:5} {100 * figures['cpu']:7.1f} "
                    f"{figures['used']:12} {len(figures['faults']):13}"
                )
                for fault in figures["faults"]:
                    print("       ", fault)
            spread = [result[k]["periods"][-1] - 1000 for k in ("idle", "busy")]
            ratio = result["busy"]["cpu"] / max(result["idle"]["cpu"], 1e-6)
            print(
                f"       busy/idle: cpu x {ratio:.1f}; latest +{spread[1]} ms to +{spread[0]} ms"
            )
    finally:
        broker.stop()


if __name__ == "__main__":
    main()

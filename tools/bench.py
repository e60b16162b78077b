"""How steady the bus is: ``python -m tools.bench [seconds]``, or ``make bench``.

Runs the firmware on the unix port, in the heap of an ESP32, with one to three simulated
connectors: left alone, and with page and broker busy; then with two of them in bad networks and
with calls that stop the whole chip (stand-ins that stall as long as a flash write, a TLS
handshake and a scan do). Between them are brokers that misbehave: there "late" is what counts,
the worst stall of the loop. Prints what was heard on the line, and the busy run as a ratio to the
idle one before it. Nothing here is a test: the machine that runs it has a say in the figures.
"""

import contextlib
import sys
import tempfile

from simulator import hostile
from simulator.broker import EmbeddedBroker, Mosquitto, find_mosquitto
from tools.bench_run import CLIENTS, READINGS_S, Run, measure

NEAR_MS = 50
"""The aim: 99.9 % of the heartbeats within 1.0 s and this."""

HELD_MS = 500
"""A machine that holds the firmware up for longer has a say in the figures: that is told."""

RUNS = [
    Run("idle", 1),
    Run("busy", 1, busy=True),
    Run("idle", 2),
    Run("busy", 2, busy=True),
    Run("idle", 3),
    Run("busy", 3, busy=True),
    Run("mute broker", 2, broker="mute"),
    Run("no such broker", 2, broker="unreachable"),
    Run("no name server", 2, broker="unnamed"),
    Run("no CONNACK", 2, broker=hostile.silent),
    Run("byte by byte", 2, broker=hostile.byte_by_byte),
    Run("length no end", 2, broker=hostile.endless_length),
    Run("no MQTT", 2, broker=hostile.not_mqtt),
    Run("RST", 2, broker=hostile.reset_after_connack),
    Run("a megabyte", 2, broker=hostile.megabyte),
    Run("never reads", 2, broker=hostile.never_reads),
    Run("50 readings/s", 2, broker=hostile.fifty_a_second),
    Run("50 commands/s", 2, broker=hostile.commands_without_end),
    Run("Wi-Fi flaps", 2, wifi_flaps=True),
    Run("stalls", 2, stalls=True),
    Run("all at once", 2, busy=True, wifi_flaps=True, stalls=True),
]

HEAD = """\
                        heartbeat period, ms          new limit after, ms  first frame  cpu loop
slaves load              median 99.9 %   max  near %  less (max) more (max) proc  main   %  late"""


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(
        f"{seconds:.0f} s each. Busy: {CLIENTS} web clients, {READINGS_S} readings a second."
        f" near: within {NEAR_MS} ms of 1 s."
    )
    print("more: from the moment that the slave may be raised, 5 s after its last change.")
    print("first frame: ms from process and main.py. late: ms, worst stall of the loop so far.\n")
    print(HEAD)
    # The thread that listens to the line must not wait for the others of this process.
    sys.setswitchinterval(0.0005)
    with start_broker() as broker:
        idle = None
        for run in RUNS:
            figures = measure(run, seconds, broker)
            for line in [row(run, figures), *notes(figures)]:
                print(line, flush=True)
            if run.name == "idle":
                idle = figures
            elif run.name == "busy":
                print("       " + ratio(figures, idle), flush=True)


def row(run, figures):
    """A line of the table."""
    periods = figures.periods
    near = sum(abs(period - 1000) <= NEAR_MS for period in periods) / max(1, len(periods))
    start = figures.start
    return (
        f"{run.slaves:6} {run.name:17} {at(periods, 0.5):6.0f} {at(periods, 0.999):6.0f}"
        f" {periods[-1]:5.0f} {floor(100 * near):>7} {both(figures.reductions)}"
        f" {both(figures.raises)} {start[0]:4.0f} {start[1]:5.0f} {100 * figures.cpu:3.0f}"
        f" {figures.bus.get('late_max_ms', '-'):>5}"
    )


def notes(figures):
    """What does not fit into the line."""
    for cause in sorted({cause for _, cause in figures.gaps}):
        gaps = [period for period, of in figures.gaps if of == cause]
        yield f"       {len(gaps)} gaps by {cause}, up to {max(gaps):.0f} ms"
    if figures.bus.get("gaps"):
        last = figures.bus["gap_cause"]
        yield f"       the firmware counts {figures.bus['gaps']} gaps, the last one by {last}"
    if figures.held_ms is not None and figures.held_ms > HELD_MS:
        yield f"       this machine kept the firmware waiting for {figures.held_ms:.0f} ms in all"
    clients = figures.clients
    if clients.get("answers"):
        failures = clients["failures"]
        yield (
            f"       clients: {clients['answers']} answers, the slowest after"
            f" {clients['slowest_s']:.1f} s; {clients['unavailable']} times 503;"
            f" {sum(failures.values())} failures; {clients['published']} readings"
        )
        for failure in failures:
            yield f"       {failures[failure]} times {failure}"
    for fault in figures.faults:
        yield f"       broken rule: {fault}"


def ratio(busy, idle):
    """The busy run against the idle one."""

    late = [at(figures.periods, 0.999) - 1000 for figures in (busy, idle)]
    slower = at(busy.reductions, 0.5) / max(1, at(idle.reductions, 0.5))
    return (
        f"busy/idle: cpu x {busy.cpu / max(idle.cpu, 1e-6):.1f}; 99.9 % within"
        f" {late[0]:.0f} ms to {late[1]:.0f} ms of 1 s; reductions x {slower:.2f}"
    )


def at(values, share):
    """The value at this share of a sorted list; 0 if there is none."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0


def both(values):
    """Median and maximum."""
    return f"{at(values, 0.5):5.0f} {values[-1]:5.0f}" if values else "    -     -"


def floor(percent):
    """Two decimals, never rounded up to a hundred."""
    return f"{int(percent * 100) / 100:.2f}"


@contextlib.contextmanager
def start_broker():
    """A mosquitto if there is one, else the embedded broker."""
    with contextlib.ExitStack() as stack:
        if find_mosquitto():
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield stack.enter_context(Mosquitto(folder))
        else:
            broker = EmbeddedBroker(0)
            broker.start()
            stack.callback(broker.stop)
            yield broker


if __name__ == "__main__":
    main()

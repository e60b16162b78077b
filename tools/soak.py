"""A long day for the firmware: ``make soak``, or ``python -m tools.soak``.

Runs the firmware as a process, with simulated wall connectors, cars, sun and broker, for MINUTES
(10), while things go wrong on bus, network, broker, page, readings and power as a plan says that
is drawn from SEED (the day's date). The referee listens all the time. Then the storm ends, and
everything has to come back by itself. With HOURS instead: so many simulated hours, see
simulator/virtual/long_day.py. Prints what was survived; exit code 0 if all of it was.
"""

import contextlib
import os
import sys
import threading
import time
import traceback

from simulator.board import BoardError
from tools import soak_acts, soak_hours, soak_plan
from tools.soak_stage import VOLTS, WIRES_AMPS, Stage
from tools.soak_watch import Watch
from tools.stage import ROOT

LEAD_S = 15
"""Fair weather before the storm: the memory that is in use then is what it has to come back to."""
RECOVER_S = 120
CALM_S = 15
AFTER_W = 6000
MOST_GROWTH = 10_000
"""Bytes (of 64 bits, about twice a board's). In its first minutes the firmware learns meters, VINs
and what has happened; that nothing grows for hours is judged in simulated time, to the byte."""
LOG = ROOT / "build" / "soak.log"


def main():
    minutes = os.environ.get("MINUTES") or "10"
    hours = os.environ.get("HOURS")
    seed = os.environ.get("SEED") or time.strftime("%Y%m%d")
    try:
        length = float(hours or minutes)
        if not 0 < length < 10000:
            raise ValueError
    except ValueError:
        name = "HOURS" if hours else "MINUTES"
        print(f"{name}={hours or minutes}: write a number, such as {name}=3.", file=sys.stderr)
        return 2
    if hours:
        return soak_hours.main(length, seed)
    try:
        return soak(length * 60, seed)
    except BoardError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"Stopped. To see it again: make soak MINUTES={minutes} SEED={seed}")
        return 130


def soak(seconds, seed):
    """Runs it; returns the exit code."""
    plan = soak_plan.make(seed, seconds)
    count = sum(map(len, plan.values()))
    print(
        f"make soak MINUTES={seconds / 60:g} SEED={seed}: {count} events. Log: {LOG}", flush=True
    )
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("")
    watch = Watch()
    faults = []
    done = {}
    with Stage(LOG, watch.said, os.environ.get("HEAP") or "112wK") as stage:
        stage.board.start()
        stage.board.wait_for_status(_all_is_well, 60)
        began_s = time.monotonic()
        with watch.watch(stage):
            time.sleep(LEAD_S)
            storm(stage, plan, done, faults)
            stormed_s = time.monotonic() - began_s
            recovered_s = recover(stage, faults)
            calm_s = time.monotonic() - began_s
            time.sleep(CALM_S)
        with stage.line.lock:
            violations = stage.line.referee.report(stage.line.now_ms())
            lost = stage.line.lost
        if watch.first_ms is None:
            faults.append("the firmware said nothing on the line")
        ours, machines = watch.judge(violations)
        memory = watch.used(2, LEAD_S), watch.used(calm_s)
        faults += [f"referee: {sentence}" for sentence in ours]
        faults += [
            "printed by the firmware: " + " | ".join([line, *more]) for line, more in watch.wrong
        ]
        if stage.board.crashes:
            faults.append(f"the process ended {stage.board.crashes} times")
        if None in memory:
            faults.append("the page told nothing of the memory, at the start or at the end")
        elif memory[1] - memory[0] > MOST_GROWTH:
            faults.append(f"memory: {memory[0]} bytes were in use, and then {memory[1]}")
        report(seconds, plan, done, stage, watch, machines, memory, stormed_s, recovered_s, lost)
        if faults:
            print(f"\nFAILED, {len(faults)} faults:")
            for fault in faults[:20]:
                print("  " + fault)
            print(f"The last lines of the firmware:\n{stage.board.tail(30)}")
            print(f"To see it again: make soak MINUTES={seconds / 60:g} SEED={seed}")
            return 1
    print(f"Survived, seed {seed}.")
    return 0


def storm(stage, plan, done, faults):
    """Carries the plan out; counts what was done, and what the harness itself raised, which is a
    fault too: it was no storm then."""
    began_s = time.monotonic()
    ending = threading.Event()

    def run(group):
        for event in plan[group]:
            if ending.wait(max(0, began_s + event.at_s - time.monotonic())):
                return
            try:
                with soak_acts.act(stage, event):
                    ending.wait(max(0, began_s + event.until_s - time.monotonic()))
            except Exception as error:
                faults.append(f"{event.kind} could not be played: {error!r}")
                traceback.print_exc()
            done[group, event.kind] = done.get((group, event.kind), 0) + 1

    threads = [threading.Thread(target=run, args=(group,), name=group) for group in plan]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.5)
    finally:
        ending.set()


def recover(stage, faults):
    """The storm is over: all has to be as before, by itself. Returns how many s that took."""
    began_s = time.monotonic()
    for name, words in soak_acts.PLAIN.items():
        soak_acts.say(stage, name, words, True)
    stage.reading = lambda: str(AFTER_W)
    with stage.line.lock:
        for unit in stage.units:
            # Some cars want to be plugged in again after their master was lost.
            unit.car.unplug()
    time.sleep(2)
    with stage.line.lock:
        for unit in stage.units:
            unit.car.plug()
    status = None
    while time.monotonic() - began_s < RECOVER_S:
        with contextlib.suppress(OSError, ValueError):
            status = stage.board.status(timeout_s=15)
            if _all_is_well(status) and _charging(stage, status):
                return time.monotonic() - began_s
        time.sleep(0.5)
    links = status and {unit["id"]: unit["link"] for unit in status["connectors"]}
    faults.append(
        f"not recovered {RECOVER_S} s after the storm: "
        + (f"{status['reason']} links {links}, broker {status['mqtt']}" if status else "no page")
    )
    return None


def _all_is_well(status):
    units = status["connectors"]
    linked = len(units) == 3 and all(unit["link"] == "ok" for unit in units)
    return linked and status["mqtt"]["state"] == status["wifi"]["state"] == "connected"


def _charging(stage, status):
    wanted = AFTER_W // VOLTS
    with stage.line.lock:
        draw = sum(unit.draw_amps for unit in stage.units)
        offer = sum(unit.limit_amps or 0 for unit in stage.units)
    return status["state"] == "charging" and offer == wanted and wanted - 4 < draw <= wanted


def report(seconds, plan, done, stage, watch, machines, memory, stormed_s, recovered_s, lost):
    """Prints the table."""
    print(f"\nSurvived in {stormed_s:.0f} s on wires for {WIRES_AMPS} A, three wall connectors:")
    for group in plan:
        kinds = [f"{kind} {n}" for (of, kind), n in sorted(done.items()) if of == group]
        print(f"  {group:10} {', '.join(kinds) or '-'}")
    gap_s, cause = watch.longest_gap()
    awake_s, awake_cause = watch.longest_awake_gap()
    beats = sum(len(stage.line.referee.heartbeats_to(unit.id)) for unit in stage.units)
    rows = (
        ("heartbeats", f"{beats} (of the last {stage.line.referee.keep} frames)"),
        ("longest gap", f"{gap_s:.2f} s ({cause}); with power {awake_s:.2f} s ({awake_cause})"),
        ("starts", f"{len(stage.offs)} power cuts and restarts, {stage.board.resets} resets"),
        ("relays", f"closed {sum(unit.relay_closes for unit in stage.units)} times"),
        ("links", f"lost {sum(unit.link_losses for unit in stage.units)} times"),
        (
            "page",
            f"{watch.answers} of {watch.answers + watch.refused} looks answered,"
            f" {stage.requests} bad requests, {stage.commands} commands",
        ),
        (
            "broker",
            f"{stage.proxy.connections} connections"
            + (
                ""
                if stage.broker.real
                else "; no mosquitto here, the embedded broker can't be half dead"
            ),
        ),
        (
            "memory",
            f"{memory[0]} bytes in use before, {memory[1]} after, of"
            f" {os.environ.get('HEAP') or '112wK'} (64 bits)",
        ),
        ("recovered", f"after {recovered_s:.0f} s" if recovered_s is not None else "no"),
        ("bytes lost", f"{lost} because they were not read in time"),
        (
            "machine",
            f"stood still for {watch.stood_still_ms():.0f} ms at most;"
            f" {len(machines)} sentences about times are not judged",
        ),
    )
    for name, text in rows:
        print(f"  {name:12} {text}")
    for sentence in machines[:5]:
        print(f"    not judged: {sentence}")
    said = sorted(watch.told.items(), key=lambda item: -item[1])[:8]
    print("  it told      " + "; ".join([f"{words} ({n})" for words, n in said]))


if __name__ == "__main__":
    sys.exit(main())

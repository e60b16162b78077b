"""Watches a soak: memory, heartbeats and their gaps, what the firmware prints, the machine itself.

The machine that runs a soak may be busy. So it is watched too: what the referee says about times
while the firmware, or the thread that plays the line, was kept waiting is told, and not judged.
"""

import contextlib
import re
import threading
import time
from pathlib import Path

LOOK_S = 0.25
# So long before and after it a machine that stood still has a say in times.
AROUND_MS = 5000
STILL_MS = 250
# A watchdog that was not fed for 20 s was let down by a machine that stood still for so much of
# that time, and what follows from such a reset, from what was not written before it, with it.
STARVED_MS = 1500
BITES_MS = 25000
AFTERMATH_MS = 10000
# A slave that has been silent for so long is owed no heartbeat (26 s, and what is under way).
DROPPED_MS = 24500
# What no firmware may print.
WRONG = ("Traceback", "MemoryError", " failed: ", "Held back", "[the MicroPython process ended")
# Sentences of the referee about times as short as a machine may stand still.
_OF_TIMES = (
    "got no heartbeat",
    "began to send",
    "was asked",
    "came ",
    "gave way",
    "after its last change",
    "was on for only",
    "was off for only",
    "still is not at 0 A",
)
_TOLD_GAP = re.compile(r"No heartbeat for ([\d.]+) s, because: (.+)")


class Watch:
    """A context manager: watches the Stage while it is open. `said` is given to the board as
    its on_line before that.

    `wrong`: [(line, the following lines)] that the firmware may not print. `told`: its warnings
    and errors, counted by their first words. `memory`: [(s, life, bytes used)] of each status.
    `answers`, `refused`: of the page, asked once a second.
    """

    def __init__(self):
        self.wrong = []
        self.told = {}
        self.memory = []
        self.answers = 0
        self.refused = 0
        self.first_ms = None
        self._lines = 0
        self._open = 0  # lines to come that belong to what went wrong
        self._causes = []  # (ms, cause) as the firmware told it
        self._still = []  # (ms, how long the machine stood still)
        self._bites = []  # ms: the watchdog's
        self._beats = {}
        self._heard = {}
        self._taken_ms = 0
        self.gaps = []  # (gap in ms, until when, id)
        self._stage = None
        self._stop = threading.Event()

    def watch(self, stage):
        """Begin; returns a context manager that ends it."""
        self._stage = stage
        threads = [
            threading.Thread(target=run, daemon=True)
            for run in (self._look_at_machine, self._look_at_page, self._look_at_line)
        ]
        for thread in threads:
            thread.start()

        @contextlib.contextmanager
        def until_left():
            try:
                yield self
            finally:
                self._stop.set()
                for thread in threads:
                    thread.join(10)

        return until_left()

    def said(self, line):
        """A line of the firmware."""
        self._lines += 1
        if self._open and (line.startswith(" ") or self._open > 9):
            self.wrong[-1][1].append(line)
            self._open -= 1
        elif self._open:
            self.wrong[-1][1].append(line)  # the error itself
            self._open = 0
        elif any(word in line for word in WRONG):
            self.wrong.append((line, []))
            self._open = 10 if "Traceback" in line else 0
        if "watchdog was not fed" in line and self._stage:
            self._bites.append(self._stage.line.now_ms())
        found = _TOLD_GAP.search(line)
        if found and self._stage:
            self._causes.append((self._stage.line.now_ms(), found[2]))
        head = re.match(r"\d+ s (warning|error): (\S+ ?\S* ?\S*)", line)
        if head:
            self.told[head[2]] = self.told.get(head[2], 0) + 1

    def used(self, from_s, until_s=float("inf")):
        """The least memory that was in use at a look between these times, None: no look."""
        return min(
            [used for at_s, _, used in self.memory if from_s <= at_s < until_s], default=None
        )

    def machine(self, ms):
        """For how long in ms the machine stood still around this time of the line, 0: it did
        not."""
        return max([long for at_ms, long in self._still if abs(at_ms - ms) < AROUND_MS], default=0)

    def stood_still_ms(self):
        return max([long for _, long in self._still], default=0)

    def judge(self, violations):
        """The referee's sentences, and one for each bite of the watchdog, as (those that count,
        those that the machine has a say in)."""
        ours, machines = [], []
        excused = []
        for ms in self._bites:
            starved = [long for at_ms, long in self._still if ms - BITES_MS <= at_ms <= ms]
            sentence = f"{ms / 1000:.3f} s: the watchdog was not fed"
            if sum(starved) >= STARVED_MS:
                excused.append(ms)
                machines.append(sentence)
            else:
                ours.append(sentence)
        for sentence in violations:
            of_times = any(words in sentence for words in _OF_TIMES)
            at_ms = float(sentence.split(" ", 1)[0]) * 1000
            follows = any(0 <= at_ms - ms <= AFTERMATH_MS for ms in excused)
            busy = follows or of_times and self.machine(at_ms)
            (machines if busy else ours).append(sentence)
        return ours, machines

    def longest_gap(self):
        """(s, cause) of the longest time between two heartbeats to the same linked slave."""
        best = (0, "", 0)
        for gap_ms, at_ms, _ in self.gaps:
            if gap_ms > best[0]:
                best = gap_ms, self._cause(at_ms - gap_ms, at_ms), at_ms
        return best[0] / 1000, best[1]

    def longest_awake_gap(self):
        """The same but for the times without power."""
        best = (0, "")
        for gap_ms, at_ms, _ in self.gaps:
            cause = self._cause(at_ms - gap_ms, at_ms)
            if gap_ms > best[0] and cause != "power":
                best = gap_ms, cause
        return best[0] / 1000, best[1]

    def _cause(self, from_ms, to_ms):
        if any(off_ms <= to_ms and from_ms <= on_ms for off_ms, on_ms in self._stage.offs):
            return "power"
        told = [cause for ms, cause in self._causes if from_ms <= ms <= to_ms + 1500]
        long = self.machine(to_ms)
        if long:
            return f"machine, {long:.0f} ms" + (f", and {told[-1]}" if told else "")
        if told:
            return told[-1]
        return "the usual" if to_ms - from_ms < 1300 else "not told"

    # Threads.

    def _look_at_machine(self):
        before_ms, pid = None, None
        due_s = time.monotonic() + LOOK_S
        while not self._stop.wait(max(0, due_s - time.monotonic())):
            late_ms = (time.monotonic() - due_s) * 1000
            due_s = max(due_s + LOOK_S, time.monotonic())
            now_pid = self._stage.board.pid
            waited_ms = waiting_ms(now_pid) if now_pid else None
            if pid == now_pid and None not in (waited_ms, before_ms):
                late_ms = max(late_ms, waited_ms - before_ms)
            pid, before_ms = now_pid, waited_ms
            if late_ms >= STILL_MS:
                self._still.append((self._stage.line.now_ms(), late_ms))

    def _look_at_page(self):
        began_s = time.monotonic()
        while not self._stop.wait(1):
            try:
                status = self._stage.board.status(timeout_s=15)
                used = status["memory"]["used"]
            except (OSError, ValueError, KeyError):
                self.refused += 1
                continue
            self.answers += 1
            life = self._stage.board.resets + len(self._stage.offs)
            self.memory.append((time.monotonic() - began_s, life, used))

    def _look_at_line(self):
        while not self._stop.wait(2):
            self._take_frames()
        self._take_frames()

    def _take_frames(self):
        with self._stage.line.lock:
            frames = [f for f in self._stage.line.referee.frames[-3000:] if f.ms > self._taken_ms]
        for frame in frames:
            self._taken_ms = frame.ms
            if frame.source == "master" and self.first_ms is None:
                self.first_ms = frame.ms
            if frame.source == "master" and frame.function == 0xFBE0:
                id = frame.receiver
                before_ms = self._beats.get(id)
                heard_ms = self._heard.get(id)
                if None not in (before_ms, heard_ms) and before_ms - heard_ms < DROPPED_MS:
                    self.gaps.append((frame.ms - before_ms, frame.ms, id))
                    if len(self.gaps) > 5000:
                        self.gaps = sorted(self.gaps, reverse=True)[:1000]
                self._beats[id] = frame.ms
            elif frame.source not in ("master", "other") and frame.function == 0xFDE0:
                self._heard[frame.sender] = frame.ms


def waiting_ms(pid):
    """How long a process has waited for a processor while it could have run; None: not known."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e6
    except (OSError, IndexError, ValueError):
        return None

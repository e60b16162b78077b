"""What `make check-board` found, as a table, and what is to be done about it.

``findings``: what firmware/check.py and its neighbours told, by key; see there. Bytes and ms
unless a name says otherwise.
"""

import re

from tools import fits
from tools.stage import ROOT

VERSION = re.search(r'^VERSION = "(.*)"', (ROOT / "firmware/__init__.py").read_text(), re.M)[1]

# Bounds, and where they are from: the board has to heartbeat each second, and a wall connector
# that hears nothing for 30 s stops (README, "Performance": a gap of 4 s at most is aimed at).
GAP_TOLD_MS = 1300
GAP_MOST_MS = 4000
STALL_MS = 300
FIRST_FRAME_MS = 10_000
# An update over the air lies beside the old version.
FLASH_FREE = 400 * 1024
HEAP = 112_000  # and the step after that takes the network's (firmware/board.py)
HEAP_FULL = 110_000
SHARED_LOW = 12 * 1024
WEAK_DBM = -75
FAINT_DBM = -85


class Report:
    """``rows``: (what, finding); ``warnings``: sentences, each with what to do; ``failed``:
    whether the firmware did not run to the end of the test."""

    def __init__(self, findings, visitor=None):
        self.rows = []
        self.warnings = []
        self._found = findings
        self.failed = "end" not in findings
        self._interpreter()
        self._memory()
        self._bus()
        self._line()
        self._network(visitor)
        self._words()

    def text(self):
        """Table and verdict."""
        width = max(len(what) for what, _ in self.rows)
        lines = [f"{what:{width}}  {finding}" for what, finding in self.rows]
        if self.failed:
            verdict = "The firmware did NOT run to the end of the test."
        elif self.warnings:
            many = len(self.warnings)
            verdict = f"OK, with {many} warning{'s' if many > 1 else ''}:"
        else:
            verdict = "OK"
        return "\n".join([*lines, "", verdict, *[f" - {one}" for one in self.warnings]])

    def _row(self, what, finding):
        self.rows.append((what, finding))

    def _get(self, key, count=1):
        value = self._found.get(key)
        return [None] * count if value is None else value

    # The board.

    def _interpreter(self):
        name, version, machine, build, platform = self._get("interpreter", 5)
        if name:
            numbers = ".".join(str(part) for part in version)
            self._row("interpreter", f"{name} {numbers} ({build or 'no date'}), {machine}")
            try:
                facts = {"name": name, "version": version, "machine": machine}
                advice = fits.check_interpreter(facts | {"platform": platform}, (platform,))
                if advice:
                    self.warnings.append(advice)
            except fits.UnfitError as error:
                self.warnings.append(str(error))
        hertz, flash, _ = self._get("chip", 3)
        if hertz:
            size = f", {flash // 2**20} MB of flash" if flash else ""
            self._row("chip", f"{hertz // 1_000_000} MHz{size}")
        ours = self._found.get("firmware")
        if ours:
            self._row("firmware", f"{ours}, board {self._found.get('id')}")
            if ours != VERSION:
                self.warnings.append(
                    f"The board has version {ours}, this checkout is {VERSION}: make deploy brings"
                    " it up to date."
                )
        pins = dict(self._get("pins", 0))
        if pins:
            words = [f"{key} {'none' if pin is None else pin}" for key, pin in pins.items()]
            self._row("pins", ", ".join(words))
        total, free = self._get("flash", 2)
        if total:
            self._row("flash", f"{free // 1024} KB of {total // 1024} KB are free")
            if free < FLASH_FREE:
                self.warnings.append(
                    f"Only {free // 1024} KB of the flash are free: too little for an update over"
                    " the air. Remove files of your own, or make flash and make deploy."
                )

    def _memory(self):
        before, after = self._found.get("before"), self._found.get("after")
        samples = self._found["sample"]
        if before:
            self._row("Python's heap", f"{_kb(before[0])} in use before the firmware is started")
        if samples:
            most = max(sample[1] for sample in samples)
            left = f", {_kb(after[0])} of it live at the end" if after else ""
            self._row("", f"{_kb(most)} at most with it{left}")
            if most > HEAP_FULL and before and before[2]:
                self.warnings.append(
                    f"Of the {HEAP // 1000} KB that Python may take, {most // 1000} were in use:"
                    " leave out what is not needed, such as bus.questions, bus.recording, sources"
                    " or TLS (README, memory)."
                )
        shared = [sample[2] for sample in samples if sample[2]]
        if before and before[2]:
            self._row("shared memory", f"{_of(before[2])} before Wi-Fi")
        if shared:
            low = min(one[1] for one in shared)
            self._row("", f"{_of(shared[-1])} with it, {_kb(low)} at the least of all looks")
            if low < SHARED_LOW:
                self.warnings.append(
                    f"The memory that Wi-Fi and sockets share fell to {_kb(low)}: connections may"
                    " fail. Leave out what is not needed (README, memory)."
                )
        elif before:
            self._row("shared memory", "not known on this platform")
        if self._found["short"]:
            self.warnings.append(
                "Memory was so short that the recording of frames was given up: leave out what is"
                " not needed (README, memory)."
            )

    # The bus.

    def _bus(self):
        built, first = self._get("first", 2)
        started = self._found.get("started")
        if started is not None:
            self._row("first frame", f"{_s(started)} after a reset")
        elif first is not None:
            self._row("first frame", f"{_s(first)} after the prompt (the page did not tell)")
        else:
            self._row("first frame", "none was sent")
            if not self.failed:
                self.warnings.append(
                    "Nothing was sent on the bus: the log says why. Is another master on it?"
                )
        slowest = started if started is not None else first
        if slowest is not None and slowest > FIRST_FRAME_MS:
            self.warnings.append(
                f"The first frame took {_s(slowest)}: wall connectors that were charging may have"
                " stopped. Fewer files on the flash make it faster."
            )
        late = self._found.get("late")
        if late is not None:
            self._row("worst stall", f"{late} ms, in {self._found['seconds']} s of use")
            if late > STALL_MS:
                self.warnings.append(
                    f"The program once stood still for {late} ms. Under a second that does no"
                    " harm; a Wi-Fi that is joined anew, TLS and flash writes are usual causes."
                )
        gaps = sorted([gap for part in self._found["gaps"] for gap in part])
        if gaps:
            high = gaps[min(len(gaps) - 1, len(gaps) * 999 // 1000)]
            self._row(
                "heartbeats",
                f"every {gaps[len(gaps) // 2]} ms (median), {gaps[0]} to {gaps[-1]} ms,"
                f" 99.9 %: {high} ms; {len(gaps)} periods",
            )
            longest, _, cause = self._get("longest", 3)
            if gaps[-1] > GAP_MOST_MS:
                self.warnings.append(
                    f"No heartbeat for {_s(gaps[-1])} ({cause or 'unknown'}): send the log to"
                    " support."
                )
            elif gaps[-1] > GAP_TOLD_MS:
                self.warnings.append(
                    f"A heartbeat came after {_s(gaps[-1])} in place of 1 s"
                    f" ({cause or 'unknown'}); wall connectors bear some seconds."
                )
        elif late is not None:
            self._row("heartbeats", "none: no wall connector is linked")

    def _line(self):
        sent, _, heard, echoed, broken = self._get("frames", 5)
        if sent is None:
            return
        slaves = self._found["slave"]
        for unit, protocol, rating_ca, link, reply, missed in slaves:
            answers = "no answer yet" if reply is None else f"answers after {reply} ms"
            self._row(
                f"connector {unit}",
                f"protocol {protocol or '?'}, {rating_ca // 100} A, {answers}, {missed} times not;"
                f" link {link}",
            )
            if link != "ok":
                self.warnings.append(
                    f"Wall connector {unit} does not answer now: check its power and the pair."
                )
        good, bad, short, noisy, refused = self._get("line", 5)
        self._row(
            "line", f"{sent} frames sent, {heard} heard, {broken} broken, {noisy} into noise"
        )
        if bad and bad * 20 > (good or 0) + bad:
            self.warnings.append(
                f"{bad} of {good + bad} frames were broken: 120 Ω at both ends of the pair,"
                " twisted wires, away from mains; 680 Ω bias where the line floats."
            )
        if refused:
            self.warnings.append(f"The gate held {refused} frames back: send the log to support.")
        if self._found.get("second"):
            self.warnings.append(
                "A second master is on the line: set the rotary switch of every wall connector to"
                " F, and take away other masters."
            )
        self._loop(sent, heard, echoed, broken)
        if not slaves:
            self.warnings.append(
                "No wall connector answered. On the desk that is as it should be; on the wall:"
                " power, rotary switch on F, A and B swapped, driver enable (docs/boards.md)."
            )

    def _loop(self, sent, heard, echoed, broken):
        """TX and RX bridged, or a transceiver that hears itself: our own frames come back."""
        if echoed and echoed >= sent - 1:
            found = f"whole: {echoed} of {sent} frames came back"
        elif echoed:
            found = f"{echoed} of {sent} frames came back"
            self.warnings.append(
                f"Only {echoed} of {sent} of our own frames came back whole: a loose bridge, or"
                " two talk at once."
            )
        else:
            found = "not bridged: nothing that was sent came back"
            if sent and broken and not heard:
                self.warnings.append(
                    "Only broken frames were heard: A and B are swapped, or the transceiver has"
                    " no ground in common or the wrong voltage."
                )
        self._row("loop-back", found)

    # The network.

    def _network(self, visitor):
        has_wifi, has_broker, tls, _, _, _ = self._get("settings", 6)
        samples = [sample for sample in self._found["sample"] if sample[3]]
        last = samples[-1] if samples else None
        if has_wifi is False:
            self._row("Wi-Fi", "none is configured")
        elif last is None or last[3] != "connected":
            self._row("Wi-Fi", f"not joined ({last[3] if last else 'not started'})")
            self.warnings.append(
                "Wi-Fi was not joined: check wifi.ssid and wifi.password (2.4 GHz only); the log"
                " has what was said."
            )
        else:
            levels = [sample[5] for sample in samples if sample[5] is not None]
            weakest = min(levels, default=None)
            channel = self._found.get("channel")
            signal = "signal not known" if weakest is None else f"{weakest} dBm at the least"
            where = "" if channel is None else f", channel {channel}"
            self._row("Wi-Fi", f"{last[4]}, {signal}{where}")
            if weakest is not None and weakest < WEAK_DBM:
                how = "hardly enough" if weakest < FAINT_DBM else "weak"
                self.warnings.append(
                    f"The signal is {how} ({weakest} dBm): another place, an antenna, an access"
                    " point that is nearer, or a cable (Ethernet)."
                )
            if any(sample[3] != "connected" for sample in samples[samples.index(last) // 2 :]):
                self.warnings.append("Wi-Fi was lost meanwhile: see the log.")
        self._broker(has_broker, tls)
        self._page(visitor)

    def _broker(self, has_broker, tls):
        state, note = self._get("mqtt", 2)
        if has_broker is False:
            self._row("broker", "none is configured")
        elif state == "connected":
            self._row("broker", "connected" + (", TLS" if tls else ""))
        else:
            self._row("broker", f"not reached ({note or state or 'not started'})")
            self.warnings.append(
                f"The broker was not reached: {note or 'check mqtt.host and mqtt.port'}"
            )

    def _page(self, visitor):
        if visitor is None:
            self._row("page", "not asked: the board has no address")
            return
        if not visitor.answers:
            self._row("page", f"no answer at {visitor.base} ({visitor.error})")
            self.warnings.append(
                f"The page did not answer at {visitor.base}: is this computer in the same network?"
                " Else name its address: HOST=address."
            )
            return
        self._row(
            "page",
            f"{visitor.answers} answers, the slowest after {visitor.slowest_s:.1f} s;"
            f" {visitor.busy} times busy, {visitor.failed} failures",
        )
        if visitor.refused:
            self.warnings.append(
                "The page asks for a password to look at it (web.read): it was used less than it"
                " would be."
            )
        if visitor.failed * 10 > visitor.answers:
            self.warnings.append(
                f"The page failed {visitor.failed} times ({visitor.error}): weak Wi-Fi, or memory"
                " is short."
            )

    def _words(self):
        self.warnings += [sentence for sentence in self._found["problem"]]
        told = self._found["problem"]
        self.warnings += [one for one in self._found["warning"] if one not in told]
        for name, text in self._found["words"]:
            last = text.strip().splitlines()[-1:] or ["it is empty"]
            self.warnings.append(f"{name} lies on the board: {last[0]} (all of it in the log)")
        if "ended" in self._found:
            self.warnings.append(self._found["ended"])


def _kb(count):
    return f"{count / 1024:.1f} KB"


def _of(shared):
    total, free, largest, _ = shared
    return f"{_kb(free)} of {_kb(total)} free ({_kb(largest)} in one piece)"


def _s(ms):
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms} ms"

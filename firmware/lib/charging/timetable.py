"""The timetable: what is wanted at this time of the week, and why.

A window holds from one local time to another, summer time and midnight included; one that crosses
midnight belongs to the day on which it begins. Where windows overlap the first in the list counts.
A window may have a target, some kWh until its end:

- early: at full power from the start until it is reached;
- late: the sun's until the latest moment from which it can be reached with a tenth to spare;
- spread: the amperes that reach it evenly by the end.

What was charged since the window began counts, whoever wanted it. A target that is reached ends
charging until the window ends.
"""

from micropython import const

import localtime

# The table is looked through again at least this often: a jump of the clock or a day may have
# passed.
_LOOK_AGAIN_S = const(3600)

_STEP_S = const(300)  # in which late finds its begin

# Words for the modes that a window may have.
_NAMES = {"off": "off", "solar": "Solar", "minimum": "Solar + minimum", "fast": "fast"}


def words_unknown():
    """The sentence to tell while nobody knows what time it is."""
    return "timetable: the clock is not set, so it is not followed"


class Timetable:
    """`windows`: as configured_times.check_timetable() makes them. `zone`: of zones.parse().

    `since`: (Unix time at which the present window began, the energy counter then in Wh), or None
    outside of windows with a target. Given back to a new Timetable it makes a target that was half
    reached before a restart stay half reached.
    """

    def __init__(self, windows, zone, since=None):
        self.since = since
        self.windows = windows
        self._zone = zone
        self._window = None  # the one that holds
        self._end_s = 0
        self._from_s = self._until_s = 0  # for how long the above is good
        self._amps = 0  # of spread, last; 1 where late has begun
        self._done_wh = 0  # of the target, when last known

    def now(self, utc_s, total_wh, watts_per_amp, least_amps, most_amps):
        """What the timetable wants at this moment: None, or (mode, amps, words, left_ms).

        `utc_s`: Unix time, or None: not known; then nothing is wanted. `total_wh`: a counter of
        what all cars got, which only grows, or None: not known yet, and what is charged until it
        is does not count. `watts_per_amp`: what one of the amperes given here is worth for all
        cars; `least_amps`, `most_amps`: what they can be given, whole ones. `mode` is "off",
        "solar", "minimum", "fast", or "manual" with whole amperes, which are None otherwise.
        `left_ms`: until the window ends.
        """
        if utc_s is None:
            return None
        if not self._from_s <= utc_s < self._until_s:
            self._look(utc_s)
        window = self._window
        if window is None:
            return None
        mode, amps, energy_wh = window[3], window[4], window[5]
        left_s = self._end_s - utc_s
        end = localtime.clock_text(window[2])
        if energy_wh:
            mode, amps, words = self._target(
                window, end, left_s, total_wh, watts_per_amp, least_amps, most_amps
            )
        else:
            what = _NAMES[mode] if amps is None else f"{amps} A"
            words = f"timetable: {what} until {end}"
        return mode, amps, words, left_s * 1000

    def _look(self, utc_s):
        """Finds the window that holds, and until when that is so."""
        zone = self._zone
        today = localtime.local(zone, utc_s)[0]
        began_s = None
        self._window = None
        self._from_s, self._until_s = utc_s, utc_s + _LOOK_AGAIN_S
        for window in self.windows:
            for day in (today - 1, today, today + 1):
                if not window[0] >> (day + 3) % 7 & 1:
                    continue
                first, last = window[1], window[2]
                begin_s = localtime.utc(zone, day, first)
                end_s = localtime.utc(zone, day + (last <= first), last)
                if begin_s > utc_s:
                    self._until_s = min(self._until_s, begin_s)
                elif utc_s < end_s and self._window is None:
                    self._window, self._end_s, began_s = window, end_s, begin_s
                    self._until_s = min(self._until_s, end_s)
        if self._window is None or not self._window[5]:
            self.since = None
        elif self.since is None or self.since[0] != began_s:
            self.since = (began_s, None)
            self._amps = self._done_wh = 0

    def _target(self, window, end, left_s, total_wh, watts_per_amp, least_amps, most_amps):
        """(mode, amps, words) of a window with a target."""
        mode, amps, energy_wh, when = window[3], window[4], window[5], window[6]
        target = f"timetable: {_kwh(energy_wh)} by {end}"
        if total_wh is not None:
            if self.since[1] is None:
                self.since = (self.since[0], total_wh)
            self._done_wh = max(0, int(total_wh - self.since[1]))
        done_wh = self._done_wh
        if done_wh >= energy_wh:
            return "off", None, f"{target} is reached, off until then"
        target += f", {_kwh(done_wh)} done, "
        if mode in ("solar", "minimum"):
            return mode, None, f"{target}{_NAMES[mode]} until then"
        # In watt-seconds: whole numbers all the way.
        rest_ws = (energy_wh - done_wh) * 3600
        most = most_amps if amps is None else min(amps, most_amps)
        needs_s = rest_ws // max(1, int(most * watts_per_amp))
        if when == "late" and not self._amps:
            # In steps of five minutes, so that not each second has words of its own.
            wait_s = left_s - -(-needs_s * 11 // 10 // _STEP_S) * _STEP_S
            if wait_s > 0:
                minute = localtime.local(self._zone, self._end_s - left_s + wait_s)[2]
                start = localtime.clock_text(minute)
                return "solar", None, f"{target}Solar, then at full power from {start}"
            self._amps = 1
        short = ", which is not enough" if needs_s > left_s else ""
        if when == "spread":
            amps = self._even(rest_ws, left_s * watts_per_amp, least_amps, most)
            return "manual", amps, f"{target}at {amps} A until then{short}"
        what = "at full power"
        if amps is not None:
            amps = most
            what = f"at {amps} A"
        return mode, amps, f"{target}{what} until it is reached{short}"

    def _even(self, rest_ws, amp_ws, least_amps, most_amps):
        """Amperes that give the rest by the end, rounded up; `amp_ws`: what one gives until then.
        They fall only where half an ampere less would do: otherwise they would swing between two
        all night."""
        amp_ws = max(1, int(amp_ws))
        need = -(-rest_ws // amp_ws)
        if need < self._amps:
            need = min(self._amps, -(-(rest_ws + amp_ws // 2) // amp_ws))
        self._amps = min(max(need, least_amps), most_amps)
        return self._amps


def _kwh(wh):
    tenths = int(wh) // 100
    return f"{tenths // 10}.{tenths % 10} kWh" if tenths % 10 else f"{tenths // 10} kWh"

"""What is known of the surplus, and how old it is.

Two kinds of readings, both in watts:
"surplus"  what the cars may take: sun minus house, without the cars
"grid"     the grid meter with the cars in it, import positive; what the cars drew at that
           moment is added here
No data is not zero and not the last value: a reading ages, and when it is too old it is lost.
"""

from micropython import const

import text

KINDS = ("surplus", "grid")

# No house has more; a number beyond it is a unit mixed up or noise.
_MOST_WATTS = const(200000)
_LONGEST_NUMBER = const(32)

# While a car follows a new offer, meter and draw are of different moments: their sum would show
# a surplus that is not there, or hide one that is.
_HOLD_MS = const(10000)
_MOVED_WATTS = const(150)

# What the cars took is looked for between moments at which surplus and draw stood still (two
# readings that differ by less than this), when the draw has changed by at least a step; it
# counts as found if the surplus fell by about as much. A right surplus that the cars follow,
# even one message late, then never looks like it.
_STILL_WATTS = const(150)
_STEP_WATTS = const(500)
_STEP_PERCENT = const(30)
_STEPS_NOTICED = const(3)


def parse_watts(payload):
    """The watts in a payload (bytes or text): a plain number such as `3000`, `-12.5`, `3e3`.

    Returns (watts, None) or (None, sentence): words, empty text, NaN, infinities and values
    beyond 200 kW are no reading, and never 0.
    """
    raw = payload.encode() if isinstance(payload, str) else bytes(payload)
    try:
        if len(raw) > _LONGEST_NUMBER:
            raise ValueError
        words = raw.strip()
        # MicroPython's float() takes more than numbers (".", "e5"), CPython's "1_000". Bytes,
        # because MicroPython keeps each letter that a loop over text has met.
        digits = words.lstrip(b"+-")
        if not digits[:1].isdigit() and not (digits[:1] == b"." and digits[1:2].isdigit()):
            raise ValueError
        if any([byte not in b"+-.0123456789eE" for byte in words]) or words[-1] in b"+-eE":
            raise ValueError
        value = float(str(words, "utf-8"))
    except ValueError:
        shown = "bytes that are no text"
        # From its beginning, and not through the middle of a letter.
        for end in (40, 39, 38, 37):
            try:
                shown = str(raw[:end], "utf-8")
                break
            except (ValueError, UnicodeError):
                pass
        return None, f'the last text was not a number: "{shown}"'
    if not -_MOST_WATTS <= value <= _MOST_WATTS:
        return (
            None,
            f"the last number is beyond {_MOST_WATTS // 1000} kW: {str(words, 'utf-8')[:40]}",
        )
    return value, None


class Reading:
    """The last good live reading of one kind. `at_ms` is None before the first."""

    def __init__(self, kind):
        self.kind = kind
        self.watts = None  # what the cars may take
        self.at_ms = None
        self.draw = None
        self.steady_ms = 0
        self.unusable = None  # a sentence about the newest message, if it was no live reading
        self.steps = 0  # in a row in which the surplus fell by what the cars took
        self._last = None  # (watts, draw) of the reading before
        self._stood = None  # the same when both last stood still

    def is_live(self, now_ms, max_age_ms):
        return self.at_ms is not None and now_ms - self.at_ms <= max_age_ms

    def watch_steps(self, watts, draw_watts):
        """Counts the steps in which the surplus fell by what the cars took (or rose by what
        they gave up), which a surplus without the cars does not do."""
        last = self._last
        self._last = (watts, draw_watts)
        if last is None or abs(watts - last[0]) > _STILL_WATTS:
            return
        if abs(draw_watts - last[1]) > _STILL_WATTS:
            return
        stood = self._stood
        if stood is not None:
            step = draw_watts - stood[1]
            if abs(step) < _STEP_WATTS:
                if abs(step) <= _STILL_WATTS:
                    self._stood = (watts, stood[1])  # the sun moved, the cars did not
                return  # else the cars move slowly: what they do adds up to a step
            fell = stood[0] - watts
            found = abs(fell - step) * 100 <= _STEP_PERCENT * abs(step)
            self.steps = self.steps + 1 if found else 0
        self._stood = self._last


class Inputs:
    """The readings of both kinds. `max_age_ms`: how long a reading is good with none after
    it."""

    def __init__(self, max_age_ms):
        self.max_age_ms = max_age_ms
        self._readings = {kind: Reading(kind) for kind in KINDS}

    def receive(self, kind, payload, retained, draw_watts, now_ms, moving=False):
        """Takes a message of a kind. `draw_watts`: what all cars draw now; `moving`: whether
        that is about to change, because an offer has. Returns None, or a sentence why it is no
        reading."""
        reading = self._readings[kind]
        watts, why = parse_watts(payload)
        if why is None and retained:
            # It may be from last summer: known, shown, and good for nothing.
            why = f"retained message of unknown age: {text.watts(watts)}"
        reading.unusable = why
        if why is not None:
            return why
        if kind == "grid":
            watts = self._steady(reading, draw_watts - watts, draw_watts, moving, now_ms)
        else:
            reading.watch_steps(watts, draw_watts)
        reading.watts = watts
        reading.at_ms = now_ms
        return None

    def _steady(self, reading, watts, draw_watts, moving, now_ms):
        """The surplus from the grid meter; while a car moves the one before, for a while."""
        last, reading.draw = reading.draw, draw_watts
        moved = moving or last is None or abs(draw_watts - last) > _MOVED_WATTS
        live = reading.is_live(now_ms, self.max_age_ms)
        if moved and live and now_ms - reading.steady_ms < _HOLD_MS:
            return reading.watts
        reading.steady_ms = now_ms
        return watts

    def newest(self, now_ms):
        """The reading to go by: of two live ones the one that gives less, else the one heard
        last; None before the first."""
        found = None
        for kind in KINDS:
            reading = self._readings[kind]
            if reading.at_ms is None:
                continue
            if found is None:
                found = reading
            elif reading.is_live(now_ms, self.max_age_ms) and found.is_live(
                now_ms, self.max_age_ms
            ):
                found = reading if reading.watts < found.watts else found
            elif reading.at_ms > found.at_ms:
                found = reading
        return found

    def surplus_watts(self, now_ms):
        """What the cars may take in all, in watts; None: nothing live is known."""
        reading = self.newest(now_ms)
        if reading is None or not reading.is_live(now_ms, self.max_age_ms):
            return None
        return reading.watts

    def unusable(self):
        """A sentence about a newest message that is no reading, or None."""
        for kind in KINDS:
            if self._readings[kind].unusable:
                return f"{kind}: {self._readings[kind].unusable}"
        return None

    def warnings(self, now_ms):
        """Sentences about inputs that contradict themselves."""
        found = []
        surplus, grid = self._readings["surplus"], self._readings["grid"]
        if surplus.is_live(now_ms, self.max_age_ms) and grid.is_live(now_ms, self.max_age_ms):
            found.append(
                "Both surplus/set and grid/set are being sent: the one that gives less counts. "
                "Send only one of them."
            )
        if surplus.steps >= _STEPS_NOTICED and surplus.is_live(now_ms, self.max_age_ms):
            found.append(
                "The surplus falls by what the cars take: it seems to contain them. Send sun "
                "minus house without the cars, or send the grid meter to grid/set instead."
            )
        return found

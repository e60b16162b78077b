"""Energy and power of one unit: of the session, of its life, and now.

Source: "Meter, FD EB" of the protocol notes. The meter has one counter for the unit's life, in
kWh on nearly all units and in Wh on some; its currents say how many phases a car uses. Without a
meter the draw of the heartbeats and the configuration have to do.
"""

from micropython import const

# Below 1 A it is no draw: idle units report 0.25 A or so.
_DRAWING_CA = const(100)
_LONGEST_GAP_MS = const(5000)  # integrated over at most
_MS_WATTS_PER_WH = const(3600000)

# No Gen2 unit gives more (three phases of 32 A and 250 V, or one of 80 A).
_MOST_WATTS = const(25000)
_LEAST_VOLTS = const(60)
_MOST_VOLTS = const(300)
# The meter's currents and the draw are up to a second apart, and a car may rise in between.
_MORE_CA = const(1000)

# What the counter counts. _OWN: it does not, so what we integrate is all there is.
_UNKNOWN = const(0)
_KWH = const(1)
_WH = const(2)
_OWN = const(3)
_UNITS = {"kWh": _KWH, "Wh": _WH}
_PROOF_WH = const(50)  # drawn before the counter's unit is concluded
_DEAD_AFTER_WH = const(5000)  # a counter that has not moved by then does not count
_BLIND_MS = const(600000)  # after so long without a reading, the proof begins anew
_AGREED = const(10)  # readings against the one believed, and it was that one that was wrong

# When a session ends if nothing tells whether a car is plugged in: after so long without draw.
_SESSION_PAUSE_MS = const(14400000)

_SAVE_EVERY_MS = const(1800000)
_SAVE_WH = const(500)
_SAVE_AT_END_MS = const(600000)
_SAVE_AT_END_WH = const(100)

# A session of less is none that anybody wants to read about.
_NOTED_WH = const(50)

# What `open` says.
_ON = const(1)
_ENDED = const(2)
_REMEMBERED = const(3)
_BEFORE = const(4)


class Energy:
    """Follows one unit.

    `meter_unit`: "kWh" or "Wh" of the meter's counter, or "auto": found out while charging.
    `watts_per_amp`: volts times phases by the configuration, used until the meter says more.
    `remembered`: what memory() gave before a restart, or None.

    `session_wh`: of the car that is there or was there last, `session_solar_wh`: how much of it
    came from the sun. `total_wh`: of the unit's life: its counter, with what was drawn since it
    moved; None as long as that is not known (the unit of the counter not found out yet); what was
    integrated here if there is no counter that counts.
    `volts`: of the three phases, or None. `phases`: how many the car uses, or None: not known.
    `charged_ms`: for how long the car of the session drew; `vin`: its VIN, set by the caller.
    `open`: 0: no session is on; 1: one is; from 2 on it has ended and is to be noted, which the
    caller does from 3 on, when memory() has told of it, and sets it to 0; 4: the same, but from
    before a restart: it may have been noted. The next one begins after that.
    """

    def __init__(self, meter_unit, watts_per_amp, remembered, now_ms):
        remembered = remembered or {}
        self.session_wh = remembered.get("session_wh", 0)
        self.session_solar_wh = min(remembered.get("solar_wh", 0), self.session_wh)
        self.total_wh = remembered.get("total_wh")
        self.volts = None
        self.phases = None
        self._watts_per_amp = watts_per_amp
        self._unit = _UNITS.get(meter_unit) or remembered.get("unit", _UNKNOWN)
        self._fixed = meter_unit in _UNITS
        self.open = remembered.get("open", 0)
        self.charged_ms = remembered.get("charged_s", 0) * 1000
        self.vin = None
        self._phase_volts = 0  # the sum over the phases in use; 0: not known
        self._draw_ca = 0
        self._rest = self._solar_rest = 0  # what is no whole Wh yet, in W x ms
        self._wh = 0  # drawn since the start of the firmware
        self._saved_wh = 0
        self._saved_ms = self._now_ms = self._drawn_ms = now_ms
        self._raw = None  # the last reading believed
        self._raw_ms = now_ms
        self._proof_raw = None  # the reading that the unit is concluded from
        self._proof_wh = 0
        self._odd_raw = 0  # the last reading not believed, and how many agree
        self._odds = 0

    def follow(self, draw_ca, plugged, now_ms, solar=0):
        """Takes what is drawn (0.01 A), whether a car is plugged in (None: not known) and which
        part of the draw the sun gives, 0.0 to 1.0; to be called once a second."""
        gap_ms = min(max(0, now_ms - self._now_ms), _LONGEST_GAP_MS)
        self._now_ms = now_ms
        self._draw_ca = draw_ca
        drawing = draw_ca >= _DRAWING_CA
        if not drawing and (
            plugged is False or plugged is None and now_ms - self._drawn_ms >= _SESSION_PAUSE_MS
        ):
            if self.open == _ON:
                self.open = _ENDED if self.session_wh >= _NOTED_WH else 0
        elif not self.open and (plugged or drawing):
            self.open = _ON
            self.session_wh = self._rest = self._phase_volts = 0
            self.session_solar_wh = self._solar_rest = self.charged_ms = 0
            self.phases = self.vin = None
        if not drawing:
            return
        self._drawn_ms = now_ms
        self.charged_ms += gap_ms
        drawn = min(self.watts(draw_ca), _MOST_WATTS) * gap_ms
        rest = self._solar_rest + int(drawn * solar)
        self._solar_rest = rest % _MS_WATTS_PER_WH
        self.session_solar_wh += rest // _MS_WATTS_PER_WH
        rest = self._rest + drawn
        self._rest = rest % _MS_WATTS_PER_WH
        wh = rest // _MS_WATTS_PER_WH
        if wh:
            self.session_wh += wh
            self._wh += wh
            if self.total_wh is None:
                if self._wh - self._proof_wh >= _DEAD_AFTER_WH:
                    self._unit = self._unit if self._fixed else _OWN
                    self.total_wh = self._wh
            else:
                self.total_wh += wh
                if self._raw is not None and self._unit in (_KWH, _WH):
                    # No further than to just before the counter moves.
                    self.total_wh = min(self.total_wh, self._counted(1) - 1)

    def solar_percent(self):
        """How much of the session came from the sun, in %; None before its first Wh."""
        if not self.session_wh:
            return None
        return min(100, (self.session_solar_wh * 100 + self.session_wh // 2) // self.session_wh)

    def watts(self, draw_ca):
        """The power of a draw (0.01 A), in whole watts."""
        if draw_ca < _DRAWING_CA:
            return 0
        if self._phase_volts:
            return draw_ca * self._phase_volts // 100
        return int(draw_ca * self._watts_per_amp) // 100

    def measure(self, raw, volts, phase_ca, now_ms):
        """Takes a reading of the meter: the counter as it is, three voltages, three currents
        (0.01 A). None, or a sentence that says why it was not believed."""
        for phase in volts:
            if phase and not _LEAST_VOLTS <= phase <= _MOST_VOLTS:
                return f"meter: {phase} V can't be"
        most_ca = max(phase_ca)
        if most_ca > 2 * self._draw_ca + _MORE_CA:
            return f"meter: {most_ca // 100} A, but {self._draw_ca // 100} A drawn"
        why = self._count(raw, now_ms)
        if why is None:
            self.volts = list(volts) if max(volts) else None
            if self._draw_ca >= _DRAWING_CA:
                used = [volts[index] for index in range(3) if phase_ca[index] >= _DRAWING_CA]
                if used and min(used):
                    self.phases = len(used)
                    self._phase_volts = sum(used)
        return why

    def memory(self):
        """What has to outlive a restart, as a few whole numbers; call it when it is written."""
        self._saved_wh = self._wh
        self._saved_ms = self._now_ms
        if self.open == _ENDED:
            self.open = _REMEMBERED
        memory = {"session_wh": self.session_wh, "unit": self._unit}
        memory["open"] = self.open if self.open < _ENDED else _BEFORE
        memory["solar_wh"] = self.session_solar_wh
        memory["charged_s"] = self.charged_ms // 1000
        if self.total_wh is not None:
            memory["total_wh"] = self.total_wh
        return memory

    def due(self, now_ms):
        """Whether it is worth a write to the flash: while charging every half an hour, if 500 Wh
        came together; when a charge ends, with 100 Wh, ten minutes after the last write; and when
        a session ends, so that it is noted once whenever the power fails.

        Eight hours of charging with three pauses are 20 writes a day, 48 a whole day of
        charging, and a car that starts and stops all the time makes 144 at the very most.
        """
        if self.open >= _ENDED:
            return True
        new_wh = self._wh - self._saved_wh
        since_ms = now_ms - self._saved_ms
        if self._draw_ca < _DRAWING_CA:
            return new_wh >= _SAVE_AT_END_WH and since_ms >= _SAVE_AT_END_MS
        return new_wh >= _SAVE_WH and since_ms >= _SAVE_EVERY_MS

    def _count(self, raw, now_ms):
        """Takes the counter; a sentence if it is not believed."""
        last = self._raw
        if last is not None:
            most = _MOST_WATTS * (now_ms - self._raw_ms) // _MS_WATTS_PER_WH
            most = (most // 1000 if self._unit == _KWH else most) + 2
            if not last <= raw <= last + most:
                near = self._odds and self._odd_raw <= raw <= self._odd_raw + most
                self._odds = self._odds + 1 if near else 1
                self._odd_raw = raw
                if self._odds < _AGREED:
                    verb = "falls" if raw < last else "jumps"
                    return f"meter: energy {verb} from {last} to {raw}"
                # It goes on from there: what was believed was wrong, or it began anew.
                self._proof_raw = None
                self._proof_wh = self._wh
                if not self._fixed and self._unit in (_KWH, _WH):
                    self._unit = _UNKNOWN
                    self.total_wh = None
        if now_ms - self._raw_ms > _BLIND_MS:
            self._proof_raw = None
        self._odds = 0
        self._raw = raw
        self._raw_ms = now_ms
        if not self._fixed:
            self._conclude(raw)
        if self._unit in (_KWH, _WH):
            total = self.total_wh
            # What was drawn since the counter moved last is known from before, or not.
            if total is None or not self._counted(0) <= total < self._counted(1):
                self.total_wh = self._counted(0)
        return None

    def _counted(self, more):
        """What the counter says, or would say `more` later, in Wh."""
        return (self._raw + more) * (1000 if self._unit == _KWH else 1)

    def _conclude(self, raw):
        """Finds out what the counter counts, from how far it moves with what was drawn, again
        and again. A configuration that is wrong by a factor of three, as with phases, misleads
        nobody."""
        drawn = self._wh - self._proof_wh
        moved = 0 if self._proof_raw is None else raw - self._proof_raw
        if moved and drawn >= _PROOF_WH:
            if moved * 4 >= drawn:
                self._unit = _WH
            elif (moved - 1) * 250 <= drawn:
                self._unit = _KWH
        if self._proof_raw is None or drawn >= _DEAD_AFTER_WH:
            self._proof_raw = raw
            self._proof_wh = self._wh

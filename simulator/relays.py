"""The referee's rules about relays: shortest times on and off, and starts an hour.

Pure, MicroPython too. A relay is seen through the current that its slave reports; what a car
does by itself is not the master's doing.
"""

HOUR_MS = 3600000


class Relays:
    """Judges how often and how soon the master makes a relay click.

    min_on_s, min_off_s: None: not judged. on_amps, off_amps: on from, off below this current.
    starts: how often an hour a slave may be started (its limit leaves 0 A, or its current comes
    back after the master took it away); None: not judged. slack_ms: what any time may be missed
    by. blame: called with (ms, sentence).
    """

    def __init__(self, min_on_s, min_off_s, on_amps, off_amps, starts, slack_ms, blame):
        self.min_on_s = min_on_s
        self.min_off_s = min_off_s
        self.on_amps = on_amps
        self.off_amps = off_amps
        self.starts = starts
        self.slack_ms = slack_ms
        self._blame = blame

    def started(self, slave, now_ms):
        """A slave's limit leaves 0 A."""
        self._count(slave.starts, slave, "was started", now_ms)

    def heard(self, slave, now_ms):
        """A slave answered, and it is booked."""
        if not slave.on and slave.draw >= self.on_amps:
            off_ms = None if slave.off_ms is None else now_ms - slave.off_ms
            if slave.off_by_master:
                if self._too_short(off_ms, self.min_off_s):
                    self._blame(now_ms, f"{slave.id} was off for only {off_ms / 1000:.1f} s")
                self._count(slave.closes, slave, "closed its relay", now_ms)
            slave.on = True
            slave.on_ms = now_ms
        elif slave.on and slave.draw < self.off_amps:
            on_ms = now_ms - slave.on_ms
            slave.off_by_master = slave.stopped_while_on
            if slave.off_by_master and self._too_short(on_ms, self.min_on_s):
                self._blame(now_ms, f"{slave.id} was on for only {on_ms / 1000:.1f} s")
            slave.on = False
            slave.off_ms = now_ms

    def _count(self, times, slave, what, now_ms):
        if self.starts is None:
            return
        times.append(now_ms)
        while times[0] < now_ms - HOUR_MS:
            times.pop(0)
        if len(times) > self.starts:
            self._blame(now_ms, f"{slave.id} {what} {len(times)} times within an hour")
            times.clear()

    def _too_short(self, lasted_ms, least_s):
        if least_s is None or lasted_ms is None:
            return False
        return lasted_ms < least_s * 1000 - self.slack_ms

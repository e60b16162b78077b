"""What was said of single units, and whether charging is allowed: switches, limits, priorities.

Loaded once somebody has said something of the kind. Whether charging is allowed is a person's
word, which holds until another one comes, or a machine's permission, which has to be renewed: it
is over when it is not, and after a restart.
"""

from micropython import const

_REMOTE_LIMIT = const(40)
_NO_PERMISSION = const(44)
_SWITCHED_OFF = const(45)

# What was said of a unit, in a list: True or False (a person's word) or None (a machine's), until
# when a machine's permission holds (None: it does not), its limit, the limit that is remembered,
# since when it has not changed, and its priority.
_ALLOW = const(0)
_UNTIL = const(1)
_LIMIT = const(2)
_KEPT = const(3)
_SINCE = const(4)
_PRIORITY = const(5)

# A limit that rises is remembered when it has stood so long: flash wears.
_STEADY_MS = const(600000)


class Own:
    """`remembered`: what memory() gave before the restart, or {}. `entries`: the lists above, by
    id; "" is all units."""

    def __init__(self, remembered):
        self.entries = {}
        for unit_id in remembered:
            allow, limit, priority = remembered[unit_id]
            self.entries[unit_id] = [allow, None, limit, limit, 0, priority]

    def allow(self, unit_id, allowed, until_ms):
        """Takes a person's word, or a machine's with `until_ms`; returns whether it was another
        one before, of a person or a machine."""
        entry = self._entry(unit_id)
        before = entry[_ALLOW], entry[_UNTIL] is None
        entry[_ALLOW], entry[_UNTIL] = allowed, None
        if until_ms is not None:
            entry[_ALLOW], entry[_UNTIL] = None, until_ms if allowed else None
        return before != (entry[_ALLOW], entry[_UNTIL] is None)

    def limit(self, unit_id, amps, now_ms):
        """Takes whole amperes, or None: no limit."""
        entry = self._entry(unit_id)
        if entry[_LIMIT] != amps:
            entry[_LIMIT], entry[_SINCE] = amps, now_ms

    def prefer(self, unit_id, priority):
        """Takes a priority, or None: as configured."""
        self._entry(unit_id)[_PRIORITY] = priority

    def of(self, unit_id):
        """(whether it may charge, its limit or None)."""
        entry = self.entries.get(unit_id)
        if entry is None:
            return True, None
        return entry[_ALLOW] is True or entry[_UNTIL] is not None, entry[_LIMIT]

    def priority(self, unit_id):
        """1 to 9, or None: as configured."""
        entry = self.entries.get(unit_id)
        return entry and entry[_PRIORITY]

    def add_wishes(self, wishes, now_ms):
        """Ends what is over, and adds the wishes, see wishes.py."""
        for unit_id in self.entries:
            entry = self.entries[unit_id]
            if entry[_UNTIL] is not None and now_ms >= entry[_UNTIL]:
                entry[_UNTIL] = None
            allowed, amps = self.of(unit_id)
            unit_id = unit_id or None
            if not allowed:
                priority, why = _SWITCHED_OFF, "switched off"
                if entry[_ALLOW] is None:
                    priority, why = _NO_PERMISSION, "its permission is over"
                why = f"charging is not allowed ({why})"
                wishes.append((priority, "not allowed", unit_id, "off", None, why, None))
            if amps is not None:
                words = f"remote limit of {amps} A"
                wishes.append((_REMOTE_LIMIT, "remote limit", unit_id, None, amps, words, None))

    def memory(self, now_ms):
        """{id: [True, False or None as above, limit or None, priority or None]} of those of whom
        anything is to be remembered."""
        memory = {}
        for unit_id in self.entries:
            entry = self.entries[unit_id]
            amps, kept = entry[_LIMIT], entry[_KEPT]
            rises = amps is not None and kept is not None and amps > kept
            if not rises or now_ms - entry[_SINCE] >= _STEADY_MS:
                entry[_KEPT] = amps
            told = [entry[_ALLOW], entry[_KEPT], entry[_PRIORITY]]
            if told != [True, None, None]:
                memory[unit_id] = told
        return memory

    def _entry(self, unit_id):
        if unit_id not in self.entries:
            self.entries[unit_id] = [True, None, None, None, 0, None]
        return self.entries[unit_id]

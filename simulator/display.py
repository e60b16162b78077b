"""One line a second on the terminal: sun, house, what is to spare, and what the cars get."""

import os
import shutil
import sys

BAR_WIDTH = 12

_COLOURS = {"sun": 33, "good": 32, "bad": 31, "dim": 2, "offer": 36, "bold": 1}


class Display:
    """Writes to ``stream``: with colours and cut to the width on a terminal, plain elsewhere."""

    def __init__(self, stream=None):
        self._stream = stream or sys.stdout
        self._terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._colours = self._terminal and not os.environ.get("NO_COLOR")
        encoding = (getattr(self._stream, "encoding", None) or "ascii").lower()
        self._fancy = encoding.replace("-", "") == "utf8"

    def say(self, text="", colour=None):
        """A line of its own, above the flow of seconds."""
        self._write(self._paint(text, colour))

    def second(self, status, sun=None):
        """The line for this second. status: of /api/status, or a sentence. sun: a Sun or None."""
        parts = self._sun(sun) if sun else []
        if isinstance(status, str):
            parts.append((status, "dim", 0))
        else:
            parts += self._bridge(status)
            parts += [self._connector(unit) for unit in status.get("connectors", [])]
            parts.append((str(status.get("reason", "")), "bold", 0))
        self._write(self._fit(parts))

    # A part is (text, colour, rank): on a narrow terminal those of the highest rank are left out.

    def _sun(self, sun):
        _, solar_w, house_w = sun.now()
        sign = "☀" if self._fancy else "sun"
        parts = [(sun.clock(), "dim", 4)] if sun.clock() else []
        parts.append((f"{sign} {_kilowatts(solar_w)}", "sun", 2))
        parts.append((f"house {_kilowatts(house_w)}", "dim", 3))
        return parts

    def _bridge(self, status):
        surplus = status.get("surplus") or {}
        watts = surplus.get("watts")
        if watts is None:
            return [("surplus unknown", "bad", 0)]
        colour = "bad" if surplus.get("lost") or watts <= 0 else "good"
        late = f" ({surplus.get('age_s')} s old)" if surplus.get("lost") else ""
        limit = status.get("wires_amps") or 0
        offer = status.get("offer_amps") or 0
        draw = status.get("draw_amps") or 0
        return [
            (f"to spare {_kilowatts(watts)}{late}", colour, 0),
            (self._bar(draw, offer, limit), "offer", 5),
        ]

    def _bar(self, draw, offer, limit):
        """Drawn amperes as full blocks, offered ones as light ones, up to what the wires allow."""
        full, light, empty, left, right = "█▒·▕▏" if self._fancy else "#=.[]"
        scale = BAR_WIDTH / limit if limit else 0
        drawn = min(BAR_WIDTH, round(draw * scale))
        offered = min(BAR_WIDTH, max(drawn, round(offer * scale)))
        rest = BAR_WIDTH - offered
        return left + full * drawn + light * (offered - drawn) + empty * rest + right

    def _connector(self, unit):
        name = unit.get("name") or unit.get("id")
        offer = f"{unit.get('offer_amps') or 0:g}"
        draw = f"{unit.get('draw_amps') or 0:.1f}"
        arrow = "→" if self._fancy else "->"
        if unit.get("link") not in ("ok", None):
            return f"{name} {unit['link']}", "bad", 1
        return f"{name} {offer} A {arrow} {draw} A", "offer" if draw != "0.0" else "dim", 1

    def _fit(self, parts):
        """Join the parts with two spaces; on a terminal leave out and cut what is too much."""
        if self._terminal:
            room = shutil.get_terminal_size().columns - 1
            for rank in (5, 4, 3, 2, 1):
                if len("  ".join(part[0] for part in parts)) <= room:
                    break
                parts = [part for part in parts if part[2] != rank]
            head = sum(len(part[0]) + 2 for part in parts[:-1])
            text, colour, _ = parts[-1]
            parts = parts[:-1] + [(text[: max(0, room - head)], colour, 0)]
        return "  ".join(self._paint(text, colour) for text, colour, _ in parts)

    def _paint(self, text, colour):
        if not colour or not self._colours:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def _write(self, line):
        if not self._fancy:
            line = line.encode("ascii", "replace").decode()
        self._stream.write(line + "\n")
        self._stream.flush()


def _kilowatts(watts):
    return f"{watts / 1000:.1f} kW"

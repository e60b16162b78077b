"""sessions.csv: its lines and cells, how large it may become, how often it is written, and how it
is read."""

import os
import sys

sys.path.append((__file__.rsplit("/", 1)[0] if "/" in __file__ else ".") + "/../..")

import localtime  # noqa: F401  (loaded wherever the time is known)
from charging.energy import Energy
from firmware import sessions, sessions_page

FOLDER = f"sessions_for_test_{sys.implementation.name}"
FILE = "sessions.csv"
HEADER = "ended,connector,name,vin,minutes,kwh,solar_percent\n"
HOUR_MS = 3600000


class Thing:
    def __init__(self, **known):
        for name in known:
            setattr(self, name, known[name])


class Board:
    """What a session is noted with; its flash is a folder that is empty at first."""

    def __init__(self, utc_s=1748797505):
        self.noted_ms = 0
        self.now_ms = HOUR_MS
        self.told = []
        self.problems = []
        self.clock = Thing(ms=lambda: self.now_ms)
        self.journal = Thing(tell=lambda level, text: self.told.append((level, text)))
        self.decisions = Thing(conditions=Thing(utc_s=lambda: utc_s))

    def note(self, name="Left", vin="5YJ3E1EA0KF000001", wh=8214, solar_wh=7500, s=6990, **more):
        memory = {"session_wh": wh, "solar_wh": solar_wh, "charged_s": s, "open": 3}
        memory.update(more)
        energy = Energy("auto", 240, memory, 0)
        energy.vin = vin
        sessions.note(self, Thing(id="2433", name=name, energy=energy))
        assert energy.open == 0
        return self

    def read(self):
        """What the page gives: whole lines in pieces that are not large."""
        pieces = list(sessions_page.pieces(self))
        assert all([piece.endswith("\n") and len(piece) <= 512 for piece in pieces])
        text = "".join(pieces)
        assert text.startswith(HEADER) and text.count(HEADER) == 1
        return text[len(HEADER) :]


class Flash:
    """For a `with`: a flash that is empty."""

    def __enter__(self):
        self.back = os.getcwd()
        os.mkdir(FOLDER)
        os.chdir(FOLDER)

    def __exit__(self, *failure):
        for name in os.listdir("."):
            os.remove(name)
        os.chdir(self.back)
        os.rmdir(FOLDER)


def test_a_line_for_each_session():
    with Flash():
        board = Board()
        assert board.read() == ""
        board.note()
        assert board.read() == "2025-06-01T17:05:05Z,2433,Left,5YJ3E1EA0KF000001,117,8.21,91\n"
        # Who has no VIN, and what nobody knows, leave the cell empty.
        Board(None).note(vin=None)
        assert board.read().split("\n")[1] == ",2433,Left,,117,8.21,91"
        board.decisions.conditions = None
        board.note(wh=50, solar_wh=0, s=29)
        assert board.read().split("\n")[2] == ",2433,Left,5YJ3E1EA0KF000001,0,0.05,0"
        assert board.told == []


def test_no_cell_is_a_formula_or_breaks_the_line():
    for text, shown in (
        ("Left", "Left"),
        ("", ""),
        (None, ""),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("a=1", "a=1"),
        ('left, "red"', '"left, ""red"""'),
        ('=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'),
        ("two\nlines", '"two\nlines"'),
        ("a;b", '"a;b"'),
        ("Günther", "Günther"),
    ):
        assert sessions.cell(text) == shown, (text, sessions.cell(text))


def test_the_file_is_bounded():
    with Flash():
        board = Board()
        for number in range(400):
            board.noted_ms = 0
            board.note(name=f"ü{number:03d}, the one on the left", wh=1000 + 10 * number)
            assert os.stat(FILE)[6] <= 8000
        kept = board.read().rstrip("\n").split("\n")
        assert os.listdir(".") == [FILE]
        # The newest ones, each whole, no less than half of the room.
        first = 400 - len(kept)
        assert 40 <= len(kept) < 120, len(kept)
        for number in range(first, 400):
            line = kept[number - first]
            assert f'"ü{number:03d}, the one on the left"' in line and line.count(",") == 7, line
        assert board.told == []


def test_not_more_than_thirty_lines_a_day():
    with Flash():
        board = Board()
        for _ in range(40):
            board.now_ms += 60000
            board.note()
        assert board.read().count("\n") == 30
        assert board.told[0] == (
            "warning",
            "sessions.csv: more than 30 sessions in a day: not noted.",
        )
        # Later there is room for some more, and after a day for all.
        board.now_ms += 2 * HOUR_MS
        for _ in range(10):
            board.note()
        assert board.read().count("\n") == 33
        board.now_ms += 24 * HOUR_MS
        for _ in range(40):
            board.note()
        assert board.read().count("\n") == 63


def test_a_session_of_before_a_restart_is_noted_once():
    with Flash():
        board = Board().note()
        line = board.read()
        # After a restart nobody knows whether it was noted, nor the VIN and the time.
        board.now_ms = 5000
        board.note(vin=None, open=4)
        assert board.read() == line
        # It was another one: a little more, another unit's, or there is no file.
        board.note(vin=None, open=4, wh=8225)
        assert board.read() == line + ",2433,Left,,117,8.22,91\n"
        board.note(open=3)
        assert board.read().count("\n") == 3
        os.remove(FILE)
        board.note(open=4)
        assert board.read().count("\n") == 1


def test_a_full_flash_is_told_and_nothing_else_happens():
    with Flash():
        board = Board().note()
        before = board.read()

        def full(name, mode="r"):
            if "r" not in mode:
                raise OSError(28)
            return open(name, mode)

        sessions.open = full
        try:
            board.note()
        finally:
            del sessions.open
        assert board.read() == before
        assert len(board.told) == 2 and board.told[0][0] == "warning"
        assert board.told[0][1].startswith("sessions.csv can not be written ("), board.told
        assert ",2433,Left,5YJ3E1EA0KF000001,117,8.21,91" in board.told[1][1]
        assert board.problems == [board.told[0][1]]
        # The next one can be written.
        board.note()
        assert not board.problems and board.read().count("\n") == 2


def test_a_part_of_a_line_is_dropped():
    with Flash():
        board = Board().note()
        before = board.read()
        with open(FILE, "ab") as file:
            file.write(b"2026-06-01T17:0")
        assert board.read() == before
        board.note(wh=9000)
        lines = board.read().split("\n")
        assert lines[0] + "\n" == before and ",9.00," in lines[1] and lines[2:] == [""]
        assert lines[1].startswith("2025-06-01T17:05:05Z,"), lines

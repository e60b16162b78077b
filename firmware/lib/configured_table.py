"""The table of all that config.json may say, firmware/settings.txt, line by line.

Loaded when somebody needs it and dropped again; it is never held whole. What the columns mean is
said at its head.
"""

from micropython import const

# Beside the folder of this module, on the board as in a checkout.
_FILE = __file__.rsplit("/", 2)[0] + "/settings.txt"

# MicroPython makes a text of up to so many letters in code a name, which is there only once.
_LONGEST_NAME = const(10)

# Reading line by line takes twenty times as long.
_PIECE = const(512)


def sections(wanted=None, fields=7):
    """Generates (section, rows) in the order of the table. A row is a list of seven texts:
    section, key, kind, default, low, high, unit. `wanted`: which sections are, as they are called
    in config.json; the others have no rows then. `fields`: how many of those texts are wanted.
    Raises OSError without the file."""
    here = None
    rows = []
    rest = b""
    with open(_FILE, "rb") as file:
        while True:
            piece = file.read(_PIECE)
            if not piece:
                break
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            for line in lines:
                if line[:1] == b"#":
                    continue
                name = str(line[: line.find(b"|")], "utf-8")
                if name != here:
                    if here:
                        yield here, rows
                    here = name
                    rows = []
                if wanted is None or here.split(".")[0] in wanted:
                    # The last field, the meaning, is nobody's.
                    row = str(line, "utf-8").split("|", fields)[:fields]
                    if len(row[1]) <= _LONGEST_NAME:
                        # Code asks for this key: as the name that is there, or will be, anyway.
                        getattr(row, row[1], None)
                        row[1] = row[1][:]
                    rows.append(row)
    yield here, rows

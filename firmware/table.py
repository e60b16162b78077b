"""The table of all that can be seen and set, values.txt, line by line.

Loaded when somebody needs it and dropped again; it is never held whole.
"""

_FILE = "firmware/values.txt"


def rows(section, path=_FILE):
    """Generates the ten fields of each line of a section ("bridge", "bridge slow" or
    "connector"), as a list of text; see the head of the file. Raises OSError without it."""
    here = False
    with open(path) as file:
        for line in file:
            if line[0] == "[":
                here = line[1:].rstrip() == section + "]"
            elif here and line[0] != "#":
                yield line.rstrip("\n").split("|")


def has_value(row):
    """Whether a line has a value to tell, and is not a command alone."""
    return row[1] != "-"


def names(section, place, path=_FILE):
    """The names of the values of a section, in its order, with a space between; `place`: which
    field of a line they stand in."""
    return " ".join([row[place] for row in rows(section, path) if has_value(row)])

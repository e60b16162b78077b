"""Writes a file whole or not at all, and tells what the flash does not take.

Loaded for that moment, and dropped: the caller forgets it. What stands beside the file while it is
written is renamed at the end; littlefs does that as one step, whatever happens to the power
(littlefs, DESIGN.md, "Move").
"""

import os

_ABSENT = 2  # ENOENT
_FULL = 28  # ENOSPC


def write(path, pieces):
    """Writes texts or bytes as the file `path`. Raises OSError, after removing what it began, if
    the flash is full or damaged: then the file is what it was."""
    for _ in steps(path, pieces, path + ".new"):
        pass


def steps(path, pieces, new):
    """The same as a generator that gives the number of bytes after each piece, for one who waits
    in between. `new`: its name until it is whole. What `pieces` raises it passes on."""
    try:
        with open(new, "wb") as file:
            for piece in pieces:
                data = piece.encode() if isinstance(piece, str) else piece
                # A full FAT takes less, and says so only here.
                if file.write(data) != len(data):
                    raise OSError(_FULL)
                yield len(data)
        os.rename(new, path)
    except Exception:
        try:
            os.remove(new)
        except OSError:
            pass  # it was not even begun, or the flash can't be written at all
        raise


def size(path):
    """Bytes of a file, 0 if there is none. Raises OSError if that can't be told."""
    try:
        return os.stat(path)[6]
    except OSError as error:
        if error.errno != _ABSENT:
            raise
        return 0


def trouble(app, path, error, lost=""):
    """Has a firmware.app.App warn, and its journal tell, that a file can't be written, until it
    can. `error`: the OSError, or None: it was written. `lost`: what comes of it, words that end
    with a colon and a space, or "" if that is bad only for those who look back."""
    begin = path + " can not be written ("
    for sentence in list(app.problems):
        if sentence.startswith(begin):
            if error is not None:
                return
            app.problems.remove(sentence)
            app.journal.tell("info", path + " can be written again.")
    if error is not None:
        sentence = f"{begin}{error}): {lost}is the flash full or damaged?"
        app.problems.append(sentence)
        app.journal.tell("error" if lost else "warning", sentence)

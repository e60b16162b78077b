"""twc-bridge: master on the load-sharing bus of Gen2 wall connectors."""

import sys

from micropython import const

VERSION = "0.1.0"

_SENTENCES = "firmware/sentences.txt"
# Kept of them is what was needed lately: among the last so many, or in the last so many calls,
# and as many before these.
_MOST_TEXTS = const(12)
_MOST_CALLS = const(200)

_file = None
_texts = {}
_before = {}  # those that were needed before these
_calls = 0


def from_flash(place):
    """A text of sentences.txt: `place` is 256 times the offset of its first byte, plus its length
    in bytes; "?" if it can't be read. What is staged calls this in the place of sentences
    (tools/sentences.py); the sources have them where they are said."""
    global _texts, _before, _calls
    text = _texts.get(place)
    if text is None:
        text = _before.get(place) or _read(place)
        _texts[place] = text
    _calls += 1
    if _calls >= _MOST_CALLS or len(_texts) >= _MOST_TEXTS:
        _before, _texts, _calls = _texts, {}, 0
    return text


def _read(place):
    global _file
    try:
        if _file is None:
            # It stays open: to find a file takes longer than to read from it.
            _file = open(_SENTENCES, "rb")
        _file.seek(place >> 8)
        return _file.read(place & 255).decode()
    except OSError:
        _file = None
        return "?"


def forget(name):
    """Drops a module that will not be needed for long ("firmware.settings"): its code would
    cost several KB of memory that is not there. The caller must not keep it either."""
    module = sys.modules.pop(name, None)
    package, _, last = name.rpartition(".")
    if module is not None and package:
        delattr(sys.modules[package], last)


def make_room():
    """Drops what only the page needs, before something else is loaded for a moment: there is room
    for one of them. The next request loads it again."""
    names = "firmware.request firmware.lock_door firmware.pages firmware.pages_files "
    names += "firmware.document firmware.twcmanager_web firmware.twcmanager_values"
    for name in names.split(" "):
        forget(name)

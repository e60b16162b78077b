"""twc-bridge: master on the load-sharing bus of Gen2 wall connectors."""

import sys

VERSION = "0.1.0"


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
    forget("firmware.pages")
    forget("firmware.document")
    forget("firmware.twcmanager_web")
    forget("firmware.twcmanager_values")

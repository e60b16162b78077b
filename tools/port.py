"""The serial port of a board, before anything is asked of it: is it there, may we, is it free?

What can be told without a word to the board is told here, in a sentence; what the board answers is
looked at in prompt.py.
"""

import fcntl
import os
import sys
import termios
from pathlib import Path

# Linux, asm-generic/ioctls.h: whether the device was opened for one alone (TIOCEXCL). For root it
# opens all the same, so that EBUSY alone would not tell.
_TIOCGEXCL = 0x80045440


class PortError(Exception):
    """A sentence for the reader: what is wrong with the port and what to do."""


def check(port):
    """Raise PortError unless ``port`` is a serial device that can be opened and that nobody uses.

    The lines DTR and RTS are left together, as any program leaves them: on the usual boards this
    does not reset the chip. What is no path (COM3, rfc2217://...) is taken as it is.
    """
    if not port.startswith("/"):
        return
    if not os.path.exists(port):
        raise PortError(f"PORT={port}: there is no such device. {_others(port)}")
    try:
        device = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except PermissionError:
        raise PortError(f"PORT={port}: you may not use it. {_permission(port)}") from None
    except OSError as error:
        if error.errno == 16:  # EBUSY
            raise PortError(busy(port)) from None
        raise PortError(
            f"PORT={port} can not be opened ({error.strerror}). Unplug the board and plug it in"
            " again."
        ) from None
    try:
        if not os.isatty(device):
            raise PortError(f"PORT={port} is no serial port. {_others(port)}")
        if _is_taken(device):
            raise PortError(busy(port))
    finally:
        os.close(device)


def busy(port):
    """The sentence that another program has the port."""
    found = holders(port)
    who = f"{found[0][0]} (process {found[0][1]})" if found else "another program"
    return f"PORT={port} is in use by {who}. End that first: one program at a time can use it."


def let_go(line):
    """Before a serial.Serial is closed: RTS goes first. With RTS alone left on, the usual boards
    would reset their chip."""
    try:
        line.rts = False
        line.dtr = False
    except OSError:
        pass  # it is gone, or has no such lines


def holders(port):
    """Who else has the device open, as [(name, process id)]. Empty where that can't be known:
    other systems than Linux, and processes of other people."""
    try:
        wanted = os.stat(port).st_rdev
        processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    others = [process for process in processes if wanted and process != os.getpid()]
    return [(_name(process), process) for process in others if _has_open(process, wanted)]


def _name(process):
    try:
        return Path(f"/proc/{process}/comm").read_text().strip()
    except OSError:
        return "a program that has just ended"


def _has_open(process, device):
    """Whether a process has a device open, by its number; False if that can't be known."""
    try:
        descriptors = list(os.scandir(f"/proc/{process}/fd"))
    except OSError:
        return False
    for descriptor in descriptors:
        try:
            if os.stat(descriptor.path).st_rdev == device:
                return True
        except OSError:
            continue  # closed meanwhile
    return False


def _is_taken(device):
    """Whether a program has said that it wants to be alone: with flock (mpremote, esptool,
    miniterm, picocom) or with TIOCEXCL (screen, tio)."""
    try:
        fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(device, fcntl.LOCK_UN)
    except BlockingIOError:
        return True
    except OSError:
        pass  # a system without locks on devices
    if not sys.platform.startswith("linux"):
        return False
    try:
        return bool(fcntl.ioctl(device, _TIOCGEXCL, b"\0\0\0\0") != b"\0\0\0\0")
    except (OSError, termios.error):
        return False


def _permission(port):
    """What to do about it."""
    try:
        import grp

        group = grp.getgrgid(os.stat(port).st_gid).gr_name
    except (ImportError, KeyError, OSError):
        group = "dialout"
    if group in ("root", "wheel"):
        return f"It belongs to {group} alone."
    return (
        f"It belongs to the group {group}: sudo usermod -aG {group} $USER, then log out and in"
        " again."
    )


def _others(port):
    """Which serial devices are plugged in."""
    try:
        from serial.tools import list_ports

        # Without a USB id it is one that is built in and leads nowhere.
        found = [f"{p.device} ({p.description})" for p in list_ports.comports() if p.vid]
    except ImportError:
        found = []
    if found:
        return "Plugged in: " + ", ".join(sorted(found)) + "."
    return (
        "No USB serial device is plugged in: is the board connected, with a cable that also"
        " carries data?"
    )

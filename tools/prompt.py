"""The first word to a board: does MicroPython answer, and if not, who or what does?

mpremote only knows "could not enter raw repl". What comes out of the port says more: nothing at
all, the chip's own loader, another program, or no text.
"""

import time

from tools.port import let_go

BAUD = 115200
# Ctrl-C ends the firmware, Ctrl-B leaves a raw prompt and makes a plain one introduce itself.
_BREAK, _PLAIN = b"\r\x03", b"\r\x02"
# Seconds at which it is asked. A call that blocks the whole chip (a name server that is gone: 12
# s) is given its time; and a board that was just starting has not heard the first one.
_ASK_S = (0, 0.7, 2, 5, 9, 14)
_PROMPT = b">>>"


class NoPrompt(Exception):
    """A sentence for the reader: why there is no prompt and what to do."""


def hail(port, wait_s=16):
    """End what runs on the board and wait for MicroPython's prompt; return what came, as bytes.

    Raises NoPrompt, after ``wait_s`` seconds at the latest, also when the port can't be opened.
    """
    import serial

    received = bytearray()
    try:
        with serial.serial_for_url(port, BAUD, timeout=0.1, exclusive=True) as line:
            try:
                if _ask(line, received, wait_s):
                    return bytes(received)
            finally:
                let_go(line)
    except (OSError, serial.SerialException) as error:
        raise NoPrompt(f"The board on {port} was lost while it was asked ({error}).") from error
    raise NoPrompt(f"No MicroPython answers on {port}. {diagnose(bytes(received))}")


def _ask(line, received, wait_s):
    """Whether the prompt has come. ``received`` gets all that comes."""
    begin = time.monotonic()
    for ask_s in [*[at for at in _ASK_S if at < wait_s], wait_s]:
        while time.monotonic() - begin < ask_s:
            received += line.read(4096)
            if received.rstrip().endswith(_PROMPT):
                # What follows must not find a half-said banner.
                more = line.read(4096)
                received += more
                if not more:
                    return True
        if ask_s < wait_s:
            line.write(_BREAK)
            time.sleep(0.1)
            line.write(_PLAIN)
    return False


def diagnose(received):
    """What it means that this came in place of a prompt, and what to do, as text.

    What a chip prints before any program: docs.espressif.com, esptool, "Boot Mode Selection" (its
    section about the boot log).
    """
    text = received.decode("utf-8", "replace")
    plain = [byte for byte in received if 32 <= byte < 127 or byte in b"\r\n\t\x1b"]
    asked = set(_BREAK + _PLAIN)
    if not received:
        return (
            "Nothing comes at all: press the reset button (EN) and try again. If it stays silent,"
            " MicroPython is not on it (make flash), or this is the port of something else."
        )
    if "waiting for download" in text:
        return (
            "The chip waits in its loader: press reset (EN) while BOOT is not held. GPIO 0 must"
            " not be tied to ground."
        )
    if any(mark in text for mark in ("invalid header", "flash read err", "No bootable app")):
        return "There is no program on its flash: make flash, with an image of MicroPython."
    if set(received) <= asked:
        return (
            "What is sent comes back as it was: this is no board, or its TX and RX are connected"
            " with each other."
        )
    if len(plain) < 0.7 * len(received):
        return (
            f"What comes is no text at {BAUD} baud: another program with another speed is on it"
            " (make flash), or this is the port of something else."
        )
    if text.count("rst:0x") > 1:
        return (
            "It starts again and again, before any prompt: is its power supply too weak? If it"
            " goes on with another cable, flash MicroPython again (make flash)."
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = lines[-1][-120:] if lines else ""
    return (
        f"Something else is said there ({last!r}): another program is on it (make flash), or its"
        " program can not be interrupted. Press reset (EN) and try again at once."
    )
